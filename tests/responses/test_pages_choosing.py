"""The page of units: who knows which, others in the place of unknown ones, back and forth without a loss."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.phone import (
    Phone,
    hidden,
    offered_units,
    parked,
    rows_of_everything,
    said,
    typed_on,
    ways_from,
)
from tests.responses.test_pages_units import RATED, asked_once, department, names_of

MANY = tuple(f"{number}局" for number in "甲乙丙丁戊己庚辛")
UNKNOWN = {"_known": "no"}


def rated(app: Flask) -> dict[str, Any]:
    """By unit, what the one parked sitting says of it."""
    (sitting,) = parked(app)
    names = names_of(app)
    return {names[unit]: answers for unit, answers in sitting.responses if unit is not None}


def stored_by(app: Flask) -> int:
    return len(parked(app))


def test_units_that_are_not_known__are_not_rated_and_kept_as_such(each_app: Flask) -> None:
    phone, made = Phone(each_app.test_client()), department(each_app)
    before = rows_of_everything(each_app)
    page = phone.begin(made.codes[0])
    assert sorted(offered_units(page)) == sorted(("甲局", "乙局", "丙局"))
    assert "checked" not in page.text
    page = phone.choose(page, "甲局", "丙局")
    assert "第 1 个单位，共 2 个" in said(page)
    page = phone.send(page, RATED)
    assert "第 2 个单位，共 2 个" in said(page)
    assert ">提交</button>" in page.text
    assert rows_of_everything(each_app) == before
    assert phone.send(page, RATED).status_code == 303
    assert rated(each_app) == {"甲局": RATED, "乙局": UNKNOWN, "丙局": RATED}


def test_one_known_unit__has_no_number(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), department(app)
    page = phone.choose(phone.begin(made.codes[0]), "乙局")
    assert "个单位，共" not in said(page)
    assert "对乙局的评价" in said(page)
    assert phone.send(page, RATED).status_code == 303


def test_nothing_ticked__asks_again_and_only_another_button_sends(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), department(app)
    first = phone.begin(made.codes[0])
    assert "_finish" not in first.text
    asked = phone.send(first, {})
    assert asked.status_code == 422
    assert "您没有勾选任何单位" in said(asked)
    assert "都不了解，提交" in said(asked)
    assert stored_by(app) == 0
    assert phone.send(asked, {"_finish": "1"}).status_code == 303
    assert rated(app) == dict.fromkeys(("甲局", "乙局", "丙局"), UNKNOWN)


def test_chosen_but_nothing_answered__sends_nothing(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), department(app)
    page = phone.choose(phone.begin(made.codes[0]), "甲局")
    refused = phone.send(page, {"_finish": "1"})
    assert refused.status_code == 422
    assert "还没有作答任何题目" in said(refused)
    assert stored_by(app) == 0


def test_unknown_units__are_replaced_by_the_next_of_the_order_until_there_are_enough(
    app: Flask, client: FlaskClient
) -> None:
    phone, made = Phone(client), department(app, units=MANY)
    page = phone.begin(made.codes[0])
    first = list(offered_units(page))
    assert len(first) == 5
    page = phone.choose(page, *first[:3])
    assert page.status_code == 200
    assert "还可以再评 2 个" in said(page)
    second = list(offered_units(page))
    assert (second[:5], len(second)) == (first, 7)
    assert page.text.count("checked") == 3
    page = phone.choose(page, *first[:3], second[5])
    assert list(offered_units(page))[:7] == second
    assert "还可以再评 1 个" in said(page)
    last = list(offered_units(page))
    assert sorted(last) == sorted(MANY)
    page = phone.choose(page, *first[:3], second[5])
    assert "第 1 个单位，共 4 个" in said(page)
    for _unit in range(4):
        page = phone.send(page, RATED)
    assert page.status_code == 303
    chosen = {*first[:3], second[5]}
    assert rated(app) == {name: RATED if name in chosen else UNKNOWN for name in MANY}


def test_enough__begins_and_what_was_never_offered_is_neither_known_nor_unknown(
    app: Flask, client: FlaskClient
) -> None:
    phone, made = Phone(client), department(app, units=MANY)
    page = phone.begin(made.codes[0])
    first = list(offered_units(page))
    page = phone.choose(page, *first[:3])
    assert "不再增加，开始评价" in said(page)
    offered = offered_units(page)
    page = phone.choose(page, *first[:3], _enough="1")
    page = phone.send(page, RATED)
    assert phone.send(page, RATED | {"_finish": "1"}).status_code == 303
    said_of = rated(app)
    assert len(offered) == 7
    assert said_of == dict.fromkeys(first[:2], RATED) | {name: UNKNOWN for name in offered if name not in first[:3]}


def test_more_than_one_sitting_rates__are_refused_with_all_ticks_kept(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), department(app, units=MANY)
    page = phone.begin(made.codes[0])
    first = list(offered_units(page))
    page = phone.choose(page, *first[:4])
    refused = phone.choose(page)
    assert refused.status_code == 422
    assert "您勾选了6个单位，一次最多评5个。请取消1个" in said(refused)
    assert refused.text.count(" checked") == 6
    assert "第 1 个单位，共 4 个" in said(phone.choose(refused, *first[:4], _enough="1"))


def test_units_that_were_not_offered__cannot_be_ticked(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), department(app, units=MANY)
    page = phone.begin(made.codes[0])
    assert phone.send(page, {"_known": ["6", "7", "8", "0", "x", "-1", "999999"]}).status_code == 200
    page = phone.send(page, {"_known": ["1", "7"], "_enough": "1"})
    assert "个单位，共" not in said(page)
    assert phone.send(page, {"_page": "7", **RATED}).status_code == 400


@pytest.mark.parametrize("wanted", ["9", "0x1", "-1", "2.0", "99999", "５"])
def test_button_to_a_page_that_is_not_on_the_way__is_no_page_of_ours(
    app: Flask, client: FlaskClient, wanted: str
) -> None:
    phone, made = Phone(client), department(app)
    page = phone.choose(phone.begin(made.codes[0]), "甲局", "乙局")
    assert phone.send(page, {"_to": wanted}).status_code == 400


def test_going_back_and_forth__keeps_every_page_and_a_correction_counts(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), department(app)
    first = phone.choose(phone.begin(made.codes[0]))
    second = phone.send(first, RATED | {"rd_open": "第一页"})
    back = phone.send(second, RATED | {"rd_overall": "b", "rd_open": "第二页", "_to": hidden(first)["_page"]})
    assert back.status_code == 200
    assert "第 1 个单位" in said(back)
    assert ("第一页" in back.text, "第二页" in back.text) == (True, False)
    second = phone.send(back, RATED | {"rd_overall": "vd", "rd_open": "改过"})
    assert ("第 2 个单位" in said(second), "第二页" in second.text) == (True, True)
    third = phone.send(second, RATED | {"rd_overall": "b", "rd_open": "第二页"})
    assert phone.send(third, {"_finish": "1"}).status_code == 303
    (sitting,) = parked(app)
    assert [(given["rd_overall"], given["rd_open"]) for _, given in sitting.responses] == [
        ("vd", "改过"),
        ("b", "第二页"),
    ]


def test_mistake_left_behind__comes_back_as_it_was_typed_and_is_asked_about_before_sending(
    app: Flask, client: FlaskClient
) -> None:
    phone, made = Phone(client), department(app)
    first = phone.choose(phone.begin(made.codes[0]), "甲局", "乙局")
    second = phone.send(first, RATED)
    back = phone.send(second, {"rd_overall": ["s", "d"], "rd_open": "写了", "_to": hidden(first)["_page"]})
    assert "第 1 个单位" in said(back)
    refused = phone.send(back, RATED | {"_finish": "1"})
    assert refused.status_code == 422
    assert "第 2 个单位" in said(refused)
    assert ("有 1 题需要修改" in said(refused), "写了" in refused.text) == (True, True)
    assert stored_by(app) == 0
    assert phone.send(refused, RATED | {"rd_open": "写了"}).status_code == 303
    assert [given.get("rd_open") for given in rated(app).values() if given != UNKNOWN] == [None, "写了"]


def test_choosing_again__adds_and_drops_units_without_losing_what_was_filled_in(
    app: Flask, client: FlaskClient
) -> None:
    phone, made = Phone(client), department(app)
    choosing = phone.begin(made.codes[0])
    at = hidden(choosing)["_page"]
    page = phone.choose(choosing, "甲局", "乙局")
    page = phone.send(page, RATED | {"_to": at})
    assert page.text.count("已填写") == 1
    assert page.text.count(" checked") == 2
    assert "到此结束并提交" in said(page)
    page = phone.choose(page, "丙局")
    page = phone.send(page, RATED | {"rd_overall": "vd", "_to": at})
    assert page.text.count("已填写") == 2
    page = phone.choose(page)
    page = phone.send(page, RATED | {"rd_overall": "b"})
    while page.status_code == 200:
        page = phone.send(page, typed_on(page) | {"_finish": "1"})
    assert sorted(given["rd_overall"] for given in rated(app).values()) == ["b", "s", "vd"]


def test_draft_of_the_page_of_units__comes_back_ticked(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), department(app)
    page = phone.begin(made.codes[0])
    shown = phone.choose(page, "甲局", _show="1")
    assert shown.status_code == 200
    assert shown.text.count(" checked") == 1
    assert phone.send(phone.choose(shown, "甲局"), RATED).status_code == 303
    assert parked(app)[0].duration is None


def test_changed_lead_answer__drops_what_is_no_longer_asked(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), department(app, asked_once(), ("甲局", "乙局"))
    lead = phone.begin(made.codes[0])
    page = phone.choose(phone.send(lead, {"leads": "yes"}))
    page = phone.send(page, RATED | {"_to": "0"})
    page = phone.choose(phone.send(page, {"leads": "no"}))
    assert phone.send(page, RATED | {"_finish": "1"}).status_code == 303
    assert all("rd_duty_clear" not in given for given in rated(app).values())


VISITS = st.lists(
    st.tuples(
        st.sampled_from(["next", "back", "choose"]),
        st.fixed_dictionaries(
            {},
            optional={
                "rd_contact": st.sampled_from(["often", "rarely", "none"]),
                "rd_overall": st.sampled_from(["vs", "s", "b"]),
                "rd_open": st.text('汉字 ab"<&\n', max_size=12),
            },
        ),
        st.sets(st.sampled_from(MANY), min_size=1, max_size=5),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(visits=VISITS)
def test_whatever_way_somebody_goes__what_is_stored_is_exactly_what_stood_on_the_pages(
    app: Flask, visits: list[tuple[str, dict[str, str], set[str]]]
) -> None:
    """The last thing typed on each chosen unit's page, and nothing else; a unit that is not known says only that."""
    phone, made = Phone(app.test_client()), department(app, units=MANY)
    page = phone.begin(made.codes[0])
    typed: dict[str, dict[str, str]] = {}
    known: set[str] = set()
    for way, values, names in visits:
        if offered_units(page):
            known = names & set(offered_units(page)) or set(list(offered_units(page))[:1])
            page = phone.choose(page, *known, _enough="1")
            while offered_units(page):
                page = phone.choose(page, *known, _enough="1")
        unit = next(name for name in MANY if f"对{name}的评价" in said(page))
        typed[unit] = values
        button = {"next": {}, "back": {"_to": ways_from(page)[0]}, "choose": {"_to": ways_from(page)[-1]}}[way]
        last = ">提交</button>" in page.text
        if way == "next" and last:
            button = {"_to": ways_from(page)[-1]}
        page = phone.send(page, values | button)
        assert page.status_code == 200
    if not offered_units(page):
        page = phone.send(page, typed_on(page) | {"_to": ways_from(page)[-1]})
    everything = offered_units(page)
    expected = {unit: cleaned(typed[unit]) for unit in known if cleaned(typed.get(unit, {}))}
    stored_before = len(parked(app))
    answer = phone.choose(page, *known, _finish="1")
    if not expected:
        assert answer.status_code == 422
        assert len(parked(app)) == stored_before
        return
    assert answer.status_code == 303
    names_by_id = names_of(app)
    sitting = next(one for one in parked(app) if one.collector_id == made.collector_id)
    stored = {names_by_id[unit]: given for unit, given in sitting.responses if unit is not None}
    assert stored == expected | {name: UNKNOWN for name in everything if name not in known}


def cleaned(values: dict[str, str]) -> dict[str, str]:
    """What the questionnaire keeps of it: nothing after the screening answer, texts trimmed."""
    kept = {name: value for name, value in values.items() if value.strip()}
    if kept.get("rd_contact") == "none":
        return {"rd_contact": "none"}
    return {name: value.strip() if name == "rd_open" else value for name, value in kept.items()}
