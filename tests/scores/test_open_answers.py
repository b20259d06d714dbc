"""People's own words: shown once no more can come, from how many on, in no order that tells, and to whom."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from survey_app.accounts.rules import Role
from survey_app.campaigns.models import Campaign, Collector
from survey_app.cli.main import main
from survey_app.config import Config
from survey_app.db import Database
from survey_app.library import queries as library
from survey_app.questionnaire.plan import Disclosure, ScoringPlan
from survey_app.responses.models import Response
from survey_app.scores.operations.verifying import verify
from survey_app.scores.queries import snapshots
from survey_app.scores.rules.errors import NothingNew
from survey_app.scores.rules.open_answers import Written, fewest, readable, shown
from tests.factories.accounts import add_mandate, add_person, declare, send, sign_in
from tests.scores import evaluation as ev
from tests.scores import test_compute
from tests.scores.test_compute import prepared
from tests.scores.test_export import cells
from tests.scores.test_pages import BASE, UNIT, said
from tests.scores.test_verifying import rewrite

KEY = b"k" * 32


def of(*words: str) -> list[Written]:
    return [Written(number, text) for number, text in enumerate(words)]


def test_words__are_masked_trimmed_and_cut_and_empty_ones_neither_shown_nor_counted() -> None:
    found = shown(of("  请打13800138000。", " \n ", "abcdefg"), 2, 6, key=KEY, place="u01/q/i")
    assert sorted(found) == ["abcdef", "请打***。"]
    assert shown(of("一", "  "), 2, 6, key=KEY, place="u01/q/i") == []


def test_order__is_neither_that_of_coming_nor_that_of_the_alphabet_and_comes_out_again() -> None:
    words = [f"意见{number:02d}" for number in range(30)]
    found = shown(of(*words), 10, 200, key=KEY, place="u01/q/i")
    assert sorted(found) == words
    assert found != words
    assert shown(of(*reversed(words)), 10, 200, key=KEY, place="u01/q/i") == found
    # Of two items, and under another campaign's key, it is another one.
    assert shown(of(*words), 10, 200, key=KEY, place="u01/q/j") != found
    assert shown(of(*words), 10, 200, key=b"other", place="u01/q/i") != found


def test_cells__that_wrote_several_times__count_once() -> None:
    written = [Written(number % 9, f"意见{number}") for number in range(20)]
    assert shown(written, 10, 200, key=KEY, place="p") == []
    assert len(shown([*written, Written(9, "再一")], 10, 200, key=KEY, place="p")) == 21


def test_fewest__of_a_restricted_item__is_whatever_asks_for_more() -> None:
    plan = ScoringPlan.model_validate_json(library.builtin("plan", "default")[1])
    assert (fewest(plan, None), fewest(plan, "integrity"), fewest(plan, "line_interference")) == (10, 30, 10)
    assert fewest(plan, "gone") > 1e9
    asks_for_more = plan.model_copy(update={"disclosure": Disclosure(min_cell_text=40)})
    assert (fewest(asks_for_more, None), fewest(asks_for_more, "integrity")) == (40, 40)


def test_agency__reads_the_words_of_recipients_only() -> None:
    assert readable(outside_office=True) == {"service_recipient"}
    assert readable(outside_office=False) == {"service_recipient", "staff", "related_department"}


def written(database: Database, made: ev.Evaluation, n: int) -> None:
    """So many recipients of u01 with words of their own, half of each stratum."""
    with database.writing() as session:
        for number in range(n):
            stratum = ("window", "online")[number % 2]
            answers = {"sr_open": f"意见{number}"}
            ev.recipients(session, made, "u01", 1, seed=100 + number, answers=answers, stratum=stratum)


def closed(database: Database, made: ev.Evaluation) -> dict[str, Any]:
    with database.writing() as session:
        ev.close(session, made)
    return test_compute.computed(database, made)


def asked(document: dict[str, Any], item: str, unit: str = "u01") -> dict[str, Any]:
    return next(one for one in document["open_answers"] if (one["unit"], one["item"]) == (unit, item))


@pytest.mark.parametrize(("n", "given"), [(10, 10), (9, 0)])
def test_words__of_ten_sittings_are_shown_and_of_nine_are_not(each_database: Database, n: int, given: int) -> None:
    made = prepared(each_database)
    written(each_database, made, n)
    with each_database.writing() as session:
        ev.recipients(session, made, "u01", 20)  # who leave the item blank
        ev.recipients(session, made, "u02", 20, answers={"sr_open": "别处的意见"})
    document = closed(each_database, made)
    found = asked(document, "sr_open")
    assert (found["shown"], len(found["texts"])) == (given > 0, given)
    assert set(found["texts"]) <= {f"意见{number}" for number in range(n)}
    assert asked(document, "sr_open", "u02")["texts"] == ["别处的意见"] * 20
    # Nothing stands beside the words: no stratum, no order of coming, no other answer.
    assert set(found) == {"unit", "audience", "questionnaire", "item", "choice", "restricted", "shown", "texts"}


def test_words__while_more_may_come__are_in_no_snapshot_and_closing_alone_lets_compute_again(
    database: Database,
) -> None:
    made = prepared(database, units=1, questionnaires=["service_recipient"])
    written(database, made, 40)
    document = test_compute.computed(database, made)
    assert document["open_answers"] == []
    assert "意见" not in json.dumps(document, ensure_ascii=False)
    with pytest.raises(NothingNew):
        test_compute.computed(database, made)
    assert len(asked(closed(database, made), "sr_open")["texts"]) == 40
    with database.reading() as session:
        assert verify(session, 1).same  # made while the campaign was open
        assert verify(session, 2).same


def of_own(database: Database, item: str, change: Callable[[dict[str, Any]], object]) -> ev.Evaluation:
    """A campaign of two units and of recipients only, one item of whose questionnaire (`own`) is changed."""
    questionnaire = json.loads(library.builtin("questionnaire", "service_recipient")[1]) | {"id": "own", "version": "9"}
    change(next(one for section in questionnaire["sections"] for one in section["items"] if one["id"] == item))
    plan = json.loads(library.builtin("plan", "default")[1]) | {"id": "own_plan", "version": "9"}
    plan["indicators"] = [one for one in plan["indicators"] if one["audience"] == "service_recipient"]
    plan["indicators"][0]["questionnaires"] = ["own"]
    plan |= {"if_not_applicable": {}, "breakdowns": []}
    plan["restricted"] = {"integrity": plan["restricted"]["integrity"]}
    document = ev.setup_document(questionnaires=["service_recipient"])
    with database.writing() as session:
        return ev.make(session, document | {"questionnaires": ["own"], "plan": "own_plan"}, own=[questionnaire, plan])


def test_words_beside_other__count_as_words_and_those_screened_out_do_not(database: Database) -> None:
    made = of_own(database, "sr_contact", lambda item: item["choices"][5].update(other=True))
    with database.writing() as session:
        for number in range(12):
            told = {"sr_contact": ["other"], "sr_contact.other": f"别的事{number}"}
            ev.recipients(session, made, "u01", 1, seed=100 + number, answers=told, name="own")
        screened = {"sr_contact": ["none"], "sr_contact.other": "没有打过交道"}
        ev.recipients(session, made, "u01", 12, answers=screened, name="own")
    found = asked(closed(database, made), "sr_contact")
    assert (found["choice"], sorted(found["texts"])) == ("other", sorted(f"别的事{number}" for number in range(12)))


@pytest.mark.parametrize(("departments", "given"), [(10, 20), (9, 0)])
def test_departments__count_as_departments_and_are_not_named(database: Database, departments: int, given: int) -> None:
    made = prepared(database, units=1, departments=12)
    with database.writing() as session:
        for department in list(made.departments)[:departments]:
            ev.raters(session, made, department, ["u01"], 2, answers={"rd_open": "要理顺"})
        for department in list(made.departments)[departments:]:
            ev.raters(session, made, department, ["u01"], 2)
    found = asked(closed(database, made), "rd_open")
    assert found["texts"] == ["要理顺"] * given
    assert "department" not in found


def test_restricted_words__follow_the_rule_of_the_plan(database: Database) -> None:
    made = of_own(database, "sr_open", lambda item: item.update(restricted="integrity"))
    with database.writing() as session:
        for unit, n in (("u01", 30), ("u02", 29)):
            ev.recipients(session, made, unit, n, answers={"sr_open": "有人要钱"}, name="own")
    document = closed(database, made)
    found = asked(document, "sr_open")
    assert (found["restricted"], found["texts"]) == ("integrity", ["有人要钱"] * 30)
    assert asked(document, "sr_open", "u02")["texts"] == []
    everybody = readable(outside_office=False)
    for roles, given in (["lead_evaluator"], 2), (["evaluator", "approver"], 0):
        with database.reading() as session:
            seen = snapshots.snapshot(session, made.campaign, roles=roles, words_of=everybody).document
        assert len(seen["open_answers"]) == given


def test_open_link__words_are_shown_too(database: Database) -> None:
    made = prepared(database, units=1)
    written(database, made, 12)
    with database.writing() as session:
        doors = session.scalars(select(Collector).where(Collector.audience == "service_recipient")).all()
        for number, door in enumerate(doors):
            door.tier, door.open_code = "T0", f"{number}BCDEFGHJKMNPQRS"
        session.commit()
    assert len(asked(closed(database, made), "sr_open")["texts"]) == 12


def test_audience_that_a_unit_does_not_have__is_not_listed(computed: ev.Evaluation, database: Database) -> None:
    with database.reading() as session:
        document = snapshots.snapshot(session, computed.campaign, words_of=readable(outside_office=False)).document
    found = {(one["unit"], one["item"]) for one in document["open_answers"]}
    assert ("u01", "sr_open") in found
    assert ("u03", "sr_open") not in found
    assert ("u03", "st_open_good") in found


def test_verify__finds_other_words_and_does_not_print_them(database: Database) -> None:
    made = prepared(database, units=1)
    written(database, made, 12)
    closed(database, made)
    with database.reading() as session:
        assert verify(session, 1).same
    rewrite(database, words="换掉的意见")
    with database.reading() as session:
        found = verify(session, 1)
    assert [one.place.rpartition("/")[0] for one in found.differences] == ["/open_answers/2/texts"]
    assert "意见" not in "\n".join(found.lines())


def test_verify__finds_an_answer_that_was_rewritten(database: Database) -> None:
    made = prepared(database, units=1)
    written(database, made, 12)
    closed(database, made)
    with database.writing() as session:
        row = session.scalars(select(Response)).first()
        assert row is not None
        session.execute(
            update(Response)
            .where(Response.id == row.id)
            .values(answers=json.dumps(json.loads(row.answers) | {"sr_open": "改过的话"}, ensure_ascii=False))
        )
        session.commit()
    with database.reading() as session:
        found = verify(session, 1)
    assert {one.code for one in found.differences} == {"answers_changed"}
    assert "改过的话" not in "\n".join(found.lines())


WORDS = {
    "service_recipient": "服务对象写的话",
    "staff": "工作人员写的话",
    "related_department": "相关部门写的话",
}


@pytest.fixture
def spoken(app: Flask) -> Flask:
    """A closed, computed campaign in which everybody wrote something; an evaluator of the office, one of an agency."""
    database: Database = app.extensions["pingyi"].database
    with database.writing() as session:
        made = ev.make(session, ev.setup_document(units=1, departments=12))
        ev.recipients(session, made, "u01", 40, answers={"sr_open": f"<b>{WORDS['service_recipient']}</b> 13800138000"})
        ev.recipients(session, made, "u01", 20, stratum=None, name="staff", answers={"st_open_good": WORDS["staff"]})
        for department in made.departments:
            ev.raters(session, made, department, ["u01"], 2, answers={"rd_open": WORDS["related_department"]})
        ev.close(session, made)
        add_person(session, "evaluator", (Role.EVALUATOR, made.code))
        agency, mandate = add_mandate(session, "某评估中心", made.code)
        of_agency = add_person(session, "of_agency", (Role.LEAD_EVALUATOR, made.code), agency_id=agency)
        declare(session, of_agency, agency, mandate)
        session.execute(update(Campaign).values(agency_id=agency))
        session.commit()
    test_compute.computed(database, made)
    return app


def readers(client: FlaskClient, urls: Sequence[str]) -> dict[str, set[str]]:
    """Which of the words stand behind each address."""
    return {url: {name for name, words in WORDS.items() if words in client.get(url).text} for url in urls}


def test_unit__shows_words_masked_and_escaped_to_people_of_the_office(spoken: Flask, client: FlaskClient) -> None:
    sign_in(client, "evaluator")
    page = client.get(UNIT).text
    assert f"&lt;b&gt;{WORDS['service_recipient']}&lt;/b&gt; ***" in page
    assert "13800138000" not in page
    assert readers(client, [UNIT]) == {UNIT: set(WORDS)}
    assert "只供委托单位的人员查看" not in page
    assert "您最希望第1单位改进的一件事是什么" in said(page)
    assert "作答较少，不予显示。" in said(page)
    send(client, "/office/me/language", language="en", next="/office/me")
    assert "Open answers" in said(client.get(UNIT).text)


def test_account_of_an_agency__sees_no_words_of_staff_and_departments(spoken: Flask, client: FlaskClient) -> None:
    sign_in(client, "of_agency")
    assert readers(client, [UNIT]) == {UNIT: {"service_recipient"}}
    assert "工作人员和相关部门写的内容只供委托单位的人员查看。" in said(client.get(UNIT).text)


@pytest.mark.parametrize("login", ["evaluator", "of_agency"])
def test_no_other_page_and_no_file__holds_words(spoken: Flask, client: FlaskClient, login: str) -> None:
    sign_in(client, login)
    pages = [BASE, f"{BASE}/1/provenance", f"{BASE}/1/scores.csv", f"{BASE}/1/scores.json"]
    assert readers(client, pages) == {url: set() for url in pages}
    assert json.loads(client.get(f"{BASE}/1/scores.json").data)["open_answers"] == []
    sheets = str(cells(client.get(f"{BASE}/1/scores.xlsx").data))
    assert not [words for words in WORDS.values() if words in sheets]


def test_command_line__prints_no_words(spoken: Flask, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINGYI_HOME", str(config.home))
    result = CliRunner().invoke(main, ["score", "pg2026", "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["open_answers"] == []
    assert not [words for words in WORDS.values() if words in result.stdout]
