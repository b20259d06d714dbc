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
from xml.etree.ElementTree import ParseError  # noqa: S405  # the exception class only

from openpyxl import DEFUSEDXML, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from survey_app.campaigns.operations.workbook_layout import COLUMNS, Column, first_line
from survey_app.questionnaire.findings import Finding

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 50 * 1024 * 1024
_MAX_PARTS = 2_000
_MAX_ROWS = 200_000
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
# What openpyxl and the archive raise on files that only look like workbooks; nothing of ours is raised in between.
_BROKEN = (
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


def fault(place: str, code: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> Finding:
    """An error at a sheet or cell; places in workbooks have no JSON pointer."""
    return Finding(place, "error", code, "", zh, en, remedy_zh, remedy_en)


def is_workbook(data: bytes) -> bool:
    """Whether these bytes are some kind of Excel file, new or old."""
    return data.startswith((b"PK", _OLD_EXCEL))


def open_workbook(data: bytes) -> Workbook:
    """The sheets of the layout. Never raises: whatever is wrong stands in `faults`."""
    refused = _refusal(data)
    if refused is not None:
        return Workbook(faults=[refused])
    read = Workbook()
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        for name, columns in COLUMNS.items():
            if name not in book.sheetnames:
                read.faults.append(_no_sheet(name))
                continue
            _read_sheet(book[name], read, name, columns)
        book.close()
    except _BROKEN:
        return Workbook(faults=[_unreadable()])
    return read


def _refusal(data: bytes) -> Finding | None:
    if len(data) > MAX_BYTES:
        return _too_large(len(data), MAX_BYTES)
    if data.startswith(_OLD_EXCEL):
        return fault(
            "",
            "workbook_old_or_encrypted",
            "文件是旧版 Excel 格式(.xls),或设有打开密码。",
            "The file is in the old Excel format (.xls) or has a password.",
            "请取消密码,另存为 .xlsx 后再上传。",
            "Remove the password, save it as .xlsx and upload it again.",
        )
    try:
        parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return _unreadable()
    unpacked = sum(part.file_size for part in parts)
    # The sizes are those the archive declares; reading a part never yields more bytes than it declared.
    if unpacked > MAX_UNPACKED or len(parts) > _MAX_PARTS:
        return _too_large(unpacked, MAX_UNPACKED)
    return None


def _read_sheet(sheet: Any, read: Workbook, name: str, columns: tuple[Column, ...]) -> None:  # noqa: ANN401  # openpyxl's
    sheet.reset_dimensions()
    lines: Iterator[tuple[Any, ...]] = sheet.iter_rows(values_only=True)
    headings = [first_line(value) for value in next(lines, ())]
    found = Sheet(name, {heading: get_column_letter(at + 1) for at, heading in enumerate(headings) if heading})
    missing = [column.zh for column in columns if column.zh not in found.columns]
    if missing:
        read.faults.append(_no_columns(name, missing))
        return
    for number, line in enumerate(lines, start=2):
        if number > _MAX_ROWS:
            read.faults.append(_too_many_rows(name))
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


def _unreadable() -> Finding:
    return fault(
        "",
        "workbook_unreadable",
        "文件不是完好的 Excel 工作簿(.xlsx)。",
        "The file is not an intact Excel workbook (.xlsx).",
        "请用 Excel 或 WPS 打开确认无误,另存为 .xlsx 后再上传。",
        "Open it in Excel or WPS, save it as .xlsx and upload it again.",
    )


def _too_large(size: int, limit: int) -> Finding:
    return fault(
        "",
        "workbook_too_large",
        f"工作簿(含解压后)有 {size} 字节,超过 {limit} 字节的上限,没有读取内容。",
        f"The workbook has {size} bytes, packed or unpacked, more than the limit of {limit}; its content was not read.",
        "请删去多余的工作表、图片和空行后再上传。",
        "Remove other sheets, pictures and empty rows and upload it again.",
    )


def _no_sheet(name: str) -> Finding:
    return fault(
        name,
        "workbook_sheet_missing",
        f"缺少工作表“{name}”。",
        f"The sheet “{name}” is missing.",
        "请下载模板,把内容填入同名工作表,不要改表名。",
        "Download the template and fill in its sheets without renaming them.",
    )


def _no_columns(name: str, missing: list[str]) -> Finding:
    listed = "、".join(missing)
    return fault(
        f"{name}!1",
        "workbook_column_missing",
        f"工作表“{name}”第 1 行缺少列:{listed}。",
        f"The first row of the sheet “{name}” lacks columns: {listed}.",
        "请恢复模板中的标题行。",
        "Put the heading row of the template back.",
    )


def _too_many_rows(name: str) -> Finding:
    return fault(
        f"{name}!A{_MAX_ROWS}",
        "workbook_too_many_rows",
        f"工作表“{name}”超过 {_MAX_ROWS} 行。",
        f"The sheet “{name}” has more than {_MAX_ROWS} rows.",
        "请删去多余的行。",
        "Remove the rows that are not needed.",
    )
