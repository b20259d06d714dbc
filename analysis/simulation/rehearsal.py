"""A campaign before it opens, played many times with its real sizes and a planted truth: what it will be able to tell.

Knows a setting and assumptions, and plays the steps that score real answers (`rehearsal_outcomes`). Must stay true: no
answer of anybody enters; every campaign of a rehearsal has its own seed made of the given one, so that the same call
gives the same numbers and more draws begin with the same ones; every share comes with its Monte Carlo error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from analysis.simulation.rehearsal_figures import Figure, ratio
from analysis.simulation.rehearsal_findings import IndicatorFindings, indicator_findings
from analysis.simulation.rehearsal_outcomes import Outcome, outcome_of
from analysis.simulation.rehearsal_people import draw_campaign
from analysis.simulation.rehearsal_setting import Assumptions, Setting

DRAWS = 200
LEAST_DRAWS = 5
# Responses that 200 campaigns may have between them, and unit scores, before draws become fewer: about two minutes.
_MOST_RESPONSES = 3_000_000
_MOST_SCORES = 20_000


@dataclass(frozen=True, kw_only=True)
class QualityFindings:
    """How one questionnaire's careless responses fared, on average over campaigns.

    n: responses; careless: of them, as planted; excluded: left out by the plan's rule; false_exclusions: attentive ones
    among these, a campaign; false_rate: of the attentive; found: of the careless, left out. assessable: share of
    campaigns in which at least two quality families could be measured.
    """

    questionnaire: str
    audience: str
    n: Figure
    careless: Figure
    excluded: Figure
    false_exclusions: Figure
    false_rate: Figure
    found: Figure
    assessable: Figure


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What `draws` campaigns came to. indicators: in the plan's order; quality: of answered questionnaires."""

    draws: int
    seed: int
    spread: float
    indicators: tuple[IndicatorFindings, ...]
    quality: tuple[QualityFindings, ...]


def affordable_draws(setting: Setting, assumptions: Assumptions, wanted: int = DRAWS) -> int:
    """How many campaigns to play: `wanted`, fewer where they are large, never fewer than `LEAST_DRAWS` for that reason.

    Rests on sizes alone, never on the clock, so that the same campaign is played as often on any machine.
    """
    rated = sum(panel.asked * min(panel.most, len(panel.units)) for panel in setting.panels)
    responses = rated * assumptions.response_rates.get("related_department", 1.0)
    for door in setting.doors:
        audience = setting.questionnaire(door.questionnaire).audience
        responses += door.asked * (1.0 if door.open_link else assumptions.response_rates.get(audience, 1.0))
    scores = len(setting.units) * len(setting.plan.indicators)
    most = min(_MOST_RESPONSES / max(responses, 1), _MOST_SCORES / max(scores, 1))
    return min(wanted, max(LEAST_DRAWS, int(most)))


def rehearse(
    setting: Setting,
    assumptions: Assumptions,
    *,
    draws: int = DRAWS,
    seed: int = 1,
    played: Callable[[], None] | None = None,
) -> Rehearsal:
    """Play `draws` campaigns and say what they came to. played: called after each, for whoever shows progress.

    Reading: `Rehearsal.indicators` each hold statuses, widths, coverage and, for each category of units, how many
    groups can be told apart. Errors are Monte Carlo standard errors over campaigns; with 200 draws a share of .95 has
    .015 at most, less where a campaign has many units. With one draw there are none (None).
    """
    if draws < 1:
        raise ValueError(f"{draws} campaigns cannot be played")
    outcomes = []
    for number in range(draws):
        outcomes.append(outcome_of(setting, draw_campaign(setting, assumptions, (seed, number))))
        if played is not None:
            played()
    return Rehearsal(
        draws=draws,
        seed=seed,
        spread=assumptions.spread,
        indicators=indicator_findings(setting, assumptions.spread, outcomes),
        quality=_quality(setting, outcomes),
    )


def _quality(setting: Setting, outcomes: list[Outcome]) -> tuple[QualityFindings, ...]:
    found = []
    for questionnaire in setting.questionnaires:
        rows = [outcome.quality[questionnaire.id] for outcome in outcomes if questionnaire.id in outcome.quality]
        if not rows:
            continue
        n, careless, excluded, both, assessable = ([float(row[at]) for row in rows] for at in range(5))
        ones = [1.0] * len(rows)
        false = [out - right for out, right in zip(excluded, both, strict=True)]
        attentive = [whole - part for whole, part in zip(n, careless, strict=True)]
        found.append(
            QualityFindings(
                questionnaire=questionnaire.id,
                audience=questionnaire.audience,
                n=ratio(n, ones),
                careless=ratio(careless, n),
                excluded=ratio(excluded, n),
                false_exclusions=ratio(false, ones),
                false_rate=ratio(false, attentive),
                found=ratio(both, careless),
                assessable=ratio(assessable, ones),
            )
        )
    return tuple(found)
