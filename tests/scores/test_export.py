"""Files of a snapshot: what stands in them, what never does, and that spreadsheets take texts for texts."""

import csv
import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from analysis import report
from analysis.frame import Frame
from survey_app import clock
from survey_app.accounts.models import Person
from survey_app.db import Database
from survey_app.scores.export import document, table, workbook
from survey_app.scores.export.content import SCORE_COLUMNS, Content
from survey_app.scores.operations import circumstances, compute, deciding
from survey_app.scores.operations.bridge import plan_spec
from survey_app.scores.queries import display, snapshots
from survey_app.scores.queries.names import names
from survey_app.scores.rules.confirming import Decision
from survey_app.scores.rules.words import FOOTER
from tests.scores import evaluation as ev

NUMBER = re.compile(r"\d+(?:\.\d+)?")


ROUNDED = ("得分 score", "总区间下限 total_lo", "总区间上限 total_hi", "抽样区间下限 lo", "抽样区间上限 hi")


def content(
    database: Database,
    made: ev.Evaluation,
    language: str = "zh",
    *,
    demo: bool = False,
    timezone: str = "Asia/Shanghai",
) -> Content:
    with database.reading() as session:
        found = snapshots.snapshot(session, made.campaign)
        decided = snapshots.confirmed(session, found)
        return Content(found, names(session, found.document, language), decided, timezone=timezone, demo=demo)


def made_of(database: Database, document: dict[str, Any], fill: Any) -> ev.Evaluation:
    with database.writing() as session:
        made = ev.make(session, document)
        fill(session, made)
        ev.close(session, made)
    with database.reading() as session:
        found = compute.compute(session, made.campaign)
    with database.writing() as session:
        compute.keep(session, found, clock.now(), None)
        session.commit()
    return made


def cells(book: bytes) -> dict[str, list[list[Any]]]:
    """Every sheet of a workbook as rows of values."""
    opened = load_workbook(io.BytesIO(book))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in opened.worksheets}


def rows_of(csv_bytes: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_bytes.decode("utf-8-sig"))))


def test_workbook__opens_again_with_every_sheet_and_the_snapshots_numbers(
    computed: ev.Evaluation, database: Database
) -> None:
    given = content(database, computed)
    sheets = cells(workbook.workbook(given))
    assert list(sheets) == [
        "总表", "明细", "维度", "题目", "单位比较", "答卷质量", "信度", "一致性", "结构", "要因", "部门宽严", "说明",
        "指标解释", "图表数据",
    ]  # fmt: skip
    heading = sheets["明细"][4]
    details = [dict(zip(heading, row, strict=True)) for row in sheets["明细"][5:]]
    scores = given.snapshot.document["scores"]
    assert len(details) == len(scores)
    for shown, score in zip(details, scores, strict=True):
        assert shown["得分 score"] == pytest.approx(score["score"]) if score["score"] else shown["得分 score"] is None
        assert shown["有效答卷 n_valid"] == score["n_valid"]
    not_applicable = details[8]
    assert (not_applicable["状态 status_word"], not_applicable["得分 score"]) == ("不适用", None)
    assert "不设这一人群" in not_applicable["原因与提示 reasons"]
    assert FOOTER[0] in [row[0] for row in sheets["总表"]]
    assert any("非常同意" in row for row in sheets["题目"])
    assert any(given.snapshot.report_hash in row for row in sheets["说明"])


def test_workbook__draws_native_charts_from_its_own_cells(computed: ev.Evaluation, database: Database) -> None:
    with zipfile.ZipFile(io.BytesIO(workbook.workbook(content(database, computed)))) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if "charts/chart" in name]
    assert len(charts) == 4
    assert all("c:barChart" in chart and "总表" in chart for chart in charts)


def test_interval_in_a_chart__is_the_snapshots_own_and_comes_from_cells(
    computed: ev.Evaluation, database: Database
) -> None:
    given = content(database, computed)
    book = workbook.workbook(given)
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        chart = parts.read("xl/charts/chart1.xml").decode()
    reach = [
        re.findall(r"<c:f>'?([^'!]*)'?!\$(\w)\$(\d+):", side)[0]
        for side in chart.split("<c:errBars>")[1].split("</c:plus>")[:2]
    ]
    data = load_workbook(io.BytesIO(book))["图表数据"]
    score = given.snapshot.document["scores"][0]
    assert [sheet for sheet, _, _ in reach] == ["图表数据"] * 2
    plus, minus = (data[f"{column}{row}"].value for _, column, row in reach)
    lo, hi = display.bounds(score)
    assert (lo, hi) == (score["total_lo"], score["total_hi"])
    assert (plus, minus) == (pytest.approx(hi - score["score"]), pytest.approx(score["score"] - lo))


