"""The audit log: looking things up, and following its chain."""

import json
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import render_template, request
from flask.typing import ResponseReturnValue

from survey_app.accounts import queries
from survey_app.accounts.forms import AuditSearchForm, action_name
from survey_app.accounts.operations.audit import verify
from survey_app.accounts.queries import AUDIT_PAGE, AuditSearch
from survey_app.accounts.rules import Role
from survey_app.accounts.views.frame import blueprint, row_number
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
    actions = [(code, action_name(code)) for code in queries.audit_actions(session())]
    form.action.choices = [("", _("全部操作")), *actions]
    good = form.validate()
    entries = queries.audit_entries(session(), _search(form), row_number(request.args.get("before"))) if good else []
    more = entries[AUDIT_PAGE - 1].number if len(entries) > AUDIT_PAGE else None
    asked = {name: value for name, value in request.args.items() if name != "before" and value}
    rows = [(entry, _details(entry.detail)) for entry in entries[:AUDIT_PAGE]]
    body = render_template("accounts/audit.html", form=form, rows=rows, names=names, more=more, asked=asked)
    return body, 200 if good else 422


def _details(text: str) -> dict[str, object]:
    """The parts of an entry's detail; one that was tampered with must still be shown, as it stands."""
    try:
        found = json.loads(text)
    except ValueError:
        return {"?": text}
    return found if isinstance(found, dict) else {"?": text}


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
