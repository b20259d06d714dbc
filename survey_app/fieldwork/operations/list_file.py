"""From a file that an agency sends to the rows of a named list, or to everything that is wrong with it.

CSV in UTF-8, UTF-16 or GBK, with commas, semicolons or tabs, or an Excel workbook (.xlsx, first sheet). Columns are
found by their headings; every fault names its row and column. Nothing is stored here.
"""

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from survey_app.campaigns.operations.workbook_cells import BROKEN, is_workbook, plain, refusal
from survey_app.campaigns.operations.workbook_faults import fault as workbook_fault
from survey_app.errors import BadInput
from survey_app.invitations.rules.lists import LONGEST, MOST_INVITED, ListRow
from survey_app.questionnaire.catalogue.entry import error
from survey_app.questionnaire.findings import MAX_FINDINGS, Finding, finding

_MOST_BYTES = 10 * 1024 * 1024
HEADINGS = {
    "name": ("姓名", "name"),
    "contact": ("联系方式", "contact"),
    "note": ("备注", "note"),
}
_ALSO = {"手机": "contact", "手机号": "contact", "电话": "contact", "邮箱": "contact", "email": "contact"}
_FIELDS = {word: field for field, words in HEADINGS.items() for word in words} | _ALSO

FAULTS = {
    "list_encoding": error(
        "文件不是 UTF-8 或 GBK 编码的文本。",
        "The file is not text in UTF-8 or GBK.",
        "请在 Excel 或 WPS 中另存为 .xlsx 或“CSV UTF-8”后再上传。",
        "Save it as .xlsx or as CSV UTF-8 and upload it again.",
    ),
    "list_too_large": error(
        "文件有 {size} 字节，超过 {limit} 字节的上限，没有读取内容。",
        "The file has {size} bytes, more than the limit of {limit}; it was not read.",
        "请只保留名单的几列后再上传。",
        "Keep only the columns of the list and upload it again.",
    ),
    "list_damaged": error(
        "从第 {row} 行起不能按表格读取（多半是引号没有成对）。",
        "From row {row} on this cannot be read as a table; most likely a quotation mark is not closed.",
        "请改正这一行，或另存为 .xlsx 后再上传。",
        "Correct this row, or save the file as .xlsx and upload it again.",
    ),
    "list_name_column_missing": error(
        "第 1 行没有“姓名”这一列，读到的列标题是：{found}。",
        "The first row has no column 姓名 (name); its headings are: {found}.",
        "请在第 1 行写上列标题：姓名、联系方式、备注，只有“姓名”必须有。",
        "Write headings into the first row: name, contact, note; only the name is needed.",
    ),
    "list_column_twice": error(
        "列“{column}”出现了两次。",
        "The column “{column}” stands twice.",
        "请删去或改名其中一列。",
        "Delete or rename one of them.",
    ),
    "list_name_blank": error(
        "这一行没有填写姓名，但其他列有内容。",
        "This row has no name, but something in other columns.",
        "请补填姓名，或删去整行。合并的单元格只有第一行有内容：请取消合并。",
        "Fill it in or delete the row. Of merged cells only the first row has a value: unmerge them.",
    ),
    "list_too_long": error(
        "此处有 {length} 个字符，最多 {limit} 个。",
        "{length} characters here; at most {limit} are taken.",
        "请缩短后再上传。",
        "Shorten it and upload the file again.",
    ),
    "list_control_character": error(
        "此处含有不能显示的控制字符。",
        "There is a control character here that cannot be shown.",
        "请重新输入这一格的内容。",
        "Type the content of this cell again.",
    ),
    "list_person_twice": error(
        "“{person}”与第 {first} 行完全相同（姓名和联系方式）。",
        "“{person}” stands on row {first} already, with the same name and contact.",
        "一人只能有一份凭证：请删去重复的一行；确是同名的两个人，请填写不同的联系方式。",
        "One person gets one credential: delete one of the rows; of two people of one name, write their contacts.",
    ),
    "list_too_many": error(
        "名单有 {count} 人，超过 {limit} 人的上限。",
        "The list has {count} people, more than the limit of {limit}.",
        "请把人数少一些的投放分开，或使用填答码卡片。",
        "Divide the door, or use cards.",
    ),
    "list_empty": error(
        "文件里没有一个人。",
        "There is nobody in this file.",
        "请检查是否选错了文件或工作表；名单须在第一个工作表里。",
        "Check that this is the right file; the list must be in its first sheet.",
    ),
}


@dataclass(frozen=True)
class Line:
    """One row of the table: its number as people count it, its cells as text."""

    number: int
    cells: tuple[str, ...]


