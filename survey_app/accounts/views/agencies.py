"""Agencies and their mandates, for administrators; the declaration of no conflict of interest, for the agencies."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from survey_app import clock
from survey_app.accounts import queries
from survey_app.accounts.forms import AgencyForm, DeclarationForm, EngagementForm
from survey_app.accounts.operations import agencies as acts
from survey_app.accounts.queries import EngagementRow
from survey_app.accounts.rules import Role
from survey_app.accounts.views.frame import blueprint, campaign_choices, me
from survey_app.errors import AppError
from survey_app.web.access import allow, signed_in
from survey_app.web.language import language
from survey_app.web.session import commits, session


@blueprint.get("/agencies")
@allow(Role.ADMINISTRATOR)
def agencies() -> ResponseReturnValue:
    """Every agency, and the form for another."""
    return _list_page(AgencyForm(), 200)


def _list_page(form: AgencyForm, status: int) -> tuple[str, int]:
    mandates = queries.engagements(session(), clock.now())
    found = queries.agencies(session())
    return render_template("accounts/agencies.html", agencies=found, mandates=mandates, form=form), status


@blueprint.post("/agencies")
@allow(Role.ADMINISTRATOR)
@commits
def new_agency() -> ResponseReturnValue:
    """Register an agency."""
    form = AgencyForm()
    if not form.validate_on_submit():
        return _list_page(form, 422)
    try:
        made = acts.create_agency(session(), clock.now(), me().person_id, str(form.name.data))
    except AppError as refused:
        session().rollback()
        form.name.errors = [refused.message(language())]
        return _list_page(form, refused.status)
    return redirect(f"/office/agencies/{made.id}", 303)


@blueprint.get("/agencies/<int:agency_id>")
@allow(Role.ADMINISTRATOR)
def agency(agency_id: int) -> ResponseReturnValue:
    """One agency: its people, its mandates, the form for another mandate."""
    return _page(agency_id, _mandate_form(agency_id), 200)


def _page(agency_id: int, form: EngagementForm, status: int) -> tuple[str, int]:
    body = render_template(
        "accounts/agency.html",
        agency=queries.agency(session(), agency_id),
        mandates=queries.engagements(session(), clock.now(), agency_id),
        people=[person for person in queries.people(session()) if person.agency_id == agency_id],
        form=form,
    )
    return body, status


def _mandate_form(agency_id: int) -> EngagementForm:
    form = EngagementForm()
    form.campaign.choices = campaign_choices(agency_id)
    return form


@blueprint.post("/agencies/<int:agency_id>/engagements")
@allow(Role.ADMINISTRATOR)
@commits
def engage(agency_id: int) -> ResponseReturnValue:
    """Give a mandate, or change the dates of one."""
    form = _mandate_form(agency_id)
    if not form.validate_on_submit():
        return _page(agency_id, form, 422)
    assert form.starts.data is not None and form.ends.data is not None  # both are needed by the form
    acts.engage(
        session(),
        clock.now(),
        me().person_id,
        agency_id,
        campaign_code=str(form.campaign.data),
        starts=form.starts.data,
        ends=form.ends.data,
    )
    return redirect(f"/office/agencies/{agency_id}", 303)


@blueprint.get("/declarations")
@signed_in
def declarations() -> ResponseReturnValue:
    """The mandates of one's own agency; people of the commissioning office have none."""
    agency_id = me().agency_id
    mandates = queries.engagements(session(), clock.now(), agency_id) if agency_id is not None else []
    return render_template("accounts/declarations.html", mandates=mandates)


@blueprint.get("/declarations/<int:engagement_id>")
@signed_in
def declaration(engagement_id: int) -> ResponseReturnValue:
    """The text to read and sign, or as it was signed."""
    return _declaration_page(_own_mandate(engagement_id), DeclarationForm(), 200)


def _own_mandate(engagement_id: int) -> EngagementRow:
    return queries.engagement_of(session(), clock.now(), me().agency_id, engagement_id)


def _declaration_page(row: EngagementRow, form: DeclarationForm, status: int) -> tuple[str, int]:
    translation = render_template("accounts/declaration.en.txt", row=row)
    text = _text(row)
    form.text = text
    form.read.data = form.digest()
    page = render_template("accounts/declaration.html", row=row, text=text, translation=translation, form=form)
    return page, status


def _text(row: EngagementRow) -> str:
    """What is signed: kept once signed, otherwise today's wording for this agency, campaign and signer."""
    if row.engagement.declaration is not None:
        return row.engagement.declaration
    return render_template("accounts/declaration.txt", row=row, signer=me().name)


@blueprint.post("/declarations/<int:engagement_id>")
@signed_in
@commits
def sign_declaration(engagement_id: int) -> ResponseReturnValue:
    """Sign: who, when and the text are kept."""
    row, form = _own_mandate(engagement_id), DeclarationForm()
    form.own_name, form.text = me().name, _text(row)
    if not form.validate_on_submit():
        return _declaration_page(row, form, 422)
    acts.sign_declaration(
        session(),
        clock.now(),
        me().person_id,
        agency_id=row.engagement.agency_id,
        engagement_id=engagement_id,
        text=form.text,
    )
    return redirect(f"/office/declarations/{engagement_id}", 303)
