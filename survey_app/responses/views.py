"""The respondent's routes. No cookie, nothing written on GET, one POST that stores: `/a`, through the writer.

What must stay true: a code stands in the address of the scanned link only, never again after it; what a person typed
is on every page that comes back until it is stored; nothing of a request is logged.
"""

import hashlib
import logging
from collections.abc import Mapping
from typing import Any

from babel.dates import format_date
from flask import Blueprint, current_app, redirect, render_template, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as HttpResponse

from survey_app import clock
from survey_app.admission import rules as admission
from survey_app.campaigns.queries.doors import Door, standing
from survey_app.errors import AppError
from survey_app.library import queries as library
from survey_app.questionnaire.texts import substitute, text
from survey_app.responses import queries
from survey_app.responses.capability import issue, seal
from survey_app.responses.pages.building import Course, Filled, Opened, Pages, Sealed, draft_name
from survey_app.responses.pages.incoming import one, read_form
from survey_app.responses.pages.notices import CodeForm, html, mistyped, notice, stopped
from survey_app.responses.pages.sending import Finished, Sending, receive
from survey_app.responses.rules import (
    Closed,
    NoSuchPage,
    NothingAnswered,
    NotStored,
    NotYetOpen,
    OutOfOrder,
    Paused,
    PausedMeanwhile,
    Stop,
    UnknownCode,
    UsedCode,
    VoidedCode,
    closing_moment,
    responses_of,
)
from survey_app.responses.sitting import Sitting, SittingTooLarge, duration_step
from survey_app.responses.spending import Outcome
from survey_app.web.access import respondent
from survey_app.web.installation import installation
from survey_app.web.language import LANGUAGES, _, in_language, language, set_language
from survey_app.web.limits import TooOften
from survey_app.web.session import session
from survey_app.web.writer import Saturated

log = logging.getLogger("pingyi.responses")

blueprint = Blueprint("responses", __name__)

_TONGUES = {"zh": "中文", "en": "English"}
_STOPS: Mapping[Outcome, type[Stop]] = {
    Outcome.USED: UsedCode,
    Outcome.VOIDED: VoidedCode,
    Outcome.CLOSED: Closed,
    Outcome.UNKNOWN: UnknownCode,
}


@blueprint.record_once
def _keep_pages(state: BlueprintSetupState) -> None:
    state.app.extensions["pingyi.pages"] = Pages()


@blueprint.before_request
def _speak() -> None:
    # The address says the language, so that what is refused unread is refused in it too.
    set_language(request.args.get("lang"))


def _pages() -> Pages:
    kept: Pages = current_app.extensions["pingyi.pages"]
    return kept


@blueprint.get("/q", strict_slashes=False)
@blueprint.get("/Q", strict_slashes=False)
@blueprint.get("/a")
@respondent
def ask() -> HttpResponse:
    """Where a code is typed by hand; also where somebody lands who opens the address of a sent page once more."""
    return notice(_("请输入填答码"), [_("填答码是卡片或海报上二维码旁边的16位字母和数字。")], form=CodeForm())


@blueprint.get("/q/<code>", strict_slashes=False)
@blueprint.get("/Q/<code>", strict_slashes=False)
@respondent
def start(code: str) -> HttpResponse:
    """The start page of a scanned link. Chat apps and scanners open links too: nothing changes, nothing is counted."""
    return _start_page(code, typed=False)


@blueprint.post("/q", strict_slashes=False)
@blueprint.post("/Q", strict_slashes=False)
@respondent
def begin() -> HttpResponse:
    """A typed code: its start page. With `begin`: the questionnaire itself, at an address without the code."""
    config = installation().config
    fields = read_form(request, config.public_url, stores=False)
    code = one(fields, "code")
    if not one(fields, "begin"):
        return _start_page(code, typed=True)
    try:
        entrance = queries.entrance(session(), code)
        opened = _opened(entrance.door)
    except Stop as error:
        return _turned_away(error, code)
    if entrance.code_hash is None:
        installation().limits.hit(request, "open_link", config.open_link_rate)
    spoken = _spoken(opened)
    set_language(spoken)
    door = opened.door
    expires = int(closing_moment(door.closes, door.timezone).timestamp())
    capability = issue(door.collector_id, entrance.code_hash, int(clock.now().timestamp()), expires, spoken)
    course = Course(door, opened.questionnaire, spoken, capability.order_number, capability.flip)
    sealed = Sealed(seal(config.secret, capability), draft=draft_name(config.secret, entrance.code_hash))
    return html(_pages().blank(course, 0, sealed, {}))


