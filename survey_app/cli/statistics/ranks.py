"""`pingyi ranks`: which places the scores of units can have."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.comparison.ranks import RankSets, rank_sets
from analysis.estimate import Status
from survey_app.cli.statistics import printing
from survey_app.cli.statistics.document import FORMAT, Cautions, Json, print_json_with_rows, print_lines
from survey_app.cli.statistics.source import Source
from survey_app.cli.statistics.table import NO_LABEL, Answers, check_names, not_negative, read

_COLUMNS = ("unit", "score", "se")
# Every pair of units is compared in thousands of draws: with more of them this takes more than minutes.
MOST_UNITS = 3000
Place = tuple[int | None, int, int | None]


def run(data: Path, *, seed: int, as_json: bool) -> None:
    """Read, compute, print."""
    source = Source(data)
    check_names(source, _COLUMNS, "missing_column")
    source.faults.refuse()
    table = read(source, _COLUMNS[1:], words=_COLUMNS[:1], check={"se": not_negative})
    _check_units(source, table)
    cautions = Cautions()
    cautions.encoding(source)
    ignored = [name for name in source.header if name and name not in _COLUMNS]
    if ignored:
        cautions.add("columns_ignored", columns=ignored)
    document = _document(table, cautions, seed)
    if as_json:
        print_json_with_rows(document, "units", document.pop("units"))
    else:
        print_lines(_tables(document), document["cautions"])


def _check_units(source: Source, table: Answers) -> None:
    """Every row names a unit, and each unit has one row."""
    labels, words = table.labels["unit"], table.words["unit"]
    source.faults.add_many("empty_cell", table.rows[labels == NO_LABEL], "unit", lambda _: None)
    first = np.zeros(len(labels), dtype=np.bool_)
    first[np.unique(labels, return_index=True)[1]] = True
    again = np.flatnonzero(~first & (labels != NO_LABEL))
    source.faults.add_many("unit_twice", table.rows[again], "unit", lambda one: words[labels[again[one]]])
    source.faults.refuse()


def _document(table: Answers, cautions: Cautions, seed: int) -> Json:
    units = [table.words["unit"][label] for label in table.labels["unit"].tolist()]
    usable = np.asarray(table.present.all(axis=1), dtype=np.bool_)
    without = [unit for unit, ranked in zip(units, usable.tolist(), strict=True) if not ranked]
    if without:
        cautions.add("unit_without_score", "undefined", units=without)
    scores, errors = (table.column(name)[0][usable] for name in ("score", "se"))
    ranked = [unit for unit, kept in zip(units, usable.tolist(), strict=True) if kept]
    document: Json = {"format": FORMAT, "level": 0.95, "seed": seed, "draws": None}
    if len(ranked) > MOST_UNITS:
        cautions.add("too_many_to_compare", "undefined", n=len(ranked), most=MOST_UNITS)
        places: list[Place] = [(None, rank, None) for rank in _places(scores)]
    else:
        found = rank_sets(scores, errors, seed=seed)
        document |= {"level": found.level, "draws": found.draws}
        if found.status is Status.WARN_NO_VARIATION:
            cautions.add("rank_without_error", "caution", units=[ranked[at] for at in found.without_error])
        else:
            cautions.status(found.status, "ranks")
        places = _sets(found)
    sets = dict(zip(ranked, places, strict=True))
    rows = []
    for unit in units:
        lower, rank, upper = sets.get(unit, (None, None, None))
        rows.append({"unit": unit, "lower": lower, "rank": rank, "upper": upper})
    return document | {"units": rows, "cautions": cautions.as_json()}


def _sets(found: RankSets) -> list[Place]:
    rank = found.rank.tolist()
    if not found.status.defined:
        return [(None, place, None) for place in rank]
    return list(zip(found.lower.tolist(), rank, found.upper.tolist(), strict=True))


def _places(scores: NDArray[np.float64]) -> list[int]:
    """The places of the scores themselves, 1 the highest, ties at the better one."""
    places: list[int] = (1 + len(scores) - np.searchsorted(np.sort(scores), scores, side="right")).tolist()
    return places


def _tables(document: Json) -> list[str]:
    rows = sorted(document["units"], key=lambda one: (one["rank"] is None, one["rank"]))
    return list(
        printing.table(
            [
                ["单位 unit", "位次 rank", "最高 best", "最低 worst"],
                *([one["unit"], *(printing.number(one[name]) for name in ("rank", "lower", "upper"))] for one in rows),
            ]
        )
    )
