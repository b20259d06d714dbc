"""lambda of units: against metafor and uniroot in R, statsmodels, simulation; the edges; how many more answers."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.meta_analysis import combine_effects

from analysis.agreement.unit_reliability import answers_needed, reliabilities_from_sums, unit_reliabilities
from analysis.agreement.units import UnitSums, unit_sums
from analysis.estimate import Status
from tests.analysis.goldens.agreement import COMPANIES, company, lead
from tests.analysis.goldens.data import golden

MEANS = np.array([62.1, 70.4, 55.3, 81.0, 66.6, 73.9])
VARIANCES = np.array([4.1, 9.0, 2.5, 16.2, 6.3, 3.3])
FIVE = np.full(6, 5)


def sums_of(*rows: list[float]) -> UnitSums:
    unit = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    return unit_sums(np.concatenate([np.array(row, dtype=float) for row in rows]), unit, len(rows))


def test_variance_between__of_real_units__is_metafors() -> None:
    found = reliabilities_from_sums(unit_sums(lead().mean(axis=1), company(), COMPANIES))
    metafor = golden("lq2002_lead", "eb.PM")
    assert found.tau2 == pytest.approx(metafor["tau2"], abs=1e-9)
    assert found.mean == pytest.approx(metafor["mu"], abs=1e-9)
    variance = golden("lq2002_lead", "unit.se")["2"] ** 2
    assert found.units[0].value == pytest.approx(metafor["tau2"] / (metafor["tau2"] + variance), abs=1e-9)
    assert (found.status, found.units[0].n) == (Status.OK, 24)


def test_variance_between__and_its_limits__are_the_roots_that_r_finds() -> None:
    found = unit_reliabilities(MEANS, VARIANCES, FIVE)
    # R: uniroot(function(t) q(t) - c, c(0, 5000), tol = 1e-12) for c = 5 and qchisq(c(.975, .025), 5)
    assert [found.tau2, found.lo, found.hi] == pytest.approx(
        [73.519773781922, 24.320459915793, 481.8190228641], rel=1e-9
    )
    first = found.units[0]
    assert [first.lo, first.value, first.hi] == pytest.approx([t / (t + 4.1) for t in (found.lo, found.tau2, found.hi)])


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**6), st.integers(3, 20))
def test_variance_between__ordinary_units__is_that_of_statsmodels(seed: int, units: int) -> None:
    rng = np.random.default_rng(seed)
    variances = np.exp(rng.normal(size=units))
    means = rng.normal(size=units) * np.sqrt(variances + 1)
    ours = unit_reliabilities(means, variances, np.full(units, 9)).tau2
    assert ours == pytest.approx(float(combine_effects(means, variances, method_re="iterated").tau2), abs=1e-4)


def test_finite_population__reliability__is_the_squared_correlation_with_the_means_of_these_people() -> None:
    rng, found, truth = np.random.default_rng(2), [], []
    for _ in range(60):
        people = rng.normal(60, 4, (150, 1)) + rng.normal(0, 15, (150, 20))
        asked = people[:, :10]
        sums = unit_sums(asked.ravel(), np.repeat(np.arange(150), 10), 150)
        both = [reliabilities_from_sums(sums, sizes, pooled=True) for sizes in (np.full(150, 20.0), None)]
        found.append([np.mean([unit.value for unit in own.units]) for own in both])
        truth.append([np.corrcoef(asked.mean(axis=1), people.mean(axis=1))[0, 1] ** 2, 16 / (16 + 22.5)])
    assert np.mean(found, axis=0) == pytest.approx(np.mean(truth, axis=0), abs=0.03)
    # as far apart as 10 of 20 people make them
    assert np.mean(found, axis=0) == pytest.approx([0.708, 0.416], abs=0.03)


def test_limits__of_the_variance_between__cover_it() -> None:
    rng, hits = np.random.default_rng(5), 0
    for _ in range(600):
        variances = rng.uniform(4, 40, 12)
        found = unit_reliabilities(rng.normal(0, np.sqrt(variances + 16)), variances, np.full(12, 9), level=0.9)
        hits += found.lo <= 16 <= found.hi
    # exact for normal means; 600 draws know a share to .012
    assert 0.86 < hits / 600 < 0.94


def test_no_signal__units_as_far_apart_as_chance__is_zero_for_all_and_says_so() -> None:
    found = unit_reliabilities(np.array([50.0, 51, 49, 50.5]), np.array([4.0, 5, 3, 0.0]), np.full(4, 9))
    assert (found.tau2, found.status) == (0.0, Status.WARN_NO_BETWEEN_VARIANCE)
    assert {(unit.value, unit.status) for unit in found.units} == {(0.0, Status.WARN_NO_BETWEEN_VARIANCE)}
    assert found.mean == 50.5  # the unit known without error
    assert found.lo == 0.0


def test_no_signal__edge_case_of_equal_unit_means__shrinks_all_to_the_grand_mean() -> None:
    cases = json.loads((Path(__file__).parents[1] / "golden/edge_cases.json").read_text("utf-8"))
    case = next(case for case in cases if case["id"] == "between_variance_negative")
    found = reliabilities_from_sums(sums_of(*case["data"]))
    assert found.tau2 == case["expect"]["tau2_DL"] == 0.0
    assert (found.mean, found.status) == (70.0, Status.WARN_NO_BETWEEN_VARIANCE)
    assert {unit.value for unit in found.units} == {0.0}


def test_equal_means__census_or_not__are_no_signal() -> None:
    for variances in (np.zeros(3), np.ones(3)):
        found = unit_reliabilities(np.full(3, 0.1) + 1e-18, variances, np.full(3, 9))
        assert (found.tau2, found.lo, found.status) == (0.0, None, Status.WARN_NO_BETWEEN_VARIANCE)


def test_census__all_answered__is_perfectly_reliable_for_these_people_only() -> None:
    sums = sums_of([60, 70, 80], [30, 40], [90, 80, 100], [55])
    of_people = reliabilities_from_sums(sums, np.array([3.0, 2.0, 6.0, 1.0]))
    assert [unit.value for unit in of_people.units][:2] == [1.0, 1.0]
    assert [unit.status for unit in of_people.units] == [Status.OK] * 4
    assert of_people.units[3].value == 1.0  # the only person there is
    of_process = reliabilities_from_sums(sums)
    assert all(unit.value < 1 for unit in of_process.units[:3])
    assert of_process.units[3].status is Status.UNDEFINED_ONE_RESPONSE


def test_pooled_variance__small_units__have_a_reliability_that_grows_with_n() -> None:
    sums = sums_of([60, 70, 80, 66], [40], [90, 90], [])
    single = reliabilities_from_sums(sums)
    assert (single.units[2].value, single.units[2].status) == (1.0, Status.WARN_NO_VARIATION)
    found = reliabilities_from_sums(sums, pooled=True)
    within = sums.pooled_variance()
    assert [unit.detail["error_variance"] for unit in found.units[:3]] == pytest.approx(
        [within / 4, within, within / 2]
    )
    assert found.units[0].value > found.units[2].value > found.units[1].value > 0
    assert found.units[3].status is Status.UNDEFINED_NO_RESPONSES


def test_more_answers_than_people__has_no_reliability_and_counts_nowhere() -> None:
    rows = ([60, 70, 80], [30, 40, 45], [90, 80, 100])
    with_wrong = reliabilities_from_sums(sums_of(*rows, [1, 99, 5]), np.array([9.0, 9, 9, 2]))
    assert with_wrong.units[3].status is Status.UNDEFINED_FRAME_TOO_SMALL
    assert with_wrong.tau2 == reliabilities_from_sums(sums_of(*rows), np.array([9.0, 9, 9])).tau2


def test_one_unit__with_a_variance__is_not_enough() -> None:
    found = reliabilities_from_sums(sums_of([60, 70], [30], []))
    assert (found.tau2, found.mean, found.status) == (None, None, Status.UNDEFINED_ONE_UNIT)
    assert [unit.status for unit in found.units] == [
        Status.UNDEFINED_ONE_UNIT, Status.UNDEFINED_ONE_RESPONSE, Status.UNDEFINED_NO_RESPONSES,
    ]  # fmt: skip


def test_reliabilities__arrays_that_do_not_fit__are_a_wrong_call() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        unit_reliabilities(MEANS, VARIANCES[:2], FIVE)
    with pytest.raises(ValueError, match="negative"):
        unit_reliabilities(MEANS, -VARIANCES, FIVE)
    with pytest.raises(ValueError, match="sizes"):
        reliabilities_from_sums(sums_of([1, 2], [2, 3]), np.ones(3))


@settings(deadline=None)
@given(st.floats(0.1, 50), st.floats(0, 900), st.floats(0.1, 0.95), st.integers(1, 400), st.booleans(), st.floats(0, 5))
def test_answers_needed__the_number_found__is_the_least_that_reaches_the_target(
    signal: float, per_answer: float, target: float, population: int, finite: bool, fixed: float
) -> None:
    found = answers_needed(signal, per_answer, target=target, population=population, finite=finite, fixed_error=fixed)

    def reliability(n: float) -> float:
        return signal / (signal + fixed + per_answer * (1 / n - (1 / population if finite else 0)))

    if found.value is None:
        assert found.status is Status.UNDEFINED_OUT_OF_REACH
        assert reliability(population) < target + 1e-9
        assert found.detail["at_all"] == pytest.approx(reliability(population))
    else:
        total = int(found.value)
        assert reliability(total) >= target - 1e-9
        assert total == 1 or reliability(total - 1) < target + 1e-9


def test_answers_needed__lambda_of_a_department__is_counted_in_people_still_to_ask() -> None:
    # tau 8, s 15: .70 wants an error of 27.4, that is 8.2 of many people, or 6.2 of 25
    assert answers_needed(64, 225, answered=5).value == math.ceil(225 / (64 * 3 / 7)) - 5 == 4
    of_people = answers_needed(64, 225, answered=5, population=25)
    assert (of_people.value, of_people.detail["total"], of_people.n) == (2.0, 7.0, 5)
    assert answers_needed(64, 225, answered=20).value == 0


def test_answers_needed__process_of_a_small_unit__is_out_of_reach_even_if_all_answer() -> None:
    found = answers_needed(16, 225, answered=10, population=20, finite=False)
    assert (found.value, found.status) == (None, Status.UNDEFINED_OUT_OF_REACH)
    assert found.detail["at_all"] == pytest.approx(16 / (16 + 225 / 20))
    # of these 20 people: 225/(16 * 3/7 + 225/20) = 12.4
    assert answers_needed(16, 225, answered=10, population=20).value == 3


def test_answers_needed__no_signal_or_wrong_frame__is_a_status() -> None:
    assert answers_needed(0, 225).status is Status.UNDEFINED_OUT_OF_REACH
    assert answers_needed(16, 225, answered=30, population=20).status is Status.UNDEFINED_FRAME_TOO_SMALL
    assert answers_needed(16, 225, population=0).status is Status.UNDEFINED_NO_RESPONSES
    with pytest.raises(ValueError, match="no question"):
        answers_needed(16, 225, target=1.0)
