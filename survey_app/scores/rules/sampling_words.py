"""How precise a score is and how many answers are still missing, in words: figures with their readings, one sentence.

Knows names, sentences and the numbers of one stored score. Must stay true: "still needed" (还差) means here what it
means during fieldwork, valid answers up to an error of about ±5 points (or what the plan asks for); where there is no
number the sentence says why.
"""

from collections.abc import Mapping
from typing import Any

from survey_app.scores.rules import sources
from survey_app.scores.rules.estimate_words import ESTIMATES
from survey_app.scores.rules.figure_words import Figure, Pair

Json = Mapping[str, Any]

_AAPOR = "AAPOR 2023, Standard Definitions, 10th edition"
_SCHOUTEN = "Schouten, Cobben & Bethlehem 2009, Survey Methodology 35, 101–113"

OF_SAMPLING = {
    "answers_more": Figure(
        name=("还差", "Still needed"),
        reading=(
            (
                "再收多少份同类的有效答卷（相关部门：再请多少个部门），抽样误差才到约 ±5 分，或本方案规定的分数。"
                "收集时的“还差”按最保守的情形估算，这里按实际答案的离散程度计算，所以常常更少。"
                "多收爱答的人不能纠正偏差。"
            ),
            (
                "More valid answers of the same kind (departments, for related ones) until the sampling error is about "
                "±5 points, or what the plan asks for. In fieldwork it is worked out for the worst case, here from how "
                "far answers really differ, so it is often less. More of those who like to answer mend no bias."
            ),
        ),
        formula="V(m) = se_process²·n/m − (se_process² − se²); t·√V(m) ≤ 5",
        source=f"{sources.SAMPLING}, 4.6",
    ),
    "design_effect": Figure(
        name=("设计效应 deff", "Design effect, deff"),
        reading=(
            (
                "得分的误差方差是同样份数简单随机抽样的几倍（两边都按同一总体校正）。1：一样；1.5：三份只抵两份；"
                "小于 1：分层有好处。没有公认的门槛。"
            ),
            (
                "How many times the variance of a simple random sample of as many, both corrected for the same "
                "population. 1: the same; 1.5: three answers are worth two; under 1: strata pay. "
                "No threshold is agreed on."
            ),
        ),
        formula="deff = se²/((1 − n/N)·S²/n)",
        source="Kish 1965, Survey Sampling, 8.2",
    ),
    "n_effective": Figure(
        name=("有效样本量", "Effective sample size"),
        reading=(
            "这些答卷抵得上多少份简单随机抽样的答卷。",
            "How many answers of a simple random sample would say as much as these.",
        ),
        formula="n/deff",
        source="Kish 1965, Survey Sampling, 8.2",
    ),
    "coverage": Figure(
        name=("覆盖率", "Coverage"),
        reading=(
            "得分所依据的人（部门）占总体多少。高，不等于有代表性；开放链接只有参与份数和覆盖率，没有回收率。",
            (
                "How many of the whole are in the score. High does not mean representative; "
                "an open link has people who took part and a coverage, no response rate."
            ),
        ),
        formula="n/N",
        source=_AAPOR,
    ),
    "rate": Figure(
        name=("回收率的口径（AAPOR RR2）", "Response rate (AAPOR RR2)"),
        reading=(
            (
                "发放的卡片除去不符合条件的，都算应该作答；没收回的分不清是拒答、没联系上还是卡片丢了，一律算没有作答；"
                "没答完的算作答。所以这是偏低的算法。回收率低不一定有偏差，高也不保证没有。"
            ),
            (
                "Cards handed out, people screened out aside, all count as asked. Refusals, people never reached and "
                "lost cards cannot be told apart and count as no answer; those that stop halfway count. So it is low. "
                "A low rate proves no bias, a high one excludes none."
            ),
        ),
        formula="RR2 = (I + P)/((I + P) + (R + NC + O) + (UH + UO))",
        source=f"{_AAPOR}; {sources.NONRESPONSE}",
    ),
    "r_indicator": Figure(
        name=("代表性指标 R", "R-indicator"),
        reading=(
            (
                "各分层的作答比例越接近，越靠近 1；相差越大，越靠近 0。只看得见分层看得见的差别。"
                "没有公认的门槛，只与同样分层的其他轮次比较。"
            ),
            (
                "1: all strata answered alike; 0: as unlike as can be. It sees only what strata see. "
                "No threshold is agreed on; compare with other campaigns of the same strata."
            ),
        ),
        formula="R = 1 − 2·S(ρ)",
        source=_SCHOUTEN,
    ),
    "r_adjusted": Figure(
        name=("代表性指标 R（去掉偶然）", "R-indicator, chance taken out"),
        reading=(
            "分层人数少时，偶然也会使作答比例不同；这里去掉了这一部分。",
            "In small strata chance alone makes the shares differ; that part is taken out here.",
        ),
        formula="R = 1 − 2·√(S²(ρ) − Σ(W − W²)·ρ(1 − ρ)/(m − 1)·N/(N − 1))",
        source="Shlomo, Skinner & Schouten 2012, doi:10.1016/j.jspi.2011.07.008",
    ),
}

