"""A cluster of two processes over Parquet files finds the integers of one machine."""

from collections.abc import Iterator
from pathlib import Path

import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from distributed import Client, LocalCluster

from analysis.distributed import add_up
from analysis.moments import GroupedMoments, grouped_moments, pairwise_moments
from analysis.pair_tables import PairTables, pair_tables
from analysis.score_sums import ScoreSums, score_sums

ITEMS = [f"q{number}" for number in range(6)]
UNITS = 5


@pytest.fixture(scope="module")
def cluster() -> Iterator[Client]:
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as started,
        Client(started) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, Path]:
    """Rows, and the same rows in Parquet files of uneven size."""
    rng = np.random.default_rng(20261)
    n = 5_000
    rows = pd.DataFrame(rng.integers(0, 6, (n, len(ITEMS))).astype(np.int8), columns=ITEMS)
    rows["unit"] = rng.integers(0, UNITS, n).astype(np.int32)
    rows["stratum"] = rng.integers(0, 3, n).astype(np.int32)
    rows["families"] = rng.integers(0, 4, n).astype(np.uint8)
    folder = tmp_path_factory.mktemp("answers")
    for number, part in enumerate(np.split(np.arange(n), [7, 1500, 1501, 4000])):
        rows.iloc[part].to_parquet(folder / f"part-{number}.parquet")
    return rows, folder


def moments_of(part: pd.DataFrame) -> GroupedMoments:
    codes = part[ITEMS].to_numpy()
    complete = (codes > 0).all(axis=1)
    return grouped_moments(codes[complete], part["unit"].to_numpy()[complete], UNITS)


def tables_of(part: pd.DataFrame) -> PairTables:
    return pair_tables(part[ITEMS].to_numpy(), 5)


def sums_of(part: pd.DataFrame) -> ScoreSums:
    values = part[ITEMS[:2]].to_numpy().astype(np.int64) - 1
    columns = (part[name].to_numpy() for name in ("unit", "stratum", "families"))
    return score_sums(values, *columns, 4)


def test_cluster__over_parquet__finds_the_same_integers_as_one_pass(
    cluster: Client, answers: tuple[pd.DataFrame, Path]
) -> None:
    rows, folder = answers
    spread = dd.read_parquet(folder)
    assert spread.npartitions > 1
    moments, alone = add_up(spread, moments_of), moments_of(rows)
    assert all(np.array_equal(getattr(moments, name), getattr(alone, name)) for name in ("n", "s", "q"))
    tables, counted = add_up(spread, tables_of), tables_of(rows)
    assert np.array_equal(tables.answers, counted.answers)
    assert np.array_equal(tables.counts, counted.counts)
    cells, whole = add_up(spread, sums_of), sums_of(rows)
    assert all(np.array_equal(getattr(cells, name), getattr(whole, name)) for name in ("unit", "group", "mask"))
    assert all(np.array_equal(getattr(cells.sums, name), getattr(whole.sums, name)) for name in ("n", "s", "q"))


def test_threads__without_a_cluster__do_the_same(answers: tuple[pd.DataFrame, Path]) -> None:
    rows, folder = answers
    found, alone = add_up(dd.read_parquet(folder), moments_of), moments_of(rows)
    assert np.array_equal(found.q, alone.q)


def pairs_of(part: pd.DataFrame) -> object:
    codes = part[ITEMS].to_numpy()
    return pairwise_moments(codes, codes > 0)


def test_adding_up__more_partitions_than_one_task_takes__loses_none(answers: tuple[pd.DataFrame, Path]) -> None:
    rows, _ = answers
    found, alone = add_up(dd.from_pandas(rows, npartitions=19), pairs_of), pairs_of(rows)
    assert np.array_equal(found.q, alone.q)
