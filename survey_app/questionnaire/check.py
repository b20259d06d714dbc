"""The checks, put together: shape is done by `loading`; here is meaning (errors) and lint (warnings), all at once."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from survey_app.questionnaire.checks.meaning import check_meaning
from survey_app.questionnaire.checks.paths import check_paths
from survey_app.questionnaire.checks.plan import check_plan_meaning
from survey_app.questionnaire.checks.publishing import cells_too_small
from survey_app.questionnaire.checks.references import check_references
from survey_app.questionnaire.checks.setup import check_setup_meaning
from survey_app.questionnaire.checks.wording import check_wording
from survey_app.questionnaire.findings import MAX_FINDINGS, Finding, finding
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.questionnaire.setup import CampaignSetup

MAX_ITEMS = 1000


def check_questionnaire(questionnaire: Questionnaire, others: Iterable[Questionnaire] = ()) -> list[Finding]:
    """Meaning and lint of one questionnaire. others: where the base of a variant is looked for."""
    count = len(questionnaire.items())
    if count > MAX_ITEMS:
        return [finding("too_many_items", "/sections", count=count, limit=MAX_ITEMS)]
    return _first(_questionnaire(questionnaire, _by_id(others)))


def _questionnaire(questionnaire: Questionnaire, others: Mapping[str, Questionnaire]) -> Iterator[Finding]:
    yield from check_references(questionnaire)
    yield from check_meaning(questionnaire, others)
    yield from check_paths(questionnaire)
    yield from check_wording(questionnaire)


def check_plan(plan: ScoringPlan, questionnaires: Iterable[Questionnaire]) -> list[Finding]:
    """Meaning of a plan against the questionnaires it may draw on."""
    return _first(check_plan_meaning(plan, _by_id(questionnaires)))


def check_setup(
    setup: CampaignSetup, questionnaires: Iterable[Questionnaire], plan: ScoringPlan | None
) -> list[Finding]:
    """Meaning of a set-up. questionnaires: all that were found; plan: the one it names, None where not found."""
    return _first(check_setup_meaning(setup, _by_id(questionnaires), plan))


def publishing_findings(questionnaire: Questionnaire, setup: CampaignSetup, min_cell: int) -> list[Finding]:
    """What refuses publishing a questionnaire in a campaign: cells of unit × background item under `min_cell`."""
    return _first(cells_too_small(questionnaire, setup, min_cell))


def _by_id(questionnaires: Iterable[Questionnaire]) -> dict[str, Questionnaire]:
    return {one.id: one for one in questionnaires}


def _first(findings: Iterator[Finding]) -> list[Finding]:
    """The findings, cut off where nobody would read on; the last one then says so."""
    listed = list(islice(findings, MAX_FINDINGS))
    rest = sum(1 for _ in islice(findings, MAX_FINDINGS))
    if rest:
        listed.append(finding("more_findings", "", count=f"{rest}{'+' if rest == MAX_FINDINGS else ''}"))
    return listed
