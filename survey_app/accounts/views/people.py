"""People and their roles, for administrators.

An initial password is shown on the answer to the very request that made it, and nowhere else, ever.
"""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from survey_app import clock
from survey_app.accounts import queries
from survey_app.accounts.forms import PersonForm, RoleForm, role_choices
from survey_app.accounts.models import Person
from survey_app.accounts.operations import people as acts
from survey_app.accounts.operations.passwords import passwords
from survey_app.accounts.operations.sign_in import end_sessions, forget_failures, tried_name
from survey_app.accounts.rules import Fault, Role, initial_password
from survey_app.accounts.views.frame import blueprint, campaign_choices, idle, me, row_number
from survey_app.errors import AppError, BadInput
from survey_app.web.access import allow
from survey_app.web.installation import installation
from survey_app.web.language import _, language
from survey_app.web.session import commits, session


@blueprint.get("/people")
@allow(Role.ADMINISTRATOR)
def people() -> ResponseReturnValue:
    """Everybody, with their roles."""
    return render_template(
        "accounts/people.html",
        people=queries.people(session()),
        roles=queries.roles_by_person(session(), clock.now()),
        agencies={agency.id: agency.name for agency in queries.agencies(session())},
    )


@blueprint.get("/people/new")
@allow(Role.ADMINISTRATOR)
def new_person_page() -> ResponseReturnValue:
    """The empty form."""
    return _new_page(_form(), 200)


@blueprint.post("/people/new")
@allow(Role.ADMINISTRATOR)
def new_person() -> ResponseReturnValue:
    """Make an account and show its initial password."""
    form, password = _form(), initial_password()
    if not form.validate_on_submit():
        return _new_page(form, 422)
    try:
        person_id = _make(form, passwords(installation().config).hash(password))
    except BadInput as refused:
        form.login.errors = [fault.message(language()) for fault in refused.findings if isinstance(fault, Fault)]
        return _new_page(form, refused.status)
    except AppError as refused:
        form.login.errors = [refused.message(language())]
        return _new_page(form, refused.status)
    return _shown_once(person_id, password)


@commits
def _make(form: PersonForm, password_hash: str) -> int:
    by, now = me().person_id, clock.now()
    made = acts.create_person(
        session(),
        now,
        by,
        login=str(form.login.data),
        name=str(form.name.data),
        password_hash=password_hash,
        password_is_initial=True,
        agency_id=form.agency.data or None,
    )
    if form.role.data:
        acts.grant(session(), now, by, made.id, role=Role(form.role.data), campaign_code=None)
    return made.id


def _form() -> PersonForm:
    form = PersonForm()
    commissioning = (0, _("编办（委托方）"))
    form.agency.choices = [commissioning] + [(agency.id, agency.name) for agency in queries.agencies(session())]
    form.role.choices = role_choices(campaign_roles=False, first=_("暂不授予"))
    return form


def _new_page(form: PersonForm, status: int) -> tuple[str, int]:
    session().rollback()
    return render_template("accounts/person_new.html", form=form), status


def _shown_once(person_id: int, password: str) -> str:
    person = queries.person(session(), person_id)
    return render_template("accounts/password_once.html", person=person, password=password)


@blueprint.get("/people/<int:person_id>")
@allow(Role.ADMINISTRATOR)
def person(person_id: int) -> ResponseReturnValue:
    """One account: roles, sign-ins, what an administrator can do."""
    return _page(person_id, _role_form(person_id), 200)


def _page(person_id: int, form: RoleForm, status: int) -> tuple[str, int]:
    now, found = clock.now(), queries.person(session(), person_id)
    body = render_template(
        "accounts/person.html",
        person=found,
        agency=queries.agency(session(), found.agency_id) if found.agency_id is not None else None,
        roles=queries.roles_of(session(), now, person_id),
        sessions=queries.sessions_of(session(), person_id, now, idle()),
        blocked=queries.block_of(session(), _tried_name(found), now),
        form=form,
    )
    return body, status


