"""Office pages of a running campaign: opening, pausing and closing it, its card register, its progress."""

from collections.abc import Callable
from functools import partial
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, redirect, render_template
from flask.typing import ResponseReturnValue

from survey_app import clock
from survey_app.accounts import queries as accounts
from survey_app.accounts.rules import Role
from survey_app.admission.rules import RegisterDoesNotAddUp
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries import campaigns, counting
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.errors import NotFound
from survey_app.fieldwork import queries, rules
from survey_app.fieldwork.forms import MovementForm, SpareForm
from survey_app.fieldwork.operations import closing, opening, register
from survey_app.fieldwork.paper_errors import CardsBesidePaper
from survey_app.responses.boxes import Boxes
from survey_app.web.access import actor, allow
from survey_app.web.installation import installation
from survey_app.web.language import language
from survey_app.web.session import commits, session

blueprint = Blueprint("fieldwork", __name__, url_prefix="/office/campaigns/<campaign_code>")

MANAGE = (Role.ADMINISTRATOR, Role.DESIGNER, Role.LEAD_EVALUATOR)
READ = (*MANAGE, Role.EVALUATOR, Role.APPROVER, Role.AUDITOR)
READ_SCORES = (Role.EVALUATOR, Role.LEAD_EVALUATOR, Role.APPROVER, Role.AUDITOR)


@blueprint.get("/open")
@allow(*MANAGE)
def opening_page(campaign_code: str) -> ResponseReturnValue:
    """What would forbid opening now, what opening freezes, and the button."""
    campaign = _campaign(campaign_code)
    faults = opening.opening_faults(session(), campaign, config=installation().config, now=clock.now())
    rows = [row for row in campaigns.collectors(session(), campaign.id) if row.tier == "T1"]
    return render_template(
        "fieldwork/open.html",
        campaign=campaign,
        demo=campaign.demo,
        faults=faults,
        doors_with_cards=len(rows),
        doors_lacking=sum(row.cards.made == row.cards.voided for row in rows),
        public_url=installation().config.public_url,
    )


@blueprint.post("/open")
@allow(*MANAGE)
@commits
def open_campaign(campaign_code: str) -> ResponseReturnValue:
    """Open the campaign; from here on its definitions are frozen."""
    who = actor()
    opening.open_campaign(
        session(),
        _campaign(campaign_code),
        config=installation().config,
        now=clock.now(),
        person_id=who.person_id,
        agency_id=who.agency_id,
    )
    return _to(campaign_code)


@blueprint.post("/pause")
@allow(*MANAGE)
@commits
def pause(campaign_code: str) -> ResponseReturnValue:
    """Let no more answers in for a while."""
    closing.pause_campaign(session(), _campaign(campaign_code), now=clock.now(), person_id=actor().person_id)
    return _to(campaign_code)


@blueprint.post("/resume")
@allow(*MANAGE)
@commits
def resume(campaign_code: str) -> ResponseReturnValue:
    """Let answers in again."""
    closing.resume_campaign(session(), _campaign(campaign_code), now=clock.now(), person_id=actor().person_id)
    return _to(campaign_code)


