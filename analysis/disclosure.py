"""The rules of publication: what may be shown of a report without showing persons.

Knows how many people stand behind each number and nothing of who reads it: the rules hold for everyone. Must stay true:
no number about fewer than `min_cell` sittings (for related departments: departments) leaves; a number that follows from
shown ones by arithmetic counts as shown, as far as one unit and indicator reach, and counts over all units go where a
unit's is hidden. Between units, waves and exclusion rules the complementary suppression of a whole release has to look;
it starts from what this module leaves.

Three grains. Hidden: fewer than `min_cell`, or fewer than twice that and all alike (who sees the mean then knows every
answer). Coarse: fewer than twice `min_cell`, or under 20 people, in all or asked, where an exact count would single out
who did not answer: whole numbers, intervals rounded outwards, no distribution, nothing that spread or degrees of
freedom would give away. Full: the rest.
"""

from __future__ import annotations

import math
from dataclasses import replace
from enum import IntEnum

from analysis.bands import count_band, nearest, outwards, rate_band
from analysis.cautions import Code, Reason, ScoreStatus, Severity
from analysis.gates import ZERO_SE
from analysis.released_reasons import has_few_beside_full_stratum, telling_nothing, without_numbers
from analysis.results import ItemStatistics, PartScore, Report, UnitScore, score_without_numbers
from analysis.sampled import released_sampling, without_coverage
from analysis.spec import RELATED_DEPARTMENT, DisclosureSpec
from analysis.totals import released_quality, released_reliability, released_severity, without_totals

SMALL_POPULATION = 20  # people in all, or asked; below it exact counts and rates single out who did not answer
COARSE_BAND = 0.25  # width of a rate's band in a small population
FINE_BAND = 0.1  # width where the exact rate would give a hidden count away
WIDEST_GUESS = 20.0  # points within which the mean of a hidden group must stay open


class Grain(IntEnum):
    """How exactly a number may be shown; the coarser the lower."""

    HIDDEN = 0
    COARSE = 1
    FULL = 2


def release(report: Report, rules: DisclosureSpec) -> Report:
    """The report as anyone may see it. ValueError if the rules were applied before: cells are no longer known then."""
    if report.released:
        raise ValueError("this report is released already")
    scores = tuple(_released_score(score, rules) for score in report.scores)
    # Where a unit's count is not shown, the count over all units less the shown ones would be it.
    hides = {
        score.indicator for score in scores if score.n_valid is None and score.status is not ScoreStatus.NOT_APPLICABLE
    }
    return replace(
        report,
        released=True,
        scores=tuple(without_totals(score) if score.indicator in hides else score for score in scores),
        reliability=tuple(
            replace(block, n=None) if block.indicator in hides else released_reliability(block, rules)
            for block in report.reliability
        ),
        severities=tuple(released_severity(found, rules) for found in report.severities),
        quality=tuple(released_quality(found, scores, rules) for found in report.quality),
    )


def _grain(n_cell: int | None, rules: DisclosureSpec, *, alike: bool, few_people: bool) -> Grain:
    """alike: everybody answered the same. few_people: the population is small."""
    if n_cell is None or n_cell < rules.min_cell:
        return Grain.HIDDEN
    if n_cell < 2 * rules.min_cell:
        return Grain.HIDDEN if alike else Grain.COARSE
    return Grain.COARSE if few_people else Grain.FULL


def _alike(se_process: float | None) -> bool:
    """Whether a mean is one of equal answers. Without a standard error nothing is known."""
    return se_process is not None and se_process <= ZERO_SE


def _few_people(score: UnitScore) -> bool:
    """Departments are offices, not people: which of them answered may be known, but not who of few that were asked."""
    people = None if score.audience == RELATED_DEPARTMENT else score.population
    return any(count is not None and count < SMALL_POPULATION for count in (people, score.n_asked))