HIDDEN = (
    "人数或某个分层的人数较少，或者轮次还没有关闭，为保护填答人不给出。",
    "Few people, in all or in a stratum, or the campaign is still open: not given, to protect them.",
)
# Whom the shares of strata are of.
BASES = {
    "asked": ("按各层发放（或启用）的卡片数计算。", "Of the cards handed out (or activated) in each stratum."),
    "frame": ("各层发卡数不详，按各层总体人数计算。", "Cards are not counted by stratum, so of all people in each."),
}
# Statuses that say something else of these figures than of others.
_SAMPLING = {
    "undefined_zero_error": (
        "抽样误差为 0（全员作答，或答案全部相同），无从比较。",
        "There is no sampling error to compare: everybody answered, or all alike.",
    ),
    "undefined_one_unit": ("没有分层，无从比较。", "There are no strata to compare."),
    "undefined_stratum_empty": ("有分层一张卡片也没有发。", "No card was handed out in some stratum."),
}


def remark(status: str | None) -> Pair:
    """Why a figure is missing; nothing where it is not."""
    return HIDDEN if status is None else _SAMPLING.get(status, ESTIMATES[status])


def still_needed(score: Json) -> Pair:
    """How many more answers does the score need?"""
    sampling = score["sampling"]
    more, status = sampling["answers_more"], sampling["answers_more_status"]
    if status == "undefined_no_denominator":
        return (
            "开放链接不知道邀请了谁，没有误差可言，也说不出还差多少份。",
            "Nobody knows who was asked by an open link: there is no error, nor a number of answers still needed.",
        )
    if status == "undefined_out_of_reach":
        return _out_of_reach(f"{sampling['target']:g}", departments=sampling["of_departments"])
    if status == "warn_no_variation" or more is None:
        zh, en = remark(status)
        return f"还差多少份不给出：{zh}", f"How many answers are still needed is not said. {en}"
    zh, en = _needed(score, more)
    if status == "warn_stratum_empty":
        zh, en = f"{zh}但有分层没有人作答，那些人怎么看仍不知道。", f"{en} But nobody answered in some stratum."
    return zh, en


def _needed(score: Json, more: int) -> Pair:
    sampling = score["sampling"]
    target = f"{sampling['target']:g}"
    if score["se"] == 0:
        return (
            "够了：能作答的都答了，没有抽样误差。",
            "Enough: all who could answer did, so there is no sampling error.",
        )
    if not more:
        return (
            f"够了：误差不超过约 ±{target} 分，不必再收。",
            f"Enough: the error is no more than about ±{target} points.",
        )
    if sampling["of_departments"]:
        return (
            f"还差约 {more} 个部门，误差才到约 ±{target} 分。",
            f"Still needed: about {more} more departments for an error of about ±{target} points.",
        )
    return (
        f"还差约 {more} 份有效答卷，误差才到约 ±{target} 分。",
        f"Still needed: about {more} more valid answers for an error of about ±{target} points.",
    )


def _out_of_reach(target: str, *, departments: bool) -> Pair:
    if departments:
        return (
            f"全部部门都请到，误差也到不了约 ±{target} 分：每个部门作答的人太少。",
            f"All departments would not bring the error to about ±{target} points: too few answer in each.",
        )
    return (
        f"全部人员都请到，误差也到不了约 ±{target} 分。",
        f"All people together would not bring the error to about ±{target} points.",
    )
