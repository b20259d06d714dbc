"""Office pages around cards and people: corrections, hand-over sheets, counts of unused cards, quotas, reminders.

What must stay true: no page says how many cards were used, nor how many a department left unused; no text goes to those
who have not answered, whom nobody knows.
"""

from urllib.parse import urlsplit

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from survey_app import clock
from survey_app.accounts import queries as accounts
from survey_app.accounts.rules import Role
from survey_app.admission.rules import CorrectedBefore, CorrectionDoesNotAddUp
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries import campaigns, counting
from survey_app.errors import AppError, NotFound
from survey_app.fieldwork import queries
from survey_app.fieldwork.forms import CorrectionForm, CountForm, QuotaForm, WaiverForm
from survey_app.fieldwork.operations import counting as counts
from survey_app.fieldwork.operations import quotas, register
from survey_app.fieldwork.paper_errors import CardsBesidePaper
from survey_app.fieldwork.views import MANAGE, READ, blueprint
from survey_app.web.access import actor, allow
from survey_app.web.installation import installation
from survey_app.web.language import language
from survey_app.web.session import commits, session

COUNT = (*MANAGE, Role.EVALUATOR)


@blueprint.get("/movements/<int:entry_id>")
@allow(*READ)
def movement(campaign_code: str, entry_id: int) -> ResponseReturnValue:
    """One entry of the register as a sheet to print and sign, and the form that takes it back."""
    return _movement(_campaign(campaign_code), entry_id, CorrectionForm(formdata=None))


@blueprint.post("/movements/<int:entry_id>/correct")
@allow(*MANAGE)
@commits
def correct_movement(campaign_code: str, entry_id: int) -> ResponseReturnValue:
    """Take a wrong entry back; it stays in the register."""
    campaign, form = _campaign(campaign_code), CorrectionForm()
    found = queries.movement(session(), campaign.id, entry_id)
    if not form.validate_on_submit():
        return _movement(campaign, entry_id, form), 422
    now, who = clock.now(), actor().person_id
    try:
        register.correct_movement(session(), campaign, entry_id, form.reason.data or "", now=now, person_id=who)
    except (CorrectedBefore, CorrectionDoesNotAddUp, CardsBesidePaper) as refused:
        form.reason.errors = [refused.message(language())]
        return _movement(campaign, entry_id, form), refused.status
    return _to(campaign_code, f"/collectors/{found.door.id}/register")


@blueprint.get("/counts")
@allow(*READ)
def unused_counts(campaign_code: str) -> ResponseReturnValue:
    """Which doors are counted (of units also how many), the forms to count, and why counting was waived."""
    return _counts(_campaign(campaign_code))


@blueprint.get("/counts/protocol")
@allow(*READ)
def count_protocol(campaign_code: str) -> ResponseReturnValue:
    """The counts that hold, to print and sign; what departments left unused is written in by hand."""
    return _counts(_campaign(campaign_code), template="fieldwork/protocol.html")


