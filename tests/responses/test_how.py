"""The trust page: it lists what the database really has, moves for nobody alone, and says what it cannot promise."""

import gzip
import hashlib
import html
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, inspect, select, text, update
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

import survey_app
from survey_app.admission.models import AccessCode
from survey_app.campaigns.models import Campaign, Collector
from survey_app.invitations.models import Invitee, NamedList
from survey_app.invitations.queries import public_key
from survey_app.responses.how.served import SERVED
from survey_app.responses.models import Box
from tests.factories.browsing import door
from tests.factories.invited import fetch, list_door
from tests.factories.phone import Phone, said

ONE_ANSWER = {"sr_contact": ["handle"]}


def answer(app: Flask, code: str) -> str:
    """One person, from card to thanks; the address of the thanks page."""
    phone = Phone(app.test_client())
    page = phone.send(phone.begin(code), ONE_ANSWER)
    assert page.status_code == 303, said(page)
    return page.headers["Location"]


def facts(page: str) -> dict[str, str]:
    """Term → what stands beside it, without markup."""
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page, re.DOTALL)
    return {" ".join(html.unescape(re.sub("<[^>]*>", "", part)) for part in [term]): fact for term, fact in found}


def body(client: FlaskClient, where: str) -> bytes:
    """The bytes of an answer; a file that was served is closed again."""
    with client.get(where) as answered:
        assert answered.status_code == 200, where
        return bytes(answered.data)


def change(app: Flask, statement: Any) -> None:
    with app.extensions["pingyi"].database.writing() as session:
        session.execute(statement)
        session.commit()


def test_live_schema__every_table_and_column__is_listed_and_explained(each_app: Flask) -> None:
    page = each_app.test_client().get("/how").text
    assert "未说明" not in page.replace("发现“未说明”", "")
    inspector = inspect(each_app.extensions["pingyi"].database.engine)
    tables = inspector.get_table_names()
    assert len(tables) > 35
    for table in tables:
        assert f"<code>{table}</code>" in page
    for table in ("access_code", "response", "parked", "invitee", "spent"):
        listed = page.split(f"<h3><code>{table}</code>")[1].split("</dl>")[0]
        columns = [column["name"] for column in inspector.get_columns(table)]
        assert re.findall(r"<dt><code>(\w+)</code>", listed) == columns, table
    assert "named_list_key_is_not_changed" in page


def test_what_somebody_adds_to_the_database__shows_as_unexplained(each_app: Flask) -> None:
    database = each_app.extensions["pingyi"].database
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE response ADD COLUMN client_address VARCHAR(64)"))
        connection.execute(text("CREATE TABLE visits (agent VARCHAR(64))"))
        if database.is_sqlite:
            connection.execute(text("CREATE TRIGGER watching AFTER INSERT ON parked BEGIN SELECT 1; END"))
    page = each_app.test_client().get("/how").text
    assert re.search(r'<dt><code>client_address</code></dt><dd><strong class="err">未说明', page)
    assert re.search(r'<dt><code>visits</code> <strong class="err">未说明</strong></dt><dd><code>agent</code>', page)
    if database.is_sqlite:
        assert re.search(r'<dt><code>watching</code></dt><dd><strong class="err">未说明', page)


def test_page_of_a_campaign__while_people_answer__moves_by_boxes_only(each_app: Flask) -> None:
    made = door(each_app, cards=16)
    client = each_app.test_client()
    before = client.get(f"/how/{made.campaign_code}").text
    stored = "已入库的答卷（手机、纸质、导入，一次填答算一份）"
    assert facts(before)[stored] == "不足 10"
    assert facts(before)["用掉的卡片"] == "关闭以后公布"
    for code in made.codes[:14]:
        answer(each_app, code)
        assert client.get(f"/how/{made.campaign_code}").text == before
    answer(each_app, made.codes[14])  # the next box holds min_cell: the first one is emptied
    after = client.get(f"/how/{made.campaign_code}").text
    assert facts(after)[stored] == "至少 10"
    assert after.replace("至少 10", "不足 10") == before


