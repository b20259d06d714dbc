"""Score pages for evaluators: compute, read, confirm, download. Every page and file reads one stored snapshot."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from io import BytesIO

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from survey_app import clock
from survey_app.accounts.rules import Role
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries import campaigns
from survey_app.errors import AppError, NotFound
from survey_app.scores.export import document, table, workbook
from survey_app.scores.export.content import Content
from survey_app.scores.forms import ConfirmForm, HoldForm
from survey_app.scores.operations import compute, deciding
from survey_app.scores.queries import (
    answer_quality,
    detail,
    display,
    insights,
    scales,
    snapshots,
    standings,
    trends,
    waves,
)
from survey_app.scores.queries.names import Names, names
from survey_app.scores.queries.snapshots import Snapshot
from survey_app.scores.rules import words
from survey_app.scores.rules.confirming import Decision
from survey_app.scores.rules.errors import NoEarlierWave
from survey_app.scores.rules.open_answers import readable
from survey_app.web.access import actor, allow
from survey_app.web.installation import installation
from survey_app.web.language import language
from survey_app.web.session import commits, session

blueprint = Blueprint("scores", __name__, url_prefix="/office/campaigns/<campaign_code>/scores")

_READERS = (Role.EVALUATOR, Role.LEAD_EVALUATOR, Role.APPROVER, Role.AUDITOR)
_DECIDERS = (Role.EVALUATOR, Role.LEAD_EVALUATOR)


@dataclass(frozen=True)
class _Page:
    """What every score page is about."""

    campaign: Campaign
    snapshot: Snapshot
    names: Names

    def context(self) -> dict[str, object]:
        """What every template of these pages needs."""
        newest = snapshots.rows(session(), self.campaign.id)[0].number
        return {
            "campaign": self.campaign,
            "snapshot": self.snapshot,
            "names": self.names,
            "newest": newest,
            "demo": self.campaign.demo,
            "words": words,
            "display": display,
            "may_compute": _may(_DECIDERS, self.campaign),
            "may_hold": _may((Role.LEAD_EVALUATOR,), self.campaign),
        }


@blueprint.get("")
@allow(*_READERS)
def overview(campaign_code: str) -> ResponseReturnValue:
    """Units by indicators, of the newest snapshot or of the one asked for."""
    campaign = _campaign(campaign_code)
    if not snapshots.rows(session(), campaign.id):
        return render_template(
            "scores/none.html",
            campaign=campaign,
            demo=campaign.demo,
            may_compute=_may(_DECIDERS, campaign),
            earlier_waves=_earlier_waves(campaign),
        )
    page = _page(campaign, request.args.get("number", type=int), _roles(campaign))
    category = request.args.get("category") or None
    decided = snapshots.confirmations(session(), campaign.id)
    return render_template(
        "scores/overview.html",
        **page.context(),
        rows=display.unit_rows(page.snapshot, page.names, decided, category),
        categories=display.categories(page.snapshot),
        category=category,
        snapshots=snapshots.rows(session(), campaign.id),
        comparisons=standings.comparisons(page.snapshot, page.names, category),
        trends=trends.trends(page.snapshot, page.names, category),
        earlier_waves=_earlier_waves(campaign),
        quality=answer_quality.quality_blocks(page.snapshot, page.names),
        scales=scales.overall_rows(page.snapshot, page.names),
        severities=insights.severities(page.snapshot, page.names),
        drivers=insights.drivers(page.snapshot, page.names),
        suspicions=insights.suspicions(page.snapshot, page.names),
    )


@blueprint.post("")
@allow(*_DECIDERS)
@commits
def compute_scores(campaign_code: str) -> ResponseReturnValue:
    """Compute a snapshot, compared with an earlier campaign if one was chosen.

    Reading happens in short transactions of its own, so that nobody who answers has to wait.
    """
    against = request.form.get("against") or None
    with installation().database.reading() as reading:
        campaign = campaigns.campaign(reading, campaign_code, actor().agency_id)
        against_id = None if against is None else _against(campaign, against)
        computed = compute.compute(reading, campaign.id, against_id)
    compute.keep(session(), computed, clock.now(), actor().person_id)
    return redirect(url_for("scores.overview", campaign_code=campaign_code), 303)


@blueprint.get("/<int:number>/units/<unit_code>")
@allow(*_READERS)
def unit(campaign_code: str, number: int, unit_code: str) -> ResponseReturnValue:
    """One unit in full."""
    return _unit_page(_of_unit(campaign_code, number), unit_code, ConfirmForm(), HoldForm(), 200)


@blueprint.post("/<int:number>/units/<unit_code>/confirm")
@allow(*_DECIDERS)
@commits
def confirm(campaign_code: str, number: int, unit_code: str) -> ResponseReturnValue:
    """Confirm or adjust one suggested score."""
    page, form = _of_unit(campaign_code, number), ConfirmForm()
    if not form.validate_on_submit():
        return _unit_page(page, unit_code, form, HoldForm(formdata=None), 422)
    decision = Decision(points=float(form.points.data or 0), reason=form.reason.data or "")
    roles = _roles(page.campaign)
    try:
        deciding.confirm(
            session(),
            snapshots.stored(session(), page.campaign.id, number),
            unit_code,
            form.indicator.data or "",
            decision,
            now=clock.now(),
            person_id=actor().person_id,
            roles=roles,
        )
    except AppError as refused:
        form.points.errors = [refused.message(language())]
        return _unit_page(page, unit_code, form, HoldForm(formdata=None), refused.status)
    return _back_to_unit(campaign_code, number, unit_code)


@blueprint.post("/<int:number>/units/<unit_code>/hold")
@allow(Role.LEAD_EVALUATOR)
@commits
def hold(campaign_code: str, number: int, unit_code: str) -> ResponseReturnValue:
    """Record a proven case of guiding or filling in for others."""
    return _hold(campaign_code, number, unit_code, deciding.hold)


@blueprint.post("/<int:number>/units/<unit_code>/lift")
@allow(Role.LEAD_EVALUATOR)
@commits
def lift(campaign_code: str, number: int, unit_code: str) -> ResponseReturnValue:
    """Take a recorded case back."""
    return _hold(campaign_code, number, unit_code, deciding.lift)


@blueprint.get("/<int:number>/provenance")
@allow(*_READERS)
def provenance(campaign_code: str, number: int) -> ResponseReturnValue:
    """Where the numbers come from, and how to compute them again."""
    page = _page(_campaign(campaign_code), number)
    return render_template("scores/provenance.html", **page.context())


@blueprint.get("/<int:number>/scores.xlsx")
@allow(*_READERS)
def as_workbook(campaign_code: str, number: int) -> ResponseReturnValue:
    """The snapshot as an Excel workbook."""
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file(campaign_code, number, "xlsx", media, workbook.workbook)


@blueprint.get("/<int:number>/scores.csv")
@allow(*_READERS)
def as_csv(campaign_code: str, number: int) -> ResponseReturnValue:
    """The snapshot as a table, one row a unit and indicator."""
    return _file(campaign_code, number, "csv", "text/csv", table.csv_bytes)


@blueprint.get("/<int:number>/scores.json")
@allow(*_READERS)
def as_json(campaign_code: str, number: int) -> ResponseReturnValue:
    """The snapshot as JSON, with its provenance."""
    return _file(campaign_code, number, "json", "application/json", document.json_bytes)


def _campaign(code: str) -> Campaign:
    return campaigns.campaign(session(), code, actor().agency_id)


def _page(campaign: Campaign, number: int | None, roles: Collection[str] = (), words_of: Collection[str] = ()) -> _Page:
    snapshot = snapshots.snapshot(
        session(), campaign.id, number, roles=roles, words_of=words_of, may_see=_may_see_scores
    )
    return _Page(campaign, snapshot, names(session(), snapshot.document, language()))


def _of_unit(campaign_code: str, number: int) -> _Page:
    """Only the page of one unit shows what is restricted to roles, and people's own words: files are passed on."""
    campaign = _campaign(campaign_code)
    return _page(campaign, number, _roles(campaign), readable(outside_office=actor().agency_id is not None))


