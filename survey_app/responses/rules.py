"""What the respondent path decides before anything is stored: why somebody is sent away, which pages a sitting has and
which units it rates, and how finished pages become the responses of one sitting. Pure.

What must stay true: which units are rated, and in which order, depends on the questionnaire and one of eight drawn
numbers only, never on the code or the nonce.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from survey_app.errors import AppError
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.order import ORDERS, shuffled


class Stop(AppError):
    """Somebody cannot go on from here. The page says why and what to do; `final` ones end with this card."""

    status = 409
    title_zh: ClassVar[str]
    title_en: ClassVar[str]
    final: ClassVar[bool] = False

    def title(self, language: str) -> str:
        """The heading of the page."""
        return self.title_zh if language == "zh" else self.title_en


class UnknownCode(Stop):
    """Not a code, or a code that nobody made."""

    code, status = "unknown_code", 404
    title_zh, title_en = "没有找到这个填答码", "This code was not found"
    zh = "请对照卡片重新输入16位填答码。字母不分大小写，数字0和字母O、数字1和字母I、L可以混写。"
    en = (
        "Please type the 16 characters on your card again. "
        "Capital and small letters are the same, and so are 0 and O, 1, I and L."
    )


class UsedCode(Stop):
    """Another sitting has spent this code."""

    code, final = "used_code", True
    title_zh, title_en = "这张卡已经用过", "This card has been used"
    zh = (
        "每张卡只能提交一次。如果刚才是您提交的，答卷已经收到，不用再填。"
        "如果您还没有填答，请向发卡人换一张没有用过的卡。"
    )
    en = (
        "A card can be used once. If it was you who just sent it in, your answers have been received. "
        "If you have not answered yet, ask for an unused card where you were given this one."
    )


class VoidedCode(Stop):
    """The whole batch of this card was withdrawn before it was handed out."""

    code, final = "voided_code", True
    title_zh, title_en = "这批卡片已作废", "These cards have been withdrawn"
    zh = "这张卡所在的整批卡片已经作废，没有一张能用。请向发卡人领取新卡。"
    en = "The whole batch has been withdrawn. Please ask for a new card where you were given this one."


class InactiveCode(Stop):
    """A spare card that nobody has activated yet."""

    code = "inactive_code"
    title_zh, title_en = "这是一张备用卡，还没有启用", "This is a spare card that is not in use yet"
    zh = "请把卡片交回发卡人，换一张正式的卡，或者请发卡人启用后再扫。"
    en = "Please hand it back for a regular card, or scan it again once it has been activated."


class NotYetOpen(Stop):
    """The campaign, or this door of it, has not begun."""

    code = "not_yet_open"
    title_zh, title_en = "问卷还没有开始", "The questionnaire has not opened yet"
    zh = "填答时间从{opens}开始，到{closes}结束。请保管好卡片，到时再扫。"
    en = "It can be answered from {opens} to {closes}. Please keep the card and scan it again then."


class Paused(Stop):
    """Somebody paused collecting; the card stays good."""

    code = "paused"
    title_zh, title_en = "问卷暂停收集", "The questionnaire is paused"
    zh = "现在暂时不能填答，您的卡片仍然有效。请过些时候再来，最晚到{closes}。"
    en = (
        "Answers are not taken at the moment. Your card stays valid; please come back later, by {closes} at the latest."
    )


class Closed(Stop):
    """After the last day, or closed before it."""

    code, final = "closed", True
    title_zh, title_en = "问卷已经结束", "The questionnaire has closed"
    zh = "现在不再接收答卷。谢谢您的关心。"
    en = "Answers are no longer taken. Thank you for coming."


class NoSuchPage(Stop):
    """The page after sending, of a campaign or a questionnaire that does not exist."""

    code, status = "no_such_page", 404
    title_zh, title_en = "没有这个页面", "There is no such page"
    zh = "请核对网址，或者重新扫描卡片上的二维码。"
    en = "Please check the address, or scan the QR code on the card again."


class OutOfOrder(Stop):
    """The database cannot be asked."""

    code, status = "out_of_order", 503
    title_zh, title_en = "系统暂时不能使用", "Out of order for a moment"
    zh = "请过一两分钟再试。您的卡片不会因此失效。"
    en = "Please try again in a minute or two. Your card loses nothing by this."


class WrongOrigin(Stop):
    """Another site sent this form, or the browser hides which did."""

    code, status = "wrong_origin", 403
    title_zh, title_en = "这份内容不是从本页面提交的", "This was not sent from this page"
    zh = "为防止他人冒填，没有接收。请用手机自带的浏览器或微信重新扫描二维码，从问卷页面提交。"
    en = (
        "It was not taken, so that nobody can answer in your place. "
        "Scan the QR code again with your phone's browser or WeChat and send from there."
    )


class TooLarge(Stop):
    """More than any questionnaire needs."""

    code, status = "too_large", 413
    title_zh, title_en = "提交的内容过大", "What was sent is too large"
    zh = "一次最多接收256 kB。请回到填写的页面，把文字题写短一些再提交。"
    en = "At most 256 kB are taken. Please go back to your answers, shorten the written ones and send again."


class Incomplete(Stop):
    """The connection broke while the form was on its way."""

    code, status = "incomplete", 400
    title_zh, title_en = "没有收全", "This did not arrive whole"
    zh = "网络中途断开，没有收全，所以没有保存。请回到填写的页面，再提交一次。"
    en = "The connection broke on the way, so nothing was stored. Please go back to your answers and send again."


class WrongType(Stop):
    """Not a form."""

    code, status = "wrong_type", 415
    title_zh, title_en = "提交的格式不能识别", "What was sent is not a form"
    zh = "请从问卷页面提交。如果您用的就是问卷页面，请换一个浏览器再试。"
    en = "Please send from the questionnaire's page. If you did, try again with another browser."


class NotStored(AppError):
    """The database did not take it; the page keeps everything and the phone tries again."""

    code, status = "not_stored", 503
    zh = "系统暂时没能保存，您填写的内容都还在。请稍后再点一次提交。"
    en = "This could not be stored just now. Everything you filled in is still here; please send it again in a moment."


class PausedMeanwhile(AppError):
    """Somebody paused collecting while this person was answering."""

    code, status = "paused_meanwhile", 409
    zh = "问卷暂停收集，这份答卷还没有提交。您填写的内容都还在，请过些时候再点一次提交，最晚到{closes}。"
    en = (
        "The questionnaire is paused and this was not sent. Everything you filled in is still here; "
        "please send it again later, by {closes} at the latest."
    )


class NothingAnswered(AppError):
    """A whole sitting without one answer: most likely a slip of the finger, and it would spend the card."""

    code, status = "nothing_answered", 422
    zh = "您还没有作答任何题目，所以没有提交。不想填答的话，直接关闭页面就可以。"
    en = "Nothing has been answered yet, so nothing was sent. If you would rather not answer, just close this page."


# Titles of errors that other modules raise and that a respondent can meet.
TITLES = {
    "bad_capability": ("这个页面已失效", "This page is no longer valid"),
    "expired_capability": ("问卷已经截止", "The questionnaire has closed"),
    "too_often": ("操作太频繁", "Too many requests"),
}


def title_of(error: AppError, language: str) -> str:
    """The heading of the page that an error becomes."""
    if isinstance(error, Stop):
        return error.title(language)
    zh, en = TITLES.get(error.code, ("没有完成", "Not done"))
    return zh if language == "zh" else en


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of a sitting: the ids of its sections, and which of the sitting's units it is about."""

    sections: tuple[str, ...]
    unit_at: int | None


