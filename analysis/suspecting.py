"""What looks as if somebody had filled in for others: signatures over a whole campaign, with what chance does alone.

Knows which signatures are looked for in answers; each is defined in `analysis.quality`. Must stay true: nothing here
leaves a response out or moves a score; no response is named, and no unit of which a number would show few people.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.agreement.severity import rater_model
from analysis.agreement.suspicion import PatternCounts, all_the_same, mutual_ratings
from analysis.estimate import Status
from analysis.frame import NO_DEPARTMENT, CodedAnswers, Frame
from analysis.overall import Suspicion, UnusualUnit
from analysis.points import keyed_ranks
from analysis.quality.duplicates import Duplicates, identical_answers
from analysis.quality.signatures import Measured, Signature, SignatureKind
from analysis.quality.signatures_answers import near_identical_answers
from analysis.quality.signatures_structure import missing_structure
from analysis.spec import RELATED_DEPARTMENT, DisclosureSpec

MUTUAL_RATINGS = "mutual_ratings"  # two units whose departments rate each other high beyond what explains it
ALL_THE_SAME = "all_the_same"  # a department that gives every unit and every item the same answer
_SEED = 20260101  # of the pairs that are drawn where there are too many; one number for all, so that reports repeat


def suspicions(frame: Frame, rules: DisclosureSpec) -> tuple[Suspicion, ...]:
    """Every signature of every questionnaire that somebody answered, screened-out people aside."""
    names = tuple(unit.code for unit in frame.units)
    found: list[Suspicion] = []
    for answers in frame.answers:
        columns = [at for at, item in enumerate(answers.questionnaire.items) if item.scored]
        if not columns or not bool(answers.eligible.any()):
            continue
        answered = answers.only(answers.eligible)
        found += _of_questionnaire(answered, columns, names, rules)
        if answers.questionnaire.audience == RELATED_DEPARTMENT:
            found += _of_departments(answered, columns, frame)
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


def _of_departments(answers: CodedAnswers, columns: Sequence[int], frame: Frame) -> list[Suspicion]:
    """Departments that rate each other high, and departments that give every unit and item the same; counts only."""
    named = answers.only(answers.department != NO_DEPARTMENT)
    ranks = keyed_ranks(named.codes, named.questionnaire.items, columns)
    given = ranks > 0
    spans = np.array([max(len(named.questionnaire.items[column].codes) - 1, 1) for column in columns])
    share = np.where(given, (ranks - 1) / spans, 0.0).sum(axis=1)
    y = np.full(len(ranks), np.nan)
    np.divide(share * 100, given.sum(axis=1), out=y, where=given.any(axis=1))
    n_departments = len(frame.departments)
    model = rater_model(y, named.unit, named.department, n_units=len(frame.units), n_raters=n_departments)
    homes = np.array(frame.homes or (-1,) * n_departments, dtype=np.int64)
    mutual, _ = mutual_ratings(model, homes)
    same, _ = all_the_same(ranks, given, named.unit, named.department, n_departments)
    asked = (answers.questionnaire.id, answers.questionnaire.audience)
    return [_pattern(MUTUAL_RATINGS, mutual, asked), _pattern(ALL_THE_SAME, same, asked)]


def _pattern(kind: str, found: PatternCounts, asked: tuple[str, str]) -> Suspicion:
    return Suspicion(
        questionnaire=asked[0],
        audience=asked[1],
        kind=kind,
        status=found.status,
        n_units=found.checked,
        units=(),
        more=0,
        pairs=found.found if found.status.defined else None,
        expected=found.expected,
        lo=None,
        hi=None,
        p=found.p,
        **_rates(()),
    )


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
