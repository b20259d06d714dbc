"""KMO, MSA, Bartlett: definitions by regression, invariances, and which items make a matrix singular."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimate import Estimate, Status
from analysis.validity.dependence import dependent_items
from analysis.validity.sampling_adequacy import bartlett_sphericity, item_adequacies, kmo


def answers(seed: int, n: int = 120, k: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.round(3 + 0.7 * rng.normal(size=(n, 1)) + 0.8 * rng.normal(size=(n, k)))


def test_kmo__of_three_items__is_made_of_partial_correlations_by_regression() -> None:
    x = answers(1, k=3)
    x = x - x.mean(axis=0)
    r2 = q2 = 0.0
    for a, b, other in ((0, 1, 2), (0, 2, 1), (1, 2, 0)):
        rest = [x[:, j] - x[:, other] * (x[:, j] @ x[:, other]) / (x[:, other] @ x[:, other]) for j in (a, b)]
        r2 += np.corrcoef(x[:, a], x[:, b])[0, 1] ** 2
        q2 += np.corrcoef(*rest)[0, 1] ** 2
    assert kmo(np.cov(x.T), 120).value == pytest.approx(r2 / (r2 + q2), abs=1e-12)


def test_kmo__of_two_items__is_a_half() -> None:
    assert kmo(np.array([[1, 0.6], [0.6, 1]]), 50).value == pytest.approx(0.5)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.permutations(range(5)))
def test_adequacy__items_in_another_order_and_other_units__is_the_same(seed: int, order: list[int]) -> None:
    cov = np.cov(answers(seed).T)
    units = np.array([1.0, -2.0, 0.1, 5.0, 3.0])
    other = (cov * np.outer(units, units))[np.ix_(order, order)]
    assert kmo(other, 120).value == pytest.approx(kmo(cov, 120).value, abs=1e-12)
    assert bartlett_sphericity(other, 120).value == pytest.approx(bartlett_sphericity(cov, 120).value, rel=1e-10)
    before, after = ([one.value for one in item_adequacies(matrix, 120)] for matrix in (cov, other))
    assert after == pytest.approx([before[j] for j in order], abs=1e-12)


def test_item_adequacy__an_item_of_noise__is_the_lowest() -> None:
    x = answers(2, n=400, k=6)
    x[:, 4] = np.random.default_rng(3).normal(size=400)
    found = [one.value for one in item_adequacies(np.cov(x.T), 400)]
    assert int(np.argmin(found)) == 4


def test_bartlett__unrelated_items__rejects_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    p = [bartlett_sphericity(np.cov(rng.normal(size=(40, 4)).T), 40).detail["p"] for _ in range(1000)]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.02)
    assert np.mean(p) == pytest.approx(0.5, abs=0.04)


def as_list(found: Estimate | tuple[Estimate, ...]) -> list[Estimate]:
    return [found] if isinstance(found, Estimate) else list(found)


EVERY: tuple[Callable[..., Estimate | tuple[Estimate, ...]], ...] = (kmo, bartlett_sphericity, item_adequacies)


@pytest.mark.parametrize("statistic", EVERY)
def test_every_statistic__copies_and_sums_of_items__are_named(statistic: Callable[..., Estimate]) -> None:
    x = answers(4)
    copied = np.hstack((x, x[:, 1:2]))
    summed = np.hstack((x, x[:, :1] + 2 * x[:, 3:4]))
    for matrix, items in ((copied, "1,5"), (summed, "0,3,5")):
        for found in as_list(statistic(np.cov(matrix.T), 120)):
            assert (found.value, found.status, found.detail) == (None, Status.UNDEFINED_SINGULAR, {"items": items})


@pytest.mark.parametrize("statistic", EVERY)
@pytest.mark.parametrize(
    ("cov", "n", "status", "detail"),
    [
        (np.eye(1), 30, Status.UNDEFINED_ONE_ITEM, {}),
        (np.full((3, 3), np.nan), 0, Status.UNDEFINED_NO_RESPONSES, {}),
        (np.full((3, 3), np.nan), 1, Status.UNDEFINED_ONE_RESPONSE, {}),
        (np.array([[1, 0.5], [0.5, 1]]), 2, Status.UNDEFINED_SINGULAR, {}),
        (np.diag([1.0, 0.0, 0.0]), 30, Status.UNDEFINED_ITEM_VARIANCE_ZERO, {"items": "1,2"}),
        (
            np.array([[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]]),
            30,
            Status.UNDEFINED_NOT_POSITIVE_DEFINITE,
            {},
        ),
    ],
)
def test_every_statistic__a_matrix_that_cannot_be_inverted__says_why(
    statistic: Callable[..., Estimate], cov: np.ndarray, n: int, status: Status, detail: dict[str, str]
) -> None:
    for found in as_list(statistic(cov, n)):
        assert (found.value, found.status, found.detail) == (None, status, detail)


def test_kmo__exactly_unrelated_items__has_nothing_to_share() -> None:
    cov = np.diag([1.0, 2.0, 3.0])
    assert [one.status for one in (kmo(cov, 30), *item_adequacies(cov, 30))] == [Status.UNDEFINED_NO_CORRELATION] * 4
    found = bartlett_sphericity(cov, 30)
    assert (found.value, found.detail["p"]) == (pytest.approx(0.0, abs=1e-12), pytest.approx(1.0))


def test_edge_cases__of_the_goldens__have_no_kmo_and_name_what_stands_in_the_way() -> None:
    constant = np.array([[5, 4, 4, 5], [3, 5, 4, 4], [5, 3, 4, 3], [5, 4, 4, 5], [3, 3, 4, 3], [2, 1, 4, 1.0]])
    copies = np.repeat(np.array([[5], [4], [3], [2], [1.0]]), 3, axis=1)
    few = np.array([[5, 4, 5, 5], [3, 5, 3, 4], [5, 3, 4, 3.0]])
    for x, status, items in (
        (constant, Status.UNDEFINED_ITEM_VARIANCE_ZERO, "2"),
        (copies, Status.UNDEFINED_SINGULAR, "0,1,2"),
        (few, Status.UNDEFINED_SINGULAR, None),
    ):
        for found in (kmo(np.cov(x.T), len(x)), bartlett_sphericity(np.cov(x.T), len(x))):
            assert (found.value, found.status, found.detail.get("items")) == (None, status, items)


def test_dependent_items__two_separate_pairs_of_copies__are_all_named_and_nothing_else() -> None:
    x = answers(6)
    assert dependent_items(np.cov(np.hstack((x, x[:, :1], x[:, 3:4])).T)) == (0, 3, 5, 6)
    assert dependent_items(np.cov(x.T)) == ()
