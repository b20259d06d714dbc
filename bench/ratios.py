"""Turn-by-turn measuring: A, B, A, B …; what is reported is the ratio of medians, with the spread of the turns."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence


def seconds(work: Callable[[], object]) -> float:
    """How long one run of `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def turns(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each work in each round; the works take turns, so that a noisy minute hits all of them."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(seconds(work))
    return taken


def ratio(values: Sequence[float], base: Sequence[float]) -> str:
    """The ratio of medians and the range of the ratios round by round."""
    each = [value / reference for value, reference in zip(values, base, strict=True)]
    return f"{statistics.median(values) / statistics.median(base):.3f} ({min(each):.3f}–{max(each):.3f})"


def against(goal: float, values: Sequence[float], base: Sequence[float], *, most: bool = False) -> str:
    """The ratio, and a word where it misses its goal: at least so much, or at most. No error: machines are noisy."""
    found = statistics.median(values) / statistics.median(base)
    missed = found > goal if most else found < goal
    return ratio(values, base) + (f", below the goal (at {'most' if most else 'least'} {goal})" if missed else "")


def machine() -> str:
    """What this was measured on, without naming the machine."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    python = platform.python_version()
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {python}, load {load}"
