"""`pingyi analyse`: every unit's scores from files alone."""

import dataclasses
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from analysis import report
from analysis.assessing import assess
from analysis.cautions import ScoreStatus
from analysis.comparing import compare
from analysis.frame import Frame
from analysis.publishing import publish
from analysis.results import Report
from survey_app.cli.statistics import printing
from survey_app.cli.statistics.definitions import Definitions, definitions
from survey_app.cli.statistics.document import FORMAT, Cautions, Json, print_json, print_lines
from survey_app.cli.statistics.faults import Refused
from survey_app.cli.statistics.responses import frame_rows, look_at, read_responses
from survey_app.questionnaire.texts import text
from survey_app.scores.operations.software import versions
from survey_app.scores.rules import words

# Facts and distributions have rules of publication of their own, which need the campaign.
_NOT_RELEASED_HERE = ("items", "distributions")
_SAID_BEFORE = ("plan", "plan_version", "plan_hash", "questionnaires", "confidence", "released", "scores")
Read = TypeVar("Read")


def run(
    questionnaires: tuple[Path, ...], *, plan: Path, responses: Path, frame: Path | None, release: bool, as_json: bool
) -> None:
    """Read, compute, print."""
    cautions = Cautions()
    found, answers = _read(questionnaires, plan, responses, frame, cautions)
    document = _about(found, release=release)
    if answers.units:
        answers, quality = assess(answers, found.plan_spec)
        made = report.build(answers, found.plan_spec, quality)
        if release:
            published = publish(answers, found.plan_spec, made)
            made = published.report
            if published.exposed:
                cautions.add("exposed", "caution", places=len(published.exposed))
        # Files name no categories, so all units are one. Compared last: what is hidden is compared with nothing.
        document |= _results(compare(made, found.plan_spec, {unit.code: "" for unit in answers.units}))
    else:
        cautions.add("no_units", "caution")
    document |= {"versions": versions(), "cautions": cautions.as_json(counts=not release)}
    if as_json:
        print_json(document)
    else:
        print_lines(_tables(document, found), document["cautions"])


def _read(
    questionnaires: tuple[Path, ...], plan: Path, responses: Path, frame: Path | None, cautions: Cautions
) -> tuple[Definitions, Frame]:
    """What is scored by, and what is scored. Raises Refused with the faults of all files."""
    refused: list[Refused] = []
    found = _unless_refused(refused, lambda: definitions(questionnaires, plan, cautions))
    rows = None if frame is None else _unless_refused(refused, lambda: frame_rows(frame, cautions))
    if found is None:
        _unless_refused(refused, lambda: look_at(responses))
    else:
        answers = _unless_refused(refused, lambda: read_responses(responses, found, rows, cautions))
        if answers is not None and not refused:
            return found, answers
    raise Refused([fault for one in refused for fault in one.faults], sum(one.count for one in refused))


def _unless_refused(refused: list[Refused], read: Callable[[], Read]) -> Read | None:
    try:
        return read()
    except Refused as one:
        refused.append(one)
        return None


def _about(found: Definitions, *, release: bool) -> Json:
    """What was scored by, and nothing scored yet."""
    plan = found.plan_spec
    return {
        "format": FORMAT,
        "disclosure": "plan" if release else "none",
        "plan": {"id": plan.id, "version": plan.version, "hash": plan.hash},
        "questionnaires": [{"id": spec.id, "hash": spec.hash} for spec in found.specs],
        "confidence": plan.confidence,
        "scores": [],
        **{field.name: [] for field in dataclasses.fields(Report) if field.name not in _SAID_BEFORE},
    }


def _results(made: Report) -> Json:
    """Everything that the report holds, under the report's own names."""
    around = {field.name: _plain(getattr(made, field.name)) for field in dataclasses.fields(made)}
    rankable = {
        (one.indicator, standing.unit): standing.rankable for one in made.comparisons for standing in one.standings
    }
    scores = []
    for score in around["scores"]:
        applies = score["status"] != ScoreStatus.NOT_APPLICABLE
        place = rankable.get((score["indicator"], score["unit"]), False) if applies else None
        hidden = _NOT_RELEASED_HERE if made.released else ()
        scores.append({name: value for name, value in score.items() if name not in hidden} | {"rankable": place})
    return {"scores": scores, **{name: value for name, value in around.items() if name not in _SAID_BEFORE}}


def _tables(document: Json, found: Definitions) -> Iterator[str]:
    """One row a unit and indicator; below it, why a score is missing or must be read with care."""
    titles = {one.code: text(one.title, "zh") if one.title else one.code for one in found.plan.indicators}
    head = ["单位 unit", "指标 indicator", "得分 score", "95% 区间 interval", "份数 n", "状态 status"]
    rows = [head]
    reasons: list[str] = []
    for score in document["scores"]:
        status = score["status"]
        rows.append(
            [
                score["unit"],
                titles[score["indicator"]],
                printing.number(score["score"], 1),
                printing.interval([score["total_lo"], score["total_hi"]], 1),
                printing.number(score["n_valid"]),
                f"{words.SHAPES[status]} {words.STATUSES[status][0]} {words.STATUSES[status][1]}",
            ]
        )
        for reason in score["reasons"]:
            place = f"{score['unit']} {titles[score['indicator']]}"
            reasons.append(f"{place}：{words.sentence(reason, 'zh', str)}")
            reasons.append(f"  {words.sentence(reason, 'en', str)}")
    rows[0][3] = f"{document['confidence']:.0%} 区间 interval"
    yield from printing.table(rows)
    if reasons:
        yield ""
        yield from reasons
    yield ""
    if document["disclosure"] == "none":
        yield "未隐去任何小格，仅供数据持有人自用；对外请加 --release。"
        yield "Nothing is hidden: for the holder of the data only. To show others, add --release."
    yield f"{words.FOOTER[0]} / {words.FOOTER[1]}"


def _plain(value: object) -> Any:  # noqa: ANN401  # whatever JSON can hold
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value
