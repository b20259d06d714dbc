"""Which pages a sitting has, which units it rates, what it becomes: pure rules."""

import copy
from collections import Counter
from datetime import UTC, date, datetime

import pytest

from survey_app.questionnaire.model import Questionnaire
from survey_app.responses.course import Leaf, drawn_units, path_of, place_of, responses_of, sitting_leaves
from survey_app.responses.rules import closing_moment
from tests.factories.respondents import document_of, model_of


def questionnaire(before: bool = False, after: bool = False, **repeat: object) -> Questionnaire:
    document = copy.deepcopy(document_of("related_department"))
    document["sections"][0]["repeat"] |= repeat
    note = {"id": "n", "type": "note", "text": "说明"}
    if before:
        document["sections"].insert(0, {"id": "before", "items": [note | {"id": "note_before"}]})
    if after:
        document["sections"].append({"id": "after", "items": [note | {"id": "note_after"}]})
    return model_of(document)


def test_sitting_over_units__has_a_page_to_choose_and_one_a_unit_between_what_is_asked_once() -> None:
    choosing, first, second = Leaf((), None, choosing=True), Leaf(("unit",), 0), Leaf(("unit",), 1)
    before, after = Leaf(("before",), None), Leaf(("after",), None)
    assert sitting_leaves(questionnaire(), 2) == (choosing, first, second)
    assert sitting_leaves(questionnaire(before=True, after=True), 2) == (before, choosing, first, second, after)
    assert sitting_leaves(questionnaire(), 1) == (first,)


def test_path__ends_with_the_choice_until_it_is_made_and_then_leads_through_what_was_chosen() -> None:
    leaves = sitting_leaves(questionnaire(before=True, after=True), 3)
    assert path_of(leaves, None) == (0, 1)
    assert path_of(leaves, (2, 4)) == (0, 1, 2, 4, 5)
    place = place_of(leaves, (2, 4), 4)
    assert (place.number, place.of, place.last, place.unit_follows, place.back, place.choosing) == (
        2,
        2,
        False,
        False,
        2,
        1,
    )
    assert place_of(leaves, None, 1).last is False
    assert place_of(leaves, (2, 4), 5).last


def test_sitting_about_one_unit__is_one_page() -> None:
    found = model_of(document_of("service_recipient"))
    assert sitting_leaves(found, 1) == (Leaf(tuple(section.id for section in found.sections), None),)


@pytest.mark.parametrize("units", [6, 8, 12, 23, 40])
def test_more_units_than_one_sitting_rates__are_covered_equally_often(units: int) -> None:
    codes = [f"u{at}" for at in range(units)]
    orders = [drawn_units(questionnaire(max=5), codes, (), order) for order in range(8)]
    assert all(sorted(order) == list(range(units)) for order in orders)
    covered = Counter(unit for order in orders for unit in order[:5])
    assert set(covered) == set(range(units))
    assert max(covered.values()) - min(covered.values()) <= 1


def test_units_in_random_order__come_in_several_orders_and_as_listed_in_one() -> None:
    codes = ["a", "b", "c", "d"]
    drawn = {drawn_units(questionnaire(order="random"), codes, (), order) for order in range(8)}
    assert len(drawn) > 3
    assert all(sorted(units) == [0, 1, 2, 3] for units in drawn)
    listed = {drawn_units(questionnaire(order="as_listed"), codes, (), order) for order in range(8)}
    assert listed == {(0, 1, 2, 3)}


def test_orders_fixed_at_opening__are_kept_and_only_those_asked_about_are_put_as_listed() -> None:
    fixed = [(3, 1, 2, 0)] * 8
    assert drawn_units(questionnaire(order="random", max=2), ["a", "b", "c", "d"], fixed, 5) == (3, 1, 2, 0)
    assert drawn_units(questionnaire(order="as_listed", max=2), ["a", "b", "c", "d"], fixed, 5) == (1, 3, 2, 0)


def test_finished_pages__become_one_response_a_unit_and_one_for_what_was_asked_once() -> None:
    leaves = sitting_leaves(questionnaire(before=True), 4)
    finished = {3: {"rd_contact": "none"}, 0: {"years": 3}, 2: {"rd_contact": "often"}, 4: {}}
    assert responses_of(leaves, finished, [70, 80, 90, 100], None, [5]) == [
        (None, {"years": 3}),
        (70, {"rd_contact": "often"}),
        (80, {"rd_contact": "none"}),
        (100, {"_known": "no"}),
    ]


def test_finished_pages_of_one_unit__become_its_response() -> None:
    leaves = sitting_leaves(model_of(document_of("service_recipient")), 1)
    assert responses_of(leaves, {0: {"sr_overall": "s"}}, [7], 7) == [(7, {"sr_overall": "s"})]


def test_last_day__ends_in_the_campaigns_own_time_zone() -> None:
    assert closing_moment(date(2026, 12, 20), "Asia/Shanghai") == datetime(2026, 12, 20, 16, tzinfo=UTC)
