"""Polychoric correlations: against brute force, R run to the end, simulation; borders, gaps, contradictions."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import ndtri
from scipy.stats import multivariate_normal

from analysis.estimate import Status
from analysis.pair_tables import PairTables, pair_tables
from analysis.reliability.polychoric import (
    ordinal_alpha,
    polychoric,
    polychoric_correlation,
    polychoric_ml,
    thresholds,
)
from tests.analysis.polychoric.quadrature import log_probability


def answers(seed: int, n: int, loadings: list[float], cuts: tuple[float, ...] = (-1.0, -0.3, 0.4, 1.2)) -> np.ndarray:
    """Ordered answers 1, 2, ... of n people, cut from normal variables with one factor."""
    rng = np.random.default_rng(seed)
    weights = np.array(loadings)
    hidden = rng.normal(size=(n, 1)) * weights + rng.normal(size=(n, len(weights))) * np.sqrt(1 - weights**2)
    return (1 + np.digitize(hidden, cuts)).astype(np.int8)


def by_brute_force(table: np.ndarray, filled: float = 0.0) -> float:
    """Rho at the maximum, by scipy's distribution function and a line search."""
    used = table[np.ix_(table.sum(axis=1) > 0, table.sum(axis=0) > 0)]
    rows, columns = (
        np.concatenate(([-10.0], ndtri(np.cumsum(used.sum(axis=axis))[:-1] / used.sum()), [10.0])) for axis in (1, 0)
    )
    weights = np.where(used == 0, filled, used)
    corners = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1)

    def loss(rho: float) -> float:
        grid = multivariate_normal.cdf(corners, cov=[[1, rho], [rho, 1]])
        p = np.diff(np.diff(grid, axis=0), axis=1)
        return -float((weights * np.log(np.maximum(p, 1e-300)))[weights > 0].sum())

    return float(minimize_scalar(loss, bounds=(-0.9999, 0.9999), method="bounded", options={"xatol": 1e-9}).x)


