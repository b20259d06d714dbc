"""A file of answers as a table of texts: CSV in UTF-8, UTF-16 or GBK, or the first sheet of an Excel workbook.

Nothing is stored here. A file that cannot be read as a table raises BadInput and says where.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openpyxl import load_workbook

from survey_app.campaigns.operations.workbook_cells import BROKEN, is_workbook, plain, refusal
from survey_app.campaigns.operations.workbook_faults import fault as workbook_fault
from survey_app.errors import BadInput
from survey_app.questionnaire.catalogue.entry import error
from survey_app.questionnaire.findings import Finding

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 500

FAULTS = {
    "answers_encoding": error(
        "文件不是 UTF-8 或 GBK 编码的文本。",
        "The file is not text in UTF-8 or GBK.",
        "请在 Excel 或 WPS 中另存为 .xlsx 或“CSV UTF-8”后再上传。",
        "Save it as .xlsx or as CSV UTF-8 and upload it again.",
    ),
    "answers_too_large": error(
        "文件超过上限：最多 {bytes} MB、{rows} 行、{columns} 列。",
        "The file is beyond the limits: at most {bytes} MB, {rows} rows and {columns} columns.",
        "请分成几个文件导入。",
        "Divide it into several files.",
    ),
    "answers_damaged": error(
        "从第 {row} 行起不能按表格读取（多半是引号没有成对）。",
        "From row {row} on this cannot be read as a table; most likely a quotation mark is not closed.",
        "请改正这一行，或另存为 .xlsx 后再上传。",
        "Correct this row, or save the file as .xlsx and upload it again.",
    ),
    "answers_empty": error(
        "文件里没有答卷：第 1 行应是列标题，从第 2 行起一行一份。",
        "There are no answers in the file: the first row holds headings, every further row one sheet.",
        "请检查是否选错了文件或工作表；答卷须在第一个工作表里。",
        "Check that this is the right file; the answers must be in its first sheet.",
    ),
    "answers_heading_twice": error(
        "列标题“{heading}”出现了两次。",
        "The heading “{heading}” stands twice.",
        "请给其中一列改名后再上传。",
        "Rename one of the columns and upload the file again.",
    ),
}


@dataclass(frozen=True)
class Line:
    """One row: its number as people count it, its cells as text."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A file as read: its headings, and the rows that hold anything."""

    headings: tuple[str, ...]
    lines: tuple[Line, ...]


def read_table(name: str, data: bytes) -> Table:
    """The table in a file. Raises BadInput."""
    if len(data) > MOST_BYTES:
        raise too_large()
    lines = _workbook(data) if is_workbook(data, name) else _csv(data)
    filled = [line for line in lines if any(cell.strip() for cell in line.cells)]
    if len(filled) < 2 or filled[0].number != 1:
        raise BadInput([_fault("answers_empty", "")])
    headings = tuple(cell.strip() for cell in filled[0].cells)
    if len(headings) > MOST_COLUMNS or len(filled) > MOST_ROWS + 1:
        raise too_large()
    twice = [heading for heading in dict.fromkeys(headings) if heading and headings.count(heading) > 1]
    if twice:
        raise BadInput([_fault("answers_heading_twice", "", heading=heading) for heading in twice])
    return Table(headings, tuple(filled[1:]))


def too_large() -> BadInput:
    """The refusal of a file beyond the limits."""
    values = {"bytes": MOST_BYTES // 2**20, "rows": MOST_ROWS, "columns": MOST_COLUMNS}
    return BadInput([_fault("answers_too_large", "", **values)])


def _csv(data: bytes) -> list[Line]:
    text = _decoded(data)
    first = text.split("\n", 1)[0]
    separator = max((",", ";", "\t"), key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    lines: list[Line] = []
    number = 1
    try:
        for cells in reader:
            lines.append(Line(number, tuple(cells)))
            number = reader.line_num + 1
            if len(lines) > MOST_ROWS + 1:
                raise too_large()
    except csv.Error:
        raise BadInput([_fault("answers_damaged", f"A{number}", row=number)]) from None
    return lines


def _decoded(data: bytes) -> str:
    utf_16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if utf_16 else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInput([_fault("answers_encoding", "")])


def _workbook(data: bytes) -> list[Line]:
    refused = refusal(data)
    if refused is not None:
        raise BadInput([refused])
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        lines = _lines(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1))
        book.close()
    except BROKEN:
        raise BadInput([workbook_fault("workbook_unreadable", "")]) from None
    return lines


def _lines(rows: Iterable[Sequence[Any]]) -> list[Line]:
    lines = []
    for number, values in enumerate(rows, 1):
        cells = [_text(value) for value in values]
        if number == 1:
            while cells and not cells[-1]:
                cells.pop()
        if any(cells):
            lines.append(Line(number, tuple(cells)))
        if len(lines) > MOST_ROWS + 1:
            raise too_large()
    return lines


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    shown = plain(value)
    return "" if shown is None else str(shown)


def _fault(name: str, place: str, **values: object) -> Finding:
    entry = FAULTS[name]
    shown = {key: str(value)[:80] for key, value in values.items()}
    words = (entry.zh, entry.en, entry.remedy_zh, entry.remedy_en)
    return Finding(place, entry.severity, name, "", *(text.format(**shown) for text in words))
