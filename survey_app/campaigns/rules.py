"""What a set-up means before anything is stored: which collectors it needs, which boxes, how many cards and answers.

Pure: set-up and questionnaires in, plans out. Sizes are people in the frame; cards are what is printed; answers are
what must come back.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from survey_app.errors import AppError
from survey_app.questionnaire.assignment import LOW_RETURN, Expected, expected_by_unit
from survey_app.questionnaire.base import AUDIENCES, Audience
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.setup import (
    MIN_STRATUM,
    CampaignSetup,
    FrameStratum,
    SetupUnit,
    answers_needed,
)

Tier = Literal["T0", "T1", "T2"]

# A box group that cannot reach this many sittings would be destroyed unread at close.
MIN_PLANNED = 10
BOX_SIZE = 10

# Working proposals (建议值), shown beside every number that rests on them.
CENSUS_UP_TO = 200
# Percent of the cards that come back.
EXPECTED_RETURN: Mapping[Audience, int] = {"staff": 70, "service_recipient": 50}
LEAST_DEPARTMENTS = 8
LEAST_RATERS = 20


@dataclass(frozen=True)
class PlannedCollector:
    """One door that a set-up needs.

    `headcount` 0: nobody knows how many people there are, so service recipients get an open link, and staff no cards.
    """

    questionnaire: str
    audience: Audience
    unit: str | None
    department: str | None
    stratum: str | None
    headcount: int
    tier: Tier
    box_group: str


@dataclass(frozen=True)
class Need:
    """Cards and answers for one unit × audience × stratum.

    people: the frame, None where unknown. answers: for ±5 points at 95 % over the unit, shared out over its strata
    by size; of a staff census the target return. cards: None where only an open link is possible.
    """

    unit: str
    audience: Audience
    stratum: str | None
    people: int | None
    answers: int
    cards: int | None
    census: bool


@dataclass(frozen=True)
class RaterNeed:
    """Departments and raters that evaluate one unit, against the least that a score should rest on.

    full, low: what can be expected if all or LOW_RETURN of them answer, where each rates some of the units only.
    """

    unit: str
    departments: int
    raters: int
    full: Expected | None = None
    low: Expected | None = None

    @property
    def enough(self) -> bool:
        """At least 8 departments and 20 responses if everybody answers."""
        departments, responses = self.departments, float(self.raters)
        if self.full is not None:
            departments, responses = int(self.full.departments), self.full.responses
        return departments >= LEAST_DEPARTMENTS and responses >= LEAST_RATERS


def plan_collectors(setup: CampaignSetup, audience_of: Mapping[str, Audience]) -> list[PlannedCollector]:
    """Every collector that a checked set-up needs, in the order of its units, then its departments.

    audience_of: questionnaire name -> audience, for the set-up's questionnaires. An audience with several
    questionnaires (a variant) gets one collector for each.
    """
    planned = []
    for unit in setup.units:
        for audience in _direct_audiences(unit):
            for number, (stratum, headcount, by_list) in enumerate(_doors_of(unit, audience)):
                for name in _asked(setup, audience_of, audience):
                    planned.append(
                        PlannedCollector(
                            questionnaire=name,
                            audience=audience,
                            unit=unit.code,
                            department=None,
                            stratum=stratum,
                            headcount=headcount,
                            tier=_tier_of(audience, headcount, by_list=by_list),
                            box_group=_box_group(unit, audience, number, name),
                        )
                    )
    for department in setup.departments:
        for name in _asked(setup, audience_of, "related_department"):
            planned.append(
                PlannedCollector(
                    questionnaire=name,
                    audience="related_department",
                    unit=None,
                    department=department.code,
                    stratum=None,
                    headcount=department.raters,
                    tier="T1",
                    # One box for all of them: a department alone is too small to hide in.
                    box_group="related_department",
                )
            )
    return planned


def needs(setup: CampaignSetup) -> list[Need]:
    """Cards and answers for every unit and stratum of staff and service recipients, in the set-up's order.

    n = n0 / (1 + (n0 − 1) / N) with n0 = 384.16; up to 200 staff: everybody gets a card.
    """
    return [need for unit in setup.units for audience in _direct_audiences(unit) for need in _needs_of(unit, audience)]


def rater_needs(setup: CampaignSetup, questionnaires: Collection[Questionnaire] = ()) -> list[RaterNeed]:
    """Departments and raters for every unit that related departments evaluate.

    questionnaires: they say how many units one sitting rates; without them everybody counts for every unit.
    """
    found = []
    full, low = (expected_by_unit(setup, questionnaires, returned) for returned in (1.0, LOW_RETURN))
    for unit in setup.units:
        if "related_department" in unit.audiences:
            rating = setup.departments_rating(unit.code)
            raters = sum(department.raters for department in rating)
            found.append(RaterNeed(unit.code, len(rating), raters, full.get(unit.code), low.get(unit.code)))
    return found


def _direct_audiences(unit: SetupUnit) -> Iterator[Audience]:
    return (audience for audience in AUDIENCES if audience in unit.audiences and audience != "related_department")


def _asked(setup: CampaignSetup, audience_of: Mapping[str, Audience], audience: Audience) -> list[str]:
    return [name for name in setup.questionnaires if audience_of[name] == audience]


def _tier_of(audience: Audience, headcount: int, *, by_list: bool) -> Tier:
    if by_list:
        return "T2"
    return "T0" if audience == "service_recipient" and not headcount else "T1"


def _doors_of(unit: SetupUnit, audience: Audience) -> list[tuple[str | None, int, bool]]:
    """(stratum, headcount, whether by named list) of each door. Strata under 10 share one that stores no stratum."""
    frame = unit.strata(audience)
    if not frame:
        return [(None, 0, False)]
    small = [cell for cell in frame if cell.stratum is not None and cell.size < MIN_STRATUM]
    doors = [(cell.stratum, cell.size, cell.named_list) for cell in frame if cell not in small]
    if not small:
        return doors
    return [*doors, (None, sum(cell.size for cell in small), all(cell.named_list for cell in small))]


def _box_group(unit: SetupUnit, audience: Audience, number: int, questionnaire: str) -> str:
    if unit.report_group is not None:
        return f"{audience}/group/{unit.report_group}"
    return f"{audience}/unit/{unit.code}/{number}/{questionnaire}"


def _needs_of(unit: SetupUnit, audience: Audience) -> list[Need]:
    people = unit.size(audience)
    if people is None:
        return [Need(unit.code, audience, None, None, answers_needed(None), None, census=False)]
    census = audience == "staff" and people <= CENSUS_UP_TO
    whole = _share(people * EXPECTED_RETURN["staff"], 100) if census else answers_needed(people)
    return [_need(unit.code, cell, whole, people, census=census) for cell in unit.strata(audience)]


def _need(unit: str, cell: FrameStratum, whole: int, people: int, *, census: bool) -> Need:
    answers = min(cell.size, max(_share(whole * cell.size, people), MIN_STRATUM))
    cards = cell.size if census else min(cell.size, _share(answers * 100, EXPECTED_RETURN[cell.audience]))
    return Need(unit, cell.audience, cell.stratum, cell.size, answers, cards, census=census)


def _share(whole: int, parts: int) -> int:
    """Rounded up, in whole numbers: 0.7 · 90 in floating point is not 63."""
    return -(-whole // parts)


@dataclass(frozen=True)
class OpeningFault:
    """One thing that forbids opening, and what to do about it, in both languages."""

    code: str
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh}\n{self.en}"


@dataclass(frozen=True)
class PlannedGroup:
    """A box group as planned: whose it is, how many people, how many active cards, whether an open link is in it."""

    names: tuple[str, ...]
    people: int
    activated: int  # cards in play, and people who are invited by name
    has_open_link: bool


def group_faults(groups: Iterable[PlannedGroup]) -> list[OpeningFault]:
    """Groups that could end below 10 sittings, whose answers would be destroyed unread at close."""
    faults = []
    for group in groups:
        names = in_words(group.names, 4)
        if group.has_open_link:
            continue
        if group.people == 0:
            faults.append(
                OpeningFault(
                    "people_unknown",
                    f"{names}：人数未填，无法启用卡片。请在设置的“分层人数”中填写人数，或不对它开展这类问卷。",
                    f"{names}: the number of people is not given, so no card can be active. "
                    "State it in the set-up, or leave this audience out.",
                )
            )
        elif group.people < MIN_PLANNED:
            faults.append(
                OpeningFault(
                    "group_too_small",
                    f"{names}：合计只有 {group.people} 人，少于 {MIN_PLANNED} 人，无法保证匿名。"
                    "请在设置中把它与相近的分层合并，或为它与其他单位填写相同的“合并收集组”，或不对它开展这类问卷。",
                    f"{names}: {group.people} people in all, fewer than {MIN_PLANNED}, too few to be anonymous. "
                    "Merge it with a similar stratum, or give it a collection group with other units in the set-up, "
                    "or leave this audience out.",
                )
            )
        elif 0 < group.activated < MIN_PLANNED:
            faults.append(
                OpeningFault(
                    "too_few_cards",
                    f"{names}：只启用了 {group.activated} 张卡片，少于 {MIN_PLANNED} 张，收回的答卷可能全部作废。"
                    "请再制作卡片，或作废已制作的批次。",
                    f"{names}: only {group.activated} cards are active, fewer than {MIN_PLANNED}; all answers could be "
                    "lost. Make more cards, or void the batches.",
                )
            )
    return faults


def in_words(names: Iterable[str], most: int = 8) -> str:
    """A list for a sentence, cut after `most` names."""
    every = list(names)
    return "、".join(every[:most]) + (f" …(+{len(every) - most})" if len(every) > most else "")


class CodeTaken(AppError):
    """Another campaign has this code."""

    code, status = "campaign_code_taken", 409
    zh = "轮次代码“{campaign}”已被使用。请换一个代码，例如加上年份。"
    en = "The campaign code “{campaign}” is taken. Choose another, for instance with the year."


class CodeChanged(AppError):
    """A new set-up for a draft carries another code."""

    code, status = "campaign_code_changed", 409
    zh = "新设置的轮次代码是“{given}”，与本轮次“{campaign}”不同。请改回“{campaign}”，或另建一个轮次。"
    en = "The new set-up has the code “{given}”, not “{campaign}”. Put the code back or create another campaign."


class ForeignAgency(AppError):
    """An agency's account named another agency as the one at work."""

    code, status = "foreign_agency", 403
    zh = "设置中的第三方机构是“{agency}”，与您所在的机构不同。机构账号只能以本机构名义创建轮次。"
    en = "The set-up names the agency “{agency}”, which is not yours. An agency creates campaigns in its own name only."


