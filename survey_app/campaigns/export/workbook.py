"""A set-up as an Excel workbook: the template with a filled example, or the set-up of a campaign to work on.

What is written here is what `operations.workbook` reads; a test takes the round trip.
"""

import io
import json
from typing import Any

import xlsxwriter

from survey_app.campaigns.operations import workbook_layout as layout
from survey_app.library import queries as library
from survey_app.questionnaire.setup import CampaignSetup

_EXAMPLE_UNITS = 3
_LAST_ROW = 5000

_GUIDE = (
    "本工作簿是评估轮次的设置文件。各表已填有示例，请改为实际内容后上传。",
    "1. “评估轮次”：只改“填写内容”一列。",
    "2. “单位”：一行一个被评估单位；三类人群填“是”的才开展该项问卷，填“否”表示不适用。",
    "3. “分层人数”：各单位的工作人员数、管理服务对象数，可分层；少于10人的分层请先合并。",
    "   管理服务对象人数未知的不填，该单位只能用开放链接。",
    "4. “部门”和“评价关系”：哪些相关部门、各有几人填答、评价哪些单位（一行一对）。",
    "5. “合并收集组”：人数太少的单位填相同的组名，答卷合并收集；各单位仍分别计分，人数太少的不予显示。不需要就留空。",
    "请勿填写个人姓名、电话；本系统不得存储、处理国家秘密。",
)
_GUIDE_EN = (
    "This workbook is the set-up of a campaign. Every sheet holds an example: replace it and upload the file. "
    "One row a unit, a stratum, a department, and a pair of department and unit. Merge strata under 10 people first. "
    "Units that are too small share a collection group: their answers are collected together, but each unit is scored "
    "by itself, and not shown where too few answered. No names of persons, no telephone numbers, no state secrets."
)


def example() -> CampaignSetup:
    """A small whole set-up out of the built-in demonstration."""
    document, _ = library.builtin("setup", "demo")
    units = document["units"][:_EXAMPLE_UNITS]
    codes = {unit["code"] for unit in units}
    departments = [
        department | {"rates": [code for code in department["rates"] if code in codes]}
        for department in document["departments"]
        if codes & set(department["rates"])
    ]
    facts = document["campaign"] | {"code": "pg2026"}
    whole = document | {"campaign": facts, "units": units, "departments": departments}
    return CampaignSetup.model_validate_json(json.dumps(whole))


