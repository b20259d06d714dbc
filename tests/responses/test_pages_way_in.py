"""From a scanned or typed code to the first item, and every wrong turn on the way."""

import copy
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from survey_app.admission.models import AccessCode, CardBatch
from survey_app.admission.rules import code_hash, grouped
from survey_app.db import Database
from tests.factories.phone import SAME_SITE, Phone, hidden, parked, rows_of_everything, said
from tests.factories.respondents import OFFICE, Door, document_of, open_door

WORDS_T1 = "系统不保存能把答卷与您对应起来的信息；请勿在文字题中写能认出您的内容。"


def door(app: Flask, **given: object) -> Door:
    database: Database = app.extensions["pingyi"].database
    with database.writing() as session:
        return open_door(session, **given)  # type: ignore[arg-type]


def test_start_page__says_everything_the_law_asks_for_and_the_tier(app: Flask, client: FlaskClient) -> None:
    page = client.get(f"/q/{door(app).codes[0]}")
    assert page.status_code == 200
    words = said(page)
    for needed in (
        OFFICE,
        "示例评估机构",
        "机构编制评估评分时参考",
        "填不填由您自己决定",
        "约需3分钟",
        "系统保存您的答案",
        "评估结束后两年",
        "不能撤回",
        "自己的手机、自己的流量",
        "0000-12345",
        WORDS_T1,
    ):
        assert needed in words, needed
    assert "部门里的哪一位" not in words
    assert "公开链接" not in words


def test_start_page__without_an_introduction_says_it_all_by_itself(app: Flask, client: FlaskClient) -> None:
    document = copy.deepcopy(document_of("service_recipient"))
    document["intro"] = {"zh": "请帮我们改进{{unit}}的服务，约需{{minutes}}分钟。"}
    partly = said(client.get(f"/q/{door(app, questionnaire=document).codes[0]}"))
    for needed in (
        "委托单位 " + OFFICE,
        "承办机构 示例评估机构",
        "答卷保存期限 评估结束后两年",
        "意见与投诉 0000-12345",
    ):
        assert needed in partly, needed
    assert "所需时间" not in partly
    del document["intro"]
    document["version"] = "2026.2"
    alone = said(client.get(f"/q/{door(app, questionnaire=document).codes[0]}"))
    for needed in ("所需时间 约3分钟", "填不填由您自己决定", "系统保存您的答案", "不能撤回", "自己的流量", WORDS_T1):
        assert needed in alone, needed


def test_start_page_of_a_department__names_its_units_and_what_is_known(app: Flask, client: FlaskClient) -> None:
    made = door(app, questionnaire="related_department", units=("甲局", "乙局"), department="丙局")
    words = said(client.get(f"/q/{made.codes[0]}"))
    assert "请您所在的丙局评价 2 个单位：甲局、乙局" in words
    assert "系统知道答卷来自哪个部门，不知道是部门里的哪一位；您对几个单位的评分以一个随机编号相连。" in words


def test_start_page_of_an_open_link__promises_less(app: Flask, client: FlaskClient) -> None:
    words = said(client.get(f"/q/{door(app, tier='T0').codes[0]}"))
    assert "这是公开链接，谁都可以填，系统不核对是不是一人一份" in words


def test_demonstration__is_marked_on_every_page(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), door(app, demo=True)
    items = phone.begin(made.codes[0])
    thanks = client.get(phone.send(items, {"sr_overall": "s"}).headers["Location"])
    for page in (client.get(f"/q/{made.codes[1]}"), items, thanks):
        assert '<p class="demo">演示数据</p>' in page.text
    assert "演示数据" not in client.get(f"/q/{door(app).codes[0]}").text


def test_demonstration__is_marked_where_somebody_is_turned_away(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), door(app, demo=True)
    phone.send(phone.begin(made.codes[0]), {"sr_overall": "s"})
    used, paused = made.codes[0], door(app, demo=True, collector_state="paused").codes[0]
    for code in (used, paused):
        page = client.get(f"/q/{code}")
        assert (page.status_code, '<p class="demo">演示数据</p>' in page.text) == (409, True)


@pytest.mark.parametrize("path", ["/q/{}", "/Q/{}", "/q/{}/"])
def test_scanned_code__is_understood_in_capitals_small_letters_and_groups(
    app: Flask, client: FlaskClient, path: str
) -> None:
    code = door(app).codes[0]
    for written in (code, code.lower(), grouped(code), code.replace("0", "o")):
        assert client.get(path.format(written)).status_code == 200