class NotADraft(AppError):
    """Something that only a draft allows was asked of a campaign that has opened."""

    code, status = "not_a_draft", 409
    zh = "轮次“{campaign}”已开放过，设置、问卷和评分方案不能再改。如需更正，请新建一个轮次。"
    en = "The campaign “{campaign}” has opened: its set-up, questionnaires and plan are fixed. Create a new one."


class CardsExist(AppError):
    """Cards have been made for a door that would change."""

    code, status = "cards_exist", 409
    zh = "“{door}”已制作卡片，不能再改。请先作废全部未发放的批次，再更改。"
    en = "Cards exist for “{door}”. Void all of its unissued batches first, then change it."


class CardsWereMade(AppError):
    """A set-up cannot be replaced under cards: voided ones too must find the door that says so."""

    code, status = "cards_were_made", 409
    zh = "轮次“{campaign}”已制作过卡片（包括已作废的），不能更换设置。请用新的代码新建一个轮次。"
    en = "Cards have been made in “{campaign}”, voided ones included: its set-up stays. Create another campaign."


class NoCardsWithoutHeadcount(AppError):
    """Cards were asked for a door whose number of people is unknown."""

    code, status = "no_headcount", 409
    zh = "“{door}”的人数未知，只能使用开放链接。请在设置文件的“分层人数”中补填人数。"
    en = "How many people belong to “{door}” is unknown, so it can only be an open link. State the size in the set-up."


