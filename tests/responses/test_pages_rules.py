"""Which pages a sitting has, which units it rates, what it becomes: pure rules."""

import copy
from collections import Counter
from datetime import UTC, date, datetime

import pytest

from survey_app.questionnaire.model import Questionnaire
from survey_app.responses.rules import Leaf, closing_moment, rated_units, responses_of, sitting_leaves
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


def test_sitting_over_units__has_one_page_a_unit_between_what_is_asked_once() -> None:
    assert sitting_leaves(questionnaire(), 2) == (Leaf(("unit",), 0), Leaf(("unit",), 1))
    assert sitting_leaves(questionnaire(before=True, after=True), 2) == (
        Leaf(("before",), None),
        Leaf(("unit",), 0),
        Leaf(("unit",), 1),
        Leaf(("after",), None),
    )


def test_sitting_about_one_unit__is_one_page() -> None:
    found = model_of(document_of("service_recipient"))
    assert sitting_leaves(found, 1) == (Leaf(tuple(section.id for section in found.sections), None),)


@pytest.mark.parametrize("units", [6, 8, 12, 23, 40])
def test_more_units_than_one_sitting_rates__are_covered_about_equally_often(units: int) -> None:
    chosen = [rated_units(questionnaire(max=5), units, order) for order in range(8)]
    assert all(len(set(window)) == 5 for window in chosen)
    covered = Counter(unit for window in chosen for unit in window)
    assert set(covered) == set(range(units))
    assert max(covered.values()) - min(covered.values()) <= 2


def test_units_in_random_order__come_in_several_orders_and_as_listed_in_one() -> None:
    drawn = {rated_units(questionnaire(order="random"), 4, order) for order in range(8)}
    assert len(drawn) > 3
    assert all(sorted(units) == [0, 1, 2, 3] for units in drawn)
    listed = {rated_units(questionnaire(order="as_listed"), 4, order) for order in range(8)}
    assert listed == {(0, 1, 2, 3)}


def test_finished_pages__become_one_response_a_unit_and_one_for_what_was_asked_once() -> None:
    leaves = sitting_leaves(questionnaire(before=True), 3)
    finished = {2: {"rd_contact": "none"}, 0: {"years": 3}, 1: {"rd_contact": "often"}, 3: {}}
    assert responses_of(leaves, finished, [70, 80, 90], None) == [
        (None, {"years": 3}),
        (70, {"rd_contact": "often"}),
        (80, {"rd_contact": "none"}),
    ]


def test_finished_pages_of_one_unit__become_its_response() -> None:
    leaves = sitting_leaves(model_of(document_of("service_recipient")), 1)
    assert responses_of(leaves, {0: {"sr_overall": "s"}}, [7], 7) == [(7, {"sr_overall": "s"})]


def test_last_day__ends_in_the_campaigns_own_time_zone() -> None:
    assert closing_moment(date(2026, 12, 20), "Asia/Shanghai") == datetime(2026, 12, 20, 16, tzinfo=UTC)