@blueprint.post("/a")
@blueprint.post("/A")
@respondent
def send() -> HttpResponse:
    """One page of answers. The last one, or `_finish` on any, is the one POST that spends the code and stores."""
    config = installation().config
    fields = read_form(request, config.public_url, stores=True)
    now = int(clock.now().timestamp())
    sending = receive(config.secret, fields, now, _pages())
    if sending.wants("_show"):
        return html(sending.same_page(Filled(fields, {}, restored=True)))
    reading = sending.read()
    blank = not reading.answers and all(error.code == "required" for error in reading.errors)
    if reading.errors and not (blank and sending.wants("_finish")):
        wrong = {error.item: error.message(language()) for error in reading.errors}
        return html(sending.same_page(Filled(fields, wrong, restored=sending.restored)), 422)
    finished = sending.earlier | {sending.at: reading.answers}
    if not (sending.is_last or sending.wants("_finish") or reading.screened == "sitting"):
        return html(sending.next_page(_pages(), finished))
    try:
        return _store(sending, finished, now)
    except (NotStored, TooOften, NothingAnswered, SittingTooLarge, PausedMeanwhile) as error:
        # Nothing is lost by any of these: the page comes back as it was sent, and can be sent again.
        trouble = error.message(language())
        content = Filled(fields, {}, trouble=trouble, restored=sending.restored)
        return html(sending.same_page(content), error.status)


@blueprint.get("/thanks/<campaign_code>/<questionnaire>")
@respondent
def thanks(campaign_code: str, questionnaire: str) -> HttpResponse:
    """After sending. Anybody may open it; it says the same to everybody."""
    found = queries.thanks(session(), campaign_code, questionnaire)
    if found is None:
        raise NoSuchPage
    campaign = found.campaign
    names = {"office": campaign.office, "agency": campaign.agency_name, "campaign": campaign.title}
    names |= {"contact": campaign.contact, "retention": campaign.retention}
    said = found.questionnaire.thanks
    words = substitute(text(said, language()), names) if said else _("谢谢，答卷已收到。现在可以关闭这个页面。")
    return notice(_("提交成功"), words.split("\n"), demo=campaign.demo)


def _start_page(code: str, *, typed: bool) -> HttpResponse:
    try:
        entrance = queries.entrance(session(), code)
        opened = _opened(entrance.door)
    except Stop as error:
        return _turned_away(error, code)
    set_language(_spoken(opened))
    door = opened.door
    course = Course(door, opened.questionnaire, language(), 0, flip=False)
    every_unit = len(course.units) == len(door.units)
    others = [tongue for tongue in opened.questionnaire.languages() if tongue in LANGUAGES and tongue != language()]
    page = render_template(
        "responses/start.html",
        demo=door.demo,
        heading=course.say(opened.questionnaire.title),
        intro=[line for line in course.say(opened.questionnaire.intro).split("\n") if line.strip()],
        duties=_duties_left(course),
        tier=door.tier,
        department=door.department_name,
        units=len(course.units),
        unit_names=[unit.name for unit in door.units] if every_unit else [],
        code=entrance.code,
        typed=typed,
        other_language=others[0] if others else None,
        other_name=_TONGUES[others[0]] if others else None,
    )
    return html(page)


