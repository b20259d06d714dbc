"""From indices to flags, from flags to families, from families to who is left out.

Knows cuts and counting. Must stay true: a single family never excludes by the default rule; a family that could not be
measured is unavailable and not passed; with fewer than two available nobody is excluded; two signals of the same
behaviour count once; identical answers of different people are no family at all.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

from analysis.quality.indices import Indices
from analysis.quality.patterns import Bools, Floats, Measured

NEEDED_TO_ASSESS = 2


class Flag(StrEnum):
    """One signal; its bit in `Flags.flags`.

    SPEED         below the seconds per item of a reader, or far below what most needed
    LONGSTRING    one answer down half of the items, reversed ones too
    LOW_IRV       one answer everywhere, at most one item one step off; reversed ones too, or else not at an end
    MAHALANOBIS   a combination of answers that hardly anybody gives
    MISFIT        answers that ignore which items are hard to agree with
    REVERSED_GAP  reversed items answered as if they were not
    EVEN_ODD      halves of the same scales do not go together
    PAIR          two items that ask the same were answered with opposites
    ATTENTION     an instructed item was answered otherwise
    MISSING       more than half of the eligible items skipped
    """

    SPEED = "speed"
    LONGSTRING = "longstring"
    LOW_IRV = "low_irv"
    MAHALANOBIS = "mahalanobis"
    MISFIT = "misfit"
    REVERSED_GAP = "reversed_gap"
    EVEN_ODD = "even_odd"
    PAIR = "pair"
    ATTENTION = "attention"
    MISSING = "missing"

    @property
    def bit(self) -> int:
        """Its bit in a flag mask."""
        return 1 << list(Flag).index(self)


class Family(StrEnum):
    """Signals of one behaviour; its bit in `Flags.families`."""

    TIME = "time"
    INVARIABILITY = "invariability"
    INCONSISTENCY = "inconsistency"
    INSTRUCTED = "instructed"
    INTEGRITY = "integrity"

    @property
    def bit(self) -> int:
        """Its bit in a family mask."""
        return 1 << list(Family).index(self)


FAMILY_OF = {
    Flag.SPEED: Family.TIME,
    Flag.LONGSTRING: Family.INVARIABILITY,
    Flag.LOW_IRV: Family.INVARIABILITY,
    Flag.MAHALANOBIS: Family.INCONSISTENCY,
    Flag.MISFIT: Family.INCONSISTENCY,
    Flag.REVERSED_GAP: Family.INCONSISTENCY,
    Flag.EVEN_ODD: Family.INCONSISTENCY,
    Flag.PAIR: Family.INCONSISTENCY,
    Flag.ATTENTION: Family.INSTRUCTED,
    Flag.MISSING: Family.INTEGRITY,
}


@dataclass(frozen=True, kw_only=True)
class Cuts:
    """Where an index becomes a flag: from the literature or from what the number means, never from the data at hand.

    deviations: robust standard deviations (1.4826 MAD) from the median, for the logarithm of time and for misfit
    (Leys et al. 2013, doi:10.1016/j.jesp.2013.03.013); third_deviations: for misfit in a third, so that three looks
    err about as seldom as one. min_responses: fewer give no median to deviate from. time_step: times are known to
    this ratio, so their logarithm spreads by its logarithm at least.
    run_share: share of the items in one run (Curran 2016, doi:10.1016/j.jesp.2015.07.006), min_run: but never fewer.
    tail: upper tail of the chi-square of a distance; .01 where two families are asked for, .001 where one.
    min_items: fewest items (answers of a person, items of a third) that misfit is read from.
    gap: share of the range between direct and reversed items. even_odd: above it the halves do not go together
    (Jackson 1976, in Johnson 2005, doi:10.1016/j.jrp.2004.09.009); min_subscales: fewer say nothing; even_odd_share: a
    cut that more than this share of people miss measures the questionnaire (13 % of 2,436 in psychTools::bfi).
    speed_share: a floor of speed that more than this share of the sittings miss measures the clock or the
    questionnaire (imports with times of another kind, a page that says how to answer), so only the median counts then.
    missing: share of the eligible items (AAPOR Standard Definitions, break-off).
    The floor of speed, 2 s an item (Huang et al. 2012, doi:10.1007/s10869-011-9231-8), belongs to the questionnaire.
    """

    version: str = "2026.1"
    deviations: float = 2.5
    third_deviations: float = 3.0
    min_responses: int = 30
    time_step: float = 1.25
    run_share: float = 0.5
    min_run: int = 6
    tail: float = 0.01
    min_items: int = 5
    gap: float = 0.5
    even_odd: float = -0.30
    min_subscales: int = 5
    even_odd_share: float = 0.05
    speed_share: float = 0.5
    missing: float = 0.5


DEFAULT_CUTS = Cuts()


@dataclass(frozen=True, eq=False)
class Flags:
    """flags: uint16 (n,), bits of `Flag`. families: uint8 (n,), bits of `Family`. measured, available: what could be.

    version: of the cuts. A row that was not eligible has no bits.
    """

    flags: NDArray[np.uint16]
    families: NDArray[np.uint8]
    measured: frozenset[Flag]
    available: frozenset[Family]
    version: str

    @property
    def assessable(self) -> bool:
        """Whether enough families are available for anybody to be excluded (else: quality not assessable)."""
        return len(self.available) >= NEEDED_TO_ASSESS

    @property
    def counted(self) -> NDArray[np.uint8]:
        """`families` where quality can be assessed, else zeros: what `CodedAnswers.families` holds."""
        return self.families if self.assessable else np.zeros_like(self.families)

    def has(self, what: Flag | Family) -> Bools:
        """(n,) who has a flag or a family."""
        bits: NDArray[Any] = self.flags if isinstance(what, Flag) else self.families
        return np.asarray((bits & what.bit) != 0, dtype=np.bool_)


def flag(indices: Indices, cuts: Cuts = DEFAULT_CUTS) -> Flags:
    """Flags and families of every response.

    Where a single item is reversed, a run through it and a gap at it are the same observation: the gap then makes no
    second family. A run counts only through a reversed item, because one answer throughout is what a satisfied person
    gives to a scale that all points one way.
    """
    found = {
        which: hit
        for which, hit in (
            (Flag.SPEED, _speed(indices, cuts)),
            (Flag.LONGSTRING, _run(indices, cuts)),
            (Flag.LOW_IRV, _low_spread(indices, cuts)),
            (Flag.MAHALANOBIS, _far(indices, cuts)),
            (Flag.MISFIT, _misfit(indices, cuts)),
            (Flag.REVERSED_GAP, _gap(indices, cuts)),
            (Flag.EVEN_ODD, _halves(indices, cuts)),
            (Flag.PAIR, indices.contradicted > 0 if indices.pairs else None),
            (Flag.ATTENTION, indices.attention_failed > 0 if indices.attention else None),
            (Flag.MISSING, _over(indices.missing, cuts.missing) if indices.missing.defined.any() else None),
        )
        if hit is not None
    }
    n = len(indices.eligible)
    flags, families = np.zeros(n, dtype=np.uint16), np.zeros(n, dtype=np.uint8)
    available = set()
    one_reversed = indices.reversed_items == 1
    for which, hits in found.items():
        here = hits & indices.eligible
        flags[here] |= np.uint16(which.bit)
        same_as_run = which is Flag.REVERSED_GAP and one_reversed and Family.INVARIABILITY in available
        if same_as_run:
            here &= (families & Family.INVARIABILITY.bit) == 0
        else:
            available.add(FAMILY_OF[which])
        families[here] |= np.uint8(FAMILY_OF[which].bit)
    return Flags(flags, families, frozenset(found), frozenset(available), cuts.version)


def excluded(flags: Flags, families_needed: int) -> Bools:
    """(n,) who is left out (未纳入计算): at least so many families flagged; 0 or fewer than two available: nobody.

    Dropping people for a single check also drops careful ones (Alvarez & Li 2022); the rule belongs to the plan that
    was locked before the answers came.
    """
    if families_needed < 0:
        raise ValueError(f"{families_needed} families cannot be asked for")
    if families_needed == 0 or not flags.assessable:
        return np.zeros(len(flags.families), dtype=np.bool_)
    return family_count(flags.families) >= families_needed


def family_count(families: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(n,) how many families are flagged."""
    return np.asarray(np.bitwise_count(families), dtype=np.uint8)


