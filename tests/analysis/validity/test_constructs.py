"""CR, AVE, Fornell-Larcker and HTMT: by hand, planted dimensions, Heywood cases and dimensions of one item."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.estimate import Status, undefined
from analysis.validity.constructs import (
    average_variance_extracted,
    composite_reliability,
    fornell_larcker,
    htmt,
)


def dimensions(between: float, loadings: tuple[float, ...] = (0.8, 0.8, 0.8, 0.6, 0.6)) -> np.ndarray:
    """Correlations of three items of one dimension and two of another."""
    pattern = np.zeros((5, 2))
    pattern[:3, 0], pattern[3:, 1] = loadings[:3], loadings[3:]
    cov = pattern @ np.array([[1, between], [between, 1]]) @ pattern.T
    np.fill_diagonal(cov, 1.0)
    return cov


TWO = [[0, 1, 2], [3, 4]]


def test_convergence__of_three_loadings__is_as_by_hand() -> None:
    loadings = np.array([0.9, 0.8, 0.7])
    # sum 2.4, its square 5.76, unique variances .19, .36 and .51; squares .81, .64 and .49
    assert composite_reliability(loadings, 100).value == pytest.approx(5.76 / 6.82)
    assert average_variance_extracted(loadings, 100).value == pytest.approx(1.94 / 3)


@given(st.lists(st.floats(0.05, 1.0), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_convergence__items_in_another_order_or_all_reversed__is_the_same(values: list[float], random: object) -> None:
    loadings = np.array(values)
    for statistic in (composite_reliability, average_variance_extracted):
        found = statistic(loadings, 50).value
        assert 0 < found <= 1
        assert statistic(-loadings[::-1], 50).value == pytest.approx(found)


@pytest.mark.parametrize("statistic", [composite_reliability, average_variance_extracted])
def test_convergence__loading_beyond_one_or_a_single_item__says_so(statistic: object) -> None:
    found = statistic(np.array([0.7, 1.02, -1.1, 0.5]), 60)
    assert (found.value, found.status, found.detail) == (None, Status.UNDEFINED_HEYWOOD, {"items": "1,2"})
    assert statistic(np.array([1.0, 0.5]), 60).status is Status.OK
    assert statistic(np.array([0.8]), 60).status is Status.UNDEFINED_ONE_ITEM
    for wrong in (np.empty(0), np.ones((2, 2)), np.array([0.5, np.nan])):
        with pytest.raises(ValueError, match="loadings"):
            statistic(wrong, 60)


def test_fornell_larcker__of_three_dimensions__compares_with_the_nearest() -> None:
    extracted = [average_variance_extracted(np.full(3, loading), 80) for loading in (0.8, 0.6, 0.9)]
    between = np.array([[1, -0.7, 0.3], [-0.7, 1, 0.2], [0.3, 0.2, 1]])
    found = fornell_larcker(extracted, between)
    assert [one.value for one in found] == pytest.approx([0.1, -0.1, 0.6])
    assert [one.detail["dimensions"] for one in found] == ["1", "0", "0"]
    without = undefined(Status.UNDEFINED_HEYWOOD, n=80, method="average_variance_extracted", detail={"items": "1"})
    assert fornell_larcker([without, extracted[1]], between[:2, :2])[0].status is Status.UNDEFINED_HEYWOOD
    for few, matrix in ((extracted, between[:2, :2]), (extracted[:1], np.eye(1))):
        with pytest.raises(ValueError, match="do not fit"):
            fornell_larcker(few, matrix)


def test_htmt__equal_loadings_within__is_the_correlation_of_the_dimensions() -> None:
    for between in (0.0, 0.5, 1.0):
        (found,) = htmt(dimensions(between), 200, TWO)
        assert found.value == pytest.approx(between, abs=1e-12)
        assert (found.status, found.detail) == (Status.OK, {"dimensions": "0,1"})


def test_htmt__of_real_numbers__is_as_by_hand() -> None:
    cov = np.array([[1, 0.6, 0.3, 0.2], [0.6, 1, 0.1, -0.4], [0.3, 0.1, 1, 0.5], [0.2, -0.4, 0.5, 1]])
    (found,) = htmt(cov, 100, [[0, 1], [2, 3]])
    assert found.value == pytest.approx((0.3 + 0.2 + 0.1 + 0.4) / 4 / np.sqrt(0.6 * 0.5))


def test_htmt__units_signs_and_order_of_items__do_not_matter() -> None:
    cov, units = dimensions(0.4, (0.9, 0.7, 0.5, 0.8, 0.6)), np.array([1, -3, 0.5, 10, -1])
    order = [4, 2, 0, 3, 1]
    (before,) = htmt(cov, 200, TWO)
    (after,) = htmt((cov * np.outer(units, units))[np.ix_(order, order)], 200, [[2, 4, 1], [3, 0]])
    assert after.value == pytest.approx(before.value, abs=1e-12)


def test_htmt__three_dimensions__gives_each_pair_and_leaves_other_items_out() -> None:
    cov = np.eye(7) * 0.5 + 0.5
    cov[:, 6] = cov[6] = 0.0
    cov[6, 6] = 1.0
    found = htmt(cov, 200, [[0, 1], [2, 3], [4, 5]])
    assert [one.detail["dimensions"] for one in found] == ["0,1", "0,2", "1,2"]
    assert [one.value for one in found] == pytest.approx([1.0] * 3)


def test_htmt__dimension_of_one_item_constant_or_unrelated_items__says_which() -> None:
    constant, unrelated = dimensions(0.4), dimensions(0.4)
    constant[4] = constant[:, 4] = 0
    unrelated[3, 4] = unrelated[4, 3] = 0
    for cov, n, blocks, status, detail in (
        (dimensions(0.4), 200, [[0, 1], [3]], Status.UNDEFINED_ONE_ITEM, {}),
        (constant, 200, TWO, Status.UNDEFINED_ITEM_VARIANCE_ZERO, {"items": "4"}),
        (unrelated, 200, TWO, Status.UNDEFINED_NO_CORRELATION, {}),
        (np.full((5, 5), np.nan), 1, TWO, Status.UNDEFINED_ONE_RESPONSE, {}),
    ):
        (found,) = htmt(cov, n, blocks)
        assert (found.value, found.status, found.detail) == (None, status, {"dimensions": "0,1"} | detail)


@pytest.mark.parametrize("blocks", [[[0, 1]], [[0, 1], [1, 2]], [[0, 1], []], [[0, 1], [2, 5]], [[-1, 0], [2, 3]]])
def test_htmt__no_two_dimensions_with_items_of_their_own__is_a_wrong_call(blocks: list[list[int]]) -> None:
    with pytest.raises(ValueError, match=r"HTMT|items"):
        htmt(dimensions(0.4), 200, blocks)
