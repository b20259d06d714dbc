"""`pingyi agreement`: do the members of a unit agree, and do units differ?"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from analysis.agreement.overview import UnitAgreement, agreement_of
from analysis.estimate import Estimate
from survey_app.cli.statistics import printing
from survey_app.cli.statistics.document import FORMAT, Cautions, Json, print_json, print_lines
from survey_app.cli.statistics.faults import Faults
from survey_app.cli.statistics.options import Range, items_of, range_of
from survey_app.cli.statistics.source import opened
from survey_app.cli.statistics.table import NO_LABEL, Answers, answers_of, check_names, within

_MOST_STEPS = 1000


def run(data: Path, *, unit: str, items: str, range_: str, as_json: bool) -> None:
    """Read, compute, print."""
    typed = Faults()
    names, _ = items_of(typed, items)
    scale = range_of(typed, range_, whole=True, most=_MOST_STEPS)
    source = opened(data, typed)
    known = check_names(source, names, "unknown_item")
    units = check_names(source, [unit])
    if unit in names:
        source.faults.add("column_is_item", value=unit, option="--unit")
    check = {} if scale is None else dict.fromkeys(known, within(scale.low, scale.high))
    table = answers_of(source, known, words=units, check=check)
    assert scale is not None
    cautions = Cautions(names)
    cautions.encoding(source)
    document = _document(table, unit, scale, cautions)
    if as_json:
        print_json(document)
    else:
        print_lines(_tables(document), document["cautions"])


def _document(table: Answers, unit_column: str, scale: Range, cautions: Cautions) -> Json:
    labels, words = table.labels[unit_column], table.words[unit_column]
    named = labels != NO_LABEL
    if not named.all():
        cautions.add("rows_without_unit", "caution", rows=int(np.count_nonzero(~named)))
    # In the order of their names, so that the order of rows changes nothing.
    order = sorted(range(len(words)), key=words.__getitem__)
    place = np.empty(len(words), dtype=np.int64)
    place[order] = np.arange(len(words))
    units = [words[at] for at in order]
    found = agreement_of(
        table.values[named].astype(np.float64),
        table.present[named],
        place[labels[named]],
        len(units),
        low=int(scale.low),
        high=int(scale.high),
    )
    return {
        "format": FORMAT,
        "n": int(np.count_nonzero(named)),
        "n_units": len(units),
        "items": {name: _item(found, at, name, units, cautions) for at, name in enumerate(table.names)},
        "scale": {
            "icc1": cautions.value(found.scale.icc1, "scale icc1"),
            "icc2": cautions.value(found.scale.icc2, "scale icc2"),
            "r_wg_j": _by_unit(found.scale.within.r_wg_uniform, "scale r_wg_j", units, cautions),
            "unit_reliability": _by_unit(found.scale.reliability.units, "scale unit_reliability", units, cautions),
        },
        "cautions": cautions.as_json(),
    }


def _item(found: UnitAgreement, at: int, name: str, units: Sequence[str], cautions: Cautions) -> Json:
    item = found.items[at]
    return {
        "icc1": cautions.value(item.icc1, f"{name} icc1"),
        "icc2": cautions.value(item.icc2, f"{name} icc2"),
        "f": item.anova.f,
        "p": item.anova.p,
        "n0": item.anova.n0,
        "r_wg": _by_unit(item.within.r_wg_uniform, f"{name} r_wg", units, cautions),
    }


def _by_unit(estimates: Sequence[Estimate], of: str, units: Sequence[str], cautions: Cautions) -> Json:
    return {unit: cautions.value(estimate, of, unit=unit) for unit, estimate in zip(units, estimates, strict=True)}


def _tables(document: Json) -> list[str]:
    number = printing.number
    scale = document["scale"]
    items = [
        [name, *(number(one[key]) for key in ("icc1", "icc2", "f")), number(one["p"], 4), number(one["n0"], 1)]
        for name, one in document["items"].items()
    ]
    units = [[unit, number(value), number(scale["unit_reliability"][unit])] for unit, value in scale["r_wg_j"].items()]
    return [
        f"{document['n']} 份答卷，{document['n_units']} 个单位 / responses and units",
        *printing.table(
            [
                ["题目 item", "ICC(1)", "ICC(2)", "F", "p", "n0"],
                *items,
                ["全部 scale", number(scale["icc1"]), number(scale["icc2"]), "", "", ""],
            ]
        ),
        "",
        *printing.table([["单位 unit", "r_wg(j)", "单位信度 reliability"], *units]),
    ]
