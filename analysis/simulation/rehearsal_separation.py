"""How many groups the units of one category can be told apart in, over many played campaigns.

Knows true scores, scores and what the comparison of a report found. Must stay true: errors and true scores are taken
within a campaign and category, so that what shifts all units alike does not count; the number of groups never passes
the number of units, nor falls below one.

Groups: the units are cut into g groups of equal size twice, by true score and by score; the number of groups is the
largest g for which, there and at every smaller g, at least 80 % of the units land in their own group. It is the risk of
misclassification that Adams, Mehrotra, Thomas & McGlynn 2010 (doi:10.1056/NEJMsa0906323) hold against tiers of
physicians, turned round; .80 is ours. Beside it stands the usual index of separation: G, the standard deviation of true
scores over that of the errors, and H = (4 G + 1)/3 strata whose middles lie three errors apart (Wright & Masters 1982,
Rating Scale Analysis, 106; Wright 1996, Reliability and separation, Rasch Measurement Transactions 9(4), 472). H is the
larger of the two where there are many strata: middles three errors apart leave one unit in fifteen or more across a
border, and units are not all in the middle. Rank sets, which hold for all units at once, are stricter than both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from analysis.agreement.unit_reliability import answers_needed
from analysis.comparing import TARGET
from analysis.simulation.rehearsal_figures import NOTHING, Figure, mean_of, ratio
from analysis.simulation.rehearsal_outcomes import Outcome
from analysis.spec import PlanSpec

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

POWER = 0.80
LANDING = 0.80  # share of units that must land in their own group
VARIED = (0.5, 1.0, 2.0)

_DUST = 1e-9  # score points; true scores this close together are equal


@dataclass(frozen=True)
class Varied:
    """The same errors with `factor` times the spread of the true scores. spread: as it comes out then."""

    factor: float
    spread: float
    reliability: float
    groups: int


@dataclass(frozen=True)
class Needed:
    """More answers (departments) a unit for a target; None: no number would do, `at_all` is what all of them give."""

    target: float
    more: int | None
    at_all: float | None


@dataclass(frozen=True, kw_only=True)
class ComparisonFindings:
    """Units of one category on one indicator. n: departments or responses that a typical score stands on.

    units: that the indicator applies to; compared: of them, how many stand in a comparison, on average. spread: of true
    scores as it came out; error: of scores as measures of the process, both standard deviations in points. groups: as
    the module says; groups_least, groups_most: the same with all shares two Monte Carlo errors lower and higher.
    in_group: share of units that land in their own of so many, in_next: of one more. separation: G, None without any
    error; strata: H, its error by the jackknife over campaigns. reliability: G^2/(1 + G^2); reliability_estimated: mean
    of what reports would say; reliable: share of units whose estimate reaches `target`. pairs_apart: share of pairs
    found different, all pairs looked at; wrong_way: of those, the truly lower one above. rank_width: places in a
    typical unit's simultaneous set. places_apart: the smallest distance in true order from which on at least 80 % of
    pairs are found different, None where no distance does. difference: true difference of two typical units that is
    found with 80 % power, looked at alone; difference_of_all: with all pairs looked at. needed: for the target
    reliability. status: ok; one_unit; too_few_scored: fewer than two scores in any campaign.
    """

    category: str
    status: str
    units: int
    n: float | None = None
    compared: Figure = NOTHING
    spread: float | None = None
    error: float | None = None
    groups: int | None = None
    groups_least: int | None = None
    groups_most: int | None = None
    in_group: Figure = NOTHING
    in_next: Figure = NOTHING
    separation: float | None = None
    strata: Figure = NOTHING
    reliability: float | None = None
    reliability_estimated: Figure = NOTHING
    target: float = TARGET
    reliable: Figure = NOTHING
    pairs_apart: Figure = NOTHING
    wrong_way: Figure = NOTHING
    rank_width: Figure = NOTHING
    places_apart: int | None = None
    difference: float | None = None
    difference_of_all: float | None = None
    needed: Needed | None = None
    varied: tuple[Varied, ...] = ()


def strata(separation: float) -> float:
    """H = (4 G + 1)/3, how many levels lie three errors apart; 1/3 where nothing separates."""
    return (4 * separation + 1) / 3


@dataclass(frozen=True)
class Groups:
    """How many, at least and at most by Monte Carlo error; share of units in their own of so many, and of one more."""

    number: int
    least: int
    most: int
    landed: Figure = NOTHING
    following: Figure = NOTHING


def groups_of(truth: Floats, score: Floats, there: Bools) -> Groups:
    """truth, score, there: (B, units)."""
    shares = [NOTHING, in_group(truth, score, there, 2)]

    def so_many(errors: float) -> int:
        number = 1
        while True:
            if number == len(shares):
                shares.append(in_group(truth, score, there, number + 1))
            value, error = shares[number].value, shares[number].error or 0.0
            if value is None or value + errors * error < LANDING:
                return number
            number += 1

    number = so_many(0)
    return Groups(number, so_many(-2), so_many(2), shares[number - 1], shares[number])


def in_group(truth: Floats, score: Floats, there: Bools, groups: int) -> Figure:
    """Share of units in their own of `groups` equal groups, over campaigns with as many scores as groups."""
    right, whole = np.zeros(len(truth)), np.zeros(len(truth))
    for draw, known in enumerate(there):
        count = int(known.sum())
        if count < groups:
            continue
        own, seen = (_places(numbers[draw][known]) * groups // count for numbers in (truth, score))
        right[draw], whole[draw] = np.count_nonzero(own == seen), count
    return ratio(right, whole)


def _places(numbers: Floats) -> NDArray[np.intp]:
    return np.argsort(np.argsort(-numbers, kind="stable"), kind="stable")


def comparison_findings(
    plan: PlanSpec, category: str, at: tuple[int, int], members: Sequence[int], outcomes: Sequence[Outcome]
) -> ComparisonFindings:
    """at: places of indicator and category. members: units of the category that the indicator applies to."""
    indicator, units = at[0], len(members)
    target = plan.gates.rank.unit_reliability or TARGET
    if units < 2:
        return ComparisonFindings(category=category, status="one_unit", units=units, target=target)

    def stacked(name: str) -> NDArray[np.generic]:
        return np.array([getattr(outcome, name)[indicator][list(members)] for outcome in outcomes])

    truth = np.asarray(stacked("process"), dtype=np.float64)
    score = np.asarray(stacked("score"), dtype=np.float64)
    there = np.isfinite(score) & np.isfinite(truth)
    signal, noise = _scatter(truth, there), _scatter(score - truth, there)
    if not noise[0].sum() or not noise[1].sum():
        return ComparisonFindings(category=category, status="too_few_scored", units=units, target=target)
    spread, error = _sd(signal), _sd(noise)
    spread, error = (0.0 if sd < _DUST else sd for sd in (spread, error))
    separation = spread / error if error else None
    groups = groups_of(truth, score, there) if spread else Groups(1, 1, 1)
    compared = np.asarray(stacked("compared"), dtype=np.bool_)
    reliability = np.asarray(stacked("reliability"), dtype=np.float64)
    n, se, df = (_typical(np.asarray(stacked(name), dtype=np.float64), there) for name in ("n", "se_process", "df"))
    pairs, apart, wrong = (np.array([getattr(outcome, name)[at] for outcome in outcomes]) for name in _PAIRS)
    looked_at = np.array([at in outcome.steps for outcome in outcomes])
    width = np.array([outcome.width[at] for outcome in outcomes])
    return ComparisonFindings(
        category=category,
        status="ok",
        units=units,
        n=n,
        compared=ratio(compared.sum(axis=1), np.ones(len(outcomes))),
        spread=spread,
        error=error,
        separation=separation,
        strata=NOTHING if separation is None else Figure(strata(separation), _jackknife(signal, noise)),
        groups=groups.number,
        groups_least=groups.least,
        groups_most=groups.most,
        in_group=groups.landed,
        in_next=groups.following,
        reliability=spread**2 / (spread**2 + error**2) if spread or error else None,
        reliability_estimated=mean_of(reliability, np.isfinite(reliability)),
        target=target,
        reliable=ratio((np.nan_to_num(reliability) >= target).sum(axis=1), np.full(len(outcomes), float(units))),
        pairs_apart=ratio(apart, pairs),
        wrong_way=ratio(wrong, np.where(looked_at, apart, 0)) if spread else NOTHING,
        rank_width=mean_of(width[:, None], np.isfinite(width)[:, None]),
        places_apart=_places_apart([outcome.steps[at] for outcome in outcomes if at in outcome.steps], units),
        difference=_difference(se, df, 1 - plan.confidence),
        difference_of_all=_difference(se, df, (1 - plan.confidence) / (units * (units - 1) / 2)),
        needed=_needed(spread, se, n, target),
        varied=tuple(_varied(spread, error, factor, truth, score) for factor in VARIED) if spread and error else (),
    )


_PAIRS = ("pairs", "apart", "wrong")


def _scatter(numbers: Floats, there: Bools) -> tuple[Floats, Floats]:
    """(B,) sums of squares around each campaign's mean, and their degrees of freedom."""
    count = there.sum(axis=1)
    mean = np.where(there, numbers, 0.0).sum(axis=1) / np.maximum(count, 1)
    squares = np.where(there, (numbers - mean[:, None]) ** 2, 0.0).sum(axis=1)
    return np.where(count > 1, squares, 0.0), np.maximum(count - 1, 0).astype(np.float64)


