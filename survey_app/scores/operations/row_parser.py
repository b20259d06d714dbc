"""Reading many rows of compact JSON at once, key by key, in an order known beforehand.

Knows objects of strings, numbers and lists of codes as the box writes them; nothing of questionnaires. Each row has a
place in one shared buffer, and a step moves the places of all rows that have a certain key next. What must stay true: a
row is finished only when every byte of it was recognised, so whatever is written otherwise (other order, escapes,
blanks, unknown keys or values) is not misread but left to the caller.

How: eight bytes at every place, overlapping, are seen as one integer, so that comparing strings in a million rows is a
few comparisons of integer arrays.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_WORD = 8
_MASKS = np.array([(1 << (8 * length)) - 1 for length in range(_WORD + 1)], dtype=np.uint64)
_PADDING = 512  # longer than any key or code, so that looking ahead never leaves the buffer
_COMMA, _OPEN, _CLOSE = ord(","), ord("{"), ord("}")


@dataclass(frozen=True)
class Value:
    """One value of a key: as written after the colon (a number with the comma or brace behind it), and its code."""

    written: bytes
    code: int

    @property
    def length(self) -> int:
        """Bytes of the value itself."""
        return len(self.written) - self.written.endswith((b",", b"}"))


class Rows:
    """Rows of JSON text with a place in each, at first behind the opening brace."""

    def __init__(self, texts: Sequence[str]) -> None:
        encoded = [text.encode() for text in texts]
        self._joined = b"".join(encoded) + bytes(_PADDING)
        self._data = np.frombuffer(self._joined, dtype=np.uint8)
        self._words: NDArray[np.uint64] = np.ndarray(
            (len(self._joined) - _WORD,), np.dtype("<u8"), self._joined, strides=(1,)
        )
        lengths = np.fromiter(map(len, encoded), dtype=np.intp, count=len(encoded))
        self._ends = np.cumsum(lengths)
        starts = self._ends - lengths
        self._opened = self._data[starts] == _OPEN
        self._places = starts + 1

    def choose(self, name: str, values: Sequence[Value]) -> tuple[NDArray[np.intp], NDArray[np.int8], NDArray[np.intp]]:
        """Step over a key with one of these values: the rows, their codes, and which value (its position) it was."""
        rows = self._at(name)
        starts = self._places[rows] + len(_key(name))
        first = self._words[starts]
        chosen = np.full(len(rows), -1, dtype=np.intp)
        for position, value in enumerate(values):
            chosen[self._begins(starts, value.written, first)] = position
        known = chosen >= 0
        rows, starts, chosen = rows[known], starts[known], chosen[known]
        lengths = np.array([value.length for value in values], dtype=np.intp)
        codes = np.array([value.code for value in values], dtype=np.int8)
        self._step(rows, starts + lengths[chosen])
        return rows, codes[chosen], chosen

    def skip(self, name: str, suspicious: Callable[[bytes], bool]) -> None:
        """Step over a key with any value that has no escapes and is not suspicious."""
        rows = self._at(name)
        ends, passed = [], []
        for row, start in zip(rows.tolist(), (self._places[rows] + len(_key(name))).tolist(), strict=True):
            end = self._value_end(start)
            value = self._joined[start:end]
            if b"\\" not in value and not suspicious(value):
                passed.append(row)
                ends.append(end)
        self._step(np.array(passed, dtype=np.intp), np.array(ends, dtype=np.intp))

    def set_aside(self, rows: NDArray[np.intp]) -> None:
        """Leave some rows to the caller: they will not be finished."""
        self._places[rows] = len(self._joined) - _PADDING

    def finished(self) -> NDArray[np.bool_]:
        """Which rows were recognised to their very end."""
        at_end = self._places == self._ends - 1
        return np.asarray(self._opened & at_end & (self._data[self._places] == _CLOSE))

    def _at(self, name: str) -> NDArray[np.intp]:
        """The rows that have this key at their place."""
        return np.flatnonzero(self._begins(self._places, _key(name)))

    def _begins(
        self, starts: NDArray[np.intp], written: bytes, first: NDArray[np.uint64] | None = None
    ) -> NDArray[np.bool_]:
        """Whether the text at each place begins with these bytes. first: the words at the places, if known."""
        same = np.ones(0, dtype=np.bool_)
        for offset in range(0, len(written), _WORD):
            piece = written[offset : offset + _WORD]
            here = first if first is not None and not offset else self._words[starts + offset]
            equal = (here & _MASKS[len(piece)]) == np.uint64(int.from_bytes(piece, "little"))
            same = same & equal if offset else equal
        return same

    def _step(self, rows: NDArray[np.intp], ends: NDArray[np.intp]) -> None:
        """Move rows behind a value, and behind its comma if another key follows."""
        self._places[rows] = ends + (self._data[ends] == _COMMA)

    def _value_end(self, start: int) -> int:
        closing = {b'"': b'"', b"[": b"]"}.get(self._joined[start : start + 1])
        if closing is not None:
            return self._joined.find(closing, start + 1) + 1
        comma, brace = self._joined.find(b",", start), self._joined.find(b"}", start)
        return brace if comma < 0 else min(comma, brace)


def _key(name: str) -> bytes:
    return f'"{name}":'.encode()
