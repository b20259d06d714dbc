"""Distances: against the textbook, under maps and missing cells, and where there is none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimate import Status
from analysis.quality.mahalanobis import mahalanobis_d2, pair_sums

seeds = st.integers(0, 10**6)


def scale(seed: int, n: int = 60, k: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.clip(np.round(3 + rng.normal(size=(n, 1)) + rng.normal(size=(n, k))), 1, 5)


def full(x: np.ndarray) -> np.ndarray:
    return np.ones(x.shape, dtype=bool)


def textbook(x: np.ndarray) -> np.ndarray:
    deviation = x - x.mean(axis=0)
    return np.einsum("ij,jk,ik->i", deviation, np.linalg.pinv(np.cov(x, rowvar=False), hermitian=True), deviation)


@settings(deadline=None)
@given(seeds, st.integers(2, 8))
def test_distance__complete_rows__is_the_textbook_and_sums_to_its_trace(seed, k):
    x = scale(seed, k=k)
    found = mahalanobis_d2(x, full(x))
    assert found.d2 == pytest.approx(textbook(x), abs=1e-9)
    assert found.d2.sum() == pytest.approx((len(x) - 1) * k, abs=1e-7)
    assert set(found.df.tolist()) == {k}


@settings(deadline=None)
@given(seeds, st.integers(2, 6))
def test_distance__after_any_affine_map__is_the_same(seed, k):
    x, rng = scale(seed, k=k), np.random.default_rng(seed)
    mixed = x @ (np.eye(k) * 3 + rng.uniform(-1, 1, (k, k)) / k) + rng.normal(size=k) * 50
    assert mahalanobis_d2(mixed, full(x)).d2 == pytest.approx(mahalanobis_d2(x, full(x)).d2, rel=1e-7, abs=1e-8)


@settings(deadline=None)
@given(seeds)
def test_distance__items_stretched_with_missing_cells__is_the_same(seed):
    x, rng = scale(seed), np.random.default_rng(seed)
    present = rng.random(x.shape) > 0.1
    moved = x * np.array([2.0, -1, 100, 0.01, 7]) + np.arange(5) * 1000
    found, other = mahalanobis_d2(x, present), mahalanobis_d2(moved, present)
    assert other.d2 == pytest.approx(found.d2, rel=1e-6, abs=1e-6)
    assert other.df.tolist() == found.df.tolist() == present.sum(axis=1).tolist()


@settings(deadline=None)
@given(seeds)
def test_distance__people_and_items_in_another_order__goes_with_them(seed):
    x, rng = scale(seed), np.random.default_rng(seed)
    present = rng.random(x.shape) > 0.1
    people, items = rng.permutation(len(x)), rng.permutation(5)
    found = mahalanobis_d2(x, present)
    moved = mahalanobis_d2(x[people][:, items], present[people][:, items])
    assert moved.d2 == pytest.approx(found.d2[people], abs=1e-8)


@pytest.mark.parametrize("missing", [0.05, 0.3])
def test_distance__missing_cells__is_that_of_the_observed_block(missing):
    x, rng = scale(9, n=400, k=7), np.random.default_rng(9)
    present = rng.random(x.shape) >= missing
    x[~present] = np.nan
    found, (_, mean, cov) = mahalanobis_d2(x, present), pair_sums(x, present)
    for row in range(len(x)):
        some = present[row]
        deviation = x[row, some] - mean[some]
        wanted = deviation @ np.linalg.solve(cov[np.ix_(some, some)], deviation) if some.any() else 0.0
        assert found.d2[row] == pytest.approx(wanted, abs=1e-8)


def test_pair_sums__missing_cells__are_those_of_pairs_that_are_there():
    x, rng = scale(4, n=50), np.random.default_rng(4)
    present = rng.random(x.shape) > 0.2
    n, _, cov = pair_sums(x, present)
    for i in range(5):
        for j in range(5):
            both = present[:, i] & present[:, j]
            assert n[i, j] == both.sum()
            assert cov[i, j] == pytest.approx(np.cov(x[both, i], x[both, j])[0, 1], abs=1e-12)


def test_distance__copies_sums_and_constants_added__is_the_same_with_a_warning():
    x = scale(3)
    more = np.column_stack((x, x[:, 0], 7 - 2 * x[:, 1], x[:, 2] + x[:, 3], np.full(len(x), 4.0)))
    found = mahalanobis_d2(more, full(more))
    assert (found.status, len(found.columns), set(found.df.tolist())) == (Status.WARN_SINGULAR, 5, {5})
    assert found.d2 == pytest.approx(textbook(x), abs=1e-8)
    assert found.d2 == pytest.approx(textbook(more), abs=1e-6)


def test_distance__constant_item_among_others__is_left_out_without_a_warning():
    x = scale(3)
    found = mahalanobis_d2(np.column_stack((np.full(len(x), 0.1), x)), full(np.zeros((len(x), 6))))
    assert (found.status, found.columns.tolist()) == (Status.OK, [1, 2, 3, 4, 5])
    assert found.d2 == pytest.approx(textbook(x), abs=1e-8)


@pytest.mark.parametrize("constant", [3.0, 0.1, 0.0, 1e6])
def test_distance__nothing_varies__has_none(constant):
    x = np.full((40, 4), constant)
    found = mahalanobis_d2(x, full(x))
    assert (found.status, found.d2.any(), found.df.any()) == (Status.UNDEFINED_TOTAL_VARIANCE_ZERO, False, False)


@pytest.mark.parametrize("n", [0, 1, 2, 4, 5])
def test_distance__no_more_people_than_items__has_none(n):
    x = scale(1, n=n)
    found = mahalanobis_d2(x, full(x))
    assert not found.status.defined
    assert found.d2.tolist() == [0.0] * n


def test_distance__nobody_answered__has_none():
    x = scale(1)
    found = mahalanobis_d2(np.full_like(x, np.nan), np.zeros(x.shape, dtype=bool))
    assert (found.status.defined, found.d2.any()) == (False, False)


@pytest.mark.parametrize(("n", "status"), [(0, Status.UNDEFINED_NO_RESPONSES), (1, Status.UNDEFINED_ONE_RESPONSE)])
def test_distance__too_few_people_to_vary__says_so(n, status):
    x = scale(1, n=n)
    assert mahalanobis_d2(x, full(x)).status is status
    if n:
        assert mahalanobis_d2(x, np.zeros(x.shape, dtype=bool)).status is Status.UNDEFINED_NO_RESPONSES


def test_distance__item_that_hardly_anybody_saw__is_left_out_and_the_others_stay():
    x = scale(6, n=80)
    present = full(x)
    present[4:, 2] = False
    found = mahalanobis_d2(x, present)
    assert (found.status, found.columns.tolist()) == (Status.OK, [0, 1, 3, 4])
    assert found.d2 == pytest.approx(textbook(np.delete(x, 2, axis=1)), abs=1e-8)


def test_distance__row_without_answers_and_one_item__are_zero_and_standardised():
    x = scale(8, n=30, k=1)
    present = full(x)
    present[0] = False
    found, some = mahalanobis_d2(x, present), x[1:, 0]
    assert (found.d2[0], found.df[0]) == (0.0, 0)
    assert found.d2[1:] == pytest.approx((some - some.mean()) ** 2 / some.var(ddof=1), abs=1e-9)
    with pytest.raises(ValueError, match="same"):
        mahalanobis_d2(x, present[:3])
