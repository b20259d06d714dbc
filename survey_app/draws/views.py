"""Office pages of draws: announcing, drawing, and the certificate that anybody can check."""

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from survey_app import clock
from survey_app.accounts import queries as accounts
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries import campaigns
from survey_app.draws import operations, queries
from survey_app.draws.forms import AnnounceForm, PerformForm
from survey_app.errors import AppError, BadInput
from survey_app.fieldwork.views import MANAGE, READ
from survey_app.web.access import actor, allow
from survey_app.web.language import language
from survey_app.web.session import commits, session

blueprint = Blueprint("draws", __name__, url_prefix="/office/campaigns/<campaign_code>/draws")


@blueprint.get("")
@allow(*READ)
def overview(campaign_code: str) -> ResponseReturnValue:
    """Every draw of a campaign, and the form that announces another."""
    return _overview(_campaign(campaign_code), AnnounceForm(formdata=None))


@blueprint.post("")
@allow(*MANAGE)
@commits
def announce(campaign_code: str) -> ResponseReturnValue:
    """Record what will be drawn before the seed is known."""
    campaign, form = _campaign(campaign_code), AnnounceForm()
    if not form.validate_on_submit():
        return _overview(campaign, form), 422
    assert form.wanted.data is not None  # needed by the form
    name, data = form.given()
    column = (form.stratum_column.data or "").strip() or None
    try:
        made = operations.announce(
            session(),
            campaign,
            operations.read_draw_list(name, data, column),
            wanted=form.wanted.data,
            stratum_column=column,
            purpose=form.purpose.data or "",
            seed_hash=form.seed_hash.data or "",
            seed_source=form.seed_source.data or "",
            now=clock.now(),
            person_id=actor().person_id,
        )
    except BadInput as refused:
        return _overview(campaign, form, refused.findings), 422
    except AppError as refused:
        # Said on the form, so that nothing that was typed is lost.
        form.form_errors.append(refused.message(language()))
        return _overview(campaign, form), refused.status
    return redirect(f"/office/campaigns/{campaign_code}/draws/{made.number}", 303)


@blueprint.get("/<int:number>")
@allow(*READ)
def record(campaign_code: str, number: int) -> ResponseReturnValue:
    """One draw: what was announced, and what was drawn. Printed, it is the certificate."""
    return _record(_campaign(campaign_code), number, PerformForm(formdata=None))


@blueprint.post("/<int:number>")
@allow(*MANAGE)
@commits
def perform(campaign_code: str, number: int) -> ResponseReturnValue:
    """Draw, with the announced list and the seed."""
    campaign, form = _campaign(campaign_code), PerformForm()
    if not form.validate_on_submit():
        return _record(campaign, number, form), 422
    name, data = form.given()
    now, who = clock.now(), actor().person_id
    try:
        operations.perform(session(), campaign, number, name, data, seed=form.seed.data or "", now=now, person_id=who)
    except BadInput as refused:
        return _record(campaign, number, form, refused.findings), 422
    except AppError as refused:
        form.form_errors.append(refused.message(language()))
        return _record(campaign, number, form), refused.status
    return redirect(f"/office/campaigns/{campaign_code}/draws/{number}", 303)


def _campaign(code: str) -> Campaign:
    return campaigns.campaign(session(), code, actor().agency_id)


def _overview(campaign: Campaign, form: AnnounceForm, findings: list[object] | None = None) -> str:
    return render_template(
        "draws/overview.html",
        campaign=campaign,
        demo=campaign.demo,
        draws=queries.sample_draws(session(), campaign.id),
        form=form,
        findings=findings or [],
        may_manage=_may_manage(campaign),
    )


def _record(campaign: Campaign, number: int, form: PerformForm, findings: list[object] | None = None) -> str:
    found = queries.sample_draw(session(), campaign.id, number)
    return render_template(
        "draws/record.html",
        campaign=campaign,
        demo=campaign.demo,
        found=found,
        shares=queries.shares_of(found),
        rows=queries.drawn_rows(found),
        names=accounts.names(session()),
        form=form,
        findings=findings or [],
        may_manage=_may_manage(campaign),
    )


def _may_manage(campaign: Campaign) -> bool:
    return actor().holds(frozenset(MANAGE), campaign.code)