def _tried_name(person: Person) -> bytes:
    return tried_name(installation().config.secret, person.login)


def _refused(person_id: int, form: RoleForm, error: AppError) -> tuple[str, int]:
    session().rollback()
    form.form_errors.append(error.message(language()))
    return _page(person_id, form, error.status)


def _role_form(person_id: int) -> RoleForm:
    agency_id = queries.person(session(), person_id).agency_id
    form = RoleForm()
    form.role.choices = role_choices(of_agency=agency_id is not None)
    everywhere = [] if agency_id is not None else [("", _("全系统（管理员、审计员）"))]
    form.campaign.choices = everywhere + campaign_choices(agency_id)
    return form


@blueprint.post("/people/<int:person_id>/roles")
@allow(Role.ADMINISTRATOR)
@commits
def give_role(person_id: int) -> ResponseReturnValue:
    """A role in a campaign, or in the whole installation."""
    form = _role_form(person_id)
    if not form.validate_on_submit():
        return _page(person_id, form, 422)
    try:
        acts.grant(
            session(),
            clock.now(),
            me().person_id,
            person_id,
            role=Role(form.role.data),
            campaign_code=form.campaign.data or None,
        )
    except AppError as refused:
        return _refused(person_id, form, refused)
    return redirect(f"/office/people/{person_id}", 303)


@blueprint.post("/people/<int:person_id>/roles/end")
@allow(Role.ADMINISTRATOR)
@commits
def take_role(person_id: int) -> ResponseReturnValue:
    """Take one role (`membership`) away."""
    membership = row_number(request.form.get("membership")) or 0
    try:
        acts.revoke(session(), clock.now(), me().person_id, person_id, membership)
    except AppError as refused:
        return _refused(person_id, _role_form(person_id), refused)
    return redirect(f"/office/people/{person_id}", 303)


@blueprint.post("/people/<int:person_id>/active")
@allow(Role.ADMINISTRATOR)
@commits
def set_active(person_id: int) -> ResponseReturnValue:
    """Switch the account on (`active` 1) or off; off ends its sign-ins."""
    wanted = request.form.get("active") == "1"
    try:
        acts.set_active(session(), clock.now(), me().person_id, person_id, active=wanted)
    except AppError as refused:
        return _refused(person_id, _role_form(person_id), refused)
    return redirect(f"/office/people/{person_id}", 303)


@blueprint.post("/people/<int:person_id>/password")
@allow(Role.ADMINISTRATOR)
@commits
def reset_password(person_id: int) -> ResponseReturnValue:
    """A new initial password; every sign-in of the person ends, and a block after too many failures with them."""
    password = initial_password()
    # Before the first statement: on SQLite the write lock begins with it.
    hashed = passwords(installation().config).hash(password)
    acts.set_password(session(), clock.now(), me().person_id, person_id, hashed, initial=True)
    forget_failures(session(), _tried_name(queries.person(session(), person_id)))
    return _shown_once(person_id, password)


@blueprint.post("/people/<int:person_id>/sessions/end")
@allow(Role.ADMINISTRATOR)
@commits
def end_sessions_of(person_id: int) -> ResponseReturnValue:
    """Sign somebody out everywhere."""
    end_sessions(session(), clock.now(), me().person_id, person_id)
    return redirect(f"/office/people/{person_id}", 303)


@blueprint.get("/campaigns/<campaign_code>/people")
@allow(Role.ADMINISTRATOR, Role.LEAD_EVALUATOR, Role.AUDITOR)
def people_of_campaign(campaign_code: str) -> ResponseReturnValue:
    """Who has which role in a campaign, and the agencies' mandates for it; an agency sees no other agency's."""
    now, campaign = clock.now(), queries.campaign_by_code(session(), campaign_code)
    return render_template(
        "accounts/campaign_people.html",
        campaign=campaign,
        roles=queries.roles_in(session(), now, campaign, me().agency_id),
        mandates=[row for row in queries.engagements(session(), now, me().agency_id) if row.campaign == campaign],
    )
