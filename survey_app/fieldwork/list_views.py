"""Office pages of a named list: importing it, making invitations, marking cards taken, and its certificate.

Names are seen by those who run the fieldwork only; who fetched a credential is shown to nobody.
"""

from collections.abc import Iterator

from flask import Response, current_app, redirect, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from survey_app import clock
from survey_app.accounts import queries as accounts
from survey_app.campaigns.export import qr
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries import campaigns
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.errors import AppError, BadInput, NotFound
from survey_app.fieldwork.export import invitations as export
from survey_app.fieldwork.forms import CardTakenForm, LinksForm, ListForm
from survey_app.fieldwork.operations import named_lists
from survey_app.fieldwork.views import MANAGE, READ, blueprint
from survey_app.invitations import queries as invitations
from survey_app.invitations.rules.blind_rsa import fingerprint
from survey_app.invitations.rules.lists import CardTakenAlready, HasCredential, Invitation
from survey_app.web.access import actor, allow
from survey_app.web.installation import installation
from survey_app.web.language import _, language
from survey_app.web.session import commits, session

_ROWS_A_PAGE = 100


@blueprint.get("/collectors/<int:collector_id>/list")
@allow(*MANAGE)
def named_list(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """The list of one door: its sums, its people a page at a time, and what can be done with it."""
    return _list_page(_campaign(campaign_code), collector_id)


@blueprint.post("/collectors/<int:collector_id>/list")
@allow(*MANAGE)
@commits
def import_list(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """Import a list, in the place of any that was there."""
    campaign, form = _campaign(campaign_code), ListForm()
    if not form.validate_on_submit():
        return _list_page(campaign, collector_id, upload=form), 422
    name, data = form.given()
    now, who = clock.now(), actor().person_id
    try:
        named_lists.import_list(session(), campaign, collector_id, name, data, now=now, person_id=who)
    except BadInput as refused:
        return _list_page(campaign, collector_id, upload=form, findings=refused.findings), 422
    return _to_list(campaign_code, collector_id)


@blueprint.post("/collectors/<int:collector_id>/list/discard")
@allow(*MANAGE)
@commits
def discard_list(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """Delete a list before its campaign opens."""
    campaign = _campaign(campaign_code)
    named_lists.discard_list(session(), campaign, collector_id, now=clock.now(), person_id=actor().person_id)
    return _to_list(campaign_code, collector_id)


@blueprint.post("/collectors/<int:collector_id>/list/links")
@allow(*MANAGE)
@commits
def make_links(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """Make personal links and answer with the letters or the file: the only time that they are seen."""
    campaign, form = _campaign(campaign_code), LinksForm()
    if not form.validate_on_submit():
        raise NotFound(what="kind")
    door = campaigns.collector(session(), campaign.id, collector_id)
    now, who = clock.now(), actor().person_id
    made = named_lists.make_links(session(), campaign, collector_id, renew=form.renew.data, now=now, person_id=who)
    public = invitations.public_key(session(), collector_id)
    printed = fingerprint(public) if public is not None else ""
    if form.kind.data == "letters":
        return _letters(campaign, door, made, printed)
    return _mail_merge(campaign, door, made, printed)


@blueprint.post("/collectors/<int:collector_id>/list/card")
@allow(*MANAGE)
@commits
def take_card(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """Mark that a person takes a card, before it is handed over."""
    campaign, form = _campaign(campaign_code), CardTakenForm()
    if not form.validate_on_submit() or form.position.data is None:
        return _list_page(campaign, collector_id, card=form), 422
    position, now, who = form.position.data, clock.now(), actor().person_id
    try:
        named_lists.take_card(session(), campaign, collector_id, position, now=now, person_id=who)
    except (HasCredential, CardTakenAlready, NotFound) as refused:
        # Said on the form, with the number still in it.
        form.position.errors = [_card_refused(refused)]
        return _list_page(campaign, collector_id, card=form), refused.status
    return _to_list(campaign_code, collector_id, f"?from={max(1, position - 5)}")


@blueprint.get("/collectors/<int:collector_id>/list/certificate")
@allow(*READ)
def certificate(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """That the list was destroyed: by whom, when, how many rows, which file, and what remains."""
    campaign = _campaign(campaign_code)
    door = campaigns.collector(session(), campaign.id, collector_id)
    kept = invitations.lists(session(), [collector_id]).get(collector_id)
    if kept is None or kept.destroyed_at is None:
        raise NotFound(what=f"certificate {collector_id}")
    return render_template(
        "fieldwork/certificate.html",
        campaign=campaign,
        demo=campaign.demo,
        door=door,
        kept=kept,
        fingerprint=fingerprint(kept.public_key) if kept.public_key is not None else None,
        names=accounts.names(session()),
    )


def _campaign(code: str) -> Campaign:
    return campaigns.campaign(session(), code, actor().agency_id)


def _to_list(campaign_code: str, collector_id: int, rest: str = "") -> ResponseReturnValue:
    return redirect(f"/office/campaigns/{campaign_code}/collectors/{collector_id}/list{rest}", 303)


def _card_refused(refused: AppError) -> str:
    return _("名单中没有这一行。") if isinstance(refused, NotFound) else refused.message(language())


def _list_page(
    campaign: Campaign,
    collector_id: int,
    *,
    upload: ListForm | None = None,
    findings: list[object] | None = None,
    card: CardTakenForm | None = None,
) -> str:
    """The page of one list; a refused form is shown again with its faults."""
    door = campaigns.collector(session(), campaign.id, collector_id)
    if door.tier != "T2":
        raise NotFound(what=f"list {collector_id}")
    asked = request.args.get("from", "1")
    start = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 8 else 1
    kept = invitations.lists(session(), [collector_id]).get(collector_id)
    shown = invitations.people(session(), collector_id, start=start, most=_ROWS_A_PAGE + 1)
    counts = None if kept is None else kept.counts
    if counts is not None and campaign.state != "closed":
        counts = counts.in_steps()
    return render_template(
        "fieldwork/list.html",
        campaign=campaign,
        demo=campaign.demo,
        door=door,
        kept=kept,
        counts=counts,
        card_taken=kept.counts.card_taken if kept else 0,
        lacking=invitations.without_link(session(), collector_id),
        fingerprint=fingerprint(kept.public_key) if kept and kept.public_key is not None else None,
        people=shown[:_ROWS_A_PAGE],
        start=start,
        following=shown[_ROWS_A_PAGE].position if len(shown) > _ROWS_A_PAGE else None,
        before=max(1, start - _ROWS_A_PAGE),
        upload=upload or ListForm(formdata=None),
        findings=findings or [],
        links=LinksForm(formdata=None),
        card=card or CardTakenForm(formdata=None),
    )


def _letters(campaign: Campaign, door: CollectorRow, made: list[Invitation], printed: str) -> Response:
    """The letters as one stream. The links are committed before its first byte; only this answer holds the secrets."""
    public_url = installation().config.public_url
    stream = current_app.jinja_env.get_template("fieldwork/letters.html").stream(
        campaign=campaign,
        door=door,
        pages=export.letters(made, public_url),
        count=len(made),
        fingerprint=printed,
        domain=qr.domain(public_url),
        path=export.typed_path(public_url),
    )
    stream.enable_buffering(100)
    return Response(stream_with_context(iter(stream)), mimetype="text/html")


def _mail_merge(campaign: Campaign, door: CollectorRow, made: list[Invitation], printed: str) -> Response:
    def lines() -> Iterator[str]:
        yield from export.mail_merge(made, installation().config.public_url, printed)

    name = f"{campaign.code}-{door.id}-invitations.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(stream_with_context(lines()), mimetype="text/csv", headers=headers)
