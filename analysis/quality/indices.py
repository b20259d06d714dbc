"""The quality indices of every response to one questionnaire: measured here, judged in `analysis.quality.families`.

Knows coded answers, the order in which they were shown, times of sittings and what the questionnaire says of itself.
Must stay true: answers as displayed (runs, spread) are taken in the order shown, answers that must fit together
(misfit, distance, gap, halves, pairs) are keyed ranks on one range; not applicable and not shown are not missing;
nobody's index depends on the unit; who was screened out has no index and changes nobody's; no Python runs per row.

Scale-wide numbers (means, covariances) are those of all eligible responses to the questionnaire: a unit of few is no
reference for itself. Besides the answers the result takes about 230 bytes a response.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Status
from analysis.frame import BLANK, DONT_KNOW, NOT_SHOWN, CodedAnswers
from analysis.moments import pairwise_moments
from analysis.points import keyed_ranks, rank_table
from analysis.quality.consistency import even_odd, misfit, reversed_gap
from analysis.quality.mahalanobis import Distances, Ellipsoid, distances, ellipsoid
from analysis.quality.patterns import (
    Bools,
    Floats,
    Measured,
    blocks,
    irv,
    longest_run,
    longstring,
    missing_share,
    nothing_measured,
    ratio,
)
from analysis.spec import ItemSpec, QuestionnaireSpec

Counts = NDArray[np.int64]

THIRDS = 3


@dataclass(frozen=True, eq=False)
class Stretch:
    """What was measured on some neighbouring items as shown: all of them, or a third.

    items: how many. longstring, run: (n,) longest run of equal answers, and longest that spans a reversed item.
    irv, misfit: in shares of the range.
    """

    items: int
    longstring: Counts
    run: Counts
    irv: Measured
    misfit: Measured


@dataclass(frozen=True, eq=False, kw_only=True)
class Indices:
    """What was measured of n responses to the items that count; a row that is not eligible has nothing.

    eligible, first_of_sitting: bool (n,). whole, thirds: all items, and the first, middle and last of them as shown.
    reversed_items: how many of them point against the others; choices: fewest and most of an item; step: distance of
    two neighbouring choices in shares of the range, for most items. answered: (n,) items with a keyed answer.
    level: mean of the answers as displayed, in shares of the range from the first to the last choice.
    seconds_per_item: the sitting's seconds over the items shown in all its responses; seconds_floor: as
    the questionnaire sets it.
    distance: squared Mahalanobis distances. gap: direct - reversed items, in shares of the range. even_odd: high is
    careless; subscales: how many stand behind it. contradicted: (n,) pairs whose two answers contradict each other;
    pairs: how many can be judged. attention_failed: (n,) instructed items answered wrongly; attention: how many there
    are. missing: share of the eligible items without an answer.
    """

    eligible: Bools
    first_of_sitting: Bools
    whole: Stretch
    thirds: tuple[Stretch, ...]
    reversed_items: int
    choices: tuple[int, int]
    step: float
    answered: Counts
    level: Measured
    seconds_per_item: Measured
    seconds_floor: float
    distance: Distances
    gap: Measured
    even_odd: Measured
    subscales: int
    contradicted: Counts
    pairs: int
    attention_failed: Counts
    attention: int
    missing: Measured


def measure_quality(answers: CodedAnswers, columns: Sequence[int] | None = None) -> Indices:
    """All indices of all responses to one questionnaire, whatever the unit.

    columns: of the items that count, None for all scored ones; instructed items never do. An item points against the
    others where its best choice stands at the other end of the order of choices than for most.
    """
    asked = answers.questionnaire
    found = _Measuring(answers, _counting(asked) if columns is None else tuple(columns))
    found.measure()
    first, seconds = _seconds_per_item(answers)
    failed, attention = _attention(answers)
    contradicted, pairs = _contradicted(answers)
    return Indices(
        eligible=answers.eligible,
        first_of_sitting=first,
        whole=found.stretches[0],
        thirds=tuple(found.stretches[1:]),
        reversed_items=int(found.against.sum()),
        choices=(int(found.spans.min()) + 1, int(found.spans.max()) + 1) if found.columns else (0, 0),
        step=float(np.median(1 / found.spans)) if found.columns else 0.0,
        answered=found.answered,
        level=found.level,
        seconds_per_item=seconds,
        seconds_floor=asked.quality.seconds_per_item,
        distance=found.distance,
        gap=found.gap,
        even_odd=found.even_odd,
        subscales=len(found.subscales),
        contradicted=contradicted,
        pairs=pairs,
        attention_failed=failed,
        attention=attention,
        missing=found.missing,
    )


class _Measuring:
    """One questionnaire's answers and, after `measure`, what was found of the eligible ones."""

    def __init__(self, answers: CodedAnswers, columns: tuple[int, ...]) -> None:
        items = [answers.questionnaire.items[column] for column in columns]
        n = len(answers.codes)
        self.answers, self.columns = answers, columns
        self.spans = np.array([max(len(item.codes) - 1, 1) for item in items], dtype=np.float64)
        self.against = _against([_descends(item) for item in items])
        self.scales = np.unique([item.scale for item in items], return_inverse=True)[1]
        self.subscales = _subscales(items)
        self.answered = np.zeros(n, dtype=np.int64)
        whole = np.arange(len(columns))
        self.parts = [whole, *np.array_split(whole, THIRDS)]
        self.stretches = [
            Stretch(
                len(part), np.zeros(n, np.int64), np.zeros(n, np.int64), nothing_measured(n), nothing_measured(n)
            )
            for part in self.parts
        ]  # fmt: skip
        self.level, self.gap, self.even_odd, self.missing = (nothing_measured(n) for _ in range(4))
        self.distance = Distances(
            np.zeros(n), np.zeros(n, np.int64), np.zeros(0, np.intp), Status.UNDEFINED_NO_RESPONSES
        )

    def measure(self) -> None:
        """One pass for means and covariances, one for everything else."""
        rows = np.flatnonzero(self.answers.eligible)
        if not self.columns or not len(rows):
            return
        everyone = len(rows) == len(self.answers.codes)
        codes = self.answers.codes if everyone else self.answers.codes[rows]
        ranks = keyed_ranks(codes, self.answers.questionnaire.items, self.columns)
        sums = pairwise_moments(ranks, ranks > 0)
        where = ellipsoid(sums.n, np.nan_to_num(sums.means()), np.nan_to_num(sums.covariance()))
        self.distance = Distances(self.distance.d2, self.distance.df, where.columns, where.status)
        for block in blocks(len(rows)):
            self._block(rows[block], codes[block][:, self.columns], ranks[block], where)

    def _block(
        self, rows: NDArray[np.intp], codes: NDArray[np.int8], ranks: NDArray[np.int8], where: Ellipsoid
    ) -> None:
        """Everything of some rows; codes and ranks: of the columns that count."""
        known, shown = ranks > 0, codes > BLANK
        shares = (ranks - 1.0) / self.spans
        self.answered[rows] = known.sum(axis=1)
        near = distances(ranks, known, where)
        self.distance.d2[rows], self.distance.df[rows] = near.d2, near.df
        _store(self.gap, rows, reversed_gap(shares, known, self.against))
        _store(self.even_odd, rows, even_odd(shares, known, self.subscales))
        level = np.where(shown, (codes - 1.0) / self.spans, 0.0).sum(axis=1)
        _store(self.level, rows, ratio(level, shown.sum(axis=1).astype(np.float64)))
        _store(self.missing, rows, missing_share(shown, shown | (codes == BLANK) | (codes == DONT_KNOW)))
        for some, places in self._orders(rows):
            centre = (where.centre[places] - 1) / self.spans[places]
            displayed = (codes[some][:, places] - 1.0) / self.spans[places]
            self._as_shown(rows[some], places, codes[some][:, places], displayed)
            for part, stretch in zip(self.parts, self.stretches, strict=True):
                if len(part):
                    fit = misfit(shares[some][:, places[part]], known[some][:, places[part]], centre[part])
                    _store(stretch.misfit, rows[some], fit)

    def _as_shown(
        self, rows: NDArray[np.intp], places: NDArray[np.intp], codes: NDArray[np.int8], displayed: Floats
    ) -> None:
        """Runs and spread of rows that share an order; codes and displayed stand in it."""
        shown, scale, against = codes > BLANK, self.scales[places], self.against[places]
        # Equal places on two different scales are not one line down the page.
        breaks = np.concatenate(([False], scale[1:] != scale[:-1]))
        for part, stretch in zip(self.parts, self.stretches, strict=True):
            if len(part):
                stretch.longstring[rows] = longstring(codes[:, part], shown[:, part])
                stretch.run[rows] = longest_run(codes[:, part], shown[:, part], against[part], breaks[part])
                _store(stretch.irv, rows, irv(displayed[:, part], shown[:, part]))

    def _orders(self, rows: NDArray[np.intp]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """(which of the rows, places of the columns that count in the order these rows saw)."""
        if self.answers.order is None:
            yield np.arange(len(rows)), np.arange(len(self.columns))
            return
        place = {column: at for at, column in enumerate(self.columns)}
        orders = self.answers.order[rows]
        for number in np.unique(orders).tolist():
            shown = self.answers.questionnaire.orders[number]
            yield np.flatnonzero(orders == number), np.array([place[c] for c in shown if c in place], dtype=np.intp)


def _store(into: Measured, rows: NDArray[np.intp], found: Measured) -> None:
    into.value[rows], into.defined[rows] = found.value, found.defined


def _counting(asked: QuestionnaireSpec) -> tuple[int, ...]:
    """Columns of the scored items that are no instructed ones."""
    instructed = {check.item for check in asked.quality.attention}
    return tuple(c for c, item in enumerate(asked.items) if item.scored and item.id not in instructed)


def _descends(item: ItemSpec) -> bool:
    """Whether the first choice is the best one."""
    ranks = rank_table(item)[1 : len(item.codes) + 1]
    ranks = ranks[ranks > 0]
    return bool(len(ranks)) and bool(ranks[0] > ranks[-1])


def _against(descending: Sequence[bool]) -> Bools:
    """Which items point the way that fewer do; where both ways are as frequent, those that descend."""
    down = np.array(descending, dtype=np.bool_)
    return down if 2 * int(down.sum()) <= len(down) else ~down


def _subscales(items: Sequence[ItemSpec]) -> tuple[tuple[int, ...], ...]:
    """Places of the items of each dimension of two or more."""
    named = dict.fromkeys(item.dimension for item in items if item.dimension is not None)
    found = (tuple(at for at, item in enumerate(items) if item.dimension == name) for name in named)
    return tuple(places for places in found if len(places) > 1)


def _seconds_per_item(answers: CodedAnswers) -> tuple[Bools, Measured]:
    """(first eligible row of each sitting, the sitting's seconds over the items shown in all its responses)."""
    n = len(answers.codes)
    first = np.zeros(n, dtype=np.bool_)
    if not n:
        return first, nothing_measured(n)
    sittings, sitting = np.unique(answers.sitting, return_inverse=True)
    rows = np.flatnonzero(answers.eligible)
    first[rows[np.unique(sitting[rows], return_index=True)[1]]] = True
    if answers.seconds is None:
        return first, nothing_measured(n)
    shown = np.zeros(n)
    for block in blocks(n):
        shown[block] = (answers.codes[block] != NOT_SHOWN).sum(axis=1)
    asked = np.bincount(sitting, shown, minlength=len(sittings))[sitting]
    seconds = answers.seconds.astype(np.float64)
    known = np.isfinite(seconds) & (seconds > 0) & answers.eligible
    return first, ratio(np.where(known, seconds, 0.0), np.where(known, asked, 0.0))


def _attention(answers: CodedAnswers) -> tuple[Counts, int]:
    """(instructed items answered otherwise than told, how many anybody answered). Skipping one is not failing it."""
    asked, codes = answers.questionnaire, answers.codes
    failed, usable = np.zeros(len(codes), dtype=np.int64), 0
    for check in asked.quality.attention:
        column = asked.column(check.item)
        if column is None:
            continue
        told = [asked.items[column].codes.index(code) + 1 for code in check.expect]
        answered = (codes[:, column] > BLANK) & answers.eligible
        failed += answered & ~np.isin(codes[:, column], told)
        usable += bool(answered.any())
    return failed, usable


def _contradicted(answers: CodedAnswers) -> tuple[Counts, int]:
    """(pairs whose keyed answers lie at least their gap apart, how many pairs anybody answered whole)."""
    asked, codes = answers.questionnaire, answers.codes
    contradicted, usable = np.zeros(len(codes), dtype=np.int64), 0
    for pair in asked.quality.pairs:
        columns = [column for column in map(asked.column, pair.items) if column is not None]
        ranks = keyed_ranks(codes, asked.items, columns)
        both = (ranks > 0).all(axis=1) & answers.eligible
        span = [max(len(asked.items[column].codes) - 1, 1) for column in columns]
        apart = np.abs((ranks[:, 0] - 1) / span[0] - (ranks[:, 1] - 1) / span[1])
        contradicted += both & (apart >= pair.gap_at_least - 1e-9)
        usable += bool(both.any())
    return contradicted, usable
