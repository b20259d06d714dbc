"""Office pages for paper questionnaires: their register, batches, typing sheet by sheet, comparing two passes.

What must stay true: a page shows what was typed only to whoever typed it and only until the next sheet, and items on
which two passes differ; nothing of a batch can be seen once it is handed in.
"""

import re

from flask import Response, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField
from wtforms.validators import NumberRange

from survey_app import clock
from survey_app.accounts import queries as accounts
from survey_app.accounts.rules import Role
from survey_app.admission import queries as register
from survey_app.admission.rules import PaperDoesNotAddUp
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries import campaigns
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.errors import AppError, NotFound
from survey_app.fieldwork import rules
from survey_app.fieldwork.operations import paper, paper_entries
from survey_app.fieldwork.paper_errors import (
    BatchDone,
    BatchFull,
    KeyOfBatchGone,
    NoPaperHere,
    NotYourBatch,
    SheetEntered,
    SheetNumberWrong,
    TooFewForPaper,
)
from survey_app.fieldwork.paper_models import PaperBatch
from survey_app.fieldwork.paper_rules import MOST_SHEETS, Sheet, in_words, read_sheet, typed_of
from survey_app.fieldwork.views import MANAGE, READ, blueprint
from survey_app.responses.boxes import Boxes, TooFewToPool
from survey_app.web.access import actor, allow
from survey_app.web.forms import AtMost, Needed, OfficeForm
from survey_app.web.installation import installation
from survey_app.web.language import _, language
from survey_app.web.session import commits, session

ENTER = (*MANAGE, Role.EVALUATOR)
_LEADS = frozenset({Role.ADMINISTRATOR, Role.LEAD_EVALUATOR})
_ENTRY_ID = re.compile(r"[0-9a-f]{32}")


class PaperMovementForm(OfficeForm):
    """What happened to paper questionnaires, on which day."""

    kind = SelectField(choices=["handed_out", "returned_unused"])  # type: ignore[list-item]  # the stubs lag behind
    sheets = IntegerField(validators=[Needed(), NumberRange(1, 100_000)])
    on_day = DateField(validators=[Needed()])
    note = StringField(validators=[AtMost(200)])


class BatchForm(OfficeForm):
    """How many filled-in sheets lie on the desk, and whether they are typed twice."""

    filled = IntegerField(validators=[Needed(), NumberRange(1, MOST_SHEETS)])
    twice = BooleanField()
    same_person = BooleanField()


@blueprint.get("/paper")
@allow(*READ)
def paper_overview(campaign_code: str) -> ResponseReturnValue:
    """Every door that may take paper, with the sums of its register."""
    campaign = _campaign(campaign_code)
    rows = [row for row in campaigns.collectors(session(), campaign.id) if row.tier != "T2"]
    return render_template(
        "fieldwork/paper.html",
        campaign=campaign,
        demo=campaign.demo,
        rows=rows,
        counts=register.paper_counts(session(), [row.id for row in rows]),
    )


