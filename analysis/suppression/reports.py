"""The audit and the complementary suppression of whole reports: one alone, and one after others.

Knows what can be hidden of a report, what that costs, and how it is hidden. Must stay true: nothing is added to a
report; what is hidden in one indicator is hidden wherever it is shown; the report that comes out passes the audit, or
what is exposed is named.

Costs, by which the cheaper is hidden first: the number of a reason 1, counts of what came in or was not used 2, of
flagged responses 5, an item's statistics the people who answered it, what other rules would give ten times the people
of the score, the score with its parts a thousand times.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from analysis.bands import rate_band
from analysis.cautions import Code, Reason, ScoreStatus, Severity
from analysis.frame import Frame
from analysis.overall import ResponseQuality
from analysis.results import ItemStatistics, Report, UnitScore, score_without_numbers
from analysis.spec import PlanSpec, QuestionnaireSpec
from analysis.suppression.answers import Edition, answer_systems, item_publication, rules_publication, score_publication
from analysis.suppression.audit import Finding, Verdict, audit
from analysis.suppression.counts import (
    count_system,
    quality_publication,
    reason_publication,
    rests_publication,
    returned_publication,
)
from analysis.suppression.groups import Grouping, group_publication
from analysis.suppression.history import ReleasedMean, not_additive, system_of
from analysis.suppression.secondary import Suppression, suppress
from analysis.suppression.snapshots import history_of
from analysis.suppression.system import System, joined

RATE_BAND = 0.1
_ABOUT_THE_ITEM = frozenset({"questionnaire", "item", "scale", "part", "choices"})  # all else is numbers


@dataclass(frozen=True)
class SuppressedReport:
    """A report with what had to be hidden besides. hidden, exposed: as in `Suppression`."""

    report: Report
    hidden: tuple[str, ...]
    exposed: tuple[Finding, ...]


def audit_report(
    frame: Frame,
    plan: PlanSpec,
    truth: Report,
    released: Report,
    *,
    earlier: Sequence[Edition] = (),
    widths: bool = True,
) -> tuple[Finding, ...]:
    """What follows from a released report of answers, and of counts; empty where nobody has anything to hide.

    frame, plan: what it was built from; truth: the report before release. earlier: reports of some of the same rows
    that were released before, where it is known which rows (where it is not, `audit_history` takes counts). widths: as
    in `audit.audit`.
    """
    return audit(_system(frame, plan, truth, released, earlier=earlier), widths=widths)


def suppress_report(
    frame: Frame, plan: PlanSpec, truth: Report, released: Report, *, earlier: Sequence[Edition] = ()
) -> SuppressedReport:
    """Hide what the audit of a report asks for. Arguments as in `audit_report`.

    Where a mean goes that had bounded few people by itself, more may be asked for them; so this is done again until
    nothing is left to hide.
    """
    hidden = _of_too_few(truth, released, plan.disclosure.min_cell)
    costs, report = _costs(truth), hide(released, hidden, plan.disclosure.min_cell)
    units: Collection[str] | None = None
    exposed: dict[str, Finding] = {}
    while True:
        found = suppress(_system(frame, plan, truth, report, earlier=earlier, units=units), costs)
        exposed |= {finding.secret: finding for finding in found.exposed}
        if not found.hidden:
            return SuppressedReport(report, hidden, tuple(exposed.values()))
        before, report = report, hide(report, found.hidden, plan.disclosure.min_cell)
        hidden = (*hidden, *found.hidden)
        units = {new.unit for old, new in zip(before.scores, report.scores, strict=True) if old != new}


def suppress_groups(frame: Frame, plan: PlanSpec, released: Report, groupings: Sequence[Grouping]) -> Suppression:
    """Which breakdowns of a report to hide, so that neither they nor the report give away a group of few.

    released: as it is published, with what the audit of it has hidden. groupings: what would be shown. hidden: names of
    `groups.group_publication`; exposed: what no breakdown can be blamed for alone, so that the unit should show none.
    """
    costs = {
        group_publication(unit, indicator, one.item): float(len(found))
        for one in groupings
        for (unit, indicator), found in one.shown.items()
        if found
    }
    units = {unit for one in groupings for (unit, _), found in one.shown.items() if found}
    return suppress(joined(answer_systems(frame, plan, released, groupings=groupings, units=units)), costs)


def audit_history(
    released: Sequence[Report],
    truth: Sequence[Report],
    plan: PlanSpec,
    questionnaires: Mapping[str, QuestionnaireSpec],
    *,
    widths: bool = True,
) -> tuple[Finding, ...]:
    """What follows from reports of one campaign that were released one after another, the earliest first.

    Answers only ever came in between. Differences of weighted means are findings whatever the numbers (UNPROVEN), where
    too few people came between two that are shown. Arguments as in `snapshots.history_of`.
    """
    history = history_of(released, truth, plan, questionnaires)
    system = system_of(history.means, history.combinations, min_cell=plan.disclosure.min_cell)
    pairs = not_additive(history.means, plan.disclosure.min_cell)
    return (*audit(system, widths=widths), *(_unproven(inner, outer) for inner, outer in pairs))


def suppress_history(
    released: Sequence[Report],
    truth: Sequence[Report],
    plan: PlanSpec,
    questionnaires: Mapping[str, QuestionnaireSpec],
) -> SuppressedReport:
    """Hide in the last report what earlier ones make dangerous. Arguments as in `audit_history`."""
    costs, min_cell = _costs(truth[-1]), plan.disclosure.min_cell
    report, hidden = released[-1], tuple[str, ...]()
    while True:
        history = history_of([*released[:-1], report], truth, plan, questionnaires)
        pairs = not_additive(history.means, min_cell)
        weighted = {mean.publication for pair in pairs for mean in pair if mean.publication is not None}
        system = system_of(history.means, history.combinations, min_cell=min_cell)
        found = suppress(system.without(weighted), costs)
        more = (*sorted(weighted), *found.hidden)
        if not more:
            left = tuple(_unproven(*pair) for pair in pairs)
            return SuppressedReport(report, hidden, (*found.exposed, *left))
        hidden, report = (*hidden, *more), hide(report, more, min_cell)


def hide(report: Report, publications: Sequence[str], min_cell: int) -> Report:
    """The report without some publications; a score that goes is one of too few, `min_cell`, to be shown.

    Comparisons of units go too, because they speak of scores: compare again. ValueError for a report that is not
    released.
    """
    if not report.released:
        raise ValueError("only a released report has publications")
    gone = frozenset(publications)
    if not gone:
        return report
    return replace(
        report,
        scores=tuple(_hidden_score(score, gone, min_cell) for score in report.scores),
        quality=tuple(_hidden_quality(found, gone) for found in report.quality),
        comparisons=(),
    )


def agreement_publication(unit: str, indicator: str, questionnaire: str) -> str:
    """The name of how far the people of one unit agree."""
    return f"agreement:{unit}/{indicator}/{questionnaire}"


def _of_too_few(truth: Report, released: Report, min_cell: int) -> tuple[str, ...]:
    """Agreement of fewer than twice `min_cell` complete responses: it is a spread, and of few it says who differs."""
    shown = {
        (score.unit, score.indicator, found.questionnaire) for score in released.scores for found in score.agreement
    }
    return tuple(
        agreement_publication(score.unit, score.indicator, found.questionnaire)
        for score in truth.scores
        for found in score.agreement
        if (found.n or 0) < 2 * min_cell and (score.unit, score.indicator, found.questionnaire) in shown
    )


def _system(
    frame: Frame,
    plan: PlanSpec,
    truth: Report,
    released: Report,
    *,
    earlier: Sequence[Edition],
    units: Collection[str] | None = None,
) -> System:
    """Everything said of answers and of counts. units: whose answers are looked at, None: all."""
    of_answers = answer_systems(frame, plan, released, earlier=earlier, units=units)
    return joined((*of_answers, count_system(released, truth, plan)))


def _unproven(inner: ReleasedMean, outer: ReleasedMean) -> Finding:
    return Finding(
        secret=f"{outer.name} less {inner.name}",
        people=outer.size - inner.size,
        needed=0.0,
        lo=None,
        hi=None,
        at_least=False,
        equations=False,
        verdict=Verdict.UNPROVEN,
    )


def _costs(truth: Report) -> dict[str, float]:
    """What each publication of a report is worth; the dearest where one is shown in several places."""
    costs = {quality_publication(found.questionnaire): 5.0 for found in truth.quality}
    for score in truth.scores:
        people = float(max(score.n_valid or 0, 1))
        named = [
            (score_publication(score.unit, score.indicator), 1000 * people),
            (rules_publication(score.unit, score.indicator), 10 * people),
            (returned_publication(score.unit, score.audience), 2.0),
            (rests_publication(score.unit, score.audience), 2.0),
            *(
                (reason_publication(score.unit, score.indicator, reason), 1.0)
                for reason in (*score.reasons, *score.cautions)
            ),
            *(
                (item_publication(score.unit, item.questionnaire, item.item), float(max(item.n or 0, 3)))
                for item in (*score.items, *score.distributions)
            ),
        ]
        for name, cost in named:
            costs[name] = max(cost, costs.get(name, 0.0))
    return costs


def _hidden_score(score: UnitScore, gone: frozenset[str], min_cell: int) -> UnitScore:
    if score.status is ScoreStatus.NOT_APPLICABLE:
        return score
    if score_publication(score.unit, score.indicator) in gone:
        return score_without_numbers(
            unit=score.unit,
            indicator=score.indicator,
            audience=score.audience,
            role=score.role,
            status=ScoreStatus.SUPPRESSED,
            reason=Reason(Code.TOO_FEW_TO_SHOW, Severity.WITHHOLD, threshold=min_cell),
            full_marks=score.full_marks,
        )
    if rules_publication(score.unit, score.indicator) in gone:
        score = replace(score, score_all=None, total_lo=None, total_hi=None, rules_lo=None, rules_hi=None)
    if rests_publication(score.unit, score.audience) in gone:
        score = replace(score, n_excluded=None, n_ineligible=None, n_unscored=None)
    if returned_publication(score.unit, score.audience) in gone:
        rate = score.response_rate
        band = score.response_rate_band if rate is None else rate_band(rate, RATE_BAND)
        score = replace(score, n_responses=None, n_asked=None, response_rate=None, response_rate_band=band)
    return replace(
        score,
        reasons=_hidden_reasons(score, score.reasons, gone),
        cautions=_hidden_reasons(score, score.cautions, gone),
        agreement=tuple(
            found
            for found in score.agreement
            if agreement_publication(score.unit, score.indicator, found.questionnaire) not in gone
        ),
        items=tuple(_hidden_item(score.unit, item, gone) for item in score.items),
        distributions=tuple(_hidden_item(score.unit, item, gone) for item in score.distributions),
    )


def _hidden_reasons(score: UnitScore, reasons: tuple[Reason, ...], gone: frozenset[str]) -> tuple[Reason, ...]:
    """Reasons without the numbers that are hidden; one that speaks of one person by being there goes altogether."""
    kept = []
    for reason in reasons:
        if reason_publication(score.unit, score.indicator, reason) not in gone:
            kept.append(reason)
        elif reason.code is not Code.INTERVAL_NOT_ASSESSABLE:
            kept.append(replace(reason, number=None))
    return tuple(kept)


def _hidden_quality(found: ResponseQuality, gone: frozenset[str]) -> ResponseQuality:
    if quality_publication(found.questionnaire) not in gone:
        return found
    return replace(
        found,
        flagged=(None,) * len(found.flagged),
        n=None,
        n_flagged=None,
        n_excluded=None,
        expected_false=None,
        false_upper=None,
    )


def _hidden_item(unit: str, item: ItemStatistics, gone: frozenset[str]) -> ItemStatistics:
    if item_publication(unit, item.questionnaire, item.item) not in gone:
        return item
    numbers: dict[str, Any] = {found.name: None for found in fields(item) if found.name not in _ABOUT_THE_ITEM}
    return replace(item, **{**numbers, "shown": False})
