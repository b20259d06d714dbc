"""A snapshot as an Excel workbook with native charts, for people who go on working with it.

Must stay true: no text becomes a formula or a link; what is not shown is an empty cell, never a zero; the charts draw
from cells of the workbook, so that whoever changes a cell sees it in the chart.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from survey_app.scores.export.content import SCORE_COLUMNS, Content, Value
from survey_app.scores.export.method import method_rows
from survey_app.scores.queries import detail, display
from survey_app.scores.rules import words

_ACCENT, _LIGHT, _HAIRLINE = "#1d4f91", "#a9c1e0", "#d5dae0"
_UNIT = (("单位代码", "Code"), ("单位", "Unit"), ("类别", "Category"))
_SUMMARY = {
    "score": ("得分", "score"), "points": ("建议分", "points"),
    "confirmed_points": ("确认分", "confirmed"), "full_marks": ("满分", "full marks"),
    "lo": ("区间下限", "from"), "hi": ("区间上限", "to"), "n_valid": ("有效", "valid"), "status": ("状态", "status"),
}  # fmt: skip
_WIDE = {"unit_name", "indicator", "indicator_title", "confirmed_at"}
_FIGURES = {"score", "points", "lo", "hi", "se", "se_process"}
_MARKS = {"points", "confirmed_points", "full_marks"}
_SENTENCES = {"reasons", "confirmed_reason"}


@dataclass(frozen=True)
class _Book:
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
    share: Format
    whole: Format

    def say(self, zh: str, en: str) -> str:
        return self.content.say(zh, en)

    def sheet(self, zh: str, en: str) -> Worksheet:
        sheet = self.book.add_worksheet(self.say(zh, en))
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{words.one(words.FOOTER, self.content.language)}&R&P / &N")
        return sheet


def workbook(content: Content) -> bytes:
    """The workbook, as the bytes of an .xlsx file."""
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(made, options) as book:
        book.set_properties({"title": content.snapshot.document["campaign"]["title"], "author": "Pingyi"})
        one = _formats(book, content)
        summary = _summary(one)
        for write in (_scores, _parts, _items, _reliability, _method):
            write(one)
        _charts(one, *summary)
    return made.getvalue()


def _formats(book: Workbook, content: Content) -> _Book:
    font = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}
    line = {"bottom": 4, "bottom_color": _HAIRLINE}

    def made(**more: object) -> Format:
        return book.add_format(font | more)

    return _Book(
        book=book,
        content=content,
        title=made(font_size=14, bold=True),
        note=made(font_color="#57606a"),
        heading=made(bold=True, bottom=1, top=2, text_wrap=True, align="center"),
        group=made(bold=True, align="center", top=2, left=4, left_color=_HAIRLINE),
        text=made(indent=1, **line),
        wrapped=made(text_wrap=True, indent=1, **line),
        figure=made(num_format="0.0", align="right", **line),
        fine=made(num_format="0.00", align="right", **line),
        share=made(num_format="0%", align="right", **line),
        whole=made(num_format="#,##0", align="right", **line),
    )


def _head(one: _Book, sheet: Worksheet) -> int:
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


def _write(
    one: _Book, sheet: Worksheet, at: int, headings: Sequence[str], rows: Iterable[Sequence[tuple[Value, Format]]]
) -> int:
    """A table with a frozen, filterable heading; returns the row behind it."""
    for column, heading in enumerate(headings):
        sheet.write_string(at, column, heading, one.heading)
    row = at
    for row, cells in enumerate(rows, start=at + 1):
        for column, (value, form) in enumerate(cells):
            _cell(sheet, row, column, value, form)
    sheet.freeze_panes(at + 1, 1)
    sheet.repeat_rows(at)
    if row > at:
        sheet.autofilter(at, 0, row, len(headings) - 1)
    return row + 1


def _cell(sheet: Worksheet, row: int, column: int, value: Value, form: Format) -> None:
    if value is None:
        sheet.write_blank(row, column, None, form)
    elif isinstance(value, str):
        sheet.write_string(row, column, value, form)
    else:
        sheet.write_number(row, column, value, form)


@dataclass(frozen=True)
class _Block:
    """The columns of one indicator in the summary; `score` is the first of them."""

    code: str
    title: str
    fields: tuple[str, ...]
    score: int


def _blocks(one: _Book) -> Iterator[_Block]:
    column = len(_UNIT)
    for indicator in one.content.snapshot.indicators:
        suggested = indicator["role"] == "suggested"
        fields = tuple(field for field in _SUMMARY if suggested or field not in _MARKS)
        yield _Block(indicator["code"], one.content.names.indicator(indicator["code"]), fields, column)
        column += len(fields)


def _summary(one: _Book) -> tuple[Worksheet, int, int]:
    """Units by indicators. Returns the sheet, the row of its headings, and the row behind the table."""
    sheet = one.sheet("总表", "Summary")
    at = _head(one, sheet) + 1
    headings = [one.say(*words) for words in _UNIT]
    for block in _blocks(one):
        sheet.merge_range(at - 1, block.score, at - 1, block.score + len(block.fields) - 1, block.title, one.group)
        headings += [one.say(*_SUMMARY[field]) for field in block.fields]
    last = _write(one, sheet, at, headings, _summary_rows(one))
    sheet.set_column(0, 0, 9)
    sheet.set_column(1, 1, 26)
    sheet.set_column(2, len(headings) - 1, 9)
    sheet.set_row(at - 1, 20)
    return sheet, at, last


def _summary_rows(one: _Book) -> Iterator[list[tuple[Value, Format]]]:
    places = one.content.snapshot.by_place()
    for unit in one.content.snapshot.units:
        row: list[tuple[Value, Format]] = [
            (unit["code"], one.text), (unit["name"], one.text), (unit["category"], one.text)
        ]  # fmt: skip
        for block in _blocks(one):
            score = places[unit["code"], block.code]
            status = f"{words.SHAPES[score['status']]} {words.status(score['status'], one.content.language)}"
            made = one.content.confirmed.get((unit["code"], block.code))
            values = score | {"status": status, "confirmed_points": made and made.confirmed_score}
            forms = {"n_valid": one.whole, "status": one.text, "confirmed_points": one.fine}
            for field in block.fields:
                form = forms.get(field) or _figure(one, field, rounded=display.is_rounded(score))
                row.append((values[field], form))
        yield row


def _charts(one: _Book, sheet: Worksheet, at: int, last: int) -> None:
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
            reach = [None if score[end] is None else abs(score[end] - score["score"]) for score in scores]
            data.write_string(1, column, f"{block.title} {sign}", one.heading)
            for row, value in enumerate(reach, start=rows[0]):
                _cell(data, row, column, value, one.figure)
            bars[end] = f"='{data.name}'!{xl_range_abs(rows[0], column, rows[1], column)}", reach
        chart = one.book.add_chart({"type": "bar"})
        chart.add_series(
            {
                "name": block.title,
                "categories": [sheet.name, at + 1, 1, at + len(units), 1],
                "values": [sheet.name, at + 1, block.score, at + len(units), block.score],
                "fill": {"color": _LIGHT},
                "gap": 60,
                # A list would be taken for the values themselves; only a formula points to cells.
                "y_error_bars": {
                    "type": "custom",
                    "minus_values": bars["lo"][0],
                    "minus_data": bars["lo"][1],
                    "plus_values": bars["hi"][0],
                    "plus_data": bars["hi"][1],
                    "line": {"color": _ACCENT, "width": 2.25},
                },
            }
        )
        chart.set_title({"name": block.title, "name_font": {"size": 12}})
        chart.set_x_axis({"min": 0, "max": 100, "major_gridlines": {"visible": True, "line": {"color": _HAIRLINE}}})
        chart.set_y_axis({"reverse": True, "num_font": {"size": 9}, "label_position": "low"})
        chart.set_legend({"none": True})
        chart.set_size({"width": 640, "height": 80 + 28 * len(units)})
        sheet.insert_chart(place, 0, chart, {"description": block.title})
        place += 6 + (28 * len(units)) // 18


def _scores(one: _Book) -> None:
    sheet = one.sheet("明细", "Scores")
    at = _head(one, sheet)
    rows = (
        [
            (value, _form(one, field, rounded=display.is_rounded(score)))
            for value, (field, _, _) in zip(row, SCORE_COLUMNS, strict=True)
        ]
        for score, row in zip(one.content.snapshot.document["scores"], one.content.score_rows(), strict=True)
    )
    _write(one, sheet, at, one.content.headings(), rows)
    sheet.set_row(at, 48)
    for column, (field, _, _) in enumerate(SCORE_COLUMNS):
        sheet.set_column(column, column, 60 if field in _SENTENCES else 24 if field in _WIDE else 12)


def _figure(one: _Book, field: str, *, rounded: bool) -> Format:
    """One decimal for a score; none for one that was rounded for publication."""
    return one.whole if rounded and field in {"score", "lo", "hi"} else one.figure


def _form(one: _Book, field: str, *, rounded: bool) -> Format:
    if field in _SENTENCES:
        return one.wrapped
    if field == "confirmed_points":
        return one.fine
    if field == "response_rate":
        return one.share
    if field in _FIGURES:
        return _figure(one, field, rounded=rounded)
    return one.whole if field.startswith(("n_", "population", "full_marks")) else one.text


def _parts(one: _Book) -> None:
    headings = [
        one.say("单位代码", "Unit code"), one.say("单位", "Unit"), one.say("指标", "Indicator"),
        one.say("维度或题目", "Dimension or item"), one.say("权重", "Weight"), one.say("得分", "Score"),
        one.say("区间下限", "From"), one.say("区间上限", "To"), one.say("标准误", "Standard error"),
        one.say("人数", "People"), one.say("部门数", "Departments"), one.say("状态", "Status"),
    ]  # fmt: skip

    def rows() -> Iterator[list[tuple[Value, Format]]]:
        for score, unit in _of_units(one):
            for part in score["parts"]:
                yield [
                    (score["unit"], one.text),
                    (unit, one.text),
                    (one.content.names.indicator(score["indicator"]), one.text),
                    (one.content.names.part(score["audience"], part["part"], unit), one.wrapped),
                    (part["weight"], one.share),
                    *(
                        (part[field], _figure(one, field, rounded=display.is_rounded_part(part)))
                        for field in ("score", "lo", "hi", "se")
                    ),
                    (part["n"], one.whole),
                    (part["n_departments"], one.whole),
                    (words.status(part["status"], one.content.language), one.text),
                ]

    _table_sheet(one, ("维度", "Dimensions"), headings, rows, wide={1: 24, 2: 20, 3: 40})


def _items(one: _Book) -> None:
    headings = [
        one.say("单位代码", "Unit code"), one.say("单位", "Unit"), one.say("指标", "Indicator"),
        one.say("问卷", "Questionnaire"), one.say("题号", "Item"), one.say("题目", "Text"),
        one.say("反向题", "Reversed"), one.say("作答", "Answered"), one.say("平均分", "Mean points"),
        one.say("选项", "Choice"), one.say("人数", "Count"), one.say("占比", "Share"),
        one.say("不了解", "Don't know"), one.say("未答", "Blank"), one.say("不适用", "Not applicable"),
    ]  # fmt: skip

    def rows() -> Iterator[list[tuple[Value, Format]]]:
        for score, unit in _of_units(one):
            for item in [*score["items"], *score["distributions"], *score["facts"]]:
                shown = detail.item_row(item, one.content.names, unit)
                head: list[tuple[Value, Format]] = [
                    (score["unit"], one.text),
                    (unit, one.text),
                    (one.content.names.indicator(score["indicator"]), one.text),
                    (one.content.names.questionnaire(item["questionnaire"]), one.text),
                    (item["item"], one.text),
                    (shown.text, one.wrapped),
                    (one.say("是", "yes") if shown.is_reversed else None, one.text),
                    (item["n"], one.whole),
                    (item["mean"], one.figure),
                ]
                rest: list[tuple[Value, Format]] = [
                    (item[field], one.share) for field in ("share_dont_know", "share_blank", "share_not_applicable")
                ]
                for found in shown.slices:
                    yield [*head, (found.label, one.text), (found.count, one.whole), (found.share, one.share), *rest]
                if not shown.slices:
                    yield [*head, (None, one.text), (None, one.whole), (None, one.share), *rest]

    _table_sheet(one, ("题目", "Items"), headings, rows, wide={1: 24, 2: 20, 3: 20, 4: 18, 5: 48})


def _reliability(one: _Book) -> None:
    headings = [
        one.say("单位", "Unit"), one.say("指标", "Indicator"), one.say("问卷", "Questionnaire"),
        one.say("完整作答", "Complete"), "α", one.say("区间下限", "From"), one.say("区间上限", "To"), "ω",
        one.say("题目", "Item"), one.say("题目与其余相关", "Item-rest"), one.say("删去后 α", "α if deleted"),
    ]  # fmt: skip

    def rows() -> Iterator[list[tuple[Value, Format]]]:
        every = one.say("全部单位", "all units")
        blocks = [(every, block) for block in one.content.snapshot.document["reliability"]]
        blocks += [(unit, block) for score, unit in _of_units(one) for block in score["reliability"]]
        for unit, block in blocks:
            head: list[tuple[Value, Format]] = [
                (unit, one.text),
                (one.content.names.indicator(block["indicator"]), one.text),
                (one.content.names.questionnaire(block["questionnaire"]), one.text),
                (block["n"], one.whole),
                *((block[field], one.fine) for field in ("alpha", "influence_lo", "influence_hi", "omega")),
            ]
            of_items = zip(block["items"], block["item_rest"], block["alpha_if_deleted"], strict=True)
            for item, rest, deleted in of_items:
                text = one.content.names.item(block["questionnaire"], item)
                yield [*head, (text, one.wrapped), (rest, one.fine), (deleted, one.fine)]

    _table_sheet(one, ("信度", "Reliability"), headings, rows, wide={0: 24, 1: 20, 2: 20, 8: 48})


def _method(one: _Book) -> None:
    headings = [one.say("项目", "Field"), one.say("内容", "Value")]
    _table_sheet(
        one,
        ("说明", "Method"),
        headings,
        lambda: ([(name, one.text), (value, one.wrapped)] for name, value in method_rows(one.content)),
        wide={0: 28, 1: 100},
    )


def _table_sheet(
    one: _Book,
    name: tuple[str, str],
    headings: Sequence[str],
    rows: Callable[[], Iterable[Sequence[tuple[Value, Format]]]],
    wide: dict[int, int],
) -> None:
    sheet = one.sheet(*name)
    _write(one, sheet, _head(one, sheet), headings, rows())
    sheet.set_column(0, len(headings) - 1, 12)
    for column, width in wide.items():
        sheet.set_column(column, column, width)


def _of_units(one: _Book) -> Iterator[tuple[display.Json, str]]:
    """Every score with the name of its unit."""
    names = {unit["code"]: unit["name"] for unit in one.content.snapshot.units}
    return ((score, names[score["unit"]]) for score in one.content.snapshot.document["scores"])
