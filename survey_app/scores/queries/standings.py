"""Units beside the others of their category, as pages show them: what the scores can tell apart, and what they cannot.

Pure given a snapshot and its names. Must stay true: a place is shown only where the snapshot holds one; where it holds
none, the reasons stand in its stead; the order is the office's own, never that of scores.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.spec import RELATED_DEPARTMENT
from survey_app.scores.queries import display
from survey_app.scores.queries.display import NOTHING, Said
from survey_app.scores.queries.names import Names
from survey_app.scores.queries.scales import FigureRow, figure_row, two
from survey_app.scores.queries.snapshots import Snapshot
from survey_app.scores.rules import verdicts, words

Json = Mapping[str, Any]
_FEWEST = 2  # units that there is anything to compare in


@dataclass(frozen=True)
class StandingRow:
    """One unit beside the others. place: empty where none may be given; refusals: why not."""

    unit: str
    name: str
    score: str
    verdict: str
    reliability: str
    needed: str
    place: str
    refusals: tuple[Said, ...]
    shrunken: str
    figures: tuple[FigureRow, ...]


@dataclass(frozen=True)
class ComparisonBlock:
    """The units of one category on one indicator.

    n_units: those compared; placed: how many of them have a place. sd: between units, with its interval. lambdas: from
    the least to the greatest of the process. refusals: why units have no place: how many for each reason.
    """

    indicator: str
    category: str
    n_units: int
    mean: str
    sd: str
    sd_interval: str
    pairs: int
    pairs_apart: int
    lambdas: str
    target: str
    placed: int
    remark: str
    refusals: tuple[str, ...]
    standings: tuple[StandingRow, ...]


@dataclass(frozen=True)
class IndicatorComparisons:
    """All categories of one indicator. pairs, pairs_apart: of all of them together."""

    code: str
    title: str
    pairs: int
    pairs_apart: int
    placed: int
    n_units: int
    blocks: tuple[ComparisonBlock, ...]


def comparisons(snapshot: Snapshot, names: Names, category: str | None = None) -> list[IndicatorComparisons]:
    """Every comparison, by indicator in the plan's order; of one category or of all."""
    found = []
    for indicator in snapshot.indicators:
        blocks = tuple(
            _block(one, indicator["audience"], snapshot, names)
            for one in snapshot.document["comparisons"]
            if one["indicator"] == indicator["code"] and category in (None, one["category"])
        )
        if blocks:
            found.append(
                IndicatorComparisons(
                    code=indicator["code"],
                    title=names.indicator(indicator["code"]),
                    pairs=sum(block.pairs for block in blocks),
                    pairs_apart=sum(block.pairs_apart for block in blocks),
                    placed=sum(block.placed for block in blocks),
                    n_units=sum(block.n_units for block in blocks),
                    blocks=blocks,
                )
            )
    return found


def of_unit(snapshot: Snapshot, names: Names, score: Json) -> tuple[Json, StandingRow] | None:
    """The comparison that a unit's score is part of, and its place in it; None where it is compared with nobody."""
    for one in snapshot.document["comparisons"]:
        if one["indicator"] == score["indicator"] and one["n_units"] >= _FEWEST:
            for standing in one["standings"]:
                if standing["unit"] == score["unit"]:
                    return one, _standing(standing, one, score["audience"], snapshot, names)
    return None


def _block(found: Json, audience: str, snapshot: Snapshot, names: Names) -> ComparisonBlock:
    standings = tuple(_standing(one, found, audience, snapshot, names) for one in found["standings"])
    lambdas = sorted(
        one["unit_reliability_process"] for one in found["standings"] if one["unit_reliability_process"] is not None
    )
    enough = found["n_units"] >= _FEWEST
    refused = Counter(said.code for one in standings for said in one.refusals)
    return ComparisonBlock(
        indicator=found["indicator"],
        category=found["category"],
        n_units=found["n_units"],
        mean=display.figure(found["mean"]),
        sd=display.figure(found["sd"]),
        sd_interval=display.interval(found["sd_lo"], found["sd_hi"]),
        pairs=found["pairs"],
        pairs_apart=found["pairs_apart"],
        lambdas=_range(lambdas),
        target=f"{found['target']:.2f}",
        placed=sum(1 for one in found["standings"] if one["rank"] is not None),
        remark=words.estimate(found["status"], names.language),
        refusals=tuple(words.refused(code, n, names.language) for code, n in refused.items() if enough),
        standings=standings if enough else (),
    )


def _standing(standing: Json, found: Json, audience: str, snapshot: Snapshot, names: Names) -> StandingRow:
    language = names.language
    score = snapshot.by_place()[standing["unit"], found["indicator"]]
    unit = snapshot.unit(standing["unit"])["name"]
    shrunken = display.figure(standing["shrunken"])
    drawn = display.interval(standing["shrunken_lo"], standing["shrunken_hi"])
    more = verdicts.needed(standing, found["target"], departments=audience == RELATED_DEPARTMENT)
    process, people = two(standing["unit_reliability_process"]), two(standing["unit_reliability"])
    return StandingRow(
        unit=standing["unit"],
        name=unit,
        score=display.figure(score["score"], rounded=display.is_rounded(score)),
        verdict=words.one(verdicts.reliable(standing), language),
        reliability=process,
        needed="" if standing["unit_reliability_process"] is None else words.one(more, language),
        place=place(standing, language),
        refusals=tuple(display.said(standing["refusals"], score, names, unit)),
        shrunken=shrunken if drawn == NOTHING else f"{shrunken} ({drawn})",
        figures=(
            figure_row("unit_reliability_process", process, language),
            figure_row("unit_reliability", people, language),
            figure_row("shrunken", shrunken, language, interval=drawn),
            *_adjusted(score, language),
        ),
    )


def _adjusted(score: Json, language: str) -> Iterator[FigureRow]:
    """The score at average severity of departments, or why there is none; nothing where it was not looked for."""
    if score["adjusted_status"] is not None:
        interval = display.interval(score["adjusted_lo"], score["adjusted_hi"])
        found = display.figure(score["adjusted"])
        yield figure_row("adjusted", found, language, interval=interval, status=score["adjusted_status"])


def place(standing: Json, language: str) -> str:
    """A place with the places that the data allow; nothing where none may be given."""
    if standing["rank"] is None:
        return ""
    found = f"{standing['rank_lo']}–{standing['rank_hi']}"
    return f"{standing['rank']}（{found}）" if language == "zh" else f"{standing['rank']} ({found})"


def _range(numbers: Sequence[float]) -> str:
    if not numbers:
        return NOTHING
    lo, hi = two(numbers[0]), two(numbers[-1])
    return lo if lo == hi else f"{lo}–{hi}"