def test_score_rounded_for_publication__has_no_decimals_and_others_have_one(database: Database) -> None:
    def few(session: Any, made: ev.Evaluation) -> None:
        ev.staff(session, made, "u01", 30)
        for department in made.departments:
            ev.raters(session, made, department, ["u01", "u02"])

    made = made_of(database, ev.setup_document(departments=8), few)
    given = content(database, made)
    row = next(row for row in rows_of(table.csv_bytes(given)) if row["指标代码 indicator"].startswith("related"))
    assert all(row[heading].isdecimal() for heading in ROUNDED)
    opened = load_workbook(io.BytesIO(workbook.workbook(given)))
    summary = opened["总表"]
    at = next(cell.column for cell in summary[5] if cell.value == "相关部门评价")
    assert (str(summary.cell(7, at).value), summary.cell(7, at).number_format) == (row["得分 score"], "#,##0")
    staff = next(cell.column for cell in summary[5] if cell.value == "内部协调运转")
    assert summary.cell(7, staff).number_format == "0.0"
    formats = {row[2].value: row[5].number_format for row in opened["维度"].iter_rows(min_row=6) if row[5].value}
    assert (formats["相关部门评价"], formats["内部协调运转"]) == ("#,##0", "0.0")


def test_english__has_english_headings_and_words(computed: ev.Evaluation, database: Database) -> None:
    given = content(database, computed, "en", demo=True)
    sheets = cells(workbook.workbook(given))
    assert "Summary" in sheets
    assert "Public satisfaction" in str(sheets["Summary"])
    assert "[demonstration data]" in str(sheets["Summary"][0][0])
    assert rows_of(table.csv_bytes(given))[0]["status status_word"] in {"usable", "caution"}


def test_texts_that_look_like_formulas__stay_texts(database: Database) -> None:
    setup = ev.setup_document()
    evil = ("=HYPERLINK(1)", "@cmd")
    for unit, name in zip(setup["units"], evil, strict=True):
        unit["name"] = name
    setup["units"][0]["category"] = "+1"
    made = made_of(database, setup, ev.whole)
    given = content(database, made)
    book = workbook.workbook(given)
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if "worksheets/sheet" in name]
    assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)
    assert "=HYPERLINK(1)" in str(cells(book)["总表"])
    rows = rows_of(table.csv_bytes(given))
    assert {row["单位 unit_name"] for row in rows} == {"'=HYPERLINK(1)", "'@cmd"}
    assert rows[0]["类别 category"] == "'+1"


def test_census__has_no_interval_and_never_plus_minus_zero() -> None:
    assert display.interval(70.0, 70.0) == "–"
    assert display.interval(69.5, 70.0) == "69.5–70.0"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_formula_signs__are_guarded(text: str) -> None:
    assert table.guarded(text) == f"'{text}"


@pytest.mark.parametrize("value", ["a=1", -1.5, 0, "1-2"])
def test_other_values__are_left_alone(value: object) -> None:
    assert table.guarded(value) == value  # type: ignore[arg-type]


def test_csv__has_a_mark_for_excel_and_a_row_for_each_unit_and_indicator(
    computed: ev.Evaluation, database: Database
) -> None:
    given = content(database, computed)
    written = table.csv_bytes(given)
    assert written.startswith(b"\xef\xbb\xbf")
    rows = rows_of(written)
    assert len(rows) == len(given.snapshot.document["scores"])
    assert len(rows[0]) == len(SCORE_COLUMNS)
    assert float(rows[0]["得分 score"]) == given.snapshot.document["scores"][0]["score"]


def test_json__is_the_stored_report_with_its_provenance(computed: ev.Evaluation, database: Database) -> None:
    given = content(database, computed)
    written = json.loads(document.json_bytes(given))
    assert written["snapshot"] == "pg2026/1"
    assert written["scores"] == given.snapshot.document["scores"]
    assert written["provenance"]["input_digest"] == given.snapshot.provenance["input_digest"]
    assert written["report_hash"] == given.snapshot.report_hash


def confirm(database: Database, made: ev.Evaluation, points: float, reason: str) -> None:
    """A decision on u01, at noon UTC."""
    with database.writing() as session:
        person = session.scalars(select(Person.id).where(Person.login == "lead_evaluator")).one()
        deciding.confirm(
            session,
            snapshots.stored(session, made.campaign, 1),
            "u01",
            "public_satisfaction",
            Decision(points, reason),
            now=datetime(2026, 3, 4, 12, 5, 6, 7, tzinfo=UTC),
            person_id=person,
            roles=["lead_evaluator"],
        )
        session.commit()


