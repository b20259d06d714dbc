"""A running campaign, without a database: what may follow what, what forbids opening, which counts may be shown.

Counts of a running campaign are counts of stored sittings, which move by whole boxes, and are shown in steps; a count
of used codes would say at which minute somebody answered.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from survey_app.campaigns.rules import OpeningFault
from survey_app.errors import AppError
from survey_app.invitations.rules.lists import MIN_INVITED, ListCounts

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


class ReceiverNeeded(AppError):
    """Cards that went out to nobody."""

    code, status = "receiver_needed", 422
    zh = "请填写接收卡片的部门或岗位，例如“人事科”。不要写个人姓名。"
    en = "Say which department or post took the cards, for instance “personnel office”. No names of persons."


class CorrectionReasonNeeded(AppError):
    """An entry taken back without a reason."""

    code, status = "correction_reason_needed", 422
    zh = "请写明更正的原因，例如“张数看错”。原登记会保留。"
    en = "Say why the entry is taken back, for instance “miscounted”. The entry itself stays in the register."


class NotClosedYet(AppError):
    """Unused cards can be counted only when nobody can use one any more."""

    code, status = "not_closed_yet", 409
    zh = "“{campaign}”还没有关闭，未用卡片仍可能被使用。请先关闭轮次，再清点。"
    en = "“{campaign}” is not closed: cards that lie here unused could still be used. Close it first, then count."


class NothingToCount(AppError):
    """A door without paper cards."""

    code, status = "nothing_to_count", 409
    zh = "“{door}”没有制作过卡片，不用清点。"
    en = "No cards were made for “{door}”: there is nothing to count."


class MoreThanThereAre(AppError):
    """More unused cards than were made."""

    code, status = "more_than_there_are", 422
    zh = "未用卡片应在 0 到 {most} 张之间（制作并有效的张数），填写的是 {unused}。请重新清点。"
    en = "There are between 0 and {most} unused cards (as many as were made and not voided), not {unused}. Count again."


class WitnessCounted(AppError):
    """The person who counted confirmed as the witness."""

    code, status = "witness_counted", 409
    zh = "清点人不能作为自己的见证人。请另一位在场的人登录后确认。"
    en = "Whoever counted cannot be the witness. Let another person who was there sign in and confirm."


class WitnessedBefore(AppError):
    """A count that has its witness."""

    code, status = "witnessed_before", 409
    zh = "这次清点已有见证人，不能重复确认。"
    en = "This count has its witness already."


class WaiverReasonNeeded(AppError):
    """Counting was waived without a reason."""

    code, status = "waiver_reason_needed", 422
    zh = "请写明为什么无法清点，例如“卡片已按规定销毁，有销毁记录”。原因会附在分数上。"
    en = "Say why cards cannot be counted, for instance “destroyed by rule, with a record”. It stands with the scores."


class NoQuotaHere(AppError):
    """A quota for people of whom everybody is asked."""

    code, status = "no_quota_here", 409
    zh = "“{door}”不能设名额：只有管理服务对象的开放链接和填答码卡片可以设，工作人员、部门和名单邀请的人都有权填答。"
    en = (
        "“{door}” can have no quota: staff, departments and people invited by name may all answer. "
        "Only open links and cards for service recipients can have one."
    )


class QuotaTooSmall(AppError):
    """A quota below what hides people, or below what has been stored."""

    code, status = "quota_too_small", 422
    zh = "名额至少 {least}，填写的是 {quota}。名额可以调高；不能少于 10，也不能少于已入库的份数。"
    en = "A quota is at least {least}, not {quota}. It can be raised, never set below 10 or below what has been stored."


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


class DoorByList(Protocol):
    """As much of a door as the checks of its list need."""

    @property
    def label(self) -> str:
        """How sentences name it."""

    @property
    def tier(self) -> str:
        """T0, T1 or T2."""

    @property
    def headcount(self) -> int:
        """People in the frame."""

    @property
    def listed(self) -> ListCounts | None:
        """The sums of its list, where it has one."""


def list_faults(doors: Iterable[DoorByList]) -> list[OpeningFault]:
    """Doors by named list whose list is missing, too short to hide anybody, or longer than the frame."""
    return [fault for door in doors if door.tier == "T2" and (fault := _list_fault(door)) is not None]


def _list_fault(door: DoorByList) -> OpeningFault | None:
    name, invited = door.label, door.listed.invited if door.listed else 0
    if not invited:
        return OpeningFault(
            "list_missing",
            f"{name}：还没有导入受邀人名单。请在“投放与卡片”中打开它的名单页面导入，或改为填答码卡片。",
            f"{name}: no list of invited people has been imported. Import one on its page, or use cards.",
        )
    if invited < MIN_INVITED:
        return OpeningFault(
            "list_too_short",
            f"{name}：名单只有 {invited} 人，少于 {MIN_INVITED} 人，无法保证匿名。请补全名单，或改为填答码卡片。",
            f"{name}: {invited} people on the list, fewer than {MIN_INVITED}, too few to be anonymous. "
            "Complete the list, or use cards.",
        )
    if invited > door.headcount:
        return OpeningFault(
            "list_beyond_headcount",
            f"{name}：名单有 {invited} 人，多于设置中的 {door.headcount} 人。请核对名单，或更正设置中的人数。",
            f"{name}: {invited} people on the list, but {door.headcount} in the set-up. Check the list or the set-up.",
        )
    return None


def discrepancy_fault(door: DoorByList) -> OpeningFault:
    """The sums of a list are not those of its rows."""
    return OpeningFault(
        "list_counts_do_not_fit",
        f"{door.label}：名单的合计与明细不符，有人改动过数据库。请查明原因，重新导入名单。",
        f"{door.label}: the sums of its list are not those of its rows; the database was changed. "
        "Find out why and import the list again.",
    )


@dataclass(frozen=True)
class Shown:
    """A count as staff may see it: `at_least` or `fewer` than the number, a `share` of that few people.

    Never exact: beside the valid answers of a snapshot an exact count would tell that one person was left out.
    """

    kind: Literal["at_least", "fewer", "share"]
    number: int
    share: Share | None = None


def shown(count: int, people: int | None, min_cell: int) -> Shown:
    """Returned sittings of a whole collector group, or its unused cards as counted, in steps of `min_cell`.

    people: how many could answer, or the cards that there are; None where nobody knows.
    """
    if count < min_cell:
        return Shown("fewer", min_cell)
    if people is not None and people < BANDS_BELOW:
        part = count / people
        share: Share = "under_half" if part < 0.5 else "half_to_four_fifths" if part < 0.8 else "four_fifths_or_more"
        return Shown("share", people, share)
    return Shown("at_least", count - count % min_cell)


def least_behind(seen: Shown, min_cell: int) -> int:
    """The smallest count that is shown like this."""
    if seen.kind == "at_least":
        return seen.number
    if seen.kind == "fewer":
        return 0
    return next(count for count in range(min_cell, seen.number + 1) if shown(count, seen.number, min_cell) == seen)
