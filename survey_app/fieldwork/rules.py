"""A running campaign, without a database: what may follow what, what forbids opening, which counts may be shown.

Counts of a running campaign are counts of stored sittings, which move by whole boxes; a count of used codes would say
at which minute somebody answered.
"""

from dataclasses import dataclass
from typing import Literal

from survey_app.campaigns.rules import OpeningFault
from survey_app.errors import AppError

State = Literal["draft", "planned", "open", "paused", "closed"]
Act = Literal["open", "pause", "resume", "close"]
Share = Literal["under_half", "half_to_four_fifths", "four_fifths_or_more"]

_FOLLOWS: dict[Act, tuple[frozenset[State], State]] = {
    "open": (frozenset({"draft"}), "open"),
    "pause": (frozenset({"open"}), "paused"),
    "resume": (frozenset({"paused"}), "open"),
    "close": (frozenset({"open", "paused", "closed"}), "closed"),
}
_STATE_WORDS: dict[State, str] = {
    "draft": "草稿",
    "planned": "未开放",
    "open": "开放中",
    "paused": "已暂停",
    "closed": "已关闭",
}
# Below this many people a count of returns is shown as a band.
BANDS_BELOW = 20


class WrongState(AppError):
    """An act that does not fit the state of a campaign or collector."""

    code, status = "wrong_state", 409
    zh = "“{what}”现在是“{state_zh}”状态，不能进行此操作。请刷新页面查看最新状态。"
    en = "“{what}” is {state}; this cannot be done now. Reload the page to see how it stands."


class AlreadyApproved(AppError):
    """A request for spare cards that has been decided."""

    code, status = "already_approved", 409
    zh = "这份备用卡申请已经批准，不能重复批准。"
    en = "This request for spare cards has been approved already."


class SpareReasonNeeded(AppError):
    """A request for spare cards without a reason."""

    code, status = "spare_reason_needed", 422
    zh = "请写明启用备用卡的原因，例如“3 张卡片破损收回”。不要写个人姓名。"
    en = "Say why spare cards are needed, for instance “3 damaged cards came back”. No names of persons."


class DayToCome(AppError):
    """An entry of the register for a day that has not begun where the campaign is."""

    code, status = "day_to_come", 422
    zh = "{day} 还没有到，今天是 {today}。请填写实际发出或收回的日期。"
    en = "{day} is still to come; today is {today}. Enter the day on which the cards went out or came back."


def after(act: Act, state: State, what: str) -> State:
    """The state after an act. Raises WrongState."""
    allowed, then = _FOLLOWS[act]
    if state not in allowed:
        raise wrong_state(what, state)
    return then


def wrong_state(what: str, state: State) -> WrongState:
    """The refusal, with the state in both languages."""
    return WrongState(what=what, state=state, state_zh=_STATE_WORDS[state])


def address_fault(public_url: str) -> OpeningFault:
    """Codes may not travel in the clear."""
    return OpeningFault(
        "https_needed",
        f"使用填答码的投放须用 https 网址，现在的公开网址是 {public_url}。"
        "请管理员将 PINGYI_PUBLIC_URL 设为 https 网址后重启。",
        f"Access codes need an https address; the public URL is {public_url}. "
        "Let the administrator set PINGYI_PUBLIC_URL to an https address and restart.",
    )


def over_fault(closes: str) -> OpeningFault:
    """The last day has passed."""
    return OpeningFault(
        "campaign_over",
        f"截止日期 {closes} 已过。请更换设置中的日期后再开放。",
        f"The last day, {closes}, has passed. Change the dates in the set-up first.",
    )


@dataclass(frozen=True)
class Shown:
    """A count as staff may see it: an exact `number`, `fewer` than the number, a `share` of that few people."""

    kind: Literal["number", "fewer", "share"]
    number: int
    share: Share | None = None


def shown(count: int, people: int | None, min_cell: int) -> Shown:
    """Returned sittings of a whole collector group. people: how many could answer, None where nobody knows."""
    if count < min_cell:
        return Shown("fewer", min_cell)
    if people is not None and people < BANDS_BELOW:
        part = count / people
        share: Share = "under_half" if part < 0.5 else "half_to_four_fifths" if part < 0.8 else "four_fifths_or_more"
        return Shown("share", people, share)
    return Shown("number", count)
