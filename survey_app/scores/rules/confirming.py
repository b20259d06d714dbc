"""How far a suggested score may be moved, and by whom. Pure.

Must stay true: only an indicator with a role of `suggested`, with full marks and with points has something to confirm;
a decision always has a reason; what lies beyond the plan's free share takes the plan's heavier role.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from survey_app.questionnaire.plan import Confirm
from survey_app.scores.rules.errors import BeyondFreeShare, NotConfirmable, OutsideFullMarks, ReasonNeeded

STANDS = frozenset({"scored", "caution"})
_DIGITS = 9  # a share of the full marks is compared after rounding away the noise of binary fractions


@dataclass(frozen=True)
class Decision:
    """What an evaluator decides on one score."""

    points: float
    reason: str


def is_confirmable(score: Mapping[str, Any]) -> bool:
    """Whether a score of a snapshot has suggested points."""
    return score["role"] == "suggested" and score["points"] is not None and score["status"] in STANDS


def check(
    score: Mapping[str, Any],
    decision: Decision,
    confirm: Confirm | None,
    *,
    roles: Collection[str],
    names: Mapping[str, tuple[str, str]],
    unit: str,
    indicator: str,
) -> None:
    """Refuse what the plan does not allow. roles: held by whoever decides. names: role → its Chinese and English name.

    Raises NotConfirmable, ReasonNeeded, OutsideFullMarks, BeyondFreeShare.
    """
    if not is_confirmable(score):
        raise NotConfirmable(unit=unit, indicator=indicator)
    if not decision.reason.strip():
        raise ReasonNeeded
    full_marks = score["full_marks"]
    if not 0 <= decision.points <= full_marks:
        raise OutsideFullMarks(full_marks=f"{full_marks:g}", points=f"{decision.points:g}")
    if confirm is None:
        return
    shift, most = abs(decision.points - score["points"]), confirm.free_share * full_marks
    if round(shift - most, _DIGITS) > 0 and confirm.beyond_requires not in roles:
        zh, en = names.get(confirm.beyond_requires, (confirm.beyond_requires,) * 2)
        raise BeyondFreeShare(
            shift=f"{shift:.2f}", share=f"{confirm.free_share:.0%}", most=f"{most:.2f}", role_zh=zh, role_en=en
        )
