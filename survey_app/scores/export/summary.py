"""The first sheet: units by indicators, and a native chart for each, drawn from cells so that a changed cell shows.

Knows the total interval of a score, or its sampling interval where a snapshot has no total one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from xlsxwriter.utility import xl_range_abs
from xlsxwriter.worksheet import Worksheet

from survey_app.scores.export.book import (
    ACCENT,
    HAIRLINE,
    LIGHT,
    Book,
    Cells,
    figure_format,
    head,
    write_cell,
    write_table,
)
from survey_app.scores.queries import display
from survey_app.scores.rules import words

_UNIT = (("单位代码", "Code"), ("单位", "Unit"), ("类别", "Category"))
_SUMMARY = {
    "score": ("得分", "score"), "points": ("建议分", "points"),
    "confirmed_points": ("确认分", "confirmed"), "full_marks": ("满分", "full marks"),
    "lo": ("区间下限", "from"), "hi": ("区间上限", "to"), "n_valid": ("有效", "valid"), "status": ("状态", "status"),
}  # fmt: skip
_MARKS = {"points", "confirmed_points", "full_marks"}


@dataclass(frozen=True)
class _Block:
    """The columns of one indicator in the summary; `score` is the first of them."""

    code: str
    title: str
    fields: tuple[str, ...]
    score: int


def _blocks(one: Book) -> Iterator[_Block]:
    column = len(_UNIT)
    for indicator in one.content.snapshot.indicators:
        suggested = indicator["role"] == "suggested"
        fields = tuple(field for field in _SUMMARY if suggested or field not in _MARKS)
        yield _Block(indicator["code"], one.content.names.indicator(indicator["code"]), fields, column)
        column += len(fields)


def summary(one: Book) -> tuple[Worksheet, int, int]:
    """Units by indicators. Returns the sheet, the row of its headings, and the row behind the table."""
    sheet = one.sheet("总表", "Summary")
    at = head(one, sheet) + 1
    headings = [one.say(*words) for words in _UNIT]
    for block in _blocks(one):
        sheet.merge_range(at - 1, block.score, at - 1, block.score + len(block.fields) - 1, block.title, one.group)
        headings += [one.say(*_SUMMARY[field]) for field in block.fields]
    widths = [9, 26, *[9] * (len(headings) - 2)]
    last = write_table(one, sheet, at, headings, _summary_rows(one), widths=widths, names=2)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.set_row(at - 1, 20)
    return sheet, at, last


def _summary_rows(one: Book) -> Iterator[Cells]:
    places = one.content.snapshot.by_place()
    for unit in one.content.snapshot.units:
        row: Cells = [
            (unit["code"], one.text), (unit["name"], one.text), (unit["category"], one.text)
        ]  # fmt: skip
        for block in _blocks(one):
            score = places[unit["code"], block.code]
            status = f"{words.SHAPES[score['status']]} {words.status(score['status'], one.content.language)}"
            made = one.content.confirmed.get((unit["code"], block.code))
            lo, hi = display.bounds(score)
            values = score | {"status": status, "confirmed_points": made and made.confirmed_score, "lo": lo, "hi": hi}
            forms = {"n_valid": one.whole, "status": one.text, "confirmed_points": one.fine}
            for field in block.fields:
                form = forms.get(field) or figure_format(one, field, rounded=display.is_rounded(score))
                row.append((values[field], form))
        yield row


def charts(one: Book, sheet: Worksheet, at: int, last: int) -> None:
    """Below the summary a bar chart an indicator. How far intervals reach stands in a sheet of its own, the last."""
    data = one.sheet("图表数据", "Chart data")
    data.write_string(0, 0, one.say("图中区间到得分的距离", "Distance of the interval's ends from the score"), one.note)
    data.set_column(0, 2 * len(one.content.snapshot.indicators), 26)
    places, units = one.content.snapshot.by_place(), one.content.snapshot.units
    rows = (2, 1 + len(units))
    for row, unit in enumerate(units, start=rows[0]):
        data.write_string(row, 0, unit["name"], one.text)
    place = last + 1
    for number, block in enumerate(_blocks(one)):
        scores = [places[unit["code"], block.code] for unit in units]
        if all(score["score"] is None for score in scores):
            continue
        bars = {}
        for side, (sign, end) in enumerate((("−", "lo"), ("+", "hi"))):
            column = 1 + 2 * number + side
            ends = [display.bounds(score)[side] for score in scores]
            reach = [_reach(score["score"], at) for score, at in zip(scores, ends, strict=True)]
            data.write_string(1, column, f"{block.title} {sign}", one.heading)
            for row, value in enumerate(reach, start=rows[0]):
                write_cell(data, row, column, value, one.figure)
            bars[end] = f"='{data.name}'!{xl_range_abs(rows[0], column, rows[1], column)}", reach
        chart = one.book.add_chart({"type": "bar"})
        chart.add_series(
            {
                "name": block.title,
                "categories": [sheet.name, at + 1, 1, at + len(units), 1],
                "values": [sheet.name, at + 1, block.score, at + len(units), block.score],
                "fill": {"color": LIGHT},
                "gap": 60,
                # A list would be taken for the values themselves; only a formula points to cells.
                "y_error_bars": {
                    "type": "custom",
                    "minus_values": bars["lo"][0],
                    "minus_data": bars["lo"][1],
                    "plus_values": bars["hi"][0],
                    "plus_data": bars["hi"][1],
                    "line": {"color": ACCENT, "width": 2.25},
                },
            }
        )
        chart.set_title({"name": block.title, "name_font": {"size": 12}})
        chart.set_x_axis({"min": 0, "max": 100, "major_gridlines": {"visible": True, "line": {"color": HAIRLINE}}})
        chart.set_y_axis({"reverse": True, "num_font": {"size": 9}, "label_position": "low"})
        chart.set_legend({"none": True})
        chart.set_size({"width": 640, "height": 80 + 28 * len(units)})
        sheet.insert_chart(place, 0, chart, {"description": block.title})
        place += 6 + (28 * len(units)) // 18


def _reach(score: float | None, end: float | None) -> float | None:
    return None if score is None or end is None else abs(end - score)
