"""How one unit's score was sampled: what its design costs, how many answers more it needs, how alike strata answered.

Knows measurements of one unit; the formulas are in `analysis.sampling`. Must stay true: a design effect has the finite
population correction on both sides or on none; how many more answers are needed follows from the score's published
standard errors alone; nothing that would solve for a stratum's answers is shown of strata that few answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from analysis.estimate import Estimate, Status, undefined
from analysis.gates import ZERO_SE
from analysis.means import PopulationMean
from analysis.measure import Measured
from analysis.overall import Sampling
from analysis.results import Report
from analysis.sampling.precision import PRECISION, answers_more_of_design
from analysis.sampling.representativity import r_indicator
from analysis.sampling.response_rates import Definition, participation
from analysis.spec import RELATED_DEPARTMENT, PlanSpec

# Every card that was handed out and did not come back counts as an eligible person who did not answer: refusals,
# people who were never reached and lost cards cannot be told apart. So the rate is AAPOR's lowest, with answers that
# stop halfway above the line: RR2.
RATE: Definition = "RR2"


def sampling_of(
    plan: PlanSpec, measured: Measured, number: int, strata: Sequence[str | None], *, rate: float | None, withheld: bool
) -> Sampling:
    """Everything beside the score of the unit at `number` that says how it was sampled.

    rate: the response rate as the score has it. withheld: the score is, and so is what its error tells.
    """
    known, score = measured.design.fieldwork[number], measured.means.scores[number].score
    size = measured.means.population[number]
    population = None if np.isnan(size) else int(size)
    departments = measured.indicator.by_department
    offices = departments or measured.indicator.audience == RELATED_DEPARTMENT
    took_part = participation(score.n, population)
    found = Sampling(
        target=plan.gates.caution.moe_above or PRECISION,
        of_departments=departments,
        rate=None if rate is None else RATE,
        rate_status=took_part.rate.status if rate is None else Status.OK,
        coverage=took_part.coverage.value,
        coverage_status=took_part.coverage.status,
        **_strata(measured, number),
    )
    if withheld:
        return found
    if known.open_link:
        refused = undefined(Status.UNDEFINED_NO_DENOMINATOR, n=score.n, method="sampling")
        return _with(found, refused, refused, refused, "frame")
    base, r = ("frame", None) if offices else _representativity(measured, number, strata)
    more = _answers_more(score, found.target, population, plan.confidence)
    return _with(found, more, _design_effect(score), r, base)


def released_sampling(found: Sampling | None, *, exact: bool, fewest: int, smallest: int) -> Sampling | None:
    """As much of it as anyone may see. exact: the score is shown with all its digits, and so are its standard errors.

    `answers_more` is a function of the score's count, standard errors and degrees of freedom, the population (of strata
    with answers) and the target, all shown where `exact`: it tells nothing new. The design effect tells
    S^2 = se^2 n/((1 - n/N) deff), which with both standard errors, the score and the strata's sizes is one equation
    more for the strata's means and variances; R and its adjusted form are two for the strata's counts, which with two
    strata give both. So both stay only where all that could be solved for may be shown exactly by itself: `fewest`
    sittings in every stratum that answered, `smallest` people in every stratum there is. Where strata are not weighted
    the design effect is 1, and over departments it is se^2/((1 - n/N) se_process^2): functions of shown numbers, both.
    A number without a value and without a status is one that is not shown.
    """
    if found is None:
        return None
    solid = (found.fewest_in_stratum is None or found.fewest_in_stratum >= fewest) and (
        found.smallest_stratum is None or found.smallest_stratum >= smallest
    )
    kept = replace(found, fewest_in_stratum=None, smallest_stratum=None)
    if not exact:
        return replace(_without_design(kept), answers_more=None, answers_more_status=None)
    return kept if solid else _without_counts(kept)


def while_collecting(report: Report) -> Report:
    """A released report of a campaign that is still open: nothing that two snapshots could be subtracted in.

    Between two snapshots at least `min_cell` answer in a unit, but perhaps one in a stratum; counts of strata, and what
    solves for their means, say what that one answered. So they wait until no more can come.
    """
    return replace(report, scores=tuple(replace(one, sampling=_without_counts(one.sampling)) for one in report.scores))


def _without_counts(found: Sampling | None) -> Sampling | None:
    """Without what tells counts or answers of strata: the design effect of unweighted scores does not."""
    return None if found is None else _without_design(found) if found.weighted else _without_strata(found)


def _without_strata(found: Sampling) -> Sampling:
    """Without what counts of strata follow from."""
    return replace(found, r_indicator=None, r_adjusted=None, r_base=None, r_status=None)


def _without_design(found: Sampling) -> Sampling:
    """Without anything that strata have to do with."""
    return replace(_without_strata(found), design_effect=None, n_effective=None, design_effect_status=None)


def without_coverage(found: Sampling | None) -> Sampling | None:
    """Without the share of the frame that answered, where the exact count is not shown."""
    return None if found is None else replace(found, coverage=None, coverage_status=None)


def _answers_more(score: PopulationMean, target: float, population: int | None, level: float) -> Estimate:
    if score.se is None or score.se_process is None or score.df is None:
        return _without_error(score, "answers_more_of_design")
    if score.population is not None and score.coverage is not None:
        # Where nobody answered in a stratum, the score is of the others, and so is what more answers would bring.
        population = round(score.population * score.coverage)
    found = answers_more_of_design(
        score.n,
        target,
        se=score.se,
        se_process=score.se_process,
        df=score.df,
        population=population,
        level=level,
    )
    left_out = score.status is Status.WARN_STRATUM_EMPTY and found.status is Status.OK
    return replace(found, status=score.status) if left_out else found


def _design_effect(score: PopulationMean) -> Estimate:
    """V over that of a simple random sample of as many persons (departments), corrected for N both or neither.

    Undefined where there is no sampling error to compare: a census, equal answers.
    R: svymean(~z, svydesign(~1, strata = ~h, fpc = ~N_h), deff = TRUE), deff = "replace" without correction; z as in
    `analysis.means`. Kish 1965, Survey Sampling, 8.2.
    """
    method = "design_effect"
    if score.se is None or score.se_simple is None:
        return _without_error(score, method)
    if score.se <= ZERO_SE or score.se_simple <= ZERO_SE:
        return undefined(Status.UNDEFINED_ZERO_ERROR, n=score.n, method=method)
    effect = (score.se / score.se_simple) ** 2
    return Estimate(value=effect, n=score.n, method=method, detail={"n_eff": score.n / effect})


def _without_error(score: PopulationMean, method: str) -> Estimate:
    status = score.status if score.value is None else Status.UNDEFINED_ONE_RESPONSE
    return undefined(status, n=score.n, method=method)


def _representativity(measured: Measured, number: int, strata: Sequence[str | None]) -> tuple[str, Estimate]:
    """R over the frame's strata, of those asked where cards are counted by stratum, else of everybody in the frame."""
    answered, sizes = measured.means.by_stratum[number], measured.design.sizes[number]
    there = (sizes > 0) | (answered > 0)
    asked = dict(measured.design.fieldwork[number].asked)
    if np.isnan(sizes[there]).any() or not there.any():
        status = Status.UNDEFINED_STRATUM_SIZE if there.any() else Status.UNDEFINED_NO_RESPONSES
        return "frame", undefined(status, n=int(answered.sum()), method="r_indicator")
    invited = np.array([float(asked.get(name, -1)) for name in strata])[there]
    n, frame = answered[there].astype(np.float64), sizes[there]
    if (invited >= np.maximum(n, 1)).all() and (invited <= frame).all():
        return "asked", r_indicator(n, invited, frame)
    return "frame", r_indicator(n, frame)