def family_mask(families: Iterable[Family]) -> int:
    """The bits of some families."""
    return sum({family.bit for family in families})


def robust_cut(values: Floats, deviations: float, min_scale: float = 0.0) -> float | None:
    """Median + deviations * max(1.4826 MAD, min_scale), None where the scale is 0 and so no distance is far."""
    middle = float(np.median(values))
    scale = max(1.4826 * float(np.median(np.abs(values - middle))), min_scale)
    return middle + deviations * scale if scale > 0 else None


def _speed(indices: Indices, cuts: Cuts) -> Bools | None:
    time = indices.seconds_per_item
    if not time.defined.any():
        return None
    hit = time.defined & (time.value < indices.seconds_floor)
    sittings = time.defined & indices.first_of_sitting
    once = time.value[sittings]
    if len(once) >= cuts.min_responses and np.count_nonzero(hit & sittings) > cuts.speed_share * len(once):
        hit = np.zeros(len(hit), dtype=np.bool_)
    if len(once) >= cuts.min_responses:
        log = np.log(once)
        cut = robust_cut(log, -cuts.deviations, float(np.log(cuts.time_step)))
        if cut is not None:
            hit |= time.defined & (time.value < np.exp(cut))
    return hit


def _run(indices: Indices, cuts: Cuts) -> Bools | None:
    """Half of the items, or all of a third, in one run that spans a reversed item."""
    whole = indices.whole
    if not indices.reversed_items or whole.items < cuts.min_run or not indices.gap.defined.any():
        return None
    hits = whole.run >= max(cuts.min_run, math.ceil(cuts.run_share * whole.items))
    for third in indices.thirds:
        if third.items >= cuts.min_run:
            hits |= third.run >= third.items
    return hits