def _sd(scatter: tuple[Floats, Floats]) -> float:
    return math.sqrt(float(scatter[0].sum()) / float(scatter[1].sum()))


def _jackknife(signal: tuple[Floats, Floats], noise: tuple[Floats, Floats]) -> float | None:
    """Standard error of H, one campaign left out at a time."""
    draws = len(signal[0])
    without = noise[0].sum() - noise[0]
    if draws < 2 or not (without > 0).all():
        return None
    # Both have the same degrees of freedom, campaign by campaign.
    each = strata_of_squares((signal[0].sum() - signal[0]) / without)
    return math.sqrt((draws - 1) / draws * float(((each - each.mean()) ** 2).sum()))


def strata_of_squares(ratios: Floats) -> Floats:
    """H of squared separations."""
    return np.asarray((4 * np.sqrt(ratios) + 1) / 3, dtype=np.float64)


def _typical(numbers: Floats, there: Bools) -> float | None:
    known = numbers[there & np.isfinite(numbers)]
    return float(np.median(known)) if len(known) else None


def _places_apart(steps: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]], units: int) -> int | None:
    """The smallest distance from which on 80 % of pairs are found different at every distance."""
    pairs, found = np.zeros(units, dtype=np.int64), np.zeros(units, dtype=np.int64)
    for there, separated in steps:
        pairs[: len(there)] += there
        found[: len(separated)] += separated
    smallest = None
    for step in range(len(pairs) - 1, 0, -1):
        if not pairs[step]:
            continue
        if found[step] < POWER * pairs[step]:
            break
        smallest = step
    return smallest


