"""A snapshot as an Excel workbook with native charts, for people who go on working with it.

Must stay true: no text becomes a formula or a link; what is not shown is an empty cell, never a zero; the charts draw
from cells of the workbook, so that whoever changes a cell sees it in the chart.
"""

import io

import xlsxwriter

from survey_app.scores.export import scale_sheets, sheets
from survey_app.scores.export.book import formats, table_sheet
from survey_app.scores.export.content import Content
from survey_app.scores.export.method import figure_rows, method_rows
from survey_app.scores.export.mode_sheet import modes
from survey_app.scores.export.summary import charts, summary
from survey_app.scores.export.trend_sheet import waves

_SHEETS = (
    sheets.scores,
    sheets.parts,
    sheets.items,
    scale_sheets.comparisons,
    waves,
    modes,
    scale_sheets.quality,
    scale_sheets.reliability,
    scale_sheets.agreement,
    scale_sheets.validity,
    scale_sheets.drivers,
    scale_sheets.severity,
)
_FIGURE_HEADINGS = (("名称", "Name"), ("怎么看", "How to read it"), ("公式", "Formula"), ("依据", "Source"))


def workbook(content: Content) -> bytes:
    """The workbook, as the bytes of an .xlsx file."""
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(made, options) as book:
        book.set_properties({"title": content.snapshot.document["campaign"]["title"], "author": "Pingyi"})
        one = formats(book, content)
        first = summary(one)
        for write in _SHEETS:
            write(one)
        table_sheet(
            one,
            ("说明", "Method"),
            [one.say("项目", "Field"), one.say("内容", "Value")],
            lambda: ([(name, one.text), (value, one.wrapped)] for name, value in method_rows(content)),
            wide={0: 28, 1: 100},
        )
        table_sheet(
            one,
            ("指标解释", "Figures"),
            [one.say(*named) for named in _FIGURE_HEADINGS],
            lambda: ([(value, one.wrapped) for value in row] for row in figure_rows(content)),
            wide={0: 28, 1: 70, 2: 40, 3: 60},
        )
        charts(one, *first)
    return made.getvalue()
