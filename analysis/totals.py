"""What may be said of all units together beside units of which some are hidden.

Knows which totals there are. Must stay true: a hidden unit's count never follows from a total less the shown ones.
"""

from __future__ import annotations

from dataclasses import replace

from analysis.cautions import Code, Reason, ScoreStatus
from analysis.overall import RaterSeverity, Reliability, ResponseQuality
from analysis.results import UnitScore
from analysis.spec import DisclosureSpec

# Numbers of these among a unit's reasons count responses of all units together.
OVER_ALL = frozenset({Code.ALPHA_NOT_ASSESSABLE, Code.ALPHA_NOT_DEFINED})


def without_totals(score: UnitScore) -> UnitScore:
    """The score without the counts over all units among its reasons."""

    def kept(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
        return tuple(replace(reason, number=None) if reason.code in OVER_ALL else reason for reason in reasons)

    return replace(score, reasons=kept(score.reasons), cautions=kept(score.cautions))


def released_quality(found: ResponseQuality, scores: tuple[UnitScore, ...], rules: DisclosureSpec) -> ResponseQuality:
    """Small counts go; all of them where a single unit hides its own, which would follow from the total."""
    of_audience = [score for score in scores if score.audience == found.audience and score.n_cell is None]
    hiding = {
        score.unit
        for score in of_audience
        if score.status is not ScoreStatus.NOT_APPLICABLE and (score.n_valid is None or score.n_excluded is None)
    }

    def told(count: int | None) -> int | None:
        return None if len(hiding) == 1 or count is None or 0 < count < rules.min_cell else count

    n = told(found.n)
    return replace(
        found,
        n=n,
        n_flagged=told(found.n_flagged),
        n_excluded=told(found.n_excluded),
        flagged=tuple(told(count) for count in found.flagged),
        expected_false=None if n is None else found.expected_false,
        false_upper=None if n is None else found.false_upper,
    )


def released_reliability(block: Reliability, rules: DisclosureSpec) -> Reliability:
    """Over all units an α stands on 30 responses at least; only the count of a block without α can be small."""
    return block if block.n is None or block.n >= rules.min_cell else replace(block, n=None)


def released_severity(found: RaterSeverity, rules: DisclosureSpec) -> RaterSeverity:
    """Departments may be counted, but spreads over fewer than `min_cell` crossing ones would be about them."""
    if found.crossing is not None and found.crossing >= rules.min_cell:
        return found
    return replace(found, raters=None, crossing=None, severity_sd=None, residual_sd=None)