@blueprint.get("/collectors/<int:collector_id>/paper")
@allow(*READ)
def paper_of_door(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """The register of one door and its batches."""
    campaign = _campaign(campaign_code)
    return _door_page(campaign, campaigns.collector(session(), campaign.id, collector_id))


@blueprint.post("/collectors/<int:collector_id>/paper/movements")
@allow(*MANAGE)
@commits
def add_paper_movement(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """Write into the register what was handed out or came back."""
    campaign, form = _campaign(campaign_code), PaperMovementForm()
    door = campaigns.collector(session(), campaign.id, collector_id)
    if not form.validate_on_submit():
        return _door_page(campaign, door, movement=form), 422
    assert form.sheets.data is not None and form.on_day.data is not None  # both are needed by the form
    try:
        paper.register_paper(
            session(),
            campaign,
            door.id,
            form.kind.data,
            form.sheets.data,
            on_day=form.on_day.data,
            note=form.note.data or "",
            now=clock.now(),
            person_id=actor().person_id,
        )
    except (PaperDoesNotAddUp, NoPaperHere, rules.DayToCome) as refused:
        (form.on_day if isinstance(refused, rules.DayToCome) else form.sheets).errors = [refused.message(language())]
        return _door_page(campaign, door, movement=form), refused.status
    return _to(campaign_code, f"/collectors/{door.id}/paper")


@blueprint.post("/collectors/<int:collector_id>/paper/batches")
@allow(*ENTER)
@commits
def open_paper_batch(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """Begin to type a batch of counted sheets."""
    campaign, form = _campaign(campaign_code), BatchForm()
    door = campaigns.collector(session(), campaign.id, collector_id)
    if not form.validate_on_submit():
        return _door_page(campaign, door, opening=form), 422
    assert form.filled.data is not None  # needed by the form
    try:
        batch = paper.open_batch(
            session(),
            _boxes(),
            campaign,
            door.id,
            form.filled.data,
            twice=form.twice.data,
            same_person=form.same_person.data,
            now=clock.now(),
            person_id=actor().person_id,
        )
    except (PaperDoesNotAddUp, NoPaperHere, TooFewForPaper, TooFewToPool, rules.WrongState) as refused:
        form.filled.errors = [refused.message(language())]
        return _door_page(campaign, door, opening=form), refused.status
    return _to(campaign_code, f"/paper/{batch.id}")


@blueprint.get("/paper/<int:batch_id>")
@allow(*ENTER)
def paper_batch(campaign_code: str, batch_id: int) -> ResponseReturnValue:
    """The next sheet to type, empty."""
    campaign = _campaign(campaign_code)
    return _entry_page(campaign, paper.batch_of(session(), campaign, batch_id), {}, Sheet())


@blueprint.post("/paper/<int:batch_id>")
@allow(*ENTER)
@commits
def enter_paper(campaign_code: str, batch_id: int) -> ResponseReturnValue:
    """Keep one sheet."""
    campaign = _campaign(campaign_code)
    batch = paper.batch_of(session(), campaign, batch_id)
    printed = paper_entries.paper_of(session(), batch.collector_id, language())
    typed = {name: value for name, value in request.form.items() if isinstance(value, str)}
    blank = bool(typed.get("blank"))
    sheet = Sheet() if blank else read_sheet(printed, typed, language() != "zh")
    trouble = None
    if not blank and not sheet.faults and not sheet.responses:
        trouble = _("这一份什么也没有录。整张空白的卷子，请按“整张空白”。")
    if batch.twice and typed.get("pass") not in {"1", "2"}:
        trouble = _("没有说明录的是第几遍，这一份还没有存。请核对页面上的第几遍，再存一次。")
    if sheet.faults or trouble or not _ENTRY_ID.fullmatch(typed.get("entry", "")):
        return _entry_page(campaign, batch, typed, sheet, trouble), 422
    number = typed.get("sheet", "").strip()
    try:
        paper_entries.enter(
            session(),
            _boxes(),
            batch,
            sheet,
            entry_id=bytes.fromhex(typed["entry"]),
            number=int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else None,
            pass_number=2 if typed.get("pass") == "2" else 1,
            replace=bool(typed.get("replace")),
            language=printed.language,
            person_id=actor().person_id,
        )
    except (SheetEntered, SheetNumberWrong) as refused:
        sheet.faults["sheet"] = refused.message(language())
        return _entry_page(campaign, batch, typed, sheet), refused.status
    except (BatchFull, BatchDone, NotYourBatch, KeyOfBatchGone) as refused:
        return _entry_page(campaign, batch, typed, sheet, refused.message(language())), refused.status
    told = f"?dropped={sheet.dropped}" if sheet.dropped else ""
    again = "&" if told else "?"
    return _to(campaign_code, f"/paper/{batch.id}{told}" + (f"{again}pass={typed['pass']}" if batch.twice else ""))


@blueprint.post("/paper/<int:batch_id>/undo")
@allow(*ENTER)
@commits
def take_back_paper(campaign_code: str, batch_id: int) -> ResponseReturnValue:
    """Take back the sheet typed last, and show what was typed once more."""
    campaign = _campaign(campaign_code)
    batch = paper.batch_of(session(), campaign, batch_id)
    responses = paper_entries.take_back(session(), _boxes(), batch, person_id=actor().person_id)
    printed = paper_entries.paper_of(session(), batch.collector_id, language())
    return _entry_page(campaign, batch, typed_of(printed, responses), Sheet())


@blueprint.get("/paper/<int:batch_id>/compare")
@allow(*ENTER)
def compare_paper(campaign_code: str, batch_id: int) -> ResponseReturnValue:
    """The sheets on which two passes differ, item by item."""
    campaign = _campaign(campaign_code)
    return _compare_page(campaign, paper.batch_of(session(), campaign, batch_id))


@blueprint.post("/paper/<int:batch_id>/compare")
@allow(*ENTER)
@commits
def settle_paper(campaign_code: str, batch_id: int) -> ResponseReturnValue:
    """What the paper says of one sheet on which two passes differ."""
    campaign = _campaign(campaign_code)
    batch = paper.batch_of(session(), campaign, batch_id)
    number = request.form.get("sheet", "")
    both = {str(sheet.number): sheet for sheet in paper_entries.sheets_of(session(), _boxes(), batch)}
    if number not in both:
        raise NotFound(what=f"sheet {number}")
    printed = paper_entries.paper_of(session(), batch.collector_id, language())
    one, other = (typed_of(printed, side.responses) for side in (both[number].first, both[number].second))
    differing = {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}
    looked_up = {name: request.form.get(name, "").strip() for name in differing}
    typed = one | looked_up
    sheet = read_sheet(printed, typed, language() != "zh")
    missing = _("请对照纸卷录入；卷面空白的录“-”。")
    sheet.faults |= {name: missing for name, value in looked_up.items() if not value}
    if sheet.faults:
        return _compare_page(campaign, batch, refused=int(number), typed=typed, faults=sheet.faults), 422
    paper.settle(
        session(),
        _boxes(),
        campaign,
        batch.id,
        int(number),
        sheet,
        language=printed.language,
        now=clock.now(),
        person_id=actor().person_id,
    )
    return _to(campaign_code, f"/paper/{batch.id}/compare")


@blueprint.post("/paper/<int:batch_id>/hand-in")
@allow(*ENTER)
def hand_in_paper(campaign_code: str, batch_id: int) -> ResponseReturnValue:
    """Store the whole batch, in the writer's own transaction."""
    return _end(campaign_code, batch_id, handing_in=True)


@blueprint.post("/paper/<int:batch_id>/discard")
@allow(*ENTER)
def discard_paper(campaign_code: str, batch_id: int) -> ResponseReturnValue:
    """Destroy a batch unread."""
    return _end(campaign_code, batch_id, handing_in=False)


def _end(campaign_code: str, batch_id: int, *, handing_in: bool) -> ResponseReturnValue:
    who, now, boxes = actor(), clock.now(), _boxes()
    # A reader that stays open would keep SQLite from committing.
    session().rollback()

    def work(writing: Session) -> int:
        campaign = campaigns.campaign(writing, campaign_code, who.agency_id)
        if handing_in:
            paper.hand_in(writing, boxes, campaign, batch_id, now=now, person_id=who.person_id)
        else:
            leads = who.holds(_LEADS, campaign.code)
            paper.discard(writing, boxes, campaign, batch_id, now=now, person_id=who.person_id, leads=leads)
        return paper.batch_of(writing, campaign, batch_id).collector_id

    try:
        collector_id = installation().writer.exclusively(work)
    except AppError as refused:
        if isinstance(refused, NotFound):
            raise
        campaign = _campaign(campaign_code)
        batch = paper.batch_of(session(), campaign, batch_id)
        if batch.state != "entering":
            raise
        return _entry_page(campaign, batch, {}, Sheet(), refused.message(language())), refused.status
    return _to(campaign_code, f"/collectors/{collector_id}/paper")


def _campaign(code: str) -> Campaign:
    return campaigns.campaign(session(), code, actor().agency_id)


def _boxes() -> Boxes:
    boxes: Boxes = current_app.extensions["pingyi.boxes"]
    return boxes


def _to(campaign_code: str, rest: str) -> Response:
    return redirect(f"/office/campaigns/{campaign_code}{rest}", 303)  # type: ignore[return-value]  # Werkzeug's own


def _door_page(
    campaign: Campaign,
    door: CollectorRow,
    *,
    movement: PaperMovementForm | None = None,
    opening: BatchForm | None = None,
) -> str:
    return render_template(
        "fieldwork/paper_door.html",
        campaign=campaign,
        demo=campaign.demo,
        door=door,
        counts=register.paper_counts(session(), [door.id])[door.id],
        movements=register.paper_movements(session(), door.id),
        batches=paper.batches(session(), door.id),
        names=accounts.names(session()),
        movement=movement or PaperMovementForm(formdata=None, on_day=clock.today(campaign.timezone)),
        opening=opening or BatchForm(formdata=None),
        may_manage=actor().holds(frozenset(MANAGE), campaign.code),
        may_enter=actor().holds(frozenset(ENTER), campaign.code),
    )


def _entry_page(
    campaign: Campaign, batch: PaperBatch, typed: dict[str, str], sheet: Sheet, trouble: str | None = None
) -> str:
    """The page on which one sheet is typed; a refused one is shown again with everything that was typed."""
    door = campaigns.collector(session(), campaign.id, batch.collector_id)
    wanted = typed.get("pass") or request.args.get("pass", "")
    turn = paper_entries.turn_of(batch, actor().person_id, int(wanted) if wanted in {"1", "2"} else None)
    dropped = request.args.get("dropped", "")
    return render_template(
        "fieldwork/paper_entry.html",
        campaign=campaign,
        demo=campaign.demo,
        door=door,
        batch=batch,
        parts=paper_entries.paper_of(session(), batch.collector_id, language()).parts(),
        typed=typed,
        faults=sheet.faults,
        trouble=trouble,
        turn=turn,
        counted=paper_entries.counted(session(), batch),
        entry=typed.get("entry") if sheet.faults or trouble else paper_entries.new_entry_id(),
        dropped=int(dropped) if dropped.isascii() and dropped.isdecimal() and len(dropped) < 4 else 0,
        mine=batch.last_entry is not None and batch.first_by == actor().person_id,
        may_discard=batch.first_by == actor().person_id or actor().holds(_LEADS, campaign.code),
    )


def _compare_page(
    campaign: Campaign,
    batch: PaperBatch,
    *,
    refused: int | None = None,
    typed: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
) -> str:
    if not batch.twice:
        raise NotFound(what=f"batch {batch.id}")
    if batch.state != "entering":
        return render_template(
            "fieldwork/paper_compare.html", campaign=campaign, demo=campaign.demo, batch=batch, door=None
        )
    printed = paper_entries.paper_of(session(), batch.collector_id, language())
    lines = [line for part in printed.parts() for line in part.lines]
    differing = []
    for sheet in paper_entries.sheets_of(session(), _boxes(), batch):
        if not sheet.agrees:
            one, other = typed_of(printed, sheet.first.responses), typed_of(printed, sheet.second.responses)
            names = [(line, name) for line in lines for name in (line.name, line.other) if name is not None]
            items = [
                (line, name, in_words(line, one.get(name, "")), in_words(line, other.get(name, "")))
                for line, name in names
                if one.get(name, "") != other.get(name, "")
            ]
            differing.append((sheet.number, items))
    return render_template(
        "fieldwork/paper_compare.html",
        campaign=campaign,
        demo=campaign.demo,
        batch=batch,
        door=campaigns.collector(session(), campaign.id, batch.collector_id),
        differing=differing,
        counted=paper_entries.counted(session(), batch),
        refused=refused,
        typed=typed or {},
        faults=faults or {},
    )
