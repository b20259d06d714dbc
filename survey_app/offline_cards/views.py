"""Office pages of cards that an agency makes on its own machine: the order to take there, the hashes to bring back."""

from flask import Blueprint, Response, redirect, render_template
from flask.typing import ResponseReturnValue

from survey_app import clock
from survey_app.accounts.rules import Role
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries import campaigns
from survey_app.errors import AppError, BadInput
from survey_app.offline_cards import rules
from survey_app.offline_cards.forms import HashesForm
from survey_app.offline_cards.operations.importing import hand_in
from survey_app.offline_cards.operations.ordering import card_order
from survey_app.web.access import actor, allow
from survey_app.web.installation import installation
from survey_app.web.language import language
from survey_app.web.session import commits, session

blueprint = Blueprint("offline_cards", __name__, url_prefix="/office/campaigns/<campaign_code>/offline-cards")

MANAGE = (Role.ADMINISTRATOR, Role.DESIGNER, Role.LEAD_EVALUATOR)


@blueprint.get("")
@allow(*MANAGE)
def page(campaign_code: str) -> ResponseReturnValue:
    """How cards are made elsewhere, step by step."""
    return _page(_campaign(campaign_code), HashesForm(formdata=None))


@blueprint.get("/order.json")
@allow(*MANAGE)
def order(campaign_code: str) -> ResponseReturnValue:
    """The order as a file."""
    campaign = _campaign(campaign_code)
    data = rules.written(card_order(session(), campaign, installation().config.public_url))
    disposition = f'attachment; filename="{campaign.code}-order.json"'
    return Response(data, mimetype="application/json", headers={"Content-Disposition": disposition})


@blueprint.post("")
@allow(*MANAGE)
@commits
def import_hashes(campaign_code: str) -> ResponseReturnValue:
    """Judge a hashes file and hand its import to the background."""
    campaign, form = _campaign(campaign_code), HashesForm()
    if not form.validate_on_submit():
        return _page(campaign, form), 422
    try:
        file = rules.read_hashes(form.file.data.stream.read(), form.file.data.filename)
        url, who = installation().config.public_url, actor().person_id
        hand_in(session(), campaign, file, url, now=clock.now(), person_id=who)
    except BadInput as refused:
        return _page(campaign, form, refused.findings), 422
    except AppError as refused:
        form.file.errors = [refused.message(language())]
        return _page(campaign, form), refused.status
    return redirect(f"/office/campaigns/{campaign_code}/jobs", 303)


def _campaign(code: str) -> Campaign:
    return campaigns.campaign(session(), code, actor().agency_id)


def _page(campaign: Campaign, form: HashesForm, findings: list[object] | None = None) -> str:
    return render_template(
        "offline_cards/offline_cards.html",
        campaign=campaign,
        demo=campaign.demo,
        form=form,
        findings=findings or [],
    )