def sitting_leaves(questionnaire: Questionnaire, units: int) -> tuple[Leaf, ...]:
    """The pages of a sitting: what comes before the repeated section, one page a unit, what comes after it.

    A questionnaire without a repeated section is one page.
    """
    repeated = questionnaire.repeated_section()
    ids = [section.id for section in questionnaire.sections]
    if repeated is None:
        return (Leaf(tuple(ids), None),)
    at = ids.index(repeated.id)
    pages = [Leaf((repeated.id,), unit) for unit in range(units)]
    if ids[:at]:
        pages.insert(0, Leaf(tuple(ids[:at]), None))
    if ids[at + 1 :]:
        pages.append(Leaf(tuple(ids[at + 1 :]), None))
    return tuple(pages)


def rated_units(questionnaire: Questionnaire, units: int, order_number: int) -> tuple[int, ...]:
    """Which of a collector's units one sitting rates, and in which order: positions in the office's own order.

    More units than the repeated section's `max`: a window that starts an eighth of the list further for each order
    number, so that every unit is covered about equally often (exactly every unit up to eight times `max` of them).
    """
    repeated = questionnaire.repeated_section()
    positions = range(units)
    if repeated is None or repeated.repeat is None:
        return tuple(positions)
    shown = min(repeated.repeat.max, units)
    start = order_number * units // ORDERS if shown < units else 0
    window = sorted((start + step) % units for step in range(shown))
    if repeated.repeat.order == "random":
        return shuffled(window, questionnaire.id, questionnaire.version, repeated.id, "units", order_number)
    return tuple(window)


def has_drawn_order(questionnaire: Questionnaire) -> bool:
    """Whether two order numbers can give two different pages."""
    return any(section.randomize or section.repeat for section in questionnaire.sections)


def has_flipped_scale(questionnaire: Questionnaire) -> bool:
    """Whether the flip bit changes a page."""
    return any(scale.flip_scale for scale in questionnaire.response_scales.values())


def responses_of(
    pages: Sequence[Leaf], finished: Mapping[int, Mapping[str, Any]], unit_ids: Sequence[int], only_unit: int | None
) -> list[tuple[int | None, dict[str, Any]]]:
    """(unit id, answers) of each response in a sitting, in the order of answering.

    finished: the answers of each finished page. A unit whose page was left blank was not rated and has no response;
    what was asked outside the units is one more row without unit, only_unit's where a sitting is about one unit.
    """
    general: dict[str, Any] = {}
    rated: list[tuple[int | None, dict[str, Any]]] = []
    for at, answers in sorted(finished.items()):
        unit_at = pages[at].unit_at
        if unit_at is None:
            general |= answers
        elif answers:
            rated.append((unit_ids[unit_at], dict(answers)))
    if not rated:
        return [(only_unit, general)]
    return [(None, general), *rated] if general else rated


def closing_moment(closes: date, timezone: str) -> datetime:
    """When the last day ends in the campaign's own time zone."""
    return datetime.combine(closes + timedelta(days=1), time(), ZoneInfo(timezone))
