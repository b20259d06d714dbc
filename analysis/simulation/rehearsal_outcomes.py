"""What becomes of one drawn campaign when it is scored as a real one would be, unit by unit.

Knows the steps of scoring: assess, build, release, compare. Must stay true: nothing here replaces a step of these; what
is said of publication (status, total interval, comparison) is read from the released report, errors against the planted
truth from the exact one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from analysis import disclosure, report
from analysis.assessing import assess
from analysis.cautions import Code, Reason, ScoreStatus
from analysis.comparing import compare
from analysis.comparison.pairwise import welch_contrasts
from analysis.comparison.ranks import rank_sets
from analysis.frame import CodedAnswers
from analysis.overall import Comparison
from analysis.results import UnitScore
from analysis.simulation.rehearsal_people import Campaign
from analysis.simulation.rehearsal_setting import Setting
from analysis.universes import kept

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
ReasonKey = tuple[str, str, str, float | None]

STATUSES = tuple(ScoreStatus)
_STANDS = (ScoreStatus.SCORED, ScoreStatus.CAUTION)
_RANK_DRAWS = 1000
_MOST_UNITS = 400  # pairs beyond are too many to be looked at again in every campaign
_BY_CARELESS = {Code.EXCLUSION_SHIFT_WITHHOLDS}
_CAUTION_BY_CARELESS = {Code.EXCLUDED_SHARE_HIGH, Code.EXCLUSION_SHIFT_HIGH}
_OF_THE_UNIT = {Code.MORE_ANSWERS_THAN_POPULATION, Code.MORE_USED_THAN_HANDED_OUT}  # thresholds that are sizes
_MINIMA = {Code.TOO_FEW_RESPONSES, Code.TOO_FEW_DEPARTMENTS, Code.NO_ANSWERS}


@dataclass(frozen=True, eq=False)
class Outcome:
    """One campaign. (I, U): by indicator and unit; (I, G): by indicator and category; NaN where there is no number.

    status: places in `STATUSES`, released. score, se_process, df, lo, hi: exact ones, of scores that stand; total_lo,
    total_hi: as shown. n: departments or valid responses, population: N of the same. people, process: the truth.
    compared: whether the unit stands in a comparison; reliability: λ of the process there. withheld, cautioned: by
    what careless answers do. reasons: (indicator, status, code, the plan's threshold) → units. pairs, apart: of
    comparisons; wrong: apart, the truly better one below. width: median of the units' simultaneous rank sets, in
    places. steps: place of indicator and category → (units,) pairs of units so many places apart in truth, and those of
    them found different the right way round; neither these nor widths where more than `_MOST_UNITS` are compared.
    quality: questionnaire → (n, careless, excluded, careless and excluded, 1 if assessable).
    """

    status: NDArray[np.int8]
    score: Floats
    se_process: Floats
    df: Floats
    lo: Floats
    hi: Floats
    total_lo: Floats
    total_hi: Floats
    n: Floats
    population: Floats
    people: Floats
    process: Floats
    compared: NDArray[np.bool_]
    reliability: Floats
    withheld: NDArray[np.bool_]
    cautioned: NDArray[np.bool_]
    pairs: Counts
    apart: Counts
    wrong: Counts
    width: Floats
    steps: dict[tuple[int, int], tuple[Counts, Counts]] = field(default_factory=dict)
    reasons: Counter[ReasonKey] = field(default_factory=Counter)
    quality: dict[str, tuple[int, int, int, int, int]] = field(default_factory=dict)


def categories_of(setting: Setting) -> tuple[str, ...]:
    """Categories in the order of their first unit."""
    return tuple(dict.fromkeys(unit.category for unit in setting.units))


def outcome_of(setting: Setting, campaign: Campaign) -> Outcome:
    """Score a drawn campaign as a real one and hold it against its truth."""
    plan = setting.plan
    frame, quality = assess(campaign.frame, plan)
    exact = report.build(frame, plan, quality, describe=False)
    shown = compare(
        disclosure.release(exact, plan.disclosure), plan, {unit.code: unit.category for unit in setting.units}
    )
    found = _nothing(setting, campaign)
    for place, (one, public) in enumerate(zip(exact.scores, shown.scores, strict=True)):
        unit, indicator = divmod(place, len(plan.indicators))
        _note(found, (indicator, unit), one, public, by_department=plan.indicators[indicator].by_department)
        for reason in {reason.code: reason for reason in public.reasons}.values():
            threshold = None if reason.code in _OF_THE_UNIT else reason.threshold
            found.reasons[public.indicator, public.status.value, reason.code.value, threshold] += 1
    groups = categories_of(setting)
    codes = {unit.code: at for at, unit in enumerate(setting.units)}
    places = {indicator.code: at for at, indicator in enumerate(plan.indicators)}
    scores = {(score.unit, score.indicator): score for score in shown.scores}
    for comparison in shown.comparisons:
        at = (places[comparison.indicator], groups.index(comparison.category))
        of_units = {
            codes[standing.unit]: scores[standing.unit, comparison.indicator] for standing in comparison.standings
        }
        _compared(found, at, comparison, of_units, plan.confidence)
    left_out = kept(plan.exclude_when_families)
    for answers in frame.answers:
        name = answers.questionnaire.id
        out = _excluded(answers, left_out)
        careless = campaign.careless[name]
        assessable = any(one.questionnaire == name and one.assessable for one in quality)
        found.quality[name] = (
            len(out),
            int(careless.sum()),
            int(out.sum()),
            int((out & careless).sum()),
            int(assessable),
        )
    return found


def _excluded(answers: CodedAnswers, stays: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(n,) whom the plan's rule leaves out; stays: whether responses with a mask of families stay."""
    if answers.families is None:
        return np.zeros(len(answers.codes), dtype=np.bool_)
    return np.asarray(~stays[answers.families], dtype=np.bool_)


def _nothing(setting: Setting, campaign: Campaign) -> Outcome:
    indicators, units, groups = len(setting.plan.indicators), len(setting.units), len(categories_of(setting))

    def numbers() -> Floats:
        return np.full((indicators, units), np.nan)

    def marks() -> NDArray[np.bool_]:
        return np.zeros((indicators, units), dtype=np.bool_)

    def counts() -> Counts:
        return np.zeros((indicators, groups), dtype=np.int64)

    return Outcome(
        status=np.zeros((indicators, units), dtype=np.int8),
        score=numbers(),
        se_process=numbers(),
        df=numbers(),
        lo=numbers(),
        hi=numbers(),
        total_lo=numbers(),
        total_hi=numbers(),
        n=numbers(),
        population=numbers(),
        people=campaign.people,
        process=campaign.process,
        compared=marks(),
        reliability=numbers(),
        withheld=marks(),
        cautioned=marks(),
        pairs=counts(),
        apart=counts(),
        wrong=counts(),
        width=np.full((indicators, groups), np.nan),
    )


def _note(found: Outcome, at: tuple[int, int], one: UnitScore, public: UnitScore, *, by_department: bool) -> None:
    """one: the exact score; public: the same as anyone may see it."""
    found.status[at] = STATUSES.index(public.status)
    if one.status is ScoreStatus.NOT_APPLICABLE:
        return
    for name, number in (
        ("n", one.n_departments if by_department else one.n_valid),
        ("population", one.population),
        ("score", one.score),
        ("se_process", one.se_process),
        ("df", one.df),
        ("lo", one.lo),
        ("hi", one.hi),
        ("total_lo", public.total_lo),
        ("total_hi", public.total_hi),
    ):
        if number is not None:
            getattr(found, name)[at] = number
    codes = {reason.code for reason in (*one.reasons, *one.cautions)}
    withheld = one.status is ScoreStatus.NOT_SCORED
    found.withheld[at] = withheld and (bool(codes & _BY_CARELESS) or _minimum_missed_by_exclusion(one))
    found.cautioned[at] = bool(codes & _CAUTION_BY_CARELESS)


def _minimum_missed_by_exclusion(one: UnitScore) -> bool:
    """Whether nothing but a minimum of responses withholds, and it would be met with those left out."""
    heavy: Sequence[Reason] = one.reasons
    if not one.n_excluded or any(reason.code not in _MINIMA for reason in heavy):
        return False
    return all(
        reason.code is Code.TOO_FEW_RESPONSES and (reason.number or 0) + one.n_excluded >= (reason.threshold or 0)
        for reason in heavy
    )


def _compared(
    found: Outcome, at: tuple[int, int], comparison: Comparison, scores: Mapping[int, UnitScore], level: float
) -> None:
    """scores: those compared, by the places of their units, in the order of the comparison's standings."""
    indicator, members = at[0], list(scores)
    found.compared[indicator, members] = True
    for place, standing in zip(members, comparison.standings, strict=True):
        if standing.unit_reliability_process is not None:
            found.reliability[indicator, place] = standing.unit_reliability_process
    found.pairs[at], found.apart[at] = comparison.pairs, comparison.pairs_apart
    if not 2 <= len(members) <= _MOST_UNITS:
        return
    y = np.array([score.score for score in scores.values()], dtype=np.float64)
    se = np.array([score.se_process for score in scores.values()], dtype=np.float64)
    df = np.array([score.df or 1.0 for score in scores.values()])
    found.width[at] = float(np.median(rank_sets(y, se, level=level, draws=_RANK_DRAWS).width))
    contrasts = welch_contrasts(y, se**2, df, adjust="none", level=level)
    truth = found.process[indicator, members]
    place_in_truth = np.argsort(np.argsort(-truth, kind="stable"), kind="stable")
    step = np.abs(place_in_truth[contrasts.first] - place_in_truth[contrasts.second])
    # Holm goes down the pairs in the order of p, so those found different are the first of them.
    apart = np.zeros(len(contrasts.p), dtype=np.bool_)
    apart[np.argsort(contrasts.p, kind="stable")[: comparison.pairs_apart]] = True
    right = np.sign(contrasts.difference) == np.sign(truth[contrasts.first] - truth[contrasts.second])
    found.wrong[at] = int((apart & ~right).sum())
    units = len(members)
    found.steps[at] = (np.bincount(step, minlength=units), np.bincount(step[apart & right], minlength=units))
