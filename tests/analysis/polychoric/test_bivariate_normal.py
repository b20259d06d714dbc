"""Rectangles of the bivariate normal: closed forms, scipy's own, and derivatives down to probabilities of 1e-200."""

import math

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from analysis.reliability.bivariate_normal import cumulative, rectangles
from tests.analysis.polychoric.quadrature import log_probability

INFINITE = math.inf


@pytest.mark.parametrize("rho", [-0.999, -0.7, 0.0, 0.3, 0.95, 0.9999])
def test_cumulative__at_the_origin__is_sheppards_formula(rho: float) -> None:
    found = cumulative(np.array(0.0), np.array(0.0), np.array(rho))
    assert found == pytest.approx(1 / 4 + math.asin(rho) / (2 * math.pi), abs=1e-14)


@pytest.mark.parametrize("rho", [-0.9, -0.2, 0.0, 0.5, 0.99])
@pytest.mark.parametrize(("h", "k"), [(0.0, 1.0), (-1.0, 0.0), (1.5, -0.5), (-2.0, -1.0), (0.3, 0.3)])
def test_cumulative__any_limits__is_scipys(h: float, k: float, rho: float) -> None:
    theirs = multivariate_normal.cdf([h, k], cov=[[1, rho], [rho, 1]], abseps=1e-12, releps=1e-12)
    assert cumulative(np.array(h), np.array(k), np.array(rho)) == pytest.approx(theirs, abs=1e-9)


def test_cumulative__infinite_limits__are_margins() -> None:
    rho = np.array(0.4)
    assert cumulative(np.array(INFINITE), np.array(0.7), rho) == pytest.approx(ndtr(0.7), abs=1e-15)
    assert cumulative(np.array(-INFINITE), np.array(0.7), rho) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize(
    ("x", "y", "rho"),
    [
        ((-0.3, 0.4), (0.1, 0.9), 0.6),  # an everyday cell
        ((-INFINITE, -2.0), (1.5, INFINITE), 0.8),  # opposite corners: 1e-12
        ((-INFINITE, -2.0), (1.5, INFINITE), 0.95),  # 1e-33
        ((-2.0, -1.0), (-1.5, -1.2), -0.97),  # 1e-20 on the other side
        ((2.0, 2.5), (-1.0, -0.4), 0.99),  # 1e-150
        ((1.0, INFINITE), (-INFINITE, 0.9), 0.99999),  # touching corners, almost perfect correlation
    ],
)
def test_rectangles__down_to_any_probability__have_the_slope_and_bend_of_its_logarithm(
    x: tuple[float, float], y: tuple[float, float], rho: float
) -> None:
    at = [np.array([[limit for limit in side if math.isfinite(limit)]]) for side in (x, y)]
    cell = 0 if x[0] == -INFINITE else 1, 0 if y[0] == -INFINITE else 1
    needed = np.ones((1, at[0].shape[1] + 1, at[1].shape[1] + 1), dtype=bool)
    found = rectangles(*at, np.array([rho]), needed)
    step = 1e-3 * (1 - abs(rho))
    below, here, above = (log_probability(x, y, rho + shift) for shift in (-step, 0.0, step))
    assert found.probability[0][cell] == pytest.approx(math.exp(here), rel=1e-9, abs=1e-15)
    assert found.slope[0][cell] == pytest.approx((above - below) / (2 * step), rel=5e-6)
    assert found.bend[0][cell] == pytest.approx((above - 2 * here + below) / step**2, rel=5e-5)


def test_rectangles__two_rare_answers_side_by_side__are_told_from_the_density_although_tiny() -> None:
    rows, columns = np.array([[0.0, 1e-5]]), np.array([[2e-5, 3e-5]])
    found = rectangles(rows, columns, np.array([0.5]), np.ones((1, 3, 3), dtype=bool))
    assert found.probability[0, 1, 1] == pytest.approx(1e-10 / (2 * math.pi * math.sqrt(0.75)), abs=1e-15)
    # d log density/d rho at the origin is rho/(1 - rho^2)
    assert found.slope[0, 1, 1] == pytest.approx(2 / 3, rel=1e-4)


def test_rectangles__whole_grids__add_up_to_one_and_to_their_margins() -> None:
    rows, columns = np.array([[-1.0, 0.2, 0.9]] * 3), np.array([[-0.5, 0.5]] * 3)
    found = rectangles(rows, columns, np.array([-0.8, 0.1, 0.97]), np.zeros((3, 4, 3), dtype=bool))
    margin = np.diff(np.concatenate(([0.0], ndtr(rows[0]), [1.0])))
    np.testing.assert_allclose(found.probability.sum(axis=2), np.tile(margin, (3, 1)), atol=1e-15)
    np.testing.assert_allclose((found.probability * found.slope).sum(axis=(1, 2)), 0, atol=1e-12)


def test_rectangles__a_category_that_nobody_chose__is_empty() -> None:
    rows = np.array([[-INFINITE, 0.2, 0.2, INFINITE]])
    found = rectangles(rows, np.array([[0.1]]), np.array([0.5]), np.zeros((1, 5, 2), dtype=bool))
    assert found.probability[0, [0, 2, 4]] == pytest.approx(np.zeros((3, 2)), abs=5e-16)
    assert np.isfinite(found.slope).all()
    assert np.isfinite(found.bend).all()