@blueprint.post("/collectors/<int:collector_id>/pause")
@allow(*MANAGE)
@commits
def pause_collector(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """Let no more answers in through one door."""
    closing.move_collector(
        session(), _campaign(campaign_code), collector_id, "pause", now=clock.now(), person_id=actor().person_id
    )
    return _to(campaign_code, "/collectors")


@blueprint.post("/collectors/<int:collector_id>/resume")
@allow(*MANAGE)
@commits
def resume_collector(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """Let answers in again through one door."""
    closing.move_collector(
        session(), _campaign(campaign_code), collector_id, "resume", now=clock.now(), person_id=actor().person_id
    )
    return _to(campaign_code, "/collectors")


@blueprint.get("/close")
@allow(*MANAGE)
def closing_page(campaign_code: str) -> ResponseReturnValue:
    """What closing does, and the button."""
    campaign = _campaign(campaign_code)
    too_small = campaigns.group_faults(campaigns.collectors(session(), campaign.id))
    return render_template(
        "fieldwork/close.html", campaign=campaign, demo=campaign.demo, closed=None, too_small=too_small
    )


@blueprint.post("/close")
@allow(*MANAGE)
def close_campaign(campaign_code: str) -> ResponseReturnValue:
    """Close for good. Runs in the writer's own transactions, so that no answer comes in between."""
    who, now = actor(), clock.now()
    boxes: Boxes = current_app.extensions["pingyi.boxes"]
    # A reader that stays open would keep SQLite from committing, and the file from being rewritten.
    session().rollback()
    find = partial(campaigns.campaign, code=campaign_code, agency_id=who.agency_id)
    closed = closing.close(installation().writer.exclusively, boxes, find, now=now, person_id=who.person_id)
    closing.after_closing(installation().database)
    campaign = _campaign(campaign_code)
    return render_template("fieldwork/close.html", campaign=campaign, demo=campaign.demo, closed=closed)


@blueprint.get("/register")
@allow(*READ)
def card_register(campaign_code: str) -> ResponseReturnValue:
    """The register of all doors in sums, and whether each is counted: how many lie there unused is said of no door."""
    campaign = _campaign(campaign_code)
    rows = [row for row in campaigns.collectors(session(), campaign.id) if row.tier != "T0"]
    return render_template(
        "fieldwork/register.html",
        campaign=campaign,
        demo=campaign.demo,
        rows=rows,
        accounts=queries.accounts_of(session(), campaign),
        counted=counting.standing(session(), [row.id for row in rows]),
        may_see_valid=actor().holds(frozenset(READ_SCORES), campaign.code),
    )


@blueprint.get("/collectors/<int:collector_id>/register")
@allow(*READ)
def collector_register(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """The register of one door: its batches, their entries, spare cards."""
    campaign = _campaign(campaign_code)
    return _register_page(campaign, campaigns.collector(session(), campaign.id, collector_id))


@blueprint.post("/batches/<int:batch_id>/movements")
@allow(*MANAGE)
@commits
def add_movement(campaign_code: str, batch_id: int) -> ResponseReturnValue:
    """Write one entry into the register."""
    campaign, form = _campaign(campaign_code), MovementForm()
    door = _door(campaign, batch_id)
    if not form.validate_on_submit():
        return _register_page(campaign, door, batch_id=batch_id, movement=form), 422
    assert form.cards.data is not None and form.on_day.data is not None  # both are needed by the form
    try:
        register.register_movement(
            session(),
            campaign,
            batch_id,
            form.kind.data,
            form.cards.data,
            on_day=form.on_day.data,
            note=form.note.data or "",
            now=clock.now(),
            person_id=actor().person_id,
        )
    except (RegisterDoesNotAddUp, CardsBesidePaper, rules.DayToCome, rules.ReceiverNeeded) as refused:
        # Said on the form, so that nothing that was typed is lost.
        fields = {rules.DayToCome: form.on_day, rules.ReceiverNeeded: form.note}
        fields.get(type(refused), form.cards).errors = [refused.message(language())]
        return _register_page(campaign, door, batch_id=batch_id, movement=form), refused.status
    return _to(campaign_code, f"/collectors/{door.id}/register")


@blueprint.post("/batches/<int:batch_id>/void")
@allow(*MANAGE)
@commits
def void_batch(campaign_code: str, batch_id: int) -> ResponseReturnValue:
    """Void a whole batch that never left the house."""
    return _on_batch(
        campaign_code,
        batch_id,
        lambda campaign: register.void_batch(
            session(), campaign, batch_id, now=clock.now(), person_id=actor().person_id
        ),
    )


@blueprint.post("/batches/<int:batch_id>/spares")
@allow(*MANAGE)
@commits
def request_spares(campaign_code: str, batch_id: int) -> ResponseReturnValue:
    """Ask for spares of a batch to be activated."""
    campaign, form = _campaign(campaign_code), SpareForm()
    door = _door(campaign, batch_id)
    if not form.validate_on_submit():
        return _register_page(campaign, door, batch_id=batch_id, spare=form), 422
    assert form.cards.data is not None and form.reason.data is not None  # both are needed by the form
    register.request_spares(
        session(),
        campaign,
        batch_id,
        form.cards.data,
        form.reason.data,
        now=clock.now(),
        person_id=actor().person_id,
    )
    return _to(campaign_code, f"/collectors/{door.id}/register")


@blueprint.post("/batches/<int:batch_id>/spares/<int:request_id>/approve")
@allow(*MANAGE)
@commits
def approve_spares(campaign_code: str, batch_id: int, request_id: int) -> ResponseReturnValue:
    """Approve somebody else's request."""
    return _on_batch(
        campaign_code,
        batch_id,
        lambda campaign: register.approve_spares(
            session(), campaign, request_id, now=clock.now(), person_id=actor().person_id
        ),
    )


@blueprint.get("/progress")
@allow(*READ)
def progress(campaign_code: str) -> ResponseReturnValue:
    """Cards and returns, as far as they may be shown."""
    campaign = _campaign(campaign_code)
    rows = queries.progress(session(), campaign)
    least = campaigns.plan_of(session(), campaign).disclosure.min_cell
    return render_template("fieldwork/progress.html", campaign=campaign, demo=campaign.demo, rows=rows, min_cell=least)


def _campaign(code: str) -> Campaign:
    return campaigns.campaign(session(), code, actor().agency_id)


def _to(campaign_code: str, rest: str = "") -> ResponseReturnValue:
    return redirect(f"/office/campaigns/{campaign_code}{rest}", 303)


def _door(campaign: Campaign, batch_id: int) -> CollectorRow:
    collector_id = queries.collector_of_batch(session(), campaign.id, batch_id)
    if collector_id is None:
        raise NotFound(what=f"batch {batch_id}")
    return campaigns.collector(session(), campaign.id, collector_id)


def _on_batch(campaign_code: str, batch_id: int, act: Callable[[Campaign], None]) -> ResponseReturnValue:
    campaign = _campaign(campaign_code)
    door = _door(campaign, batch_id)
    act(campaign)
    return _to(campaign_code, f"/collectors/{door.id}/register")


def _register_page(
    campaign: Campaign,
    door: CollectorRow,
    *,
    batch_id: int | None = None,
    movement: MovementForm | None = None,
    spare: SpareForm | None = None,
) -> str:
    """The register of one door; a refused form is shown again under its batch."""
    today = clock.now().astimezone(ZoneInfo(campaign.timezone)).date()
    return render_template(
        "fieldwork/collector.html",
        campaign=campaign,
        demo=campaign.demo,
        door=door,
        batches=queries.batches(session(), door.id),
        names=accounts.names(session()),
        refused_batch=batch_id,
        today=today,
        movement=movement or MovementForm(formdata=None, on_day=today),
        spare=spare or SpareForm(formdata=None),
        may_manage=actor().holds(frozenset(MANAGE), campaign.code),
    )
