"""Raking: weights that meet several margins of the frame at once, where the frame does not say how they cross.

Knows weights, groups and the frame's counts. Must stay true: what could not be met is said by a status and no weights
come out; trimming is the caller's wish and counted; raking raked weights changes nothing.
The variance of a mean with such weights is in `calibration`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Status
from analysis.sampling.design_effects import kish

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Margin:
    """One margin: group (n,) of each answer from 0 to H - 1, and sizes (H,) of the groups in the frame, in people."""

    group: Integers
    sizes: Floats


@dataclass(frozen=True, eq=False)
class RakedWeights:
    """Weights and how they were found.

    weights: (n,) people that each answer stands for, None where undefined. iterations: passes over all margins.
    max_error: the largest relative distance of a margin, 0 where none was looked at. deff: Kish's of the weights, None
    without weights; n_eff: n/deff. trimmed: weights that were cut at least once; outside: weights beyond the limits
    after the last pass. detail: `margin` and `groups` that the status is about, indices from 0.
    """

    weights: Floats | None
    iterations: int
    max_error: float
    status: Status
    deff: float | None = None
    n_eff: float | None = None
    trimmed: int = 0
    outside: int = 0
    detail: dict[str, str] = field(default_factory=dict)


def rake(
    weights: Floats, margins: Sequence[Margin], *, tolerance: float = 1e-10, max_iterations: int = 200
) -> RakedWeights:
    """Iterative proportional fitting: each margin in turn, w <- w N_h/sum_h w, until all are met.

    weights: (n,) above 0, design weights or ones. margins: at least one. tolerance: largest relative error of a margin
    allowed at the end. One margin is post-stratification. The more margins and the thinner their groups, the more the
    weights vary: look at `deff`, collapse groups under 5 first (`collapse`).
    Undefined without answers; where a group of the frame has no answer; where answers outnumber a group; where the
    margins count different numbers of people (by more than 1e-9); and where the tolerance is not reached, which with
    groups that never occur together means that no such weights exist.
    R: rake(d, list(~a, ~b), list(A, B), control = list(maxit = 200, epsilon = 1e-14)).
    Deming & Stephan 1940, doi:10.1214/aoms/1177731829.
    """
    w = np.array(weights, dtype=np.float64)
    refused = _refusal(w, margins)
    if refused:
        return refused
    error, iterations = _largest_error(w, margins), 0
    while error > tolerance and iterations < max_iterations:
        for margin in margins:
            w *= _ratio(margin.sizes, _totals(w, margin))[margin.group]
        error, iterations = _largest_error(w, margins), iterations + 1
    if not error <= tolerance:
        return RakedWeights(None, iterations, error, Status.UNDEFINED_NOT_CONVERGED)
    effect = kish(w)
    return RakedWeights(w, iterations, error, Status.OK, deff=effect.value, n_eff=float(effect.detail["n_eff"]))


def rake_trimmed(
    weights: Floats,
    margins: Sequence[Margin],
    *,
    low: float = 0.3,
    high: float = 3.0,
    rounds: int = 20,
    tolerance: float = 1e-10,
    max_iterations: int = 200,
) -> RakedWeights:
    """Rake, cut the weights at [low, high] times their median, rake again; until none is outside or for `rounds`.

    Cutting trades a little bias for less variance. The margins are met at the end in any case, so some weights may lie
    outside again (`outside`): then the groups are too thin for these limits, collapse them. The limits are taken from
    the median of the first raking. Statuses as in `rake`. Potter 1990, Proc. Survey Research Methods (ASA), 225-230.
    """
    if not 0 < low <= 1 <= high:
        raise ValueError(f"limits [{low}, {high}] do not enclose 1")
    found = rake(weights, margins, tolerance=tolerance, max_iterations=max_iterations)
    if found.weights is None:
        return found
    w, passes = found.weights, found.iterations
    median = float(np.median(w))
    least, most = low * median, high * median
    cut = np.zeros(len(w), dtype=bool)
    for _ in range(rounds):
        beyond = _beyond(w, least, most)
        if not beyond.any():
            break
        cut |= beyond
        found = rake(np.clip(w, least, most), margins, tolerance=tolerance, max_iterations=max_iterations)
        passes += found.iterations
        if found.weights is None:
            return replace(found, iterations=passes, trimmed=int(cut.sum()))
        w = found.weights
    return replace(found, iterations=passes, trimmed=int(cut.sum()), outside=int(_beyond(w, least, most).sum()))


@dataclass(frozen=True, eq=False)
class Collapsed:
    """Groups after merging, to be used as a `Margin` or as strata.

    group: (n,) new numbers; sizes: (H',) of the frame; target: (H,) new number of each old group. merged: (from, into)
    old numbers in the order in which it was done. few: new groups that still have under two answers (no variance of
    their own); thin: under the minimum (weights that hang on single people).
    """

    group: Integers
    sizes: Floats
    target: Integers
    merged: tuple[tuple[int, int], ...]
    few: tuple[int, ...]
    thin: tuple[int, ...]


def collapse(group: Integers, sizes: Floats, *, neighbour: Integers | None = None, minimum: int = 5) -> Collapsed:
    """Merge groups with fewer than `minimum` answers into a neighbour, the thinnest first.

    group: (n,) from 0 to H - 1; sizes: (H,). neighbour: (H,) the group that each would join, declared beforehand by
    somebody who knows which are alike (one's own number: none declared); where none is declared or the two are one by
    now, the smaller of the groups next to it in number, so list groups in an order that means something. minimum: 2
    for a variance, 5 for stable weights (a custom). Groups that have neither answers nor people vanish.
    """
    n_groups = len(sizes)
    _check_group(group, n_groups)
    if neighbour is not None and len(neighbour) != n_groups:
        raise ValueError(f"{n_groups} groups need as many neighbours, not {len(neighbour)}")
    counts = np.bincount(group, minlength=n_groups)
    frame = np.array(sizes, dtype=np.float64)
    alive = (counts > 0) | (frame > 0)
    home = np.arange(n_groups)
    merged = []
    while np.count_nonzero(alive) > 1:
        living = np.flatnonzero(alive)
        thinnest = int(living[np.argmin(counts[living])])
        if counts[thinnest] >= minimum:
            break
        wanted = thinnest if neighbour is None else int(home[neighbour[thinnest]])
        into = wanted if wanted != thinnest and alive[wanted] else _next_to(thinnest, living, counts)
        counts[into] += counts[thinnest]
        frame[into] += frame[thinnest]
        alive[thinnest], home[home == thinnest] = False, into
        merged.append((thinnest, into))
    living = np.flatnonzero(alive)
    number = np.zeros(n_groups, dtype=np.intp)
    number[living] = np.arange(len(living))
    target = number[home]
    left = counts[living]
    return Collapsed(
        group=target[group],
        sizes=frame[living],
        target=target,
        merged=tuple(merged),
        few=tuple(int(h) for h in np.flatnonzero(left < 2)),
        thin=tuple(int(h) for h in np.flatnonzero(left < minimum)),
    )


def _next_to(group: int, living: Integers, counts: NDArray[np.int_]) -> int:
    at = int(np.searchsorted(living, group))
    beside = [int(living[i]) for i in (at - 1, at + 1) if 0 <= i < len(living)]
    return min(beside, key=lambda h: (int(counts[h]), h))


def _refusal(w: Floats, margins: Sequence[Margin]) -> RakedWeights | None:
    """Why there are no such weights whatever is done; ValueError where the arguments do not fit."""
    if not margins:
        raise ValueError("raking needs a margin")
    for margin in margins:
        if margin.group.shape != w.shape:
            raise ValueError(f"a margin has {margin.group.shape} groups, there are {w.shape} weights")
        _check_group(margin.group, len(margin.sizes))
        if not (np.isfinite(margin.sizes).all() and (np.asarray(margin.sizes) >= 0).all()):
            raise ValueError("groups of the frame have 0 people or more")
    if not len(w):
        return RakedWeights(None, 0, 0.0, Status.UNDEFINED_NO_RESPONSES)
    if not (np.isfinite(w).all() and float(w.min()) > 0):
        raise ValueError("raking needs weights above 0")
    for at, margin in enumerate(margins):
        counts = np.bincount(margin.group, minlength=len(margin.sizes))
        for where, status in (
            (counts > margin.sizes, Status.UNDEFINED_FRAME_TOO_SMALL),
            ((counts == 0) & (margin.sizes > 0), Status.UNDEFINED_STRATUM_EMPTY),
        ):
            if where.any():
                groups = ",".join(str(h) for h in np.flatnonzero(where))
                return RakedWeights(None, 0, 0.0, status, detail={"margin": str(at), "groups": groups})
    people = np.array([float(np.sum(margin.sizes)) for margin in margins])
    if float(np.ptp(people)) > 1e-9 * float(people.max()):
        return RakedWeights(None, 0, 0.0, Status.UNDEFINED_MARGINS_DISAGREE)
    return None


def _check_group(group: Integers, n_groups: int) -> None:
    if len(group) and not 0 <= int(group.min()) <= int(group.max()) < n_groups:
        raise ValueError(f"group numbers must lie between 0 and {n_groups - 1}")


def _totals(w: Floats, margin: Margin) -> Floats:
    return np.bincount(margin.group, w, minlength=len(margin.sizes)).astype(np.float64, copy=False)


def _ratio(above: Floats, below: Floats) -> Floats:
    """above/below; 1 for groups without people, which no answer is in."""
    ratio = np.ones(len(below))
    np.divide(above, below, out=ratio, where=below > 0)
    return ratio


def _largest_error(w: Floats, margins: Sequence[Margin]) -> float:
    return max(float(np.max(np.abs(_ratio(_totals(w, m), m.sizes) - 1))) for m in margins)


def _beyond(w: Floats, least: float, most: float) -> NDArray[np.bool_]:
    """Outside the limits by more than the tolerance of raking leaves open."""
    return (w < least * (1 - 1e-6)) | (w > most * (1 + 1e-6))
