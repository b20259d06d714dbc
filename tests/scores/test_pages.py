"""The pages of scores through the real application: compute, read, confirm, download; who may and who may not."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.rules import Role
from survey_app.campaigns.models import Collector
from survey_app.db import Database
from survey_app.scores.operations.document import carry
from survey_app.scores.queries import snapshots
from tests.factories.accounts import add_person, csrf_token, send, sign_in
from tests.scores import evaluation as ev
from tests.scores.test_export import cells, rows_of, sparse

BASE = "/office/campaigns/pg2026/scores"
UNIT = f"{BASE}/1/units/u01"


def database_of(app: Flask) -> Database:
    found: Database = app.extensions["pingyi"].database
    return found


def act(app: Flask, change: Callable[[Session], Any]) -> Any:
    with database_of(app).writing() as session:
        result = change(session)
        session.commit()
        return result


def evaluated_on(app: Flask) -> None:
    """A closed campaign with an evaluator, on whatever database the application has."""

    def filled(session: Session) -> None:
        made = ev.make(session, ev.setup_document(without={"u02": "service_recipient"}))
        ev.whole(session, made, n=40)
        ev.close(session, made)
        add_person(session, "evaluator", (Role.EVALUATOR, made.code))

    act(app, filled)


def compute(client: FlaskClient) -> None:
    page = client.get(BASE)
    answer = client.post(BASE, data={"csrf_token": csrf_token(page)})
    assert (answer.status_code, answer.location) == (303, BASE), answer.text


def said(html: str) -> str:
    """What a page says, as one line."""
    main = html.split("<main", 1)[1].split("</main>", maxsplit=1)[0]
    body = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", main, flags=re.S)
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


def test_evaluator__computes_and_reads_units_by_indicators(each_app: Flask) -> None:
    evaluated_on(each_app)
    client = each_app.test_client()
    sign_in(client, "evaluator")
    assert "还没有计算过" in client.get(BASE).text
    compute(client)
    page = said(client.get(BASE).text)
    for words in ("第1单位", "群众满意度", "相关部门评价", "建议分", "/ 6", "区间", "谨慎", "不适用", "参考", "n = "):
        assert words in page
    # Every reason is on the page, behind a tap and without a script.
    assert "样本偏少" in page
    assert "第 1 次计算" in page


def test_computing_twice_without_new_answers__is_refused_with_what_to_do(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    sign_in(client, "evaluator")
    answer = client.post(BASE, data={"csrf_token": csrf_token(client.get(BASE))})
    assert answer.status_code == 409
    assert "请直接查看第 1 次计算" in answer.text


def test_unit__says_everything_about_one_unit(computed: ev.Evaluation, app: Flask, client: FlaskClient) -> None:
    sign_in(client, "evaluator")
    answer = client.get(UNIT)
    page = said(answer.text)
    for words in (
        "办事便利",
        "各题作答",
        "非常同意",
        "答卷质量",
        "抽样",
        "总体（部门数）",
        "信度",
        "怎么看：",
        "（反向题）",
    ):
        assert words in page, words
    assert "只看分布的题目" in page
    charts = re.findall(r"<svg[^>]*role=\"img\".*?</svg>", answer.text, re.S)
    assert charts
    assert all("<title>" in chart and "<desc>" in chart for chart in charts)
    assert "style=" not in answer.text
    assert "<script" not in answer.text


def test_unit__says_what_lowers_its_score_and_how_far_it_is_from_others_of_its_category(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    sign_in(client, "evaluator")
    with database_of(app).reading() as session:
        found = snapshots.snapshot(session, computed.campaign).by_place()
    own, other = (found[unit, "internal_coordination"] for unit in ("u01", "u03"))  # the two of category 服务
    page = said(client.get(UNIT).text)
    gap = f"{own['score'] - other['score']:+.1f}".replace("-", "−")
    assert f"同类（服务）其他 1 个单位平均 {other['score']:.1f}，本单位与之相差 {gap}" in page
    part = found["u01", "public_satisfaction"]["parts"][0]
    assert f"{0.2 * (100 - part['score']):.1f}" in page.split("拉低总分")[1].split("办事便利")[1].split("工作效率")[0]


def test_open_link__counts_who_took_part_and_gives_neither_rate_nor_margin(app: Flask, client: FlaskClient) -> None:
    def filled(session: Session) -> None:
        made = ev.make(session, ev.setup_document())
        ev.recipients(session, made, "u01", 40)
        ev.recipients(session, made, "u02", 40)
        doors = session.scalars(select(Collector).where(Collector.unit_id == made.units["u01"])).all()
        for number, door in enumerate(found for found in doors if found.audience == "service_recipient"):
            door.tier, door.open_code = "T0", f"{number}BCDEFGHJKMNPQRS"
        add_person(session, "evaluator", (Role.EVALUATOR, made.code))

    act(app, filled)
    sign_in(client, "evaluator")
    compute(client)
    opened, asked = said(client.get(UNIT).text), said(client.get(f"{BASE}/1/units/u02").text)
    assert "40(开放链接参与份数)" in opened
    assert "40(开放链接参与份数)" in said(client.get(BASE).text)
    for words in ("区间半宽", "±", "发放", "回收率 –"):
        assert words not in opened, words
    assert "± " in asked
    assert "开放链接参与份数" not in asked


def test_category__filters_the_units(computed: ev.Evaluation, app: Flask, client: FlaskClient) -> None:
    sign_in(client, "auditor")
    page = client.get(f"{BASE}?category=监管").text
    assert "第2单位" in page
    assert "第1单位" not in page


def test_english__says_the_same_in_english(computed: ev.Evaluation, app: Flask, client: FlaskClient) -> None:
    sign_in(client, "evaluator")
    send(client, "/office/me/language", language="en", next="/office/me")
    for url in (BASE, UNIT, f"{BASE}/1/provenance"):
        page = said(client.get(url).text)
        texts = re.sub("第.单位|服务|监管", "", page)
        texts = texts.replace("二〇二六年评估", "").replace("evaluator 甲", "")
        assert not re.findall(r"[\u4e00-\u9fff]+", texts), url
        assert not re.findall(r"[a-z]\.[A-Z]", texts), url
        assert "1 other units" not in texts


def test_provenance__names_definitions_digest_and_versions(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    sign_in(client, "auditor")
    page = client.get(f"{BASE}/1/provenance").text
    with database_of(app).reading() as session:
        found = snapshots.snapshot(session, computed.campaign)
    for value in (found.report_hash, found.provenance["plan"], found.provenance["input_digest"]["staff"], "numpy"):
        assert value in page
    assert "pingyi verify pg2026/1" in page


@pytest.mark.parametrize(("points", "reason"), [("6.0", "已核对"), ("6", "已核对")])
def test_evaluator__confirms_within_the_free_share_and_the_page_shows_it(
    computed: ev.Evaluation, app: Flask, client: FlaskClient, points: str, reason: str
) -> None:
    sign_in(client, "evaluator")
    with database_of(app).reading() as session:
        suggested = snapshots.snapshot(session, 1).by_place()["u01", "public_satisfaction"]["points"]
    near = f"{suggested - 0.5:.2f}" if points == "6.0" else f"{suggested:.2f}"
    answer = send(client, f"{UNIT}/confirm", UNIT, indicator="public_satisfaction", points=near, reason=reason)
    assert (answer.status_code, answer.location) == (303, UNIT)
    assert f"确认分 {near} / 9" in said(client.get(BASE).text)
    assert reason in said(client.get(UNIT).text)
    assert float(rows_of(client.get(f"{BASE}/1/scores.csv").data)[0]["确认分 confirmed_points"]) == float(near)
    assert client.get(f"{BASE}/1/scores.json").json["confirmations"][0]["reason"] == reason


def test_evaluator__beyond_the_free_share__is_refused_and_nothing_typed_is_lost(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    sign_in(client, "evaluator")
    answer = send(client, f"{UNIT}/confirm", UNIT, indicator="public_satisfaction", points="2.5", reason="实地情况不同")
    assert answer.status_code == 403
    assert "须由评估组长确认" in said(answer.text)
    assert 'value="2.5"' in answer.text
    assert "实地情况不同" in answer.text
    assert "尚未确认" in said(client.get(UNIT).text)


def test_lead_evaluator__may_go_beyond_and_the_history_stays(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    sign_in(client, "lead_evaluator")
    for points, reason in (("2.5", "实地情况不同"), ("3.25", "复核后调整")):
        send(client, f"{UNIT}/confirm", UNIT, indicator="public_satisfaction", points=points, reason=reason)
    page = said(client.get(UNIT).text)
    assert page.index("复核后调整") < page.index("实地情况不同")
    assert "确认分 3.25 / 9" in said(client.get(BASE).text)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"points": "6", "reason": "  "}, "请填写这一项"),
        ({"points": "", "reason": "x"}, "请填写这一项"),
        ({"points": "nan", "reason": "x"}, "确认分须在 0 到 9 之间"),
        ({"points": "9.01", "reason": "x"}, "确认分须在 0 到 9 之间"),
        ({"points": "6", "reason": "x" * 501}, "最多 500 个字符"),
    ],
)
def test_bad_decision__is_said_at_its_field_and_nothing_is_kept(
    computed: ev.Evaluation, app: Flask, client: FlaskClient, values: dict[str, str], words: str
) -> None:
    sign_in(client, "lead_evaluator")
    answer = send(client, f"{UNIT}/confirm", UNIT, indicator="public_satisfaction", **values)
    assert answer.status_code == 422
    assert words in said(answer.text)
    assert "尚未确认" in said(client.get(UNIT).text)


def test_lead_evaluator__records_and_lifts_a_proven_case(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    sign_in(client, "lead_evaluator")
    send(client, f"{UNIT}/hold", UNIT, audience="staff", reason="查实代填 12 份")
    compute(client)
    second = f"{BASE}/2/units/u01"
    page = said(client.get(second).text)
    assert "查实代填 12 份" in page
    assert "评估组长登记了查实的引导填答或代填" in page
    send(client, f"{second}/lift", second, audience="staff", reason="复核后不成立")
    assert "复核后不成立" in said(client.get(second).text)


def test_reason_that_is_too_long__is_said_where_it_was_typed_and_not_lost(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    sign_in(client, "lead_evaluator")
    typed = "查实代填" * 130
    answer = send(client, f"{UNIT}/hold", UNIT, audience="staff", reason=typed)
    assert answer.status_code == 422
    assert typed in answer.text.split('id="hold-reason"')[1].split("</textarea>")[0]
    assert '<option value="staff" selected>' in answer.text
    send(client, f"{UNIT}/hold", UNIT, audience="staff", reason="查实代填 12 份")
    answer = send(client, f"{UNIT}/lift", UNIT, audience="staff", reason=typed)
    assert answer.status_code == 422
    assert typed in answer.text.split('id="lift-staff"')[1].split("</textarea>")[0]
    assert typed not in answer.text.split('id="hold-reason"')[1].split("</textarea>")[0]


def test_files__come_as_downloads_with_their_names(computed: ev.Evaluation, app: Flask, client: FlaskClient) -> None:
    sign_in(client, "evaluator")
    for kind, media in (("xlsx", "spreadsheetml"), ("csv", "text/csv"), ("json", "application/json")):
        answer = client.get(f"{BASE}/1/scores.{kind}")
        assert answer.status_code == 200
        assert media in answer.content_type
        assert answer.content_type.count("charset") == (kind == "csv")
        assert answer.headers["Content-Disposition"] == f"attachment; filename=pg2026-1.{kind}"
        assert answer.headers["Cache-Control"] == "no-store"
    assert "总表" in cells(client.get(f"{BASE}/1/scores.xlsx").data)
    assert json.loads(client.get(f"{BASE}/1/scores.json").data)["snapshot"] == "pg2026/1"


READING = (BASE, UNIT, f"{BASE}/1/provenance", f"{BASE}/1/scores.xlsx", f"{BASE}/1/scores.csv", f"{BASE}/1/scores.json")
READERS = {"evaluator", "lead_evaluator", "approver", "auditor"}


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_role__reads_and_acts_as_far_as_it_may(
    computed: ev.Evaluation, app: Flask, client: FlaskClient, role: str
) -> None:
    sign_in(client, role)
    assert {client.get(url).status_code for url in READING} == ({200} if role in READERS else {403})
    token = csrf_token(client.get("/office/me"))
    acts = {
        BASE: {"evaluator", "lead_evaluator"},
        f"{UNIT}/confirm": {"evaluator", "lead_evaluator"},
        f"{UNIT}/hold": {"lead_evaluator"},
        f"{UNIT}/lift": {"lead_evaluator"},
    }
    for url, allowed in acts.items():
        refused = client.post(url, data={"csrf_token": token}).status_code == 403
        assert refused == (role not in allowed), url
    if role in READERS:
        page = client.get(BASE).text
        assert ("计算新的一次" in page) == (role in {"evaluator", "lead_evaluator"})


def test_nobody__reads_without_signing_in(evaluated: ev.Evaluation, app: Flask) -> None:
    for url in READING:
        assert app.test_client().get(url).status_code == 303


def test_acts__need_the_token_of_the_form(evaluated: ev.Evaluation, app: Flask, client: FlaskClient) -> None:
    sign_in(client, "lead_evaluator")
    assert client.post(BASE).status_code == 400
    assert "还没有计算过" in client.get(BASE).text


@pytest.mark.parametrize("end", ["?number=9", "/9/units/u01", "/1/units/u99", "/9/scores.csv"])
def test_what_does_not_exist__is_not_found(computed: ev.Evaluation, app: Flask, client: FlaskClient, end: str) -> None:
    sign_in(client, "evaluator")
    assert client.get(BASE + end).status_code == 404


def test_unit_that_does_not_exist__is_named(computed: ev.Evaluation, app: Flask, client: FlaskClient) -> None:
    sign_in(client, "evaluator")
    page = client.get(f"{BASE}/1/units/zz").text
    assert "没有单位“zz”" in page
    assert "没有这一次计算" not in page


@pytest.mark.parametrize(
    ("circumstances", "carried", "label"),
    [
        ({"handed_out": 50, "activated": 60}, False, "发放"),
        ({"handed_out": None, "activated": 60}, False, "发放（按已启用的卡片数）"),
        ({"handed_out": None, "activated": 60}, True, "发放（或已启用的卡片数）"),
        ({"handed_out": None, "activated": None}, False, "发放"),
    ],
)
def test_unit__says_which_cards_its_response_rate_is_of(
    computed: ev.Evaluation,
    app: Flask,
    client: FlaskClient,
    circumstances: dict[str, int | None],
    carried: bool,
    label: str,
) -> None:
    def registered(session: Session) -> None:
        stored = snapshots.stored(session, computed.campaign, 1)
        provenance = json.loads(stored.provenance)
        for known in provenance["circumstances"]:
            known.update(circumstances)
        stored.provenance = json.dumps(provenance)
        report = json.loads(stored.report)
        report["scores"] = [carry(score, 1) if carried else score for score in report["scores"]]
        stored.report = json.dumps(report)

    act(app, registered)
    sign_in(client, "evaluator")
    page = client.get(UNIT).text
    assert set(re.findall(r"<dt>(发放[^<]*)</dt>", page)) == {label}
    assert "没有登记发放数的，按已启用的卡片数计算回收率。" in page


def test_hidden_numbers__are_on_no_page(app: Flask, client: FlaskClient) -> None:
    _, hidden = sparse(database_of(app))
    act(app, lambda session: add_person(session, "evaluator", (Role.EVALUATOR, "pg2026")))
    sign_in(client, "evaluator")
    for url in (f"{BASE}/1/units/u02", f"{BASE}/1/provenance"):
        page = client.get(url).text.split("<main", 1)[1]
        assert not hidden & {round(float(number), 1) for number in re.findall(r"\d+\.\d+", page)}, url
        assert "不予显示" in page
    overview = client.get(BASE).text
    row = next(row for row in overview.split("<tr>") if "第2单位" in row)
    assert not hidden & {round(float(number), 1) for number in re.findall(r"\d+\.\d+", row)}
    assert "n = " not in row.split("群众满意度")[1].split("</td>")[0]


def test_demonstration__is_marked_on_every_page(evaluated: ev.Evaluation, app: Flask, client: FlaskClient) -> None:
    act(app, lambda session: ev.mark_demo(session, evaluated))
    sign_in(client, "evaluator")
    assert "演示数据" in client.get(BASE).text
    compute(client)
    for url in (BASE, UNIT, f"{BASE}/1/provenance"):
        assert "演示数据" in client.get(url).text
    assert "演示数据" in str(cells(client.get(f"{BASE}/1/scores.xlsx").data)["总表"])
