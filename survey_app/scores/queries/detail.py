"""Everything that the page of one unit says, in the order in which it says it. Pure given a snapshot and its names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey_app.scores.queries import display
from survey_app.scores.queries.display import Cell, Json
from survey_app.scores.queries.names import Names
from survey_app.scores.queries.snapshots import Confirmed, Snapshot
from survey_app.scores.rules import words


@dataclass(frozen=True)
class PartRow:
    """One dimension or item of an indicator. raw: as stored, for the chart."""

    raw: Json
    title: str
    weight: str
    score: str
    interval: str
    n: str
    status_word: str


@dataclass(frozen=True)
class Slice:
    """One choice in a bar. tone: bad-2 (worst) … middle … good-2 (best), or plain where no choice is better."""

    label: str
    count: int
    share: float
    tone: str
    start: float


@dataclass(frozen=True)
class ItemRow:
    """How one item was answered. slices: from the bad end to the good end, or in written order where there is none.

    middle: where the bar is centred, in shares from its left end; None for bars that start at the left.
    """

    raw: Json
    text: str
    is_reversed: bool
    n: str
    mean: str
    slices: tuple[Slice, ...]
    middle: float | None
    dont_know: str
    blank: str
    not_applicable: str


@dataclass(frozen=True)
class ScaleBlock:
    """Reliability of one indicator in one questionnaire. unit: None: over all units."""

    raw: Json
    questionnaire: str
    over_all: bool
    n: str
    alpha: str
    influence: str
    feldt: str
    omega: str
    remark: str
    omega_remark: str
    items: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class IndicatorDetail:
    """One indicator of the unit."""

    cell: Cell
    audience: str
    parts: tuple[PartRow, ...]
    items: tuple[ItemRow, ...]
    distributions: tuple[ItemRow, ...]
    reliability: tuple[ScaleBlock, ...]


@dataclass(frozen=True)
class UnitDetail:
    """One unit. earlier, later: codes of its neighbours in the office's order."""

    code: str
    name: str
    category: str
    indicators: tuple[IndicatorDetail, ...]
    earlier: str | None
    later: str | None


def unit_detail(
    snapshot: Snapshot, names: Names, decided: Mapping[tuple[str, str], Sequence[Confirmed]], unit: str
) -> UnitDetail:
    """Everything about one unit. Raises NoSnapshot for a unit that the snapshot does not have."""
    found = snapshot.unit(unit)
    codes = [one["code"] for one in snapshot.units]
    place = codes.index(unit)
    return UnitDetail(
        code=unit,
        name=found["name"],
        category=found["category"],
        indicators=tuple(
            _indicator(snapshot, names, cell, found["name"])
            for cell in display.unit_cells(snapshot, names, decided, unit)
        ),
        earlier=codes[place - 1] if place else None,
        later=codes[place + 1] if place + 1 < len(codes) else None,
    )


def _indicator(snapshot: Snapshot, names: Names, cell: Cell, unit: str) -> IndicatorDetail:
    score = cell.raw
    about = bool(score["parts"])  # what holds over all units is no news of a unit that shows nothing
    pooled = [block for block in snapshot.document["reliability"] if about and block["indicator"] == score["indicator"]]
    return IndicatorDetail(
        cell=cell,
        audience=words.one(words.AUDIENCES[score["audience"]], names.language),
        parts=tuple(_part(part, score, names, unit) for part in score["parts"]),
        items=tuple(item_row(item, names, unit) for item in score["items"]),
        distributions=tuple(item_row(item, names, unit) for item in score["distributions"]),
        reliability=tuple(_scale(block, names, unit) for block in [*pooled, *score["reliability"]]),
    )


