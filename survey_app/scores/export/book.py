"""A workbook being written: its formats, the head of every sheet, tables with frozen headings.

Must stay true: no text becomes a formula or a link; what is not shown is an empty cell, never a zero.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from survey_app.scores.export.content import Content, Value
from survey_app.scores.queries import display
from survey_app.scores.rules import words

ACCENT, LIGHT, HAIRLINE = "#1d4f91", "#a9c1e0", "#d5dae0"
ROUNDED = frozenset({"score", "lo", "hi", "total_lo", "total_hi", "score_all"})
_LINE = 15.0  # points a line of 10 point type
_MARGIN = 0.4  # inches
_PAGE = 150  # width that an A4 page holds across at full size
_LEAST_SCALE = 0.6  # six point type; what would be smaller goes over several pages
Cells = list[tuple[Value, Format]]


@dataclass(frozen=True)
class Book:
    """A workbook being written, with its formats."""

    book: Workbook
    content: Content
    title: Format
    note: Format
    heading: Format
    group: Format
    text: Format
    wrapped: Format
    figure: Format
    fine: Format
    tiny: Format
    rate: Format
    share: Format
    whole: Format

    def say(self, zh: str, en: str) -> str:
        """One of two wordings."""
        return self.content.say(zh, en)

    def sheet(self, zh: str, en: str) -> Worksheet:
        """A new sheet, set up for printing with the notice in its footer."""
        sheet = self.book.add_worksheet(self.say(zh, en))
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.set_margins(left=_MARGIN, right=_MARGIN)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{words.one(words.FOOTER, self.content.language)}&R&P / &N")
        return sheet


def formats(book: Workbook, content: Content) -> Book:
    """The workbook with its formats, before any sheet."""
    font = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}
    line = {"bottom": 4, "bottom_color": HAIRLINE}

    def made(**more: object) -> Format:
        return book.add_format(font | more)

    return Book(
        book=book,
        content=content,
        title=made(font_size=14, bold=True),
        note=made(font_color="#57606a"),
        heading=made(bold=True, bottom=1, top=2, text_wrap=True, align="center"),
        group=made(bold=True, align="center", top=2, left=4, left_color=HAIRLINE),
        text=made(indent=1, **line),
        wrapped=made(text_wrap=True, indent=1, **line),
        figure=made(num_format="0.0", align="right", **line),
        fine=made(num_format="0.00", align="right", **line),
        # A chance below what the places show is no chance of 0.
        tiny=made(num_format='[<0.0001]"<0.0001";0.0000', align="right", **line),
        rate=made(num_format='[<0.0001]"<0.01%";0.00%', align="right", **line),
        share=made(num_format="0%", align="right", **line),
        whole=made(num_format="#,##0", align="right", **line),
    )


def head(one: Book, sheet: Worksheet) -> int:
    """Title and provenance at the top of a sheet; returns the first free row."""
    snapshot, facts = one.content.snapshot, one.content.snapshot.document["campaign"]
    mark = one.say("〔演示数据〕", "[demonstration data] ") if one.content.demo else ""
    sheet.set_row(0, 24)
    sheet.write_string(0, 0, f"{mark}{facts['title']}", one.title)
    computed = one.content.moment(snapshot.row.computed_at)
    line = one.say(
        f"第 {snapshot.number} 次计算，{computed}，报告哈希 {snapshot.report_hash}",
        f"Snapshot {snapshot.number}, {computed}, report hash {snapshot.report_hash}",
    )
    sheet.write_string(1, 0, line, one.note)
    sheet.write_string(2, 0, words.one(words.FOOTER, one.content.language), one.note)
    return 4


def write_table(
    one: Book,
    sheet: Worksheet,
    at: int,
    headings: Sequence[str],
    rows: Iterable[Sequence[tuple[Value, Format]]],
    *,
    widths: Sequence[float] = (),
    names: int = 1,
) -> int:
    """A table with a frozen, filterable heading; returns the row behind it.

    widths: of all columns, so that rows are as high as their longest text needs: not every program sees to it itself.
    names: how many columns say what a row is about; they stand on every page of a table that is printed on several.
    """
    for column, heading in enumerate(headings):
        sheet.write_string(at, column, heading, one.heading)
    if widths:
        sheet.set_row(at, _LINE * max(map(_lines, headings, widths)))
    row = at
    for row, cells in enumerate(rows, start=at + 1):
        for column, (value, form) in enumerate(cells):
            write_cell(sheet, row, column, value, form)
        if widths:
            wrapped = [
                _lines(value, width)
                for (value, form), width in zip(cells, widths, strict=True)
                if form is one.wrapped and isinstance(value, str)
            ]
            sheet.set_row(row, _LINE * max([1, *wrapped]))
    sheet.freeze_panes(at + 1, 1)
    sheet.repeat_rows(at)
    pages = _pages_across(widths, names)
    if pages > 1:
        sheet.fit_to_pages(pages, 0)
        sheet.repeat_columns(0, names - 1)
    if row > at:
        sheet.autofilter(at, 0, row, len(headings) - 1)
    return row + 1


def _pages_across(widths: Sequence[float], names: int) -> int:
    """Pages beside each other on which a table is still legible, each with the columns that name its rows."""
    room, named = _PAGE / _LEAST_SCALE, sum(widths[:names])
    return 1 if sum(widths) <= room else math.ceil((sum(widths) - named) / max(room - named, 1))


def _lines(text: str, width: float) -> int:
    """Lines of a text in a column: wide signs take two places of a narrow one."""
    places = sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)
    return max(1, math.ceil(places / max(width - 2, 1)))


def write_cell(sheet: Worksheet, row: int, column: int, value: Value, form: Format) -> None:
    """One value; nothing is a blank cell."""
    if value is None:
        sheet.write_blank(row, column, None, form)
    elif isinstance(value, str):
        sheet.write_string(row, column, value, form)
    else:
        sheet.write_number(row, column, value, form)


def table_sheet(
    one: Book,
    name: tuple[str, str],
    headings: Sequence[str],
    rows: Callable[[], Iterable[Sequence[tuple[Value, Format]]]],
    *,
    wide: dict[int, int],
    names: int = 1,
) -> None:
    """A sheet of one table. wide: widths of columns that need more than the usual one. names: as for `write_table`."""
    sheet = one.sheet(*name)
    widths = [wide.get(column, 12) for column in range(len(headings))]
    write_table(one, sheet, head(one, sheet), headings, rows(), widths=widths, names=names)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)


def of_units(one: Book) -> Iterator[tuple[display.Json, str]]:
    """Every score with the name of its unit."""
    names = {unit["code"]: unit["name"] for unit in one.content.snapshot.units}
    return ((score, names[score["unit"]]) for score in one.content.snapshot.document["scores"])


def figure_format(one: Book, field: str, *, rounded: bool) -> Format:
    """One decimal for a score; none for one that was rounded for publication."""
    return one.whole if rounded and field in ROUNDED else one.figure
