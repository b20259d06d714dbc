"""What the adversary holds: a copy of the database after every request that changed it, and every file beside it.

The copies are read as tables; nothing here knows which columns are harmless. A row that holds the identity of a card
(its hash, or the receipt of an open link) is a row about the card; a row with answers is a row about a sitting.

Named lists: what is known of the invited person is put together with what is known of the token that they spent, as if
the adversary had watched the clock; what that gives away must still be no more than the box. Whether rows of the two
belong together is asked a second time, without that: `issue` is a history of its own, of people and spent tokens.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Row = dict[str, Any]
Tables = Mapping[str, Iterable[Row]]


@dataclass
class Card:
    """What is known of one card: when it was used, and every column of every row about it."""

    identity: bytes
    collector: int | None = None
    used_at: int | None = None
    parked_with: set[bytes] = field(default_factory=set)
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Sitting:
    """What is known of one sitting: when it appeared, and every column of its rows."""

    key: bytes
    collector: int
    seen_at: int
    facts: dict[str, Any] = field(default_factory=dict)
    answers: set[str] = field(default_factory=set)


@dataclass
class History:
    """The copies in their order, read one after the other. `identities`: what cards and receipts hash to."""

    identities: set[bytes]
    cards: dict[bytes, Card] = field(default_factory=dict)
    sittings: dict[bytes, Sitting] = field(default_factory=dict)
    parked: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    parked_at: dict[bytes, int] = field(default_factory=dict)
    gone_at: dict[tuple[int, int], int] = field(default_factory=dict)
    copies: int = 0
    credentials: dict[bytes, bytes] = field(default_factory=dict)
    issue: "History | None" = None

    def spends(self, link_hash: bytes, spent_hash: bytes) -> None:
        """Somebody on a named list will spend this token: told by the test before the first row of it."""
        self.identities.add(spent_hash)
        self.credentials[link_hash] = spent_hash

    def read(self, tables: Tables) -> None:
        """Take in one more copy."""
        at, waiting = self.copies, set()
        fresh_cards: list[Card] = []
        fresh_parked: dict[bytes, Row] = {}
        for name, rows in tables.items():
            for row in rows:
                if "ciphertext" in row:
                    box = (row["box_group_id"], row["box_number"])
                    waiting.add(box)
                    if row["id"] not in self.parked:
                        self.parked[row["id"]], self.parked_at[row["id"]] = box, at
                        fresh_parked[row["id"]] = row
                elif "answers" in row:
                    self._sitting(name, row, at)
                elif row.get("link_hash") in self.credentials and row["issued"]:
                    self._invitee(name, row, at)
                else:
                    fresh_cards += self._card(name, row, at)
        for card in fresh_cards:
            card.parked_with |= fresh_parked.keys()
            if len(fresh_parked) == 1:
                # Where it lies is one more thing known of the card.
                (row,) = fresh_parked.values()
                card.facts |= {f"parked.{column}": value for column, value in row.items()}
        for box in set(self.parked.values()) - waiting:
            self.gone_at.setdefault(box, at)
        self.copies += 1
        if self.issue is not None:
            spent = [row | {"sitting": row["hash"], "answers": ""} for row in tables.get("spent", ())]
            self.issue.read({"invitee": tables.get("invitee", ()), "spent": spent})

    def of_doors(self, doors: set[int]) -> "History":
        """The same copies, as far as they are about these doors."""
        kept = replace(self, cards={}, sittings={})
        kept.cards |= {key: card for key, card in self.cards.items() if card.collector in doors}
        kept.sittings |= {key: sitting for key, sitting in self.sittings.items() if sitting.collector in doors}
        return kept

    def restricted(self, permitted: list[int]) -> "History":
        """The same campaign with these copies only."""

        def first(at: int) -> int | None:
            return next((number for number, copy in enumerate(permitted) if copy >= at), None)

        kept = History(self.identities, copies=len(permitted))
        for card in self.cards.values():
            if card.used_at is not None and (at := first(card.used_at)) is not None:
                kept.cards[card.identity] = Card(card.identity, card.collector, at)
        for sitting in self.sittings.values():
            if (at := first(sitting.seen_at)) is not None:
                kept.sittings[sitting.key] = Sitting(sitting.key, sitting.collector, at)
        return kept

    def _sitting(self, name: str, row: Row, at: int) -> None:
        key = row["sitting"] if "sitting" in row else row["id"]
        key = key if isinstance(key, bytes) else repr((name, key)).encode()
        sitting = self.sittings.setdefault(key, Sitting(key, row["collector_id"], at))
        sitting.answers.add(row["answers"])
        for column, value in row.items():
            # Several rows of one sitting: the first in any order stands for it.
            for moment in {"last", "first"} if sitting.seen_at == at else {"last"}:
                label = f"{name}.{column} {moment}"
                known = sitting.facts.get(label)
                if moment == "last" or known is None or _before(value, known):
                    sitting.facts[label] = value

    def _invitee(self, name: str, row: Row, at: int) -> None:
        identity = self.credentials[row["link_hash"]]
        card = self.cards.setdefault(identity, Card(identity, row["collector_id"]))
        moments = ("last",) if "order of issue" in card.facts else ("last", "first")
        card.facts.setdefault("order of issue", at)
        card.facts |= {f"{name}.{column} {moment}": value for column, value in row.items() for moment in moments}

    def _card(self, name: str, row: Row, at: int) -> list[Card]:
        found = []
        for identity in {value for value in row.values() if isinstance(value, bytes)} & self.identities:
            if not row.get("used", row.get("issued", True)):
                continue
            card = self.cards.setdefault(identity, Card(identity))
            if card.used_at is None:
                card.used_at = at
                found.append(card)
            card.collector = row.get("collector_id", card.collector)
            moments = {"last", "first"} if card.used_at == at else {"last"}
            card.facts |= {f"{name}.{column} {moment}": value for column, value in row.items() for moment in moments}
        return found


def _before(value: Any, known: Any) -> bool:
    return type(value) is type(known) and value is not None and bool(value < known)
