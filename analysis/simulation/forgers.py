"""Answers that nobody gave, and honest answers to hide them in: the ground on which anomaly signatures are measured.

Knows distributions, not people: an honest campaign is units of persons with a trait each, a forger is somebody who
fills in questionnaires for others and aims at a respectable Cronbach alpha. Must stay true: a forger never sees more
than a real one could (a mean to aim at, answers that lie about), and the same seed gives the same campaign.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int8]
Floats = NDArray[np.float64]


class World(StrEnum):
    """What honest answers look like. Codes only: the words for people are the caller's.

    THREE_DIMENSIONS  correlated dimensions (.65), loadings .55 to .85, units that differ in level and in single items
    ONE_DIMENSION     one trait, equal loadings, the same items' levels in every unit: honest, yet what forgers make
    CEILING           six in ten are very satisfied with everything, the others nearly
    UNEVEN            as three dimensions, but units differ a lot: in level (a quarter of the variance of scores), in
                      items, and in how far their people's dimensions go together (.45 to .85)
    HOMOGENEOUS       one trait decides nearly everything (loadings .93) and items differ in level: people who agree
                      give the same answers to all of them, without being flat
    CARELESS          as three dimensions, and 8 in 100 answer at random, all the same, or all the same from half way
    """

    THREE_DIMENSIONS = "three_dimensions"
    ONE_DIMENSION = "one_dimension"
    CEILING = "ceiling"
    UNEVEN = "uneven"
    HOMOGENEOUS = "homogeneous"
    CARELESS = "careless"


class Forger(StrEnum):
    """How answers are made up. ONE_FACTOR and NOISE aim at alpha .85; repeats and copies have that of their models.

    ONE_FACTOR   one normal score a person plus normal noise, rounded into the categories, all items alike: what a
                 public forging tool does
    REPEATS      real answers of the same unit sent again as they are
    COPIES       real answers of the same unit with one or two answers moved by one category
    NOISE        a level for each person plus uniform noise, rounded
    """

    ONE_FACTOR = "one_factor"
    REPEATS = "repeats"
    COPIES = "copies"
    NOISE = "noise"


@dataclass(frozen=True)
class _Shape:
    """Latent make-up of a world: everything in standard deviations of a person's answer to one item."""

    dimensions: int
    correlation: float
    loadings: tuple[float, float]
    mean: float
    unit_level: float
    unit_item: float
    ceiling: float = 0.0
    uneven: bool = False
    items_differ: float = 0.3
    careless: float = 0.0


_SHAPES = {
    World.THREE_DIMENSIONS: _Shape(3, 0.65, (0.55, 0.85), 0.6, 0.3, 0.15),
    World.ONE_DIMENSION: _Shape(1, 1.0, (0.62, 0.62), 0.6, 0.3, 0.0, items_differ=0.1),
    World.CEILING: _Shape(3, 0.65, (0.65, 0.85), 1.3, 0.2, 0.1, ceiling=0.6),
    World.UNEVEN: _Shape(3, 0.65, (0.55, 0.85), 0.6, 0.4, 0.25, uneven=True),
    World.HOMOGENEOUS: _Shape(1, 1.0, (0.93, 0.93), 0.6, 0.3, 0.05, items_differ=0.8),
    World.CARELESS: _Shape(3, 0.65, (0.55, 0.85), 0.6, 0.3, 0.15, careless=0.08),
}


def honest_campaign(
    world: World, sizes: tuple[int, ...], seed: int, *, items: int = 12, categories: int = 5
) -> tuple[Codes, NDArray[np.int32]]:
    """Honest answers of one audience: codes (n, items) in 1..categories, keyed, and unit (n,), sorted by unit.

    sizes: answers a unit; items: two or more. Nothing is missing. `people` plants more, for other questions.
    """
    shape, rng = _SHAPES[world], np.random.default_rng(seed)
    loadings = np.linspace(*shape.loadings, items)[rng.permutation(items)]
    level = rng.normal(0, shape.items_differ, items)
    cuts = _cuts(categories)
    blocks = []
    for size in sizes:
        shared = np.full(shape.dimensions, shape.correlation)
        if shape.uneven:
            shared = shared + rng.uniform(-0.2, 0.2)
        common, own = rng.normal(size=(size, 1)), rng.normal(size=(size, shape.dimensions))
        trait = np.sqrt(shared) * common + np.sqrt(1 - shared) * own
        of_item = np.arange(items) * shape.dimensions // items
        means = shape.mean + level + rng.normal(0, shape.unit_level) + rng.normal(0, shape.unit_item, items)
        latent = means + loadings * trait[:, of_item] + np.sqrt(1 - loadings**2) * rng.normal(size=(size, items))
        codes = 1 + np.searchsorted(cuts, latent).astype(np.int8)
        codes[rng.random(size) < shape.ceiling] = categories
        _answer_carelessly(codes, shape.careless, categories, rng)
        blocks.append(codes)
    return np.vstack(blocks).astype(np.int8), np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)