@blueprint.post("/collectors/<int:collector_id>/count")
@allow(*COUNT)
@commits
def record_count(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """Write down how many unused cards of a door there are."""
    campaign, form = _campaign(campaign_code), CountForm()
    if not form.validate_on_submit():
        return _counts(campaign, refused_door=collector_id, count=form), 422
    assert form.unused.data is not None  # needed by the form
    try:
        counts.record_count(
            session(),
            campaign,
            collector_id,
            form.unused.data,
            witness_office=form.witness_office.data or "",
            remark=form.remark.data or "",
            now=clock.now(),
            person_id=actor().person_id,
        )
    except NotFound:
        raise
    except AppError as refused:
        # Said on the form, so that nothing that was typed is lost.
        form.unused.errors = [refused.message(language())]
        return _counts(campaign, refused_door=collector_id, count=form), refused.status
    return _to(campaign_code, "/counts")


@blueprint.post("/counts/<int:count_id>/witness")
@allow(*READ)
@commits
def witness_count(campaign_code: str, count_id: int) -> ResponseReturnValue:
    """Confirm that one was there when somebody else counted."""
    campaign = _campaign(campaign_code)
    queries.door_of_count(session(), campaign.id, count_id)
    counts.witness_count(session(), campaign, count_id, now=clock.now(), person_id=actor().person_id)
    return _to(campaign_code, "/counts")


@blueprint.post("/counts/waive")
@allow(Role.LEAD_EVALUATOR)
@commits
def waive_counts(campaign_code: str) -> ResponseReturnValue:
    """Let scores be computed without counts, for a reason."""
    campaign, form = _campaign(campaign_code), WaiverForm()
    if not form.validate_on_submit():
        return _counts(campaign, waiver=form), 422
    now, who = clock.now(), actor().person_id
    counts.waive_counts(session(), campaign, form.reason.data or "", now=now, person_id=who)
    return _to(campaign_code, "/counts")


@blueprint.get("/collectors/<int:collector_id>/quota")
@allow(*MANAGE)
def quota(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """The quota of one door, and how far it is filled, in steps."""
    return _quota(_campaign(campaign_code), collector_id, None)


@blueprint.post("/collectors/<int:collector_id>/quota")
@allow(*MANAGE)
@commits
def set_quota(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """Set, change or lift the quota of a door."""
    campaign, form = _campaign(campaign_code), QuotaForm()
    if not form.validate_on_submit():
        return _quota(campaign, collector_id, form), 422
    now, who = clock.now(), actor().person_id
    try:
        quotas.set_quota(session(), campaign, collector_id, form.quota.data, now=now, person_id=who)
    except NotFound:
        raise
    except AppError as refused:
        form.quota.errors = [refused.message(language())]
        return _quota(campaign, collector_id, form), refused.status
    return _to(campaign_code, "/collectors")


@blueprint.get("/reminders")
@allow(*READ)
def reminders(campaign_code: str) -> ResponseReturnValue:
    """Texts that go to everybody, for each audience and way in that this campaign has."""
    campaign = _campaign(campaign_code)
    rows = campaigns.collectors(session(), campaign.id)
    ways = [(audience, tier) for audience, tier in dict.fromkeys((row.audience, row.tier) for row in rows)]
    today = clock.today(campaign.timezone)
    return render_template(
        "fieldwork/reminders.html",
        campaign=campaign,
        demo=campaign.demo,
        ways=ways,
        days_left=(campaign.closes - today).days + 1,
        domain=urlsplit(installation().config.public_url).netloc,
    )


def _campaign(code: str) -> Campaign:
    return campaigns.campaign(session(), code, actor().agency_id)


def _to(campaign_code: str, rest: str) -> ResponseReturnValue:
    return redirect(f"/office/campaigns/{campaign_code}{rest}", 303)


def _may(roles: tuple[Role, ...], campaign: Campaign) -> bool:
    return actor().holds(frozenset(roles), campaign.code)


def _movement(campaign: Campaign, entry_id: int, form: CorrectionForm) -> str:
    return render_template(
        "fieldwork/movement.html",
        campaign=campaign,
        demo=campaign.demo,
        found=queries.movement(session(), campaign.id, entry_id),
        form=form,
        may_manage=_may(MANAGE, campaign),
    )


def _counts(
    campaign: Campaign,
    *,
    template: str = "fieldwork/counts.html",
    refused_door: int | None = None,
    count: CountForm | None = None,
    waiver: WaiverForm | None = None,
) -> str:
    rows = [row for row in campaigns.collectors(session(), campaign.id) if row.cards.standing]
    ids = [row.id for row in rows]
    return render_template(
        template,
        campaign=campaign,
        demo=campaign.demo,
        rows=rows,
        recorded=counting.recorded(session(), ids),
        standing=counting.standing(session(), ids),
        waivers=counting.waivers(session(), campaign.id),
        names=accounts.names(session()),
        refused_door=refused_door,
        form=count or CountForm(formdata=None),
        waiver_form=waiver or WaiverForm(formdata=None),
        may_count=_may(COUNT, campaign),
        may_waive=_may((Role.LEAD_EVALUATOR,), campaign),
    )


def _quota(campaign: Campaign, collector_id: int, form: QuotaForm | None) -> str:
    door = campaigns.collector(session(), campaign.id, collector_id)
    return render_template(
        "fieldwork/quota.html",
        campaign=campaign,
        demo=campaign.demo,
        door=door,
        stored=queries.stored_at_least(session(), campaign, collector_id),
        form=form or QuotaForm(formdata=None, quota=door.quota),
    )
