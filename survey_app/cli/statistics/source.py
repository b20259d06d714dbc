"""A CSV file as blocks of whole rows: encoding, header, row ends and widths, whatever its size.

Knows bytes, not what cells mean. Must stay true: a row with too many or too few cells is a fault and never shifts cells
silently (pandas fills short rows up); at most a few megabytes are held at a time; rows are counted from 1 without the
header, blank lines not counted.
"""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from survey_app.cli.statistics.faults import Faults, Refused, refuse

BLOCK_BYTES = 1 << 22
MAX_ROW_BYTES = 1 << 26
_BOM = b"\xef\xbb\xbf"
_EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_LINE_END, _COMMA, _QUOTE = 10, 44, 34
_SIGNS = {";": ("分号", "semicolons"), "\t": ("制表符", "tabs"), "，": ("中文逗号", "Chinese commas")}


def opened(path: Path, typed: Faults) -> "Source":
    """A file, and among its faults those of the command. Raises Refused with both where it cannot be opened."""
    try:
        source = Source(path)
    except Refused as refused:
        typed.join(refused)
        typed.refuse()
        raise
    source.faults.join(typed)
    return source


@dataclass(frozen=True, eq=False)
class Block:
    """Some whole rows. body: UTF-8, every row as wide as the header. rows: their numbers."""

    body: bytes
    rows: NDArray[np.int64]


