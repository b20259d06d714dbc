"""Opening a workbook that somebody sends: refused before parsing when it is too large, sheets as rows of plain values.

Only openpyxl's reading mode is used, with entity-safe XML; formulas are not computed, their last results are read.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import DEFUSEDXML, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from survey_app.campaigns.operations.workbook_faults import fault
from survey_app.campaigns.operations.workbook_layout import COLUMNS, Column, first_line
from survey_app.questionnaire.findings import Finding
from survey_app.questionnaire.loading import MAX_BYTES

MAX_UNPACKED = 50 * 1024 * 1024
_MAX_PARTS = 2_000
_MAX_ROWS = 20_000
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
# What openpyxl and the archive raise on files that only look like workbooks; nothing of ours is raised in between.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ParseError,
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    TypeError,
    ValueError,
)

if not DEFUSEDXML:
    raise ImportError("defusedxml is needed to read workbooks safely")


@dataclass(frozen=True)
class Row:
    """One filled row: its number in the sheet and its values by the Chinese heading of their columns."""

    number: int
    values: dict[str, Any]


@dataclass
class Sheet:
    """One sheet as read; `columns` maps headings to column letters."""

    name: str
    columns: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def cell(self, row: Row, column: Column) -> str:
        """The place of a value, as people say it: 单位!C7."""
        return f"{self.name}!{self.columns[column.zh]}{row.number}"


@dataclass
class Workbook:
    """Every sheet of the layout that could be read, and what is wrong with the file as a file."""

    sheets: dict[str, Sheet] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)


def is_workbook(data: bytes, name: str) -> bool:
    """Whether these bytes are some kind of Excel file, new or old, or their name says so: then Excel is spoken of."""
    return data.startswith((b"PK", _OLD_EXCEL)) or name.lower().endswith((".xlsx", ".xlsm", ".xls"))


def open_workbook(data: bytes) -> Workbook:
    """The sheets of the layout. Never raises: whatever is wrong stands in `faults`."""
    refused = refusal(data)
    if refused is not None:
        return Workbook(faults=[refused])
    read = Workbook()
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheets = {sheet.title.strip(): sheet for sheet in book.worksheets}
        for name, columns in COLUMNS.items():
            if name in sheets:
                _read_sheet(sheets[name], read, name, columns)
            else:
                read.faults.append(fault("workbook_sheet_missing", name, sheet=name))
        book.close()
    except BROKEN:
        return Workbook(faults=[fault("workbook_unreadable", "")])
    return read


def refusal(data: bytes) -> Finding | None:
    """Why these bytes are not opened as a workbook at all; None where they are. Reading them can still raise BROKEN."""
    if len(data) > MAX_BYTES:
        return fault("workbook_too_large", "", size=len(data), limit=MAX_BYTES)
    if data.startswith(_OLD_EXCEL):
        return fault("workbook_old_or_encrypted", "")
    try:
        parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return fault("workbook_unreadable", "")
    unpacked = sum(part.file_size for part in parts)
    # The sizes are those the archive declares; reading a part never yields more bytes than it declared.
    if unpacked > MAX_UNPACKED or len(parts) > _MAX_PARTS:
        return fault("workbook_too_large", "", size=unpacked, limit=MAX_UNPACKED)
    return None


def _read_sheet(sheet: Any, read: Workbook, name: str, columns: tuple[Column, ...]) -> None:  # noqa: ANN401  # openpyxl's
    sheet.reset_dimensions()
    lines: Iterator[tuple[Any, ...]] = sheet.iter_rows(values_only=True)
    headings = [first_line(value) for value in next(lines, ())]
    found = Sheet(name, {heading: get_column_letter(at + 1) for at, heading in enumerate(headings) if heading})
    missing = [column.zh for column in columns if column.needed and column.zh not in found.columns]
    twice = [column.zh for column in columns if headings.count(column.zh) > 1]
    for code, wrong in (("workbook_column_missing", missing), ("workbook_column_twice", twice)):
        if wrong:
            read.faults.append(fault(code, f"{name}!1", sheet=name, columns="、".join(wrong)))
    if missing or twice:
        return
    for number, line in enumerate(lines, start=2):
        if number > _MAX_ROWS:
            read.faults.append(fault("workbook_too_many_rows", f"{name}!A{_MAX_ROWS}", sheet=name, limit=_MAX_ROWS))
            return
        values = {heading: plain(value) for heading, value in zip(headings, line, strict=False) if heading}
        if any(value is not None for value in values.values()):
            found.rows.append(Row(number, values))
    read.sheets[name] = found


def plain(value: object) -> object:
    """A cell's value as JSON would say it: texts trimmed, whole numbers whole, days as 2026-12-01, blank as None."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int | float | None) else str(value)