def _low_spread(indices: Indices, cuts: Cuts) -> Bools | None:
    """No more spread than one answer one step off leaves: step / sqrt(answers).

    Where reversed items were answered too, such a line contradicts itself. Where nothing is reversed it may be an
    opinion: it counts only away from both ends of the scale and only while it is far from the spread that most show.
    """
    spread, answered = indices.whole.irv, indices.answered
    usable = (answered >= cuts.min_run) & spread.defined
    if indices.whole.items < cuts.min_run or not usable.any():
        return None
    hits = usable & (spread.value <= indices.step / np.sqrt(np.maximum(answered, 1)) * (1 + 1e-9))
    if indices.reversed_items:
        return hits & indices.gap.defined
    if int(usable.sum()) < cuts.min_responses:
        return None
    cut = robust_cut(spread.value[usable], -cuts.deviations)
    from_end = np.minimum(indices.level.value, 1 - indices.level.value)
    inside = from_end > indices.step / np.maximum(answered, 1) * (1 + 1e-9)
    return hits & inside & (spread.value < cut) if cut is not None else np.zeros_like(hits)


def _far(indices: Indices, cuts: Cuts) -> Bools | None:
    found = indices.distance
    if not found.status.defined or len(found.columns) < 2:
        return None
    beyond = np.array([np.inf, *chdtri(np.arange(1, len(found.columns) + 1), cuts.tail)])
    return found.d2 > beyond[found.df]


def _misfit(indices: Indices, cuts: Cuts) -> Bools | None:
    enough = indices.answered >= cuts.min_items
    hits = None
    for stretch in (indices.whole, *indices.thirds):
        usable = stretch.misfit.defined & enough
        if stretch.items < cuts.min_items or int(usable.sum()) < cuts.min_responses:
            continue
        deviations = cuts.deviations if stretch is indices.whole else cuts.third_deviations
        cut = robust_cut(stretch.misfit.value[usable], deviations)
        hits = np.zeros(len(usable), dtype=np.bool_) if hits is None else hits
        if cut is not None:
            hits |= usable & (stretch.misfit.value > cut)
    return hits


def _gap(indices: Indices, cuts: Cuts) -> Bools | None:
    if not indices.gap.defined.any():
        return None
    return indices.gap.defined & (np.abs(indices.gap.value) > cuts.gap + 1e-9)


def _halves(indices: Indices, cuts: Cuts) -> Bools | None:
    """Above the cut, as long as few are: where more are, subscales hardly differ and everybody's halves disagree."""
    usable = indices.even_odd.defined
    if indices.subscales < cuts.min_subscales or int(usable.sum()) < cuts.min_responses:
        return None
    hits = usable & (indices.even_odd.value > cuts.even_odd)
    return hits if int(hits.sum()) <= cuts.even_odd_share * int(usable.sum()) else None


def _over(found: Measured, cut: float) -> Bools:
    return found.defined & (found.value > cut + 1e-9)
