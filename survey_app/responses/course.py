"""The course of one sitting: its pages, which units it is about, where a person is in it, and what it becomes. Pure.

What must stay true: which units are asked about, and in which order, depends on what was fixed when the campaign opened
and on one of eight drawn numbers only, never on the code or the nonce; a unit that somebody does not know is told from
one whose page was left blank; going back and forth loses nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from survey_app.questionnaire.answers import NOT_KNOWN
from survey_app.questionnaire.assignment import assign, most_units
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.setup import SetupDepartment

Typed = Mapping[str, Sequence[str]]
Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of a sitting: the ids of its sections, and which of the door's units (in drawn order) it is about.

    choosing: the page on which somebody says which units they know.
    """

    sections: tuple[str, ...]
    unit_at: int | None
    choosing: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page stands among those that this person goes through.

    number, of: which unit it is, of how many that were chosen; None outside the units. back: the page before it, and
    choosing: the page of units, where there is one.
    """

    number: int | None
    of: int
    last: bool
    unit_follows: bool
    back: int | None
    choosing: int | None


@dataclass(frozen=True)
class Progress:
    """How far a sitting has come; it travels sealed from page to page, and nowhere else is it kept.

    finished: answers by page. typed: pages that were left with something that cannot be taken, as it was typed.
    known: pages of the units that the person knows, None before they said so; offered: how many units they were asked
    about. restored: a draft was taken up.
    """

    finished: Mapping[int, Given] = field(default_factory=dict)
    typed: Mapping[int, Typed] = field(default_factory=dict)
    known: tuple[int, ...] | None = None
    offered: int = 0
    restored: bool = False


def sitting_leaves(questionnaire: Questionnaire, units: int) -> tuple[Leaf, ...]:
    """The pages that a sitting may have: what comes before the repeated section, the page on which units are chosen,
    one page for each unit of the door, what comes after.

    Page numbers never change, however somebody chooses. One unit needs no choosing. A questionnaire without a repeated
    section is one page.
    """
    repeated = questionnaire.repeated_section()
    ids = [section.id for section in questionnaire.sections]
    if repeated is None:
        return (Leaf(tuple(ids), None),)
    at = ids.index(repeated.id)
    pages = [Leaf((repeated.id,), unit) for unit in range(units)]
    if units > 1:
        pages.insert(0, Leaf((), None, choosing=True))
    if ids[:at]:
        pages.insert(0, Leaf(tuple(ids[:at]), None))
    if ids[at + 1 :]:
        pages.append(Leaf(tuple(ids[at + 1 :]), None))
    return tuple(pages)


def drawn_units(
    questionnaire: Questionnaire, units: Sequence[str], drawn: Sequence[Sequence[int]], order_number: int
) -> tuple[int, ...]:
    """All units of a door, as places in the office's own order, in the order of one sitting; it is about the first
    ones.

    units: their codes. drawn: the orders that were fixed at opening; a door without any is balanced by itself.
    """
    most = most_units(questionnaire)
    if most is None or len(units) < 2:
        return tuple(range(len(units)))
    order = (drawn or _alone(tuple(units), most))[order_number]
    first, rest = order[:most], order[most:]
    repeated = questionnaire.repeated_section()
    if repeated is not None and repeated.repeat is not None and repeated.repeat.order == "as_listed":
        return (*sorted(first), *rest)
    return (*first, *rest)


@lru_cache(maxsize=256)
def _alone(units: tuple[str, ...], most: int) -> tuple[tuple[int, ...], ...]:
    department = SetupDepartment(code="alone", name="alone", raters=1, rates=units)
    places = {code: place for place, code in enumerate(units)}
    return tuple(tuple(places[code] for code in order) for order in assign([department], most).orders["alone"])


def path_of(leaves: Sequence[Leaf], known: Collection[int] | None) -> tuple[int, ...]:
    """The pages that somebody who knows these units goes through; before they said so, up to the page that asks."""
    if known is None:
        asking = next((at for at, leaf in enumerate(leaves) if leaf.choosing), None)
        return tuple(range(len(leaves) if asking is None else asking + 1))
    return tuple(at for at, leaf in enumerate(leaves) if leaf.unit_at is None or at in known)


def place_of(leaves: Sequence[Leaf], known: Collection[int] | None, at: int) -> Place:
    """Where a page stands on that path."""
    path = path_of(leaves, known)
    units = [page for page in path if leaves[page].unit_at is not None]
    position = path.index(at)
    following = path[position + 1] if position + 1 < len(path) else None
    choosing = next((page for page in path if leaves[page].choosing), None)
    return Place(
        number=units.index(at) + 1 if at in units and len(units) > 1 else None,
        of=len(units),
        last=following is None and not leaves[at].choosing,
        unit_follows=following is not None and leaves[following].unit_at is not None,
        back=path[position - 1] if position else None,
        choosing=choosing if choosing != at else None,
    )


def next_offer(offered: int, chosen: int, most: int, units: int) -> int:
    """How many more units to ask about, in drawn order, where fewer than `most` of those offered are known."""
    return max(0, min(most - chosen, units - offered))


def has_drawn_order(questionnaire: Questionnaire) -> bool:
    """Whether two order numbers can give two different pages."""
    return any(section.randomize or section.repeat for section in questionnaire.sections)


def has_flipped_scale(questionnaire: Questionnaire) -> bool:
    """Whether the flip bit changes a page."""
    return any(scale.flip_scale for scale in questionnaire.response_scales.values())


def responses_of(
    leaves: Sequence[Leaf],
    finished: Mapping[int, Given],
    unit_ids: Sequence[int],
    only_unit: int | None,
    not_known: Collection[int] = (),
) -> list[tuple[int | None, dict[str, Any]]]:
    """(unit id, answers) of each response in a sitting, in the order of the pages.

    finished: the answers of each finished page. unit_ids: the door's units in drawn order. not_known: pages of units
    that were offered and are not known; each is a response that says so and nothing else. A unit whose page was left
    blank was not rated and has no response; what was asked outside the units is one more row without unit, only_unit's
    where a sitting is about one unit.
    """
    general: dict[str, Any] = {}
    rated: list[tuple[int | None, dict[str, Any]]] = []
    for at, leaf in enumerate(leaves):
        answers = finished.get(at)
        if leaf.unit_at is None:
            general |= answers or {}
        elif at in not_known:
            rated.append((unit_ids[leaf.unit_at], dict(NOT_KNOWN)))
        elif answers:
            rated.append((unit_ids[leaf.unit_at], dict(answers)))
    if not rated:
        return [(only_unit, general)]
    return [(None, general), *rated] if general else rated
