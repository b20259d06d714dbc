"""The sheets of scores, dimensions and items: one row for each, as far as it is shown."""

from collections.abc import Iterator

from xlsxwriter.format import Format

from survey_app.scores.export.book import Book, Cells, figure_format, head, of_units, table_sheet, write_table
from survey_app.scores.export.content import SCORE_COLUMNS
from survey_app.scores.queries import detail, display
from survey_app.scores.rules import words

_WIDE = {"unit_name", "indicator", "indicator_title", "confirmed_at"}
_FIGURES = {
    "score", "points", "lo", "hi", "se", "se_process", "total_lo", "total_hi", "rules_lo", "rules_hi", "score_all",
    "adjusted", "adjusted_lo", "adjusted_hi", "target",
}  # fmt: skip
_FINE = {
    "confirmed_points", "unit_reliability", "unit_reliability_process", "design_effect", "r_indicator", "r_adjusted",
}  # fmt: skip
_NAMES = 5  # unit, its name and category, indicator and its title
_WHOLE = ("n_", "population", "full_marks", "rank", "answers_needed", "answers_more")
_SHARES = ("share_dont_know", "share_blank", "share_not_applicable", "top_two", "top_two_lo", "top_two_hi")
_SENTENCES = {"reasons", "sources", "no_rank", "confirmed_reason"}


def scores(one: Book) -> None:
    """Every unit and indicator, all columns."""
    sheet = one.sheet("明细", "Scores")
    at = head(one, sheet)
    rows = (
        [
            (value, _form(one, field, rounded=display.is_rounded(score)))
            for value, (field, _, _) in zip(row, SCORE_COLUMNS, strict=True)
        ]
        for score, row in zip(one.content.snapshot.document["scores"], one.content.score_rows(), strict=True)
    )
    widths = [60 if field in _SENTENCES else 24 if field in _WIDE else 12 for field, _, _ in SCORE_COLUMNS]
    write_table(one, sheet, at, one.content.headings(), rows, widths=widths, names=_NAMES)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)


def _form(one: Book, field: str, *, rounded: bool) -> Format:
    if field in _SENTENCES:
        return one.wrapped
    if field in _FINE:
        return one.fine
    if field in ("response_rate", "coverage"):
        return one.share
    if field in _FIGURES:
        return figure_format(one, field, rounded=rounded)
    return one.whole if field.startswith(_WHOLE) else one.text


def parts(one: Book) -> None:
    """Every dimension and item of every score."""
    headings = [
        one.say("单位代码", "Unit code"), one.say("单位", "Unit"), one.say("指标", "Indicator"),
        one.say("维度或题目", "Dimension or item"), one.say("权重", "Weight"), one.say("得分", "Score"),
        one.say("区间下限", "From"), one.say("区间上限", "To"), one.say("标准误", "Standard error"),
        one.say("人数", "People"), one.say("部门数", "Departments"), one.say("状态", "Status"),
        one.say("改进次序", "Where to act"),
    ]  # fmt: skip

    def rows() -> Iterator[Cells]:
        for score, unit in of_units(one):
            for part in score["parts"]:
                yield [
                    (score["unit"], one.text),
                    (unit, one.text),
                    (one.content.names.indicator(score["indicator"]), one.text),
                    (one.content.names.part(score["audience"], part["part"], unit), one.wrapped),
                    (part["weight"], one.share),
                    *(
                        (part[field], figure_format(one, field, rounded=display.is_rounded_part(part)))
                        for field in ("score", "lo", "hi", "se")
                    ),
                    (part["n"], one.whole),
                    (part["n_departments"], one.whole),
                    (words.status(part["status"], one.content.language), one.text),
                    (words.quadrant(part["quadrant"], one.content.language), one.text),
                ]

    table_sheet(one, ("维度", "Dimensions"), headings, rows, wide={1: 24, 2: 20, 3: 40}, names=4)


def items(one: Book) -> None:
    """Every choice of every item of every unit."""
    headings = [
        one.say("单位代码", "Unit code"), one.say("单位", "Unit"), one.say("指标", "Indicator"),
        one.say("问卷", "Questionnaire"), one.say("题号", "Item"), one.say("题目", "Text"),
        one.say("反向题", "Reversed"), one.say("作答", "Answered"), one.say("平均分", "Mean points"),
        one.say("选项", "Choice"), one.say("人数", "Count"), one.say("占比", "Share"),
        one.say("不了解", "Don't know"), one.say("未答", "Blank"), one.say("不适用", "Not applicable"),
        one.say("前两档占比", "Top two"), one.say("前两档下限", "Top two from"), one.say("前两档上限", "Top two to"),
    ]  # fmt: skip

    def rows() -> Iterator[Cells]:
        for score, unit in of_units(one):
            for item in [*score["items"], *score["distributions"], *score["facts"]]:
                shown = detail.item_row(item, one.content.names, unit)
                head: Cells = [
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
                rest: Cells = [(item[field], one.share) for field in _SHARES]
                for found in shown.slices:
                    yield [*head, (found.label, one.text), (found.count, one.whole), (found.share, one.share), *rest]
                if not shown.slices:
                    yield [*head, (None, one.text), (None, one.whole), (None, one.share), *rest]

    table_sheet(one, ("题目", "Items"), headings, rows, wide={1: 24, 2: 20, 3: 20, 4: 18, 5: 48}, names=5)
