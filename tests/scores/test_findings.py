"""What pages say beside a score: total interval, other rules, answer quality, comparison, reliability, suspicion."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey_app.scores.queries import snapshots
from tests.factories.accounts import send, sign_in
from tests.scores import evaluation as ev
from tests.scores.test_pages import BASE, UNIT, act, said

Json = dict[str, Any]


def rewrite(app: Flask, made: ev.Evaluation, change: Callable[[Json], None]) -> None:
    """The stored report with something changed, as if it had been computed so."""

    def changed(session: Session) -> None:
        stored = snapshots.stored(session, made.campaign, 1)
        report = json.loads(stored.report)
        change(report)
        stored.report = json.dumps(report)

    act(app, changed)


def first(report: Json, indicator: str = "public_satisfaction", unit: str = "u01") -> Json:
    found: Json = next(score for score in report["scores"] if (score["unit"], score["indicator"]) == (unit, indicator))
    return found


def section(html: str, indicator: str = "public_satisfaction") -> str:
    """What the page says of one indicator, as one line."""
    body = html.split(f'id="{indicator}"', 1)[1].split("</section>", 1)[0]
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


def quality(**values: Any) -> Json:
    made: Json = {
        "questionnaire": "service_recipient", "audience": "service_recipient", "version": "2026.1", "exclude_when": 2,
        "available": ["time", "invariability", "inconsistency"], "unavailable": ["instructed", "integrity"],
        "flagged": [40, 60, 73], "assessable": True, "n": 1725, "n_flagged": 140, "n_excluded": 33,
        "false_status": "ok", "false_rate": 0.00096,
        "false_shape": {"items": 12, "reversed_items": 2, "choices": 5},
        "expected_false": 1.66, "false_upper": 5,
    }  # fmt: skip
    return made | values


def standing(**values: Any) -> Json:
    made: Json = {
        "unit": "u01", "unit_reliability": 0.91, "unit_reliability_process": 0.83, "shrunken": 70.4,
        "shrunken_lo": 66.0, "shrunken_hi": 74.8, "answers_needed": 0, "rankable": True, "refusals": [],
        "rank_lo": 2, "rank": 3, "rank_hi": 7,
    }  # fmt: skip
    return made | values


def comparison(*standings: Json) -> Json:
    return {
        "indicator": "public_satisfaction", "category": "服务", "status": "ok", "n_units": 9, "mean": 66.1, "sd": 4.8,
        "sd_lo": 0.7, "sd_hi": 21.3, "pairs": 36, "pairs_apart": 7, "target": 0.7, "standings": list(standings),
    }  # fmt: skip


def test_total_interval__is_the_one_shown_and_the_sampling_interval_stands_in_the_table(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    def widened(report: Json) -> None:
        first(report).update(total_lo=50.25, total_hi=90.75, lo=60.5, hi=80.5, rules_lo=64.0, rules_hi=77.5)

    rewrite(app, computed, widened)
    sign_in(client, "evaluator")
    overview, answer = client.get(BASE).text, client.get(UNIT).text
    assert "区间 50.2–90.8" in said(overview)
    assert "区间 60.5–80.5" not in said(overview)
    unit = section(answer)
    assert "区间 50.2–90.8" in unit
    assert "若按其他合理口径计算，得分在 64.0–77.5 之间。" in unit
    assert "抽样区间 60.5–80.5 只含抽样误差" in unit
    chart = overview.split('class="plot-total"')[1]
    assert 'x="50.25%" width="40.5%"' in chart.split("/>")[0]
    assert 'x="60.5%"' in chart.split('class="plot-interval"')[1].split("/>")[0]


def test_other_rules__that_change_nothing_or_may_not_be_told_are_said_so(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    def same(report: Json) -> None:
        first(report).update(rules_lo=70.0, rules_hi=70.0)
        first(report, "internal_coordination").update(total_lo=60.0, total_hi=84.0, rules_lo=None, rules_hi=None)

    rewrite(app, computed, same)
    sign_in(client, "evaluator")
    page = client.get(UNIT).text
    assert "按其他合理口径计算，得分不变。" in section(page)
    staff = section(page, "internal_coordination")
    assert "口径计算，得分" not in staff
    assert "人数较少，为保护填答人不给出。" in staff


def test_census__shows_neither_plus_minus_zero_nor_an_empty_interval(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    def everybody(report: Json) -> None:
        score = first(report)
        score.update(
            dict.fromkeys(("lo", "hi", "total_lo", "total_hi", "rules_lo", "rules_hi"), score["score"]), se=0.0
        )

    rewrite(app, computed, everybody)
    sign_in(client, "evaluator")
    unit = section(client.get(UNIT).text)
    assert "±" not in unit
    assert " 区间 " not in unit.split("按其他合理口径")[0]
    assert "全员作答或人数太少，没有可以显示的抽样区间。" in unit
    assert "换人标准误" in unit


def test_answer_quality__gives_the_score_with_and_without_and_the_rule(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    rewrite(app, computed, lambda report: first(report).update(n_excluded=23, score_all=61.26))
    sign_in(client, "evaluator")
    page = client.get(UNIT).text
    assert "未纳入计算 23" in section(page)
    assert "未剔除前得分 61.3" in section(page)
    assert "至少 2 类信号显示作答不认真的答卷，规则在收集前定下。" in section(page)
    assert "本版本不自动剔除答卷" not in page
    assert "因此不给出未剔除前得分" not in section(page)
    rewrite(app, computed, lambda report: first(report).update(n_excluded=None, score_all=None))
    hidden = section(client.get(UNIT).text)
    assert "未纳入计算 –" in hidden
    assert "因此不给出未剔除前得分" in hidden


def test_quality_panel__counts_families_and_the_careful_answers_that_the_rule_may_lose(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    rewrite(app, computed, lambda report: report.update(quality=[quality()]))
    sign_in(client, "evaluator")
    page = said(client.get(BASE).text)
    assert "共评估 1,725 份，33 份（2%）至少有 2 类信号，未纳入计算。" in page
    assert "估计其中约 1.7 份可能是认真作答被误排除，至多 5 份（把握 95%）。" in page
    assert "测自同类的模拟问卷：12 道题，其中反向题 2 道，每题 5 个选项。" in page
    assert "不在已测范围" not in page
    assert "前后不一 73 (4%)" in page
    assert "指令题未通过 无法判断" in page
    assert "依据：Meade &amp; Craig 2012, doi:10.1037/a0028085" in page
    assert "标出了一半以上" not in page


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"assessable": False}, "能判断的信号不足两类，没有剔除任何答卷。"),
        ({"n": None, "n_excluded": None, "flagged": [None] * 3, "expected_false": None}, "合计会透露它"),
        (
            {"false_status": "undefined_not_measured", "false_rate": None, "false_shape": None}
            | {"expected_false": None, "false_upper": None},
            "未纳入计算。 这份问卷不在已测范围",
        ),
        ({"n_excluded": 0}, "共评估 1,725 份，没有一份须剔除。"),
        ({"n_excluded": None}, "未纳入计算的很少，不给份数"),
        ({"flagged": [1700, 60, 73]}, "有一类信号标出了一半以上的答卷"),
    ],
)
def test_quality_panel__says_what_cannot_be_told_and_what_looks_wrong(
    computed: ev.Evaluation, app: Flask, client: FlaskClient, values: Json, words: str
) -> None:
    rewrite(app, computed, lambda report: report.update(quality=[quality(**values)]))
    sign_in(client, "evaluator")
    assert words in said(client.get(BASE).text)


def test_place__is_given_with_its_range_where_the_snapshot_holds_one(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    rewrite(app, computed, lambda report: report.update(comparisons=[comparison(standing())]))
    sign_in(client, "evaluator")
    unit, overview = section(client.get(UNIT).text), said(client.get(BASE).text)
    assert "位次区间 3（2–7）：同类 9 个可比单位中" in unit
    assert "约 83% 是真实差别，其余是偶然。分得清。答卷已够：λ 已达到 0.70。" in unit
    assert "向均值收缩的参考值 70.4 66.0–74.8" in unit
    assert "同类单位两两比较共 36 对，其中 7 对的差别超出偶然。1 个单位有位次区间。" in overview
    assert "服务 9 4.8 0.7–21.3 7 / 36 0.83 1 / 9 个单位" in overview
    assert "排行榜" not in unit + overview
    send(client, "/office/me/language", language="en", next="/office/me")
    assert "3 (2–7)" in section(client.get(UNIT).text)


def test_no_place__has_its_reasons_with_number_threshold_and_source(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    refusals = [
        {"code": "rank_too_few_units", "number": 4, "threshold": 8, "severity": "note", "subject": None},
        {"code": "rank_reliability_low", "number": 0.632, "threshold": 0.7, "severity": "note", "subject": None},
    ]
    none = standing(
        rankable=False, refusals=refusals, rank_lo=None, rank=None, rank_hi=None, unit_reliability_process=0.632,
        answers_needed=17,
    )  # fmt: skip
    rewrite(app, computed, lambda report: report.update(comparisons=[comparison(none)]))
    sign_in(client, "evaluator")
    unit, overview = section(client.get(UNIT).text), said(client.get(BASE).text)
    assert "不给位次区间。 本方案不公布位次。数据本身也不支持：" in unit
    assert "同类可比的单位有 4 个，少于 8 个。" in unit
    assert "单位信度 λ 为 0.63，低于 0.70。" in unit
    assert "依据：门槛由本方案规定；Adams 2009, RAND TR-653" in unit
    assert "分不清，不要据此比高低。λ 要达到 0.70，约还需 17 份答卷。" in unit
    assert "不给 同类可比单位太少 λ 偏低：1 个单位" in overview


def test_unit_that_is_not_compared__says_so(computed: ev.Evaluation, app: Flask, client: FlaskClient) -> None:
    rewrite(app, computed, lambda report: report.update(comparisons=[]))
    sign_in(client, "evaluator")
    page = client.get(UNIT).text
    assert "没有可用的误差，或同类单位不够，不参加比较。" in section(page, "internal_coordination")
    assert "单位之间分得清吗" not in said(client.get(BASE).text)


def test_reliability__begins_with_plain_questions_and_folds_the_figures(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    sign_in(client, "evaluator")
    html = client.get(UNIT).text
    unit = section(html)
    order = [
        "这些题目测的是同一件事吗？",
        "本单位的人看法一致吗？",
        "单位之间有差别吗？",
        "ω（总）",
        "分半信度",
        "r_wg(j)",
        "KMO",
    ]
    places = [unit.index(words) for words in order]
    assert places == sorted(places)
    folded = re.sub(r"<details.*?</details>", "", html, flags=re.S)
    assert "ω（总）" not in folded
    assert "本单位的人看法一致吗？" in folded


def test_two_items__report_spearman_brown(computed: ev.Evaluation, app: Flask, client: FlaskClient) -> None:
    def two(report: Json) -> None:
        for block in report["reliability"]:
            if block["indicator"] == "public_satisfaction":
                short = {name: block[name][:2] for name in ("items", "item_rest", "alpha_if_deleted")}
                block.update(**short, coefficient=0.768, alpha=0.741, assessable=True)

    rewrite(app, computed, two)
    sign_in(client, "evaluator")
    assert "两题信度（Spearman-Brown） 0.77" in section(client.get(UNIT).text)


def suspicion(**values: Any) -> Json:
    made: Json = {
        "questionnaire": "service_recipient", "audience": "service_recipient", "kind": "identical_answers",
        "status": "ok", "n_units": 3, "units": [{"unit": "u02", "found": 85.0, "expected": 12.23, "p": 1e-8}],
        "more": 2, "pairs": 90, "expected": 14.2, "lo": 3, "hi": 38, "p": 1e-9, "false_rate": 0.002,
        "power_low": 0.0, "power_high": 1.0,
    }  # fmt: skip
    return made | values


@pytest.mark.parametrize("role", ["evaluator", "lead_evaluator", "approver", "auditor"])
def test_suspicions__are_for_lead_evaluators_and_in_no_file(
    computed: ev.Evaluation, app: Flask, client: FlaskClient, role: str
) -> None:
    rewrite(app, computed, lambda report: report.update(suspicions=[suspicion()]))
    sign_in(client, role)
    page = said(client.get(BASE).text)
    assert ("需人工核查的迹象" in page) == (role == "lead_evaluator")
    assert ("第2单位 85，偶然约 12.2" in page) == (role == "lead_evaluator")
    assert ("另有 2 个人数很少的单位，不列名。" in page) == (role == "lead_evaluator")
    assert client.get(f"{BASE}/1/scores.json").json["suspicions"] == []


def test_suspicion__single_unit_with_answers__says_that_nothing_tells_what_chance_does(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    nothing = dict.fromkeys(("expected", "lo", "hi", "p", "false_rate", "power_low", "power_high"))
    alone = suspicion(status="undefined_one_unit", n_units=0, units=[], more=0, pairs=7, **nothing)
    rewrite(app, computed, lambda report: report.update(suspicions=[alone]))
    sign_in(client, "lead_evaluator")
    page = said(client.get(BASE).text)
    assert "无法判断 只有一个单位有可比的答卷，没有别的单位作对照，估计不出偶然会有多少相同" in page


def test_severity_and_drivers__stand_on_the_overview(computed: ev.Evaluation, app: Flask, client: FlaskClient) -> None:
    rater = {"indicator": "related_department_evaluation", "status": "ok", "raters": 8, "crossing": 7, "groups": 2}
    driver = {"indicator": "public_satisfaction", "part": "access", "status": "ok", "weight": 0.098, "lo": 0.077}

    def added(report: Json) -> None:
        report["severities"] = [rater | {"severity_sd": 7.21, "residual_sd": 4.97}]
        report["drivers"] = [driver | {"hi": 0.119, "r_squared": 0.33}]
        first(report)["parts"][0]["quadrant"] = "act_first"
        score = first(report, "related_department_evaluation")
        score.update(adjusted=43.62, adjusted_lo=38.0, adjusted_hi=49.25, adjusted_status="ok")

    rewrite(app, computed, added)
    sign_in(client, "evaluator")
    page = said(client.get(BASE).text)
    assert "各部门宽严的标准差为 7.2 分（其余波动 5.0 分）；8 个部门中有 7 个评了多个单位。" in page
    assert "各单位分属 2 组" in page
    assert "群众满意度 办事便利 0.10 0.08–0.12" in page
    assert "先改进：重要而得分偏低" in section(client.get(UNIT).text)


def test_only_unit_of_its_category__is_not_told_how_it_compares(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    alone = comparison(standing(unit_reliability_process=None, answers_needed=None, rank=None)) | {
        "n_units": 1, "pairs": 0, "pairs_apart": 0, "status": "undefined_one_unit", "sd": None,
    }  # fmt: skip
    rewrite(app, computed, lambda report: report.update(comparisons=[alone]))
    sign_in(client, "evaluator")
    unit, overview = section(client.get(UNIT).text), said(client.get(BASE).text)
    for words in ("位次", "再多的答卷", "分得清吗"):
        assert words not in unit.split("题目可靠吗")[0], words
    assert "没有可以比较的同类单位。" in overview
    assert "可比的单位少于两个。" in overview


def test_open_link__is_compared_with_nobody(computed: ev.Evaluation, app: Flask, client: FlaskClient) -> None:
    def opened(report: Json) -> None:
        code = {"code": "non_probability", "severity": "caution", "number": None, "threshold": None, "subject": None}
        score = first(report, "internal_coordination", "u03")
        score.update(dict.fromkeys(("lo", "hi", "total_lo", "total_hi", "se")), cautions=[code])
        report["comparisons"] = []

    sign_in(client, "evaluator")
    before = section(client.get(UNIT).text, "internal_coordination")
    assert "同类（服务）其他 1 个单位平均" in before
    rewrite(app, computed, opened)
    assert "同类（服务）" not in section(client.get(UNIT).text, "internal_coordination")
    other = section(client.get(f"{BASE}/1/units/u03").text, "internal_coordination")
    assert "同类（服务）" not in other
    assert "因此没有区间，也不参加比较" in other
    assert " 区间 " not in other.split("各维度")[0]
