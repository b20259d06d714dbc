"""190 polychoric correlations from ready tables, and the tables themselves.

The correlations are compared with what somebody would write first: for each pair `scipy.optimize.minimize_scalar` over
the likelihood, cells from `scipy.stats.multivariate_normal.cdf` at the corners (PAIRS of them a round, scaled to all).
The tables of 1,000,000 × 20 answers are compared with one `numpy.bincount` a pair. `BENCH_ROUNDS` (5).
"""

import os
from itertools import combinations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import ndtri
from scipy.stats import multivariate_normal

from analysis.pair_tables import PairTables, pair_tables
from analysis.reliability.polychoric import polychoric
from bench.ratios import ratio, turns

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
ROWS, ITEMS, LEVELS, PAIRS = 1_000_000, 20, 5, 5
_INFINITE = 12.0  # beyond it a normal distribution holds nothing that a double can tell


def run() -> None:
    """Take turns and print the ratios."""
    rng = np.random.default_rng(7)
    trait = rng.normal(size=(ROWS, 1))
    codes = np.clip(np.rint(3 + trait + rng.normal(size=(ROWS, ITEMS))), 1, LEVELS).astype(np.int8)
    tables = pair_tables(codes, LEVELS)
    taken = turns(
        {
            "ours": lambda: polychoric(tables),
            "naive": lambda: [_naive(tables, pair) for pair in range(PAIRS)],
            "tables": lambda: pair_tables(codes, LEVELS),
            "counts": lambda: _counted(codes),
        },
        ROUNDS,
    )
    n_pairs = ITEMS * (ITEMS - 1) // 2
    scaled = [seconds * n_pairs / PAIRS for seconds in taken["naive"]]
    print(f"{n_pairs} pairs of {LEVELS} × {LEVELS}, {ROUNDS} rounds")
    print(f"  polychoric correlations / one optimisation a pair: {ratio(taken['ours'], scaled)}")
    print(f"  tables of {ROWS} rows / one bincount a pair: {ratio(taken['tables'], taken['counts'])}")


def _naive(tables: PairTables, pair: int) -> float:
    table = tables.counts[pair]
    edges = [
        np.concatenate(([-_INFINITE], ndtri(np.cumsum(margin)[:-1] / margin.sum()), [_INFINITE]))
        for margin in (table.sum(axis=1), table.sum(axis=0))
    ]
    corners = np.stack(np.meshgrid(*edges, indexing="ij"), axis=-1)

    def loss(rho: float) -> float:
        below = multivariate_normal([0.0, 0.0], [[1.0, rho], [rho, 1.0]]).cdf(corners)
        cells = below[1:, 1:] - below[:-1, 1:] - below[1:, :-1] + below[:-1, :-1]
        return -float((table * np.log(np.maximum(cells, 1e-300))).sum())

    return float(minimize_scalar(loss, bounds=(-0.999, 0.999), method="bounded", options={"xatol": 1e-8}).x)


def _counted(codes: np.ndarray) -> list[np.ndarray]:
    wide = codes.astype(np.int64)
    return [
        np.bincount(wide[:, a] * (LEVELS + 1) + wide[:, b], minlength=(LEVELS + 1) ** 2)
        for a, b in combinations(range(codes.shape[1]), 2)
    ]
