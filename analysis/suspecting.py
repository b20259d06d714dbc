"""What looks as if somebody had filled in for others: signatures over a whole campaign, with what chance does alone.

Knows which signatures are looked for in answers; each is defined in `analysis.quality`. Must stay true: nothing here
leaves a response out or moves a score; no response is named, and no unit of which a number would show few people.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Status
from analysis.frame import CodedAnswers, Frame
from analysis.overall import Suspicion, UnusualUnit
from analysis.points import keyed_ranks
from analysis.quality.duplicates import Duplicates, identical_answers
from analysis.quality.signatures import Measured, Signature, SignatureKind
from analysis.quality.signatures_answers import near_identical_answers
from analysis.quality.signatures_structure import missing_structure
from analysis.spec import DisclosureSpec

_SEED = 20260101  # of the pairs that are drawn where there are too many; one number for all, so that reports repeat


def suspicions(frame: Frame, rules: DisclosureSpec) -> tuple[Suspicion, ...]:
    """Every signature of every questionnaire that somebody answered, screened-out people aside."""
    names = tuple(unit.code for unit in frame.units)
    found: list[Suspicion] = []
    for answers in frame.answers:
        columns = [at for at, item in enumerate(answers.questionnaire.items) if item.scored]
        if columns and bool(answers.eligible.any()):
            found += _of_questionnaire(answers.only(answers.eligible), columns, names, rules)
    return tuple(found)


def _of_questionnaire(
    answers: CodedAnswers, columns: Sequence[int], names: tuple[str, ...], rules: DisclosureSpec
) -> list[Suspicion]:
    items = [answers.questionnaire.items[column] for column in columns]
    ranks = keyed_ranks(answers.codes, answers.questionnaire.items, columns)
    sizes = tuple(len(item.codes) for item in items)
    reverse: NDArray[np.bool_] = np.array([item.reverse for item in items], dtype=np.bool_)
    n_units, unit = len(names), answers.unit
    identical = identical_answers(ranks, unit, n_units, sizes, reverse=reverse, seed=_SEED)
    near = near_identical_answers(ranks, unit, n_units, sizes, reverse=reverse, seed=_SEED)
    structure = missing_structure(ranks, unit, n_units)
    asked = (answers.questionnaire.id, answers.questionnaire.audience)
    return [
        _pairs(identical, asked, names, rules),
        _signatures(SignatureKind.NEAR_IDENTICAL_ANSWERS, near, asked, names, rules),
        _signatures(SignatureKind.MISSING_STRUCTURE, structure, asked, names, rules),
    ]


def _pairs(found: Duplicates, asked: tuple[str, str], names: tuple[str, ...], rules: DisclosureSpec) -> Suspicion:
    unusual = [pairs for pairs in found.units if pairs.unusual and pairs.unit is not None]
    told = [
        UnusualUnit(unit=names[pairs.unit], found=float(pairs.pairs), expected=pairs.expected, p=pairs.p)
        for pairs in unusual
        if pairs.unit is not None and pairs.expected is not None and pairs.p is not None and _may(pairs.n, rules)
    ]
    whole = found.whole
    return Suspicion(
        questionnaire=asked[0],
        audience=asked[1],
        kind=SignatureKind.IDENTICAL_ANSWERS.value,
        status=whole.status,
        n_units=sum(1 for pairs in found.units if pairs.status.defined),
        units=tuple(told),
        more=len(unusual) - len(told),
        pairs=whole.pairs,
        expected=whole.expected,
        lo=whole.lo,
        hi=whole.hi,
        p=whole.p,
        **_rates(found.measured),
    )


def _signatures(
    kind: SignatureKind,
    found: Sequence[Signature],
    asked: tuple[str, str],
    names: tuple[str, ...],
    rules: DisclosureSpec,
) -> Suspicion:
    judged = [one for one in found if one.status.defined]
    unusual = [one for one in judged if one.unusual]
    told = [
        UnusualUnit(unit=names[one.unit], found=one.statistic, expected=one.expected, p=one.p)
        for one in unusual
        if one.statistic is not None and one.expected is not None and one.p is not None and _may(one.n, rules)
    ]
    largest = max(found, key=lambda one: one.n) if found else None
    return Suspicion(
        questionnaire=asked[0],
        audience=asked[1],
        kind=kind.value,
        status=Status.OK if judged else (largest.status if largest is not None else Status.UNDEFINED_NO_RESPONSES),
        n_units=len(judged),
        units=tuple(told),
        more=len(unusual) - len(told),
        pairs=None,
        expected=None,
        lo=None,
        hi=None,
        p=None,
        **_rates(() if largest is None else largest.measured),
    )


def _may(n: int, rules: DisclosureSpec) -> bool:
    """Whether a unit is large enough for such a number to be about nobody in it."""
    return n >= 2 * rules.min_cell


def _rates(measured: Sequence[Measured]) -> dict[str, float | None]:
    honest = [row.rate for row in measured if row.forger is None]
    forged = [row.rate for row in measured if row.forger is not None]
    return {
        "false_rate": max(honest, default=None),
        "power_low": min(forged, default=None),
        "power_high": max(forged, default=None),
    }