def _strata(measured: Measured, number: int) -> dict[str, Any]:
    """Whether strata are weighted, the sittings of the thinnest that answered, the people of the smallest."""
    cells, sizes = measured.tally.cells_by_stratum[number], measured.design.sizes[number]
    answered, there = cells[cells > 0], sizes[sizes > 0]
    several = np.count_nonzero((cells > 0) | (sizes > 0)) > 1
    return {
        "weighted": bool(measured.means.weighted[number]) and len(answered) > 1,
        "fewest_in_stratum": int(answered.min()) if several and len(answered) else None,
        "smallest_stratum": int(there.min()) if several and len(there) else None,
    }


def _with(found: Sampling, more: Estimate, effect: Estimate, r: Estimate | None, base: str) -> Sampling:
    adjusted = None if r is None else r.detail.get("adjusted")
    return replace(
        found,
        answers_more=None if more.value is None else int(more.value),
        answers_more_status=more.status,
        design_effect=effect.value,
        n_effective=None if effect.value is None else float(effect.detail["n_eff"]),
        design_effect_status=effect.status,
        r_indicator=None if r is None else r.value,
        r_adjusted=None if adjusted is None else float(adjusted),
        r_base=None if r is None or r.value is None else base,
        r_status=None if r is None else r.status,
    )
