"""Search for canaries: what must stand nowhere, as bytes, hexadecimal or base64, in whatever was copied or logged.

A few thousand needles in a hundred megabytes: every window of eight bytes is looked up in a table of the needles'
beginnings, and only what is found there is compared.
"""

import base64
import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey_app.admission.rules import ALPHABET, grouped

_WINDOW = 8
_BITS = 20
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_CHUNK = 1 << 18


@dataclass(frozen=True)
class Found:
    """A canary in a place where it must not be."""

    canary: str
    place: str


def code_forms(code: str) -> Iterator[bytes]:
    """A code as it is written, typed and packed."""
    for written in (code, grouped(code)):
        for text in (written, written.lower()):
            yield from encoded(text.encode())
    number = 0
    for sign in code:
        number = number * 32 + ALPHABET.index(sign)
    yield from encoded(number.to_bytes(10, "big"))


def address_forms(address: str) -> Iterator[bytes]:
    """An IPv6 address as text, in full, and as sixteen bytes."""
    parsed = ipaddress.IPv6Address(address)
    for text in (address, parsed.exploded, parsed.compressed):
        yield from encoded(text.encode())
    yield from encoded(parsed.packed)


def encoded(raw: bytes) -> Iterator[bytes]:
    """Bytes as they are, in hexadecimal, and in base64 wherever in a longer text they begin."""
    yield raw
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    for before, unsure in ((0, 0), (1, 2), (2, 3)):
        text = base64.b64encode(b"\0" * before + raw)
        certain = text[unsure : (before + len(raw)) * 8 // 6]
        yield certain
        yield certain.translate(bytes.maketrans(b"+/", b"-_"))


def search(pieces: Iterable[tuple[str, bytes]], canaries: Mapping[str, Iterable[bytes]]) -> list[Found]:
    """Every canary that stands anywhere. canaries: what it is called in a failing test -> its forms."""
    needles: dict[bytes, list[tuple[bytes, str]]] = defaultdict(list)
    for name, forms in canaries.items():
        for needle in set(forms):
            if len(needle) < _WINDOW:
                raise ValueError(f"too short to search for: {name}")
            needles[needle[:_WINDOW]].append((needle, name))
    beginnings = np.sort(np.frombuffer(b"".join(needles), "<u8"))
    table = np.zeros(1 << _BITS, bool)
    table[_slots(beginnings)] = True
    found = {
        Found(name, place)
        for place, data in pieces
        for at in _candidates(data, table, beginnings)
        for needle, name in needles[data[at : at + _WINDOW]]
        if data.startswith(needle, at)
    }
    return sorted(found, key=lambda one: (one.canary, one.place))


def _candidates(data: bytes, table: NDArray[np.bool_], beginnings: NDArray[np.uint64]) -> Iterator[int]:
    for start in range(0, len(data), _CHUNK):
        # Windows that begin in this piece may end in the next one.
        piece = data[start : start + _CHUNK + _WINDOW - 1]
        for offset in range(_WINDOW):
            count = (len(piece) - offset) // _WINDOW
            if count < 1:
                continue
            windows = np.frombuffer(piece, "<u8", count, offset)
            likely = np.flatnonzero(table[_slots(windows)])
            nearest = np.minimum(np.searchsorted(beginnings, windows[likely]), len(beginnings) - 1)
            for at in likely[beginnings[nearest] == windows[likely]]:
                yield start + offset + int(at) * _WINDOW


def _slots(windows: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return (windows * _SPREAD) >> np.uint64(64 - _BITS)