TABLES = {
    "two by two": [[30, 12], [9, 41]],
    "few and sparse": [[3, 0, 1], [2, 4, 0], [0, 3, 5]],
    "negative": [[1, 4, 9], [3, 8, 3], [9, 2, 1]],
    "categories that nobody chose": [[12, 0, 5, 1], [0, 0, 0, 0], [4, 0, 9, 6], [1, 0, 3, 10]],
    "rows and columns of different number": [[20, 15, 5], [4, 16, 30]],
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize("filled", [0.0, 0.5])
def test_correlation__any_table__is_where_brute_force_finds_the_maximum(table: list[list[int]], filled: float) -> None:
    found = polychoric_correlation(np.array(table), zero_cells=filled)
    assert found.status is Status.OK
    assert found.value == pytest.approx(by_brute_force(np.array(table), filled), abs=2e-6)


@pytest.mark.parametrize("filled", [0.0, 0.5])
def test_correlation__one_dissenter_among_hundreds__is_where_integration_finds_the_maximum(filled: float) -> None:
    table = np.array([[200, 0, 0], [0, 300, 0], [1, 0, 200]])
    weights = np.where(table == 0, filled, table)
    rows, columns = (
        np.concatenate(([-math.inf], ndtri(np.cumsum(table.sum(axis=axis))[:-1] / 701), [math.inf])) for axis in (1, 0)
    )

    def loss(rho: float) -> float:
        cells = [(a, b) for a in range(3) for b in range(3) if weights[a, b] > 0]
        return -sum(weights[a, b] * log_probability(rows[a : a + 2], columns[b : b + 2], rho) for a, b in cells)

    found = polychoric_correlation(table, zero_cells=filled).value
    below, here, above = (loss(found + shift) for shift in (-1e-5, 0, 1e-5))
    assert (here < below, here < above) == (True, True)
    assert (above - below) / 2e-5 / ((above - 2 * here + below) / 1e-10) == pytest.approx(0, abs=2e-7)


def test_correlation__median_splits__is_sheppards_sine() -> None:
    found = polychoric_correlation(np.array([[30, 20], [20, 30]]))
    assert found.value == pytest.approx(math.sin(math.pi / 2 * (0.6 - 0.4)), abs=1e-12)


def test_correlation__million_answers_and_one_in_an_impossible_corner__is_at_the_maximum() -> None:
    # At rho = .97 the corner has a probability of 1e-58; a difference of distribution functions would be noise.
    cuts = np.array([-2.0, -0.5, 0.5, 2.0])
    edges = np.concatenate(([-10.0], cuts, [10.0]))
    grid = multivariate_normal.cdf(np.stack(np.meshgrid(edges, edges, indexing="ij"), -1), cov=[[1, 0.97], [0.97, 1]])
    table = np.round(1e6 * np.diff(np.diff(grid, axis=0), axis=1)).astype(np.int64)
    clean = polychoric_correlation(table).value
    table[0, -1] += 1
    assert clean == pytest.approx(0.97, abs=1e-4)
    assert 0.9 < polychoric_correlation(table).value < clean


@pytest.mark.parametrize(
    ("table", "rho"),
    [
        ([[10, 0], [0, 10]], 1.0),
        ([[10, 3], [0, 10]], 1.0),
        ([[0, 5], [7, 0]], -1.0),
        ([[0, 0, 5], [0, 0, 0], [7, 1, 0]], -1.0),
        ([[500_000, 0, 0], [1, 0, 500_000], [0, 0, 1]], 1.0),
    ],
)
def test_correlation__answers_that_never_disagree_in_order__is_at_the_border_unless_cells_are_filled(
    table: list[list[int]], rho: float
) -> None:
    for found in (polychoric_correlation(np.array(table)), polychoric_ml(np.array(table))):
        assert (found.value, found.se, found.status) == (rho, None, Status.WARN_CORRELATION_AT_BORDER)
    filled = polychoric_correlation(np.array(table), zero_cells=0.5)
    assert filled.status is Status.OK
    assert 0 < filled.value * rho < 1


@pytest.mark.parametrize(
    ("table", "status", "detail"),
    [
        ([[0, 0], [0, 0]], Status.UNDEFINED_NO_RESPONSES, {}),
        ([[0, 1], [0, 0]], Status.UNDEFINED_ONE_RESPONSE, {}),
        ([[3, 4], [0, 0]], Status.UNDEFINED_ITEM_VARIANCE_ZERO, {"items": "0"}),
        ([[3, 0], [4, 0]], Status.UNDEFINED_ITEM_VARIANCE_ZERO, {"items": "1"}),
        ([[3, 0], [0, 0]], Status.UNDEFINED_ITEM_VARIANCE_ZERO, {"items": "0,1"}),
    ],
)
def test_correlation__nothing_to_correlate__says_why(table: list[list[int]], status: Status, detail: Any) -> None:
    for found in (polychoric_correlation(np.array(table)), polychoric_ml(np.array(table))):
        assert (found.value, found.status, found.detail) == (None, status, detail)


@pytest.mark.parametrize("table", [np.ones(3, int), np.ones((2, 2)), np.array([[1, -1], [2, 2]])])
def test_correlation__no_table_of_counts__is_a_wrong_call(table: np.ndarray) -> None:
    with pytest.raises(ValueError, match="contingency"):
        polychoric_correlation(table)


def agreeable_pair() -> np.ndarray:
    """A2 and A3 of bfi, those who answered all of A1 to A5."""
    items = np.genfromtxt(Path(__file__).parents[1] / "golden/bfi25.csv", delimiter=",", skip_header=1)[:, :5]
    return pair_tables(items[~np.isnan(items).any(axis=1)].astype(np.int8), 6).table(1, 2)


def test_ml__real_answers__is_rs_maximum_of_the_same_likelihood() -> None:
    # R 4.2.2: the likelihood of polycor 0.8-1 from its start, optim(method = "BFGS", reltol = 1e-14, hessian = TRUE)
    # gives .56074048 and .01554624 at 7600.183341; its own Nelder-Mead stops after 502 calls at .55935000, 7600.209545.
    found = polychoric_ml(agreeable_pair())
    assert found.value == pytest.approx(0.56074048, abs=1e-5)
    assert found.se == pytest.approx(0.01554624, abs=1e-5)


def test_ml__normal_variables__is_close_to_two_step_and_its_error() -> None:
    table = pair_tables(answers(3, 4000, [0.8, 0.8]), 5).table(0, 1)
    two_step, joint = polychoric_correlation(table), polychoric_ml(table)
    assert joint.value == pytest.approx(two_step.value, abs=0.002)
    assert joint.se == pytest.approx(two_step.se, rel=0.05)


@pytest.mark.parametrize(("table", "drawn"), [("agreeable", 400), ("sparse", 400)])
def test_standard_error__of_drawn_tables__is_as_large_as_they_spread(table: str, drawn: int) -> None:
    counts = agreeable_pair() if table == "agreeable" else pair_tables(answers(8, 400, [0.7, 0.5]), 5).table(0, 1)
    n = int(counts.sum())
    samples = np.random.default_rng(2).multinomial(n, counts.ravel() / n, size=drawn).reshape(drawn, *counts.shape)
    spread = np.std([polychoric_correlation(sample).value for sample in samples], ddof=1)
    # 400 draws know a standard deviation to 3.5 %; the fixed-threshold information is 15 % off on the real table
    assert polychoric_correlation(counts).se == pytest.approx(spread, rel=0.09)


def test_interval__of_a_high_correlation__is_skewed_and_stays_below_one() -> None:
    found = polychoric_correlation(np.array([[12, 1, 0], [1, 9, 1], [0, 1, 12]]))
    assert found.lo < found.value < found.hi < 1
    assert found.value - found.lo > found.hi - found.value


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_matrix__items_in_another_order_and_one_reversed__is_permuted_and_changes_sign(seed: int, random: Any) -> None:
    codes, order = answers(seed, 80, [0.8, 0.6, 0.5, 0.7]), [0, 1, 2, 3]
    random.shuffle(order)
    before, moved = polychoric(pair_tables(codes, 5)), polychoric(pair_tables(codes[:, order], 5))
    np.testing.assert_allclose(moved.correlations, before.correlations[np.ix_(order, order)], atol=1e-9)
    np.testing.assert_allclose(moved.se, before.se[np.ix_(order, order)], atol=1e-9)
    codes[:, 2] = 6 - codes[:, 2]
    sign = np.where(np.arange(4) == 2, -1, 1)
    turned = polychoric(pair_tables(codes, 5))
    np.testing.assert_allclose(turned.correlations, before.correlations * np.outer(sign, sign), atol=1e-9)


def test_matrix__a_planted_factor__is_recovered_within_its_standard_errors() -> None:
    loadings = [0.9, 0.7, 0.5, 0.3, 0.8]
    found = polychoric(pair_tables(answers(5, 20_000, loadings), 5))
    planted = np.outer(loadings, loadings)
    at = np.triu_indices(5, 1)
    assert (np.abs(found.correlations - planted)[at] < 4 * found.se[at]).all()
    assert (found.status, found.at_border, found.corrected) == (Status.OK, (), ())
    assert (found.n == 20_000).all()


def test_matrix__missing_answers__is_each_pairs_own() -> None:
    codes = answers(6, 300, [0.7, 0.7, 0.7])
    codes[:100, 0], codes[50:150, 2] = 0, -2
    found = polychoric(pair_tables(codes, 5))
    assert found.n.tolist() == [[200, 200, 150], [200, 300, 200], [150, 200, 200]]
    both = (codes[:, [0, 2]] > 0).all(axis=1)
    alone = polychoric(pair_tables(codes[both][:, [0, 2]], 5))
    assert found.correlations[0, 2] == pytest.approx(alone.correlations[0, 1], abs=1e-12)


def test_matrix__empty_cells__are_filled_only_when_asked_and_named() -> None:
    codes = answers(9, 40, [0.9, 0.9, 0.1])
    tables = pair_tables(codes, 5)
    bare, filled = polychoric(tables), polychoric(tables, zero_cells=0.5)
    assert bare.corrected == ()
    assert (0, 1) in filled.corrected
    assert filled.correlations[0, 1] == pytest.approx(by_brute_force(tables.table(0, 1), 0.5), abs=2e-6)
    assert filled.correlations[0, 1] < bare.correlations[0, 1]
    with pytest.raises(ValueError, match="filled"):
        polychoric(tables, zero_cells=-1)


def test_matrix__pairs_that_contradict_each_other__is_said_not_to_be_positive_definite() -> None:
    high, low = [[40, 10], [10, 40]], [[10, 40], [40, 10]]
    tables = PairTables(np.full((3, 2), 100), np.array([high, high, low]))
    found = polychoric(tables)
    assert found.status is Status.WARN_NOT_POSITIVE_DEFINITE
    assert found.smallest_eigenvalue == pytest.approx(np.linalg.eigvalsh(found.correlations)[0])
    assert found.smallest_eigenvalue < -0.5
    assert ordinal_alpha(found).status is Status.WARN_NOT_POSITIVE_DEFINITE


def test_matrix__a_copied_item__is_at_the_border_and_named() -> None:
    codes = answers(1, 100, [0.7, 0.6])
    found = polychoric(pair_tables(np.hstack((codes, codes[:, :1])), 5))
    assert (found.status, found.at_border) == (Status.WARN_CORRELATION_AT_BORDER, ((0, 2),))
    assert (found.correlations[0, 2], found.se[0, 2]) == (1.0, 0.0)
    assert found.correlations[0, 1] == pytest.approx(found.correlations[2, 1], abs=1e-12)


def test_matrix__nothing_to_correlate__says_why_and_names_the_items() -> None:
    codes = answers(1, 50, [0.7, 0.6, 0.5])
    constant, gap = codes.copy(), codes.copy()
    constant[:, 1] = 4
    gap[:25, 0], gap[25:, 2] = 0, 0
    for found, status, items in (
        (polychoric(pair_tables(codes[:, :1], 5)), Status.UNDEFINED_ONE_ITEM, ()),
        (polychoric(pair_tables(codes[:0], 5)), Status.UNDEFINED_NO_RESPONSES, (0, 1, 2)),
        (polychoric(pair_tables(codes[:1], 5)), Status.UNDEFINED_ONE_RESPONSE, (0, 1, 2)),
        (polychoric(pair_tables(constant, 5)), Status.UNDEFINED_ITEM_VARIANCE_ZERO, (1,)),
        (polychoric(pair_tables(gap, 5)), Status.UNDEFINED_NO_RESPONSES, (0, 2)),
    ):
        assert (found.status, found.items, found.correlations.size) == (status, items, 0)
        alpha = ordinal_alpha(found)
        assert (alpha.value, alpha.status) == (None, status)
        assert alpha.detail.get("items", "") == ",".join(map(str, items))


def test_ordinal_alpha__of_coarse_answers__is_above_alpha_and_near_that_of_the_variables_behind() -> None:
    loadings = [0.7] * 6
    codes = answers(11, 5000, loadings, cuts=(0.8, 1.6))
    found = ordinal_alpha(polychoric(pair_tables(codes, 3)))
    hidden = 6 * 0.49 / (1 + 5 * 0.49)
    raw = 6 / 5 * (1 - codes.var(axis=0, ddof=1).sum() / codes.sum(axis=1).var(ddof=1))
    assert found.value == pytest.approx(hidden, abs=0.02)
    assert raw < hidden - 0.04
    assert (found.n, found.method, found.status) == (5000, "ordinal_alpha", Status.OK)


def test_thresholds__categories_that_nobody_chose__are_left_out() -> None:
    found = thresholds(np.array([[25, 0, 50, 25], [0, 10, 0, 0], [0, 0, 0, 0]]))
    assert found[0] == pytest.approx(ndtri([0.25, 0.75]))
    assert [len(of_item) for of_item in found] == [2, 0, 0]
