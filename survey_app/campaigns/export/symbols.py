"""Many QR symbols at once: as qrcode makes them, without asking it ten thousand times.

With version, mask and length fixed, every step from the bits of the content to the modules is linear over GF(2): error
correction, placing and masking are sums without carry. So a symbol is one that qrcode made, plus (exclusive or) one
difference for each content bit that differs; qrcode makes the first symbol and one for each bit, and one product of
matrices makes all others. So every symbol is a sum of symbols that qrcode made. Before any of a set leaves, five of its
own codes, drawn at random, are compared with the symbols that qrcode makes of them.
"""

import secrets
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from survey_app.admission.rules import LENGTH
from survey_app.campaigns.export import qr

Modules = npt.NDArray[np.bool_]

_SYMBOLS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"  # the alphanumeric alphabet of the standard, in its order
_IN_ALPHABET = np.full(256, 255, np.int64)
_IN_ALPHABET[np.frombuffer(_SYMBOLS, np.uint8)] = np.arange(len(_SYMBOLS))
_SOME = 500
_COMPARED = 5
_ZEROES = "0" * LENGTH


class SymbolsDiffer(RuntimeError):
    """qrcode made another symbol than we did: nothing may be printed."""


def matrices(public_url: str, codes: Sequence[str]) -> Iterator[Modules]:
    """The symbols of the links of these codes, quiet zone included, in order and some hundreds at a time.

    Raises SymbolsDiffer before the first.
    """
    basis = _basis(public_url)
    _compare(basis, public_url, secrets.SystemRandom().sample(codes, min(_COMPARED, len(codes))))
    for start in range(0, len(codes), _SOME):
        yield basis.symbols(codes[start : start + _SOME])


def _compare(basis: "_Basis", public_url: str, codes: Sequence[str]) -> None:
    for code in codes:
        if not np.array_equal(basis.symbols([code])[0], np.array(qr.matrix(qr.link(public_url, code)))):
            raise SymbolsDiffer(public_url)


def paths(modules: Modules) -> list[str]:
    """What `qr.path` draws, for many symbols of one size."""
    count, side, _ = modules.shape
    edges = np.diff(np.pad(modules, ((0, 0), (0, 0), (1, 1))).astype(np.int8), axis=2)
    symbol, row, start = np.nonzero(edges == 1)
    end = np.nonzero(edges == -1)[2]
    first = np.ones(len(start), np.bool_)
    first[1:] = (symbol[1:] != symbol[:-1]) | (row[1:] != row[:-1])
    gap = start - np.concatenate(([0], end[:-1]))
    length = end - start
    words, later = _strokes(side)
    strokes = words[np.where(first, (row * side + start) * (side + 1) + length, later + gap * (side + 1) + length)]
    ends = np.cumsum(np.bincount(symbol, minlength=count))
    pieces: list[str] = strokes.tolist()
    return ["".join(pieces[begin:stop]) for begin, stop in zip((0, *ends[:-1]), ends, strict=True)]


@cache
def _strokes(side: int) -> tuple[npt.NDArray[Any], int]:
    """Every stroke that a path of this size can hold, and where those begin that go on in the same row."""
    lengths = range(side + 1)
    starting = [f"M{column} {row}.5h{n}" for row in range(side) for column in range(side) for n in lengths]
    going_on = [f"m{gap} 0h{n}" for gap in range(side) for n in lengths]
    return np.array([*starting, *going_on], object), len(starting)


@cache
def _basis(public_url: str) -> "_Basis":
    return _Basis(public_url)


class _Field:
    """Characters of the content that are encoded together: two or one of the alphanumeric alphabet, or one byte."""

    def __init__(self, base: bytes, start: int, length: int, *, bits: int, alphanumeric: bool) -> None:
        self._start, self._stop, self._alphanumeric = start, start + length, alphanumeric
        self._weights = np.array([len(_SYMBOLS), 1][-length:])
        self._most = len(_SYMBOLS) ** length if alphanumeric else 256
        self._base = base
        self._value = int(self.values(np.frombuffer(base, np.uint8)[None, :])[0])
        # A bit that would lead out of the alphabet never differs: the alphabet of codes does not reach so far.
        self.bits = [bit for bit in range(bits) if self._value ^ (1 << bit) < self._most]

    def values(self, contents: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
        """What these characters are encoded as, in each content."""
        characters = contents[:, self._start : self._stop]
        values: npt.NDArray[np.int64] = _IN_ALPHABET[characters] if self._alphanumeric else characters.astype(np.int64)
        together: npt.NDArray[np.int64] = values @ self._weights
        return together

    def flipped(self, bit: int) -> bytes:
        """The base content with one bit of this field turned over."""
        value = self._value ^ (1 << bit)
        if self._alphanumeric:
            pair = divmod(value, len(_SYMBOLS))[-(self._stop - self._start) :]
            characters = bytes(_SYMBOLS[part] for part in pair)
        else:
            characters = bytes([value])
        return self._base[: self._start] + characters + self._base[self._stop :]

    def differing(self, contents: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Which bits differ from the base, a row for each content and a column for each of `bits`."""
        differences = self.values(contents) ^ self._value
        bits: npt.NDArray[np.float32] = ((differences[:, None] >> np.array(self.bits)) & 1).astype(np.float32)
        return bits


class _Basis:
    """All that qrcode has to make for one address."""

    def __init__(self, public_url: str) -> None:
        base = qr.link(public_url, _ZEROES).encode()
        alphanumeric = qr.is_alphanumeric(base)
        first = len(base) - LENGTH
        if alphanumeric:
            pairs = range(first - first % 2, len(base), 2)
            fields = [(start, min(2, len(base) - start)) for start in pairs]
            self._fields = [
                _Field(base, start, length, bits=11 if length == 2 else 6, alphanumeric=True)
                for start, length in fields
            ]
        else:
            self._fields = [_Field(base, start, 1, bits=8, alphanumeric=False) for start in range(first, len(base))]
        self._prefix = np.frombuffer(base[:first], np.uint8)
        self._base = np.array(qr.matrix(base.decode()), np.bool_)
        flipped = [
            np.array(qr.matrix_of_bytes(field.flipped(bit), alphanumeric=alphanumeric), np.bool_) ^ self._base
            for field in self._fields
            for bit in field.bits
        ]
        self._differences = np.array(flipped).reshape(len(flipped), -1).astype(np.float32)

    def symbols(self, codes: Sequence[str]) -> Modules:
        """The symbols of these codes."""
        contents = np.empty((len(codes), len(self._prefix) + LENGTH), np.uint8)
        contents[:, : len(self._prefix)] = self._prefix
        contents[:, len(self._prefix) :] = np.frombuffer("".join(codes).encode("ascii"), np.uint8).reshape(-1, LENGTH)
        bits = np.hstack([field.differing(contents) for field in self._fields])
        # Sums of at most some hundred ones are exact in this type, and it is the one with a fast product.
        turned = ((bits @ self._differences).astype(np.int32) & 1).astype(np.bool_)
        return turned.reshape(len(codes), *self._base.shape) ^ self._base
