"""Scores by what people answered to one item (the plan's `breakdowns`): how those see a unit who often deal with it.

Knows how to take a frame apart. Must stay true: the groups of a unit are shown together or not at all, each of
`min_cell` or more, those who skipped the item included, so that no group follows from the whole less the others; in
whole numbers, because two exact parts of an exact whole would give an exact third; and what is shown has passed the
audit together with the report: groups by two items, or of two indicators, may give one away that none gives alone.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis import disclosure, report
from analysis.cautions import Code, ScoreStatus
from analysis.frame import BLANK, CodedAnswers, Fieldwork, Frame
from analysis.results import Report, UnitScore
from analysis.spec import GateSpec, PlanSpec
from analysis.suppression.groups import Grouping, group_publication
from analysis.suppression.intervals import shown_interval
from analysis.suppression.reports import suppress_groups
from survey_app.questionnaire.base import AUDIENCES
from survey_app.scores.operations.circumstances import Scope
from survey_app.scores.operations.document import Json
from survey_app.scores.operations.loading import MODES
from survey_app.scores.rules.modes import BY_MODE

_STANDS = {ScoreStatus.SCORED, ScoreStatus.CAUTION}


@dataclass(frozen=True)
class _Cut:
    """How the answers of an audience are taken apart: by an item, or by the way in which they came (`BY_MODE`)."""

    item: str
    audience: str


@dataclass(frozen=True)
class _Group:
    """Those of one answer. choice: None for those who gave none. built, released: by (unit, indicator)."""

    choice: str | None
    built: dict[tuple[str, str], UnitScore]
    released: dict[tuple[str, str], UnitScore]


def break_down(document: Json, frame: Frame, plan: PlanSpec, scope: Scope, released: Report) -> None:
    """Add to every score of the document the breakdowns of its audience. released: the report that it was made from.

    An item that is restricted, or of which several choices may be taken, breaks nothing down: its groups overlap.
    """
    taken: list[tuple[_Cut, list[_Group]]] = []
    cuts = [_Cut(named.item, named.audience) for named in scope.plan.breakdowns]
    for breakdown in (*cuts, *(_Cut(BY_MODE, audience) for audience in AUDIENCES)):
        asked = [found for found in scope.questionnaires.values() if found.audience == breakdown.audience]
        items = [found.item(breakdown.item) for found in asked if found.has_item(breakdown.item)]
        if any(getattr(item, "restricted", None) for item in items):
            continue
        groups = list(_groups(breakdown, frame, plan))
        taken.append((breakdown, groups))
        for score in document["scores"]:
            if groups and score["audience"] == breakdown.audience and score["status"] in _STANDS:
                made = _shown(breakdown, groups, score, plan.disclosure.min_cell)
                if made is not None:
                    score["breakdowns"].append(made)
    if plan.disclosure.complementary:
        _hide_what_tells(document, frame, plan, released, [_grouping(*one, frame, document) for one in taken])


def _hide_what_tells(document: Json, frame: Frame, plan: PlanSpec, released: Report, groupings: list[Grouping]) -> None:
    """Take out the breakdowns from which a group of few would follow; all of a unit where it is none alone."""
    found = suppress_groups(frame, plan, released, groupings)
    units = {finding.secret.partition(": ")[0] for finding in found.exposed}
    for score in document["scores"]:
        for breakdown in score["breakdowns"]:
            name = group_publication(score["unit"], score["indicator"], breakdown["item"])
            if name in found.hidden or score["unit"] in units:
                breakdown.update(shown=False, groups=[])


def _grouping(breakdown: _Cut, groups: list[_Group], frame: Frame, document: Json) -> Grouping:
    """The same as the audit takes it: who is in which group, and what is shown of each."""
    numbers = {group.choice: number for number, group in enumerate(groups)}
    of_rows: dict[str, NDArray[np.intp]] = {}
    for answers in frame.answers:
        if answers.questionnaire.audience == breakdown.audience:
            column = _column(breakdown, answers)
            of_rows[answers.questionnaire.id] = np.full(len(answers.codes), len(groups), dtype=np.intp)
            for choice, number in numbers.items():
                of_rows[answers.questionnaire.id][_chose(answers, column, choice)] = number
    shown = {
        (score["unit"], score["indicator"]): {
            numbers[group["choice"]]: interval
            for group in found["groups"]
            if (interval := shown_interval(group["score"], group["lo"], group["hi"], exact=False)) is not None
        }
        for score in document["scores"]
        for found in score["breakdowns"]
        if found["item"] == breakdown.item and score["audience"] == breakdown.audience
    }
    return Grouping(breakdown.item, breakdown.audience, of_rows, shown)


def _groups(breakdown: _Cut, frame: Frame, plan: PlanSpec) -> Iterator[_Group]:
    """The audience's scores, group by group, without gates: what may be shown is decided by the rules of publication.

    Nothing is known of a group's size, so there are no weights and no finite population correction.
    """
    of_audience = [answers for answers in frame.answers if answers.questionnaire.audience == breakdown.audience]
    columns = [_column(breakdown, answers) for answers in of_audience]
    choices = _choices(breakdown, of_audience, columns)
    if not choices:
        return
    indicators = tuple(found for found in plan.indicators if found.audience == breakdown.audience)
    bare = replace(plan, indicators=indicators, gates=GateSpec(), moves={})
    open_links = {key: Fieldwork(open_link=True) for key, known in frame.fieldwork.items() if known.open_link}
    for choice in (*choices, None):
        rows = [_chose(answers, column, choice) for answers, column in zip(of_audience, columns, strict=True)]
        chosen = tuple(answers.only(mask) for answers, mask in zip(of_audience, rows, strict=True))
        built = report.build(replace(frame, answers=chosen, population={}, fieldwork=open_links), bare)
        released = disclosure.release(built, plan.disclosure)
        yield _Group(choice, *({(one.unit, one.indicator): one for one in made.scores} for made in (built, released)))


def _column(cut: _Cut, answers: CodedAnswers) -> int | None:
    """The column of a cut's item; -1 for the mode, None where a questionnaire does not ask the item."""
    return -1 if cut.item == BY_MODE else answers.questionnaire.column(cut.item)


