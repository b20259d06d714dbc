"""A sitting over several units: one page a unit, finished pages sealed in the form, one POST that stores."""

import copy
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.campaigns.models import Unit
from tests.factories.phone import Phone, hidden, parked, rows_of_everything, said
from tests.factories.respondents import Door, document_of, open_door

UNITS = ("甲局", "乙局", "丙局")
RATED = {"rd_contact": "often", "rd_duty_clear": "a", "rd_overall": "s"}


def department(app: Flask, document: dict[str, Any] | None = None, units: tuple[str, ...] = UNITS) -> Door:
    with app.extensions["pingyi"].database.writing() as session:
        return open_door(session, questionnaire=document or "related_department", units=units, department="丁局")


def unit_on(page: Any) -> str:
    return next(name for name in UNITS if f"共 3 个：{name}" in said(page))


def names_of(app: Flask) -> dict[int, str]:
    with app.extensions["pingyi"].database.reading() as session:
        return {unit.id: unit.name for unit in session.scalars(select(Unit))}


def asked_once() -> dict[str, Any]:
    """A questionnaire that asks something before the units, which decides what is asked about them, and after them."""
    document = copy.deepcopy(document_of("related_department"))
    yes_no = [{"code": "yes", "label": "是"}, {"code": "no", "label": "否"}]
    lead = {"id": "leads", "type": "single", "text": "您分管有关工作吗？", "choices": yes_no}
    last = {"id": "years", "type": "number", "text": "您在本部门工作几年？", "required": True}
    document["sections"][0]["items"][1]["visible_if"] = {"item": "leads", "in": ["yes"]}
    document["sections"].insert(0, {"id": "before", "title": "您的工作", "items": [lead]})
    document["sections"].append({"id": "after", "items": [last]})
    return document


def test_three_units__are_three_pages_and_one_sitting(each_app: Flask) -> None:
    phone, made = Phone(each_app.test_client()), department(each_app)
    before = rows_of_everything(each_app)
    page, seen = phone.choose(phone.begin(made.codes[0])), []
    for at in range(3):
        assert f"第 {at + 1} 个单位，共 3 个" in said(page)
        assert hidden(page)["_page"] == str(at + 1)
        assert rows_of_everything(each_app) == before
        seen.append(unit_on(page))
        assert (">提交</button>" in page.text) == (at == 2)
        assert ("到此结束并提交" in page.text) == (at < 2)
        page = phone.send(page, RATED | {"rd_duty_clear": ["sa", "a", "n"][at]})
    assert page.status_code == 303
    assert sorted(seen) == sorted(UNITS)
    (sitting,) = parked(each_app)
    names = names_of(each_app)
    assert [(names[unit], answers["rd_duty_clear"]) for unit, answers in sitting.responses] == [
        (seen[0], "sa"),
        (seen[1], "a"),
        (seen[2], "n"),
    ]


def test_stopping_early__stores_what_is_finished_and_no_unit_that_was_left_blank(
    app: Flask, client: FlaskClient
) -> None:
    phone, made = Phone(client), department(app)
    second = phone.send(phone.choose(phone.begin(made.codes[0])), RATED)
    assert phone.send(second, {"_finish": "1"}).status_code == 303
    assert [answers for _unit, answers in parked(app)[0].responses] == [RATED]


def test_stopping_on_the_page_itself__stores_it_too(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), department(app)
    assert phone.send(phone.choose(phone.begin(made.codes[0])), RATED | {"_finish": "1"}).status_code == 303
    assert [answers for _unit, answers in parked(app)[0].responses] == [RATED]


def test_unit_one_never_met__is_kept_as_such_and_the_next_one_follows(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), department(app)
    page = phone.send(phone.choose(phone.begin(made.codes[0])), {"rd_contact": "none", "rd_overall": "vd"})
    assert "第 2 个单位，共 3 个" in said(page)
    page = phone.send(page, RATED)
    assert phone.send(page, RATED).status_code == 303
    assert [answers for _unit, answers in parked(app)[0].responses] == [{"rd_contact": "none"}, RATED, RATED]


