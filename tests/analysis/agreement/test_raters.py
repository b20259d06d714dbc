"""The six intraclass correlations: irr's one deviation explained, degenerate tables, exactness."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.agreement.raters import agreement_limits, intraclass_correlations, two_way
from analysis.estimate import Estimate, Status
from tests.analysis.goldens.data import golden, table

NAMES = ("one_way", "one_way_mean", "consistency", "consistency_mean", "agreement", "agreement_mean")


def six(ratings: Any, **options: Any) -> dict[str, Estimate]:
    found = intraclass_correlations(two_way(np.array(ratings)), **options)
    return {name: getattr(found, name) for name in NAMES}


def longer(r: float, k: int) -> float:
    return k * r / (1 + (k - 1) * r)


def test_interval_of_mean_agreement__is_that_of_irr_and_a_little_wider_than_spearman_brown_gives() -> None:
    ratings, irr = two_way(table("raters").to_numpy()), golden("raters_careless", "icc.twoway.agreement.average")
    found = intraclass_correlations(ratings)
    single, mean = found.agreement, found.agreement_mean
    assert [mean.lo, mean.hi, mean.df] == pytest.approx([irr["lo"], irr["hi"], irr["df2"]], abs=1e-9)
    # irr puts 4 * ICC(A,4) where 4 * ICC(A,1) belongs: 51.7 df instead of 59.0 for the same parameter
    assert single.df == pytest.approx(golden("raters_careless", "icc.twoway.agreement.single")["df2"])
    assert mean.df < single.df
    limits = agreement_limits(ratings, single.df)
    assert mean.lo < longer(limits[0], 4) < longer(limits[1], 4) < mean.hi


def test_mean_squares__of_whole_numbers__are_exact() -> None:
    y = table("raters").to_numpy()
    found, n, k = two_way(y), *y.shape
    rows = Fraction(int((y.sum(axis=1) ** 2).sum()), k) - Fraction(int(y.sum()) ** 2, n * k)
    assert found.ms_subjects == float(rows) / (n - 1)
    apart = two_way(y + 0.1)
    assert apart.ms_residual == pytest.approx(found.ms_residual, rel=1e-12)
    assert found.ms_within * n * (k - 1) == pytest.approx(
        found.ms_raters * (k - 1) + found.ms_residual * (n - 1) * (k - 1), rel=1e-14
    )


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 9), st.integers(2, 5), st.sampled_from([-2, 3]), st.integers(-9, 9))
def test_all_six__subjects_and_raters_in_any_order_on_any_scale__are_the_same(
    seed: int, n: int, k: int, factor: int, shift: int
) -> None:
    rng = np.random.default_rng(seed)
    y = rng.integers(1, 8, (n, k)) + rng.integers(0, 4, (n, 1))
    moved = factor * y[rng.permutation(n)][:, rng.permutation(k)] + shift
    for name, found in six(moved).items():
        before = six(y)[name]
        assert found.status is before.status
        for part in ("value", "lo", "hi"):
            wanted = getattr(before, part)
            assert getattr(found, part) == (None if wanted is None else pytest.approx(wanted, abs=1e-8))


def test_severe_rater__lowers_agreement_and_leaves_consistency() -> None:
    y = np.random.default_rng(3).integers(1, 6, (12, 1)) + np.array([[0, 0, -3]])
    y[0, 1] += 1
    found = six(y)
    assert found["consistency"].value > 0.95 > found["agreement"].value
    assert found["agreement_mean"].lo < found["agreement_mean"].value < found["agreement_mean"].hi


def test_agreement__its_interval__covers() -> None:
    rng, hits, n, k = np.random.default_rng(7), 0, 20, 4
    truth = 1.0 / (1.0 + 0.25 + 1.0)
    for _ in range(600):
        y = rng.normal(size=(n, 1)) + 0.5 * rng.normal(size=(1, k)) + rng.normal(size=(n, k))
        found = intraclass_correlations(two_way(y)).agreement
        hits += found.lo <= truth <= found.hi
    # nominal .95, Satterthwaite's approximation; 600 draws know a share to .009
    assert hits / 600 > 0.92


@pytest.mark.parametrize(
    ("ratings", "status"),
    [
        ([[1.0, 2.0, 3.0]], Status.UNDEFINED_ONE_UNIT),
        ([[1.0], [2.0], [3.0]], Status.UNDEFINED_ONE_RATER),
        ([[1.0, np.nan], [2.0, 3.0], [1.0, 1.0]], Status.UNDEFINED_INCOMPLETE),
        ([[4, 4], [4, 4], [4, 4]], Status.UNDEFINED_NO_VARIATION),
        ([[0.1, 0.1], [0.1, 0.1], [0.1, 0.1]], Status.UNDEFINED_NO_VARIATION),
    ],
)
def test_all_six__nothing_to_agree_about__say_why(ratings: Any, status: Status) -> None:
    assert {(found.value, found.status) for found in six(ratings).values()} == {(None, status)}


def test_all_six__raters_alike__are_one_without_an_interval() -> None:
    for found in six([[1, 1], [3, 3], [4, 4]]).values():
        assert (found.value, found.lo, found.status) == (1.0, None, Status.WARN_NO_VARIATION_WITHIN)


def test_all_six__raters_a_constant_apart__are_consistent_without_an_interval() -> None:
    found = six([[1, 2], [3, 4], [4, 5]])
    assert found["consistency"].value == 1.0
    assert 0.5 < found["agreement"].value < 1
    assert found["agreement"].lo is None
    assert found["one_way"].lo is not None


def test_all_six__subjects_with_equal_means__have_the_least_value_for_one_and_none_for_the_mean() -> None:
    found = six([[1, 3, 2], [3, 2, 1], [2, 1, 3], [1, 2, 3]])
    assert found["one_way"].value == pytest.approx(-1 / 2)
    assert found["consistency"].value == pytest.approx(-1 / 2)
    assert found["agreement"].status is Status.WARN_NO_VARIATION_BETWEEN
    for name in ("one_way_mean", "consistency_mean"):
        assert (found[name].value, found[name].status) == (None, Status.UNDEFINED_NO_VARIATION_BETWEEN)
    cross = six([[1, 2], [2, 1]])
    assert (cross["agreement"].value, cross["agreement"].status) == (None, Status.UNDEFINED_NO_VARIATION_BETWEEN)


def test_two_way__no_table__is_a_wrong_call() -> None:
    with pytest.raises(ValueError, match="table of subjects by raters"):
        two_way(np.ones(4))
    with pytest.raises(ValueError, match="finite"):
        two_way(np.array([[1.0, np.inf], [1.0, 2.0]]))


@pytest.mark.parametrize("ratings", [[[1, 3], [1, 3]], [[0.1, 0.3], [0.1, 0.3]], [[1, 3, 2], [1, 3, 2], [1, 3, 2]]])
def test_subjects_rated_alike_and_raters_apart__have_no_consistency_and_no_exception(
    ratings: list[list[float]],
) -> None:
    found = intraclass_correlations(two_way(np.array(ratings, dtype=np.float64)))
    assert (found.consistency.value, found.consistency_mean.value) == (None, None)
    assert found.consistency.status is Status.UNDEFINED_NO_VARIATION_BETWEEN
    assert found.one_way.value is not None
