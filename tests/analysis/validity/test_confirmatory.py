"""One-factor fit: R run to the end, textbook identities, chi-squared in simulation, every index that says nothing."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kstest

from analysis.estimate import Status
from analysis.reliability.omega import omega_total
from analysis.validity.confirmatory import OneFactorFit, one_factor_fit
from analysis.validity.constructs import composite_reliability

ATTITUDE = np.genfromtxt(Path(__file__).parents[1] / "golden/attitude.csv", delimiter=",", skip_header=1)


def structure(loadings: list[float]) -> np.ndarray:
    common = np.outer(loadings, loadings)
    return common + np.diag(1 - np.diagonal(common))


def statuses(found: OneFactorFit) -> set[Status]:
    return {getattr(found.fit, index.name).status for index in fields(found.fit)}


def test_fit__attitude__has_rs_parameters_where_its_search_is_run_to_the_end() -> None:
    # R 4.2.2: factanal(x, 1, control = list(opt = list(factr = 1, pgtol = 1e-12)))$uniquenesses * diag(cov(x)) * 29/30.
    # lavaan 0.6-14 stops up to 1.3e-4 away, where -2 log L / n is 37.960618468636 instead of 37.960618468628.
    found = one_factor_fit(np.cov(ATTITUDE.T), 30)
    of_r = [39.1428379597, 31.8687618725, 93.8769983589, 62.0661190156, 43.3444331794, 88.9136645259, 87.7196927813]
    np.testing.assert_allclose(found.residual_variances, of_r, atol=1e-6)
    implied = np.outer(found.loadings, found.loadings) + np.diag(found.residual_variances)
    np.testing.assert_allclose(np.diagonal(implied), ATTITUDE.var(axis=0), rtol=1e-9)


@pytest.mark.parametrize(
    ("file", "columns", "limits"),
    [("attitude", slice(0, 7), (0.09223708537, 0.28879621903)), ("bfi25", slice(0, 5), (0.06380397062, 0.09241808297))],
)
def test_rmsea__limits__are_those_of_rs_noncentral_chi_squared(
    file: str, columns: slice, limits: tuple[float, float]
) -> None:
    # R 4.2.2: uniroot(function(ncp) pchisq(chisq, df, ncp) - c(.95, .05)), then sqrt(ncp/(df n))
    items = np.genfromtxt(Path(__file__).parents[1] / f"golden/{file}.csv", delimiter=",", skip_header=1)[:, columns]
    items = items[~np.isnan(items).any(axis=1)]
    found = one_factor_fit(np.cov(items.T), len(items)).fit.rmsea
    assert (found.lo, found.hi) == pytest.approx(limits, abs=1e-7)
    assert found.lo < found.value < found.hi


def test_fit__planted_one_factor__is_perfect() -> None:
    loadings = [0.8, 0.7, 0.6, 0.5, 0.9]
    found = one_factor_fit(structure(loadings) * np.outer(range(1, 6), range(1, 6)), 200)
    np.testing.assert_allclose(found.standardized, loadings, atol=1e-7)
    np.testing.assert_allclose(found.loadings, np.multiply(loadings, range(1, 6)) * np.sqrt(199 / 200), atol=1e-6)
    assert found.fit.chi_square.value == pytest.approx(0, abs=1e-9)
    assert found.fit.chi_square.detail["p"] == pytest.approx(1)
    assert (found.fit.cfi.value, found.fit.rmsea.value, found.fit.rmsea.lo) == (1.0, 0.0, 0.0)
    assert found.fit.tli.value > 1
    assert found.fit.srmr.value == pytest.approx(0, abs=1e-7)


def test_fit__two_dimensions_read_as_one__is_bad_by_every_index() -> None:
    loadings = np.kron(np.eye(2), np.full((3, 1), 0.8))
    cov = loadings @ np.array([[1, 0.2], [0.2, 1]]) @ loadings.T
    np.fill_diagonal(cov, 1.0)
    fit = one_factor_fit(cov, 300).fit
    assert fit.chi_square.detail["p"] < 1e-10
    assert fit.cfi.value < 0.8
    assert fit.tli.value < 0.7
    assert fit.rmsea.value > 0.2
    assert fit.srmr.value > 0.1


def test_chi_square__samples_of_a_one_factor_model__is_distributed_as_its_name_says() -> None:
    root, rng = np.linalg.cholesky(structure([0.8, 0.7, 0.6, 0.5, 0.7])), np.random.default_rng(1)
    p = [
        one_factor_fit(np.cov((rng.normal(size=(300, 5)) @ root.T).T), 300).fit.chi_square.detail["p"]
        for _ in range(300)
    ]
    assert kstest(p, "uniform").pvalue > 0.01


def test_standardized__real_answers__give_composite_reliability_that_is_omega_of_correlations() -> None:
    found = one_factor_fit(np.cov(ATTITUDE.T), 30)
    omega = omega_total(np.corrcoef(ATTITUDE.T), 30)
    assert composite_reliability(found.standardized, 30).value == pytest.approx(omega.value, abs=1e-9)


def test_fit__three_items__has_parameters_and_no_index() -> None:
    found = one_factor_fit(structure([0.8, 0.7, 0.6]), 100)
    assert (found.status, statuses(found)) == (Status.OK, {Status.UNDEFINED_JUST_IDENTIFIED})
    np.testing.assert_allclose(found.standardized, [0.8, 0.7, 0.6], atol=1e-7)


def test_fit__items_hardly_related__compares_with_a_baseline_only_where_it_is_worse() -> None:
    # the unrelated model already fits these: chi2_0 below its df, so that tli would divide by less than nothing
    found = one_factor_fit(structure([0.2, 0.2, 0.2, 0.2]), 50)
    assert found.status is Status.OK
    assert [found.fit.cfi.status, found.fit.tli.status] == [Status.UNDEFINED_NO_CORRELATION] * 2
    assert found.fit.rmsea.value == 0.0


def test_fit__worse_than_unrelated_items__has_a_cfi_of_zero_and_a_tli_below() -> None:
    noise = np.random.default_rng(105).normal(size=(30, 5))
    found = one_factor_fit(np.cov(noise.T), 30)
    assert (found.status, found.fit.cfi.value) == (Status.OK, 0.0)
    assert found.fit.tli.value < 0


@pytest.mark.parametrize(
    ("cov", "n", "status", "items"),
    [
        (np.eye(1), 50, Status.UNDEFINED_ONE_ITEM, ()),
        (structure([0.8, 0.7]), 50, Status.UNDEFINED_TWO_ITEMS, ()),
        (structure([0.8] * 4), 4, Status.UNDEFINED_SINGULAR, ()),
        (structure([0.8, 1.0, 0.7, 1.0]), 50, Status.UNDEFINED_SINGULAR, (1, 3)),
        (np.diag([1.0, 1.0, 0.0, 1.0]), 50, Status.UNDEFINED_ITEM_VARIANCE_ZERO, (2,)),
        (np.array([[1, 0.9, 0.9], [0.9, 1, 0.7], [0.9, 0.7, 1]]), 60, Status.UNDEFINED_HEYWOOD, (0,)),
    ],
)
def test_fit__no_solution__says_why_in_every_part(
    cov: np.ndarray, n: int, status: Status, items: tuple[int, ...]
) -> None:
    found = one_factor_fit(cov, n)
    assert (found.status, found.items, found.loadings.size, statuses(found)) == (status, items, 0, {status})
