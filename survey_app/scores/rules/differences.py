"""What two snapshots say together of those who came in between, and what must therefore not be shown again.

Pure; works on released documents, all that were ever made of a campaign, because everything that a reader can work out
follows from those. Must stay true: nothing here knows who came when; a number that is shown again says nothing of fewer
than `min_cell` newcomers, nor of fewer than twice that who answered alike, and hiding it is not undone by its part.

Of an item shown for n1 and then for n2 answers the counts subtract choice by choice, and n2 m2 - n1 m1 is the sum of
the n2 - n1 newcomers' points, an interval where a mean was rounded. Answers can only be taken away from what counts by
the rule for careless ones, which looks at the whole campaign again each time: a choice that lost people proves that
somebody who had given it was left out since, so such an item is not shown beside the other.

A hidden item says by its absence that newcomers were few or alike, so their mean has to stay open as well. The item may
follow from the mean of its part and the other items: a reader is taken to know how the two differ (by weights and
gaps), which nobody does, and a linear program hides further items of the part until the newcomers' mean is open
(`analysis.suppression`). Where no item is left to hide, the whole cell stays as it was shown. An item that was hidden
so is not shown again in this campaign: its later counts, of which none can be below the hidden ones, would bound those,
and beside the part of then they would often prove them.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from analysis.suppression.audit import audit
from analysis.suppression.intervals import WIDTH, Interval, rounded, shown_interval
from analysis.suppression.secondary import suppress
from analysis.suppression.system import Secret, Statement, System, Unknown
from survey_app.scores.rules.release import (
    Document,
    Short,
    breakdown_keys,
    cell_key,
    item_key,
    items_of,
    rules_key,
)

# Points of each choice in order, by questionnaire and item, None for a choice without any; only of items with points.
Points = Mapping[tuple[str, str], Sequence[float | None]]

_DUST = 1e-9
_NOW = -1  # the number of the new document
_LEAST = 1.0  # points that a hidden mean must be open by, where a part leaves no more by itself


_Told = tuple[int, Document]  # a score, and which document it is from
_Shown = tuple[int, tuple[float, float]]  # how many people a mean is of, and what it was shown to lie between


@dataclass(frozen=True)
class Unsafe:
    """What must not be shown: cells of which no more may be said than before, and keys of items, groups and rules.

    for_good: those of the keys, of items, that no later snapshot may show either.
    """

    cells: tuple[Short, ...] = ()
    details: frozenset[str] = frozenset()
    for_good: frozenset[str] = frozenset()


def unsafe(
    earlier: Sequence[Document],
    now: Document,
    points: Points,
    min_cell: int,
    *,
    hidden: Collection[str],
    apart_from: Collection[tuple[str, str]],
) -> Unsafe:
    """What of a new document must not stand beside the earlier ones. Changes nothing.

    now: with everything that is computed. hidden: keys that are not shown anyway. apart_from: (unit, audience) whose
    scores are those shown before.
    """
    cells: list[Short] = []
    details = set(hidden)
    before: dict[tuple[str, str], list[_Told]] = {}
    for number, document in enumerate(earlier):
        for score in document["scores"]:
            if not _carried(score):
                before.setdefault((score["unit"], score["indicator"]), []).append((number, score))
    by_audience: dict[tuple[str, str], list[Document]] = {}
    for score in now["scores"]:
        if (score["unit"], score["audience"]) in apart_from:
            continue
        by_audience.setdefault((score["unit"], score["audience"]), []).append(score)
        for _, then in before.get((score["unit"], score["indicator"]), ()):
            details.update(_details(then, score, points, min_cell))
            cells += [_short(score, part) for part in _parts_alike(then, score, points, min_cell)]
    for scores in by_audience.values():
        gone = {item_key(score, item) for score in scores for item in score["items"]} & details
        if gone:
            told = [before.get((score["unit"], score["indicator"]), []) for score in scores]
            more, open_ones = _beside_their_parts(scores, told, points, min_cell, gone)
            details |= more
            cells += [_short(scores[0])] if open_ones else []
        for score in scores:
            for _, then in before.get((score["unit"], score["indicator"]), ()):
                cells += [_short(score, part) for part in _rests_alike(then, score, points, min_cell, gone=details)]
    scored = {item_key(score, item) for scores in by_audience.values() for score in scores for item in score["items"]}
    return Unsafe(tuple(cells), frozenset(details), frozenset((details & scored) - set(hidden)))


def _details(then: Document, now: Document, points: Points, min_cell: int) -> Iterator[str]:
    """Keys of what says too much beside an earlier score of the same unit and indicator."""
    shown = {item_key(then, item): item for item in items_of(then) if item["shown"]}
    for item in items_of(now):
        key = item_key(now, item)
        if item["shown"] and key in shown and _item_tells(shown[key], item, points, min_cell):
            yield key
    groups = {
        key: group
        for found in then["breakdowns"]
        for key, group in zip(breakdown_keys(then, found), found["groups"], strict=True)
    }
    step = min(
        (_step_of_part(now, part, points) * part["weight"] for part in now["parts"] if part["weight"]), default=0
    )
    for found in now["breakdowns"]:
        for key, group in zip(breakdown_keys(now, found), found["groups"], strict=True):
            if key in groups and _mean_tells(_of_group(groups[key]), _of_group(group), step, min_cell):
                yield key
    both = then["score_all"] is not None and now["score_all"] is not None
    if both and 0 < abs(now["n_excluded"] - then["n_excluded"]) < min_cell:
        yield rules_key(now)


def _item_tells(then: Document, now: Document, points: Points, min_cell: int) -> bool:
    """Whether the newcomers to an item are seen to have answered alike, or somebody to have been left out."""
    if then["n"] is None or now["n"] is None:
        return False
    few = now["n"] - then["n"]
    if then["counts"] is not None and now["counts"] is not None:
        pairs = zip(then["counts"], now["counts"], strict=True)
        more = [after - before for before, after in pairs if before is not None and after is not None]
        if any(count < 0 for count in more):
            return True
        everybody = (0, few) if now["several"] else (few,)
        return 0 < few < 2 * min_cell and any(count in everybody for count in more)
    one, other = _of_item(then, points), _of_item(now, points)
    return one is not None and other is not None and _mean_tells(one, other, _step(now, points), min_cell)


def _parts_alike(then: Document, now: Document, points: Points, min_cell: int) -> Iterator[str]:
    """Parts whose newcomers must all have given the best of everything, or the worst."""
    shown = {part["part"]: part for part in then["parts"]}
    for part in now["parts"]:
        one, other = _of_part(shown.get(part["part"])), _of_part(part)
        if (
            one is not None
            and other is not None
            and _mean_tells(one, other, _step_of_part(now, part, points), min_cell)
        ):
            yield part["part"]


def _rests_alike(
    then: Document, now: Document, points: Points, min_cell: int, *, gone: Collection[str]
) -> Iterator[str]:
    """The same of what is left of a part beside the items that both show."""
    shown = {part["part"]: part for part in then["parts"]}
    before = {item_key(then, item): item for item in then["items"] if item["shown"]}
    here = {item_key(now, item): item for item in now["items"] if item["shown"]}
    for part in now["parts"]:
        keys = {item_key(now, item) for item in now["items"] if item["part"] == part["part"]}
        both = (keys & before.keys() & here.keys()) - set(gone)
        left, one, other = len(keys) - len(both), _of_part(shown.get(part["part"])), _of_part(part)
        if not left or not both or one is None or other is None:
            continue
        rest_then = _less(one[1], len(keys), [_of_item(before[key], points) for key in both], left)
        rest_now = _less(other[1], len(keys), [_of_item(here[key], points) for key in both], left)
        step = _step_of_part(now, part, points) * len(keys) / left
        if _mean_tells((one[0], rest_then), (other[0], rest_now), step, min_cell):
            yield part["part"]


def _less(part: Interval, k: int, shown: Sequence[_Shown | None], left: int) -> Interval:
    """Where the mean of `left` items lies, from that of all k and those of the others, nobody having left gaps."""
    others = [interval for _, interval in filter(None, shown)]
    least, most = (sum(interval[end] for interval in others) for end in (0, 1))
    return (k * part[0] - most) / left, (k * part[1] - least) / left


def _mean_tells(then: _Shown, now: _Shown, step: float, min_cell: int) -> bool:
    """Whether the newcomers' sum leaves no room for a single answer one step off the best, or off the worst."""
    few = now[0] - then[0]
    if not 0 < few < 2 * min_cell:
        return False
    least, most = now[0] * now[1][0] - then[0] * then[1][1], now[0] * now[1][1] - then[0] * then[1][0]
    if most < -_DUST * now[0] or least > 100 * few + _DUST * now[0]:
        return False  # somebody was left out since, and the difference is not that of newcomers alone
    room = max(step, _DUST * now[0])
    return bool(least > 100 * few - room or most < room)


