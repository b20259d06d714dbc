"""Exploratory factors: R's factanal and rotations run to the end, planted structures, every way to have no solution."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.multivariate.factor import Factor

from analysis.estimate import Status
from analysis.validity.exploratory import Rotation, exploratory_factors

ATTITUDE = np.genfromtxt(Path(__file__).parents[1] / "golden/attitude.csv", delimiter=",", skip_header=1)

# R 4.2.2: factanal(attitude, 2, control = list(opt = list(factr = 10))), then varimax(eps = 1e-14), promax(m = 4) on
# it, and for oblimin optim(method = "BFGS", reltol = 1e-16) over the angles of two axes, 30 starts
UNIQUE = [0.20972771, 0.13233552, 0.64101520, 0.39638344, 0.31773961, 0.89685633, 0.03661594]
OF_R: dict[Rotation, tuple[list[list[float]], float]] = {
    "none": (
        [
            [0.3608032418, 0.4356810089, 0.4544170450, 0.6568970703, 0.7069601563, 0.3147303313, 0.9536815618],
            [0.8124612643, 0.8233143642, 0.3904996079, 0.4148527495, 0.4271624083, 0.0639413131, -0.2321110507],
        ],
        0.0,
    ),
    "varimax": (
        [
            [0.8820271492, 0.9140334187, 0.5050531910, 0.5868201377, 0.6130576214, 0.1520734225, 0.0530728540],
            [0.1109071380, 0.1794641836, 0.3223446429, 0.5091745189, 0.5535528326, 0.2828733765, 0.9800853704],
        ],
        0.0,
    ),
    "promax": (
        [
            [1.0229562837, 1.0342408475, 0.4821237742, 0.5062741206, 0.5202577325, 0.0707785126, -0.3281530475],
            [-0.2519744792, -0.1838312597, 0.1657133102, 0.3537955934, 0.3954981727, 0.2724351472, 1.1506340291],
        ],
        0.6200725561,
    ),
    "oblimin": (
        [
            [0.920663979, 0.948328224, 0.504137590, 0.573771720, 0.597502065, 0.135258400, -0.031245766],
            [-0.11774269, -0.05582442, 0.19806994, 0.36823993, 0.40687225, 0.25022864, 0.99134081],
        ],
        0.32846984,
    ),
}


@pytest.mark.parametrize("rotation", OF_R)
def test_factors__two_of_attitude__are_those_of_r(rotation: Rotation) -> None:
    found = exploratory_factors(np.cov(ATTITUDE.T), 30, 2, rotation)
    loadings, between = OF_R[rotation]
    columns = found.loadings.T
    if rotation == "none":
        # R leaves the factors in the order of their share of Psi^-1 R, where ours stand by their sum of squares.
        columns = columns[np.argsort(columns[:, -1])[::-1]]
    np.testing.assert_allclose(columns, loadings, atol=2e-6)
    np.testing.assert_allclose(found.uniquenesses, UNIQUE, atol=1e-7)
    np.testing.assert_allclose(found.communalities, 1 - np.array(UNIQUE), atol=1e-7)
    assert found.factor_correlations[0, 1] == pytest.approx(between, abs=1e-5)
    assert (found.fit.value, found.fit.df) == (pytest.approx(5.474201194, abs=1e-6), 8)


def test_fit__five_factors_of_bfi__is_rs_chi_squared() -> None:
    items = np.genfromtxt(Path(__file__).parents[1] / "golden/bfi25.csv", delimiter=",", skip_header=1)
    items = items[~np.isnan(items).any(axis=1)]
    found = exploratory_factors(np.cov(items.T), len(items), 5)
    # R: factanal(na.omit(x), 5)$STATISTIC, $dof
    assert (found.fit.value, found.fit.df) == (pytest.approx(1490.586504, abs=1e-4), 185)
    assert found.fit.detail["p"] < 1e-100
    # each of the five scales has its own factor: four of five items at least load on it above all others
    strongest = np.abs(found.loadings).argmax(axis=1).reshape(5, 5)
    homes = [max(set(scale.tolist()), key=scale.tolist().count) for scale in strongest]
    assert sorted(homes) == [0, 1, 2, 3, 4]
    assert all((scale == home).sum() >= 4 for scale, home in zip(strongest, homes, strict=True))


@pytest.mark.filterwarnings("ignore:Fitting did not converge")  # statsmodels' own opinion of its search
def test_factors__real_answers__are_at_least_as_likely_as_statsmodels_own_fit() -> None:
    found = exploratory_factors(np.cov(ATTITUDE.T), 30, 2, "none")
    model = Factor(corr=np.corrcoef(ATTITUDE.T), n_factor=2, method="ml")
    fitted = model.fit(rng=1)
    theirs = model.loglike((fitted.loadings, fitted.uniqueness))
    assert theirs - 1e-10 <= model.loglike((found.loadings, found.uniquenesses)) < theirs + 1e-5


def planted(between: float, strength: float = 0.7) -> np.ndarray:
    pattern = np.kron(np.eye(2), np.full((4, 1), strength))
    pattern[3, 1] = 0.2
    common = pattern @ np.array([[1, between], [between, 1]]) @ pattern.T
    return common + np.diag(1 - np.diagonal(common))


@pytest.mark.parametrize("rotation", ["none", "varimax", "promax", "oblimin"])
def test_factors__whatever_the_rotation__reproduce_the_same_correlations(rotation: Rotation) -> None:
    cov = planted(0.4)
    found = exploratory_factors(cov, 500, 2, rotation)
    implied = found.loadings @ found.factor_correlations @ found.loadings.T + np.diag(found.uniquenesses)
    np.testing.assert_allclose(implied, cov, atol=1e-6)
    np.testing.assert_allclose(found.structure, found.loadings @ found.factor_correlations)
    assert found.fit.value == pytest.approx(0, abs=1e-6)
    assert found.fit.detail["p"] == pytest.approx(1)


def test_oblimin__planted_correlated_dimensions__finds_the_pattern_and_the_correlation() -> None:
    found = exploratory_factors(planted(0.4), 500, 2)
    assert found.rotation == "oblimin"
    own = found.loadings[[0, 1, 2, 4, 5, 6, 7], [0, 0, 0, 1, 1, 1, 1]]
    assert own == pytest.approx([0.7] * 7, abs=0.03)
    assert found.factor_correlations[0, 1] == pytest.approx(0.4, abs=0.05)


def test_varimax__perfectly_simple_structure__stays_where_it_is_without_a_warning() -> None:
    pattern = np.kron(np.eye(2), np.full((4, 1), 0.7))
    found = exploratory_factors(pattern @ pattern.T + 0.51 * np.eye(8), 200, 2, "varimax")
    assert np.sort(np.abs(found.loadings), axis=None) == pytest.approx([0.0] * 8 + [0.7] * 8, abs=1e-5)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6), st.permutations(range(8)))
def test_factors__items_in_another_order_and_other_units__are_the_same(seed: int, order: list[int]) -> None:
    rng = np.random.default_rng(seed)
    cov = np.cov((rng.normal(size=(400, 8)) @ np.linalg.cholesky(planted(0.3)).T).T)
    units = rng.uniform(0.1, 10, 8)
    before = exploratory_factors(cov, 400, 2, "varimax")
    after = exploratory_factors((cov * np.outer(units, units))[np.ix_(order, order)], 400, 2, "varimax")
    assert (before.status, after.status) == (Status.OK, Status.OK)
    np.testing.assert_allclose(after.uniquenesses, before.uniquenesses[order], atol=2e-5)
    np.testing.assert_allclose(
        np.sort((after.loadings**2).sum(axis=0)), np.sort((before.loadings**2).sum(axis=0)), atol=2e-4
    )


def test_factors__one__is_not_rotated_and_has_positive_loadings() -> None:
    found = exploratory_factors(planted(1.0), 200, 1, "promax")
    assert found.loadings[:, 0] == pytest.approx([0.7] * 3 + [0.9] + [0.7] * 4, abs=1e-5)
    np.testing.assert_array_equal(found.factor_correlations, [[1.0]])


def test_factors__an_item_that_is_the_factor__is_a_heywood_case_and_named() -> None:
    # item 0 would need a loading of sqrt(.81/.7) > 1 to explain its correlations with 1 and 2
    cov = np.array([[1, 0.9, 0.9, 0.3], [0.9, 1, 0.7, 0.3], [0.9, 0.7, 1, 0.3], [0.3, 0.3, 0.3, 1]])
    found = exploratory_factors(cov, 100, 1)
    assert (found.status, found.items, found.loadings.size) == (Status.UNDEFINED_HEYWOOD, (0,), 0)
    assert found.fit.status is Status.UNDEFINED_HEYWOOD


def test_factors__as_many_parameters_as_correlations__fit_and_say_that_this_is_no_test() -> None:
    found = exploratory_factors(planted(0.4)[:3, :3], 100, 1)
    assert (found.status, found.fit.status) == (Status.OK, Status.UNDEFINED_JUST_IDENTIFIED)


@pytest.mark.parametrize(
    ("cov", "n", "factors", "status", "items"),
    [
        (np.eye(1), 50, 1, Status.UNDEFINED_ONE_ITEM, ()),
        (np.array([[1, 0.5], [0.5, 1]]), 50, 1, Status.UNDEFINED_TWO_ITEMS, ()),
        (planted(0.4), 8, 2, Status.UNDEFINED_SINGULAR, ()),
        (planted(0.4), 100, 5, Status.UNDEFINED_NOT_IDENTIFIED, ()),
        (np.diag([1.0, 0, 1, 1]), 100, 1, Status.UNDEFINED_ITEM_VARIANCE_ZERO, (1,)),
        (planted(0.4)[np.ix_([0, 1, 4, 5, 1], [0, 1, 4, 5, 1])], 100, 1, Status.UNDEFINED_SINGULAR, (1, 4)),
    ],
)
def test_factors__no_solution_to_be_had__says_why(
    cov: np.ndarray, n: int, factors: int, status: Status, items: tuple[int, ...]
) -> None:
    found = exploratory_factors(cov, n, factors)
    assert (found.status, found.items, found.loadings.size, found.fit.value) == (status, items, 0, None)


@pytest.mark.parametrize("rotation", ["none", "varimax", "promax", "oblimin"])
@pytest.mark.parametrize("cov", [np.eye(6), planted(1.0)])
def test_factors__more_than_there_are__have_no_single_solution(cov: np.ndarray, rotation: Rotation) -> None:
    found = exploratory_factors(cov, 100, 2, rotation)
    assert (found.status, found.loadings.size) == (Status.UNDEFINED_NOT_IDENTIFIED, 0)


@pytest.mark.parametrize("limit", ["_MOST_CALLS", "_MOST_TURNS"])
def test_factors__search_or_rotation_cut_short__says_that_it_did_not_converge(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(f"analysis.validity.exploratory.{limit}", 1)
    found = exploratory_factors(np.cov(ATTITUDE.T), 30, 2)
    assert (found.status, found.loadings.size) == (Status.UNDEFINED_NOT_CONVERGED, 0)


@pytest.mark.parametrize(("factors", "rotation"), [(0, "none"), (2, "quartimax")])
def test_factors__unknown_rotation_or_none_at_all__is_a_wrong_call(factors: int, rotation: Rotation) -> None:
    with pytest.raises(ValueError, match="rotated"):
        exploratory_factors(planted(0.4), 100, factors, rotation)
