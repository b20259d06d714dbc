"""The respondent's routes. No cookie, nothing written on GET, one POST that stores: `/a`, through the writer.

What must stay true: a code stands in the address of the scanned link only, never again after it; what a person typed
is on every page that comes back until it is stored; nothing of a request is logged.
"""

import gzip
import hashlib
import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as HttpResponse

from survey_app import clock
from survey_app.campaigns.queries import doors
from survey_app.campaigns.queries.doors import Door, standing
from survey_app.errors import AppError, NotFound
from survey_app.library import queries as library
from survey_app.questionnaire import answers
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.texts import substitute, text
from survey_app.responses import capability as capabilities
from survey_app.responses import queries
from survey_app.responses.capability import BadCapability, Capability
from survey_app.responses.pages.building import Course, Filled, Pages, Sealed, filled
from survey_app.responses.pages.incoming import Fields, one, read_form
from survey_app.responses.rules import (
    Closed,
    NothingAnswered,
    NotStored,
    NotYetOpen,
    Paused,
    Stop,
    TooLarge,
    UnknownCode,
    UsedCode,
    VoidedCode,
    closing_moment,
    responses_of,
    title_of,
)
from survey_app.responses.sitting import Sitting, SittingTooLarge, duration_step
from survey_app.responses.spending import Outcome
from survey_app.web.access import respondent
from survey_app.web.installation import installation
from survey_app.web.language import LANGUAGES, _, language, set_language
from survey_app.web.limits import TooOften
from survey_app.web.session import session
from survey_app.web.writer import Saturated

log = logging.getLogger("pingyi.responses")

blueprint = Blueprint("responses", __name__)

_RETRY_SECONDS = {429: "20", 503: "2"}
_WORTH_COMPRESSING = 1024
_TONGUES = {"zh": "中文", "en": "English"}


@blueprint.record_once
def _keep_pages(state: Any) -> None:  # noqa: ANN401  # Flask's BlueprintSetupState
    state.app.extensions["pingyi.pages"] = Pages()


def _pages() -> Pages:
    kept: Pages = current_app.extensions["pingyi.pages"]
    return kept


# ---- The way in -----------------------------------------------------------------------------------------------------


@blueprint.get("/q", strict_slashes=False)
@blueprint.get("/Q", strict_slashes=False, endpoint="ask_in_capitals")
@respondent
def ask() -> ResponseReturnValue:
    """Where a code is typed by hand."""
    set_language(request.args.get("lang"))
    return _notice(_("请输入填答码"), [_("填答码印在卡片上二维码的下方。")], 200, ask_code=True)


@blueprint.get("/q/<code>")
@blueprint.get("/Q/<code>", endpoint="start_in_capitals")
@respondent
def start(code: str) -> ResponseReturnValue:
    """The start page of a scanned link. Chat apps and scanners open links too: nothing changes, nothing is counted."""
    set_language(request.args.get("lang"))
    return _start_page(code, typed=False)


@blueprint.post("/q", strict_slashes=False)
@blueprint.post("/Q", strict_slashes=False, endpoint="begin_in_capitals")
@respondent
def begin() -> ResponseReturnValue:
    """A typed code: its start page. With `begin`: the questionnaire itself, at an address without the code."""
    fields = read_form(request, installation().config.public_url, stores=False)
    set_language(one(fields, "lang"))
    if not one(fields, "begin"):
        return _start_page(one(fields, "code"), typed=True)
    entrance = queries.entrance(session(), one(fields, "code"))
    door, questionnaire = _opened(entrance.door)
    config = installation().config
    if entrance.code_hash is None:
        installation().limits.hit(request, "open_link", config.open_link_rate)
    spoken = language() if language() in questionnaire.languages() else "zh"
    set_language(spoken)
    expires = int(closing_moment(door.closes, door.timezone).timestamp())
    capability = capabilities.issue(
        door.collector_id, entrance.code_hash, int(clock.now().timestamp()), expires, spoken
    )
    sealed = Sealed(capabilities.seal(config.secret, capability), draft=_draft_name(entrance.code_hash))
    return HttpResponse(_pages().blank(_course(door, questionnaire, capability), 0, sealed, {}), mimetype="text/html")