def test_earlier_page_sent_again__replaces_nothing_but_itself(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), department(app)
    first = phone.choose(phone.begin(made.codes[0]))
    phone.send(first, RATED | {"rd_overall": "vd"})
    third = phone.send(phone.send(first, RATED), RATED)
    assert phone.send(third, RATED).status_code == 303
    assert [answers for _unit, answers in parked(app)[0].responses] == [RATED] * 3


def test_wrong_answer_on_a_later_page__keeps_the_pages_before(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), department(app)
    second = phone.send(phone.choose(phone.begin(made.codes[0])), RATED)
    wrong = phone.send(second, RATED | {"rd_overall": ["s", "d"]})
    assert wrong.status_code == 422
    third = phone.send(wrong, RATED | {"rd_overall": "b"})
    assert phone.send(third, {"_finish": "1"}).status_code == 303
    assert [answers["rd_overall"] for _unit, answers in parked(app)[0].responses] == ["s", "b"]


def test_carried_pages__belong_to_one_card_only(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), department(app)
    mine = phone.send(phone.choose(phone.begin(made.codes[0])), RATED)
    yours = phone.choose(phone.begin(made.codes[1]))
    assert phone.send(yours, RATED | {"_carry": hidden(mine)["_carry"]}).status_code == 400


def test_finished_pages__are_sealed_on_their_way(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), department(app)
    page = phone.send(phone.choose(phone.begin(made.codes[0])), RATED | {"rd_open": "金丝雀"})
    assert "金丝雀" not in page.text
    assert "checked" not in page.text


def test_draft_taken_up_on_a_later_page__leaves_no_duration(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), department(app)
    second = phone.send(phone.choose(phone.begin(made.codes[0])), RATED)
    shown = phone.send(second, RATED | {"_show": "1"})
    assert "第 2 个单位，共 3 个" in said(shown)
    third = phone.send(shown, RATED)
    assert phone.send(third, RATED).status_code == 303
    sitting = parked(app)[0]
    assert (len(sitting.responses), sitting.duration) == (3, None)


def test_what_is_asked_once__is_asked_around_the_units_and_may_decide_what_they_are_asked(
    app: Flask, client: FlaskClient
) -> None:
    phone, made = Phone(client), department(app, asked_once(), UNITS[:2])
    page = phone.begin(made.codes[0])
    assert "个单位，共" not in said(page)
    page = phone.choose(phone.send(page, {"leads": "no"}))
    assert 'data-earlier="{&#34;leads&#34;:&#34;no&#34;}"' in page.text
    page = phone.send(phone.send(page, RATED), RATED)
    assert "您在本部门工作几年" in said(page)
    assert phone.send(page, {}).status_code == 422
    assert phone.send(page, {"years": "12"}).status_code == 303
    hidden_dropped = {name: answer for name, answer in RATED.items() if name != "rd_duty_clear"}
    asked_and_dropped = [{"leads": "no", "years": 12}, hidden_dropped, hidden_dropped]
    assert [answers for _unit, answers in parked(app)[0].responses] == asked_and_dropped

    page = phone.choose(phone.send(phone.begin(made.codes[1]), {"leads": "yes"}))
    page = phone.send(phone.send(page, RATED), RATED | {"_finish": "1"})
    kept = [[answers for _unit, answers in sitting.responses] for sitting in parked(app)]
    assert sorted(kept, key=str) == sorted([asked_and_dropped, [{"leads": "yes"}, RATED, RATED]], key=str)


def test_nobody_known__ends_a_sitting_on_its_first_page(app: Flask, client: FlaskClient) -> None:
    document = copy.deepcopy(document_of("related_department"))
    asked = {
        "id": "works_here",
        "type": "single",
        "text": "您在本部门工作吗？",
        "choices": [{"code": "yes", "label": "是"}, {"code": "no", "label": "否"}],
        "screens_out": {"choices": ["no"], "ends": "sitting"},
    }
    document["sections"].insert(0, {"id": "before", "items": [asked]})
    phone, made = Phone(client), department(app, document)
    assert phone.send(phone.begin(made.codes[0]), {"works_here": "no"}).status_code == 303
    assert parked(app)[0].responses == [[None, {"works_here": "no"}]]