def workbook(setup: CampaignSetup) -> bytes:
    """The .xlsx file of a set-up, with drop-downs, headings in both languages and the guide as its first sheet."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        formats = _formats(book)
        _guide(book, formats)
        _campaign(book, formats, setup)
        _units(book, formats, setup)
        _frame(book, formats, setup)
        _departments(book, formats, setup)
        _ratings(book, formats, setup)
        # Seen first: what has to be filled in, not how.
        book.get_worksheet_by_name(layout.CAMPAIGN).activate()
    return target.getvalue()


def _formats(book: Any) -> dict[str, Any]:  # noqa: ANN401  # xlsxwriter's own types
    return {
        "heading": book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#EDF3FA", "locked": True}
        ),
        "text": book.add_format({"num_format": "@", "valign": "top", "text_wrap": True}),
        "number": book.add_format({"num_format": "0", "valign": "top"}),
        "quiet": book.add_format({"font_color": "#57606A", "valign": "top", "text_wrap": True}),
    }


def _sheet(book: Any, formats: dict[str, Any], name: str) -> Any:  # noqa: ANN401  # xlsxwriter's own types
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.set_row(0, 34)
    for at, column in enumerate(layout.COLUMNS[name]):
        sheet.set_column(at, at, column.width)
        sheet.write_string(0, at, column.heading, formats["heading"])
    return sheet


def _guide(book: Any, formats: dict[str, Any]) -> None:  # noqa: ANN401  # xlsxwriter's own types
    sheet = book.add_worksheet("说明")
    sheet.set_column(0, 0, 100)
    for at, line in enumerate((*_GUIDE, "", _GUIDE_EN)):
        sheet.write_string(at, 0, line, formats["quiet"] if line == _GUIDE_EN else formats["text"])


def _campaign(book: Any, formats: dict[str, Any], setup: CampaignSetup) -> None:  # noqa: ANN401  # as above
    sheet = _sheet(book, formats, layout.CAMPAIGN)
    values = {fact: str(getattr(setup.campaign, fact)) for fact in type(setup.campaign).model_fields} | {
        "questionnaires": ";".join(setup.questionnaires),
        "plan": setup.plan,
    }
    known = {
        "questionnaires": "、".join(library.builtin_names("questionnaire")),
        "plan": "、".join(library.builtin_names("plan")),
    }
    for at, fact in enumerate(layout.FACTS, start=1):
        sheet.write_string(at, 0, f"{fact.zh}\n{fact.en}", formats["text"])
        sheet.write_string(at, 1, values[fact.field], formats["text"])
        note = f"{fact.note}。可用：{known[fact.field]}" if fact.field in known else fact.note
        sheet.write_string(at, 2, note, formats["quiet"])


def _units(book: Any, formats: dict[str, Any], setup: CampaignSetup) -> None:  # noqa: ANN401  # as above
    sheet = _sheet(book, formats, layout.UNITS)
    yes_no = {"validate": "list", "source": [layout.YES, layout.NO]}
    sheet.data_validation(1, 3, _LAST_ROW, 5, yes_no | _refusal("请选“是”或“否”。"))
    for at, unit in enumerate(setup.units, start=1):
        asked = [layout.YES if name in unit.audiences else layout.NO for name in layout.AUDIENCE_COLUMNS]
        _strings(sheet, at, [unit.code, unit.name, unit.category, *asked, unit.report_group or ""], formats)


def _frame(book: Any, formats: dict[str, Any], setup: CampaignSetup) -> None:  # noqa: ANN401  # as above
    sheet = _sheet(book, formats, layout.FRAME)
    sheet.data_validation(1, 0, _LAST_ROW, 0, _codes_of(layout.UNITS))
    audiences = {"validate": "list", "source": list(layout.AUDIENCE_WORDS)}
    sheet.data_validation(1, 1, _LAST_ROW, 1, audiences | _refusal("请从列表选择人群。"))
    whole = {"validate": "integer", "criteria": ">", "value": 0}
    sheet.data_validation(1, 3, _LAST_ROW, 3, whole | _refusal("请填大于 0 的整数。"))
    yes_no = {"validate": "list", "source": [layout.YES, layout.NO]}
    sheet.data_validation(1, 4, _LAST_ROW, 4, yes_no | _refusal("请选“是”或“否”；不填即用填答码卡片。"))
    words = {audience: word for word, audience in layout.AUDIENCE_WORDS.items()}
    cells = [(unit.code, cell) for unit in setup.units for cell in unit.frame]
    for at, (code, cell) in enumerate(cells, start=1):
        _strings(sheet, at, [code, words[cell.audience], cell.stratum or ""], formats)
        sheet.write_number(at, 3, cell.size, formats["number"])
        if cell.named_list:
            sheet.write_string(at, 4, layout.YES, formats["text"])


def _departments(book: Any, formats: dict[str, Any], setup: CampaignSetup) -> None:  # noqa: ANN401  # as above
    sheet = _sheet(book, formats, layout.DEPARTMENTS)
    whole = {"validate": "integer", "criteria": ">", "value": 0}
    sheet.data_validation(1, 2, _LAST_ROW, 2, whole | _refusal("请填大于 0 的整数。"))
    for at, department in enumerate(setup.departments, start=1):
        _strings(sheet, at, [department.code, department.name], formats)
        sheet.write_number(at, 2, department.raters, formats["number"])


def _ratings(book: Any, formats: dict[str, Any], setup: CampaignSetup) -> None:  # noqa: ANN401  # as above
    sheet = _sheet(book, formats, layout.RATINGS)
    pairs = [(department.code, code) for department in setup.departments for code in department.rates]
    last = max(_LAST_ROW, 2 * len(pairs))
    sheet.data_validation(1, 0, last, 0, _codes_of(layout.DEPARTMENTS))
    sheet.data_validation(1, 1, last, 1, _codes_of(layout.UNITS))
    for at, pair in enumerate(pairs, start=1):
        _strings(sheet, at, list(pair), formats)


def _strings(sheet: Any, row: int, values: list[str], formats: dict[str, Any]) -> None:  # noqa: ANN401  # as above
    for at, value in enumerate(values):
        sheet.write_string(row, at, value, formats["text"])


def _codes_of(sheet: str) -> dict[str, Any]:
    source = f"='{sheet}'!$A$2:$A${_LAST_ROW}"
    return {"validate": "list", "source": source} | _refusal(f"请从列表选择工作表“{sheet}”中已有的代码。")


def _refusal(message: str) -> dict[str, Any]:
    return {"error_title": "请核对", "error_message": message}
