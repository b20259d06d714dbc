"""Rehearsing a campaign: its set-up, plan and questionnaires as a setting, and what the rehearsal found as a document.

Knows where sizes, doors and definitions are kept, frozen or still as drafted. Must stay true: no answer is read, of
whatever state the campaign is (nor does a rehearsal need one); a condition of the set-up becomes a note with whom it
concerns, never an exception.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sqlalchemy.orm import Session

from analysis.simulation.people import Behaviour
from analysis.simulation.rehearsal import DRAWS, Rehearsal, affordable_draws
from analysis.simulation.rehearsal_setting import Assumptions, Door, Panel, Setting, default_behaviours
from analysis.spec import PlanSpec, QuestionnaireSpec
from survey_app.campaigns import rules as campaign_rules
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.questionnaire.assignment import most_units
from survey_app.questionnaire.base import AUDIENCES, Audience, Text
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.setup import CampaignSetup, answers_needed
from survey_app.questionnaire.texts import text
from survey_app.scores.operations import circumstances
from survey_app.scores.operations.bridge import plan_spec, questionnaire_spec
from survey_app.scores.operations.circumstances import Scope
from survey_app.scores.rules import rehearsal_words

# Working proposals (建议值), printed as assumptions: what the set-up expects to come back, and of departments, for
# which it expects nothing, four in five people.
RESPONSE_RATES: Mapping[str, float] = {
    **{audience: percent / 100 for audience, percent in campaign_rules.EXPECTED_RETURN.items()},
    "related_department": 0.8,
}
SPREAD = 5.0
CARELESS = 0.08


@dataclass(frozen=True)
class Choices:
    """What somebody asks for. response_rates: over the defaults. open_answers: of each open link; None: as needed."""

    spread: float = SPREAD
    careless: float = CARELESS
    response_rates: Mapping[str, float] = field(default_factory=dict)
    open_answers: int | None = None


@dataclass(frozen=True)
class Note:
    """A condition of the set-up. subjects: codes of units, questionnaires or indicators that it concerns."""

    code: str
    subjects: tuple[str, ...] = ()
    number: int | None = None


@dataclass(frozen=True)
class Prepared:
    """A campaign ready to be rehearsed. titles: indicator → title by language."""

    campaign: str
    title: str
    state: str
    setting: Setting
    assumptions: Assumptions
    notes: tuple[Note, ...]
    titles: Mapping[str, Mapping[str, str]]

    def draws(self, wanted: int | None) -> tuple[int, Note | None]:
        """How many campaigns to play, and the note where they are fewer for their size."""
        if wanted is not None:
            return wanted, None
        affordable = affordable_draws(self.setting, self.assumptions)
        return affordable, Note("draws_reduced", number=affordable) if affordable < DRAWS else None


def prepare(session: Session, campaign: Campaign, choices: Choices) -> Prepared:
    """Read everything but answers. The session is not needed afterwards."""
    setup = queries.setup_of(campaign)
    questionnaires = queries.questionnaires_of(session, campaign)
    scope = _scope(session, campaign, setup, questionnaires)
    rows = queries.collectors(session, campaign.id)
    population = circumstances.population(scope)
    strata = tuple(dict.fromkeys([*(key[2] for key in population), *(row.stratum for row in rows), None]))
    reading = _Doors(setup, rows, choices, strata)
    doors, panels = reading.doors(), reading.panels(questionnaires)
    asked = {door.questionnaire for door in doors} | {panel.questionnaire for panel in panels}
    hashes = {used.name: used.hash or "" for used in campaign.questionnaires}
    specs = tuple(
        questionnaire_spec(found, hashes[name], scope.plan) for name, found in questionnaires.items() if name in asked
    )
    plan, not_asked = answerable(plan_spec(scope.plan, scope.plan_hash, questionnaires.values()), specs)
    setting = Setting(
        units=circumstances.unit_specs(scope),
        questionnaires=specs,
        plan=plan,
        doors=doors,
        panels=panels,
        strata=strata,
        departments=tuple(department.code for department in setup.departments),
        population=population,
    )
    notes = [*_notes(scope, rows, setting), *(Note("no_door", (name,)) for name in questionnaires if name not in asked)]
    if not_asked:
        notes.append(Note("part_not_asked", not_asked))
    return Prepared(
        campaign=campaign.code,
        title=campaign.title,
        state=campaign.state,
        setting=setting,
        assumptions=_assumptions(choices),
        notes=tuple(notes),
        titles={one.code: _titles(one.code, one.title) for one in scope.plan.indicators},
    )


def document_of(prepared: Prepared, found: Rehearsal, notes: Iterable[Note]) -> dict[str, Any]:
    """The rehearsal as `docs/rehearsal.md` describes it: plain values, nothing rounded."""
    assumptions, setting = prepared.assumptions, prepared.setting
    return {
        "format": 1,
        "campaign": {"code": prepared.campaign, "title": prepared.title, "state": prepared.state},
        "answers_read": 0,
        "draws": found.draws,
        "seed": found.seed,
        "assumptions": {
            "spread": assumptions.spread,
            "response_rates": dict(assumptions.response_rates),
            "careless": {name: behaviour.careless for name, behaviour in assumptions.behaviours.items()},
            "department_sd": assumptions.department_sd,
            "rater_sd": assumptions.rater_sd,
        },
        "sizes": {
            "units": len(setting.units),
            "departments": len({panel.department for panel in setting.panels}),
            "responses_asked": setting.responses_asked,
        },
        "notes": [asdict(note) for note in notes],
        "indicators": [_with_sentences(asdict(one), prepared.titles[one.indicator]) for one in found.indicators],
        "quality": [asdict(one) for one in found.quality],
    }


def _with_sentences(found: dict[str, Any], titles: Mapping[str, str]) -> dict[str, Any]:
    """What was found of an indicator, with its name, and what it means in plain words."""
    said = rehearsal_words.sentences(found)
    return found | {"title": dict(titles), "sentences": {"zh": [zh for zh, _ in said], "en": [en for _, en in said]}}


def _scope(
    session: Session, campaign: Campaign, setup: CampaignSetup, questionnaires: Mapping[str, Questionnaire]
) -> Scope:
    """As for scoring, but of a campaign that may not have opened. No key: nothing is sealed or compared."""
    return Scope(
        campaign_id=campaign.id,
        code=campaign.code,
        closed=campaign.state == "closed",
        digest_key=b"",
        plan=queries.plan_of(session, campaign),
        plan_hash=campaign.plan_hash or "",
        setup=setup,
        setup_hash=campaign.setup_hash or "",
        questionnaires=dict(questionnaires),
        units={},
        departments={},
    )


class _Doors:
    """The doors of a campaign as whom they ask: cards that were made, or else as many as the set-up suggests."""

    def __init__(
        self, setup: CampaignSetup, rows: list[CollectorRow], choices: Choices, strata: tuple[str | None, ...]
    ) -> None:
        self._setup, self._rows, self._choices, self._strata = setup, rows, choices, strata
        self._lacking = queries.suggested_cards(setup, rows)
        self._needs = {(need.unit, need.audience, need.stratum): need for need in campaign_rules.needs(setup)}
        self._places = {unit.code: place for place, unit in enumerate(setup.units)}

    def doors(self) -> tuple[Door, ...]:
        """Of staff and service recipients; without those that nobody comes through."""
        found = []
        for row in self._rows:
            if row.unit_code is None:
                continue
            asked = self._expected(row) if row.tier == "T0" else self._cards(row)
            if asked:
                found.append(
                    Door(
                        questionnaire=row.questionnaire,
                        unit=self._places[row.unit_code],
                        stratum=self._strata.index(row.stratum),
                        members=row.headcount or None,
                        asked=asked,
                        open_link=row.tier == "T0",
                    )
                )
        return tuple(found)

    def panels(self, questionnaires: Mapping[str, Questionnaire]) -> tuple[Panel, ...]:
        """The departments with whom they rate."""
        departments = {department.code: at for at, department in enumerate(self._setup.departments)}
        rated = {unit.code for unit in self._setup.units if "related_department" in unit.audiences}
        found = []
        for row in self._rows:
            if row.department_code is None:
                continue
            department = self._setup.departments[departments[row.department_code]]
            units = tuple(self._places[code] for code in dict.fromkeys(department.rates) if code in rated)
            if units and row.headcount:
                found.append(
                    Panel(
                        questionnaire=row.questionnaire,
                        department=departments[row.department_code],
                        raters=row.headcount,
                        asked=self._cards(row),
                        units=units,
                        most=most_units(questionnaires[row.questionnaire]) or 1,
                    )
                )
        return tuple(found)

    def _cards(self, row: CollectorRow) -> int:
        if row.tier == "T2":
            return row.listed.invited if row.listed else row.headcount
        made = row.cards.made - row.cards.voided
        return min(made + self._lacking.get(row.id, 0), row.headcount)

    def _expected(self, row: CollectorRow) -> int:
        """Answers through an open link: as told, or as many as the unit needs."""
        if self._choices.open_answers is not None:
            return self._choices.open_answers
        need = self._needs.get((row.unit_code or "", _audience(row.audience), row.stratum))
        return answers_needed(row.headcount or None) if need is None else need.answers


def _audience(name: str) -> Audience:
    return next(audience for audience in AUDIENCES if audience == name)


def _assumptions(choices: Choices) -> Assumptions:
    behaviours: dict[str, Behaviour] = {
        audience: replace(behaviour, careless=choices.careless) for audience, behaviour in default_behaviours().items()
    }
    return Assumptions(
        spread=choices.spread,
        response_rates={**RESPONSE_RATES, **choices.response_rates},
        behaviours=behaviours,
    )


def answerable(plan: PlanSpec, specs: tuple[QuestionnaireSpec, ...]) -> tuple[PlanSpec, tuple[str, ...]]:
    """The plan without indicators that have a part which no questionnaire that is given out asks, and those.

    Nor does it count what is shown beside a score and never changes one.
    """
    plan = replace(plan, indicators=tuple(replace(indicator, distributions=()) for indicator in plan.indicators))
    lacking = []
    for indicator in plan.indicators:
        wanted = indicator.questionnaires
        chosen = [spec for spec in specs if spec.audience == indicator.audience and (not wanted or spec.id in wanted)]
        if chosen and any(not any(spec.columns_of(part) for spec in chosen) for part in indicator.parts):
            lacking.append(indicator.code)
    if not lacking:
        return plan, ()
    left = tuple(indicator for indicator in plan.indicators if indicator.code not in lacking)
    moves = {start: end for start, end in plan.moves.items() if start not in lacking and end not in lacking}
    return replace(plan, indicators=left, moves=moves), tuple(lacking)


def _notes(scope: Scope, rows: list[CollectorRow], setting: Setting) -> list[Note]:
    """Conditions of the set-up that the findings have to be read with."""
    units, setup = scope.setup.units, scope.setup
    open_links = [row.unit_code for row in rows if row.tier == "T0" and row.unit_code]
    unknown = [
        unit.code for unit in units if any(setup.population(unit, audience) is None for audience in unit.audiences)
    ]
    no_cards = [row.unit_code for row in rows if row.unit_code and row.audience == "staff" and not row.headcount]
    left_out = [unit.code for unit in units if scope.audiences - set(unit.audiences)]
    limited = [setting.departments[panel.department] for panel in setting.panels if len(panel.units) > panel.most]
    unmeasured = [one.code for one in setting.plan.indicators if one.audience not in scope.audiences]
    faulty = [fault.code for fault in queries.group_faults(rows)]
    found = [
        ("open_link", open_links),
        ("size_unknown", unknown),
        ("nobody_asked", no_cards),
        ("audience_left_out", left_out),
        ("sitting_limited", limited),
        ("indicator_without_questionnaire", unmeasured),
    ]
    notes = [Note(code, tuple(dict.fromkeys(subjects))) for code, subjects in found if subjects]
    if len(units) == 1:
        notes.append(Note("one_unit", (units[0].code,)))
    if faulty:
        notes.append(Note("cannot_open", tuple(dict.fromkeys(faulty)), len(faulty)))
    return notes


def _titles(code: str, title: Text | None) -> dict[str, str]:
    return {language: code if title is None else text(title, language) for language in ("zh", "en")}
