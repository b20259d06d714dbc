"""Signing in and out.

Argon2 works outside every transaction: on SQLite the write lock would keep answers waiting for a password.
"""

from datetime import datetime

from flask import redirect, render_template, request
from flask import session as cookie
from flask.typing import ResponseReturnValue

from survey_app import clock
from survey_app.accounts import queries
from survey_app.accounts.forms import SignInForm
from survey_app.accounts.operations import sign_in as acts
from survey_app.accounts.operations.passwords import passwords
from survey_app.accounts.views.frame import TOKEN, blueprint, me, page_after
from survey_app.web.access import public, signed_in
from survey_app.web.installation import installation
from survey_app.web.language import _
from survey_app.web.session import commits, session


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """The page, and what it sends. A wrong name and a wrong password look alike and take as long."""
    form = SignInForm(next=request.args.get("next"))
    if request.method == "GET":
        return _page(form, 200)
    config = installation().config
    installation().limits.hit(request, "sign_in", config.sign_in_rate)
    if not form.validate_on_submit():
        return _page(form, 422)
    login, password = str(form.login.data), str(form.password.data)
    name = acts.tried_name(config.secret, login)
    found = queries.credentials(session(), login)
    blocked = _admit(name)
    if blocked is not None:
        minutes = max(1, -(-int((blocked - clock.now()).total_seconds()) // 60))
        form.form_errors.append(_("失败次数过多，请在 {minutes} 分钟后再试。").format(minutes=minutes))
        return *_page(form, 429), {"Retry-After": str(minutes * 60)}
    hashing = passwords(config)
    is_right = hashing.verify(found.password_hash if found and found.active else None, password)
    if found is None or not is_right:
        form.form_errors.append(_("登录名或密码不正确。"))
        return _page(form, 403)
    outdated = hashing.is_outdated(found.password_hash)
    token = _enter(found.person_id, name, hashing.hash(password) if outdated else None)
    cookie.clear()  # with it the token against forged forms, which a stranger may have planted
    cookie[TOKEN] = token
    return redirect(page_after(form.next.data), 303)


@commits
def _admit(name: bytes) -> datetime | None:
    return acts.admit_attempt(session(), name, clock.now())


@commits
def _enter(person_id: int, name: bytes, new_hash: str | None) -> str:
    replaces = cookie.get(TOKEN)
    return acts.start_session(session(), person_id, name, clock.now(), replaces=replaces, new_hash=new_hash)


def _page(form: SignInForm, status: int) -> tuple[str, int]:
    return render_template("accounts/sign_in.html", form=form), status


@blueprint.post("/sign-out")
@signed_in
@commits
def sign_out() -> ResponseReturnValue:
    """End this sign-in, on the server too."""
    acts.end_session(session(), clock.now(), me().person_id, me().person_id, me().session_id)
    cookie.clear()
    return redirect("/office/sign-in", 303)


@blueprint.get("/")
@signed_in
def home() -> ResponseReturnValue:
    """The start page: declarations that wait for a signature first, then campaigns, one's own account without any."""
    agency_id = me().agency_id
    if agency_id is not None:
        mandates = queries.engagements(session(), clock.now(), agency_id)
        if any(row.state == "no_declaration" for row in mandates):
            return redirect("/office/declarations", 303)
    return redirect("/office/campaigns" if me().grants else "/office/me", 303)