def _start_page(code: str, *, typed: bool) -> ResponseReturnValue:
    try:
        entrance = queries.entrance(session(), code)
    except UnknownCode as error:
        return _notice(
            title_of(error, language()), [], error.status, ask_code=True, typed=code[:64], wrong=error.message(language())
        )
    except Stop as error:
        return _stopped(error, forget=_draft_of_typed(code))
    door, questionnaire = _opened(entrance.door)
    spoken = [tongue for tongue in questionnaire.languages() if tongue in LANGUAGES]
    set_language(language() if language() in spoken else "zh")
    other = next((tongue for tongue in spoken if tongue != language()), None)
    course = Course(door, questionnaire, language(), 0, False)
    units = course.units
    intro = course.say(questionnaire.intro)
    return render_template(
        "responses/start.html",
        demo=door.demo,
        heading=course.say(questionnaire.title),
        intro=[paragraph for paragraph in intro.split("\n") if paragraph.strip()],
        duties=_duties_left(course),
        tier=door.tier,
        department=door.department_name,
        units=len(units),
        unit_names=[unit.name for unit in door.units] if len(units) == len(door.units) else [],
        code=entrance.code,
        typed=typed,
        other_language=other,
        other_name=_TONGUES.get(other or ""),
    )


def _duties_left(course: Course) -> list[tuple[str, str]]:
    """What the law wants said and the questionnaire's own introduction does not say by name."""
    written = course.questionnaire.intro
    template = "" if written is None else text(written, course.language)
    names = course.names()
    wanted = {
        "office": (_("委托单位"), names["office"]),
        "agency": (_("承办机构"), names["agency"]),
        "minutes": (_("所需时间"), _("约 {minutes} 分钟").format(minutes=names["minutes"])),
        "retention": (_("答卷保存期限"), names["retention"]),
        "contact": (_("意见与投诉"), names["contact"]),
    }
    return [fact for name, fact in wanted.items() if "{{" + name + "}}" not in template]


def _opened(door: Door) -> tuple[Door, Questionnaire]:
    """The door and its questionnaire, if answers are taken today; the reason as a page otherwise."""
    days = {"opens": door.opens.isoformat(), "closes": door.closes.isoformat()}
    match standing(door, clock.today(door.timezone)):
        case "not_yet":
            raise NotYetOpen(**days)
        case "paused":
            raise Paused(**days)
        case "closed":
            raise Closed(**days)
    if door.questionnaire_hash is None:
        raise NotYetOpen(**days)
    _pages().doors.put(door.collector_id, door)
    return door, library.questionnaire(session(), door.questionnaire_hash)


# ---- Sending --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Sending:
    """One page as it was sent: who may send it, and where in the sitting it stands."""

    fields: Fields
    capability: Capability
    course: Course
    at: int

    @cached_property
    def carried(self) -> dict[int, dict[str, Any]]:
        """The answers of the pages before, by page number."""
        sealed = one(self.fields, "_carry")
        if not sealed:
            return {}
        found = capabilities.unseal_carry(installation().config.secret, self.capability, sealed)
        if not isinstance(found, list):
            raise BadCapability
        return {at: given for at, given in found if at != self.at}

    @property
    def restored(self) -> bool:
        """Whether a draft was taken up again: then nobody knows how long the answering took."""
        return bool(one(self.fields, "_restored"))

    def general(self) -> dict[str, Any]:
        """What earlier pages say outside the units, for conditions that look back."""
        return {
            name: answer
            for at, given in self.carried.items()
            if self.course.leaves[at].unit_at is None
            for name, answer in given.items()
        }

    def sealed(self, carry: str) -> Sealed:
        """What the next page hands out again."""
        draft = _draft_name(self.capability.code_hash)
        return Sealed(capabilities.seal(installation().config.secret, self.capability), carry, draft)

    def again(self, status: int, content: Filled) -> HttpResponse:
        """The same page with everything that was typed."""
        sealed = self.sealed(one(self.fields, "_carry"))
        page = filled(self.course, self.at, sealed, self.general(), content)
        headers = {"Retry-After": _RETRY_SECONDS[status]} if status in _RETRY_SECONDS else {}
        return HttpResponse(page, status, headers, mimetype="text/html")


