"""What a rehearsal finds follows from what was planted: more people, more groups; no differences, no groups."""

import gc
import math
from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import cache

import numpy as np
import pytest

from analysis.cautions import Code
from analysis.simulation.rehearsal import DRAWS, LEAST_DRAWS, Rehearsal, affordable_draws, rehearse
from analysis.simulation.rehearsal_findings import IndicatorFindings
from analysis.simulation.rehearsal_separation import ComparisonFindings, groups_of, strata
from analysis.simulation.rehearsal_setting import default_behaviours
from analysis.spec import MinValid, WithholdGates
from tests.analysis.simulation.rehearsal_settings import MINIMA, assumptions, of_departments, of_staff


@pytest.fixture(autouse=True, scope="module")
def frozen() -> Iterator[None]:
    """A library collects garbage at every comparison, and searches all that the test session holds."""
    gc.freeze()
    yield
    gc.unfreeze()


@cache
def of(asked: int, spread: float = 5.0, draws: int = 10) -> Rehearsal:
    return rehearse(of_staff(asked, units=8), assumptions(spread=spread), draws=draws, seed=3)


def one(found: Rehearsal) -> tuple[IndicatorFindings, ComparisonFindings]:
    return found.indicators[0], found.indicators[0].comparisons[0]


def test_more_respondents__give_narrower_intervals_more_reliability_and_more_groups() -> None:
    (few, apart_by_few), (many, apart_by_many) = one(of(20)), one(of(600))
    assert few.answers.value < 20 < many.answers.value < 600
    # A half width goes with the root of the number.
    assert few.half_width.value / many.half_width.value == pytest.approx(math.sqrt(30), rel=0.3)
    assert apart_by_few.reliability < 0.75 < 0.97 < apart_by_many.reliability
    assert apart_by_few.strata.value < apart_by_many.strata.value
    assert apart_by_few.groups == 1
    assert apart_by_many.groups >= 4
    assert apart_by_few.pairs_apart.value < apart_by_many.pairs_apart.value
    assert apart_by_few.rank_width.value > apart_by_many.rank_width.value
    assert apart_by_few.places_apart is None
    assert apart_by_many.places_apart <= 4
    assert apart_by_few.needed.more > 0
    assert apart_by_many.needed.more == 0
    assert few.needed.more > 0
    assert many.needed.more == 0


def test_no_differences_between_units__is_one_group_whatever_the_numbers() -> None:
    _, apart = one(of(200, 0.0))
    assert (apart.groups, apart.spread, apart.reliability) == (1, 0.0, 0.0)
    assert apart.strata.value == pytest.approx(1 / 3)
    assert apart.needed.more is None
    assert apart.varied == ()
    assert apart.pairs_apart.value < 0.05


def test_larger_differences__are_seen_as_other_groups_of_the_same_errors() -> None:
    _, apart = one(of(60))
    assert [varied.factor for varied in apart.varied] == [0.5, 1.0, 2.0]
    assert apart.varied[1].groups == apart.groups
    assert apart.varied[1].reliability == pytest.approx(apart.reliability)
    assert [varied.spread / apart.spread for varied in apart.varied] == pytest.approx([0.5, 1.0, 2.0])
    assert apart.varied[0].groups <= apart.groups <= apart.varied[2].groups
    # What was computed from the same errors is what a rehearsal with that spread finds.
    _, wider = one(of(60, 10.0))
    assert wider.reliability == pytest.approx(apart.varied[2].reliability, abs=0.03)


def test_same_seed__gives_the_same_numbers_and_more_draws_begin_with_the_same_campaigns() -> None:
    setting, assumed = of_staff(30, units=3), assumptions()
    first, again, other = (rehearse(setting, assumed, draws=3, seed=seed) for seed in (1, 1, 2))
    assert asdict(first) == asdict(again)
    assert asdict(first) != asdict(other)
    played: list[None] = []
    rehearse(setting, assumed, draws=2, played=lambda: played.append(None))
    assert len(played) == 2


def test_intervals__hold_the_truth_about_as_often_as_they_say() -> None:
    found, _ = one(of(60))
    # 80 intervals: 95 % less three Monte Carlo errors.
    for covered in (found.coverage, found.coverage_total, found.coverage_process):
        assert covered.value > 0.87
    assert found.coverage_total.value >= found.coverage.value
    assert abs(found.bias.value) < 1.0


