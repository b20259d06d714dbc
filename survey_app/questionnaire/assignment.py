"""Which units one sitting of a related department is asked about (评价任务分配), where one person cannot rate them all:
eight drawn orders for each department, balanced over the whole campaign.

Knows set-ups only: who answers, and which of the eight orders they will draw, is chance. What must stay true: the same
set-up gives the same orders on every machine; every order begins with as many units as one sitting rates; nothing here
depends on a person, a card or the time.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from survey_app.questionnaire.base import Audience
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.order import ORDERS, shuffled
from survey_app.questionnaire.setup import CampaignSetup, SetupDepartment

# One department's list in each of the eight orders: the first ones are asked about, the rest take the place of units
# that somebody does not know, in this order.
Orders = tuple[tuple[str, ...], ...]


# What a campaign should stand: that only so many of the raters answer.
LOW_RETURN = 0.6
# More departments than this are not told apart: nobody's rule asks for them.
_MANY = 50


@dataclass(frozen=True)
class Assignment:
    """The orders of every department, and how many of the eight ask it about each of its units.

    most: how many units one sitting rates at most.
    """

    most: int
    orders: Mapping[str, Orders]
    times: Mapping[str, Mapping[str, int]]

    def chance(self, department: str, unit: str) -> float:
        """How likely one sitting of the department is asked about the unit."""
        return self.times[department][unit] / ORDERS


@dataclass(frozen=True)
class Expected:
    """What a unit can expect when a share of the raters answers: the mean, and the departments in 19 of 20 campaigns.

    Orders are drawn independently, so that a department may by chance not be asked about one of its units at all.
    """

    departments: float
    responses: float
    sure_departments: int


def most_units(questionnaire: Questionnaire) -> int | None:
    """How many units one sitting rates at most; None where a questionnaire does not repeat over units."""
    repeated = questionnaire.repeated_section()
    return None if repeated is None or repeated.repeat is None else repeated.repeat.max


def fewest_units(questionnaires: Iterable[Questionnaire], audience: Audience = "related_department") -> int | None:
    """The smallest `most_units` of an audience's questionnaires; None where none of them repeats over units."""
    found = [most_units(questionnaire) for questionnaire in questionnaires if questionnaire.audience == audience]
    return min((most for most in found if most is not None), default=None)


def assign(departments: Sequence[SetupDepartment], most: int) -> Assignment:
    """The orders of all departments together.

    Every unit stands among the first `most` of at least one order of each department that rates it, as far as eight
    orders have room. The places that are left go to the units that are asked about least over the campaign; at the end
    none of them could move, within a department, to a unit that is at least one whole place of it behind.
    """
    lists = {department.code: tuple(dict.fromkeys(department.rates)) for department in departments}
    raters = {department.code: department.raters for department in departments}
    times = _times(lists, raters, most)
    return Assignment(most, {code: _orders(code, rates, times[code], most) for code, rates in lists.items()}, times)


def expected(departments: Collection[SetupDepartment], unit: str, assignment: Assignment, returned: float) -> Expected:
    """What comes back about a unit when each rater answers with this chance. departments: those that rate the unit."""
    missed = [
        (1 - returned * assignment.chance(department.code, unit)) ** department.raters for department in departments
    ]
    responses = sum(
        department.raters * returned * assignment.chance(department.code, unit) for department in departments
    )
    return Expected(sum(1 - nobody for nobody in missed), responses, _surely(missed))


def expected_by_unit(
    setup: CampaignSetup, questionnaires: Iterable[Questionnaire], returned: float
) -> dict[str, Expected]:
    """For every unit that a department may have to leave out of a sitting; empty where every sitting rates all."""
    most = fewest_units(questionnaires)
    if most is None:
        return {}
    short = {code for one in setup.departments if len(set(one.rates)) > most for code in one.rates}
    assignment = assign(setup.departments, most)
    return {
        unit.code: expected(setup.departments_rating(unit.code), unit.code, assignment, returned)
        for unit in setup.units
        if unit.code in short and "related_department" in unit.audiences
    }