@blueprint.post("/a")
@blueprint.post("/A", endpoint="send_in_capitals")
@respondent
def send() -> ResponseReturnValue:
    """One page of answers. The last one, or `_finish` on any, is the one POST that spends the code and stores."""
    config = installation().config
    fields = read_form(request, config.public_url, stores=True)
    now = int(clock.now().timestamp())
    sending = _sending(fields, now)
    if one(fields, "_show"):
        return sending.again(200, Filled(fields, {}, restored=True))
    leaf = sending.course.leaves[sending.at]
    unit = None if leaf.unit_at is None else sending.course.units[leaf.unit_at].code
    reading = answers.read(
        sending.course.questionnaire, fields, unit=unit, sections=leaf.sections, earlier=sending.general()
    )
    if reading.errors:
        wrong = {error.item: error.message(language()) for error in reading.errors}
        return sending.again(422, Filled(fields, wrong, restored=sending.restored))
    finished = sending.carried | {sending.at: reading.answers}
    last = sending.at + 1 == len(sending.course.leaves)
    if not (last or one(fields, "_finish") or reading.screened == "sitting"):
        carry = capabilities.seal_carry(config.secret, sending.capability, sorted(finished.items()))
        page = _pages().blank(
            sending.course, sending.at + 1, sending.sealed(carry), sending.general() | _outside_units(sending, reading.answers)
        )
        return HttpResponse(page, mimetype="text/html")
    if one(fields, "_finish") and not reading.answers:
        # The page was not answered but left: a unit that somebody never came to rate has no response.
        del finished[sending.at]
    try:
        return _store(sending, finished, now)
    except (Saturated, TooOften, NotStored, NothingAnswered, SittingTooLarge, Paused) as error:
        trouble = error.message(language())
        return sending.again(error.status, Filled(fields, {}, trouble=trouble, restored=sending.restored))


def _outside_units(sending: _Sending, given: Mapping[str, Any]) -> Mapping[str, Any]:
    return given if sending.course.leaves[sending.at].unit_at is None else {}


def _sending(fields: Fields, now: int) -> _Sending:
    capability = capabilities.unseal(installation().config.secret, one(fields, "_cap"), now)
    set_language(capability.language)
    pages = _pages()
    door = pages.doors.get(capability.collector_id)
    if door is None:
        door = doors.door(session(), capability.collector_id)
        if door is None or door.questionnaire_hash is None:
            raise BadCapability
        pages.doors.put(door.collector_id, door)
    assert door.questionnaire_hash is not None
    questionnaire = library.kept(door.questionnaire_hash) or library.questionnaire(session(), door.questionnaire_hash)
    course = _course(door, questionnaire, capability)
    page = one(fields, "_page")
    if not (page.isascii() and page.isdecimal() and int(page) < len(course.leaves)):
        raise BadCapability
    return _Sending(fields, capability, course, int(page))


def _store(sending: _Sending, finished: Mapping[int, Mapping[str, Any]], now: int) -> HttpResponse:
    course, capability = sending.course, sending.capability
    door = course.door
    if not any(finished.values()):
        raise NothingAnswered
    if capability.code_hash is None:
        installation().limits.hit(request, "open_link_sent", installation().config.open_link_rate)
    only_unit = door.units[0].id if len(door.units) == 1 else None
    sitting = Sitting(
        collector_id=door.collector_id,
        box_group_id=door.box_group_id,
        code_hash=capability.code_hash,
        receipt=hashlib.sha256(capability.nonce).digest(),
        questionnaire_hash=door.questionnaire_hash or "",
        language=capability.language,
        mode="web",
        duration=None if sending.restored else duration_step(now - capability.started),
        order_number=capability.order_number,
        flip=capability.flip,
        responses=responses_of(course.leaves, finished, [unit.id for unit in course.units], only_unit),
    )
    try:
        outcome = installation().writer.submit(sitting)
    except SQLAlchemyError as error:
        log.error("sitting_not_stored %s", type(error).__name__)  # noqa: TRY400  # a traceback may carry an answer
        raise NotStored from None
    if outcome in {Outcome.STORED, Outcome.AGAIN}:
        return redirect(f"/thanks/{door.campaign_code}/{door.questionnaire}?lang={capability.language}", 303)
    days = {"opens": door.opens.isoformat(), "closes": door.closes.isoformat()}
    if outcome is Outcome.PAUSED:
        raise Paused(**days)
    reasons: dict[Outcome, type[Stop]] = {
        Outcome.USED: UsedCode,
        Outcome.VOIDED: VoidedCode,
        Outcome.CLOSED: Closed,
    }
    return _stopped(reasons.get(outcome, UnknownCode)(**days), forget=_draft_name(capability.code_hash))


