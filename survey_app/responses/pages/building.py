"""How the pages of a questionnaire are made, and which of them are kept ready as bytes.

A page without answers in it depends only on the collector, the language, the drawn order and the page number: its
bytes are made once and cut where the capability, the finished pages and the draft's name go. A page with answers in
it (something to correct, a draft taken up again) is made for the occasion and never kept.
"""

import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, Generic, TypeVar

import orjson
from flask import render_template

from survey_app.campaigns.queries.doors import Door, RatedUnit
from survey_app.questionnaire.assignment import most_units
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.texts import minutes, substitute, text
from survey_app.responses.course import (
    Leaf,
    Place,
    drawn_units,
    has_drawn_order,
    has_flipped_scale,
    place_of,
    sitting_leaves,
)
from survey_app.responses.pages.cards import Wording, earlier_answers, looked_back_to, parts
from survey_app.web.language import _

K = TypeVar("K")
V = TypeVar("V")

_PAGES_KEPT = 512  # about 20 kB each
_DOORS_KEPT = 4096
# What stands in a kept page until it is given to somebody; random, so that no text of an agency can contain it.
_CAPABILITY, _CARRY, _DRAFT = (secrets.token_hex(16) for _slot in range(3))
_SLOTS = re.compile(f"({_CAPABILITY}|{_CARRY}|{_DRAFT})".encode())


class Kept(Generic[K, V]):
    """The values used last, up to a number of them; one process, several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """The value, which thereby becomes the one used last."""
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: K, value: V) -> None:
        """Keep a value, and forget the one that was not used for longest."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)


@dataclass(frozen=True)
class Opened:
    """A door at which answers are taken, and what is asked there."""

    door: Door
    questionnaire: Questionnaire
    questionnaire_hash: str


@dataclass(frozen=True)
class Course:
    """The way through one sitting: its pages and its units, fixed by door, questionnaire and what was drawn."""

    door: Door
    questionnaire: Questionnaire
    language: str
    order_number: int
    flip: bool

    @cached_property
    def units(self) -> tuple[RatedUnit, ...]:
        """All units of the door, in this sitting's order: it is about the first ones, as far as they are known."""
        codes = [unit.code for unit in self.door.units]
        drawn = drawn_units(self.questionnaire, codes, self.door.drawn, self.order_number)
        return tuple(self.door.units[at] for at in drawn)

    @cached_property
    def most(self) -> int:
        """How many units this sitting rates at most."""
        most = most_units(self.questionnaire)
        return len(self.units) if most is None else min(most, len(self.units))

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """The pages that there may be."""
        return sitting_leaves(self.questionnaire, len(self.units))

    @cached_property
    def unit_pages(self) -> tuple[int, ...]:
        """The pages of units, in this sitting's order."""
        return tuple(at for at, leaf in enumerate(self.leaves) if leaf.unit_at is not None)

    def names(self, unit: RatedUnit | None = None) -> dict[str, str]:
        """What is put into texts; without a unit, all units of the sitting."""
        return {
            "office": self.door.office,
            "agency": self.door.agency_name,
            "unit": unit.name if unit else _("、").join(rated.name for rated in self.units[: self.most]),
            "campaign": self.door.campaign_title,
            "minutes": str(minutes(self.questionnaire, self.most)),
            "retention": self.door.retention,
            "contact": self.door.contact,
        }

    def say(self, value: str | dict[str, str] | None, unit: RatedUnit | None = None) -> str:
        """A text of the questionnaire in this sitting's language, with names put in; "" for none."""
        return "" if value is None else substitute(text(value, self.language), self.names(unit))


@dataclass(frozen=True)
class Sealed:
    """What a page hands to the phone: its capability, its finished pages, the name of its draft ("" for none).

    by_token: whoever answers came by a named list, so that the phone sends a while after it could.
    """

    capability: str
    carry: str = ""
    draft: str = ""
    by_token: bool = False


@dataclass(frozen=True)
class Filled:
    """What stands in a page already, and what is wrong with it."""

    values: Mapping[str, Sequence[str]]
    errors: Mapping[str, str]
    trouble: str | None = None
    restored: bool = False


_NOTHING = Filled({}, {})


@dataclass(frozen=True)
class Choice:
    """How the page of units stands.

    offered: how many units are shown, in drawn order; added: how many of them only now, in place of others. ticked,
    answered: pages of units. may_send: what there is can be sent from here; none_known: also that no unit is known.
    """

    offered: int
    ticked: Collection[int] = ()
    answered: Collection[int] = ()
    added: int = 0
    may_send: bool = False
    none_known: bool = False


