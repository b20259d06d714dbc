"""What files hold beside the scores: intervals, comparisons, quality, reliability, and the plan's rules in words."""

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from survey_app.db import Database
from survey_app.scores.export import table, workbook
from survey_app.scores.rules import sources, words
from tests.scores import evaluation as ev
from tests.scores.test_export import cells, content, rows_of


def test_chart_of_a_snapshot_without_totals__draws_sampling_intervals(
    computed: ev.Evaluation, database: Database
) -> None:
    given = content(database, computed)
    score = given.snapshot.document["scores"][0]
    score.update(total_lo=None, total_hi=None, lo=score["score"] - 3, hi=score["score"] + 4)
    data = cells(workbook.workbook(given))["图表数据"]
    assert data[2][1:3] == [pytest.approx(3), pytest.approx(4)]


def test_workbook__holds_every_finding_with_the_snapshots_numbers(computed: ev.Evaluation, database: Database) -> None:
    given = content(database, computed)
    stored, sheets = given.snapshot.document, cells(workbook.workbook(given))

    def table_of(name: str) -> list[dict[str, Any]]:
        return [dict(zip(sheets[name][4], row, strict=True)) for row in sheets[name][5:]]

    standings = [one for found in stored["comparisons"] for one in found["standings"]]
    assert [row["单位代码"] for row in table_of("单位比较")] == [one["unit"] for one in standings]
    shown = [row["单位信度 λ（换人）"] for row in table_of("单位比较")]
    assert shown == [pytest.approx(one["unit_reliability_process"]) for one in standings]
    assert all("少于 8 个" in row["不给位次的原因"] for row in table_of("单位比较"))
    families = table_of("答卷质量")
    assert len(families) == 5 * len(stored["quality"])
    assert [row["评估份数"] for row in families[::5]] == [found["n"] for found in stored["quality"]]
    assert [row["未纳入计算"] for row in families[::5]] == [found["n_excluded"] for found in stored["quality"]]
    agreement = table_of("一致性")
    assert agreement[0]["ICC(1)"] == pytest.approx(stored["agreement"][0]["icc1"])
    of_units = [found for score in stored["scores"] for found in score["agreement"]]
    assert len(agreement) == len(stored["agreement"]) + len(of_units)
    assert agreement[len(stored["agreement"])]["r_wg(j) 均匀"] == pytest.approx(of_units[0]["r_wg_j"])
    assert table_of("信度")[0]["λ2"] == pytest.approx(stored["reliability"][0]["lambda2"])
    assert table_of("结构")[0]["KMO"] == pytest.approx(stored["validity"][0]["kmo"])
    assert [row["相对权重"] for row in table_of("要因")] == [pytest.approx(one["weight"]) for one in stored["drivers"]]
    assert len(table_of("部门宽严")) == len(stored["severities"])


def test_method__says_the_plans_rules_and_the_source_of_every_figure(
    computed: ev.Evaluation, database: Database
) -> None:
    sheets = cells(workbook.workbook(content(database, computed)))
    method = {row[0]: str(row[1]) for row in sheets["说明"][5:]}
    assert method["剔除规则"].startswith("至少 2 类信号")
    assert method["缺答规则"].startswith("一个维度答够应答题目的 50%")
    assert "剔除：不剔除、2 类信号、1 类信号；缺答：一题以上、50%、100%" in method["其他合理口径"]
    assert "√((t·se)² + ((rules_hi − rules_lo) / 2)²)" in method["总区间"]
    assert "同类可比单位至少 8 个，λ 至少 0.70" in method["位次区间"]
    assert "Huang et al. 2012, doi:10.1007/s10869-011-9231-8" in method["信号：时间过短"]
    assert "作答过快" in method["信号：时间过短"]
    explained = {row[0]: row for row in sheets["指标解释"][5:]}
    assert set(explained) == {words.figure(code, "zh").name for code in words.FIGURES} | {"没有数字时", "须留意"}
    statuses = {row[1]: row[3] for row in sheets["指标解释"][5:] if row[0] in {"没有数字时", "须留意"}}
    assert statuses["只有一道题，没有内部一致性可言。"] == "Cronbach 1951, doi:10.1007/BF02310555"
    assert len(statuses) == len(sources.STATUS_SOURCES)
    assert explained["ICC(2)"][2] == "(MSB − MSW)/MSB"
    assert "doi:10.1177/1094428106296642" in str(explained["ICC(2)"][3])