def test_used_cards__after_close__are_shown_in_steps(app: Flask) -> None:
    made = door(app, cards=16)
    change(app, update(AccessCode).values(used=True, receipt=AccessCode.hash))
    change(app, update(AccessCode).where(AccessCode.hash == _first(app)).values(used=False, receipt=None))
    assert facts(app.test_client().get(f"/how/{made.campaign_code}").text)["用掉的卡片"] == "关闭以后公布"
    change(app, update(Campaign).values(state="closed"))
    assert facts(app.test_client().get(f"/how/{made.campaign_code}").text)["用掉的卡片"] == "至少 10"


def _first(app: Flask) -> bytes:
    with app.extensions["pingyi"].database.reading() as session:
        assert isinstance(session, Session)
        return session.scalars(select(AccessCode.hash).order_by(AccessCode.hash).limit(1)).one()


def test_named_list__its_key__is_published_whole_and_counts_move_in_steps(each_app: Flask) -> None:
    made = list_door(each_app)
    where, client = f"/how/{made.door.campaign_code}", each_app.test_client()
    with each_app.extensions["pingyi"].database.reading() as session:
        der = public_key(session, made.door.collector_id)
    assert der is not None
    before = client.get(where).text
    shown = facts(before)
    assert shown["公钥指纹（SHA-256）"].replace(" ", "") == f"<code>{hashlib.sha256(der).hexdigest()}</code>"
    assert (shown["受邀"], shown["已领凭证"], shown["已用凭证"]) == ("12", "不足 10", "不足 10")
    fetch(each_app.test_client(), made.secrets[0], made.door.collector_id)
    assert client.get(where).text == before
    file = client.get(f"{where}/keys")
    pem = re.findall(r"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----\n", file.text, re.DOTALL)
    assert file.mimetype == "text/plain"
    assert [load_pem_public_key(one.encode()).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            for one in pem] == [der]  # fmt: skip


def test_named_list__row_taken_out_behind_our_back__the_check_says_so(app: Flask) -> None:
    made = list_door(app)
    where = f"/how/{made.door.campaign_code}"
    assert "合计与明细相符" in app.test_client().get(where).text
    change(app, Invitee.__table__.delete().where(Invitee.position == 3))  # type: ignore[attr-defined]
    assert "有人改动过数据库" in app.test_client().get(where).text


def test_named_list_of_a_department__its_counts__are_not_shown(app: Flask) -> None:
    made = list_door(app, questionnaire="related_department", department="示例市财政局", units=("甲", "乙"))
    change(app, update(NamedList).values(issued=11, spent=10))
    page = app.test_client().get(f"/how/{made.door.campaign_code}").text
    assert "示例市财政局" in page
    assert "已领凭证" not in facts(page)
    assert facts(page)["领卡、领凭证、用凭证"] == "不按部门公布，只公布核对结果"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages__claim_nothing_that_no_system_keeps_and_name_the_limits(app: Flask, language: str) -> None:
    made = door(app)
    end = "" if language == "zh" else "?lang=en"
    pages = [app.test_client().get(where + end).text for where in ("/how", f"/how/{made.campaign_code}")]
    for page in pages:
        assert not re.search("绝对匿名|无法追踪|完全匿名|absolutely anonymous|untraceable|cannot be traced", page)
    wanted = {
        "zh": [
            "同一部门的人",
            "历史记录",
            "盯着服务器",
            "查出它用过没有",
            "网络日志",
            "python -m pytest tests/privacy",
        ],
        "en": ["everybody in your department", "history of your browser", "watches the server", "that it was used"],
    }
    for words in wanted[language]:
        assert words in pages[0], words
    contact = {"zh": "意见与投诉", "en": "Complaints"}
    assert "0000-12345" in pages[1], contact[language]
    if language == "en":
        assert re.findall("[一-鿿]+", re.sub('<p class="tongue">.*?</p>', "", pages[0])) == []


def test_recovery_key__set_or_not__is_said(app: Flask) -> None:
    client = app.test_client()
    assert "没有设恢复密钥" in client.get("/how").text
    Path(app.extensions["pingyi"].config.home, "recovery.pub").write_text("a key\n")
    assert "已设恢复密钥" in client.get("/how").text


def test_pages__set_no_cookie_write_nothing_and_are_kept_by_no_cache(app: Flask) -> None:
    made = list_door(app)
    written: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.split(maxsplit=1)[0].upper() in {"INSERT", "UPDATE", "DELETE"}:
            written.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        for where in ("/how", f"/how/{made.door.campaign_code}", f"/how/{made.door.campaign_code}/keys"):
            page = app.test_client().get(where)
            assert page.status_code == 200
            assert "Set-Cookie" not in page.headers
            assert page.headers["Cache-Control"] == "no-store"
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert written == []


