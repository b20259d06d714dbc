"""What was released of the same people more than once, by plain values: snapshots, exclusion rules, groups, totals.

Knows means of nested sets of people. Must stay true: whoever is in an earlier set is in the later one (answers are
never withdrawn), whoever is valid is among all; counts are known to the reader, shown or not.

A published mean m of n people is a statement about the sum s of their points, n lo <= s <= n hi, with lo = hi = m for
an exact number and m -+ 1/2 for a whole one. A set inside another, of n1 <= n2 people: 0 <= s2 - s1 <= 100 (n2 - n1).
So two exact means of 12 and 9 people give that of the other 3: (12 m2 - 9 m1) / 3. Only means in which every person
counts the same can be subtracted so; post-stratified means and means of departments go in with `additive` False, and a
small difference between two of them is exposed whatever the numbers, because nothing here proves the opposite.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from analysis.suppression.intervals import WIDTH, needed_width
from analysis.suppression.system import Secret, Statement, System, Unknown

VALID = "valid"
ALL = "all"


@dataclass(frozen=True, kw_only=True)
class ReleasedMean:
    """One mean of one set of people in one release.

    unit, measure: what about whom (an indicator, a part, an item). release: 0, 1, 2 … in the order of publication.
    people: VALID, ALL (with those excluded for their quality), or "item=choice" for a group of the valid ones.
    n: responses in it, the truth, whether or not it was shown; cells: sittings (for related departments: departments)
    behind them, n where None.
    lo, hi: what the mean was shown to lie between, equal for an exact number; None where it was hidden.
    alike: all of them answered alike. additive: every response counts the same in it. actual, counts: the true mean and
    how often each choice was given, as far as known: from them it is seen whether those who came since answered alike.
    publication: what would have to be hidden; None: it cannot be taken back any more.
    """

    unit: str
    measure: str
    release: int
    people: str = VALID
    n: int
    cells: int | None = None
    lo: float | None = None
    hi: float | None = None
    alike: bool = False
    additive: bool = True
    actual: float | None = None
    counts: tuple[int, ...] | None = None
    publication: str | None = None

    @property
    def name(self) -> str:
        """A name of this set of people and measure."""
        return f"{self.unit}/{self.measure}/{self.people}@{self.release}"

    @property
    def size(self) -> int:
        """What `min_cell` is held against."""
        return self.n if self.cells is None else self.cells


@dataclass(frozen=True, kw_only=True)
class Combination:
    """A number that is a weighted sum of means: a score of its parts, a total of its units; or that such a sum is 0.

    weights: by `ReleasedMean.name`; for a total of units n_u / n. lo, hi, publication: as in `ReleasedMean`.
    """

    name: str
    weights: Mapping[str, float]
    lo: float
    hi: float
    publication: str | None = None


def system_of(
    means: Sequence[ReleasedMean],
    combinations: Sequence[Combination] = (),
    *,
    min_cell: int = 5,
    width: float = WIDTH,
) -> System:
    """All that was released, as a system whose secrets are the sets, and the differences, of fewer than `min_cell`.

    Secrets: a set of fewer than `min_cell`, or of fewer than twice that and `alike`; the difference of two nested sets
    of which the same holds, over all releases and between valid and all; what is left of a set beside its groups.
    Give every set that was released or hidden: the mean of a hidden one is what is looked for. ValueError where a name
    is given twice or a combination names none.
    """
    number = {mean.name: place for place, mean in enumerate(means)}
    if len(number) != len(means):
        raise ValueError("a set of people is given twice in one release")
    unknowns = tuple(Unknown(mean.name, 0.0, 100.0 * mean.n) for mean in means)
    statements = [_shown(mean, place) for place, mean in enumerate(means) if mean.lo is not None]
    for combination in combinations:
        missing = combination.weights.keys() - number.keys()
        if missing:
            raise ValueError(f"{combination.name}: no such mean: {', '.join(sorted(missing))}")
        terms = tuple(
            (number[name], weight / means[number[name]].n)
            for name, weight in combination.weights.items()
            if means[number[name]].n
        )
        statements.append(Statement(combination.name, terms, combination.lo, combination.hi, combination.publication))
    secrets = [
        Secret(mean.name, ((place, 1.0 / mean.n),), mean.size, width)
        for place, mean in enumerate(means)
        if 0 < mean.size < min_cell or (mean.alike and 0 < mean.size < 2 * min_cell)
    ]
    for of_one in _by_measure(means).values():
        known, differences = _nested(of_one, number, min_cell, width)
        statements += known
        secrets += differences
    return System(unknowns, tuple(statements), tuple(secrets))


def not_additive(means: Sequence[ReleasedMean], min_cell: int = 5) -> tuple[tuple[ReleasedMean, ReleasedMean], ...]:
    """Pairs of shown means, of which one set lies in the other, that differ by too few people and cannot be subtracted.

    Weights may hide the few; nothing proves that they do, so such a pair is not to be shown together.
    """
    found = []
    for of_one in _by_measure(means).values():
        shown = [mean for mean in of_one if mean.lo is not None and not mean.additive]
        for inner in shown:
            for outer in shown:
                if _inside(inner, outer) and outer.n > inner.n and outer.size - inner.size < min_cell:
                    found.append((inner, outer))
    return tuple(found)


def _shown(mean: ReleasedMean, place: int) -> Statement:
    assert mean.lo is not None
    assert mean.hi is not None
    return Statement(mean.name, ((place, 1.0),), mean.n * mean.lo, mean.n * mean.hi, mean.publication)


def _by_measure(means: Sequence[ReleasedMean]) -> dict[tuple[str, str], list[ReleasedMean]]:
    found: dict[tuple[str, str], list[ReleasedMean]] = {}
    for mean in means:
        found.setdefault((mean.unit, mean.measure), []).append(mean)
    return found


def _inside(inner: ReleasedMean, outer: ReleasedMean) -> bool:
    """Whether everybody of one set is in the other, as far as counts and names say."""
    if inner is outer or inner.n > outer.n:
        return False
    if inner.people == outer.people:
        return inner.release < outer.release or inner.n < outer.n
    if outer.people == ALL or (outer.people == VALID and inner.people != ALL):
        return inner.release <= outer.release
    return False


def _nested(
    means: Sequence[ReleasedMean], number: Mapping[str, int], min_cell: int, width: float
) -> tuple[list[Statement], list[Secret]]:
    """What is known of the sets of one unit and measure without any publication, and the differences to protect."""
    known: list[Statement] = []
    secrets: list[Secret] = []
    for inner in means:
        for outer in means:
            if not _inside(inner, outer) or not (inner.additive and outer.additive):
                continue
            few = outer.n - inner.n
            terms = ((number[outer.name], 1.0), (number[inner.name], -1.0))
            known.append(Statement(f"{inner.name} in {outer.name}", terms, 0.0, 100.0 * few))
            people = outer.size - inner.size
            if few and (people < min_cell or (people < 2 * min_cell and _came_alike(inner, outer))):
                form = tuple((place, sign / few) for place, sign in terms)
                needed = _needed(few, outer, width)
                secrets.append(Secret(f"{outer.name} less {inner.name}", form, people, needed))
    known += _later_excluded(means, number)
    groups, left = _partitions(means, number, min_cell, width)
    return [*known, *groups], [*secrets, *left]


def _later_excluded(means: Sequence[ReleasedMean], number: Mapping[str, int]) -> list[Statement]:
    """Who was excluded in an earlier release is among those excluded in the next."""
    by_release = {mean.release: mean for mean in means if mean.people == VALID}
    both = [
        (by_release[mean.release], mean)
        for mean in means
        if mean.people == ALL and mean.release in by_release and mean.additive and by_release[mean.release].additive
    ]
    known = []
    for (valid, everybody), (later_valid, later) in pairwise(sorted(both, key=lambda pair: pair[0].release)):
        more = (later.n - later_valid.n) - (everybody.n - valid.n)
        if more >= 0:
            plus, minus = (number[later.name], number[valid.name]), (number[later_valid.name], number[everybody.name])
            terms = (*((place, 1.0) for place in plus), *((place, -1.0) for place in minus))
            known.append(Statement(f"excluded before {later.name}", terms, 0.0, 100.0 * more))
    return known


def _partitions(
    means: Sequence[ReleasedMean], number: Mapping[str, int], min_cell: int, width: float
) -> tuple[list[Statement], list[Secret]]:
    """Groups by one item do not overlap: together they are the valid ones, less those who are in no given group."""
    groups: dict[tuple[int, str], list[ReleasedMean]] = {}
    for mean in means:
        if mean.people not in (VALID, ALL):
            groups.setdefault((mean.release, mean.people.partition("=")[0]), []).append(mean)
    whole = {mean.release: mean for mean in means if mean.people == VALID}
    known: list[Statement] = []
    secrets: list[Secret] = []
    for (release, item), members in groups.items():
        if release not in whole or not all(mean.additive for mean in (whole[release], *members)):
            continue
        everybody = whole[release]
        rest = everybody.n - sum(member.n for member in members)
        if rest < 0:
            raise ValueError(f"{everybody.name}: groups by {item} hold more people than there are")
        terms = ((number[everybody.name], 1.0), *((number[member.name], -1.0) for member in members))
        known.append(Statement(f"{everybody.name} by {item}", terms, 0.0, 100.0 * rest))
        if 0 < rest < min_cell:
            form = tuple((place, sign / rest) for place, sign in terms)
            needed = _needed(rest, everybody, width)
            secrets.append(Secret(f"{everybody.name} in no group by {item}", form, rest, needed))
    return known, secrets


def _came_alike(inner: ReleasedMean, outer: ReleasedMean) -> bool:
    """Whether all who are in the outer set alone answered alike, as far as it can be told."""
    if inner.counts is not None and outer.counts is not None and len(inner.counts) == len(outer.counts):
        more = [after - before for before, after in zip(inner.counts, outer.counts, strict=True)]
        return min(more) >= 0 and sum(1 for count in more if count) == 1
    if inner.actual is None or outer.actual is None:
        return False
    mean = (outer.n * outer.actual - inner.n * inner.actual) / (outer.n - inner.n)
    return mean <= 1e-9 or mean >= 100 - 1e-9


def _needed(few: int, of: ReleasedMean, width: float) -> float:
    """The least width to ask for the mean of a few of these people."""
    if of.lo is None or of.hi is None:
        return width
    room, inside = np.array([100.0 * few, 100.0 * (of.n - few)]), np.array([1.0 / few, 0.0])
    return needed_width(inside, np.full(2, 1.0 / of.n), (of.lo, of.hi), room, width)
