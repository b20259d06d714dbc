"""One page of answers as it was sent: who may send it, where in the sitting it stands, what came before it.

What must stay true: on the way that most answers take nothing here asks the database; door and questionnaire were
kept when the page was given out, and the transaction that stores asks for the states again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from survey_app.campaigns.queries import doors
from survey_app.library import queries as library
from survey_app.questionnaire import answers
from survey_app.questionnaire.answers import Reading
from survey_app.responses.capability import BadCapability, Capability, seal, seal_carry, unseal, unseal_carry
from survey_app.responses.pages.building import Course, Filled, Opened, Pages, Sealed, draft_name, filled
from survey_app.responses.pages.incoming import Fields, one
from survey_app.web.installation import installation
from survey_app.web.language import set_language

Finished = dict[int, dict[str, Any]]


@dataclass(frozen=True)
class _Carried:
    """What travels sealed from page to page: the answers of finished pages, and whether a draft was taken up."""

    finished: Finished
    restored: bool


@dataclass(frozen=True)
class Sending:
    """One page as it was sent."""

    secret: bytes
    fields: Fields
    capability: Capability
    course: Course
    at: int

    @cached_property
    def _carried(self) -> _Carried:
        sealed = one(self.fields, "_carry")
        if not sealed:
            return _Carried({}, restored=False)
        carried: Any = unseal_carry(self.secret, self.capability, sealed)
        return _Carried({at: given for at, given in carried["pages"] if at != self.at}, carried["restored"])

    @property
    def earlier(self) -> Finished:
        """The answers of finished pages, by page number; never of this page."""
        return self._carried.finished

    @property
    def restored(self) -> bool:
        """Whether a draft was taken up again: then nobody knows how long the answering took."""
        return bool(one(self.fields, "_restored")) or self._carried.restored

    @property
    def is_last(self) -> bool:
        """Whether no page follows."""
        return self.at + 1 == len(self.course.leaves)

    def wants(self, what: str) -> bool:
        """Whether a button or the script asked for `_finish` or `_show`."""
        return bool(one(self.fields, what))

    def read(self) -> Reading:
        """The answers of this page, by the one validator."""
        leaf = self.course.leaves[self.at]
        unit = None if leaf.unit_at is None else self.course.units[leaf.unit_at].code
        questionnaire, general = self.course.questionnaire, self._general(self.earlier)
        return answers.read(questionnaire, self.fields, unit=unit, sections=leaf.sections, earlier=general)

    def same_page(self, content: Filled) -> str:
        """This page again, with everything that was typed."""
        return filled(
            self.course, self.at, self._sealed(one(self.fields, "_carry")), self._general(self.earlier), content
        )

    def next_page(self, pages: Pages, finished: Finished) -> bytes:
        """The page after this one; what is finished travels on in it."""
        carry = seal_carry(self.secret, self.capability, {"pages": sorted(finished.items()), "restored": self.restored})
        return pages.blank(self.course, self.at + 1, self._sealed(carry), self._general(finished))

    def _general(self, finished: Finished) -> Mapping[str, Any]:
        """What was answered outside the units, for conditions that look back to it."""
        outside = (given for at, given in finished.items() if self.course.leaves[at].unit_at is None)
        return {name: answer for given in outside for name, answer in given.items()}

    def _sealed(self, carry: str) -> Sealed:
        draft = draft_name(self.secret, self.capability.code_hash)
        return Sealed(seal(self.secret, self.capability), carry, draft)


def receive(secret: bytes, fields: Fields, now: int, pages: Pages) -> Sending:
    """The page behind a form, and its language for this request. Raises BadCapability or ExpiredCapability."""
    capability = unseal(secret, one(fields, "_cap"), now)
    set_language(capability.language)
    opened = pages.opened.get(capability.collector_id) or _open_again(capability.collector_id, pages)
    course = Course(opened.door, opened.questionnaire, capability.language, capability.order_number, capability.flip)
    page = one(fields, "_page")
    if not (page.isascii() and page.isdecimal() and len(page) <= 3 and int(page) < len(course.leaves)):
        raise BadCapability
    return Sending(secret, fields, capability, course, int(page))


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
