"""Exact sums of answers that outgrow one machine: every part of a Dask collection is counted where it lies.

Knows nothing of what is counted: moments, pair tables and score sums add up by `+`, exactly, so a cluster finds the
integers that one machine finds, however the answers are cut. Everything else (Parquet, scheduling, failures of
workers) is Dask's. Needs the extra `dask`; docs/large-data.md shows a whole run.
"""

from collections.abc import Callable
from typing import Protocol, Self, TypeVar

import dask.dataframe as dd
import pandas as pd
from dask.delayed import delayed


class Additive(Protocol):
    """Sums of disjoint rows that can be added."""

    def __add__(self, other: Self, /) -> Self: ...


S = TypeVar("S", bound=Additive)

_FAN_IN = 8  # sums that one task adds up; the sums of a whole campaign stay small beside its answers


def add_up(answers: dd.DataFrame, count: Callable[[pd.DataFrame], S]) -> S:
    """The sums of all partitions, added in a tree.

    answers: rows of coded answers, for instance `dask.dataframe.read_parquet(...)`. count: from one partition (a
    pandas DataFrame, possibly empty) to its sums; it runs on the workers, so it must be importable there.
    Runs on the active `distributed.Client` if there is one, in threads of this process otherwise.
    ValueError for a collection without partitions.
    """
    parts = [delayed(count)(part) for part in answers.to_delayed()]
    if not parts:
        raise ValueError("there is no partition to count")
    while len(parts) > 1:
        parts = [delayed(_added)(parts[start : start + _FAN_IN]) for start in range(0, len(parts), _FAN_IN)]
    found: S = parts[0].compute()
    return found


def _added(sums: list[S]) -> S:
    total = sums[0]
    for other in sums[1:]:
        total = total + other
    return total
