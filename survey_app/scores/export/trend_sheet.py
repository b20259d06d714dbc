"""The sheet of changes since an earlier campaign; a snapshot that is compared with none has no such sheet."""

from collections.abc import Iterator

from xlsxwriter.format import Format

from survey_app.scores.export.book import Book, Cells, figure_format, table_sheet
from survey_app.scores.queries.trends import IndicatorTrend, Trends, trends
from survey_app.scores.rules import words

_NUMBERS = ("se", "lo", "hi", "df")
_PROBABILITIES = ("p", "p_holm")


def waves(one: Book) -> None:
    """Each unit on each indicator, with the earlier snapshot, the verdict and what must be read first."""
    found = trends(one.content.snapshot, one.content.names)
    if found is None:
        return
    headings = [
        one.say("指标", "Indicator"), one.say("单位代码", "Unit code"), one.say("单位", "Unit"),
        one.say("上一轮", "Earlier campaign"), one.say("上一轮快照", "Earlier snapshot"),
        one.say("上一轮得分", "Score before"), one.say("本轮得分", "Score now"), one.say("变化", "Change"),
        one.say("标准误", "Standard error"), one.say("变化下限", "Change from"), one.say("变化上限", "Change to"),
        one.say("自由度", "df"), "p", one.say("p（Holm）", "p (Holm)"), one.say("同时比较的单位", "Units tested"),
        one.say("怎么看", "How to read it"), one.say("注意", "Note"), one.say("依据", "Source"),
        one.say("上一轮报告哈希", "Report hash before"),
    ]  # fmt: skip
    wide = {0: 20, 2: 24, 3: 24, 4: 16, 15: 48, 16: 60, 17: 40, 18: 68}
    table_sheet(one, ("轮次比较", "Trend"), headings, lambda: _rows(one, found), wide=wide, names=3)


def _rows(one: Book, found: Trends) -> Iterator[Cells]:
    tested = {stored["indicator"]: stored["tested"] for stored in one.content.snapshot.document["trends"]["indicators"]}
    source = words.figure("trend", one.content.language).source
    for indicator in found.indicators:
        for row in indicator.rows:
            yield [
                (indicator.title, one.text),
                (row.unit, one.text),
                (row.name, one.text),
                (found.title, one.text),
                (f"{found.campaign}/{found.number}", one.text),
                (row.raw["before"] if row.comparable else None, _like(one, row.before)),
                (row.raw["after"], _like(one, row.after)),
                (row.raw["difference"], one.figure),
                *((row.raw[field], one.figure) for field in _NUMBERS),
                *((row.raw[field], one.tiny) for field in _PROBABILITIES),
                (tested[indicator.code], one.whole),
                (row.verdict or row.remark, one.wrapped),
                (" ".join(_notes(indicator, row.remark if row.verdict else "", found)), one.wrapped),
                (source, one.text),
                (found.report_hash, one.text),
            ]


def _like(one: Book, shown: str) -> Format:
    """With the decimals that pages show."""
    return figure_format(one, "score", rounded="." not in shown)


def _notes(indicator: IndicatorTrend, remark: str, found: Trends) -> Iterator[str]:
    if remark:
        yield remark
    yield from indicator.notes
    for called, items in indicator.changed:
        yield f"{called}: {' / '.join(items)}"
    yield from found.notes