class NotOpenLink(AppError):
    """An open link was asked for people who are few and known to each other."""

    code, status = "open_link_not_for_this_audience", 409
    zh = "“{door}”不能使用开放链接：工作人员和相关部门须用填答码，才能保证一人一份。"
    en = "“{door}” cannot be an open link: staff and departments need access codes, so that one person counts once."


class NotByNamedList(AppError):
    """A named list was asked for people among whom a signature would point at somebody."""

    code, status = "named_list_not_here", 409
    zh = "“{door}”不能按名单邀请：相关部门和不足 {least} 人的投放，一个部门一把公钥就等于点名。请使用填答码卡片。"
    en = (
        "“{door}” cannot work by named list: departments, and doors with fewer than {least} people, would have a key "
        "that points at somebody. Use cards."
    )


class ListExists(AppError):
    """A list has been imported for a door that would change."""

    code, status = "list_exists", 409
    zh = "“{door}”已导入受邀人名单，不能再改。请先在名单页面删除名单，再更改。"
    en = "A list has been imported for “{door}”. Delete it on its page first, then change this."


class CardsMadeMeanwhile(AppError):
    """Cards were asked for a second time: a button pressed twice, or two people at once."""

    code, status = "cards_made_meanwhile", 409
    zh = (
        "“{door}”刚刚已经制作过卡片（可能连点了两次，或另一人同时在制作），这次没有再制作。"
        "如果没有看到打印页，请在“卡片登记”中作废那一批，再重新制作。"
    )
    en = (
        "Cards for “{door}” have just been made (a second click, or another person); no more were made now. "
        "If you did not get to see the print page, void that batch in the card register and make them again."
    )


class CodesOnly(AppError):
    """Cards were asked for an open link."""

    code, status = "no_cards_for_open_links", 409
    zh = "“{door}”是开放链接，没有卡片。请使用海报。"
    en = "“{door}” is an open link and has no cards. Use the poster."


class CampaignClosed(AppError):
    """Cards were asked for after the end."""

    code, status = "campaign_is_closed", 409
    zh = "轮次“{campaign}”已关闭，不能再制作卡片。"
    en = "The campaign “{campaign}” is closed; no more cards can be made."
