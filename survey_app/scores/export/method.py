"""Provenance and method of a snapshot as rows of a table: what computed it, from what, and how to read it."""

from collections.abc import Iterator

from survey_app.scores.export.content import Content
from survey_app.scores.rules import words

_READING = (
    (
        "得分",
        "Score",
        "0–100。先把每个人在一个维度上的得分平均到单位，再按权重合成；相关部门先在部门内平均，再在部门间平均。",
        "0–100. Persons are averaged to the unit by dimension, then dimensions are weighted; departments come first.",
    ),
    (
        "区间",
        "Interval",
        "抽样误差的范围。两个单位的区间明显重叠时，分差不说明问题。不含拒答和题目措辞造成的偏差。",
        "The range of sampling error; refusals and wording come on top. Widely overlapping intervals: no difference.",
    ),
    (
        "换人标准误",
        "Process error",
        "假如换一批同类人员作答，得分会有多大波动。全员作答时抽样误差为零，仍应看这个数。",
        "How much the score would vary with other people of the same kind. Read it also where everybody answered.",
    ),
    (
        "信度 α、ω",
        "Reliability α, ω",
        "题目之间是否一致。常用 0.70 作参考，但不是定律；它不说明单位之间分得开。",
        "Whether the items agree with each other. 0.70 is a custom, not a law; it does not say that units differ.",
    ),
    (
        "确认分",
        "Confirmed points",
        "评估人员在建议分基础上的决定，附理由；以下载时最新的为准，不计入报告哈希。空格表示尚未确认。",
        "An evaluator's decision on the suggested points, as of the download; not in the hash. Empty: none yet.",
    ),
    (
        "空格",
        "Empty cells",
        "没有这个数，或按发布规则不予显示；不是零。",
        "There is no such number, or the rules of publication hide it; never a zero.",
    ),
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
    for zh, en, said_zh, said_en in _READING:
        yield content.say(zh, en), content.say(said_zh, said_en)
    yield content.say("声明", "Notice"), words.one(words.FOOTER, content.language)


def _named(definition: dict[str, str]) -> str:
    return f"{definition['id']} {definition['version']} {definition['hash']}"
