"""Rank matching: sort the cards of a block by something, its sittings by something else, and pair them off.

Every column of every row about a card, against every column of every row about a sitting, forwards and backwards:
running numbers, times, rowids, physical offsets and pages, ctid, transaction numbers, the order on the printed sheet.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from tests.privacy.adversary.blocks import Block

Facts = Mapping[bytes, Mapping[str, Any]]
Pairing = dict[bytes, bytes]


def pairings(
    found: Sequence[Block], cards: Facts, sittings: Facts, chance: random.Random
) -> Iterator[tuple[str, Pairing]]:
    """(name of the attack, card -> sitting) for every pair of columns and both directions."""
    whole = [block for block in found if len(block.cards) == len(block.sittings)]
    by_card = {name: _orders(whole, cards, name, chance, of="cards") for name in _varying(cards)}
    by_sitting = {name: _orders(whole, sittings, name, chance, of="sittings") for name in _varying(sittings)}
    for (card_column, card_orders), (sitting_column, sitting_orders) in product(by_card.items(), by_sitting.items()):
        for direction in (1, -1):
            paired = {
                card: sitting
                for ranked, opposite in zip(card_orders, sitting_orders, strict=True)
                for card, sitting in zip(ranked, opposite[::direction], strict=True)
            }
            yield f"{card_column} × {sitting_column} {'forwards' if direction == 1 else 'backwards'}", paired


def _varying(facts: Facts) -> list[str]:
    """Columns with more than one value: the others order nothing.

    Nor does one that fewer than half of them have; those few are a part of their own, where all of them have it.
    """
    values: dict[str, set[str]] = {}
    for row in facts.values():
        for name, value in row.items():
            values.setdefault(name, set()).add(repr(value))
    held = Counter(name for row in facts.values() for name in row)
    return sorted(name for name, found in values.items() if len(found) > 1 and 2 * held[name] >= len(facts))


def _orders(whole: Sequence[Block], facts: Facts, name: str, chance: random.Random, *, of: str) -> list[list[bytes]]:
    orders = []
    for block in whole:
        members: list[bytes] = list(getattr(block, of))
        # Equal values keep an order of chance, never the one in which they were read.
        chance.shuffle(members)
        orders.append(sorted(members, key=lambda key: _comparable(facts.get(key, {}).get(name))))
    return orders


def _comparable(value: Any) -> tuple[str, Any]:
    if value is None:
        return "", 0
    if isinstance(value, bool | int | float):
        return "number", value
    return type(value).__name__, value
