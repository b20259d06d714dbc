"""When a further snapshot may be made: what somebody who holds two snapshots could work out from their difference.

Pure; works on released documents (see `operations.document`), because only what was shown can be subtracted. Must stay
true: a number that was shown for n sittings is shown again only for at least `min_cell` more; an unpublished snapshot
counts as shown.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]

# Audiences whose members know each other: their answers are computed only when no more can come.
ONLY_AFTER_CLOSE = frozenset({"staff", "related_department"})


@dataclass(frozen=True)
class Count:
    """How many sittings stand behind a number, as far as a reader can tell: from `lo` to `hi`."""

    lo: int
    hi: int


@dataclass(frozen=True)
class Short:
    """A number of a unit that too few new sittings came in for. unchanged: none at all, so it is the same number."""

    unit: str
    indicator: str
    audience: str
    part: str | None = None
    unchanged: bool = False


def counts(document: Document) -> dict[str, Count]:
    """Every count that a released document shows, by key: of indicators, their parts, single items, groups."""
    found: dict[str, Count] = {}
    for score in document["scores"]:
        whole = _whole(score)
        if whole is None:
            continue
        found[cell_key(score)] = whole
        for part in score["parts"]:
            if part["n"] is not None:
                found[part_key(score, part)] = Count(part["n"], part["n"])
        for item in items_of(score):
            if item["shown"]:
                found[item_key(score, item)] = whole if item["n"] is None else Count(item["n"], item["n"])
        for breakdown in score["breakdowns"]:
            for key, group in zip(breakdown_keys(score, breakdown), breakdown["groups"], strict=True):
                found[key] = Count(group["n"], group["n"])
    return found


def totals(document: Document, audiences: Collection[str]) -> dict[str, dict[str, int]]:
    """By audience: units with a shown count, units without, and the sum of exact counts of valid answers.

    Sums of what the document shows anyway, so that they say nothing about a hidden unit.
    """
    found: dict[str, dict[str, int]] = {}
    of_first_indicator: dict[str, str] = {}
    for score in document["scores"]:
        audience = score["audience"]
        first = of_first_indicator.setdefault(audience, score["indicator"])
        if audience not in audiences or score["indicator"] != first or score["status"] == "not_applicable":
            continue
        total = found.setdefault(audience, {"units_shown": 0, "units_hidden": 0, "valid": 0})
        total["units_hidden" if _whole(score) is None else "units_shown"] += 1
        total["valid"] += score["n_valid"] or 0
    return found


def shown(before: Mapping[str, int], document: Document) -> dict[str, int]:
    """What has been shown up to this document: key → the most sittings that a reader may think of."""
    return {**before, **{key: count.hi for key, count in counts(document).items()}}


def short_cells(before: Mapping[str, int], document: Document, min_cell: int) -> list[Short]:
    """The cells shown before that have fewer than `min_cell` new sittings, and parts that have some, but too few."""
    now = counts(document)
    found = []
    for score in document["scores"]:
        key, place = cell_key(score), (score["unit"], score["indicator"], score["audience"])
        if key not in now:
            continue
        if key in before and now[key].lo - before[key] < min_cell:
            found.append(Short(*place, unchanged=now[key] == Count(before[key], before[key])))
            continue
        for part in score["parts"]:
            of_part = part_key(score, part)
            if of_part in now and of_part in before and 0 < now[of_part].lo - before[of_part] < min_cell:
                found.append(Short(*place, part["part"]))
                break
    return found


def short_details(
    before: Mapping[str, int], document: Document, min_cell: int, *, apart_from: Collection[tuple[str, str]]
) -> frozenset[str]:
    """Keys of items and groups shown before that some answered since, but fewer than `min_cell`: to be hidden now.

    apart_from: (unit, audience) whose whole scores are those shown before.
    """
    now = counts(document)
    return frozenset(
        key
        for score in document["scores"]
        if (score["unit"], score["audience"]) not in apart_from
        for key in _details(score)
        if key in before
        and key in now
        and now[key] != Count(before[key], before[key])
        and now[key].lo - before[key] < min_cell
    )


def cell_key(score: Document) -> str:
    """One unit and indicator."""
    return f"{score['unit']}/{score['indicator']}"


def part_key(score: Document, part: Document) -> str:
    """One part of an indicator in a unit."""
    return f"{cell_key(score)}/{part['part']}"


def item_key(score: Document, item: Document) -> str:
    """One item of a questionnaire in a unit, whichever indicator shows it."""
    return f"{score['unit']}:{item['questionnaire']}:{item['item']}"


def breakdown_keys(score: Document, breakdown: Document) -> list[str]:
    """The groups of a breakdown that is shown, in order."""
    return [f"{cell_key(score)}/{breakdown['item']}={group['choice']}" for group in breakdown["groups"]]


def rules_key(score: Document) -> str:
    """What other rules would give in one unit and indicator: before exclusion, the lowest, the highest."""
    return f"{cell_key(score)}:rules"


def items_of(score: Document) -> Iterator[Any]:
    """Scored items, then those shown as distributions, then those that are counted."""
    yield from score["items"]
    yield from score["distributions"]
    yield from score["facts"]


def _details(score: Document) -> Iterator[str]:
    yield from (item_key(score, item) for item in items_of(score))
    for breakdown in score["breakdowns"]:
        yield from breakdown_keys(score, breakdown)


def _whole(score: Document) -> Count | None:
    if score["n_valid"] is not None:
        return Count(score["n_valid"], score["n_valid"])
    band = score["valid_band"]
    return None if band is None else Count(int(band[0]), int(band[1]))
