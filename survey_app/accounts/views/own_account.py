"""One's own account: password, language, the browsers in which one is signed in."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from survey_app import clock
from survey_app.accounts import queries
from survey_app.accounts.forms import ChangePasswordForm
from survey_app.accounts.operations.passwords import passwords
from survey_app.accounts.operations.people import set_language, set_password
from survey_app.accounts.operations.sign_in import end_session, end_sessions
from survey_app.accounts.views.frame import blueprint, idle, page_after
from survey_app.accounts.views.frame import me as myself
from survey_app.web.access import signed_in
from survey_app.web.installation import installation
from survey_app.web.language import _
from survey_app.web.session import commits, session


@blueprint.get("/me")
@signed_in
def me() -> ResponseReturnValue:
    """Name, roles, password, sign-ins."""
    return _page(ChangePasswordForm(), 200)


def _page(form: ChangePasswordForm, status: int) -> tuple[str, int]:
    who, now = myself(), clock.now()
    body = render_template(
        "accounts/me.html",
        form=form,
        roles=queries.roles_of(session(), now, who.person_id),
        sessions=queries.sessions_of(session(), who.person_id, now, idle()),
        agency=queries.agency(session(), who.agency_id) if who.agency_id is not None else None,
    )
    return body, status


@blueprint.post("/me/password")
@signed_in
def change_password() -> ResponseReturnValue:
    """Choose a new password; every other sign-in ends."""
    form, who, config = ChangePasswordForm(), myself(), installation().config
    form.own_login = who.login
    if not form.validate_on_submit():
        return _page(form, 422)
    installation().limits.hit(request, "sign_in", config.sign_in_rate)
    stored = queries.password_hash_of(session(), who.person_id)
    session().rollback()
    if not passwords(config).verify(stored, str(form.present.data)):
        form.present.errors = [_("现在的密码不正确。")]
        return _page(form, 422)
    _keep(passwords(config).hash(str(form.new.data)))
    return redirect("/office/me?changed=1", 303)


@commits
def _keep(password_hash: str) -> None:
    who = myself()
    set_password(
        session(), clock.now(), who.person_id, who.person_id, password_hash, initial=False, keep_session=who.session_id
    )


@blueprint.post("/me/sessions/end")
@signed_in
@commits
def end_my_session() -> ResponseReturnValue:
    """End one of one's own sign-ins (`session`, the hex of its hash), or all others (`others`)."""
    who, wanted = myself(), request.form.get("session", "")
    if wanted == "others":
        end_sessions(session(), clock.now(), who.person_id, who.person_id, keep=who.session_id)
    else:
        end_session(session(), clock.now(), who.person_id, who.person_id, _session_id(wanted))
    return redirect("/office/me", 303)


def _session_id(text: str) -> bytes:
    return bytes.fromhex(text) if len(text) == 64 and set(text) <= set("0123456789abcdef") else b""


@blueprint.post("/me/language")
@signed_in
@commits
def choose_language() -> ResponseReturnValue:
    """Chinese or English, kept with the person."""
    wanted = "en" if request.form.get("language") == "en" else "zh"
    set_language(session(), myself().person_id, wanted)
    return redirect(page_after(request.form.get("next")), 303)