class Source:
    """One CSV file. Opening it refuses what is no CSV file; `faults` collects what is wrong further down."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path)
        self.faults = Faults(self.name)
        self.encoding, self._carriage_returns = self._examine()
        self.header = self._read_header()
        self.width = len(self.header)

    @property
    def is_gb18030(self) -> bool:
        """Whether the file is in the encoding of older Chinese software."""
        return self.encoding == "gb18030"

    def column(self, name: str) -> int:
        """Where a column stands. KeyError when there is none."""
        try:
            return self.header.index(name)
        except ValueError:
            raise KeyError(name) from None

    def blocks(self) -> Iterator[Block]:
        """The rows below the header. Rows of another width are faults and left out."""
        number = 0
        for body, ends, inside in self._whole_rows():
            starts = np.concatenate(([0], ends[:-1] + 1))
            raw = np.frombuffer(body, dtype=np.uint8)
            commas = raw == _COMMA if inside is None else (raw == _COMMA) & ~inside
            cells = np.add.reduceat(commas, starts, dtype=np.int32) + 1
            blank = self._blank(raw, starts, ends)
            rows = number + np.cumsum(~blank)
            number = int(rows[-1])
            wrong = ~blank & (cells != self.width)
            for at in np.flatnonzero(wrong).tolist():
                self.faults.add("row_width", row=int(rows[at]), cells=int(cells[at]), expected=self.width)
            out = blank | wrong
            if out.any():
                kept = np.flatnonzero(~out)
                left = b"".join(body[starts[at] : ends[at] + 1] for at in kept.tolist())
                yield from [Block(left, rows[kept])] if len(kept) else ()
            else:
                yield Block(body, rows)

    def _blank(self, raw: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Lines of nothing at all; in a file of one column these are missing answers instead."""
        if self.width == 1:
            return np.zeros(len(ends), dtype=np.bool_)
        length = ends - starts
        return np.asarray((length == 0) | ((length == 1) & (raw[starts] == 13)), dtype=np.bool_)

    def _whole_rows(self) -> Iterator[tuple[bytes, NDArray[np.int64], NDArray[np.bool_] | None]]:
        """(whole rows, where each ends, which bytes are inside quotes or None), after the header."""
        rest, header, row = b"", True, 1
        for chunk in self._utf8():
            data = rest + chunk
            raw = np.frombuffer(data, dtype=np.uint8)
            ends = np.flatnonzero(raw == _LINE_END)
            inside = None
            if b'"' in data:
                # Doubled quotes inside a quoted cell open and close nothing in between.
                inside = np.cumsum(raw == _QUOTE, dtype=np.uint8) % 2 == 1
                ends = ends[~inside[ends]]
            if header and len(ends):
                cut = int(ends[0]) + 1
                data, ends = data[cut:], ends[1:] - cut
                inside = None if inside is None else inside[cut:]
                header = False
            if len(ends):
                cut = int(ends[-1]) + 1
                yield data[:cut], ends, None if inside is None else inside[:cut]
                row += len(ends)
                data = data[cut:]
            if len(data) > MAX_ROW_BYTES:
                raise refuse("row_too_long", self.name, row=row, limit=MAX_ROW_BYTES >> 20)
            rest = data
        if rest and not header:
            raise refuse("unclosed_quote", self.name, row=row)

    def _utf8(self) -> Iterator[bytes]:
        """The file in UTF-8 without a byte order mark; its last row ends with a line end."""
        decoder = codecs.getincrementaldecoder(self.encoding)() if self.is_gb18030 else None
        last, first = b"\n", True
        with self.path.open("rb") as file:
            while chunk := file.read(BLOCK_BYTES):
                data = decoder.decode(chunk).encode() if decoder else chunk
                data = data.removeprefix(_BOM).lstrip(b"\r\n") if first else data
                data = data.replace(b"\r", b"\n") if self._carriage_returns else data
                first, last = False, data or last
                yield data
        if not last.endswith(b"\n"):
            yield b"\n"

    def _examine(self) -> tuple[str, bool]:
        """(encoding, whether rows end with carriage returns alone). Refuses what is not text."""
        if self.path.exists() and not self.path.is_file():
            raise refuse("not_a_file", self.name)
        try:
            for encoding in ("utf-8", "gb18030"):
                found = self._readable_as(encoding)
                if found is not None:
                    return encoding, found
        except OSError as error:
            raise refuse("unreadable", self.name, why=error.strerror or type(error).__name__) from None
        raise refuse("encoding", self.name)

    def _readable_as(self, encoding: str) -> bool | None:
        """Whether rows end with carriage returns alone; None where the bytes are not of this encoding."""
        decoder = codecs.getincrementaldecoder(encoding)()
        newline = carriage_return = False
        empty = True
        with self.path.open("rb") as file:
            while chunk := file.read(BLOCK_BYTES):
                if empty and chunk.startswith(_EXCEL):
                    raise refuse("excel_file", self.name)
                if b"\0" in chunk or (empty and chunk.startswith(_UTF16)):
                    raise refuse("binary_file", self.name)
                empty = empty and not chunk.removeprefix(_BOM).strip()
                newline, carriage_return = newline or b"\n" in chunk, carriage_return or b"\r" in chunk
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    return None
        if empty:
            raise refuse("empty_file", self.name)
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return None
        return carriage_return and not newline

    def _read_header(self) -> tuple[str, ...]:
        """The names of the columns, blanks around them taken off; a blank one is a column without a name."""
        text = self._header_text()
        names = tuple(name.strip() for name in next(csv.reader(io.StringIO(text, newline="")), []))
        if not any(names):
            raise refuse("empty_file", self.name)
        for sign, (zh, en) in _SIGNS.items():
            if len(names) == 1 and sign in names[0]:
                raise refuse("separator", self.name, sign_zh=zh, sign_en=en)
        for name, times in Counter(name for name in names if name).items():
            if times > 1:
                self.faults.add("duplicate_column", column=name, value=name, times=times)
        self.faults.refuse()
        return names

    def _header_text(self) -> str:
        """Everything up to the first line end that is not inside quotes."""
        found = b""
        for chunk in self._utf8():
            start = 0
            found += chunk
            while (end := found.find(b"\n", start)) >= 0:
                if found.count(b'"', 0, end) % 2 == 0:
                    return found[:end].decode().rstrip("\r")
                start = end + 1
            if len(found) > MAX_ROW_BYTES:
                raise refuse("row_too_long", self.name, row=0, limit=MAX_ROW_BYTES >> 20)
        raise refuse("unclosed_quote", self.name, row=0)
