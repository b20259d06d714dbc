"""Tilts: other units' answers weighted to look like this one's; tails and quantiles of counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.quality.duplicates_chance import unit_tilts, upper_quantile, upper_tail
from analysis.simulation.forgers import World, honest_campaign


def test_others_as__a_unit__have_its_means_where_they_had_their_own() -> None:
    codes, unit = honest_campaign(World.UNEVEN, (400,) * 12, 3)
    tilts = unit_tilts(codes, unit, 12, seed=0)
    for u in range(12):
        others = codes[unit != u]
        weights = tilts.others_as(u, others)
        before = np.abs(others.mean(axis=0) - codes[unit == u].mean(axis=0)).mean()
        after = np.abs(np.average(others, axis=0, weights=weights) - codes[unit == u].mean(axis=0)).mean()
        assert after < max(before / 2, 0.1)
        assert weights.max() <= 100


def test_others_as__one_other_unit__is_the_ratio_of_the_two_but_for_one_part_in_a_hundred() -> None:
    codes, unit = honest_campaign(World.UNEVEN, (100, 100), 3)
    tilts = unit_tilts(codes, unit, 2, seed=0)
    logs = tilts.log_ratios(codes[unit == 1])
    ratio = np.exp(logs[:, 0] - logs[:, 1])
    assert ratio.std() > 0.1
    assert tilts.others_as(0, codes[unit == 1]) == pytest.approx(ratio / (0.99 + 0.01 * ratio))


def test_shares__over_all_rows__add_up_to_the_units_sizes() -> None:
    codes, unit = honest_campaign(World.UNEVEN, (50, 300, 150), 1)
    shares = unit_tilts(codes, unit, 3, seed=0).shares(codes)
    assert shares.sum(axis=1) == pytest.approx(np.ones(500))
    assert shares.sum(axis=0) == pytest.approx([50, 300, 150], rel=0.02)


def test_tilts__units_that_differ_by_chance_only__are_none() -> None:
    rng = np.random.default_rng(5)
    codes = rng.integers(1, 6, (4000, 6)).astype(np.int8)
    ratios = unit_tilts(codes, rng.integers(0, 4, 4000), 4, seed=0).log_ratios(codes)
    assert np.abs(ratios).max() < 0.5
    assert np.abs(ratios).mean() < 0.05


def test_tilts__missing_answers_and_empty_units__are_taken_as_usual() -> None:
    codes, unit = honest_campaign(World.THREE_DIMENSIONS, (80, 80), 2)
    codes[::7, 3], codes[:, 5] = 0, 0
    tilts = unit_tilts(codes, unit * 2, 3, seed=0)
    assert np.isfinite(tilts.log_ratios(codes)).all()
    assert (tilts.shares(codes)[:, 1] == 0).all()


def test_tilts__many_rows__are_calibrated_on_a_sample_of_the_seed() -> None:
    codes, unit = honest_campaign(World.THREE_DIMENSIONS, (12_000, 12_000), 2)
    one, same, other = (unit_tilts(codes, unit, 2, seed=seed) for seed in (1, 1, 2))
    assert (one.intercept == same.intercept).all()
    assert one.intercept == pytest.approx(other.intercept, abs=0.1)
    assert (one.intercept != other.intercept).any()
    fewer = np.concatenate((np.arange(9_900), np.arange(12_000, 21_900)))
    all_of_fewer = unit_tilts(codes[fewer], unit[fewer], 2, seed=1)
    assert one.slope[:, :12] == pytest.approx(all_of_fewer.slope[:, :12], abs=0.1 * np.abs(one.slope).max())


@given(st.integers(1, 60), st.floats(0.1, 40), st.floats(1, 8))
def test_upper_tail__of_a_count__is_poisson_or_negative_binomial(count: int, mean: float, factor: float) -> None:
    wanted = stats.poisson.sf(count - 1, mean)
    if factor > 1 + 1e-6:
        wanted = stats.nbinom.sf(count - 1, mean / (factor - 1), 1 / factor)
    assert upper_tail(count, mean, mean * factor) == pytest.approx(wanted, rel=1e-6, abs=1e-12)


@given(st.floats(0, 300), st.floats(1, 8), st.sampled_from([0.995, 0.5, 0.005, 1e-6]))
def test_upper_quantile__any_tail__is_the_first_count_beyond_it(mean: float, factor: float, tail: float) -> None:
    found = upper_quantile(tail, mean, mean * factor)
    assert upper_tail(found, mean, mean * factor) <= tail
    assert found == 1 or upper_tail(found - 1, mean, mean * factor) > tail