def _roles(campaign: Campaign) -> list[str]:
    return [str(role) for role in Role if _may((role,), campaign)]


def _may(roles: tuple[Role, ...], campaign: Campaign) -> bool:
    return actor().holds(frozenset(str(role) for role in roles), campaign.code)


def _earlier_waves(campaign: Campaign) -> list[waves.EarlierWave]:
    """The earlier campaigns whose scores this person may read, for whoever may compute."""
    if not _may(_DECIDERS, campaign):
        return []
    found = waves.earlier_waves(session(), campaign, actor().agency_id)
    return [wave for wave in found if _reads(wave.code)]


def _against(campaign: Campaign, code: str) -> int:
    """The id of a campaign that was chosen. Raises NoEarlierWave, in the same words for one that may not be seen."""
    for wave in _earlier_waves(campaign):
        if wave.code == code:
            return wave.id
    raise NoEarlierWave(campaign=code)


def _may_see_scores(campaign_code: str) -> bool:
    """Whether this person may read the scores of a campaign: a role in it, and within their agency's scope."""
    if not _reads(campaign_code):
        return False
    try:
        _campaign(campaign_code)
    except NotFound:
        return False
    return True


def _reads(campaign_code: str) -> bool:
    return actor().holds(frozenset(str(role) for role in _READERS), campaign_code)


