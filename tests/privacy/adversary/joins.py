"""Equality: a value of a row about a card that is, or hashes to, a value of a row about a sitting.

Also two rows of one transaction: PostgreSQL says in `xmin` which transaction wrote a row, and its write-ahead log says
it again.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.privacy.adversary.ranks import Facts, Pairing

_SHORTEST = 8
_HEXADECIMAL = re.compile("(?:[0-9a-fA-F]{2})+")


def pairings(cards: Facts, sittings: Facts) -> Iterator[tuple[str, Pairing]]:
    """(name of the attack, card -> sitting), naming only pairs that are unique on both sides."""
    yield "equal values", _matched(_tokens(cards), _tokens(sittings))
    yield "one transaction", _matched(_transactions(cards), _transactions(sittings))


def _matched(one: Mapping[Any, set[bytes]], other: Mapping[Any, set[bytes]]) -> Pairing:
    paired: Pairing = {}
    for token in one.keys() & other.keys():
        if len(one[token]) == len(other[token]) == 1:
            paired[next(iter(one[token]))] = next(iter(other[token]))
    # No sitting twice: the first card that claims it keeps it.
    return {card: sitting for sitting, card in {sitting: card for card, sitting in paired.items()}.items()}


def _tokens(facts: Facts) -> dict[bytes, set[bytes]]:
    found: dict[bytes, set[bytes]] = {}
    for key, row in facts.items():
        for value in row.values():
            for token in _forms(value):
                found.setdefault(token, set()).add(key)
    return found


def _forms(value: Any) -> Iterator[bytes]:
    """A value as bytes, and what usual digests make of it and of its hexadecimal form, or of what that stands for."""
    raw = value.encode() if isinstance(value, str) else value
    if not isinstance(raw, bytes) or len(raw) < _SHORTEST:
        return
    meant = [bytes.fromhex(value)] if isinstance(value, str) and _HEXADECIMAL.fullmatch(value) else []
    for plain in (raw, raw.hex().encode(), *meant):
        yield plain
        for digest in ("sha256", "sha1", "md5"):
            hashed = hashlib.new(digest, plain, usedforsecurity=False)
            yield from (hashed.digest(), hashed.hexdigest().encode())


def _transactions(facts: Facts) -> dict[int, set[bytes]]:
    found: dict[int, set[bytes]] = {}
    for key, row in facts.items():
        for name, value in row.items():
            if "@xmin" in name or "@wal transaction" in name:
                found.setdefault(value, set()).add(key)
    return found
