"""Alpha of designed samples: special cases that must agree, what the pieces of the variance do, and simulation."""

import numpy as np
import pytest

from analysis.estimate import Status
from analysis.moments import moments
from analysis.reliability.alpha import cronbach_alpha, influence_interval
from analysis.reliability.designs import SurveyDesign, design_alpha


def scale(n: int = 300, k: int = 5, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.clip(np.round(3.3 + 0.7 * rng.normal(size=(n, 1)) + 0.8 * rng.normal(size=(n, k))), 1, 5).astype(np.int8)


def test_design__nothing_special__is_the_influence_interval_with_the_divisor_of_totals() -> None:
    codes = scale(80)
    found, plain = design_alpha(codes, SurveyDesign()), influence_interval(codes)
    assert found.value == pytest.approx(plain.value, abs=1e-12)
    assert found.se == pytest.approx(plain.se * 80 / 79, rel=1e-9)
    assert (found.n, found.df) == (plain.n, plain.df)


def test_design__whole_weights__have_the_value_of_repeated_rows() -> None:
    codes, times = scale(60), np.random.default_rng(3).integers(0, 4, 60)
    repeated = np.repeat(codes, times, axis=0)
    found = design_alpha(codes, SurveyDesign(weights=times.astype(float)))
    assert found.value == pytest.approx(cronbach_alpha(moments(repeated).covariance(), len(repeated)).value, abs=1e-12)
    assert found.n == np.count_nonzero(times)


def test_design__repeated_rows_in_clusters__are_as_uncertain_as_the_rows_once() -> None:
    codes = scale(60)
    once = design_alpha(codes, SurveyDesign())
    thrice = design_alpha(np.repeat(codes, 3, axis=0), SurveyDesign(cluster=np.repeat(np.arange(60), 3)))
    assert thrice.se == pytest.approx(once.se, rel=1e-12)
    assert (thrice.df, thrice.detail["clusters"]) == (59, 60)
    assert design_alpha(np.repeat(codes, 3, axis=0), SurveyDesign()).se < 0.6 * once.se


def test_design__weights_times_a_factor_and_renamed_clusters__change_nothing() -> None:
    codes, rng = scale(90), np.random.default_rng(4)
    weights, cluster = rng.uniform(0.2, 3, 90), rng.integers(0, 20, 90)
    first = design_alpha(codes, SurveyDesign(weights=weights, cluster=cluster))
    second = design_alpha(codes, SurveyDesign(weights=weights * 1000, cluster=(7 - cluster) * 13))
    assert second.se == pytest.approx(first.se, rel=1e-10)
    order = rng.permutation(90)
    third = design_alpha(codes[order], SurveyDesign(weights=weights[order], cluster=cluster[order]))
    assert (third.value, third.se) == (pytest.approx(first.value, abs=1e-12), pytest.approx(first.se, rel=1e-10))


def test_design__finite_population__shrinks_the_error_by_its_root_and_ends_at_a_census() -> None:
    codes = scale(60)
    without = design_alpha(codes, SurveyDesign())
    half = design_alpha(codes, SurveyDesign(sizes=np.array([120.0])))
    assert half.se == pytest.approx(without.se * np.sqrt(0.5), rel=1e-12)
    census = design_alpha(codes, SurveyDesign(sizes=np.array([60.0])))
    assert (census.se, census.lo, census.hi) == (0.0, census.value, census.value)
    unknown = design_alpha(codes, SurveyDesign(sizes=np.array([np.nan])))
    assert unknown == without


def test_design__more_clusters_than_the_population_has__is_undefined() -> None:
    found = design_alpha(scale(60), SurveyDesign(sizes=np.array([59.0])))
    assert (found.value, found.se, found.status) == (None, None, Status.UNDEFINED_FRAME_TOO_SMALL)


def test_design__clusters_of_the_same_number_in_two_strata__are_two() -> None:
    codes, stratum = scale(40), np.repeat([0, 1], 20)
    same = SurveyDesign(cluster=np.tile(np.arange(10), 4), stratum=stratum)
    own = SurveyDesign(cluster=np.tile(np.arange(10), 4) + 100 * stratum, stratum=stratum)
    assert design_alpha(codes, same) == design_alpha(codes, own)
    assert design_alpha(codes, same).detail == {"clusters": 20.0, "strata": 2.0}


def test_design__single_cluster__has_a_value_and_no_interval() -> None:
    found = design_alpha(scale(40), SurveyDesign(cluster=np.zeros(40, dtype=int)))
    assert found.value == pytest.approx(influence_interval(scale(40)).value, abs=1e-12)
    assert (found.se, found.status) == (None, Status.WARN_LONELY_CLUSTER)


def test_design__lonely_cluster_that_is_its_whole_stratum__adds_nothing_and_needs_no_warning() -> None:
    codes, stratum = scale(40), np.repeat([0, 1], [30, 10])
    cluster = np.concatenate((np.repeat(np.arange(6), 5), np.full(10, 6)))
    all_of_it = SurveyDesign(cluster=cluster, stratum=stratum, sizes=np.array([np.nan, 1.0]))
    one_of_two = SurveyDesign(cluster=cluster, stratum=stratum, sizes=np.array([np.nan, 2.0]))
    assert design_alpha(codes, all_of_it).status is Status.OK
    assert design_alpha(codes, one_of_two).status is Status.WARN_LONELY_CLUSTER
    assert design_alpha(codes, all_of_it).se < design_alpha(codes, one_of_two).se


def test_design__persons_within_units__is_the_pooled_interval_up_to_the_divisor_of_totals() -> None:
    codes, group = scale(120, 4), np.repeat(np.arange(40), 3)
    found, pooled = design_alpha(codes, SurveyDesign(group=group)), influence_interval(codes, group=group)
    assert found.value == pytest.approx(pooled.value, abs=1e-12)
    assert found.df == pooled.df == 80
    assert found.se == pytest.approx(pooled.se * 120 / 119, rel=1e-9)


@pytest.mark.parametrize("by_unit", [False, True])
def test_design__many_units_of_three__is_as_uncertain_as_simulation_says(by_unit: bool) -> None:
    group = np.repeat(np.arange(40), 3)
    design = SurveyDesign(group=group, cluster=group if by_unit else None)
    found = [design_alpha(scale(120, 4, seed=seed), design) for seed in range(200)]
    spread = np.std([estimate.value for estimate in found], ddof=1)
    assert np.mean([estimate.se for estimate in found]) == pytest.approx(spread, rel=0.15)


def test_design__answers_alike_in_a_cluster__is_as_uncertain_as_simulation_says() -> None:
    cluster, found = np.repeat(np.arange(30), 8), []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        mood, noise = rng.normal(size=(30, 1))[cluster], rng.exponential(size=(30, 1))[cluster]
        x = np.round(3 + mood + noise * rng.normal(size=(240, 4)))
        found.append(design_alpha(x, SurveyDesign(cluster=cluster)))
    spread = np.std([estimate.value for estimate in found], ddof=1)
    assert np.mean([estimate.se for estimate in found]) == pytest.approx(spread, rel=0.2)
    ignoring = [influence_interval(np.round(x)).se]
    assert ignoring[0] < 0.75 * spread


@pytest.mark.parametrize(
    ("codes", "status"),
    [
        (np.empty((0, 3)), Status.UNDEFINED_NO_RESPONSES),
        (np.ones((1, 3)), Status.UNDEFINED_ONE_RESPONSE),
        (scale(20, 1), Status.UNDEFINED_ONE_ITEM),
        (np.full((20, 3), 4), Status.UNDEFINED_TOTAL_VARIANCE_ZERO),
    ],
)
def test_design__too_little__says_what(codes: np.ndarray, status: Status) -> None:
    for design in (SurveyDesign(), SurveyDesign(weights=np.ones(len(codes)), cluster=np.arange(len(codes)))):
        found = design_alpha(codes, design)
        assert (found.value, found.se, found.status) == (None, None, status)


@pytest.mark.parametrize(
    "design",
    [
        SurveyDesign(weights=np.ones(3)),
        SurveyDesign(weights=np.full(20, -1.0)),
        SurveyDesign(weights=np.full(20, np.nan)),
        SurveyDesign(cluster=np.zeros((20, 2), dtype=int)),
        SurveyDesign(stratum=np.arange(20), sizes=np.ones(3)),
    ],
)
def test_design__parts_that_do_not_fit__are_a_wrong_call(design: SurveyDesign) -> None:
    with pytest.raises(ValueError, match=r"weights|shape|strata"):
        design_alpha(scale(20), design)