def _part(part: Json, score: Json, names: Names, unit: str) -> PartRow:
    rounded = part["se"] is None and part["score"] is not None and float(part["score"]).is_integer()
    n = display.count(part["n"])
    if part["n_departments"] is not None:
        n = f"{n} / {part['n_departments']}"
    return PartRow(
        raw=part,
        title=names.part(score["audience"], part["part"], unit),
        weight=f"{part['weight']:.0%}",
        score=display.figure(part["score"], rounded=rounded),
        interval=display.interval(part["lo"], part["hi"], rounded=rounded),
        n=n,
        status_word=words.status(part["status"], names.language),
    )


def item_row(item: Json, names: Names, unit: str) -> ItemRow:
    """One item in words, with its bar."""
    slices, middle = _slices(item, names)
    return ItemRow(
        raw=item,
        text=names.item(item["questionnaire"], item["item"], unit),
        is_reversed=names.is_reversed(item["questionnaire"], item["item"]),
        n=display.count(item["n"]),
        mean=display.figure(item["mean"], rounded=item["counts"] is None),
        slices=slices,
        middle=middle,
        dont_know=display.share(item["share_dont_know"]),
        blank=display.share(item["share_blank"]),
        not_applicable=display.share(item["share_not_applicable"]),
    )


def _slices(item: Json, names: Names) -> tuple[tuple[Slice, ...], float | None]:
    """The choices with their counts: bad end left, good end right; written order where the item has no good end."""
    if not item["counts"] or not item["n"]:
        return (), None
    choices = list(zip(item["choices"], item["counts"], strict=True))
    ranked = item["mean"] is not None
    if ranked and names.best_first(item["questionnaire"], item["item"]):
        choices.reverse()
    tones = _tones(len(choices)) if ranked else ["plain"] * len(choices)
    found, start = [], 0.0
    for (code, count), tone in zip(choices, tones, strict=True):
        share = count / item["n"]
        label = names.choice(item["questionnaire"], item["item"], code)
        found.append(Slice(label, count, share, tone, start))
        start += share
    if not ranked:
        return tuple(found), None
    bad = sum(one.share for one in found if one.tone.startswith("bad"))
    centre = sum(one.share for one in found if one.tone == "middle")
    return tuple(found), bad + centre / 2


def _tones(count: int) -> list[str]:
    """From the worst to the best choice; the outer half of each side is the stronger tone."""
    side = count // 2
    strong = side - side // 2
    bad = ["bad-2"] * strong + ["bad-1"] * (side - strong)
    return bad + ["middle"] * (count % 2) + [tone.replace("bad", "good") for tone in reversed(bad)]


def _scale(block: Json, names: Names, unit: str) -> ScaleBlock:
    return ScaleBlock(
        raw=block,
        questionnaire=names.questionnaire(block["questionnaire"]),
        over_all=block["unit"] is None,
        n=display.count(block["n"]),
        alpha=two(block["alpha"]),
        influence=_between(block["influence_lo"], block["influence_hi"]),
        feldt=_between(block["feldt_lo"], block["feldt_hi"]),
        omega=two(block["omega"]),
        remark=_remark(block["status"], names.language),
        omega_remark=_remark(block["omega_status"], names.language),
        items=tuple(_scale_items(block, names, unit)),
    )


def _scale_items(block: Json, names: Names, unit: str) -> Iterator[tuple[str, str, str]]:
    """Text, item-rest correlation and α without the item."""
    for item, rest, deleted in zip(block["items"], block["item_rest"], block["alpha_if_deleted"], strict=True):
        yield names.item(block["questionnaire"], item, unit), two(rest), two(deleted)


def two(number: float | None) -> str:
    """A correlation or reliability with two decimals."""
    return display.NOTHING if number is None else f"{number:.2f}"


def _between(lo: float | None, hi: float | None) -> str:
    return display.NOTHING if lo is None or hi is None else f"{lo:.2f}–{hi:.2f}"


def _remark(status: Any, language: str) -> str:  # noqa: ANN401  # a code or nothing
    return words.one(words.ESTIMATES[status], language) if status else ""