def _difference(se: float | None, df: float | None, alpha: float) -> float | None:
    """(t_{1-a/2} + t_{power}) sqrt(2) se, Welch's degrees of freedom of two alike. Cohen 1988, 2.4, with t for z."""
    if se is None or df is None or df <= 0:
        return None
    of_both = 2 * df
    quantiles = float(stdtrit(of_both, 1 - alpha / 2)) + float(stdtrit(of_both, POWER))
    return quantiles * math.sqrt(2) * se


def _needed(spread: float, se: float | None, n: float | None, target: float) -> Needed | None:
    """More answers a unit for the target reliability of the process, each as telling as those of a typical unit."""
    if se is None or not n:
        return None
    found = answers_needed(spread**2, se**2 * n, target=target, answered=round(n), finite=False)
    at_all = found.detail.get("at_all")
    more = None if found.value is None else int(found.value)
    return Needed(target, more, at_all if isinstance(at_all, float) else None)


def _varied(spread: float, error: float, factor: float, truth: Floats, score: Floats) -> Varied:
    there = np.isfinite(truth) & np.isfinite(score)
    groups = groups_of(truth * factor, score + truth * (factor - 1), there)
    return Varied(factor, spread * factor, (spread * factor) ** 2 / ((spread * factor) ** 2 + error**2), groups.number)
