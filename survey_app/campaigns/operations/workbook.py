"""A filled workbook becomes the same document that a JSON set-up is; every JSON pointer remembers its cell.

Nothing is judged here that the checks of the format judge: their findings are translated back to cells.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from survey_app.campaigns.operations import workbook_layout as layout
from survey_app.campaigns.operations.workbook_cells import Row, Sheet, Workbook, open_workbook
from survey_app.campaigns.operations.workbook_faults import fault
from survey_app.campaigns.operations.workbook_layout import Column
from survey_app.questionnaire.base import AUDIENCES
from survey_app.questionnaire.findings import Finding

_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_SEPARATORS = re.compile(r"[;;,,、\s]+")


@dataclass
class SetupDocument:
    """A set-up as a document, where each of its parts stands in the workbook, and what the workbook itself gets wrong.

    places: JSON pointer -> cell, for instance "/units/0/name" -> "单位!B2".
    """

    document: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)

    def place(self, pointer: str) -> str:
        """The cell of a pointer, or of the nearest part around it."""
        while pointer:
            if pointer in self.places:
                return self.places[pointer]
            pointer = pointer.rpartition("/")[0]
        return ""


def read_workbook(data: bytes) -> SetupDocument:
    """The set-up in an .xlsx file. Never raises; without readable sheets the document is empty."""
    book = open_workbook(data)
    made = SetupDocument(faults=book.faults)
    if not book.faults:
        _campaign(book, made)
        _units(book, made)
        _departments(book, made)
    return made


def read_places(data: bytes, campaign: dict[str, Any]) -> SetupDocument:
    """Units and departments from an .xlsx file, everything about the campaign itself from a form.

    campaign: {"campaign": …, "questionnaires": …, "plan": …}; the sheet 评估轮次 is not looked at.
    """
    book = open_workbook(data)
    made = SetupDocument(document=dict(campaign), faults=book.faults)
    if not book.faults:
        _units(book, made)
        _departments(book, made)
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
        content = row.values.get(value.zh)
        if fact.field in {"opens", "closes"}:
            content = _day(content)
        elif content is not None:
            content = str(content)
        if fact.field == "questionnaires":
            made.document["questionnaires"] = [name for name in _SEPARATORS.split(str(content or "")) if name]
            made.places["/questionnaires"] = sheet.cell(row, value)
        elif fact.field == "plan":
            made.document["plan"] = content
            made.places["/plan"] = sheet.cell(row, value)
        else:
            if content is not None:
                facts[fact.field] = content
            made.places[f"/campaign/{fact.field}"] = sheet.cell(row, value)
    made.document["campaign"] = facts


def _units(book: Workbook, made: SetupDocument) -> None:
    sheet = book.sheets[layout.UNITS]
    units: list[dict[str, Any]] = []
    numbers: dict[str, int] = {}
    for row in sheet.rows:
        number = len(units)
        unit = _keep(
            made,
            sheet,
            row,
            f"/units/{number}",
            {"code": layout.UNIT_CODE, "name": layout.UNIT_NAME, "category": layout.CATEGORY},
        )
        unit["audiences"] = _audiences(made, sheet, row, f"/units/{number}/audiences")
        unit["report_group"] = _word(row.values.get(layout.REPORT_GROUP.zh))
        unit["frame"] = []
        made.places[f"/units/{number}/report_group"] = sheet.cell(row, layout.REPORT_GROUP)
        numbers.setdefault(str(unit.get("code")), number)
        units.append(unit)
    made.document["units"] = units
    made.places["/units"] = f"{layout.UNITS}!A2"
    _frame(book.sheets[layout.FRAME], made, numbers)


def _frame(sheet: Sheet, made: SetupDocument, numbers: dict[str, int]) -> None:
    for row in sheet.rows:
        number = _number_of(made, (sheet, row, layout.UNIT_CODE), numbers)
        word = str(row.values.get(layout.AUDIENCE.zh) or "")
        audience = layout.AUDIENCE_WORDS.get(word, word if word in AUDIENCES else None)
        if audience is None:
            known = "、".join(layout.AUDIENCE_WORDS)
            made.faults.append(
                fault("workbook_unknown_audience", sheet.cell(row, layout.AUDIENCE), word=word, known=known)
            )
        if number is None or audience is None:
            continue
        frame = made.document["units"][number]["frame"]
        pointer = f"/units/{number}/frame/{len(frame)}"
        cell = _keep(made, sheet, row, pointer, {"size": layout.SIZE}, as_words=False)
        made.places[f"{pointer}/audience"] = sheet.cell(row, layout.AUDIENCE)
        made.places[f"{pointer}/stratum"] = sheet.cell(row, layout.STRATUM)
        frame.append({"audience": audience, "stratum": _word(row.values.get(layout.STRATUM.zh)), **cell})


def _departments(book: Workbook, made: SetupDocument) -> None:
    sheet = book.sheets[layout.DEPARTMENTS]
    departments: list[dict[str, Any]] = []
    numbers: dict[str, int] = {}
    for row in sheet.rows:
        pointer = f"/departments/{len(departments)}"
        department = _keep(
            made, sheet, row, pointer, {"code": layout.DEPARTMENT_CODE, "name": layout.DEPARTMENT_NAME}
        ) | _keep(made, sheet, row, pointer, {"raters": layout.RATERS}, as_words=False)
        numbers.setdefault(str(department.get("code")), len(departments))
        departments.append(department | {"rates": []})
    made.document["departments"] = departments
    ratings = book.sheets[layout.RATINGS]
    for row in ratings.rows:
        number = _number_of(made, (ratings, row, layout.DEPARTMENT_CODE), numbers)
        if number is not None:
            rates = departments[number]["rates"]
            made.places[f"/departments/{number}/rates/{len(rates)}"] = ratings.cell(row, layout.UNIT_CODE)
            rates.append(_word(row.values.get(layout.UNIT_CODE.zh)) or "")


def _keep(
    made: SetupDocument, sheet: Sheet, row: Row, pointer: str, fields: dict[str, Column], *, as_words: bool = True
) -> dict[str, Any]:
    """The filled cells of a row by field name; blank ones are left out, so that the format says what is missing."""
    kept = {}
    made.places[pointer] = sheet.cell(row, next(iter(fields.values())))
    for name, column in fields.items():
        made.places[f"{pointer}/{name}"] = sheet.cell(row, column)
        value = row.values.get(column.zh)
        if value is not None:
            kept[name] = _word(value) if as_words else _count(value)
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


def _number_of(made: SetupDocument, place: tuple[Sheet, Row, Column], numbers: dict[str, int]) -> int | None:
    """Which unit or department a row is about; a fault where its code does not stand in the sheet that defines it."""
    sheet, row, column = place
    code = _word(row.values.get(column.zh)) or ""
    if code not in numbers:
        defined_in = layout.UNITS if column is layout.UNIT_CODE else layout.DEPARTMENTS
        made.faults.append(
            fault("workbook_unknown_code", sheet.cell(row, column), list(numbers), value=code, sheet=defined_in)
        )
    return numbers.get(code)


def _word(value: object) -> str | None:
    # A code such as 101 is typed as a number and meant as a word.
    return None if value is None else str(value)


def _count(value: object) -> object:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else value


def _day(value: object) -> object:
    found = _DAY.fullmatch(str(value)) if value is not None else None
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else value
