"""Alpha by pairs: complete answers as before, holes against the bootstrap, matrices that nobody can have."""

import numpy as np
import pandas as pd
import pytest

from analysis.estimate import Status
from analysis.reliability.alpha import influence_interval
from analysis.reliability.pairwise import pairwise_covariance, pairwise_influence_interval


def scale(n: int = 300, k: int = 5, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.clip(np.round(3.3 + 0.7 * rng.normal(size=(n, 1)) + 0.8 * rng.normal(size=(n, k))), 1, 5).astype(np.int8)


@pytest.mark.parametrize("divide_by", [1, 2])
def test_covariance__with_holes__is_pandas_of_integers_and_of_other_numbers(divide_by: int) -> None:
    x = scale(90)
    present = np.random.default_rng(2).random(x.shape) > 0.2
    values = x if divide_by == 1 else x / divide_by
    found = pairwise_covariance(values, present)
    table = pd.DataFrame(np.where(present, values, np.nan))
    assert found.cov == pytest.approx(table.cov().to_numpy(), abs=1e-12)
    assert found.n[1, 3] == (present[:, 1] & present[:, 3]).sum()
    assert found.least == found.n.min()


def test_influence__nothing_missing__is_that_of_complete_answers() -> None:
    x = scale(120)
    found, complete = pairwise_influence_interval(x, np.ones(x.shape, dtype=bool)), influence_interval(x)
    assert found.value == pytest.approx(complete.value, abs=1e-12)
    assert [found.se, found.lo, found.hi] == pytest.approx([complete.se, complete.lo, complete.hi], abs=1e-12)
    assert (found.n, found.df) == (120, 119)


def test_influence__many_holes__is_as_uncertain_as_the_bootstrap_says() -> None:
    rng = np.random.default_rng(7)
    x = scale(400)
    present = rng.random(x.shape) > 0.3
    found = pairwise_influence_interval(x, present)
    alphas = []
    for _ in range(400):
        rows = rng.integers(0, 400, 400)
        cov = pairwise_covariance(x[rows], present[rows]).cov
        alphas.append(1.25 * (1 - np.trace(cov) / cov.sum()))
    assert found.se == pytest.approx(np.std(alphas), rel=0.12)
    assert found.se > 1.2 * influence_interval(x).se


def test_influence__holes_that_depend_on_other_answers__is_the_definition_written_out() -> None:
    x = scale(150, 4).astype(np.float64)
    present = np.ones(x.shape, dtype=bool)
    present[:, 0] = x[:, 1] + np.random.default_rng(1).normal(size=150) > 2.5
    present[:, 2] = x[:, 3] + np.random.default_rng(2).normal(size=150) < 4.0
    cov = pairwise_covariance(x, present).cov
    trace = total = np.zeros(150)
    for j in range(4):
        for i in range(4):
            both = present[:, j] & present[:, i]
            products = (x[:, j] - x[both, j].mean()) * (x[:, i] - x[both, i].mean())
            influence = np.where(both, 150 / both.sum() * (products - cov[j, i]), 0.0)
            total, trace = total + influence, trace + influence * (i == j)
    a, b = np.trace(cov), cov.sum()
    on_alpha = -4 / 3 * (trace / b - a * total / b**2)
    found = pairwise_influence_interval(x, present)
    assert found.se == pytest.approx(on_alpha.std(ddof=1) / np.sqrt(150), rel=1e-10)


def test_influence__rows_without_any_answer__change_nothing() -> None:
    x = scale(60)
    present = np.random.default_rng(3).random(x.shape) > 0.2
    present[present.sum(axis=1) == 0, 0] = True
    more = np.vstack((x, np.zeros((9, 5), dtype=np.int8)))
    there = np.vstack((present, np.zeros((9, 5), dtype=bool)))
    assert pairwise_influence_interval(more, there) == pairwise_influence_interval(x, present)


def test_influence__pair_that_nobody_answered_together__is_undefined() -> None:
    x, present = scale(40, 3), np.ones((40, 3), dtype=bool)
    present[:20, 0] = present[20:, 1] = False
    found = pairwise_influence_interval(x, present)
    assert (found.value, found.n, found.status) == (None, 0, Status.UNDEFINED_NO_RESPONSES)
    present[20, 1] = True
    assert pairwise_influence_interval(x, present).status is Status.UNDEFINED_ONE_RESPONSE


def test_covariance__shapes_that_do_not_fit__are_a_wrong_call() -> None:
    with pytest.raises(ValueError, match="shape"):
        pairwise_covariance(scale(5), np.ones((5, 4), dtype=bool))


def test_integers_that_reach_too_far_for_exact_sums__are_taken_as_real_numbers() -> None:
    codes = np.random.default_rng(3).integers(-(10**9), 10**9, (40, 3))
    present = np.ones(codes.shape, dtype=bool)
    present[::7, 1] = False
    found = pairwise_covariance(codes, present)
    wanted = pd.DataFrame(np.where(present, codes, np.nan)).cov().to_numpy()
    np.testing.assert_allclose(found.cov, wanted, rtol=1e-12)
