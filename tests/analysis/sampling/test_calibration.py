"""Variance of calibrated means: limits that must come out, simulation, statuses. R's numbers: goldens/sampling.py."""

import numpy as np
import pytest

from analysis.estimate import Status
from analysis.means import mean_srs, poststratified_mean
from analysis.sampling.calibration import calibrated_mean
from analysis.sampling.raking import Margin, rake


def test_calibrated__no_margins__is_the_simple_mean() -> None:
    y = np.random.default_rng(1).normal(60, 15, 40)
    found, simple = calibrated_mean(y, np.ones(40), [], population=100), mean_srs(y, 100)
    for part in ("value", "se", "lo", "hi", "df", "se_process"):
        assert getattr(found, part) == pytest.approx(getattr(simple, part), rel=1e-12)


def test_calibrated__one_margin__is_the_post_stratified_mean() -> None:
    rng = np.random.default_rng(2)
    h, sizes = rng.integers(0, 3, 60), np.array([50.0, 100.0, 250.0])
    y = 40 + 10 * h + rng.normal(0, 8, 60)
    weights = rake(np.ones(60), [Margin(h, sizes)]).weights
    found, wanted = calibrated_mean(y, weights, [Margin(h, sizes)], population=400), poststratified_mean(y, h, sizes)
    for part in ("value", "se", "se_process"):
        assert getattr(found, part) == pytest.approx(getattr(wanted, part), rel=1e-12)


def test_calibrated__answers_that_the_margins_explain__have_no_error_left() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 2, 80), rng.integers(0, 3, 80)
    margins = [Margin(a, np.array([300.0, 200.0])), Margin(b, np.array([100.0, 150.0, 250.0]))]
    weights = rake(np.ones(80), margins).weights
    found = calibrated_mean(50 + 10.0 * a - 5 * b, weights, margins, population=500)
    # what the margins explain is estimated without error, whoever answered
    assert found.value == pytest.approx(50 + 10 * 200 / 500 - 5 * (150 + 2 * 250) / 500, abs=1e-8)
    assert (found.se, found.status) == (0.0, Status.WARN_NO_VARIATION)


def test_calibrated__clusters_that_answer_alike__have_the_error_of_their_number() -> None:
    y = np.repeat(np.random.default_rng(4).normal(60, 15, 12), 10)
    found = calibrated_mean(y, np.ones(120), [], cluster=np.repeat(np.arange(12) * 7, 10), population=40)
    wanted = mean_srs(y[::10], 40)
    assert (found.se, found.df) == (pytest.approx(wanted.se, rel=1e-12), 11)


def test_calibrated__all_samples_of_a_population__has_the_spread_of_the_means() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.integers(0, 2, 600), rng.integers(0, 3, 600)
    y = 40 + 15.0 * a + 8 * b + rng.normal(0, 12, 600)
    sizes = [np.bincount(part).astype(float) for part in (a, b)]
    means, errors, covered = [], [], 0
    for _ in range(1500):
        s = rng.choice(600, 150, replace=False)
        margins = [Margin(part[s], size) for part, size in zip((a, b), sizes, strict=True)]
        found = calibrated_mean(y[s], rake(np.ones(150), margins).weights, margins, population=600)
        means.append(found.value)
        errors.append(found.se**2)
        covered += found.lo <= y.mean() <= found.hi
    assert np.sqrt(np.mean(errors)) == pytest.approx(np.std(means), rel=0.06)
    assert covered / 1500 > 0.93


def test_calibrated__census__has_no_error_of_the_frame_but_one_of_the_process() -> None:
    y = np.array([50.0, 60.0, 90.0, 80.0])
    found = calibrated_mean(y, np.ones(4), [], population=4)
    assert (found.se, found.lo, found.hi) == (0.0, found.value, found.value)
    assert found.se_process > 0


@pytest.mark.parametrize(
    ("n", "population", "cluster", "status"),
    [(0, None, None, Status.UNDEFINED_NO_RESPONSES), (3, 2, None, Status.UNDEFINED_FRAME_TOO_SMALL),
     (1, None, None, Status.WARN_ONE_RESPONSE), (3, None, [4, 4, 4], Status.WARN_ONE_RESPONSE)],
)  # fmt: skip
def test_calibrated__too_few_to_tell__says_so(n: int, population: int, cluster: list, status: Status) -> None:
    groups = None if cluster is None else np.array(cluster)
    found = calibrated_mean(np.arange(n) + 50.0, np.ones(n), [], cluster=groups, population=population)
    assert (found.status, found.se) == (status, None)


def test_calibrated__what_does_not_fit__is_refused() -> None:
    y = np.array([50.0, 60.0])
    for call in (
        lambda: calibrated_mean(y, np.ones(3), []),
        lambda: calibrated_mean(np.array([50.0, np.nan]), np.ones(2), []),
        lambda: calibrated_mean(y, np.array([1.0, 0.0]), []),
    ):
        with pytest.raises(ValueError, match=r"needs a weight|must be finite"):
            call()