@blueprint.get("/thanks/<campaign_code>/<questionnaire>")
@respondent
def thanks(campaign_code: str, questionnaire: str) -> ResponseReturnValue:
    """After sending. Anybody may open it; it says the same to everybody."""
    set_language(request.args.get("lang"))
    found = queries.thanks(session(), campaign_code, questionnaire)
    if found is None:
        raise NotFound(what=campaign_code)
    campaign = found.campaign
    names = {"office": campaign.office, "agency": campaign.agency_name, "campaign": campaign.title}
    names |= {"contact": campaign.contact, "retention": campaign.retention}
    said = found.questionnaire.thanks
    words = substitute(text(said, language()), names) if said else _("谢谢,答卷已收到。现在可以关闭这个页面。")
    return _notice(_("提交成功"), words.split("\n"), 200, demo=campaign.demo)


# ---- What several of them share -------------------------------------------------------------------------------------


def _course(door: Door, questionnaire: Questionnaire, capability: Capability) -> Course:
    return Course(door, questionnaire, capability.language, capability.order_number, capability.flip)


def _draft_name(code_hash: bytes | None) -> str:
    """The name of a card's draft on its phone: the same whenever the card is opened, and of no use to anybody else.

    An open link has none: on a shared device one person would be offered what another one wrote.
    """
    if code_hash is None:
        return ""
    return hmac.digest(installation().config.secret, b"draft " + code_hash, hashlib.sha256)[:12].hex()


def _draft_of_typed(code: str) -> str:
    normalised = queries.admission_rules.normalise(code)
    return _draft_name(queries.admission_rules.code_hash(normalised)) if normalised else ""


def _stopped(error: AppError, forget: str = "") -> HttpResponse:
    sentences = [error.message(language())]
    return _notice(title_of(error, language()), sentences, error.status, forget=forget if _is_final(error) else "")


def _is_final(error: AppError) -> bool:
    return isinstance(error, Stop) and error.final


def _notice(
    heading: str,
    sentences: list[str],
    status: int,
    *,
    ask_code: bool = False,
    typed: str = "",
    wrong: str = "",
    forget: str = "",
    demo: bool = False,
) -> HttpResponse:
    page = render_template(
        "responses/notice.html",
        heading=heading,
        sentences=sentences,
        ask=ask_code,
        typed=typed,
        wrong=wrong,
        forget=forget,
        demo=demo,
    )
    headers = {"Retry-After": _RETRY_SECONDS[status]} if status in _RETRY_SECONDS else {}
    return HttpResponse(page, status, headers, mimetype="text/html")


@blueprint.errorhandler(AppError)
def _refused(error: AppError) -> HttpResponse:
    return _stopped(error)


@blueprint.errorhandler(RequestEntityTooLarge)
def _too_large(_error: RequestEntityTooLarge) -> HttpResponse:
    return _stopped(TooLarge())


@blueprint.after_request
def _compress(answer: HttpResponse) -> HttpResponse:
    """A page of 20 items is 20 kB as it stands and 4 kB compressed: seconds on a slow phone."""
    if (
        "gzip" in request.headers.get("Accept-Encoding", "")
        and answer.mimetype == "text/html"
        and not answer.direct_passthrough
        and (answer.content_length or 0) >= _WORTH_COMPRESSING
    ):
        answer.set_data(gzip.compress(answer.get_data(), compresslevel=6, mtime=0))
        answer.headers["Content-Encoding"] = "gzip"
        answer.headers["Vary"] = "Accept-Encoding"
    return answer
