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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, Generic, TypeVar

import orjson
from flask import render_template

from survey_app.campaigns.queries.doors import Door, RatedUnit
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.texts import minutes, substitute, text
from survey_app.responses.pages.cards import Wording, earlier_answers, looked_back_to, parts
from survey_app.responses.rules import Leaf, has_drawn_order, has_flipped_scale, rated_units, sitting_leaves
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
        """The units that this sitting rates, in its order."""
        return tuple(
            self.door.units[at] for at in rated_units(self.questionnaire, len(self.door.units), self.order_number)
        )

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """The pages."""
        return sitting_leaves(self.questionnaire, len(self.units))

    def names(self, unit: RatedUnit | None = None) -> dict[str, str]:
        """What is put into texts; without a unit, all units of the sitting."""
        return {
            "office": self.door.office,
            "agency": self.door.agency_name,
            "unit": unit.name if unit else _("、").join(rated.name for rated in self.units),
            "campaign": self.door.campaign_title,
            "minutes": str(minutes(self.questionnaire, len(self.units))),
            "retention": self.door.retention,
            "contact": self.door.contact,
        }

    def say(self, value: str | dict[str, str] | None, unit: RatedUnit | None = None) -> str:
        """A text of the questionnaire in this sitting's language, with names put in; "" for none."""
        return "" if value is None else substitute(text(value, self.language), self.names(unit))


@dataclass(frozen=True)
class Sealed:
    """What a page hands to the phone: its capability, its finished pages, the name of its draft ("" for none)."""

    capability: str
    carry: str = ""
    draft: str = ""


@dataclass(frozen=True)
class Filled:
    """What stands in a page already, and what is wrong with it."""

    values: Mapping[str, Sequence[str]]
    errors: Mapping[str, str]
    trouble: str | None = None
    restored: bool = False


_NOTHING = Filled({}, {})


class Pages:
    """The pages and doors that one process keeps ready."""

    def __init__(self) -> None:
        self.opened: Kept[int, Opened] = Kept(_DOORS_KEPT)
        self._ready: Kept[tuple[object, ...], tuple[bytes, ...]] = Kept(_PAGES_KEPT)

    def blank(self, course: Course, at: int, sealed: Sealed, earlier: Mapping[str, Any]) -> bytes:
        """A page to fill in. earlier: the answers of finished pages outside the units, for conditions."""
        if looked_back_to(course.questionnaire, course.leaves[at].sections):
            return filled(course, at, sealed, earlier, _NOTHING).encode()
        order_number = course.order_number if has_drawn_order(course.questionnaire) else 0
        flip = course.flip and has_flipped_scale(course.questionnaire)
        # Every page that follows another carries something, so that page number and slots always fit together.
        key = (course.door, course.language, order_number, flip, at, bool(sealed.carry), bool(sealed.draft))
        ready = self._ready.get(key)
        if ready is None:
            slots = Sealed(_CAPABILITY, _CARRY if sealed.carry else "", _DRAFT if sealed.draft else "")
            ready = _cut(filled(course, at, slots, {}, _NOTHING).encode())
            self._ready.put(key, ready)
        given = {_CAPABILITY: sealed.capability, _CARRY: sealed.carry, _DRAFT: sealed.draft}
        return b"".join(
            piece if place % 2 == 0 else given[piece.decode()].encode() for place, piece in enumerate(ready)
        )


def filled(course: Course, at: int, sealed: Sealed, earlier: Mapping[str, Any], content: Filled) -> str:
    """A page with what was typed, and the sentences beside what cannot be taken."""
    leaf = course.leaves[at]
    unit = None if leaf.unit_at is None else course.units[leaf.unit_at]
    following = course.leaves[at + 1] if at + 1 < len(course.leaves) else None
    wording = Wording(course.language, course.names(unit), course.order_number, course.flip)
    shown = parts(course.questionnaire, leaf.sections, wording)
    order = [card.id for part in shown for card in part.cards]
    return render_template(
        "responses/questionnaire.html",
        demo=course.door.demo,
        heading=course.say(course.questionnaire.title, unit),
        parts=shown,
        unit_number=leaf.unit_at + 1 if leaf.unit_at is not None and len(course.units) > 1 else None,
        unit_name=unit.name if unit else "",
        units=len(course.units),
        page=at,
        last=following is None,
        next_unit=following.unit_at if following else None,
        capability=sealed.capability,
        carry=sealed.carry,
        draft=sealed.draft,
        earlier=earlier_answers(course.questionnaire, leaf.sections, earlier),
        words=_script_words(),
        values=content.values,
        errors=content.errors,
        first_error=next((name for name in order if name in content.errors), None),
        trouble=content.trouble,
        restored=content.restored,
    )


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
            "forgotten": _("草稿已删除，这一页填写的内容不再保存在手机上。"),
        }
    ).decode()
