"""A filled workbook becomes the same document that a JSON set-up is; every JSON pointer remembers its cell.

Nothing is judged here that the checks of the format judge: their findings are translated back to cells.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from openpyxl.cell.cell import ERROR_CODES

from survey_app.campaigns.operations import workbook_layout as layout
from survey_app.campaigns.operations.workbook_cells import Row, Sheet, Workbook, open_workbook
from survey_app.campaigns.operations.workbook_faults import fault
from survey_app.campaigns.operations.workbook_layout import Column
from survey_app.questionnaire.base import AUDIENCES
from survey_app.questionnaire.findings import Finding

# Where a fact stands that came from a form and not from the workbook.
FORM = "表单 form"
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_MOST_FIGURES = 15
_SEPARATORS = re.compile(r"[;,、\s]+")


@dataclass
class SetupDocument:
    """A set-up as a document, where each of its parts stands in the workbook, and what the workbook itself gets wrong.

    places: JSON pointer -> cell, for instance "/units/0/name" -> "单位!B2".
    headings: JSON pointer -> what the workbook calls it in Chinese and English, "/units/0/name" -> 单位名称, Unit name.
    """

    document: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    headings: dict[str, tuple[str, str]] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)

    def place(self, pointer: str) -> str:
        """The cell of a pointer, or of the nearest part around it."""
        while pointer:
            if pointer in self.places:
                return self.places[pointer]
            pointer = pointer.rpartition("/")[0]
        return ""

    def with_faults(self, findings: Iterable[Finding]) -> list[Finding]:
        """The faults and what the format finds besides: of a faulty cell it never saw the content."""
        said = {one.file for one in self.faults} - {""}
        return self.faults + [self._worded(one) for one in findings if self.place(one.pointer) not in said]

    def _worded(self, one: Finding) -> Finding:
        """What is missing is called by the heading of its column or row, not by its name in the format."""
        if one.code != "missing" or one.pointer not in self.headings:
            return one
        name, (zh, en) = one.pointer.rpartition("/")[2], self.headings[one.pointer]
        return replace(one, zh=one.zh.replace(f"“{name}”", f"“{zh}”"), en=one.en.replace(f"“{name}”", f"“{en}”"))


def read_workbook(data: bytes) -> SetupDocument:
    """The set-up in an .xlsx file. Never raises; without readable sheets the document is empty."""
    book = open_workbook(data)
    made = SetupDocument(faults=book.faults)
    if not book.faults:
        _campaign(book, made)
        _departments(book, made, _units(book, made))
    return made


def read_places(data: bytes, campaign: dict[str, Any]) -> SetupDocument:
    """Units and departments from an .xlsx file, everything about the campaign itself from a form.

    campaign: {"campaign": …, "questionnaires": …, "plan": …}; the sheet 评估轮次 is not looked at.
    """
    book = open_workbook(data)
    places = {f"/campaign/{fact.field}": f"{FORM} {fact.zh} {fact.en}" for fact in layout.FACTS}
    places |= {f"/{name}": places[f"/campaign/{name}"] for name in ("questionnaires", "plan")}
    made = SetupDocument(document=dict(campaign), places=places, faults=book.faults)
    if not book.faults:
        _departments(book, made, _units(book, made))
    return made


def _campaign(book: Workbook, made: SetupDocument) -> None:
    sheet = book.sheets[layout.CAMPAIGN]
    label, value = layout.COLUMNS[layout.CAMPAIGN][:2]
    rows = {layout.first_line(row.values[label.zh]): row for row in sheet.rows}
    facts: dict[str, Any] = {}
    for fact in layout.FACTS:
        row = rows.get(fact.zh)
        if row is None:
            made.faults.append(
                fault("workbook_row_missing", layout.CAMPAIGN, sheet=layout.CAMPAIGN, row=fact.zh, row_en=fact.en)
            )
            continue
        content = _value(made, sheet, row, value)
        if fact.field == "questionnaires":
            made.document["questionnaires"] = [name for name in _SEPARATORS.split(_plain(content or "")) if name]
            made.places["/questionnaires"] = sheet.cell(row, value)
        elif fact.field == "plan":
            made.document["plan"] = content and _plain(content)
            made.places["/plan"] = sheet.cell(row, value)
        else:
            if content is not None:
                facts[fact.field] = _fact(fact.field, content)
            made.places[f"/campaign/{fact.field}"] = sheet.cell(row, value)
            made.headings[f"/campaign/{fact.field}"] = fact.zh, fact.en
    made.document["campaign"] = facts


def _units(book: Workbook, made: SetupDocument) -> dict[str, int]:
    """Units with their sizes. Which unit a code stands for, by its number."""
    sheet = book.sheets[layout.UNITS]
    units: list[dict[str, Any]] = []
    numbers: dict[str, int] = {}
    for row in sheet.rows:
        number = len(units)
        unit: dict[str, Any] = {"report_group": None} | _keep(
            made,
            sheet,
            row,
            f"/units/{number}",
            {
                "code": layout.UNIT_CODE,
                "name": layout.UNIT_NAME,
                "category": layout.CATEGORY,
                "report_group": layout.REPORT_GROUP,
            },
        )
        unit["audiences"] = _audiences(made, sheet, row, f"/units/{number}/audiences")
        unit["frame"] = []
        if "code" in unit:
            numbers.setdefault(unit["code"], number)
        units.append(unit)
    made.document["units"] = units
    made.places["/units"] = f"{layout.UNITS}!A2"
    _frame(book.sheets[layout.FRAME], made, numbers)
    return numbers


def _frame(sheet: Sheet, made: SetupDocument, numbers: dict[str, int]) -> None:
    for row in sheet.rows:
        number = numbers.get(_known_code(made, (sheet, row, layout.UNIT_CODE), numbers))
        word = _needed(made, sheet, row, layout.AUDIENCE)
        audience = layout.AUDIENCE_WORDS.get(word, word if word in AUDIENCES else None)
        if word and audience is None:
            known = "、".join(layout.AUDIENCE_WORDS)
            made.faults.append(
                fault("workbook_unknown_audience", sheet.cell(row, layout.AUDIENCE), word=word, known=known)
            )
        if number is None or audience is None:
            _value(made, sheet, row, layout.SIZE)
            continue
        frame = made.document["units"][number]["frame"]
        pointer = f"/units/{number}/frame/{len(frame)}"
        cell = _keep(made, sheet, row, pointer, {"size": layout.SIZE, "stratum": layout.STRATUM})
        made.places[f"{pointer}/audience"] = sheet.cell(row, layout.AUDIENCE)
        frame.append({"audience": audience, "stratum": None, **cell} | _by_list(made, sheet, row, pointer))


def _by_list(made: SetupDocument, sheet: Sheet, row: Row, pointer: str) -> dict[str, bool]:
    """Whether these people are invited by name; nothing where the column is absent, blank or says no."""
    column = layout.NAMED_LIST
    if column.zh not in sheet.columns:
        return {}
    made.places[f"{pointer}/named_list"] = sheet.cell(row, column)
    answer = layout.yes_or_no(row.values.get(column.zh))
    if answer is None:
        made.faults.append(fault("workbook_not_yes_or_no", sheet.cell(row, column), value=row.values.get(column.zh)))
    return {"named_list": True} if answer else {}


def _departments(book: Workbook, made: SetupDocument, units: dict[str, int]) -> None:
    sheet = book.sheets[layout.DEPARTMENTS]
    departments: list[dict[str, Any]] = []
    numbers: dict[str, int] = {}
    columns = {"code": layout.DEPARTMENT_CODE, "name": layout.DEPARTMENT_NAME, "raters": layout.RATERS}
    for row in sheet.rows:
        department = _keep(made, sheet, row, f"/departments/{len(departments)}", columns)
        if "code" in department:
            numbers.setdefault(department["code"], len(departments))
        departments.append(department | {"rates": []})
    made.document["departments"] = departments
    ratings = book.sheets[layout.RATINGS]
    for row in ratings.rows:
        number = numbers.get(_known_code(made, (ratings, row, layout.DEPARTMENT_CODE), numbers))
        unit = _known_code(made, (ratings, row, layout.UNIT_CODE), units)
        if number is not None and unit:
            rates = departments[number]["rates"]
            made.places[f"/departments/{number}/rates/{len(rates)}"] = ratings.cell(row, layout.UNIT_CODE)
            rates.append(unit)


def _keep(made: SetupDocument, sheet: Sheet, row: Row, pointer: str, columns: dict[str, Column]) -> dict[str, Any]:
    """The filled cells of a row by field name; blank ones are left out, so that the format says what is missing."""
    kept = {}
    made.places[pointer] = sheet.cell(row, next(iter(columns.values())))
    for name, column in columns.items():
        made.places[f"{pointer}/{name}"] = sheet.cell(row, column)
        made.headings[f"{pointer}/{name}"] = column.zh, column.en
        value = _value(made, sheet, row, column)
        if value is not None:
            kept[name] = value
    return kept


def _audiences(made: SetupDocument, sheet: Sheet, row: Row, pointer: str) -> list[str]:
    chosen = []
    for audience, column in layout.AUDIENCE_COLUMNS.items():
        answer = layout.yes_or_no(row.values.get(column.zh))
        if answer is None:
            made.faults.append(
                fault("workbook_not_yes_or_no", sheet.cell(row, column), value=row.values.get(column.zh))
            )
        if answer:
            chosen.append(audience)
    made.places[pointer] = sheet.cell(row, next(iter(layout.AUDIENCE_COLUMNS.values())))
    return chosen


def _known_code(made: SetupDocument, place: tuple[Sheet, Row, Column], numbers: dict[str, int]) -> str:
    """The code of a unit or department on a row; a fault where it does not stand in the sheet that defines it."""
    sheet, row, column = place
    code = _needed(made, sheet, row, column)
    if code and code not in numbers:
        defined_in = layout.UNITS if column is layout.UNIT_CODE else layout.DEPARTMENTS
        made.faults.append(
            fault("workbook_unknown_code", sheet.cell(row, column), list(numbers), value=code, sheet=defined_in)
        )
    return code


def _needed(made: SetupDocument, sheet: Sheet, row: Row, column: Column) -> str:
    """The cell as text; a fault, and nothing, where it is blank: most often the rest of a merged cell."""
    if row.values.get(column.zh) is None:
        place = sheet.cell(row, column)
        made.faults.append(fault("workbook_cell_blank", place, column=column.zh, column_en=column.en))
    return str(_value(made, sheet, row, column) or "")


def _value(made: SetupDocument, sheet: Sheet, row: Row, column: Column) -> str | int | None:
    """What a cell says, by the kind of its column; a fault, and None, where it says nothing of that kind."""
    value = row.values.get(column.zh)
    if value is None:
        return None
    if value in ERROR_CODES:
        made.faults.append(fault("workbook_cell_error", sheet.cell(row, column), value=value))
        return None
    if column.kind == "count":
        figures = _plain(value)
        if figures.isascii() and figures.isdecimal() and len(figures) <= _MOST_FIGURES:
            return int(figures)
        made.faults.append(fault("workbook_not_a_number", sheet.cell(row, column), value=value))
        return None
    return _plain(value) if column.kind == "code" else str(value)


def _plain(value: object) -> str:
    """A code or number as it is meant: 101 typed as a number, full-width signs, invisible signs pasted along."""
    text = unicodedata.normalize("NFKC", str(value))
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf").strip()


def _fact(field_name: str, content: str | int) -> str:
    if field_name in {"opens", "closes"}:
        found = _DAY.fullmatch(_plain(content))
        return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else str(content)
    return _plain(content) if field_name in {"code", "timezone"} else str(content)
