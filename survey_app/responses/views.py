"""The respondent's routes. No cookie, nothing written on GET, one POST that stores: `/a`, through the writer.

What must stay true: a code stands in the address of the scanned link only, never again after it; what a person typed
is on every page that comes back until it is stored; nothing of a request is logged.
"""

import hashlib
import logging
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as HttpResponse

from survey_app import clock
from survey_app.admission import rules as admission
from survey_app.errors import AppError
from survey_app.questionnaire.texts import substitute, text
from survey_app.responses import queries
from survey_app.responses.course import Progress, responses_of
from survey_app.responses.pages.building import Choice, Filled, Pages, draft_name
from survey_app.responses.pages.deciding import decide
from survey_app.responses.pages.entering import facts, first_page, opened, pages, start_page
from survey_app.responses.pages.incoming import one, read_form
from survey_app.responses.pages.notices import CodeForm, html, mistyped, notice, stopped
from survey_app.responses.pages.sending import Final, Sending, is_blank, receive
from survey_app.responses.rules import (
    Closed,
    Full,
    NoSuchPage,
    NothingAnswered,
    NotStored,
    NoUnitKnown,
    OutOfOrder,
    PausedMeanwhile,
    Stop,
    TooManyTokens,
    TooManyUnits,
    UnknownCode,
    UsedCode,
    UsedToken,
    VoidedCode,
)
from survey_app.responses.sitting import Sitting, SittingTooLarge, duration_step
from survey_app.responses.spending import Outcome
from survey_app.web.access import respondent
from survey_app.web.installation import installation
from survey_app.web.language import _, in_language, language, set_language
from survey_app.web.limits import TooOften
from survey_app.web.session import session
from survey_app.web.writer import Saturated

log = logging.getLogger("pingyi.responses")

blueprint = Blueprint("responses", __name__)

_STOPS: Mapping[Outcome, type[Stop]] = {
    Outcome.USED: UsedCode,
    Outcome.VOIDED: VoidedCode,
    Outcome.CLOSED: Closed,
    Outcome.UNKNOWN: UnknownCode,
    Outcome.BEYOND: TooManyTokens,
    Outcome.FULL: Full,
}


@blueprint.record_once
def _keep_pages(state: BlueprintSetupState) -> None:
    state.app.extensions["pingyi.pages"] = Pages()


@blueprint.before_request
def _speak() -> None:
    # The address says the language, so that what is refused unread is refused in it too.
    set_language(request.args.get("lang"))


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
        found = opened(entrance.door)
    except Stop as error:
        return _turned_away(error, code)
    if entrance.code_hash is None:
        installation().limits.hit(request, "open_link", config.open_link_rate)
    return first_page(found, entrance.code_hash)


@blueprint.post("/a")
@blueprint.post("/A")
@respondent
def send() -> HttpResponse:
    """One page of answers. The last one, or `_finish` on any, is the one POST that spends the code and stores."""
    config = installation().config
    fields = read_form(request, config.public_url, stores=True)
    now = int(clock.now().timestamp())
    sending = receive(config.secret, fields, now, pages())
    if sending.wants("_show"):
        return html(sending.same_page(Filled(fields, {}, restored=True)))
    if sending.leaf.choosing:
        return _choose(sending, now)
    reading = sending.read()
    progress = sending.left(reading)
    if sending.destination is not None:
        return html(sending.page(pages(), progress, sending.destination))
    if reading.errors and not (is_blank(reading) and sending.wants("_finish")):
        wrong = {error.item: error.message(language()) for error in reading.errors}
        return html(sending.same_page(Filled(fields, wrong, restored=sending.restored)), 422)
    if not (sending.following is None or sending.wants("_finish") or reading.screened == "sitting"):
        return html(sending.page(pages(), progress, sending.following))
    return _finish(sending, progress, now)


def _choose(sending: Sending, now: int) -> HttpResponse:
    """What somebody ticked on the page of units."""
    try:
        decision = decide(sending)
    except (TooManyUnits, NoUnitKnown) as error:
        content = Filled({}, {}, trouble=error.message(language()), restored=sending.restored)
        nobody = isinstance(error, NoUnitKnown)
        choice = Choice(sending.progress.offered or sending.course.most, sending.ticked, none_known=nobody)
        return html(sending.choosing_page(sending.progress, choice, content), error.status)
    if decision.page is None:
        return _finish(sending, decision.progress, now)
    if decision.added:
        choice = Choice(decision.progress.offered, sending.ticked, added=decision.added)
        return html(sending.choosing_page(decision.progress, choice))
    return html(sending.page(pages(), decision.progress, decision.page))


def _finish(sending: Sending, progress: Progress, now: int) -> HttpResponse:
    """Send all of it; or show the page on which something was left that cannot be taken."""
    final = sending.final(progress)
    if final.wrong is not None:
        return html(sending.wrong_page(progress, *final.wrong), 422)
    try:
        return _store(sending, final, now)
    except (NotStored, TooOften, NothingAnswered, SittingTooLarge, PausedMeanwhile) as error:
        # Nothing is lost by any of these: the page comes back as it was sent, and can be sent again.
        trouble = error.message(language())
        content = Filled(sending.fields, {}, trouble=trouble, restored=sending.restored)
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
    return notice(_("提交成功"), words.split("\n"), demo=campaign.demo, how=campaign.code)


def _start_page(code: str, *, typed: bool) -> HttpResponse:
    try:
        entrance = queries.entrance(session(), code)
        found = opened(entrance.door)
    except Stop as error:
        return _turned_away(error, code)
    return start_page(found, code=entrance.code, typed=typed)


def _turned_away(error: Stop, code: str) -> HttpResponse:
    if isinstance(error, UnknownCode):
        return mistyped(error, code)
    known = admission.normalise(code)
    return stopped(error, draft_name(installation().config.secret, admission.code_hash(known)) if known else "")


def _store(sending: Sending, final: Final, now: int) -> HttpResponse:
    """Spend and park, then thanks. Raises what can be tried again; what cannot becomes its kind page."""
    if not any(final.finished.values()) and not final.knows_none:
        raise NothingAnswered
    capability, door = sending.capability, sending.course.door
    if capability.code_hash is None:
        installation().limits.hit(request, "open_link_sent", installation().config.open_link_rate)
    outcome = _submit(_sitting(sending, final, now))
    if outcome in {Outcome.STORED, Outcome.AGAIN}:
        return redirect(f"/thanks/{door.campaign_code}/{door.questionnaire}{in_language()}", 303)
    if outcome is Outcome.PAUSED:
        raise PausedMeanwhile(**facts(door))
    stop = UsedToken if outcome is Outcome.USED and capability.by_token else _STOPS[outcome]
    return stopped(stop(**facts(door)), draft_name(sending.secret, capability.code_hash))


def _sitting(sending: Sending, final: Final, now: int) -> Sitting:
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
        responses=responses_of(
            course.leaves, final.finished, [unit.id for unit in course.units], only_unit, final.not_known
        ),
        by_token=capability.by_token,
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