def _choices(cut: _Cut, of_audience: list[CodedAnswers], columns: list[int | None]) -> dict[str, None]:
    """What the groups are called, in order; none where all came in one way."""
    if cut.item == BY_MODE:
        came = [
            np.array([0]) if answers.mode is None else answers.mode for answers in of_audience if len(answers.codes)
        ]
        used = np.unique(np.concatenate([np.empty(0, dtype=np.int8), *came])).astype(int).tolist()
        return dict.fromkeys(MODES[number] for number in used) if len(used) > 1 else {}
    return {
        code: None
        for answers, column in zip(of_audience, columns, strict=True)
        if column is not None
        for code in answers.questionnaire.items[column].codes
    }


def _chose(answers: CodedAnswers, column: int | None, choice: str | None) -> NDArray[np.bool_]:
    """Which rows gave this answer; for None those that gave no choice."""
    if column is None:
        return np.full(len(answers.codes), choice is None)
    if column < 0:
        came = np.zeros(len(answers.codes), dtype=np.int8) if answers.mode is None else answers.mode
        return np.asarray(came == MODES.index(choice)) if choice else np.zeros(len(came), dtype=np.bool_)
    given, codes = answers.codes[:, column], answers.questionnaire.items[column].codes
    if choice is None:
        return np.asarray(given <= BLANK)
    return np.asarray(given == codes.index(choice) + 1) if choice in codes else np.zeros(len(given), dtype=np.bool_)


def _shown(breakdown: _Cut, groups: list[_Group], score: Json, min_cell: int) -> Json | None:
    """The breakdown of one score, its groups empty where any of them may not be shown.

    By mode there is one only where several ways were taken, and it needs twice `min_cell` in each of them.
    """
    place = (score["unit"], score["indicator"])
    answered = [group for group in groups if group.built[place].n_cell]
    exact = score["n_valid"] is not None and all(found["code"] != Code.ROUNDED for found in score["cautions"])
    by_mode = breakdown.item == BY_MODE
    if by_mode and len(answered) < 2:
        return None
    if by_mode and any((group.built[place].n_valid or 0) < 2 * min_cell for group in answered):
        exact = False
    shown = exact and all(group.released[place].status in _STANDS for group in answered)
    return {
        "item": breakdown.item,
        "shown": shown,
        "groups": [_group(group.choice, group.released[place]) for group in answered] if shown else [],
    }


def _group(choice: str | None, score: UnitScore) -> Json:
    return {
        "choice": choice,
        "n": score.n_valid,
        "n_departments": score.n_departments,
        "score": None if score.score is None else float(math.floor(score.score + 0.5)),
        "lo": None if score.lo is None else float(math.floor(score.lo)),
        "hi": None if score.hi is None else float(math.ceil(score.hi)),
    }
