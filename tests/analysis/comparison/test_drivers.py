"""Drivers: sums, limits and invariances of relative weights; their errors against the bootstrap and simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.comparison.drivers import Drivers, drivers, drivers_of_rows
from analysis.estimate import Status
from tests.analysis.goldens.data import table


def answers(seed: int = 1, n: int = 400, skewed: bool = False) -> np.ndarray:
    """Three dimensions with a common part, and an overall item."""
    rng = np.random.default_rng(seed)
    x = 0.7 * rng.normal(size=(n, 1)) + 0.7 * rng.normal(size=(n, 3))
    rows = np.c_[x, x @ [0.6, 0.3, 0.1] + 0.6 * rng.normal(size=n)]
    return np.round(-np.exp(rows / 1.5)) if skewed else rows


def values(estimates: tuple) -> np.ndarray:
    return np.array([estimate.value for estimate in estimates])


def test_drivers__attitude_data__weights_and_slopes_are_those_of_regression() -> None:
    data = table("attitude")  # rating is the overall item; R^2 of lm(rating ~ .) is .7326020
    found = drivers(data.cov().to_numpy(), 30, overall=0)
    assert values(found.weights).sum() == pytest.approx(found.r_squared.value, rel=1e-12)
    assert found.r_squared.value == pytest.approx(0.732602, abs=1e-6)
    z = (data - data.mean()) / data.std()
    slopes = np.linalg.lstsq(z.iloc[:, 1:].to_numpy(), z.iloc[:, 0].to_numpy())[0]
    np.testing.assert_allclose(values(found.slopes), slopes, rtol=1e-9)
    assert (values(found.weights) > 0).all()
    assert (values(found.slopes) < 0).any()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.permutations([0, 1, 2]))
def test_drivers__other_order_and_other_scales__are_the_same_importances(seed: int, order: list) -> None:
    x = answers(seed, 60)
    factor = np.random.default_rng(seed).uniform(0.1, 10, 4)
    one, other = drivers_of_rows(x), drivers_of_rows((x * factor + 5)[:, [3, *order]], overall=0)
    for part in ("weights", "slopes"):
        a = [getattr(one, part)[at] for at in order]
        b = getattr(other, part)
        assert [e.value for e in b] == pytest.approx([e.value for e in a], abs=1e-9)
        assert [e.se for e in b] == pytest.approx([e.se for e in a], rel=1e-5)


def test_drivers__uncorrelated_dimensions__are_squared_correlations() -> None:
    cov = np.eye(4)
    cov[3, :3] = cov[:3, 3] = 0.6, 0.4, 0.2
    found = drivers(cov, 200)
    assert values(found.weights) == pytest.approx([0.36, 0.16, 0.04])
    assert values(found.slopes) == pytest.approx([0.6, 0.4, 0.2])
    # delta method of r^2 for normal variables: 2 r (1 - r^2)/sqrt(n - 1)
    one = drivers(np.array([[1, 0.6], [0.6, 1]]), 200)
    assert one.weights[0].se == pytest.approx(2 * 0.6 * (1 - 0.36) / np.sqrt(199), rel=1e-6)
    assert one.slopes[0].se == pytest.approx((1 - 0.36) / np.sqrt(199), rel=1e-6)


def bootstrap(x: np.ndarray, replications: int = 400) -> np.ndarray:
    rng = np.random.default_rng(5)
    found = []
    for _ in range(replications):
        drawn = drivers_of_rows(x[rng.integers(0, len(x), len(x))])
        found.append(np.r_[values(drawn.weights), values(drawn.slopes)])
    return np.std(found, axis=0, ddof=1)


def errors(found: Drivers) -> np.ndarray:
    return np.array([estimate.se for estimate in (*found.weights, *found.slopes)])


def test_drivers__errors_of_rows__are_the_bootstraps_also_where_normal_ones_are_too_small() -> None:
    x = answers(2, 600, skewed=True)
    wanted = bootstrap(x)
    np.testing.assert_allclose(errors(drivers_of_rows(x)), wanted, rtol=0.2)
    normal = errors(drivers(np.cov(x, rowvar=False), 600))
    assert (normal[:3] < 0.85 * wanted[:3]).sum() >= 2


def test_drivers__normal_answers__cover_the_true_weights() -> None:
    truth = drivers(np.cov(answers(0, 400_000), rowvar=False), 400_000)
    inside = []
    for seed in range(300):
        found = drivers(np.cov(answers(seed + 1, 250), rowvar=False), 250)
        inside.append([e.lo <= t.value <= e.hi for e, t in zip(found.weights, truth.weights, strict=True)])
    assert (np.mean(inside, axis=0) > 0.91).all()


@pytest.mark.parametrize(
    ("x", "status"),
    [
        (np.zeros((0, 3)), Status.UNDEFINED_NO_RESPONSES),
        (np.ones((1, 3)), Status.UNDEFINED_ONE_RESPONSE),
        (np.c_[np.arange(9.0), np.ones(9), np.arange(9.0) ** 2], Status.UNDEFINED_ITEM_VARIANCE_ZERO),
        (np.c_[np.arange(9.0), 2 * np.arange(9.0), np.arange(9.0) ** 2], Status.UNDEFINED_SINGULAR),
        (np.random.default_rng(1).normal(size=(3, 3)), Status.UNDEFINED_SINGULAR),
    ],
)
def test_drivers__too_few_or_too_much_alike__are_undefined(x: np.ndarray, status: Status) -> None:
    found = drivers_of_rows(x)
    assert {e.status for e in (*found.weights, *found.slopes, found.r_squared)} == {status}
    assert len(found.weights) == len(found.slopes) == 2
    if status is Status.UNDEFINED_ITEM_VARIANCE_ZERO:
        assert found.r_squared.detail == {"items": "1"}


def test_drivers__what_does_not_fit__is_refused() -> None:
    for call in (
        lambda: drivers(np.ones((2, 3)), 10),
        lambda: drivers(np.full((2, 2), np.nan), 10),
        lambda: drivers_of_rows(np.array([[1.0, np.nan]])),
    ):
        with pytest.raises(ValueError, match=r"."):
            call()
