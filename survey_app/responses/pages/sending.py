"""One page of a sitting as it was sent: who may send it, where in the sitting it stands, what came before it.

What must stay true: on the way that most answers take nothing here asks the database; door and questionnaire were
kept when the page was given out, and the transaction that stores asks for the states again. Whatever was typed on any
page travels on, whichever page somebody goes to; it is read once more, in the order of the pages, before it is sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from survey_app.campaigns.queries import doors
from survey_app.library import queries as library
from survey_app.questionnaire import answers
from survey_app.questionnaire.answers import Reading
from survey_app.responses.capability import BadCapability, Capability, seal, seal_carry, unseal, unseal_carry
from survey_app.responses.course import Given, Leaf, Progress, path_of, place_of
from survey_app.responses.pages.building import (
    Choice,
    Course,
    Filled,
    Opened,
    Pages,
    Sealed,
    choosing,
    draft_name,
    filled,
)
from survey_app.responses.pages.incoming import Fields, one
from survey_app.web.installation import installation
from survey_app.web.language import language, set_language

Finished = dict[int, Given]


@dataclass(frozen=True)
class Final:
    """A whole sitting, read once more.

    not_known: pages of units that were offered and not ticked; knows_none: none of them was, and the person said so.
    wrong: the first page that cannot be taken as it is, and what is wrong there.
    """

    finished: Finished
    not_known: tuple[int, ...] = ()
    knows_none: bool = False
    wrong: tuple[int, Reading] | None = None


@dataclass(frozen=True)
class Sending:
    """One page as it was sent."""

    secret: bytes
    fields: Fields
    capability: Capability
    course: Course
    at: int

    @cached_property
    def progress(self) -> Progress:
        """What travelled with this page: what is on other pages, and on this one as it was left before."""
        sealed = one(self.fields, "_carry")
        restored = bool(one(self.fields, "_restored"))
        if not sealed:
            return Progress(restored=restored)
        carried: Any = unseal_carry(self.secret, self.capability, sealed)
        return Progress(
            finished=dict(carried["finished"]),
            typed=dict(carried["typed"]),
            known=None if carried["known"] is None else tuple(carried["known"]),
            offered=carried["offered"],
            restored=carried["restored"] or restored,
        )

    @property
    def restored(self) -> bool:
        """Whether a draft was taken up again: then nobody knows how long the answering took."""
        return self.progress.restored

    @property
    def leaf(self) -> Leaf:
        """Which page this is."""
        return self.course.leaves[self.at]

    @property
    def following(self) -> int | None:
        """The page that comes next; None on the last one."""
        path = path_of(self.course.leaves, self.progress.known)
        later = [page for page in path if page > self.at]
        return later[0] if later else None

    @property
    def destination(self) -> int | None:
        """The page that a button asks for, None where the next one is wanted. BadCapability for one off the way."""
        wanted = one(self.fields, "_to")
        return _page_number(wanted, path_of(self.course.leaves, self.progress.known)) if wanted else None

    def wants(self, what: str) -> bool:
        """Whether a button or the script asked for `_finish`, `_enough` or `_show`."""
        return bool(one(self.fields, what))

    def read(self) -> Reading:
        """The answers of this page, by the one validator."""
        return self._read(self.at, self.fields, self._general(self.progress.finished, self.at))

    def left(self, reading: Reading) -> Progress:
        """How the sitting stands when this page is left: what cannot be taken is kept as it was typed."""
        finished = {at: given for at, given in self.progress.finished.items() if at != self.at}
        typed = {at: given for at, given in self.progress.typed.items() if at != self.at}
        if reading.errors and not is_blank(reading):
            typed[self.at] = {name: values for name, values in self.fields.items() if not name.startswith("_")}
        elif reading.answers:
            finished[self.at] = reading.answers
        return replace(self.progress, finished=finished, typed=typed)

    def final(self, progress: Progress) -> Final:
        """Everything that would be stored now, in the order of the pages."""
        leaves, known = self.course.leaves, progress.known
        if len(leaves) == 1:
            return Final(dict(progress.finished))
        finished: Finished = {}
        for at in path_of(leaves, known):
            fields = self._fields_of(progress, at)
            if fields is None:
                continue
            reading = self._read(at, fields, self._general(finished, at))
            if reading.errors and not is_blank(reading):
                return Final(finished, wrong=(at, reading))
            finished[at] = reading.answers
            if reading.screened == "sitting":
                break
        if known is None:
            return Final(finished)
        offered = self.course.unit_pages[: progress.offered]
        return Final(finished, tuple(page for page in offered if page not in known), knows_none=not known)

    def page(self, pages: Pages, progress: Progress, at: int) -> str | bytes:
        """Any page of this sitting, with what stands on it already."""
        if self.course.leaves[at].choosing:
            return self.choosing_page(progress, Choice(progress.offered or self.course.most, progress.known or ()))
        fields = self._fields_of(progress, at)
        general = self._general(progress.finished, at)
        if fields is None:
            return pages.blank(self.course, at, self._sealed(progress), general, progress.known)
        return self.wrong_page(progress, at, self._read(at, fields, general))

    def wrong_page(self, progress: Progress, at: int, reading: Reading) -> str:
        """A page that was left before, with what was typed and what is wrong with it."""
        wrong = {error.item: error.message(language()) for error in reading.errors}
        content = Filled(self._fields_of(progress, at) or {}, wrong, restored=progress.restored)
        return self._filled(progress, at, content)

    def same_page(self, content: Filled) -> str:
        """This page again, with everything that was typed."""
        if self.leaf.choosing:
            sends = self.wants("_finish")
            offered = self.progress.offered or self.course.most
            choice = Choice(offered, self.ticked, may_send=sends, none_known=sends and not self.ticked)
            return self.choosing_page(self.progress, choice, content)
        return self._filled(self.progress, self.at, content)

    @property
    def ticked(self) -> tuple[int, ...]:
        """The pages of the units that are ticked, of those that were offered; anything else is passed over."""
        offered = self.course.unit_pages[: self.progress.offered or self.course.most]
        ticked = set(self.fields.get("_known", []))
        return tuple(page for page in offered if str(page) in ticked)

    def choosing_page(self, progress: Progress, choice: Choice, content: Filled | None = None) -> str:
        """The page of units."""
        at = next(at for at, leaf in enumerate(self.course.leaves) if leaf.choosing)
        answered = progress.finished.keys() | progress.typed.keys()
        choice = replace(choice, answered=answered, may_send=choice.may_send or bool(answered))
        content = content or Filled({}, {}, restored=progress.restored)
        place = place_of(self.course.leaves, progress.known, at)
        return choosing(self.course, at, self._sealed(progress), choice, content, place=place)

    def _filled(self, progress: Progress, at: int, content: Filled) -> str:
        place = place_of(self.course.leaves, progress.known, at)
        general = self._general(progress.finished, at)
        return filled(self.course, at, self._sealed(progress), general, content, place=place)

    def _fields_of(self, progress: Progress, at: int) -> Fields | None:
        """What stands on a page, as form fields; None where nothing does."""
        if at in progress.typed:
            return {name: list(values) for name, values in progress.typed[at].items()}
        if at in progress.finished:
            return answers.as_fields(self.course.questionnaire, progress.finished[at])
        return None

    def _read(self, at: int, fields: Fields, earlier: Given) -> Reading:
        leaf = self.course.leaves[at]
        unit = None if leaf.unit_at is None else self.course.units[leaf.unit_at].code
        return answers.read(self.course.questionnaire, fields, unit=unit, sections=leaf.sections, earlier=earlier)

    def _general(self, finished: Mapping[int, Given], of_page: int) -> Given:
        """What was answered outside the units on other pages than this, for conditions that look back to it."""
        leaves = self.course.leaves
        outside = (given for at, given in finished.items() if leaves[at].unit_at is None and at != of_page)
        return {name: answer for given in outside for name, answer in given.items()}

    def _sealed(self, progress: Progress) -> Sealed:
        draft = draft_name(self.secret, self.capability.code_hash)
        carry = "" if progress == Progress() else self._carry(progress)
        return Sealed(seal(self.secret, self.capability), carry, draft, self.capability.by_token)

    def _carry(self, progress: Progress) -> str:
        carried = {
            "finished": sorted(progress.finished.items()),
            "typed": sorted(progress.typed.items()),
            "known": progress.known,
            "offered": progress.offered,
            "restored": progress.restored,
        }
        return seal_carry(self.secret, self.capability, carried)


def is_blank(reading: Reading) -> bool:
    """Whether nothing was answered at all, so that nothing but required items is missing."""
    return not reading.answers and all(error.code == "required" for error in reading.errors)


def receive(secret: bytes, fields: Fields, now: int, pages: Pages) -> Sending:
    """The page behind a form, and its language for this request. Raises BadCapability or ExpiredCapability."""
    capability = unseal(secret, one(fields, "_cap"), now)
    set_language(capability.language)
    opened = pages.opened.get(capability.collector_id) or _open_again(capability.collector_id, pages)
    course = Course(opened.door, opened.questionnaire, capability.language, capability.order_number, capability.flip)
    sending = Sending(secret, fields, capability, course, _page_number(one(fields, "_page"), range(len(course.leaves))))
    if sending.at not in path_of(course.leaves, sending.progress.known):
        raise BadCapability
    return sending


def _page_number(written: str, among: range | tuple[int, ...]) -> int:
    if not (written.isascii() and written.isdecimal() and len(written) <= 4 and int(written) in among):
        raise BadCapability
    return int(written)


def _open_again(collector_id: int, pages: Pages) -> Opened:
    """After a restart, or in another process than the one that gave the page out."""
    # A session of its own, closed before the writer is asked: a read that is still open would keep SQLite's writer out.
    with installation().database.reading() as session:
        door = doors.door(session, collector_id)
        if door is None or door.questionnaire_hash is None:
            raise BadCapability
        opened = Opened(door, library.questionnaire(session, door.questionnaire_hash), door.questionnaire_hash)
    pages.opened.put(collector_id, opened)
    return opened
