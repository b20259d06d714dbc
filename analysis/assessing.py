"""Whom the plan's rule leaves out for the quality of the response, decided once over all answers to a questionnaire.

Knows which measurements make a decision; indices, cuts and families are in `analysis.quality`. Must stay true: a unit,
a subgroup or an earlier scoring never changes whether a response is careless, so flags are set on the whole frame and
stay with the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from analysis.frame import CodedAnswers, Frame
from analysis.overall import ResponseQuality
from analysis.quality.budget import error_budget
from analysis.quality.budget_shapes import Shape, shapes_around
from analysis.quality.families import Family, Flags, excluded, flag
from analysis.quality.indices import measure_quality
from analysis.spec import NOBODY_EXCLUDED, PlanSpec


def assess(frame: Frame, plan: PlanSpec) -> tuple[Frame, tuple[ResponseQuality, ...]]:
    """The frame with every response's flagged families, and what was found of each questionnaire.

    Nothing happens under a plan that excludes nobody, nor to answers that are assessed already.
    """
    if plan.exclude_when_families == NOBODY_EXCLUDED:
        return frame, ()
    answers, found = [], []
    for one in frame.answers:
        if one.families is not None:
            answers.append(one)
            continue
        indices = measure_quality(one)
        flags = flag(indices)
        answers.append(replace(one, families=flags.counted))
        shapes = shapes_around(one.questionnaire, indices)
        found.append(_quality(one, flags, plan.exclude_when_families, shapes))
    return replace(frame, answers=tuple(answers)), tuple(found)


def _quality(answers: CodedAnswers, flags: Flags, needed: int, shapes: Sequence[Shape]) -> ResponseQuality:
    n, left_out = int(answers.eligible.sum()), int(excluded(flags, needed).sum())
    available = tuple(family for family in Family if family in flags.available)
    budget = error_budget(n, left_out, available, needed, shapes=shapes)
    return ResponseQuality(
        questionnaire=answers.questionnaire.id,
        audience=answers.questionnaire.audience,
        version=flags.version,
        exclude_when=needed,
        available=tuple(family.value for family in available),
        unavailable=tuple(family.value for family in Family if family not in flags.available),
        flagged=tuple(int(flags.has(family).sum()) for family in available),
        assessable=flags.assessable,
        n=n,
        n_flagged=int((flags.families != 0).sum()),
        n_excluded=left_out,
        false_status=budget.status,
        false_shape=budget.shape,
        false_rate=budget.rate,
        expected_false=budget.expected,
        false_upper=budget.upper,
    )