def test_english__is_one_link_away_and_stays(app: Flask, client: FlaskClient) -> None:
    phone, code = Phone(client), door(app).codes[0]
    assert 'href="?lang=en"' in client.get(f"/q/{code}").text
    page = client.get(f"/q/{code}?lang=en")
    assert '<html lang="en">' in page.text
    assert "Nothing is kept that could match answers to you." in said(page)
    assert '<form method="post" action="/q?lang=en">' in page.text
    items = phone.begin(code, "en")
    assert "Strongly agree" in said(items)
    sent = phone.send(items, {"sr_overall": "s"})
    assert sent.headers["Location"].endswith("?lang=en")
    assert "Your answers have been received" in said(client.get(sent.headers["Location"]))
    assert [sitting.language for sitting in parked(app)] == ["en"]


def test_kind_pages__can_be_read_in_english_too(app: Flask, client: FlaskClient) -> None:
    code = door(app, collector_state="paused").codes[0]
    assert 'href="?lang=en"' in client.get(f"/q/{code}").text
    paused = client.get(f"/q/{code}?lang=en")
    assert "The questionnaire is paused Answers are not taken at the moment." in said(paused)
    assert "by December 31, 2099 at the latest" in said(paused)
    assert 'href="?lang=zh"' in paused.text
    assert "Please type the 16 characters" in said(client.get("/q/nonsense?lang=en"))
    assert "?lang" not in client.post("/q", data={"code": "nonsense"}, headers=SAME_SITE).text


def test_questionnaire_in_chinese_only__offers_no_other_language(app: Flask, client: FlaskClient) -> None:
    document = copy.deepcopy(document_of("service_recipient")) | {"title": "服务对象问卷"}
    page = client.get(f"/q/{door(app, questionnaire=document).codes[0]}?lang=en")
    assert '<html lang="zh-CN">' in page.text
    assert "English" not in page.text


def test_typed_code__leads_to_the_start_page_and_never_into_an_address(app: Flask, client: FlaskClient) -> None:
    code = door(app).codes[0]
    assert 'name="code"' in client.get("/q").text
    assert client.get("/Q").status_code == 200
    page = client.post("/q", data={"code": f" {grouped(code).lower()} "}, headers=SAME_SITE)
    assert page.status_code == 200
    assert hidden(page) == {"code": code, "begin": "1"}
    assert f"/{code}" not in page.text
    # The other language is a form too: a link would have nothing to say which code was typed.
    assert '<form method="post" action="/q?lang=en" id="tongue">' in page.text
    assert 'href="?lang' not in page.text
    english = client.post("/q?lang=en", data={"code": code}, headers=SAME_SITE)
    assert said(english).endswith("Start")
    assert '<form method="post" action="/q" id="tongue">' in english.text


def test_begin__gives_the_items_at_an_address_without_the_code(app: Flask, client: FlaskClient) -> None:
    code = door(app).codes[0]
    page = Phone(client).begin(code)
    assert page.status_code == 200
    assert page.request.path == "/q"
    assert code not in page.text
    assert code_hash(code).hex() not in page.text
    assert "1. 过去12个月，您因为什么事与示例市民政局打过交道？" in said(page)