def _times(lists: Mapping[str, tuple[str, ...]], raters: Mapping[str, int], most: int) -> dict[str, dict[str, int]]:
    """How many of its eight orders each department gives to each unit; together 8 · most, or all eight to all."""
    totals = {unit: 0 for rates in lists.values() for unit in rates}
    times: dict[str, dict[str, int]] = {}
    left: dict[str, int] = {}
    for code, rates in lists.items():
        # More units than eight sittings of different orders can hold: which ones are left out is chance too.
        once = rates if len(rates) <= ORDERS * most else shuffled(rates, "once", code)[: ORDERS * most]
        every = ORDERS if len(rates) <= most else 1
        times[code] = dict.fromkeys(rates, 0) | dict.fromkeys(once, every)
        left[code] = 0 if every == ORDERS else ORDERS * most - len(once)
        for unit in once:
            totals[unit] += every * raters[code]
    place = {
        code: {unit: at for at, unit in enumerate(shuffled(rates, "place", code))} for code, rates in lists.items()
    }
    while any(left.values()):
        for code in [code for code, more in left.items() if more]:
            own = times[code]
            unit = min(
                (unit for unit, given in own.items() if given < ORDERS),
                key=lambda unit: (totals[unit], own[unit], place[code][unit]),  # used at once
            )
            own[unit] += 1
            totals[unit] += raters[code]
            left[code] -= 1
    _level(times, totals, raters)
    return times


def _level(times: dict[str, dict[str, int]], totals: dict[str, int], raters: Mapping[str, int]) -> None:
    """Move places within departments as long as that brings two units closer; the sum of squares falls each time."""
    moved = True
    while moved:
        moved = False
        for code, own in times.items():
            while True:
                rich = max((unit for unit, given in own.items() if given > 1), key=totals.__getitem__, default=None)
                poor = min(
                    (unit for unit, given in own.items() if 0 < given < ORDERS), key=totals.__getitem__, default=None
                )
                if rich is None or poor is None or totals[rich] - totals[poor] <= raters[code]:
                    break
                own[rich] -= 1
                own[poor] += 1
                totals[rich] -= raters[code]
                totals[poor] += raters[code]
                moved = True


def _orders(code: str, rates: tuple[str, ...], times: Mapping[str, int], most: int) -> Orders:
    """Eight orders in which each unit stands among the first `most` as often as it should.

    Unit by unit, into the orders that have most room left: the room never differs by more than one place, so it
    comes out exactly, whatever the order of the units.
    """
    if len(rates) <= most:
        return tuple(shuffled(rates, "order", code, number) for number in range(ORDERS))
    asked: list[list[str]] = [[] for _ in range(ORDERS)]
    for unit in shuffled(rates, "unit", code):
        by_chance = shuffled(range(ORDERS), "into", code, unit)
        for number in sorted(by_chance, key=lambda number: len(asked[number]))[: times[unit]]:
            asked[number].append(unit)
    found = []
    for number, units in enumerate(asked):
        rest = [unit for unit in rates if unit not in set(units)]
        found.append(shuffled(units, "order", code, number) + shuffled(rest, "instead", code, number))
    return tuple(found)


def _surely(missed: Sequence[float]) -> int:
    """The most departments that take part with a probability of at least .95, each missing by its own chance."""
    exactly = [1.0]  # probabilities of 0, 1, 2 … departments
    for nobody in missed:
        with_one = [0.0, *(chance * (1 - nobody) for chance in exactly)]
        exactly = [without * nobody + one for without, one in zip([*exactly, 0.0], with_one, strict=True)]
        del exactly[_MANY + 1 :]
    below, sure = 0.0, 0
    for count, chance in enumerate(exactly):
        if below > 0.05:
            break
        sure = count
        below += chance
    return sure
