"""Who is asked about which units: balanced over the campaign, the same everywhere, and counted beforehand."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.questionnaire.assignment import ORDERS, Assignment, assign, expected
from survey_app.questionnaire.setup import SetupDepartment

UNITS = [f"u{number:02}" for number in range(24)]


def department(code: str, raters: int, rates: list[str]) -> SetupDepartment:
    return SetupDepartment(code=code, name=code, raters=raters, rates=tuple(rates))


@st.composite
def campaigns(draw: st.DrawFn) -> tuple[list[SetupDepartment], int]:
    """Some departments with lists of their own, and how many units one sitting rates."""
    most = draw(st.integers(1, 6))
    lists = st.lists(st.sampled_from(UNITS), min_size=1, max_size=min(len(UNITS), ORDERS * most), unique=True)
    made = [
        department(f"d{number:02}", draw(st.integers(1, 6)), draw(lists)) for number in range(draw(st.integers(1, 12)))
    ]
    return made, most


def asked(assignment: Assignment, code: str) -> Counter[str]:
    """How many of the eight orders ask a department about each unit, counted in the orders themselves."""
    return Counter(unit for order in assignment.orders[code] for unit in order[: assignment.most])


@settings(max_examples=150, deadline=None)
@given(campaigns())
def test_orders__hold_every_unit_once_and_ask_about_each_as_often_as_they_say(
    campaign: tuple[list[SetupDepartment], int],
) -> None:
    departments, most = campaign
    assignment = assign(departments, most)
    assert assign(departments, most) == assignment
    for one in departments:
        orders = assignment.orders[one.code]
        assert len(orders) == ORDERS
        assert all(sorted(order) == sorted(one.rates) for order in orders)
        assert asked(assignment, one.code) == Counter(assignment.times[one.code])
        assert all(1 <= times <= ORDERS for times in assignment.times[one.code].values())
        assert sum(assignment.times[one.code].values()) == ORDERS * min(most, len(one.rates))


@settings(max_examples=150, deadline=None)
@given(campaigns())
def test_units__differ_by_one_place_at_most_wherever_a_place_could_move(
    campaign: tuple[list[SetupDepartment], int],
) -> None:
    """Places of all departments together, each weighing as many people as the department sends."""
    departments, most = campaign
    assignment = assign(departments, most)
    totals: Counter[str] = Counter()
    for one in departments:
        for unit, times in assignment.times[one.code].items():
            totals[unit] += times * one.raters
    for one in departments:
        times = assignment.times[one.code]
        could_give = [totals[unit] for unit in times if times[unit] > 1]
        could_take = [totals[unit] for unit in times if times[unit] < ORDERS]
        if could_give and could_take:
            assert max(could_give) - min(could_take) <= one.raters


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(1, 6), st.integers(1, 24), st.integers(1, 5))
def test_same_list_for_every_department__gives_every_unit_the_same_but_for_one(
    departments: int, most: int, units: int, raters: int
) -> None:
    units = min(units, ORDERS * most)
    made = [department(f"d{number:02}", raters, UNITS[:units]) for number in range(departments)]
    totals: Counter[str] = Counter()
    for one in made:
        totals.update(asked(assign(made, most), one.code))
    assert max(totals.values()) - min(totals.values()) <= 1


def test_unit_that_few_departments_rate__is_asked_about_by_more_of_their_people() -> None:
    rare, common = "u00", UNITS[1:11]
    few = [department(f"f{number}", 3, [rare, *common]) for number in range(5)]
    many = [department(f"m{number:02}", 3, common) for number in range(15)]
    assignment = assign([*few, *many], 5)
    assert [assignment.times[one.code][rare] for one in few] == [ORDERS] * 5
    assert expected(few, rare, assignment, 1.0).sure_departments == 5


def test_units_that_nobody_leaves_out__are_asked_about_in_every_order() -> None:
    made = [department("d1", 2, UNITS[:3]), department("d2", 2, UNITS[:5])]
    assignment = assign(made, 5)
    assert set(assignment.times["d1"].values()) == set(assignment.times["d2"].values()) == {ORDERS}
    assert len(set(assignment.orders["d2"])) > 3
    found = expected(made, "u00", assignment, 1.0)
    assert (found.departments, found.responses, found.sure_departments) == (2.0, 4.0, 2)


def test_expectation__is_what_independent_draws_give() -> None:
    # 10 units, 2 a sitting, one department of 3: 1.6 of 8 orders on average. A unit with 2 of 8: 1 - (3/4)^3.
    made = [department("d", 3, UNITS[:10])]
    assignment = assign(made, 2)
    twice = next(unit for unit, times in assignment.times["d"].items() if times == 2)
    found = expected(made, twice, assignment, 1.0)
    assert found.departments == pytest.approx(1 - 0.75**3)
    assert found.responses == pytest.approx(0.75)
    assert found.sure_departments == 0
    low = expected(made, twice, assignment, 0.6)
    assert low.departments == pytest.approx(1 - (1 - 0.6 * 0.25) ** 3)
    assert low.responses == pytest.approx(0.45)


def test_departments_that_are_sure__are_those_of_nineteen_campaigns_in_twenty() -> None:
    # Ten departments that each take part with probability 1/2: P(N < 2) = 11/1024, P(N < 3) = 56/1024 > .05.
    made = [department(f"d{number}", 1, UNITS[:4]) for number in range(10)]
    assignment = assign(made, 2)
    assert expected(made, "u00", assignment, 1.0).sure_departments == 2
