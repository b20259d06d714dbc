"""Cards on paper: what stands on each, and how they lie on A4 sheets of twelve.

Codes pass through here once, from the batch that was just made to the page that is printed; nothing is kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from survey_app.admission.operations import Batch
from survey_app.admission.rules import grouped
from survey_app.campaigns.export import qr
from survey_app.campaigns.queries.campaigns import CollectorRow

CARDS_A_SHEET = 12


@dataclass(frozen=True)
class Card:
    """One card. `spare` numbers spares from 1 in the order of their activation, None on a card in play."""

    groups: tuple[str, ...]
    symbol: str
    side: int
    spare: int | None


@dataclass(frozen=True)
class Sheet:
    """One A4 page: cards of one door, either all in play or all spare, so that spares can be sealed by themselves."""

    door: CollectorRow
    batch: int
    number: int
    of: int
    spare: bool
    cards: tuple[Card, ...]


def code_groups(code: str) -> tuple[str, ...]:
    """A code in the four groups of four in which it is printed and typed."""
    return tuple(grouped(code).split("-"))


def sheets(door: CollectorRow, batch: Batch, public_url: str) -> Iterator[Sheet]:
    """The sheets of a batch, one at a time: symbols are drawn while the page is being sent."""
    in_play = _pages(batch.codes[: batch.activated])
    spares = _pages(batch.codes[batch.activated :])
    number = 0
    for spare, pages in ((False, in_play), (True, spares)):
        for page, codes in enumerate(pages):
            number += 1
            first = page * CARDS_A_SHEET + 1
            cards = tuple(
                _card(code, public_url, first + position if spare else None) for position, code in enumerate(codes)
            )
            yield Sheet(door, batch.id, number, len(in_play) + len(spares), spare, cards)


def _pages(codes: Sequence[str]) -> list[Sequence[str]]:
    return [codes[start : start + CARDS_A_SHEET] for start in range(0, len(codes), CARDS_A_SHEET)]


def _card(code: str, public_url: str, spare: int | None) -> Card:
    modules = qr.matrix(qr.link(public_url, code))
    return Card(code_groups(code), qr.path(modules), len(modules), spare)
