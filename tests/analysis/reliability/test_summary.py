"""The record of one scale: the same numbers as its parts, whatever the answers come as, and a reason for every gap."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimate import Estimate, Status
from analysis.moments import grouped_moments, moments
from analysis.reliability.alpha import cronbach_alpha, influence_interval
from analysis.reliability.hierarchical import hierarchical_omega
from analysis.reliability.omega import omega_total
from analysis.reliability.summary import ScaleReliability, reliability_from, reliability_of
from tests.analysis.goldens.core import agreeableness
from tests.analysis.goldens.data import golden, table


def scale(n: int = 300, k: int = 5, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.clip(np.round(3.3 + 0.7 * rng.normal(size=(n, 1)) + 0.8 * rng.normal(size=(n, k))), 1, 5).astype(np.int8)


def estimates(found: Any) -> list[Estimate]:
    """Every Estimate in the record, at any depth."""
    if isinstance(found, Estimate):
        return [found]
    if isinstance(found, tuple):
        return [estimate for part in found for estimate in estimates(part)]
    if hasattr(found, "__dataclass_fields__"):
        return [estimate for field in fields(found) for estimate in estimates(getattr(found, field.name))]
    return []


def values(found: ScaleReliability) -> list[float]:
    """Numbers of the record, -9 for none."""
    flat = [number for each in estimates(found) for number in (each.value, each.se, each.lo, each.hi)]
    return [-9.0 if number is None else number for number in flat]


def test_reliability__attitude__has_the_numbers_of_r() -> None:
    found = reliability_of(table("attitude").to_numpy())
    total, lambdas = golden("attitude", "alpha.total"), golden("attitude", "guttman.lambda1to6")
    assert (found.rows, found.n, found.worth, found.k) == (30, 30, 30, 7)
    assert found.coefficient is found.alpha
    assert found.alpha.value == pytest.approx(total["raw_alpha"], abs=1e-9)
    assert found.standardized_alpha.value == pytest.approx(total["std.alpha"], abs=1e-9)
    assert found.asymptotic.se == pytest.approx(total["ase"], abs=1e-9)
    assert found.bonett.lo == pytest.approx(golden("attitude", "alpha.bonett")["lower"], abs=1e-9)
    assert found.feldt.hi == pytest.approx(golden("attitude", "alpha.feldt")["upper"], abs=1e-9)
    assert found.guttman.l6.value == pytest.approx(lambdas["l6"], abs=1e-8)
    assert found.guttman.l4.value == pytest.approx(golden("attitude", "splithalf.max_l4"), abs=1e-8)
    assert found.split_half.greatest.value == found.guttman.l4.value
    assert found.omega_hierarchical.status is Status.UNDEFINED_NOT_IDENTIFIED
    assert found.covariance is Status.OK


def test_reliability__missing_answers__complete_rows_or_pairs_as_psych_has_them() -> None:
    items = agreeableness().to_numpy()
    complete, pairs = reliability_of(items), reliability_of(items, pairwise=True)
    assert (complete.rows, complete.n, complete.deletion) == (2800, 2709, "listwise")
    assert complete.alpha.value == pytest.approx(golden("bfi25", "A.alpha.listwise")["raw_alpha"], abs=1e-9)
    assert complete.influence.se == pytest.approx(0.01064, abs=5e-6)
    assert (pairs.rows, pairs.n, pairs.deletion) == (2800, 2751, "pairwise")
    assert pairs.alpha.value == pytest.approx(golden("bfi25", "A.alpha.pairwise")["raw_alpha"], abs=1e-9)
    assert pairs.feldt.n == pairs.bonett.n == 2751
    assert pairs.guttman.l6.value == pytest.approx(golden("bfi25", "A.alpha.pairwise")["G6(smc)"], abs=1e-9)


def test_reliability__integers_with_a_mask_or_floats_with_nan__are_the_same() -> None:
    codes = scale(200)
    present = np.random.default_rng(2).random(codes.shape) > 0.1
    with_nan = np.where(present, codes, np.nan)
    for pairwise in (False, True):
        masked, holed = (
            reliability_of(codes, present, pairwise=pairwise), reliability_of(with_nan, pairwise=pairwise),
        )  # fmt: skip
        assert values(masked) == values(holed)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.integers(3, 6), st.booleans())
def test_reliability__answers_stretched_and_lifted__keep_all_but_rounding(seed: int, k: int, pairwise: bool) -> None:
    codes = scale(80, k, seed).astype(np.float64)
    codes[np.random.default_rng(seed).random(codes.shape) < 0.05] = np.nan
    before, after = (
        reliability_of(codes, pairwise=pairwise), reliability_of(0.37 * codes + 2.11, pairwise=pairwise),
    )  # fmt: skip
    assert values(after) == pytest.approx(values(before), abs=1e-5)  # omega: two roads to one maximum
    for name in ("alpha", "influence", "bonett", "lambda2"):
        assert getattr(after, name).value == pytest.approx(getattr(before, name).value, abs=1e-10)


def test_reliability__two_items__reports_spearman_brown() -> None:
    codes = scale(90, 2)
    found = reliability_of(codes)
    r = float(np.corrcoef(codes.T)[0, 1])
    assert (found.coefficient.method, found.alpha.method) == ("spearman_brown", "cronbach_alpha")
    assert found.coefficient.value == pytest.approx(2 * r / (1 + r), abs=1e-12)
    assert found.omega_total.status is Status.UNDEFINED_TWO_ITEMS
    assert {estimate.status for estimate in found.alpha_if_deleted} == {Status.UNDEFINED_TWO_ITEMS}


def test_reliability__within_units__is_pooled_throughout() -> None:
    codes, group = scale(400, 5), np.random.default_rng(2).integers(0, 4, 400)
    sums = grouped_moments(codes, group, 4)
    found = reliability_of(codes, group=group)
    assert found.alpha == cronbach_alpha(sums.within_covariance(), 397)
    assert found.omega_total == omega_total(sums.within_covariance(), 397)
    assert found.influence == influence_interval(codes, group=group)
    assert (found.n, found.worth) == (400, 397)
    assert values(reliability_of(codes / 4, group=group))[:8] == pytest.approx(values(found)[:8], abs=1e-12)


def test_reliability__nine_items__has_the_omega_of_three_groups() -> None:
    rng = np.random.default_rng(3)
    groups = np.repeat(0.7 * rng.normal(size=(500, 1)) + 0.7 * rng.normal(size=(500, 3)), 3, axis=1)
    codes = np.round(groups + rng.normal(size=(500, 9))).astype(np.int64)
    cov = moments(codes).covariance()
    assert reliability_of(codes).omega_hierarchical == hierarchical_omega(cov, 500).hierarchical
    assert reliability_of(codes, group_factors=4).omega_hierarchical.status is Status.UNDEFINED_NOT_IDENTIFIED


def test_reliability_from__sums_added_elsewhere__lacks_the_influence_function_only() -> None:
    codes = scale(200)
    sums = moments(codes[:80]) + moments(codes[80:])
    found, whole = reliability_from(sums.covariance(), sums.n), reliability_of(codes)
    assert found.influence is None
    given = reliability_from(sums.covariance(), sums.n, whole.influence)
    assert values(given) == values(whole)


@pytest.mark.parametrize("pairwise", [False, True])
@pytest.mark.parametrize(
    ("answers", "status"),
    [
        (np.empty((0, 4)), Status.UNDEFINED_NO_RESPONSES),
        (np.full((9, 4), np.nan), Status.UNDEFINED_NO_RESPONSES),
        (np.array([[1.0, 2.0, 3.0, 4.0]]), Status.UNDEFINED_ONE_RESPONSE),
        (scale(30, 1), Status.UNDEFINED_ONE_ITEM),
    ],
)
def test_reliability__too_little__says_the_same_everywhere(answers: np.ndarray, status: Status, pairwise: bool) -> None:
    found = reliability_of(answers, pairwise=pairwise)
    assert {estimate.status for estimate in estimates(found)} == {status}
    assert found.covariance is status


def test_reliability__constant_item__leaves_what_needs_no_correlations() -> None:
    codes = scale(60, 4)
    codes[:, 2] = 3
    found = reliability_of(codes)
    assert found.alpha.status is found.influence.status is Status.WARN_ITEM_VARIANCE_ZERO
    assert found.lambda2.value is not None
    gone = [
        found.standardized_alpha,
        *estimates(found.guttman),
        *estimates(found.split_half),
        *estimates(found.odd_even),
    ]
    assert {estimate.status for estimate in gone} == {Status.UNDEFINED_ITEM_VARIANCE_ZERO}
    assert {estimate.detail["items"] for estimate in gone} == {"2"}
    assert [estimate.value is None for estimate in found.item_rest] == [False, False, True, False]
    assert found.covariance is Status.WARN_ITEM_VARIANCE_ZERO


def test_reliability__fewer_responses_than_items__has_alpha_and_no_factors() -> None:
    found = reliability_of(scale(4, 6))
    assert found.alpha.value is not None
    assert found.omega_total.status is found.guttman.l6.status is Status.UNDEFINED_SINGULAR
    assert found.covariance is Status.WARN_NOT_POSITIVE_DEFINITE


def test_reliability__wrong_key__is_reported_with_its_item_and_never_turned() -> None:
    codes = scale(200, 4)
    codes[:, 1] = 6 - codes[:, 1]
    found = reliability_of(codes)
    assert (found.alpha.status, found.alpha.detail["items"]) == (Status.WARN_NEGATIVE_ITEM_TOTAL, "1")
    assert found.item_rest[1].value < 0
    assert found.split_half.least.value < 0


def test_reliability__pairs_that_nobody_can_answer_together__are_used_and_said() -> None:
    # three groups of people, each answering one pair of items: r = .9, .9 and -.9
    x, y = np.random.default_rng(5).normal(size=(2, 40, 1))
    y = 0.9 * x + 0.4 * y
    gap = np.full((40, 1), np.nan)
    answers = np.vstack((np.hstack((x, y, gap)), np.hstack((gap, x, y)), np.hstack((x, gap, -y))))
    found = reliability_of(answers, pairwise=True)
    assert (found.n, found.rows) == (40, 120)
    assert found.covariance is Status.WARN_NOT_POSITIVE_DEFINITE
    assert found.alpha.value is not None
    assert found.omega_total.status is found.guttman.l6.status is Status.UNDEFINED_SINGULAR


@pytest.mark.parametrize(
    "call",
    [
        lambda: reliability_of(np.ones(4)),
        lambda: reliability_of(np.ones((4, 0))),
        lambda: reliability_of(np.ones((4, 3), dtype=bool)),
        lambda: reliability_of(np.array([[1.0, np.inf], [2.0, 3.0]])),
        lambda: reliability_of(scale(5), np.ones((5, 4), dtype=bool)),
        lambda: reliability_of(scale(5), pairwise=True, group=np.zeros(5, dtype=int)),
        lambda: reliability_from(np.ones((2, 3)), 9),
    ],
)
def test_reliability__what_does_not_fit__is_a_wrong_call(call: Any) -> None:
    with pytest.raises(ValueError, match="answers|shape|pairwise|covariance"):  # noqa: RUF043
        call()