def forge(codes: Codes, forger: Forger, share: float, seed: int, *, categories: int = 5, alpha: float = 0.85) -> Codes:
    """One unit's answers with round(share * n) of its rows forged, the last ones; the others stay as they are.

    codes: (n, k) honest answers of the unit; their mean and spread are what ONE_FACTOR and NOISE aim at. REPEATS and
    COPIES take their models from the rows that stay; where fewer than a tenth stay, from the first tenth of all rows.
    """
    n, k = codes.shape
    forged = round(share * n)
    rng = np.random.default_rng(seed)
    if not forged:
        return codes.copy()
    if forger in (Forger.REPEATS, Forger.COPIES):
        models = codes[: max(n - forged, math.ceil(n / 10))]
        made = models[rng.integers(0, len(models), forged)].copy()
        for row in made if forger is Forger.COPIES else ():
            moved = rng.choice(k, size=min(int(rng.integers(1, 3)), k), replace=False)
            up = rng.random(len(moved)) < 0.5
            up = np.where(row[moved] == 1, True, np.where(row[moved] == categories, False, up))
            row[moved] += np.where(up, 1, -1).astype(np.int8)
    else:
        mean, spread = float(codes.mean()), float(codes.std(axis=0).mean()) or 1.0
        made = _to_alpha(forger, (forged, k), mean=mean, spread=spread, categories=categories, alpha=alpha, rng=rng)
    return np.vstack((codes[: n - forged], made)).astype(np.int8)


def _answer_carelessly(codes: Codes, share: float, categories: int, rng: np.random.Generator) -> None:
    """A share of the rows, in thirds: at random, one answer throughout, one answer from half way on."""
    n, k = codes.shape
    kind = np.where(rng.random(n) < share, rng.integers(0, 3, n), -1)
    at_random, throughout, half_way = (np.flatnonzero(kind == one) for one in range(3))
    codes[at_random] = rng.integers(1, categories + 1, (len(at_random), k))
    codes[throughout] = codes[throughout, :1]
    codes[half_way, k // 2 :] = codes[half_way, k // 2][:, None]


def _to_alpha(
    forger: Forger,
    size: tuple[int, int],
    *,
    mean: float,
    spread: float,
    categories: int,
    alpha: float,
    rng: np.random.Generator,
) -> Codes:
    """Rounded rows whose alpha comes out as wished: the share of the common part is tried out, as the tools do.

    The same random numbers are used at every try, so alpha rises with the share and bisection finds it.
    """
    common = rng.normal(size=(size[0], 1))
    noise = rng.normal(size=size) if forger is Forger.ONE_FACTOR else rng.uniform(-1, 1, size) * math.sqrt(3)
    low, high = 0.0, 1.0
    made = np.empty(size, dtype=np.int8)
    for _ in range(20):
        share = (low + high) / 2
        drawn = mean + spread * (math.sqrt(share) * common + math.sqrt(1 - share) * noise)
        made = np.clip(np.rint(drawn), 1, categories).astype(np.int8)
        low, high = (share, high) if _alpha(made) < alpha else (low, share)
    return made


def _alpha(codes: Codes) -> float:
    """Cronbach's alpha of small blocks; 0 where the total does not vary, so that the search goes on."""
    k, total = codes.shape[1], float(codes.sum(axis=1).var())
    return k / (k - 1) * (1 - float(codes.var(axis=0).sum()) / total) if total else 0.0


def _cuts(categories: int) -> Floats:
    """Where a latent answer turns into the next category: equal steps over -2 to 2."""
    return np.linspace(-2, 2, categories + 1)[1:-1] if categories > 2 else np.zeros(1)
