"""Scores as people read them: figures with the decimals that they deserve, statuses and reasons in words.

Pure given a snapshot and its names. Must stay true: what the snapshot does not hold is shown as missing, with its
reason; a score that was rounded for publication never gets decimals back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey_app.scores.queries.names import Names
from survey_app.scores.queries.snapshots import Confirmed, Snapshot, in_force
from survey_app.scores.rules import words
from survey_app.scores.rules.confirming import is_confirmable

Json = Mapping[str, Any]
NOTHING = "–"
_SEVERITIES = ("withhold", "caution", "note")


@dataclass(frozen=True)
class Said:
    """A reason in words: what was found, how to read it, where the threshold comes from."""

    code: str
    severity: str
    sentence: str
    reading: str
    source: str


@dataclass(frozen=True)
class Cell:
    """One unit's score of one indicator, ready to be shown. raw: as stored, for charts.

    interval: the total one, or the sampling one where there is no total (`is_total`). rules: from the lowest to the
    highest score that other defensible rules would give.
    """

    raw: Json
    title: str
    status: str
    status_word: str
    score: str
    points: str
    full_marks: str
    interval: str
    is_total: bool
    sampling: str
    rules: str
    n: str
    reasons: tuple[Said, ...]
    cautions: tuple[Said, ...]
    confirmable: bool
    confirmed: Confirmed | None
    history: tuple[Confirmed, ...]

    @property
    def indicator(self) -> str:
        """The indicator's code."""
        return str(self.raw["indicator"])


@dataclass(frozen=True)
class UnitRow:
    """One unit with its cells in the order of the indicators."""

    code: str
    name: str
    category: str
    cells: tuple[Cell, ...]


def unit_rows(
    snapshot: Snapshot, names: Names, decided: Mapping[tuple[str, str], Sequence[Confirmed]], category: str | None
) -> list[UnitRow]:
    """Units in the office's own order, of one category or of all."""
    return [
        UnitRow(unit["code"], unit["name"], unit["category"], unit_cells(snapshot, names, decided, unit["code"]))
        for unit in snapshot.units
        if not category or unit["category"] == category
    ]


def unit_cells(
    snapshot: Snapshot, names: Names, decided: Mapping[tuple[str, str], Sequence[Confirmed]], unit: str
) -> tuple[Cell, ...]:
    """The cells of one unit."""
    name = snapshot.unit(unit)["name"]
    return tuple(
        cell(score, names, name, decided.get((unit, score["indicator"]), ()), snapshot.number)
        for score in snapshot.scores_of(unit)
    )


def categories(snapshot: Snapshot) -> list[str]:
    """The categories of the units, in order of appearance; blank ones left out."""
    return [category for category in dict.fromkeys(unit["category"] for unit in snapshot.units) if category]


def cell(score: Json, names: Names, unit: str, history: Sequence[Confirmed], number: int) -> Cell:
    """One score in words. history: decisions on it, newest first; number: of the snapshot that is shown."""
    rounded = is_rounded(score)
    return Cell(
        raw=score,
        title=names.indicator(score["indicator"]),
        status=score["status"],
        status_word=words.status(score["status"], names.language),
        score=figure(score["score"], rounded=rounded),
        points=NOTHING if score["points"] is None else f"{score['points']:.1f}",
        full_marks=NOTHING if score["full_marks"] is None else f"{score['full_marks']:g}",
        interval=interval(*bounds(score), rounded=rounded),
        is_total=has_total(score),
        sampling=interval(score["lo"], score["hi"], rounded=rounded),
        rules=interval(score["rules_lo"], score["rules_hi"], rounded=rounded),
        n=_n(score, names.language),
        reasons=tuple(said(score["reasons"], score, names, unit)),
        cautions=tuple(said(_cautions(score), score, names, unit)),
        confirmable=is_confirmable(score),
        confirmed=in_force(history, number),
        history=tuple(history),
    )


def said(reasons: Sequence[Json], score: Json, names: Names, unit: str) -> Iterator[Said]:
    """Reasons in words, the heaviest first."""
    label = names.subject(score["audience"], unit)
    for reason in sorted(reasons, key=lambda found: _SEVERITIES.index(found["severity"])):
        yield Said(
            reason["code"],
            reason["severity"],
            words.sentence(reason, names.language, label),
            words.reading(reason["code"], names.language),
            words.source(reason["code"], names.language),
        )


def _cautions(score: Json) -> list[Json]:
    """Everything to be read with a score besides the reasons of its status."""
    return [caution for caution in score["cautions"] if caution not in score["reasons"]]


def is_rounded(score: Json) -> bool:
    """Whether the rules of publication left whole numbers only."""
    return any(caution["code"] == "rounded" for caution in score["cautions"])


def has_total(score: Json) -> bool:
    """Whether the snapshot holds a total interval; those of earlier versions do not."""
    return score["total_lo"] is not None and score["total_hi"] is not None


def bounds(score: Json) -> tuple[float | None, float | None]:
    """The interval that is shown: the total one, or the sampling one where there is no total."""
    return (score["total_lo"], score["total_hi"]) if has_total(score) else (score["lo"], score["hi"])


def is_open_link(score: Json) -> bool:
    """Whether answers came through an open link."""
    return any(caution["code"] == "non_probability" for caution in score["cautions"])


def is_rounded_part(part: Json) -> bool:
    """The same of a part. Only publication takes its process error away: an open link has that, but no other."""
    return part["score"] is not None and part["se_process"] is None and float(part["score"]).is_integer()


def figure(number: float | None, *, rounded: bool = False) -> str:
    """A score: one decimal, none where it was rounded for publication."""
    if number is None:
        return NOTHING
    return f"{number:.0f}" if rounded else f"{number:.1f}"


def interval(lo: float | None, hi: float | None, *, rounded: bool = False) -> str:
    """An interval, or that there is none: nobody was left out of a census, so it has no "±0" either."""
    if lo is None or hi is None or lo == hi:
        return NOTHING
    return f"{figure(lo, rounded=rounded)}–{figure(hi, rounded=rounded)}"


def share(number: float | None, band: Sequence[float] | None = None) -> str:
    """A share in per cent, or the band that stands for it."""
    if number is not None:
        return f"{number:.0%}"
    return NOTHING if band is None else f"{band[0]:.0%}–{band[1]:.0%}"


def count(number: float | None, band: Sequence[float] | None = None) -> str:
    """A count, or the band that stands for it."""
    if number is not None:
        return f"{number:,.0f}"
    return NOTHING if band is None else f"{band[0]:.0f}–{band[1]:.0f}"


def _n(score: Json, language: str) -> str:
    """Behind "n =" on pages; an open link counts who took part, not who answered of those asked."""
    found = count_in_words(score["n_valid"], score["valid_band"], score["n_departments"], language)
    return words.one(words.OPEN_LINK, language).format(n=found) if is_open_link(score) and found != NOTHING else found


def count_in_words(number: float | None, band: Sequence[float] | None, departments: int | None, language: str) -> str:
    """How many stand behind a score: responses, for related departments with their departments."""
    valid = count(number, band)
    if departments is None or valid == NOTHING:
        return valid
    return f"{departments} 个部门 {valid} 份" if language == "zh" else f"{valid} from {departments} departments"