def test_csv__has_the_intervals_places_and_sources_beside_the_score(
    computed: ev.Evaluation, database: Database
) -> None:
    given = content(database, computed)
    score = given.snapshot.document["scores"][0]
    score.update(total_lo=61.5, total_hi=82.25, rules_lo=66.5, rules_hi=75.0, score_all=71.75, n_excluded=23)
    standing = next(
        one
        for found in given.snapshot.document["comparisons"]
        for one in found["standings"]
        if (one["unit"], found["indicator"]) == (score["unit"], score["indicator"])
    )
    standing.update(rank_lo=2, rank=3, rank_hi=7, answers_needed=4, unit_reliability=0.625, refusals=[])
    row = rows_of(table.csv_bytes(given))[0]
    found = {heading.split()[-1]: value for heading, value in row.items()}
    assert [found[name] for name in ("total_lo", "total_hi", "rules_lo", "rules_hi")] == [
        "61.5",
        "82.25",
        "66.5",
        "75.0",
    ]
    assert [found[name] for name in ("score_all", "n_excluded")] == ["71.75", "23"]
    assert [found[name] for name in ("rank_lo", "rank", "rank_hi", "answers_needed")] == ["2", "3", "7", "4"]
    assert found["unit_reliability"] == "0.625"
    assert "门槛由本方案规定" in found["sources"]


def test_chance__below_what_four_places_show__is_never_a_zero(computed: ev.Evaluation, database: Database) -> None:
    given = content(database, computed)
    given.snapshot.document["agreement"][0]["p"] = 1e-12
    sheet = load_workbook(io.BytesIO(workbook.workbook(given)))["一致性"]
    column = [cell.value for cell in sheet[5]].index("p")
    assert sheet[6][column].value == 1e-12
    assert sheet[6][column].number_format == '[<0.0001]"<0.0001";0.0000'


def test_printed__wide_sheets__go_over_pages_that_each_name_their_rows(
    computed: ev.Evaluation, database: Database
) -> None:
    book = load_workbook(io.BytesIO(workbook.workbook(content(database, computed))))
    across = {sheet.title: sheet.page_setup.fitToWidth or 1 for sheet in book}
    assert {name for name, pages in across.items() if pages == 1} >= {"维度", "要因", "说明", "指标解释"}
    assert across["明细"] > 5
    assert across["信度"] > 1
    for sheet in book:
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
        if across[sheet.title] > 1:
            assert sheet.print_title_cols.replace("$", "").startswith("A:")
            assert sheet.print_title_rows


def test_quality__questionnaire_that_was_not_measured__says_so_beside_its_counts(
    computed: ev.Evaluation, database: Database
) -> None:
    given = content(database, computed)
    shape = {"items": 12, "reversed_items": 2, "choices": 5}
    measured, outside = given.snapshot.document["quality"][:2]
    measured.update(false_status="ok", false_shape=shape, false_rate=0.0024)
    outside.update(false_status="undefined_not_measured", false_shape=None, false_rate=None, expected_false=None)
    sheet = cells(workbook.workbook(given))["答卷质量"]
    rows = [dict(zip(sheet[4], row, strict=True)) for row in sheet[5:]]
    assert (rows[0]["认真者误排除率"], rows[5]["认真者误排除率"]) == (0.0024, None)
    assert rows[0]["误排除率测自"] == "12 道题，其中反向题 2 道，每题 5 个选项"
    assert (rows[5]["误排除估计"], rows[5]["误排除率测自"]) == (None, "不在已测范围")
