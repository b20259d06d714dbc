"""From one frame and one plan to every unit's score of every indicator.

Knows whom and what there is to score; the steps have modules of their own. Must stay true: the same frame and plan give
the same report, bit for bit; a condition of the data ends as a status with its reason, never as an exception or a
silent number.
"""

from __future__ import annotations

from analysis.assessing import assess
from analysis.frame import Frame
from analysis.measure import measure
from analysis.overall import ResponseQuality
from analysis.points import sorted_answers
from analysis.priorities import driver_results
from analysis.rating import severity_of
from analysis.results import Report, UnitScore
from analysis.spec import PlanSpec
from analysis.unit_scores import full_marks, not_applicable, unit_score
from analysis.universes import kept


def build(frame: Frame, plan: PlanSpec, quality: tuple[ResponseQuality, ...] = (), *, describe: bool = True) -> Report:
    """Score every unit on every indicator of the plan.

    quality: what `assess` found, where the frame went through it before (to be cut into subgroups, which must not be
    assessed each by itself).
    describe: whether to say what hangs on no score: items, α of single units, validity, severity of raters, drivers.
    Scores, intervals, statuses and reasons are the same without; simulations, which read nothing else, do.

    Returns a report that is not released: it holds numbers about few people, which `disclosure.release` takes out.
    Without units it is empty. ValueError where an indicator has a part that none of its answered questionnaires asks.
    """
    frame, assessed_now = assess(frame, plan)
    quality = (*quality, *assessed_now)
    stays = kept(plan.exclude_when_families)
    sources = [sorted_answers(answers, len(frame.units), len(frame.strata), stays) for answers in frame.answers]
    # Of no units there is nothing to measure, and nobody who could have answered about one.
    asked = plan.indicators if frame.units else ()
    found = [measure(frame, plan, indicator, sources, quality, describe=describe) for indicator in asked]
    blocks = [block for measured in found for block in measured.consistency if block is not None]
    scores: list[UnitScore] = []
    for number, unit in enumerate(frame.units):
        marks = full_marks(plan, unit)
        for measured in found:
            indicator = measured.indicator
            if indicator.code in marks:
                scores.append(
                    unit_score(plan, measured, unit, number=number, strata=frame.strata, marks=marks[indicator.code])
                )
            else:
                scores.append(not_applicable(unit, indicator))
    return Report(
        plan=plan.id,
        plan_version=plan.version,
        plan_hash=plan.hash,
        questionnaires=tuple((answers.questionnaire.id, answers.questionnaire.hash) for answers in frame.answers),
        confidence=plan.confidence,
        released=False,
        scores=tuple(scores),
        reliability=tuple(block.pooled for block in blocks),
        agreement=tuple(block.agreement for block in blocks),
        validity=tuple(block.validity for block in blocks if block.validity is not None),
        severities=tuple(
            severity_of(measured.indicator, measured.raters) for measured in found if measured.raters is not None
        ),
        drivers=tuple(driver for measured in found for driver in driver_results(measured.indicator, measured.drivers)),
        quality=quality,
    )
