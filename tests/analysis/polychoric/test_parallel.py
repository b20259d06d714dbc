"""Parallel analysis: R's simulation of responses, planted dimensions, the same seed; the nearest correlation matrix."""

import numpy as np
import pytest

from analysis.estimate import Status
from analysis.reliability.nearest_correlation import nearest_correlation
from analysis.reliability.parallel import parallel_analysis, random_eigenvalues

# R 4.2.2: rowMeans and .95 quantiles of replicate(B, eigen(cor(matrix(rnorm(n * k), n)))$values), B = 40,000 and 20,000
R_50_5 = (
    [1.41323, 1.16498, 0.982619, 0.812647, 0.626520],
    [1.61978, 1.29569, 1.080110, 0.925250, 0.762131],
)
R_12_8 = (
    [2.48124, 1.81297, 1.34704, 0.977421, 0.670040, 0.415149, 0.217422, 0.0787238],
    [3.01914, 2.15121, 1.61120, 1.209542, 0.889784, 0.611617, 0.367980, 0.1752239],
)


def two_dimensions(between: float = 0.2) -> np.ndarray:
    """Correlations of eight items, four for each of two dimensions."""
    loadings = np.kron(np.eye(2), np.full((4, 1), 0.7))
    common = loadings @ np.array([[1, between], [between, 1]]) @ loadings.T
    return common + np.diag(1 - np.diagonal(common))


@pytest.mark.parametrize(("n", "k", "of_r"), [(50, 5, R_50_5), (12, 8, R_12_8)])
def test_random_eigenvalues__drawn_as_scatter_matrices__spread_as_those_of_responses_in_r(
    n: int, k: int, of_r: tuple[list[float], list[float]]
) -> None:
    found = random_eigenvalues(n, k, seed=1, replications=20_000)
    np.testing.assert_allclose(found.mean(axis=0), of_r[0], atol=0.008)
    np.testing.assert_allclose(np.quantile(found, 0.95, axis=0), of_r[1], atol=0.02)
    np.testing.assert_allclose(found.sum(axis=1), k, atol=1e-9)


@pytest.mark.parametrize(("cov", "dimensions"), [(two_dimensions(), 2), (two_dimensions(1.0), 1), (np.eye(8), 0)])
def test_parallel__planted_dimensions__are_counted(cov: np.ndarray, dimensions: int) -> None:
    found = parallel_analysis(cov, 300, seed=3)
    assert (found.dimensions, found.dimensions_by_mean, found.status) == (dimensions, dimensions, Status.OK)
    np.testing.assert_allclose(found.eigenvalues, np.linalg.eigvalsh(cov)[::-1], atol=1e-12)
    assert found.ratio == pytest.approx(found.eigenvalues[0] / found.eigenvalues[1])


def test_parallel__noise_that_a_mean_lets_through__is_stopped_by_the_quantile() -> None:
    counts = []
    for seed in range(60):
        noise = np.random.default_rng(seed).normal(size=(100, 6))
        found = parallel_analysis(np.cov(noise.T), 100, seed=1, replications=200)
        counts.append((found.dimensions > 0, found.dimensions_by_mean > 0))
    by_quantile, by_mean = np.mean(counts, axis=0)
    assert by_quantile <= 0.15
    assert 0.3 <= by_mean <= 0.7


def test_parallel__same_seed__is_the_same_and_units_of_items_do_not_matter() -> None:
    scale = np.arange(1.0, 9.0)
    first, second = (
        parallel_analysis(two_dimensions() * units, 90, seed=7, replications=300)
        for units in (np.ones((8, 8)), np.outer(scale, scale))
    )
    other = parallel_analysis(two_dimensions(), 90, seed=8, replications=300)
    np.testing.assert_array_equal(first.random_quantile, second.random_quantile)
    np.testing.assert_allclose(first.eigenvalues, second.eigenvalues, atol=1e-12)
    assert not np.array_equal(first.random_quantile, other.random_quantile)


def test_parallel__explained_common_variance__is_all_for_one_dimension_and_about_half_for_two() -> None:
    one, two = (parallel_analysis(two_dimensions(r), 300, seed=1, replications=50).ecv for r in (1.0, 0.0))
    assert one > 0.97
    assert two == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("cov", "n", "status", "items"),
    [
        (np.eye(1), 50, Status.UNDEFINED_ONE_ITEM, ()),
        (np.full((3, 3), np.nan), 0, Status.UNDEFINED_NO_RESPONSES, ()),
        (np.full((3, 3), np.nan), 1, Status.UNDEFINED_ONE_RESPONSE, ()),
        (np.eye(3), 3, Status.UNDEFINED_SINGULAR, ()),
        (np.diag([1.0, 0.0, 2.0]), 50, Status.UNDEFINED_ITEM_VARIANCE_ZERO, (1,)),
    ],
)
def test_parallel__nothing_to_compare__says_why(
    cov: np.ndarray, n: int, status: Status, items: tuple[int, ...]
) -> None:
    found = parallel_analysis(cov, n, seed=1)
    assert (found.status, found.items, found.eigenvalues.size, found.dimensions) == (status, items, 0, 0)
    assert (found.ratio, found.ecv) == (None, None)


def test_parallel__copied_items_and_contradictions__have_eigenvalues_but_no_common_variance() -> None:
    copied = np.array([[1, 0.5, 1], [0.5, 1, 0.5], [1, 0.5, 1]])
    contradictory = np.array([[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]])
    found = parallel_analysis(copied, 100, seed=1)
    assert (found.status, found.ecv, found.dimensions) == (Status.OK, None, 1)
    found = parallel_analysis(contradictory, 100, seed=1)
    assert (found.status, found.ecv) == (Status.WARN_NOT_POSITIVE_DEFINITE, None)


def test_parallel__wrong_calls__are_refused() -> None:
    with pytest.raises(ValueError, match="quantile"):
        parallel_analysis(np.eye(3), 50, seed=1, quantile=1.0)
    with pytest.raises(ValueError, match="singular"):
        random_eigenvalues(5, 5, seed=1, replications=10)
    with pytest.raises(ValueError, match="covariance"):
        parallel_analysis(np.ones((2, 3)), 50, seed=1)


def test_nearest__highams_example__is_the_published_matrix() -> None:
    # Higham 2002, section 5: the tridiagonal matrix of ones
    asked = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1.0]])
    found = nearest_correlation(asked)
    wanted = np.array([[1, 0.76068985, 0.15729811], [0.76068985, 1, 0.76068985], [0.15729811, 0.76068985, 1]])
    np.testing.assert_allclose(found.correlations, wanted, atol=1e-7)
    assert found.status is Status.WARN_NOT_POSITIVE_DEFINITE
    assert found.largest == pytest.approx(1 - 0.76068985, abs=1e-7)
    assert found.distance == pytest.approx(np.linalg.norm(wanted - asked), abs=1e-7)


def test_nearest__correlations_that_exist__are_left_alone() -> None:
    asked = two_dimensions()
    found = nearest_correlation(asked)
    assert (found.status, found.distance, found.largest) == (Status.OK, 0.0, 0.0)
    np.testing.assert_array_equal(found.correlations, asked)


@pytest.mark.parametrize("asked", [np.ones((2, 3)), np.array([[1, 0.1], [0.2, 1]]), 2 * np.eye(2)])
def test_nearest__no_correlation_matrix__is_a_wrong_call(asked: np.ndarray) -> None:
    with pytest.raises(ValueError, match="correlation matrix"):
        nearest_correlation(asked)