def _of_item(item: Document, points: Points) -> _Shown | None:
    if item["mean"] is None or item["n"] is None:
        return None
    if item["counts"] is None:
        return item["n"], rounded(item["mean"])
    worth = points.get((item["questionnaire"], item["item"]), ())
    n = sum(count for count, of in zip(item["counts"], worth, strict=True) if of is not None and count is not None)
    return n, (item["mean"], item["mean"])


def _of_part(part: Document | None) -> _Shown | None:
    if part is None or part["n"] is None:
        return None
    interval = shown_interval(part["score"], part["lo"], part["hi"], exact=part["se_process"] is not None)
    return None if interval is None else (part["n"], interval)


def _of_group(group: Document) -> _Shown:
    return group["n"], shown_interval(group["score"], group["lo"], group["hi"], exact=False) or (0.0, 100.0)


def _step(item: Document, points: Points) -> float:
    """From the best answer to the next, or from the worst, whichever is less; 0 without points."""
    worth = sorted({of for of in points.get((item["questionnaire"], item["item"]), ()) if of is not None})
    return min(worth[1] - worth[0], worth[-1] - worth[-2]) if len(worth) > 1 else 0.0


def _step_of_part(score: Document, part: Document, points: Points) -> float:
    """How far one answer a step off moves one person's score of a part."""
    steps = [_step(item, points) for item in score["items"] if item["part"] == part["part"]]
    return min(steps) / len(steps) if steps else 0.0