def _released_score(score: UnitScore, rules: DisclosureSpec) -> UnitScore:
    if score.status is ScoreStatus.NOT_APPLICABLE:
        return score
    few_people = _few_people(score) or has_few_beside_full_stratum(score, rules.min_cell)
    whole = _grain(score.n_cell, rules, alike=_alike(score.se_process), few_people=few_people)
    grains = tuple(
        _grain(part.n_cell, rules, alike=_alike(part.se_process), few_people=few_people) for part in score.parts
    )
    # A part that was suppressed for unanimity in a small unit would say so by its absence.
    if whole is Grain.HIDDEN or (whole is Grain.COARSE and any(_alike(part.se_process) for part in score.parts)):
        return _suppressed(score, rules)
    lowest = min(grains, default=whole)
    shown = _counts(score, rules, few_people=few_people)
    shown = _estimate(shown, rules, min(whole, lowest), hidden=_first_hidden(score, grains))
    exact = frozenset(part.part for part, grain in zip(score.parts, grains, strict=True) if grain is Grain.FULL)
    gone = frozenset(part.part for part, grain in zip(score.parts, grains, strict=True) if grain is Grain.HIDDEN)

    def told(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
        there = telling_nothing(shown, reasons, gone, few_people=few_people)
        return without_numbers(shown, there, exact, rules.min_cell, coarse=whole is Grain.COARSE)

    return replace(
        shown,
        n_cell=None,
        sampling=released_sampling(
            shown.sampling,
            exact=min(whole, lowest) is Grain.FULL,
            fewest=2 * rules.min_cell,
            smallest=SMALL_POPULATION,
        ),
        reasons=told(shown.reasons),
        cautions=told(shown.cautions),
        parts=tuple(
            # Where a part lies is told beside all the others, so it takes all of them to be shown.
            _released_part(part if lowest is Grain.FULL else replace(part, quadrant=None), grain, few_people=few_people)
            for part, grain in zip(score.parts, grains, strict=True)
        ),
        items=tuple(_released_item(item, rules, few_people=few_people) for item in score.items),
        distributions=tuple(_released_item(item, rules, few_people=few_people) for item in score.distributions),
        reliability=score.reliability if whole is Grain.FULL else (),
        agreement=score.agreement if whole is Grain.FULL else (),
    )


def _first_hidden(score: UnitScore, grains: tuple[Grain, ...]) -> str | None:
    """The first part that may not be shown and that the score would give away."""
    for part, grain in zip(score.parts, grains, strict=True):
        if grain is Grain.HIDDEN and part.weight:
            return part.part
    return None


def _suppressed(score: UnitScore, rules: DisclosureSpec) -> UnitScore:
    """Nothing of a unit but that there is nothing to show."""
    return score_without_numbers(
        unit=score.unit,
        indicator=score.indicator,
        audience=score.audience,
        role=score.role,
        status=ScoreStatus.SUPPRESSED,
        reason=Reason(Code.TOO_FEW_TO_SHOW, Severity.WITHHOLD, threshold=rules.min_cell),
        full_marks=score.full_marks,
    )


def _counts(score: UnitScore, rules: DisclosureSpec, *, few_people: bool) -> UnitScore:
    """Counts and rates: small ones go, and so does what they could be had from."""

    def small(count: int | None) -> bool:
        return count is not None and 0 < count < rules.min_cell

    rest = (score.n_excluded, score.n_ineligible, score.n_unscored)
    hides = few_people or any(small(count) for count in rest)
    n_excluded, n_ineligible, n_unscored = (None if few_people or small(count) else count for count in rest)
    rate = score.response_rate
    width = COARSE_BAND if few_people else FINE_BAND if hides else None
    return replace(
        score,
        n_responses=None if hides else score.n_responses,
        n_valid=None if few_people else score.n_valid,
        valid_band=count_band(score.n_valid, rules.min_cell) if few_people and score.n_valid is not None else None,
        n_excluded=n_excluded,
        n_ineligible=n_ineligible,
        n_unscored=n_unscored,
        n_departments=None if small(score.n_departments) else score.n_departments,
        n_asked=None if hides else score.n_asked,
        response_rate=rate if width is None else None,
        response_rate_band=None if width is None or rate is None else rate_band(rate, width),
        sampling=without_coverage(score.sampling) if few_people or small(score.n_departments) else score.sampling,
    )


def _estimate(score: UnitScore, rules: DisclosureSpec, grain: Grain, *, hidden: str | None) -> UnitScore:
    """The score itself, as exactly as its smallest part allows; hidden: a part that it would give away."""
    score = _under_rules(score, rules, grain)
    if hidden is not None:
        gone = _without_score(score)
        if score.status is ScoreStatus.NOT_SCORED:
            return gone
        reason = Reason(Code.PART_TOO_SMALL, Severity.WITHHOLD, threshold=rules.min_cell, subject=hidden)
        return replace(gone, status=ScoreStatus.SUPPRESSED, reasons=(reason,))
    if grain is Grain.FULL:
        return score
    value = None if score.score is None else nearest(score.score)
    lo, hi = outwards(score.lo, score.hi)
    total_lo, total_hi = outwards(score.total_lo, score.total_hi)
    note = Reason(Code.ROUNDED, Severity.NOTE, threshold=2 * rules.min_cell)
    return replace(
        score,
        score=value,
        points=None if value is None or score.full_marks is None else value / 100 * score.full_marks,
        lo=lo,
        hi=hi,
        total_lo=total_lo,
        total_hi=total_hi,
        adjusted=None,
        adjusted_lo=None,
        adjusted_hi=None,
        # From the standard errors or their degrees of freedom the number of people could be worked out.
        se=None,
        se_process=None,
        df=None,
        cautions=score.cautions if value is None else (*score.cautions, note),
    )


def _without_score(score: UnitScore) -> UnitScore:
    return replace(
        score,
        score=None,
        points=None,
        se=None,
        se_process=None,
        lo=None,
        hi=None,
        df=None,
        total_lo=None,
        total_hi=None,
        rules_lo=None,
        rules_hi=None,
        rules_step=None,
        score_all=None,
        score_unweighted=None,
        se_unweighted=None,
        adjusted=None,
        adjusted_lo=None,
        adjusted_hi=None,
    )


def _under_rules(score: UnitScore, rules: DisclosureSpec, grain: Grain) -> UnitScore:
    """What other rules would give, as far as it shows no few persons whom a rule treats differently.

    Scores with and without n_x of n responses differ by n_x (mean of those - mean) / n, so a bound that is rounded
    outwards to a step of d leaves the mean of the n_x open by n d / n_x; d is chosen to leave it `WIDEST_GUESS`.
    `score_unweighted` beside the score would solve for strata, which may be small, so it never leaves.
    """
    excluded = score.n_excluded
    tells_all = score.status is not ScoreStatus.NOT_SCORED and grain is Grain.FULL
    if excluded is None or 0 < excluded < 2 * rules.min_cell:
        tells_all = False
    score = replace(
        score,
        score_all=score.score_all if tells_all else None,
        score_unweighted=None,
        se_unweighted=None,
    )
    few = score.rules_step is None or 0 < score.rules_step < rules.min_cell
    if grain is not Grain.FULL or few:
        step = max(1.0, math.ceil(WIDEST_GUESS * (rules.min_cell - 1) / max(score.n_cell or 1, 1)))
        lo, hi = outwards(score.total_lo, score.total_hi, step)
        score = replace(score, rules_lo=None, rules_hi=None, total_lo=lo, total_hi=hi)
    return replace(score, rules_step=None)


def _released_part(part: PartScore, grain: Grain, *, few_people: bool) -> PartScore:
    if grain is Grain.HIDDEN:
        return replace(
            part,
            status=ScoreStatus.SUPPRESSED,
            score=None,
            se=None,
            se_process=None,
            lo=None,
            hi=None,
            df=None,
            n=None,
            n_departments=None,
            n_cell=None,
        )
    if grain is Grain.FULL:
        return replace(part, n_cell=None)
    lo, hi = outwards(part.lo, part.hi)
    return replace(
        part,
        score=None if part.score is None else nearest(part.score),
        lo=lo,
        hi=hi,
        se=None,
        se_process=None,
        df=None,
        n=None if few_people else part.n,
        n_cell=None,
    )


def _released_item(item: ItemStatistics, rules: DisclosureSpec, *, few_people: bool) -> ItemStatistics:
    alike = item.counts is not None and sum(1 for count in item.counts if count) == 1
    grain = _grain(item.n_cell, rules, alike=alike, few_people=few_people)
    if grain is Grain.FULL:
        return replace(item, n_cell=None)
    hidden = grain is Grain.HIDDEN
    return replace(
        item,
        shown=not hidden,
        n=None if hidden or few_people else item.n,
        mean=None if hidden or item.mean is None else nearest(item.mean),
        counts=None,
        share_dont_know=None,
        share_blank=None,
        share_not_applicable=None,
        top_two=None,
        top_two_lo=None,
        top_two_hi=None,
        n_cell=None,
    )