def _duties_left(course: Course) -> list[tuple[str, str]]:
    """What the law wants said and the questionnaire's own introduction does not say by name."""
    written = course.questionnaire.intro
    template = "" if written is None else text(written, course.language)
    names = course.names()
    wanted = {
        "office": (_("委托单位"), names["office"]),
        "agency": (_("承办机构"), names["agency"]),
        "minutes": (_("所需时间"), _("约{minutes}分钟").format(minutes=names["minutes"])),
        "retention": (_("答卷保存期限"), names["retention"]),
        "contact": (_("意见与投诉"), names["contact"]),
    }
    return [fact for name, fact in wanted.items() if "{{" + name + "}}" not in template]


def _opened(door: Door) -> Opened:
    """The door with its questionnaire, if answers are taken today. Raises NotYetOpen, Paused or Closed."""
    state = standing(door, clock.today(door.timezone))
    if state == "not_yet" or door.questionnaire_hash is None:
        raise NotYetOpen(**_facts(door))
    if state == "paused":
        raise Paused(**_facts(door))
    if state == "closed":
        raise Closed(**_facts(door))
    questionnaire = library.questionnaire(session(), door.questionnaire_hash)
    opened = Opened(door, questionnaire, door.questionnaire_hash)
    _pages().opened.put(door.collector_id, opened)
    return opened


def _facts(door: Door) -> dict[str, object]:
    opens, closes = (format_date(day, "long", locale=language()) for day in (door.opens, door.closes))
    return {"opens": opens, "closes": closes, "demo": door.demo}


def _spoken(opened: Opened) -> str:
    return language() if language() in opened.questionnaire.languages() else "zh"


def _turned_away(error: Stop, code: str) -> HttpResponse:
    if isinstance(error, UnknownCode):
        return mistyped(error, code)
    known = admission.normalise(code)
    return stopped(error, draft_name(installation().config.secret, admission.code_hash(known)) if known else "")


def _store(sending: Sending, finished: Finished, now: int) -> HttpResponse:
    """Spend and park, then thanks. Raises what can be tried again; what cannot becomes its kind page."""
    if not any(finished.values()):
        raise NothingAnswered
    capability, door = sending.capability, sending.course.door
    if capability.code_hash is None:
        installation().limits.hit(request, "open_link_sent", installation().config.open_link_rate)
    outcome = _submit(_sitting(sending, finished, now))
    if outcome in {Outcome.STORED, Outcome.AGAIN}:
        return redirect(f"/thanks/{door.campaign_code}/{door.questionnaire}{in_language()}", 303)
    if outcome is Outcome.PAUSED:
        raise PausedMeanwhile(**_facts(door))
    return stopped(_STOPS[outcome](**_facts(door)), draft_name(sending.secret, capability.code_hash))


def _sitting(sending: Sending, finished: Finished, now: int) -> Sitting:
    capability, course = sending.capability, sending.course
    only_unit = course.door.units[0].id if len(course.door.units) == 1 else None
    return Sitting(
        collector_id=course.door.collector_id,
        box_group_id=course.door.box_group_id,
        code_hash=capability.code_hash,
        receipt=hashlib.sha256(capability.nonce).digest(),
        questionnaire_hash=course.door.questionnaire_hash or "",
        language=capability.language,
        mode="web",
        duration=None if sending.restored else duration_step(now - capability.started),
        order_number=capability.order_number,
        flip=capability.flip,
        responses=responses_of(course.leaves, finished, [unit.id for unit in course.units], only_unit),
    )


def _submit(sitting: Sitting) -> Any:  # noqa: ANN401  # the writer does not know what it stores
    try:
        return installation().writer.submit(sitting)
    except SittingTooLarge:
        raise
    except Saturated:
        raise NotStored from None
    except Exception as error:  # noqa: BLE001  # full disk, lost key, database gone: named here, and nothing typed is lost
        log.error("sitting_not_stored %s", type(error).__name__)  # noqa: TRY400  # a traceback may carry an answer
        raise NotStored from None


@blueprint.errorhandler(AppError)
def _refused(error: AppError) -> HttpResponse:
    return stopped(error)


@blueprint.errorhandler(SQLAlchemyError)
def _out_of_order(error: SQLAlchemyError) -> HttpResponse:
    log.error("respondent_failure %s", type(error).__name__)
    return stopped(OutOfOrder())