def _unit_page(
    page: _Page, unit_code: str, form: ConfirmForm, hold_form: HoldForm, status: int, *, lifting: bool = False
) -> ResponseReturnValue:
    """lifting: the hold form was sent to take a recorded case back."""
    decided = snapshots.confirmations(session(), page.campaign.id)
    rendered = render_template(
        "scores/unit.html",
        **page.context(),
        unit=detail.unit_detail(page.snapshot, page.names, decided, unit_code),
        trends=trends.of_unit(page.snapshot, page.names, unit_code),
        words_kept_in_office=actor().agency_id is not None,
        holds=[held for held in snapshots.holds(session(), page.campaign.id) if held.unit == unit_code],
        form=form,
        hold_form=hold_form,
        lifting=lifting,
    )
    return rendered, status


def _hold(campaign_code: str, number: int, unit_code: str, act: Callable[..., object]) -> ResponseReturnValue:
    page, form = _of_unit(campaign_code, number), HoldForm()
    if not form.validate_on_submit():
        lifting = act is deciding.lift
        return _unit_page(page, unit_code, ConfirmForm(formdata=None), form, 422, lifting=lifting)
    act(
        session(),
        page.campaign,
        unit_code,
        form.audience.data or "",
        form.reason.data or "",
        now=clock.now(),
        person_id=actor().person_id,
    )
    return _back_to_unit(campaign_code, number, unit_code)


def _back_to_unit(campaign_code: str, number: int, unit_code: str) -> ResponseReturnValue:
    return redirect(url_for("scores.unit", campaign_code=campaign_code, number=number, unit_code=unit_code), 303)


def _file(
    campaign_code: str, number: int, kind: str, media: str, write: Callable[[Content], bytes]
) -> ResponseReturnValue:
    page = _page(_campaign(campaign_code), number)
    made = write(
        Content(
            page.snapshot,
            page.names,
            snapshots.confirmed(session(), page.snapshot),
            timezone=page.campaign.timezone,
            demo=page.campaign.demo,
        )
    )
    name = f"{campaign_code}-{number}.{kind}"
    return send_file(BytesIO(made), mimetype=media, as_attachment=True, download_name=name, max_age=0)
