"""Office pages for a file of answers: upload, columns, what would be stored and what not, storing.

What must stay true: until the last button nothing of a file is stored; between two pages it lies sealed, readable only
with the ticket in the page.
"""

from dataclasses import dataclass

from flask import Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from wtforms import SelectField, StringField
from wtforms.validators import ValidationError

from survey_app import clock
from survey_app.accounts.rules import Role
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries import campaigns
from survey_app.errors import BadInput
from survey_app.fieldwork import import_rules, rules
from survey_app.fieldwork.export.refusals import refusals_csv
from survey_app.fieldwork.import_errors import ImportedBefore, NothingToImport, UploadGone, WrongColumns
from survey_app.fieldwork.operations import importing
from survey_app.fieldwork.operations.import_reading import Checked, Wanted, questionnaire_of
from survey_app.fieldwork.operations.import_table import Table, read_table
from survey_app.fieldwork.operations.staging import Staging
from survey_app.fieldwork.views import MANAGE, blueprint
from survey_app.questionnaire.texts import text
from survey_app.responses.boxes import BeyondQuota, Boxes, NotCollecting, TooFewToPool
from survey_app.scores.operations.import_times import worth
from survey_app.web.access import actor, allow
from survey_app.web.forms import OfficeForm
from survey_app.web.installation import installation
from survey_app.web.language import _, language
from survey_app.web.session import session

_SHOWN = 5
_REFUSALS_SHOWN = 100
_SEES_TIMES = frozenset({Role.LEAD_EVALUATOR})
_REFUSED = (ImportedBefore, NothingToImport, WrongColumns, TooFewToPool, BeyondQuota, NotCollecting, rules.WrongState)


class UploadForm(OfficeForm):
    """A file, and what it answers."""

    questionnaire = StringField()
    collector = SelectField(validate_choice=False)
    file = FileField()

    def validate_file(self, field: FileField) -> None:
        """A file must be chosen."""
        if not isinstance(field.data, FileStorage) or not field.data.filename:
            raise ValidationError(_("请选择文件。"))


@dataclass(frozen=True)
class _Upload:
    """A file that was uploaded on an earlier page, with what was said about it since."""

    ticket: str
    name: str
    data: bytes
    table: Table
    wanted: Wanted


@blueprint.get("/import")
@allow(*MANAGE)
def import_page(campaign_code: str) -> ResponseReturnValue:
    """Choose a file; what was imported before."""
    return _upload_page(_campaign(campaign_code))


@blueprint.post("/import")
@allow(*MANAGE)
def upload_answers(campaign_code: str) -> ResponseReturnValue:
    """Keep a file sealed and ask what its columns hold."""
    _staging().sweep()
    campaign, form = _campaign(campaign_code), UploadForm()
    if not form.validate_on_submit():
        return _upload_page(campaign, form), 422
    data = form.file.data.stream.read()
    name = (form.file.data.filename or "")[:200]
    try:
        table = read_table(name, data)
    except BadInput as refused:
        return _upload_page(campaign, form, refused.findings), 422
    questionnaire = questionnaire_of(session(), campaign, form.questionnaire.data or "")
    kept = importing.remembered(session(), campaign, questionnaire.id)
    columns = import_rules.suggested(table.headings, questionnaire, kept)
    wanted = Wanted(questionnaire.id, _number(form.collector.data or ""), columns)
    return _columns_page(campaign, _Upload(_staging().put(data), name, data, table, wanted))


@blueprint.post("/import/columns")
@allow(*MANAGE)
def import_columns(campaign_code: str) -> ResponseReturnValue:
    """The columns once more, to change what they hold."""
    campaign = _campaign(campaign_code)
    return _columns_page(campaign, _upload())


@blueprint.post("/import/check")
@allow(*MANAGE)
def check_answers(campaign_code: str) -> ResponseReturnValue:
    """What would be stored, what not and why; nothing is stored."""
    campaign, upload = _campaign(campaign_code), _upload()
    try:
        checked = importing.check_file(session(), campaign, upload.table, upload.data, upload.wanted)
    except _REFUSED as refused:
        return _columns_page(campaign, upload, refused.message(language())), refused.status
    return _check_page(campaign, upload, checked)


@blueprint.post("/import/report")
@allow(*MANAGE)
def import_report(campaign_code: str) -> ResponseReturnValue:
    """Every refused row with its reason, as a file."""
    campaign, upload = _campaign(campaign_code), _upload()
    checked = importing.check_file(session(), campaign, upload.table, upload.data, upload.wanted)
    headers = {"Content-Disposition": f'attachment; filename="{campaign.code}-refused.csv"'}
    return Response(refusals_csv(checked.refusals), mimetype="text/csv", headers=headers)


