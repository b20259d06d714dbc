"""The change since an earlier campaign as pages and files show it: one sentence a unit, numbers beside it.

Pure given a snapshot and its names. Must stay true: nothing is subtracted here; where the snapshot holds no difference,
the reason stands in its stead, and the two scores are not set side by side.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from survey_app.scores.queries import display
from survey_app.scores.queries.display import NOTHING
from survey_app.scores.queries.names import Names
from survey_app.scores.queries.snapshots import Snapshot
from survey_app.scores.rules import trend_words, words

Json = Mapping[str, Any]


@dataclass(frozen=True)
class TrendRow:
    """One unit on one indicator. raw: as stored. verdict: empty where there is no difference; remark: why, or what to
    beware of. comparable: whether the two scores may stand side by side.
    """

    raw: Json
    unit: str
    name: str
    comparable: bool
    before: str
    after: str
    difference: str
    interval: str
    verdict: str
    remark: str


@dataclass(frozen=True)
class IndicatorTrend:
    """One indicator. changed: how items changed, with their texts; notes: what else must be read first.

    compared, apart: units with an interval, and those of them that changed beyond the error.
    """

    code: str
    title: str
    compared: int
    apart: int
    changed: tuple[tuple[str, tuple[str, ...]], ...]
    notes: tuple[str, ...]
    rows: tuple[TrendRow, ...]


@dataclass(frozen=True)
class Trends:
    """All of a snapshot, without indicators that apply to no unit. campaign, title, number, report_hash: of the earlier
    snapshot. notes: on units and indicators.
    """

    campaign: str
    title: str
    number: int
    report_hash: str
    notes: tuple[str, ...]
    indicators: tuple[IndicatorTrend, ...]


@dataclass(frozen=True)
class UnitTrend:
    """One unit on one indicator, with what holds for all units."""

    trends: Trends
    indicator: IndicatorTrend
    row: TrendRow
    renamed: str


def trends(snapshot: Snapshot, names: Names, category: str | None = None) -> Trends | None:
    """The trend of a snapshot, of one category of units or of all; None where it has none."""
    stored = snapshot.document["trends"]
    if stored is None:
        return None
    against = stored["against"]
    return Trends(
        campaign=against["campaign"],
        title=against["title"],
        number=against["number"],
        report_hash=against["report_hash"],
        notes=tuple(_notes(stored, snapshot, names)),
        indicators=tuple(
            indicator
            for found in stored["indicators"]
            if (indicator := _indicator(found, stored["rows"], snapshot, names, category)).rows
        ),
    )


def of_unit(snapshot: Snapshot, names: Names, unit: str) -> dict[str, UnitTrend]:
    """The trend of one unit by indicator; empty where the snapshot has none."""
    found = trends(snapshot, names)
    if found is None:
        return {}
    renamed = {one["code"]: one["before"] for one in snapshot.document["trends"]["units_renamed"]}
    return {
        indicator.code: UnitTrend(found, indicator, row, renamed.get(unit, ""))
        for indicator in found.indicators
        for row in indicator.rows
        if row.unit == unit
    }


def _indicator(
    found: Json, stored: Iterable[Json], snapshot: Snapshot, names: Names, category: str | None
) -> IndicatorTrend:
    code, level = found["indicator"], snapshot.document["confidence"]
    units = {unit["code"]: unit for unit in snapshot.units if category in (None, unit["category"])}
    places = snapshot.by_place()
    rows = tuple(
        _row(row, found, places[row["unit"], code], snapshot, names)
        for row in stored
        if row["indicator"] == code and row["unit"] in units
    )
    verdicts = Counter(trend_words.verdict(row.raw, level) for row in rows)
    return IndicatorTrend(
        code=code,
        title=names.indicator(code),
        compared=sum(verdicts[one] for one in ("up", "down", "alone", "within")),
        apart=verdicts["up"] + verdicts["down"],
        changed=tuple(
            (
                words.one(called, names.language),
                tuple(names.item_then_or_now(item["questionnaire"], item["item"]) for item in found[kind]),
            )
            for kind, called in trend_words.ITEMS.items()
            if found[kind]
        ),
        notes=tuple(_of_indicator(found, names.language)),
        rows=rows,
    )


def _row(row: Json, found: Json, score: Json, snapshot: Snapshot, names: Names) -> TrendRow:
    language, verdict = names.language, trend_words.verdict(row, snapshot.document["confidence"])
    said = ""
    if verdict is not None:
        points = signed(row["difference"]) if verdict == "no_interval" else display.figure(abs(row["difference"]))
        said = words.one(trend_words.VERDICTS[verdict], language).format(points=points, tested=found["tested"])
    # Two scores beside each other are subtracted by whoever reads them.
    comparable = row["status"] not in {"undefined_items_changed", "undefined_method_changed"}
    whole = row["status"] == "warn_rounded" and row["before"] is not None and float(row["before"]).is_integer()
    return TrendRow(
        raw=row,
        unit=row["unit"],
        name=snapshot.unit(row["unit"])["name"],
        comparable=comparable,
        before=display.figure(row["before"], rounded=whole) if comparable else NOTHING,
        after=display.figure(row["after"], rounded=display.is_rounded(score)),
        difference=signed(row["difference"]),
        interval=between(row["lo"], row["hi"]),
        verdict=said,
        remark=words.estimate(row["status"], language),
    )


def signed(number: float | None) -> str:
    """A difference with its sign, one decimal; what rounds to nothing has none."""
    if number is None:
        return NOTHING
    written = f"{number:+.1f}"
    return "0.0" if written in {"+0.0", "-0.0"} else written.replace("-", "−")


def between(lo: float | None, hi: float | None) -> str:
    """From one difference to another: a dash between signs could not be read."""
    return NOTHING if lo is None or hi is None else f"{signed(lo)} … {signed(hi)}"


def _of_indicator(found: Json, language: str) -> Iterable[str]:
    """What must be read before the differences of one indicator."""
    chinese = language == "zh"
    if any(found[kind] for kind in trend_words.ITEMS):
        yield words.one(trend_words.ADVICE, language)
    for code in found["refusals"]:
        said = words.one(trend_words.REFUSALS[code], language)
        yield f"不给变化：{said}。" if chinese else f"No difference is given: {said}."
    if found["cautions"]:
        mark = "、" if chinese else "; "
        what = mark.join(words.one(trend_words.CAUTIONS[code], language) for code in found["cautions"])
        yield words.one(trend_words.SCORING_CHANGED, language).format(what=what)
    if found["new"]:
        yield "上一轮没有这项指标。" if chinese else "The earlier campaign did not have this indicator."


def _notes(stored: Json, snapshot: Snapshot, names: Names) -> Iterable[str]:
    """Units that are new, gone or called otherwise, and indicators that are gone."""
    chinese, mark = names.language == "zh", "、" if names.language == "zh" else ", "
    gone = mark.join(f"{unit['name']} ({unit['code']})" for unit in stored["units_gone"])
    if gone:
        yield f"上一轮评过、这一轮没有的单位：{gone}。" if chinese else f"Units that are no longer evaluated: {gone}."
    renamed = mark.join(
        f"{one['code']} {one['before']} → {snapshot.unit(one['code'])['name']}" for one in stored["units_renamed"]
    )
    if renamed:
        yield (
            f"单位按代码对应。代码相同而名称改变的单位，请先确认是同一个单位：{renamed}。"
            if chinese
            else f"Units are matched by code. These have other names now; make sure that they are the same: {renamed}."
        )
    titles = mark.join(_title(one, names.language) for one in stored["indicators_gone"])
    if titles:
        yield (
            f"上一轮有、这一轮没有的指标：{titles}。" if chinese else f"Indicators that are no longer scored: {titles}."
        )


def _title(indicator: Json, language: str) -> str:
    title = indicator["title"]
    if isinstance(title, Mapping):
        return str(title.get(language, title["zh"]))
    return str(title or indicator["code"])