def _beside_their_parts(
    scores: Sequence[Document],
    told: Sequence[Sequence[_Told]],
    points: Points,
    min_cell: int,
    gone: Collection[str],
) -> tuple[set[str], bool]:
    """Further items to hide so that hidden ones do not follow from their parts, and whether that is not enough.

    scores: of one unit and audience, all indicators. told: what was shown of each before.
    """
    book, everything = _Book(points, gone), [*((_NOW, score) for score in scores), *chain.from_iterable(told)]
    for number, score in everything:
        book.add_items(number, score)
    for number, score in everything:
        for part in score["parts"]:
            book.add_part(number, score, part)
    secrets = book.secrets(min_cell)
    system = System(tuple(book.unknowns), tuple(book.statements), secrets)
    bare = {one.secret: one.width or 0.0 for one in audit(system.without(book.costs))}
    needed = tuple(replace(one, needed=min(WIDTH, max(bare[one.name] / 2, _LEAST))) for one in secrets)
    found = suppress(replace(system, secrets=needed), book.costs)
    return set(found.hidden), bool(found.exposed)


class _Book:
    """The sums of points of items in every document, and what is said of them. gone: keys that will not be shown."""

    def __init__(self, points: Points, gone: Collection[str]) -> None:
        self.points, self.gone = points, gone
        self.unknowns: list[Unknown] = []
        self.statements: list[Statement] = []
        self.costs: dict[str, float] = {}
        # By item and document: place of the unknown, people, mean.
        self.items: dict[tuple[str, int], tuple[int, int, float]] = {}

    def add_items(self, number: int, score: Document) -> None:
        """Items that a document shows, or will not show but for the rules of this module."""
        for item in score["items"]:
            key, shown = item_key(score, item), _of_item(item, self.points) if item["shown"] else None
            if shown is None or not shown[0] or (key, number) in self.items:
                continue
            n, interval = shown
            name, place = f"{key}@{number}", len(self.unknowns)
            self.items[key, number] = (place, n, item["mean"])
            self.unknowns.append(Unknown(name, 0.0, 100.0 * n))
            if number != _NOW:
                self.statements.append(Statement(name, ((place, 1.0 / n),), *interval))
            elif key not in self.gone:
                self.statements.append(Statement(name, ((place, 1.0 / n),), *interval, key))
                self.costs[key] = float(n)

    def add_part(self, number: int, score: Document, part: Document) -> None:
        """The mean of a part tells the mean of its items' means, as exactly as it is shown itself."""
        keys = [(item_key(score, item), number) for item in score["items"] if item["part"] == part["part"]]
        if part["score"] is None or not keys or any(key not in self.items for key in keys):
            return
        found = [self.items[key] for key in keys]
        mean, off = sum(of for _, _, of in found) / len(found), 0.0 if part["se_process"] is not None else 0.5
        terms = tuple((place, 1.0 / n / len(found)) for place, n, _ in found)
        self.statements.append(Statement(f"{cell_key(score)}/{part['part']}@{number}", terms, mean - off, mean + off))

    def secrets(self, min_cell: int) -> tuple[Secret, ...]:
        """The newcomers' means of what goes. Also says, where it can be, that who was there before is there now."""
        found = []
        for (key, number), (then, n_then, mean_then) in self.items.items():
            if number == _NOW or (key, _NOW) not in self.items:
                continue
            place, n, mean = self.items[key, _NOW]
            few = n - n_then
            if few <= 0:
                continue
            terms = ((place, 1.0 / few), (then, -1.0 / few))
            if -_DUST * n <= n * mean - n_then * mean_then <= 100 * few + _DUST * n:
                self.statements.append(Statement(f"{key}@{number} is inside", terms, 0.0, 100.0))
            if key in self.gone and few < 2 * min_cell:
                found.append(Secret(f"{key} less @{number}", terms, few, WIDTH))
        return tuple(found)


def _short(score: Document, part: str | None = None) -> Short:
    return Short(score["unit"], score["indicator"], score["audience"], part)


def _carried(score: Mapping[str, Any]) -> bool:
    return any(found["code"] == "carried_forward" for found in score["cautions"])