def test_narrow_intervals__hold_the_truth_as_often_as_they_say() -> None:
    setting = of_staff(60, units=8)
    setting = replace(setting, plan=replace(setting.plan, confidence=0.5))
    found = rehearse(setting, assumptions(), draws=15).indicators[0]
    # 120 intervals; the total ones are widened by what other rules would give.
    assert found.coverage.value == pytest.approx(0.5, abs=0.14)
    assert found.coverage_process.value == pytest.approx(0.5, abs=0.14)
    assert found.coverage_total.value >= found.coverage.value


def test_too_few_departments__are_not_scored_and_fewer_than_a_cell_are_not_shown() -> None:
    setting = replace(of_departments(5, units=3), plan=replace(of_departments(5).plan, gates=MINIMA))
    enough = rehearse(setting, assumptions(), draws=4).indicators[0]
    assert enough.statuses["not_scored"].value == 0
    assert enough.answers.value == 5
    minima = replace(MINIMA, withhold=WithholdGates({"related_department": MinValid(departments=6)}))
    lacking = rehearse(replace(setting, plan=replace(setting.plan, gates=minima)), assumptions(), draws=4).indicators[0]
    assert lacking.statuses["not_scored"].value == 1
    assert lacking.reasons[0].code == Code.TOO_FEW_DEPARTMENTS
    assert (lacking.reasons[0].threshold, lacking.reasons[0].share.value) == (6, 1)
    assert lacking.comparisons[0].status == "too_few_scored"
    few = rehearse(of_departments(4, units=3), assumptions(), draws=4).indicators[0]
    assert few.statuses["suppressed"].value == 1
    assert few.reasons[0].code == Code.TOO_FEW_TO_SHOW


def test_few_departments__are_shown_rounded_and_so_not_compared() -> None:
    apart = rehearse(of_departments(7, units=4), assumptions(), draws=4).indicators[0].comparisons[0]
    assert apart.status == "ok"
    assert apart.compared.value == 0
    assert apart.reliable.value == 0
    assert (
        rehearse(of_departments(12, units=4), assumptions(), draws=4).indicators[0].comparisons[0].compared.value == 4
    )


def test_more_departments__bring_a_unit_to_the_margin_that_is_asked_for() -> None:
    few = rehearse(of_departments(10, raters=1), assumptions(), draws=8).indicators[0]
    assert few.half_width.value > 5
    more = rehearse(of_departments(10 + few.needed.more, raters=1), assumptions(), draws=8).indicators[0]
    assert more.half_width.value == pytest.approx(5.0, abs=0.6)


def test_one_unit_of_a_kind__has_nothing_to_be_compared_with() -> None:
    found = rehearse(of_staff(40, units=3, categories=2), assumptions(), draws=3).indicators[0]
    assert [(apart.category, apart.status, apart.units) for apart in found.comparisons] == [
        ("kind 0", "ok", 2),
        ("kind 1", "one_unit", 1),
    ]
    assert found.comparisons[1].groups is None


def test_difference__that_is_found_with_80_percent_power__is_found_four_times_in_five() -> None:
    _, apart = one(of(60))
    rng = np.random.default_rng(1)
    assert apart.difference < apart.difference_of_all
    # Two units that far apart, with the error of this rehearsal, against the test at 5 %.
    se = apart.difference / (1.98 + 0.846) / math.sqrt(2)
    seen = rng.normal(apart.difference, se * math.sqrt(2), 20_000)
    assert np.mean(seen > 1.98 * se * math.sqrt(2)) == pytest.approx(0.80, abs=0.01)
    assert se == pytest.approx(apart.error, rel=0.25)


def test_careless_answers__are_found_and_counted_against_what_was_planted() -> None:
    found = rehearse(of_staff(300, units=4), assumptions(), draws=6).quality[0]
    assert found.n.value == 1200
    assert found.careless.value == pytest.approx(0.08, abs=0.015)
    assert found.found.value > 0.7
    assert found.false_rate.value < 0.01
    assert found.false_exclusions.value == pytest.approx(found.false_rate.value * 1200 * (1 - found.careless.value))
    nobody = {name: replace(how, careless=0.0) for name, how in default_behaviours().items()}
    clean = rehearse(of_staff(300, units=4), assumptions(behaviours=nobody), draws=3).quality[0]
    assert clean.careless.value == 0
    assert clean.found.value is None