def read_list(name: str, data: bytes) -> list[ListRow]:
    """The people in a file. Raises BadInput with every fault; rows that hold nothing at all are passed over."""
    heading, *rest = read_lines(name, data, MOST_INVITED)
    columns, faults = _columns(heading)
    rows: dict[int, ListRow] = {}
    for line in rest:
        row, wrong = _row(line, columns)
        faults += wrong
        if row is not None:
            rows[line.number] = row
    faults += _twice(rows)
    if not faults and not rows:
        faults.append(_fault("list_empty", ""))
    if len(rows) > MOST_INVITED:
        faults.append(_fault("list_too_many", "", count=len(rows), limit=MOST_INVITED))
    if faults:
        beyond = len(faults) - MAX_FINDINGS
        more = [finding("more_findings", "", count=beyond)] if beyond > 0 else []
        raise BadInput([*faults[:MAX_FINDINGS], *more])
    return list(rows.values())


def read_lines(name: str, data: bytes, most: int) -> list[Line]:
    """The rows of a table, its headings first; at most `most` below them. Raises BadInput."""
    return (_workbook(data, most) if is_workbook(data, name) else _csv(data)) or [Line(1, ())]


def _columns(heading: Line) -> tuple[dict[str, int], list[Finding]]:
    """Which column holds what; columns that nobody asked for are left alone."""
    columns: dict[str, int] = {}
    faults = []
    for place, cell in enumerate(heading.cells):
        field = _FIELDS.get(cell.strip().lower())
        if field in columns:
            faults.append(_fault("list_column_twice", _place(heading, place), column=HEADINGS[field or ""][0]))
        elif field is not None:
            columns[field] = place
    if "name" not in columns:
        found = "、".join(cell.strip() for cell in heading.cells if cell.strip()) or "–"
        faults.append(_fault("list_name_column_missing", _place(heading, 0), found=found))
    return columns, faults


def _row(line: Line, columns: dict[str, int]) -> tuple[ListRow | None, list[Finding]]:
    texts = {field: _cell(line, place).strip() for field, place in columns.items()}
    if not any(texts.values()) or "name" not in columns:
        return None, []
    faults = []
    for field, text in texts.items():
        place = _place(line, columns[field])
        if len(text) > LONGEST:
            faults.append(_fault("list_too_long", place, length=len(text), limit=LONGEST))
        if any(sign < " " or sign == "\x7f" for sign in text):
            faults.append(_fault("list_control_character", place))
    if not texts["name"]:
        faults.append(_fault("list_name_blank", _place(line, columns["name"])))
    return (None if faults else ListRow(**texts)), faults


def _twice(rows: dict[int, ListRow]) -> list[Finding]:
    seen: dict[tuple[str, str], int] = {}
    faults = []
    for number, row in rows.items():
        who = (row.name, row.contact)
        if who in seen:
            faults.append(_fault("list_person_twice", f"A{number}", person=row.name, first=seen[who]))
        else:
            seen[who] = number
    return faults


def _csv(data: bytes) -> list[Line]:
    if len(data) > _MOST_BYTES:
        raise BadInput([_fault("list_too_large", "", size=len(data), limit=_MOST_BYTES)])
    text = _decoded(data)
    first = text.split("\n", 1)[0]
    separator = max((",", ";", "\t", "，"), key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    lines: list[Line] = []
    number = 1
    try:
        for cells in reader:
            lines.append(Line(number, tuple(cells)))
            number = reader.line_num + 1
    except csv.Error:
        raise BadInput([_fault("list_damaged", f"A{number}", row=number)]) from None
    return lines


def _decoded(data: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with one, else GBK (as GB 18030, of which it is a part)."""
    utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if utf_16 else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInput([_fault("list_encoding", "")])


def _workbook(data: bytes, most: int) -> list[Line]:
    refused = refusal(data)
    if refused is not None:
        raise BadInput([refused])
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        lines = _lines(sheet.iter_rows(values_only=True), most)
        book.close()
    except BROKEN:
        raise BadInput([workbook_fault("workbook_unreadable", "")]) from None
    return lines


def _lines(rows: Iterable[Sequence[Any]], most: int) -> list[Line]:
    lines = []
    for number, values in enumerate(rows, 1):
        cells = [plain(value) for value in values]
        if number == 1 or any(cell is not None for cell in cells):
            lines.append(Line(number, tuple("" if cell is None else str(cell) for cell in cells)))
        if len(lines) > most + 1:
            raise BadInput([_fault("list_too_many", "", count=f"{most}+", limit=most)])
    return lines


def _cell(line: Line, place: int) -> str:
    return line.cells[place] if place < len(line.cells) else ""


def _place(line: Line, column: int) -> str:
    return f"{get_column_letter(column + 1)}{line.number}"


def _fault(name: str, place: str, **values: object) -> Finding:
    entry = FAULTS[name]
    shown = {key: str(value)[:80] for key, value in values.items()}
    words = (entry.zh, entry.en, entry.remedy_zh, entry.remedy_en)
    return Finding(place, entry.severity, name, "", *(text.format(**shown) for text in words))