def test_digests__are_those_of_the_bytes_that_a_phone_gets(client: FlaskClient) -> None:
    page = client.get("/how").text
    found = re.findall(r'<a href="([^"]+)"><code>([\w.]+)</code></a> SHA-256</dt><dd><code>(\w{64})</code>', page)
    assert [name for _where, name, _digest in found] == list(SERVED)
    for where, name, digest in found:
        assert hashlib.sha256(body(client, html.unescape(where))).hexdigest() == digest, name


def test_every_file_that_a_respondent_page_names__is_among_the_digests() -> None:
    folder = Path(survey_app.__file__).parent / "responses" / "templates"
    named = {name for path in folder.rglob("*.html") for name in re.findall(r"asset\('([\w.]+)'\)", path.read_text())}
    assert named == set(SERVED)


@pytest.mark.parametrize("end", ["", "?lang=en"])
def test_start_page_and_thanks_page__link_to_the_campaigns_own_page(app: Flask, end: str) -> None:
    made = door(app)
    link = f'<a href="/how/{made.campaign_code}{end}">'
    assert link in app.test_client().get(f"/q/{made.codes[0]}{end}").text
    assert link in app.test_client().get(answer(app, made.codes[0]).split("?")[0] + end).text
    invited = list_door(app)
    link = f'<a href="/how/{invited.door.campaign_code}{end}">'
    assert link in app.test_client().get(f"/i/{invited.secrets[0]}{end}").text


def test_campaign_that_is_not_there_or_never_opened__has_its_kind_page(app: Flask) -> None:
    made = door(app)
    client = app.test_client()
    assert client.get("/how/nobody").status_code == 404
    # Without named lists there is nothing to download.
    assert client.get(f"/how/{made.campaign_code}/keys").status_code == 404
    change(app, update(Campaign).values(state="draft"))
    page = client.get(f"/how/{made.campaign_code}")
    assert (page.status_code, "没有这个页面" in page.text) == (404, True)


@pytest.mark.parametrize("end", ["", "?lang=en"])
def test_pages__with_their_sheet_and_script__weigh_at_most_14_kb(app: Flask, end: str) -> None:
    made = list_door(app)
    client = app.test_client()
    common = sum(len(gzip.compress(body(client, f"/static/{name}"), 6)) for name in ("r.js", "r.css"))
    for where in ("/how", f"/how/{made.door.campaign_code}"):
        weight = common + len(gzip.compress(body(client, where + end), 6))
        print(where + end, weight)
        assert weight <= 14_000


def test_collectors_of_another_campaign__are_not_counted(app: Flask) -> None:
    first = door(app, cards=12)
    before = app.test_client().get(f"/how/{first.campaign_code}").text
    door(app, cards=30)
    assert app.test_client().get(f"/how/{first.campaign_code}").text == before
    change(app, update(Collector).where(Collector.campaign_id == first.campaign_id).values(state="paused"))
    assert facts(before)["制作的卡片"] == "12"


def test_named_list__once_destroyed__has_exact_sums_except_of_a_few(app: Flask) -> None:
    made = list_door(app, invited=40)
    destroyed = {"destroyed_at": datetime(2026, 1, 1, tzinfo=UTC), "card_taken": 3, "issued": 36, "spent": 31}
    change(app, update(NamedList).values(**destroyed))
    shown = facts(app.test_client().get(f"/how/{made.door.campaign_code}").text)
    assert (shown["改领卡片"], shown["已领凭证"], shown["已用凭证"]) == ("少于 5", "36", "31")


def test_boxes_that_came_to_a_bad_end__are_counted(app: Flask) -> None:
    made = door(app)
    with app.extensions["pingyi"].database.writing() as session:
        group = session.scalars(select(Collector.box_group_id)).one()
        session.add_all(
            Box(box_group_id=group, number=number, state=state)
            for number, state in enumerate(("flushed", "destroyed", "destroyed", "lost"), start=1)
        )
        session.commit()
    shown = facts(app.test_client().get(f"/how/{made.campaign_code}").text)
    assert shown["总数不足 5 份、未打开就销毁的票箱组"] == "1"
    assert shown["钥匙丢失、打不开的票箱"] == "1"
