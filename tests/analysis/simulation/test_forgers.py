"""Honest worlds have the make-up they are named for; forgers keep to what they are said to do."""

import numpy as np
import pytest

from analysis.moments import moments
from analysis.reliability.alpha import cronbach_alpha
from analysis.simulation.forgers import Forger, World, forge, honest_campaign

TWELVE = (300,) * 12


def alpha(codes: np.ndarray) -> float:
    return cronbach_alpha(moments(codes).covariance(), len(codes)).value


def between_share(codes: np.ndarray, unit: np.ndarray) -> float:
    """Share of the variance of person means that lies between units (ICC(1) of equal sizes)."""
    score, n = codes.mean(axis=1), len(unit) // 12
    means, within = score.reshape(12, n).mean(axis=1), score.reshape(12, n).var(axis=1, ddof=1).mean()
    between = means.var(ddof=1) - within / n
    return between / (between + within)


def over_seeds(world: World, of: object, draws: int = 20) -> float:
    return float(np.mean([of(*honest_campaign(world, TWELVE, seed)) for seed in range(draws)]))


@pytest.mark.parametrize("world", list(World))
def test_campaign__same_seed__is_the_same_and_within_its_categories(world: World) -> None:
    codes, unit = honest_campaign(world, (30, 50), 7, items=9, categories=10)
    again, _ = honest_campaign(world, (30, 50), 7, items=9, categories=10)
    other, _ = honest_campaign(world, (30, 50), 8, items=9, categories=10)
    assert (codes == again).all()
    assert (codes != other).any()
    assert (codes.shape, codes.dtype, np.bincount(unit).tolist()) == ((80, 9), np.int8, [30, 50])
    assert 1 <= codes.min() < codes.max() == 10


def test_worlds__make_up__is_what_their_names_say() -> None:
    def flat(codes: np.ndarray, unit: np.ndarray) -> float:
        return float((codes.std(axis=1) == 0).mean())

    def residual(codes: np.ndarray, unit: np.ndarray) -> float:
        return float(np.corrcoef(codes.T)[np.triu_indices(12, 1)].std())

    assert over_seeds(World.CEILING, lambda codes, unit: (codes == 5).all(axis=1).mean()) == pytest.approx(0.7, abs=0.1)
    assert over_seeds(World.CARELESS, flat) - over_seeds(World.THREE_DIMENSIONS, flat) > 0.02
    assert over_seeds(World.ONE_DIMENSION, residual) < over_seeds(World.THREE_DIMENSIONS, residual) / 2
    assert over_seeds(World.UNEVEN, between_share) == pytest.approx(0.25, abs=0.06)
    assert over_seeds(World.THREE_DIMENSIONS, between_share) == pytest.approx(0.13, abs=0.05)
    assert over_seeds(World.HOMOGENEOUS, lambda codes, unit: alpha(codes)) > 0.95


@pytest.mark.parametrize("forger", [Forger.ONE_FACTOR, Forger.NOISE])
@pytest.mark.parametrize("wished", [0.7, 0.85, 0.95])
def test_forger__wished_alpha__gets_it_and_the_unit_s_mean(forger: Forger, wished: float) -> None:
    codes, _ = honest_campaign(World.THREE_DIMENSIONS, (300,), 3)
    forged = forge(codes, forger, 1.0, 4, alpha=wished)
    assert alpha(forged) == pytest.approx(wished, abs=0.005)
    assert forged.mean() == pytest.approx(codes.mean(), abs=0.15)
    assert (forged.min(), forged.max()) == (1, 5)


def test_forger__a_share__replaces_the_last_rows_and_leaves_the_others() -> None:
    codes, _ = honest_campaign(World.THREE_DIMENSIONS, (50,), 3)
    for forger in Forger:
        forged = forge(codes, forger, 0.2, 4)
        assert (forged[:40] == codes[:40]).all()
        assert (forged[40:] != codes[40:]).any(axis=1).all()
        assert (forged == forge(codes, forger, 0.2, 4)).all()
        assert (forge(codes, forger, 0.0, 4) == codes).all()


def test_repeats_and_copies__rows__are_real_ones_with_none_or_up_to_two_answers_moved_by_one() -> None:
    codes, _ = honest_campaign(World.THREE_DIMENSIONS, (60,), 3)
    kept = codes[:30].astype(int)
    for forger, moves in ((Forger.REPEATS, {0}), (Forger.COPIES, {1, 2})):
        made = forge(codes, forger, 0.5, 4)[30:].astype(int)
        moved = np.abs(made[:, None] - kept).sum(axis=2).min(axis=1)
        assert set(moved.tolist()) <= moves
        assert moved.max() == max(moves)
        assert (made.min() >= 1, made.max() <= 5) == (True, True)


def test_copies__of_all_answers__have_a_tenth_as_models() -> None:
    codes, _ = honest_campaign(World.THREE_DIMENSIONS, (60,), 3)
    made = forge(codes, Forger.REPEATS, 1.0, 4)
    assert {tuple(row) for row in made.tolist()} <= {tuple(row) for row in codes[:6].tolist()}