class Pages:
    """The pages and doors that one process keeps ready."""

    def __init__(self) -> None:
        self.opened: Kept[int, Opened] = Kept(_DOORS_KEPT)
        self._ready: Kept[tuple[object, ...], tuple[bytes, ...]] = Kept(_PAGES_KEPT)

    def blank(
        self,
        course: Course,
        at: int,
        sealed: Sealed,
        earlier: Mapping[str, Any],
        known: Collection[int] | None = None,
    ) -> bytes:
        """A page to fill in. earlier: the answers of finished pages outside the units, for conditions. known: the pages
        of the units that were chosen.
        """
        place = place_of(course.leaves, known, at)
        if looked_back_to(course.questionnaire, course.leaves[at].sections):
            return filled(course, at, sealed, earlier, _NOTHING, place=place).encode()
        order_number = course.order_number if has_drawn_order(course.questionnaire) else 0
        flip = course.flip and has_flipped_scale(course.questionnaire)
        # Every page that follows another carries something, so that page number and slots always fit together.
        key = (
            course.door,
            course.language,
            order_number,
            flip,
            at,
            place,
            bool(sealed.carry),
            bool(sealed.draft),
            sealed.by_token,
        )
        ready = self._ready.get(key)
        if ready is None:
            slots = Sealed(_CAPABILITY, _CARRY if sealed.carry else "", _DRAFT if sealed.draft else "", sealed.by_token)
            ready = _cut(filled(course, at, slots, {}, _NOTHING, place=place).encode())
            self._ready.put(key, ready)
        given = {_CAPABILITY: sealed.capability, _CARRY: sealed.carry, _DRAFT: sealed.draft}
        return b"".join(
            piece if place % 2 == 0 else given[piece.decode()].encode() for place, piece in enumerate(ready)
        )


def filled(
    course: Course, at: int, sealed: Sealed, earlier: Mapping[str, Any], content: Filled, *, place: Place | None = None
) -> str:
    """A page with what was typed, and the sentences beside what cannot be taken.

    place: None before units were chosen.
    """
    leaf = course.leaves[at]
    place = place or place_of(course.leaves, None, at)
    if leaf.choosing:
        return choosing(course, at, sealed, Choice(course.most), content, place=place)
    unit = None if leaf.unit_at is None else course.units[leaf.unit_at]
    wording = Wording(course.language, course.names(unit), course.order_number, course.flip)
    shown = parts(course.questionnaire, leaf.sections, wording)
    order = [card.id for part in shown for card in part.cards]
    return render_template(
        "responses/questionnaire.html",
        **_around(course, at, sealed, content, place),
        heading=course.say(course.questionnaire.title, unit),
        parts=shown,
        unit_name=unit.name if unit else "",
        earlier=earlier_answers(course.questionnaire, leaf.sections, earlier),
        values=content.values,
        errors=content.errors,
        first_error=next((name for name in order if name in content.errors), None),
    )


def choosing(course: Course, at: int, sealed: Sealed, choice: Choice, content: Filled, *, place: Place) -> str:
    """The page on which somebody says which units they know."""
    pages = course.unit_pages[: choice.offered]
    return render_template(
        "responses/choosing.html",
        **_around(course, at, sealed, content, place),
        heading=course.say(course.questionnaire.title),
        errors={},
        earlier="",
        offered=[(page, course.units[number].name) for number, page in enumerate(pages)],
        choice=choice,
        most=course.most,
        only_most=course.most < len(course.units),
    )


def _around(course: Course, at: int, sealed: Sealed, content: Filled, place: Place) -> dict[str, Any]:
    """What every page of a sitting has around its items."""
    return {
        "demo": course.door.demo,
        "page": at,
        "place": place,
        "capability": sealed.capability,
        "carry": sealed.carry,
        "draft": sealed.draft,
        "by_token": sealed.by_token,
        "words": _script_words(),
        "trouble": content.trouble,
        "restored": content.restored,
    }


def draft_name(secret: bytes, code_hash: bytes | None) -> str:
    """The name of a card's draft on its phone: the same whenever the card is opened, and of no use to anybody else.

    An open link has none: on a shared device one person would be offered what another one wrote.
    """
    return "" if code_hash is None else hmac.digest(secret, b"draft " + code_hash, hashlib.sha256)[:12].hex()


def _cut(page: bytes) -> tuple[bytes, ...]:
    """The page cut at its slots: every second piece names what goes there."""
    return tuple(_SLOTS.split(page))


def _script_words() -> str:
    """What the script says, in this request's language."""
    return orjson.dumps(
        {
            "progress": _("已答 {done} / {of} 题"),
            "sending": _("正在提交，请稍候。"),
            "offline": _("网络不通。您填写的内容都还在，网络恢复后会自动提交。"),
            "busy": _("暂时没有提交成功。您填写的内容都还在，约 {seconds} 秒后自动重试，也可以再点一次提交。"),
            "unreachable": _("暂时连接不上，草稿还在。请稍后再点一次“接着填”。"),
            "waiting": _("为了让领取凭证与提交答卷的时间对不上，将在 {seconds} 秒后自动提交，请不要关闭这一页。"),
            "left": _("还剩 {seconds} 秒。"),
            "forgotten": _("草稿已删除，这一页填写的内容不再保存在手机上。"),
        }
    ).decode()