def test_many_careless_answers__withhold_scores() -> None:
    gates = replace(MINIMA, withhold=replace(MINIMA.withhold, exclusion_shift_above=1.0))
    sloppy = {name: replace(how, careless=0.35) for name, how in default_behaviours().items()}
    found = rehearse(of_staff(60, units=4, gates=gates), assumptions(behaviours=sloppy), draws=5).indicators[0]
    assert found.withheld.value > 0.3
    assert found.withheld.value == pytest.approx(found.statuses["not_scored"].value)
    assert rehearse(of_staff(60, units=4), assumptions(), draws=5).indicators[0].withheld.value == 0


def test_exclusions_that_take_a_unit_below_the_minimum__count_as_withholding_by_careless_answers() -> None:
    gates = replace(MINIMA, withhold=WithholdGates({"staff": MinValid(40)}))
    found = rehearse(of_staff(40, units=4, gates=gates), assumptions(), draws=5).indicators[0]
    assert found.withheld.value == pytest.approx(found.statuses["not_scored"].value)
    assert found.withheld.value > 0.5


def test_audience_that_a_unit_leaves_out__counts_among_no_share() -> None:
    setting = of_staff(40, units=4)
    units = (*setting.units[:3], replace(setting.units[3], audiences=()))
    setting = replace(setting, units=units, doors=setting.doors[:3], population={})
    found = rehearse(setting, assumptions(), draws=3).indicators[0]
    assert found.units == 3
    assert [unit.unit for unit in found.per_unit] == ["u0", "u1", "u2"]
    assert sum(share.value for share in found.statuses.values()) == pytest.approx(1)


def test_open_link__has_no_interval_and_no_comparison() -> None:
    setting = of_staff(50, units=3)
    doors = tuple(replace(door, open_link=True, members=None) for door in setting.doors)
    found = rehearse(replace(setting, doors=doors, population={}), assumptions(), draws=3).indicators[0]
    assert found.half_width.value is None
    assert found.coverage.value is None
    assert found.comparisons[0].compared.value == 0
    assert {reason.code for reason in found.reasons} >= {Code.NON_PROBABILITY}


def test_campaign_without_doors__is_said_in_statuses() -> None:
    found = rehearse(replace(of_staff(50, units=3), doors=()), assumptions(), draws=2)
    assert found.quality == ()
    assert found.indicators[0].statuses["suppressed"].value == 1
    assert found.indicators[0].rmse is None


def test_groups__are_counted_until_too_few_land_in_their_own() -> None:
    truth = np.tile(np.arange(12.0), (50, 1))
    there = np.ones(truth.shape, dtype=bool)
    assert groups_of(truth, truth, there).number == 12
    noise = np.random.default_rng(0).normal(0, 1000, truth.shape)
    assert groups_of(truth, truth + noise, there).number == 1
    # Neighbours change places: the halves stay, of the thirds all, of the sixths all, of single places none.
    swapped = truth.reshape(50, 6, 2)[:, :, ::-1].reshape(50, 12)
    found = groups_of(truth, swapped, there)
    assert found.number == 3
    assert found.landed.value == 1
    assert found.following.value < 0.8
    assert found.least == found.most == 3


def test_strata__follow_wright() -> None:
    assert strata(2.0) == pytest.approx(3.0)
    assert strata(math.sqrt(0.7 / 0.3)) == pytest.approx(2.37, abs=0.005)
    assert strata(0.0) == pytest.approx(1 / 3)


def test_draws__are_fewer_where_campaigns_are_large_and_never_more_than_wanted() -> None:
    small, large = of_staff(40), of_staff(400_000, members=400_000)
    assert affordable_draws(small, assumptions()) == DRAWS
    assert affordable_draws(small, assumptions(), 7) == 7
    assert affordable_draws(large, assumptions()) == LEAST_DRAWS
    assert affordable_draws(of_staff(10_000, members=10_000), assumptions()) == 50
    with pytest.raises(ValueError, match="cannot be played"):
        rehearse(small, assumptions(), draws=0)


def test_monte_carlo_error__of_a_share_is_that_of_campaigns_not_of_units() -> None:
    found, apart = one(of(60))
    assert 0 < found.coverage.error < 0.05
    assert apart.strata.error > 0
    alone = rehearse(of_staff(30, units=3), assumptions(), draws=1).indicators[0]
    assert alone.coverage.error is None
    assert alone.comparisons[0].strata.error is None
