"""Differences of copies: which cards and which sittings must belong together, whatever is in them.

Two facts are certain for whoever holds copies. Where as many cards of a door were used as sittings of it can be read,
nothing of that door waits, and what came between two such copies belongs together. And a row that was parked together
with the use of a card leaves its box together with it: the sittings that appear when that box empties hold the card's.
The smaller the block that is left of both, the better the adversary's posterior; 1 / its size is exact.
"""

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass

from tests.privacy.material import History


@dataclass(frozen=True)
class Block:
    """Cards and sittings that belong together."""

    collector: int
    cards: tuple[bytes, ...]
    sittings: tuple[bytes, ...]

    @property
    def posterior(self) -> float:
        """The probability of each of these sittings, for each of these cards."""
        return 1 / len(self.sittings)


def blocks(history: History) -> list[Block]:
    """The finest division that is certain."""
    cards: dict[Hashable, list[bytes]] = defaultdict(list)
    sittings: dict[Hashable, list[bytes]] = defaultdict(list)
    cuts = _cuts(history)
    for card in history.cards.values():
        if card.collector is not None and card.used_at is not None:
            piece = _piece(cuts[card.collector], card.used_at)
            cards[card.collector, piece, _emptied(history, card.parked_with)].append(card.identity)
    boxed = {key for key in cards if key[2] is not None}  # type: ignore[index]
    for sitting in history.sittings.values():
        piece = _piece(cuts[sitting.collector], sitting.seen_at)
        key = (sitting.collector, piece, sitting.seen_at)
        sittings[key if key in boxed else (sitting.collector, piece, None)].append(sitting.key)
    return [
        Block(key[0], tuple(cards.get(key, ())), tuple(found))  # type: ignore[index]
        for key, found in sittings.items()
    ]


def _cuts(history: History) -> dict[int, list[int]]:
    """For each door the copies at which nothing of it waits."""
    used: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    seen: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for card in history.cards.values():
        if card.collector is not None and card.used_at is not None:
            used[card.collector][card.used_at] += 1
    for sitting in history.sittings.values():
        seen[sitting.collector][sitting.seen_at] += 1
    found: dict[int, list[int]] = {}
    for collector in used.keys() | seen.keys():
        standing, found[collector] = 0, []
        for at in range(history.copies):
            standing += used[collector][at] - seen[collector][at]
            if standing == 0:
                found[collector].append(at)
    return found


def _piece(cuts: list[int], at: int) -> int:
    """Between which two cuts a copy lies."""
    return sum(cut < at for cut in cuts)


def _emptied(history: History, parked: set[bytes]) -> int | None:
    """When the box of a card was emptied; None where more than one box is possible, or none was ever seen."""
    moments = {history.gone_at.get(history.parked[row]) for row in parked}
    return moments.pop() if len(moments) == 1 else None
