"""Reasons and cautions as anyone may see them: which of their numbers, and which of them may be there at all.

Knows what each code speaks of. Must stay true: neither the number nor the presence of a reason tells how many people a
group of fewer than `min_cell` has; a test walks through all codes and says what the presence of each reveals.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from analysis.cautions import Code, Reason
from analysis.results import UnitScore

# Numbers of these are about the set-up or the whole campaign, not about the people of one unit.
_PUBLIC = frozenset(
    {
        Code.FULL_MARKS_MOVED,
        Code.STRATUM_WITHOUT_ANSWERS,
        Code.QUESTIONNAIRES_POOLED,
        Code.ALPHA_BELOW,
        Code.ALPHA_LOWER_LOW,
        Code.NEGATIVE_ITEM_REST,
        Code.QUALITY_NOT_ASSESSABLE,
    }
)
# Numbers of these count people or departments.
_COUNTS = frozenset(
    {
        Code.NO_ANSWERS,
        Code.PART_WITHOUT_ANSWERS,
        Code.TOO_FEW_RESPONSES,
        Code.TOO_FEW_DEPARTMENTS,
        Code.FEW_RESPONSES,
        Code.FEW_DEPARTMENTS,
        Code.MORE_ANSWERS_THAN_POPULATION,
        Code.MORE_USED_THAN_HANDED_OUT,
        Code.ALPHA_NOT_ASSESSABLE,
        Code.ALPHA_NOT_DEFINED,
        Code.INTERVAL_NOT_ASSESSABLE,
        Code.CENSUS,
        Code.NO_VARIATION,
        Code.UNKNOWN_DEPARTMENT,
    }
)
# These speak of the spread of a score.
_OF_SPREAD = frozenset({Code.WIDE_INTERVAL, Code.INTERVAL_NOT_ASSESSABLE, Code.NO_VARIATION, Code.CENSUS})
_OF_EXCLUSION = frozenset({Code.EXCLUDED_SHARE_HIGH, Code.EXCLUSION_SHIFT_HIGH, Code.EXCLUSION_SHIFT_WITHHOLDS})


def has_few_beside_full_stratum(score: UnitScore, min_cell: int) -> bool:
    """Whether strata with more answers than members leave few answers for the others.

    That a stratum holds more than its known size would, beside an exact count of all, say how many the others hold.
    """
    full = [
        int(reason.number)
        for reason in score.reasons
        if reason.code is Code.MORE_ANSWERS_THAN_POPULATION and reason.subject is not None and reason.number is not None
    ]
    left = [(score.n_valid or 0) - count for count in (*full, sum(full))] if full else []
    return any(0 < count < min_cell for count in left)


def telling_nothing(
    score: UnitScore, reasons: Iterable[Reason], hidden: Collection[str], *, few_people: bool
) -> Iterator[Reason]:
    """Reasons that say no small count by being there at all. hidden: parts that are not shown.

    Strata are merged where one has a single answer. How wide a score's interval is, or that it has none, says something
    of a part that is not shown. Where no department has two responses, as many were valid as there are departments. An
    empty stratum of few people names who did not answer.
    """
    empty_told = False
    for reason in reasons:
        if reason.code is Code.STRATA_MERGED:
            continue
        if reason.code in _OF_SPREAD and hidden:
            continue
        if reason.code is Code.NO_FINITE_CORRECTION and None in (score.n_valid, score.n_departments):
            continue
        if reason.code is Code.STRATUM_WITHOUT_ANSWERS and few_people:
            if not empty_told:
                yield replace(reason, number=None, subject=None)
            empty_told = True
            continue
        yield reason


def without_numbers(
    score: UnitScore, reasons: Iterable[Reason], exact: Collection[str], min_cell: int, *, coarse: bool
) -> tuple[Reason, ...]:
    """The same reasons with the numbers taken out that may not be shown; thresholds are the plan's and stay.

    score: its counts as they are shown. exact: parts that are shown in full. coarse: the score is not.
    """
    parts = {part.part for part in score.parts}

    def keeps(reason: Reason) -> bool:
        if reason.number is None:
            return True
        if reason.code in _COUNTS and reason.number < min_cell:
            return False
        if reason.code in _PUBLIC:
            return True
        if coarse:
            return False
        if reason.code is Code.RESPONSE_RATE_LOW:
            return score.response_rate is not None
        if reason.code in _OF_EXCLUSION:
            return score.score_all is not None
        if reason.code is Code.WIDE_INTERVAL:
            return score.se is not None
        return reason.subject not in parts or reason.subject in exact

    return tuple(reason if keeps(reason) else replace(reason, number=None) for reason in reasons)
