"""Provenance and method of a snapshot as rows of a table: what computed it, from what, and how to read it."""

from collections.abc import Iterator

from survey_app.questionnaire.plan import Ranking
from survey_app.scores.export.content import Content
from survey_app.scores.rules import words
from survey_app.scores.rules.quality_words import FAMILIES, FLAGS
from survey_app.scores.rules.sources import STATUS_SOURCES

_SCORE = (
    "0–100。先把每个人在一个维度上的得分平均到单位，再按权重合成；相关部门先在部门内平均，再在部门间平均。",
    "0–100. Persons are averaged to the unit by dimension, then dimensions are weighted; departments come first.",
)
_CONFIRMED = (
    "评估人员在建议分基础上的决定，附理由；以下载时最新的为准，不计入报告哈希。空格表示尚未确认。",
    "An evaluator's decision on the suggested points, as of the download; not in the hash. Empty: none yet.",
)
_EMPTY = (
    "没有这个数，或按发布规则不予显示；不是零。",
    "There is no such number, or the rules of publication hide it; never a zero.",
)


def method_rows(content: Content) -> Iterator[tuple[str, str]]:
    """Name and value, provenance first, then how to read the numbers."""
    snapshot, document, provenance = content.snapshot, content.snapshot.document, content.snapshot.provenance
    facts = document["campaign"]
    yield content.say("评估轮次", "Campaign"), f"{facts['title']} ({facts['code']})"
    yield content.say("委托方", "Commissioning office"), facts["office"]
    yield content.say("第三方机构", "Agency"), facts["agency"]
    yield content.say("计算次序", "Snapshot"), f"{facts['code']}/{snapshot.number}"
    yield content.say("计算时间", "Computed at"), content.moment(snapshot.row.computed_at)
    yield content.say("评分方案", "Scoring plan"), _named(document["plan"])
    for questionnaire in document["questionnaires"]:
        yield content.say("问卷", "Questionnaire"), f"{questionnaire['id']} {questionnaire['hash']}"
    yield content.say("设置", "Set-up"), provenance["setup"]
    for audience, sealed in provenance["input_digest"].items():
        name = words.one(words.AUDIENCES[audience], content.language)
        yield content.say(f"输入摘要({name})", f"Input digest ({name})"), sealed
    yield content.say("报告哈希", "Report hash"), snapshot.report_hash
    yield content.say("软件", "Software"), ", ".join(f"{name} {one}" for name, one in provenance["software"].items())
    yield content.say("置信水平", "Confidence"), f"{document['confidence']:.0%}"
    yield content.say("最少显示人数", "Fewest shown"), str(document["min_cell"])
    yield from _rules(content)
    yield content.say("得分", "Score"), content.say(*_SCORE)
    yield from _signals(content)
    yield content.say("确认分", "Confirmed points"), content.say(*_CONFIRMED)
    yield content.say("空格", "Empty cells"), content.say(*_EMPTY)
    yield content.say("声明", "Notice"), words.one(words.FOOTER, content.language)


def figure_rows(content: Content) -> Iterator[tuple[str, str, str, str]]:
    """Every figure of the workbook: name, how to read it, formula, source; then why one may be missing or weak."""
    for code in words.FIGURES:
        found = words.figure(code, content.language)
        yield found.name, found.reading, found.formula, found.source
    missing, beware = content.say("没有数字时", "Where there is no number"), content.say("须留意", "Beware")
    for code in STATUS_SOURCES:
        name = beware if code.startswith("warn_") else missing
        yield name, words.estimate(code, content.language), "", words.estimate_source(code, content.language)


def _rules(content: Content) -> Iterator[tuple[str, str]]:
    """What the plan lays down for everything that could have been done otherwise."""
    plan, say = content.names.plan, content.say
    needed = None if plan.quality is None else plan.quality.exclude_when_families
    yield (
        say("剔除规则", "Rule of exclusion"),
        say(
            f"至少 {needed} 类信号显示作答不认真的答卷不纳入计算；能判断的信号不足两类时，一份也不剔除。",
            f"Responses with {needed} families of signals or more are left out; with fewer than two families "
            "measured, nobody is.",
        )
        if needed
        else say("不剔除答卷。", "No response is left out."),
    )
    yield (
        say("缺答规则", "Rule for gaps"),
        say(
            f"一个维度答够应答题目的 {plan.missing.dimension_min_answered:.0%}（至少一题）才计分。",
            f"A dimension counts from {plan.missing.dimension_min_answered:.0%} of its items answered, one at least.",
        ),
    )
    families = [one for one in plan.multiverse.exclude_when_families if needed]
    left_out = [say("不剔除", "none") if one == 0 else say(f"{one} 类信号", f"{one} families") for one in families]
    answered = [
        say("一题以上", "one item") if one == 0 else f"{one:.0%}" for one in plan.multiverse.dimension_min_answered
    ]
    mark, unchanged = say("、", ", "), say("不变", "as it is")
    yield (
        say("其他合理口径", "Other defensible rules"),
        say(
            f"剔除：{mark.join(left_out) or unchanged}；缺答：{mark.join(answered) or unchanged}；"
            "两者逐一搭配，另加本方案的口径。",
            f"Left out: {mark.join(left_out) or unchanged}; gaps: {mark.join(answered) or unchanged}; "
            "each with each, and the plan's own rules.",
        ),
    )
    total = words.figure("total", content.language)
    yield total.name, f"{total.reading} {total.formula}"
    ranking = plan.ranking or Ranking()
    gate = plan.gates.rank.unit_reliability if plan.gates and plan.gates.rank else None
    yield (
        say("位次区间", "Range of places"),
        (
            say(
                f"只在同类内部给出，同类可比单位至少 {ranking.min_units} 个，",
                f"Within a category only, from {ranking.min_units} units on, ",
            )
            + (say(f"λ 至少 {gate:.2f}，", f"λ {gate:.2f} or more, ") if gate is not None else "")
            + say("位次范围不超过一半。", "not wider than half of the units. ")
            + ("" if ranking.publish else say("本方案不公布位次。", "This plan publishes no places."))
        ),
    )


def _signals(content: Content) -> Iterator[tuple[str, str]]:
    """The families of signals of careless answering, with what each is made of."""
    for found in FAMILIES.values():
        made_of = content.say("、", ", ").join(words.one(FLAGS[flag], content.language) for flag in found.flags)
        name = content.say("信号：", "Signal: ") + words.one(found.name, content.language)
        yield name, f"{words.one(found.what, content.language)} ({made_of}) {found.source}"


def _named(definition: dict[str, str]) -> str:
    return f"{definition['id']} {definition['version']} {definition['hash']}"
