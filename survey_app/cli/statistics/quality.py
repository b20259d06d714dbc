"""`pingyi quality`: what each response shows of how it was answered. Nothing is excluded here."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.frame import CodedAnswers
from analysis.quality.consistency import misfit
from analysis.quality.families import Flag, Flags, flag
from analysis.quality.indices import Indices, Stretch, measure_quality
from analysis.quality.mahalanobis import Distances, mahalanobis_d2
from analysis.quality.patterns import Measured, irv, longstring, missing_share, nothing_measured, ratio
from analysis.spec import MAX_CHOICES, ItemSpec, QuestionnaireSpec
from survey_app.cli.statistics import printing
from survey_app.cli.statistics.document import FORMAT, Cautions, Json, print_json_with_rows, print_lines
from survey_app.cli.statistics.faults import Faults
from survey_app.cli.statistics.options import Range, items_of, need_range, range_of
from survey_app.cli.statistics.source import opened
from survey_app.cli.statistics.table import Answers, Check, answers_of, check_names, not_negative, within

# The contract's flags; a contradicted pair needs a questionnaire, which this command has none of.
FLAGS = tuple(which for which in Flag if which is not Flag.PAIR)
_SECONDS_PER_ITEM = 2.0
_SHOWN = 20


def run(data: Path, *, items: str, reverse: str | None, seconds: str | None, range_: str | None, as_json: bool) -> None:
    """Read, compute, print."""
    typed = Faults()
    names, turned = items_of(typed, items, reverse)
    scale = range_of(typed, range_)
    if turned:
        need_range(typed, range_, ("--reverse ", "--reverse"))
    source = opened(data, typed)
    known = check_names(source, names, "unknown_item")
    times = check_names(source, [seconds] if seconds else [])
    if seconds in names:
        source.faults.add("column_is_item", value=seconds, option="--seconds")
        times = []
    checks: dict[str, Check] = {} if scale is None else dict.fromkeys(known, within(scale.low, scale.high))
    checks |= dict.fromkeys(times, not_negative)
    table = answers_of(source, [*known, *times], check=checks)
    answers, took = _split(table, seconds)
    cautions = Cautions(names)
    cautions.encoding(source)
    distance = mahalanobis_d2(answers.values, answers.present)
    flags = flag(_indices(answers, took, scale, turned, distance))
    _explain(cautions, flags, distance, names)
    rows = _rows(answers, distance, flags)
    document: Json = {
        "format": FORMAT,
        "n": answers.n,
        "measured": [which.value for which in FLAGS if which in flags.measured],
        "cautions": cautions.as_json(),
    }
    if as_json:
        print_json_with_rows(document, "rows", rows)
    else:
        print_lines(_tables(document, flags, rows), document["cautions"])


def _split(table: Answers, seconds: str | None) -> tuple[Answers, NDArray[np.float32] | None]:
    """The items by themselves, and the times (n,), NaN where unknown."""
    if seconds is None:
        return table, None
    value, present = table.column(seconds)
    values = table.values[:, :-1]
    # The times may be fractions where the answers are whole.
    if values.dtype == np.float64 and bool((values == np.rint(values)).all()) and bool((np.abs(values) < 2**31).all()):
        values = values.astype(np.int32)
    answers = replace(table, names=table.names[:-1], values=values, present=table.present[:, :-1])
    return answers, np.where(present, value, np.nan).astype(np.float32)


def _indices(
    answers: Answers,
    took: NDArray[np.float32] | None,
    scale: Range | None,
    turned: Sequence[str],
    distance: Distances,
) -> Indices:
    """What flags are read from. Whole answers are coded like those of a questionnaire; others are taken as numbers."""
    known = answers.values[answers.present]
    observed = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    low, high = (scale.low, scale.high) if scale else observed
    whole = answers.values.dtype != np.float64 and low == np.floor(low) and 1 <= high - low < MAX_CHOICES
    return _coded(answers, took, int(low), int(high), turned) if whole else _plain(answers, took, distance)


def _coded(answers: Answers, took: NDArray[np.float32] | None, low: int, high: int, turned: Sequence[str]) -> Indices:
    codes = tuple(str(step) for step in range(low, high + 1))
    points = tuple(step / (high - low) * 100 for step in range(len(codes)))
    items = tuple(ItemSpec(name, "scale", codes, points, reverse=name in turned) for name in answers.names)
    n = len(answers.values)
    shifted = np.where(answers.present, answers.values.astype(np.int32) - (low - 1), 0)
    nowhere = np.zeros(n, dtype=np.int32)
    coded = CodedAnswers(
        questionnaire=QuestionnaireSpec("data", "", "staff", items),
        codes=shifted.astype(np.int8),
        unit=nowhere,
        stratum=nowhere,
        department=nowhere,
        sitting=np.arange(n, dtype=np.int32),
        eligible=np.ones(n, dtype=np.bool_),
        seconds=took,
    )
    return measure_quality(coded)


def _plain(answers: Answers, took: NDArray[np.float32] | None, distance: Distances) -> Indices:
    """Numbers of any kind have no choices, and so nothing that needs to know their range."""
    n, k = answers.values.shape
    seconds = nothing_measured(n)
    if took is not None:
        known = np.isfinite(took) & (took > 0)
        seconds = ratio(np.where(known, took, 0.0).astype(np.float64), np.where(known, float(k), 0.0))
    counts = np.zeros(n, dtype=np.int64)
    everybody = np.ones(n, dtype=np.bool_)
    fits = misfit(answers.values, answers.present)
    return Indices(
        eligible=everybody,
        first_of_sitting=everybody,
        whole=Stretch(k, counts, counts, nothing_measured(n), fits),
        thirds=(),
        reversed_items=0,
        choices=(0, 0),
        step=0.0,
        answered=answers.present.sum(axis=1),
        seconds_per_item=seconds,
        seconds_floor=_SECONDS_PER_ITEM,
        distance=distance,
        level=nothing_measured(n),
        gap=nothing_measured(n),
        even_odd=nothing_measured(n),
        subscales=0,
        contradicted=counts,
        pairs=0,
        attention_failed=counts,
        attention=0,
        missing=missing_share(answers.present, np.ones_like(answers.present)),
    )


def _explain(cautions: Cautions, flags: Flags, distance: Distances, names: Sequence[str]) -> None:
    left_out = [name for at, name in enumerate(names) if at not in set(distance.columns.tolist())]
    cautions.status(distance.status, "mahalanobis_d2", items=left_out if distance.status.defined else ())
    unmeasured = [which.value for which in FLAGS if which not in flags.measured]
    if unmeasured:
        cautions.add("flags_not_measured", flags=unmeasured)
    if not flags.assessable:
        cautions.add("quality_not_assessable", "caution")


def _rows(answers: Answers, distance: Distances, flags: Flags) -> Iterator[Json]:
    """One entry a row of the file, in its order."""
    runs = longstring(answers.values, answers.present).tolist()
    spread = _numbers(irv(answers.values, answers.present))
    d2 = _numbers(Measured(distance.d2, distance.df > 0))
    named = {mask: _names(mask) for mask in np.unique(flags.flags).tolist()}
    masks = flags.flags.tolist()
    for at, (run, sd, far, mask) in enumerate(zip(runs, spread, d2, masks, strict=True), start=1):
        yield {"row": at, "longstring": run, "irv": sd, "mahalanobis_d2": far, "flags": named[mask]}


def _numbers(found: Measured) -> Iterator[float | None]:
    for value, defined in zip(found.value.tolist(), found.defined.tolist(), strict=True):
        yield value if defined else None


def _names(mask: int) -> list[str]:
    return [which.value for which in FLAGS if mask & which.bit]


def _tables(document: Json, flags: Flags, rows: Iterator[Json]) -> Iterator[str]:
    """How often each flag was raised, and the first rows with any."""
    n = document["n"]
    yield f"{n} 份答卷 / responses"
    counts = [[which, str(int(flags.has(Flag(which)).sum()))] for which in document["measured"]]
    yield from printing.table([["信号 flag", "份数 rows"], *counts])
    flagged = [row for row in rows if row["flags"]]
    if not flagged:
        return
    yield ""
    head = ["行 row", "longstring", "irv", "D2", "信号 flags"]
    shown = [
        [
            str(row["row"]),
            str(row["longstring"]),
            printing.number(row["irv"], 2),
            printing.number(row["mahalanobis_d2"], 1),
            " ".join(row["flags"]),
        ]
        for row in flagged[:_SHOWN]
    ]
    yield from printing.table([head, *shown])
    if len(flagged) > _SHOWN:
        yield f"…（共 {len(flagged)} 行，完整结果请用 --json） / {len(flagged)} rows; all of them with --json"
