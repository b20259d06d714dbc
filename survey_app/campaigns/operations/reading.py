"""From a file that somebody sends to a set-up with everything it names, or to the list of all that is wrong with it.

JSON and Excel go through the same checks; findings about a workbook name the sheet and cell besides the JSON pointer.
Nothing is stored here.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from survey_app.campaigns.operations.workbook import FORM, SetupDocument, read_places, read_workbook
from survey_app.campaigns.operations.workbook_cells import is_workbook
from survey_app.campaigns.operations.workbook_faults import fault
from survey_app.errors import BadInput
from survey_app.library import queries as library
from survey_app.library.rules import Kind
from survey_app.questionnaire.check import check_plan, check_questionnaire, check_setup, publishing_findings
from survey_app.questionnaire.findings import MAX_FINDINGS, Finding, finding, has_errors
from survey_app.questionnaire.loading import Loaded, guess_kind, parse, read_json
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.questionnaire.setup import CampaignSetup

# An address of its own: /office/campaigns/new.
_RESERVED_CODES = frozenset({"new"})


@dataclass(frozen=True)
class GivenFile:
    """A file with its name, as sent: a set-up, or a questionnaire or plan of the office's own beside it."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Definitions:
    """Questionnaires by name and the plan of a set-up. `texts` holds the JSON of those that are not built in."""

    questionnaires: Mapping[str, Questionnaire]
    plan: ScoringPlan
    texts: Mapping[tuple[Kind, str], str]


@dataclass(frozen=True)
class ReadSetup:
    """A set-up without errors, its JSON text, what it names, and the warnings."""

    setup: CampaignSetup
    text: str
    definitions: Definitions
    warnings: tuple[Finding, ...]


def read_setup(file: GivenFile, own: Sequence[GivenFile] = ()) -> ReadSetup:
    """The set-up in a JSON or Excel file.

    own: JSON files of questionnaires and plans that are not built in; they win over built-in ones of the same id.
    Raises BadInput with every fault of every file; nothing has changed then.
    """
    if is_workbook(file.data, file.name):
        return _judge(file.name, read_workbook(file.data), _read_own(own))
    source, findings = read_json(file.data)
    return _judge(file.name, SetupDocument(document=source or {}, faults=findings), _read_own(own))


def read_form(campaign: dict[str, Any], file: GivenFile, own: Sequence[GivenFile] = ()) -> ReadSetup:
    """The set-up of a form about the campaign and a workbook with its units and departments.

    campaign: {"campaign": …, "questionnaires": …, "plan": …}; questionnaires in `own` are used without being listed.
    Raises BadInput with every fault.
    """
    if not is_workbook(file.data, file.name):
        raise BadInput([fault("workbook_expected", file.name)])
    given = _read_own(own)
    listed = [*campaign["questionnaires"], *given.questionnaires]
    return _judge(file.name, read_places(file.data, campaign | {"questionnaires": listed}), given)


@dataclass
class _Own:
    questionnaires: dict[str, Questionnaire] = field(default_factory=dict)
    plans: dict[str, ScoringPlan] = field(default_factory=dict)
    texts: dict[tuple[Kind, str], str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def _judge(name: str, made: SetupDocument, given: _Own) -> ReadSetup:
    """Everything that can be said about a document at once; BadInput as soon as one finding is an error."""
    text = json.dumps(made.document, ensure_ascii=False)
    findings: list[Finding] = []
    setup, plan = None, None
    named: dict[str, Questionnaire] = {}
    if made.document or not made.faults:
        loaded = parse(text.encode(), "setup")
        findings += loaded.findings
        setup = loaded.document if isinstance(loaded.document, CampaignSetup) else None
    if setup is not None:
        named, plan = _named_by(setup, given)
        findings += check_setup(setup, named.values(), plan)
        if setup.campaign.code in _RESERVED_CODES:
            place = made.place("/campaign/code")
            findings.append(fault("reserved_campaign_code", place, code=setup.campaign.code))
    placed = [*given.findings, *(_placed(one, name, made) for one in made.with_faults(findings))]
    if setup is not None and plan is not None:
        for questionnaire in named.values():
            cells = publishing_findings(questionnaire, setup, plan.disclosure.min_cell)
            placed += [finding.in_file(f"{questionnaire.id}.json") for finding in cells]
    if setup is None or plan is None or has_errors(placed):
        raise BadInput([*placed[:MAX_FINDINGS], *_more(placed)])
    texts = {
        (kind, known): text
        for (kind, known), text in given.texts.items()
        if known in setup.questionnaires or (kind == "plan" and known == setup.plan)
    }
    return ReadSetup(setup, text, Definitions(named, plan, texts), tuple(placed))


def _more(findings: list[Finding]) -> list[Finding]:
    beyond = len(findings) - MAX_FINDINGS
    return [finding("more_findings", "", count=beyond)] if beyond > 0 else []


def _read_own(files: Sequence[GivenFile]) -> _Own:
    own = _Own()
    read: list[tuple[str, Questionnaire | ScoringPlan]] = []
    for file in files:
        source, findings = read_json(file.data)
        kind: Kind = "plan" if source is not None and guess_kind(source) == "plan" else "questionnaire"
        loaded = parse(file.data, kind) if source is not None else Loaded(None, findings)
        own.findings += [finding.in_file(file.name) for finding in loaded.findings]
        match loaded.document:
            case Questionnaire() as document:
                own.questionnaires[document.id] = document
                read.append((file.name, document))
            case ScoringPlan() as document:
                own.plans[document.id] = document
                read.append((file.name, document))
            case _:
                continue
        own.texts[kind, document.id] = json.dumps(source, ensure_ascii=False)
    every = _builtin_questionnaires() | own.questionnaires
    for name, document in read:
        if isinstance(document, Questionnaire):
            found = check_questionnaire(document, every.values())
        else:
            found = check_plan(document, every.values())
        own.findings += [finding.in_file(name) for finding in found]
    return own


def _builtin_questionnaires() -> dict[str, Questionnaire]:
    return {
        name: Questionnaire.model_validate_json(library.builtin("questionnaire", name)[1])
        for name in library.builtin_names("questionnaire")
    }


def _named_by(setup: CampaignSetup, own: _Own) -> tuple[dict[str, Questionnaire], ScoringPlan | None]:
    every = _builtin_questionnaires() | own.questionnaires
    named = {name: every[name] for name in setup.questionnaires if name in every}
    plan = own.plans.get(setup.plan)
    if plan is None and setup.plan in library.builtin_names("plan"):
        plan = ScoringPlan.model_validate_json(library.builtin("plan", setup.plan)[1])
    return named, plan


def _placed(finding: Finding, name: str, made: SetupDocument) -> Finding:
    """The finding as said of the file, with sheet and cell where it came from a workbook, or said of the form."""
    place = finding.file or made.place(finding.pointer)
    return finding.in_file(place if place.startswith(FORM) else f"{name} {place}".strip())
