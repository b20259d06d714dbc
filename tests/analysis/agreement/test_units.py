"""ICC of units from sums: R's analysis of variance, the edge cases, bounds, what adding and moving answers changes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.agreement.units import icc1, icc2, one_way, unit_sums
from analysis.estimate import Status

CASES = {
    case["id"]: case for case in json.loads((Path(__file__).parents[1] / "golden/edge_cases.json").read_text("utf-8"))
}


def units(rows: list[list[float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate(rows).astype(float), np.repeat(np.arange(len(rows)), [len(row) for row in rows])


def anova_of(rows: list[list[float]]) -> Any:
    y, unit = units(rows)
    return one_way(unit_sums(y, unit, len(rows)))


def answers(seed: int, sizes: tuple[int, ...] = (1, 4, 9, 6, 2)) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(len(sizes)), sizes)
    return rng.integers(1, 6, len(unit)).astype(float) + (unit == 2), unit


def test_unit_of_one__among_others__stays_in_the_analysis() -> None:
    case = CASES["unit_of_size_1_in_icc"]
    found = anova_of(case["data"])
    assert found.n0 == pytest.approx(case["expect"]["n0"], abs=1e-12)
    assert (found.units, found.df_between, found.df_within) == (4, 3, 13)
    # R: anova(aov(y ~ unit)) of these 17 answers
    assert found.f == pytest.approx(1.0420050865534474, abs=1e-12)
    assert found.p == pytest.approx(0.4066981059986821, abs=1e-12)
    assert icc1(found).status is Status.OK


def test_equal_unit_means__give_the_least_icc_and_no_reliability_of_means() -> None:
    case = CASES["between_variance_negative"]
    found = anova_of(case["data"])
    assert found.ms_between == case["expect"]["MSB"]
    first, second = icc1(found), icc2(found)
    assert first.value == pytest.approx(case["expect"]["ICC1"], abs=1e-12)
    assert (first.lo, first.hi, first.status) == (None, None, Status.WARN_NO_VARIATION_BETWEEN)
    assert (second.value, second.status) == (None, Status.UNDEFINED_NO_VARIATION_BETWEEN)


def test_negative_icc__members_differ_more_than_units__is_not_clamped() -> None:
    found = anova_of([[1, 5, 1, 5], [5, 1, 4, 1], [1, 4, 5, 2]])
    assert icc1(found).value == pytest.approx((found.f - 1) / (found.f + 3), abs=1e-12)
    assert icc1(found).value < -0.2
    assert icc2(found).value < -1
    assert icc1(found).status is icc2(found).status is Status.OK


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([[], []], Status.UNDEFINED_NO_RESPONSES),
        ([[1, 2, 3], []], Status.UNDEFINED_ONE_UNIT),
        ([[1], [2], [4]], Status.UNDEFINED_ONE_RESPONSE),
        ([[3, 3], [3, 3, 3]], Status.UNDEFINED_NO_VARIATION),
        ([[0.1, 0.1], [0.1, 0.1, 0.1]], Status.UNDEFINED_NO_VARIATION),
    ],
)
def test_icc__nothing_to_compare__says_why(rows: list[list[float]], status: Status) -> None:
    found = anova_of(rows)
    for estimate in (icc1(found), icc2(found)):
        assert (estimate.value, estimate.lo, estimate.status) == (None, None, status)
    assert found.f is None


def test_icc__members_of_each_unit_alike__is_one_without_an_interval() -> None:
    found = anova_of([[0.1, 0.1, 0.1], [0.3, 0.3], [0.7, 0.7]])
    for estimate in (icc1(found), icc2(found)):
        assert (estimate.value, estimate.lo, estimate.status) == (1.0, None, Status.WARN_NO_VARIATION_WITHIN)
    assert (found.ms_within, found.f) == (0.0, None)


def test_icc1__equal_units__has_the_interval_that_covers() -> None:
    rng, truth, hits = np.random.default_rng(4), 0.2, 0
    unit = np.repeat(np.arange(15), 8)
    for _ in range(1000):
        y = np.sqrt(truth) * rng.normal(size=15)[unit] + np.sqrt(1 - truth) * rng.normal(size=120)
        found = icc1(one_way(unit_sums(y, unit, 15)), level=0.9)
        hits += found.lo <= truth <= found.hi
    # exact .90; 1,000 draws know a share to .0095
    assert 0.87 < hits / 1000 < 0.93


def test_icc2__interval__is_spearman_brown_of_the_interval_of_icc1_where_units_are_equal() -> None:
    y, unit = answers(3, (6, 6, 6, 6))
    found = one_way(unit_sums(y, unit, 4))
    single, mean = icc1(found), icc2(found)
    for one, of_six in ((single.value, mean.value), (single.lo, mean.lo), (single.hi, mean.hi)):
        assert of_six == pytest.approx(6 * one / (1 + 5 * one), abs=1e-12)
    assert icc1(found, size="mean").value == pytest.approx(single.value, abs=1e-15)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([-3.0, 0.5, 7.0]), st.floats(-100, 100))
def test_icc__answers_moved_stretched_and_shuffled__is_the_same(seed: int, factor: float, shift: float) -> None:
    y, unit = answers(seed)
    before = icc1(one_way(unit_sums(y, unit, 5)))
    order = np.random.default_rng(seed).permutation(len(y))
    after = icc1(one_way(unit_sums(factor * y[order] + shift, unit[order], 5)))
    assert before.status is after.status
    assert after.value == (None if before.value is None else pytest.approx(before.value, abs=1e-9))


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 22))
def test_sums__of_disjoint_answers__add_up_to_the_same_bits(seed: int, cut: int) -> None:
    y, unit = answers(seed)
    whole, parts = unit_sums(y, unit, 5), unit_sums(y[:cut], unit[:cut], 5) + unit_sums(y[cut:], unit[cut:], 5)
    for name in ("n", "s1", "s2"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name))


def test_sums__missing_answers__are_left_out_and_moments_are_those_of_the_rest() -> None:
    y, unit = answers(8)
    with_holes, here = y.copy(), np.arange(len(y)) % 3 > 0
    with_holes[~here] = np.nan
    sums = unit_sums(with_holes, unit, 6)
    assert sums.n.tolist() == [*np.bincount(unit[here], minlength=5).tolist(), 0]
    assert np.isnan(sums.means()[5])
    own = y[here & (unit == 2)]
    assert sums.means()[2] == pytest.approx(own.mean())
    assert sums.variances()[2] == pytest.approx(own.var(ddof=1))
    pooled = sum(((y[here & (unit == u)] - y[here & (unit == u)].mean()) ** 2).sum() for u in np.unique(unit[here]))
    assert sums.pooled_variance() == pytest.approx(pooled / (here.sum() - np.count_nonzero(sums.n)))


def test_sums__units_that_do_not_fit__are_a_wrong_call() -> None:
    with pytest.raises(ValueError, match="shape"):
        unit_sums(np.ones(3), np.zeros(2, dtype=int), 1)
    with pytest.raises(ValueError, match="between 0 and 1"):
        unit_sums(np.ones(3), np.array([0, 1, 2]), 2)
