"""The audit log: looking things up, and following its chain."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import render_template, request
from flask.typing import ResponseReturnValue

from survey_app.accounts import queries
from survey_app.accounts.forms import AuditSearchForm
from survey_app.accounts.operations.audit import verify
from survey_app.accounts.queries import AUDIT_PAGE, AuditSearch
from survey_app.accounts.rules import Role
from survey_app.accounts.views.frame import blueprint
from survey_app.web.access import allow
from survey_app.web.language import _
from survey_app.web.office import OFFICE_ZONE
from survey_app.web.session import session


@blueprint.get("/audit")
@allow(Role.AUDITOR, Role.ADMINISTRATOR)
def audit() -> ResponseReturnValue:
    """Entries, newest first, page by page (`before` is the number above the page)."""
    names = queries.names(session())
    form = AuditSearchForm(request.args)
    form.person.choices = [(0, _("任何人")), *sorted(names.items(), key=lambda entry: entry[1])]
    entries = queries.audit_entries(session(), _search(form), request.args.get("before", type=int))
    more = entries[AUDIT_PAGE - 1].number if len(entries) > AUDIT_PAGE else None
    status = 200 if form.validate() else 422
    asked = {name: value for name, value in request.args.items() if name != "before" and value}
    page = entries[:AUDIT_PAGE]
    return render_template("accounts/audit.html", form=form, entries=page, names=names, more=more, asked=asked), status


def _search(form: AuditSearchForm) -> AuditSearch:
    until = _midnight(form.until.data + timedelta(days=1)) if form.until.data else None
    return AuditSearch(
        action=(form.action.data or "").strip(),
        subject=(form.subject.data or "").strip(),
        person_id=form.person.data or None,
        since=_midnight(form.since.data) if form.since.data else None,
        until=until,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(OFFICE_ZONE))


@blueprint.get("/audit/check")
@allow(Role.AUDITOR, Role.ADMINISTRATOR)
def audit_check() -> ResponseReturnValue:
    """Follow the whole chain and say where it breaks, if it does."""
    return render_template("accounts/audit_check.html", check=verify(session()))