def test_confirmed_score__is_in_every_file_with_its_reason_and_the_report_stays_what_it_is(
    computed: ev.Evaluation, database: Database
) -> None:
    before = json.loads(document.json_bytes(content(database, computed)))
    assert before["confirmations"] == []
    confirm(database, computed, 3.5, "初步核对")
    confirm(database, computed, 4.25, "=1+1")
    given = content(database, computed)
    after = json.loads(document.json_bytes(given))
    (decided,) = after["confirmations"]
    by = decided["by"]
    assert by.startswith("lead_evaluator")
    assert decided == {
        "unit": "u01",
        "indicator": "public_satisfaction",
        "confirmed_points": 4.25,
        "reason": "=1+1",
        "by": by,
        "at": "2026-03-04T12:05:06+00:00",
    }
    assert {**after, "confirmations": []} == before

    columns = ("确认分 confirmed_points", "确认理由 confirmed_reason", "确认人 confirmed_by", "确认时间 confirmed_at")
    rows = rows_of(table.csv_bytes(given))
    found = [tuple(row[column] for column in columns) for row in rows]
    assert found.count(("",) * 4) == len(rows) - 1
    at = found.index(("4.25", "'=1+1", by, "2026-03-04 20:05"))
    assert (rows[at]["单位代码 unit"], rows[at]["指标代码 indicator"]) == ("u01", "public_satisfaction")

    book = workbook.workbook(given)
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist() if "worksheets/sheet" in name)
    sheets = cells(book)
    details = [dict(zip(sheets["明细"][4], row, strict=True)) for row in sheets["明细"][5:]]
    assert [details[at][column] for column in columns] == [4.25, "=1+1", by, "2026-03-04 20:05"]
    assert sum(row["确认分 confirmed_points"] is not None for row in details) == 1
    place = sheets["总表"][5].index("确认分")
    assert [row[place] for row in sheets["总表"][6:9]] == [4.25, None, None]


@pytest.mark.parametrize(("timezone", "hours"), [("Asia/Shanghai", 8), ("Asia/Urumqi", 6)])
def test_times_in_a_workbook__are_the_campaigns_own_to_the_minute(
    computed: ev.Evaluation, database: Database, timezone: str, hours: int
) -> None:
    given = content(database, computed, timezone=timezone)
    local = f"{given.snapshot.row.computed_at + timedelta(hours=hours):%Y-%m-%d %H:%M}"
    sheets = cells(workbook.workbook(given))
    assert f"，{local}，" in str(sheets["总表"][1][0])
    assert ["计算时间", local] in sheets["说明"]


def sparse(database: Database) -> tuple[ev.Evaluation, set[float]]:
    """A unit whose recipients are too few to be shown, and every number that is hidden of it."""

    def fill(session: Any, made: ev.Evaluation) -> None:
        best = dict.fromkeys(ev.items(made, "service_recipient"), "sa") | {"sr_eff_shirk": "sd", "sr_overall": "vs"}
        ev.recipients(session, made, "u01", 40, answers=best)
        ev.recipients(session, made, "u02", 4, quality=0.35)

    made = made_of(database, ev.setup_document(), fill)
    with database.reading() as session:
        scope = circumstances.scope_of(session, made.campaign)
        inputs = compute.read(session, scope, frozenset())
    plan = plan_spec(scope.plan, scope.plan_hash, ())
    frame = Frame(
        units=circumstances.unit_specs(scope),
        answers=inputs.loaded.answers,
        strata=inputs.loaded.strata,
        departments=tuple(scope.departments.values()),
        population=circumstances.population(scope),
    )
    everything = report.build(frame, plan).score_of("u02", "public_satisfaction")
    hidden = [everything.score, everything.se, everything.se_process, everything.lo, everything.hi]
    hidden += [number for part in everything.parts for number in (part.score, part.lo, part.hi)]
    hidden += [item.mean for item in everything.items]
    return made, {round(number, 1) for number in hidden if number is not None and number % 1}


def test_hidden_numbers__are_in_no_file(database: Database) -> None:
    made, hidden = sparse(database)
    assert len(hidden) >= 3
    given = content(database, made)
    book = workbook.workbook(given)
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        values = re.findall(r"<v>([^<]*)</v>", "".join(sheets))
    found = {round(float(value), 1) for value in values if NUMBER.fullmatch(value)}
    rows = [row for row in rows_of(table.csv_bytes(given)) if row["单位代码 unit"] == "u02"]
    found |= {round(float(number), 1) for row in rows for number in NUMBER.findall(" ".join(row.values()))}
    found |= {round(number, 1) for number in numbers(json.loads(document.json_bytes(given)))}
    assert hidden & found == set()
    recipients = next(row for row in rows if row["指标代码 indicator"] == "public_satisfaction")
    blank = ("score", "points", "lo", "hi", "se", "n_valid", "n_responses", "population", "response_rate")
    assert {recipients[heading] for heading in recipients if heading.split()[-1] in blank} == {""}
    assert recipients["状态 status_word"] == "不予显示"


def numbers(value: object) -> list[float]:
    """Every number in a JSON document."""
    if isinstance(value, dict):
        return [number for part in value.values() for number in numbers(part)]
    if isinstance(value, list):
        return [number for part in value for number in numbers(part)]
    return [float(value)] if isinstance(value, int | float) and not isinstance(value, bool) else []