@blueprint.post("/import/store")
@allow(*MANAGE)
def store_answers(campaign_code: str) -> ResponseReturnValue:
    """Store what can be stored, in the writer's own transaction."""
    who, now = actor(), clock.now()
    _campaign(campaign_code)
    upload = _upload()
    boxes: Boxes = current_app.extensions["pingyi.boxes"]
    # A reader that stays open would keep SQLite from committing.
    session().rollback()

    def work(writing: Session) -> Checked:
        campaign = campaigns.campaign(writing, campaign_code, who.agency_id)
        return importing.store_file(
            writing,
            boxes,
            campaign,
            upload.table,
            upload.data,
            wanted=upload.wanted,
            now=now,
            person_id=who.person_id,
        )

    try:
        checked = installation().writer.exclusively(work)
    except _REFUSED as refused:
        return _columns_page(_campaign(campaign_code), upload, refused.message(language())), refused.status
    _staging().drop(upload.ticket)
    return _upload_page(_campaign(campaign_code), stored=checked)


def _campaign(code: str) -> Campaign:
    return campaigns.campaign(session(), code, actor().agency_id)


def _staging() -> Staging:
    return Staging(installation().config.home / "imports")


def _number(written: str) -> int | None:
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 10 else None


def _upload() -> _Upload:
    """The file of this form's ticket. Raises UploadGone."""
    form = request.form
    data = _staging().get(form.get("ticket", ""))
    if data is None:
        raise UploadGone
    name = form.get("name", "")
    table = read_table(name, data)
    columns = {
        place: holds for place in range(len(table.headings)) if (holds := form.get(f"column{place}", "").strip())
    }
    wanted = Wanted(form.get("questionnaire", ""), _number(form.get("collector", "")), columns)
    return _Upload(form["ticket"], name, data, table, wanted)


def _upload_page(
    campaign: Campaign,
    form: UploadForm | None = None,
    findings: list[object] | None = None,
    stored: Checked | None = None,
) -> str:
    rows = [row for row in campaigns.collectors(session(), campaign.id) if row.tier != "T2"]
    titles = {
        name: text(found.title, language()) for name, found in campaigns.questionnaires_of(session(), campaign).items()
    }
    return render_template(
        "fieldwork/import.html",
        campaign=campaign,
        demo=campaign.demo,
        rows=rows,
        titles=titles,
        form=form or UploadForm(formdata=None),
        findings=findings or [],
        stored=stored,
        refusals=stored.refusals[:_REFUSALS_SHOWN] if stored else [],
        imports=importing.imports(session(), campaign.id),
        sees_times=actor().holds(_SEES_TIMES, campaign.code),
        worth=worth(),
    )


def _columns_page(campaign: Campaign, upload: _Upload, trouble: str | None = None) -> str:
    questionnaire = questionnaire_of(session(), campaign, upload.wanted.questionnaire)
    items = {item.id: text(item.text, language()) for item in questionnaire.answered_items()}
    samples = [line.cells for line in upload.table.lines[:3]]
    columns = [
        (place, heading, [cells[place] if place < len(cells) else "" for cells in samples])
        for place, heading in enumerate(upload.table.headings)
    ]
    return render_template(
        "fieldwork/import_columns.html",
        campaign=campaign,
        demo=campaign.demo,
        upload=upload,
        columns=columns,
        targets=import_rules.targets(questionnaire),
        items=items,
        trouble=trouble,
    )


def _check_page(campaign: Campaign, upload: _Upload, checked: Checked) -> str:
    questionnaire = questionnaire_of(session(), campaign, upload.wanted.questionnaire)
    doors = {row.id: row for row in campaigns.collectors(session(), campaign.id)}
    items = {item.id: item for item in questionnaire.answered_items()}
    samples = []
    for one in checked.accepted[:_SHOWN]:
        given = {name: answer for _unit, answers in one.responses for name, answer in answers.items()}
        said = []
        for name, answer in given.items():
            item = items.get(name)
            labels = {} if item is None else _labels(questionnaire, item)
            codes = answer if isinstance(answer, list) else [answer]
            said.append((name, "、".join(str(labels.get(str(code), code)) for code in codes)))
        samples.append((one.rows, doors[one.collector_id], said))
    return render_template(
        "fieldwork/import_check.html",
        campaign=campaign,
        demo=campaign.demo,
        upload=upload,
        checked=checked,
        refusals=checked.refusals[:_REFUSALS_SHOWN],
        samples=samples,
    )


def _labels(questionnaire: object, item: object) -> dict[str, str]:
    found = [*item.choices_in(questionnaire), *item.missing_in(questionnaire)]  # type: ignore[attr-defined]  # any item
    return {one.code: text(one.label, language()) for one in found}