def test_way_in__sets_no_cookie_writes_nothing_and_is_never_stored(app: Flask, client: FlaskClient) -> None:
    made = door(app)
    before = rows_of_everything(app)
    answers = [
        client.get("/q"),
        client.get(f"/q/{made.codes[0]}"),
        client.head(f"/q/{made.codes[0]}"),
        client.post("/q", data={"code": made.codes[0]}, headers=SAME_SITE),
        Phone(client).begin(made.codes[0]),
        client.get(f"/thanks/{made.campaign_code}/{made.questionnaire}"),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert rows_of_everything(app) == before


def test_pages__carry_no_inline_style_or_script_and_nothing_from_elsewhere(app: Flask, client: FlaskClient) -> None:
    text = Phone(client).begin(door(app).codes[0]).text
    assert " style=" not in text
    assert "<style" not in text
    assert "http://" not in text
    assert "https://" not in text
    assert text.count("<script") == 1


def test_address_of_a_sent_page__opened_again_asks_for_the_code(client: FlaskClient) -> None:
    page = client.get("/a?lang=en")
    assert (page.status_code, 'name="code"' in page.text) == (200, True)
    assert said(page).startswith("Please type your code")


def test_failing_database__is_a_kind_page_and_logs_the_class_only(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    code = door(app).codes[0]
    with app.extensions["pingyi"].database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE access_code RENAME TO elsewhere")
    page = client.get(f"/q/{code}?lang=en")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "2")
    assert said(page).startswith("Out of order for a moment Please try again in a minute or two.")
    assert "respondent_failure OperationalError" in caplog.text
    for secret in (code, code_hash(code).hex(), "access_code", "127.0.0.1"):
        assert secret not in caplog.text


def test_null_bytes__are_not_found_on_both_databases(each_app: Flask) -> None:
    made, phone = door(each_app), each_app.test_client()
    for path in (f"/thanks/{made.campaign_code}%00/staff", "/thanks/%00/%00", f"/q/{made.codes[0][:8]}%00"):
        assert phone.get(path).status_code == 404, path
    assert phone.post("/q", data={"code": "\0" * 16}, headers=SAME_SITE).status_code == 404


def test_unknown_code__keeps_what_was_typed_and_asks_again(app: Flask, client: FlaskClient) -> None:
    door(app)
    for page in (
        client.get("/q/nonsense"),
        client.post("/q", data={"code": "nonsense"}, headers=SAME_SITE),
        client.post("/q", data={"code": "nonsense", "begin": "1"}, headers=SAME_SITE),
    ):
        assert page.status_code == 404
        assert 'value="nonsense"' in page.text
        assert "没有找到这个填答码" in said(page)
    assert client.get("/q/" + "0" * 16).status_code == 404
    assert client.get("/q/%22%3E%3Cscript%3E").text.count("<script") == 1


def test_used_card__is_told_so_and_its_draft_ends(app: Flask, client: FlaskClient) -> None:
    phone, code = Phone(client), door(app).codes[0]
    items = phone.begin(code)
    draft = items.text.split('data-draft="')[1].split('"')[0]
    assert phone.send(items, {"sr_overall": "s"}).status_code == 303
    for page in (client.get(f"/q/{code}"), phone.begin(code)):
        assert page.status_code == 409
        assert "这张卡已经用过" in said(page)
        assert f'data-forget="{draft}"' in page.text


def test_spare_and_voided_cards__have_pages_of_their_own(app: Flask, client: FlaskClient) -> None:
    made = door(app)
    database: Database = app.extensions["pingyi"].database
    with database.writing() as session:
        session.execute(update(AccessCode).where(AccessCode.hash == code_hash(made.codes[0])).values(active=False))
        session.commit()
    spare = client.get(f"/q/{made.codes[0]}")
    assert (spare.status_code, "备用卡" in said(spare)) == (409, True)
    with database.writing() as session:
        session.execute(update(CardBatch).values(state="voided"))
        session.commit()
    voided = client.get(f"/q/{made.codes[1]}")
    assert (voided.status_code, "已作废" in said(voided)) == (409, True)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"opens": date(2098, 1, 1)}, "问卷还没有开始 填答时间从2098年1月1日开始，到2099年12月31日结束。"),
        ({"closes": date(2020, 1, 2)}, "问卷已经结束 现在不再接收答卷"),
        ({"campaign_state": "closed"}, "问卷已经结束"),
        ({"collector_state": "closed"}, "问卷已经结束"),
        ({"campaign_state": "paused"}, "问卷暂停收集 现在暂时不能填答，您的卡片仍然有效。"),
        ({"collector_state": "paused"}, "问卷暂停收集"),
        ({"collector_state": "planned"}, "问卷还没有开始"),
    ],
)
def test_closed_doors__say_why_and_what_to_do(
    app: Flask, client: FlaskClient, given: dict[str, object], words: str
) -> None:
    code = door(app, **given).codes[0]
    for page in (client.get(f"/q/{code}"), Phone(client).begin(code)):
        assert page.status_code == 409
        assert words in said(page)


def test_open_link_opened_too_often__asks_for_patience(app: Flask, client: FlaskClient) -> None:
    installation = app.extensions["pingyi"]
    app.extensions["pingyi"] = replace(installation, config=replace(installation.config, open_link_rate="2/minute"))
    phone, code = Phone(client), door(app, tier="T0").codes[0]
    assert [phone.begin(code).status_code for _try in range(3)] == [200, 200, 429]
    refused = phone.begin(code)
    assert "操作太频繁" in said(refused)
    assert refused.headers["Retry-After"] == "20"


def test_drafts__have_one_name_a_card_and_none_for_an_open_link(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), door(app)
    names = [phone.begin(code).text.split('data-draft="')[1].split('"')[0] for code in (*made.codes[:2], made.codes[0])]
    assert names[0] == names[2] != names[1]
    assert 'data-draft=""' in phone.begin(door(app, tier="T0").codes[0]).text


def test_kept_page__is_given_to_everybody_with_their_own_capability(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), door(app)
    first, second = phone.begin(made.codes[0]), phone.begin(made.codes[1])
    assert hidden(first)["_cap"] != hidden(second)["_cap"]
    with app.extensions["pingyi"].database.reading() as session:
        assert not any(session.scalars(select(AccessCode.used)))
