"""What every figure beside a score is called, how to read it, its formula and where it comes from, in both languages.

Knows names and sentences, no numbers. Must stay true: a threshold that a reading names is a custom of the literature in
`source`, and the reading says so; the gates of a score stand in the plan alone.
"""

from dataclasses import dataclass

from survey_app.scores.rules import sources

Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure. formula: as written in textbooks, the same in both languages."""

    name: Pair
    reading: Pair
    formula: str = ""
    source: str = ""


OF_SCORES = {
    "total": Figure(
        name=("总区间", "Total interval"),
        reading=(
            "页面上的区间。既含抽样误差，也含换一种合理的计算口径会带来的变化；两个单位的区间明显重叠时，分差不说明问题。",
            (
                "The interval on pages: sampling error, widened by what other defensible rules would give. "
                "Where two units overlap widely, their difference says nothing."
            ),
        ),
        formula="score ± √((t·se)² + ((rules_hi − rules_lo) / 2)²)",
        source=sources.RULES,
    ),
    "sampling": Figure(
        name=("抽样区间", "Sampling interval"),
        reading=(
            "只含抽样误差：假如从同一批人里另抽一些人作答，得分大致落在这里。不含拒答和题目措辞造成的偏差。",
            (
                "Sampling error alone: where the score would fall if others of the same people had been asked. "
                "Refusals and wording come on top."
            ),
        ),
        formula="score ± t·se; se² = Σ W²·(1 − n/N)·s²/n",
        source=f"{sources.SAMPLING}; {sources.FREEDOM}",
    ),
    "rules": Figure(
        name=("其他合理口径", "Other defensible rules"),
        reading=(
            "改变剔除规则和缺答规则重算，得分的最低值和最高值。范围窄，说明结果不取决于口径。",
            (
                "Lowest and highest score when the rules for leaving out and for gaps are changed. "
                "A narrow range: the result does not hang on them."
            ),
        ),
        source=sources.RULES,
    ),
    "process": Figure(
        name=("换人标准误", "Process error"),
        reading=(
            "假如换一批同类人员作答，得分会有多大波动。全员作答时抽样误差为零，仍应看这个数。",
            "How much the score would vary with other people of the same kind. Read it also where everybody answered.",
        ),
        formula="se_process² = Σ W²·s²/n",
        source=sources.SAMPLING,
    ),
    "score_all": Figure(
        name=("未剔除前得分", "Score before any exclusion"),
        reading=(
            "一份答卷也不剔除时的得分。与得分接近，说明剔除没有左右结果。",
            "The score with nobody left out. Close to the score: leaving out did not decide the result.",
        ),
        source=sources.RULES,
    ),
}

OF_COMPARISONS = {
    "unit_reliability_process": Figure(
        name=("单位信度 λ（换人）", "Unit reliability λ (process)"),
        reading=(
            "同类单位得分的差别中不是偶然的部分：换一批人作答，高低还一样吗？常用参考 0.70，有后果的决定 0.80。",
            (
                "What of the differences between scores is not chance, whoever is asked: 0.70 by custom, "
                "0.80 where consequences follow."
            ),
        ),
        formula="τ²/(τ² + se_process²)",
        source=sources.RELIABILITY,
    ),
    "unit_reliability": Figure(
        name=("单位信度 λ（本批人）", "Unit reliability λ (these people)"),
        reading=(
            "得分的差别中不是偶然的部分，但只问“眼下这批人怎么看”，因此较高。",
            "What of the differences is not chance, for the people of the frame alone; so it is higher.",
        ),
        formula="τ²/(τ² + se²)",
        source=sources.RELIABILITY,
    ),
    "sd": Figure(
        name=("单位间标准差", "SD between units"),
        reading=(
            "去掉偶然波动后，同类单位的真实水平相差多少分。",
            "How many points units truly differ by, chance taken out.",
        ),
        formula="τ",
        source="DerSimonian & Kacker 2007, doi:10.1016/j.cct.2006.04.004; Viechtbauer 2007, doi:10.1002/sim.2514",
    ),
    "pairs": Figure(
        name=("分得开的对数", "Pairs apart"),
        reading=(
            "同类单位两两比较，差别超出偶然的有几对（已按比较次数从严）。",
            "Of all pairs of units, how many differ beyond chance, corrected for their number.",
        ),
        source="Welch 1947, doi:10.1093/biomet/34.1-2.28; Holm 1979",
    ),
    "place": Figure(
        name=("位次区间", "Range of places"),
        reading=(
            "括号里是数据允许的位次范围；所有单位的范围一起成立的把握与区间相同。",
            "In brackets the places that the data allow; all ranges together hold with the confidence of the interval.",
        ),
        source=sources.PLACES,
    ),
    "shrunken": Figure(
        name=("向均值收缩的参考值", "Drawn towards the mean"),
        reading=(
            "按偶然成分把得分拉向同类平均，是旁证，不是得分。",
            "The score drawn towards the category's mean as far as chance goes; a second opinion, never the score.",
        ),
        formula="μ + λ·(score − μ)",
        source=sources.SHRINKAGE,
    ),
    "severity": Figure(
        name=("部门之间宽严的标准差", "SD of severity between departments"),
        reading=(
            "评同样的单位，各部门给分平均相差多少。部门评的单位不同，宽严会影响单位之间的比较。",
            "How far departments differ on the same units. Rated by others, a unit may look better or worse.",
        ),
        source="McGraw & Wong 1996, doi:10.1037/1082-989X.1.1.30",
    ),
    "adjusted": Figure(
        name=("按平均宽严折算", "At average severity"),
        reading=(
            "假如评它的部门宽严都一样，得分大约是多少。旁证，不是得分；只在有部门评多个单位时给出。",
            "What the score would be if all departments were equally severe. A second opinion, never the score.",
        ),
        formula="y = μ + unit + department + error",
        source="McGraw & Wong 1996, doi:10.1037/1082-989X.1.1.30",
    ),
}

OF_WAVES = {
    "trend": Figure(
        name=("与上一轮的变化", "Change since the earlier campaign"),
        reading=(
            (
                "本轮得分减上一轮得分。区间跨过 0，就不能说有变化；超出误差的判断已按同时比较的单位数从严（Holm）。"
                "两轮按互不相干计算：匿名答卷认不出谁答过两次，所以偏保守。"
            ),
            (
                "This score less the earlier one. Where the interval holds 0 there is no change to speak of; verdicts "
                "allow for the number of units (Holm). Waves count as independent, which is cautious: anonymous "
                "answers do not tell who answered twice."
            ),
        ),
        formula="difference ± t·√(se_process₁² + se_process₂²)",
        source="Welch 1947, doi:10.1093/biomet/34.1-2.28; Holm 1979",
    ),
}

OF_PRIORITIES = {
    "driver": Figure(
        name=("与总体评价的关系", "Weight for the overall item"),
        reading=(
            "总体评价的差别中，与这一维度有关的部分（相对权重）。只是相关，不证明因果。",
            "What of the differences in the overall item goes with the dimension. No proof of a cause.",
        ),
        source="Johnson 2000, doi:10.1207/S15327906MBR3501_1",
    ),
    "quadrant": Figure(
        name=("改进次序", "Where to act"),
        reading=(
            "与总体评价关系大而得分偏低的，先改进；区间跨过分界线的，不下判断。",
            "Act first where a dimension weighs much and scores low; where an interval crosses the border, no verdict.",
        ),
        source="Martilla & James 1977, doi:10.1177/002224297704100112",
    ),
    "top_two": Figure(
        name=("前两档占比", "Top two"),
        reading=(
            "选最好两档的人占作答者的比例，括号里是区间。",
            "Share of those who gave one of the two best answers; in brackets its interval.",
        ),
        source="Wilson 1927, doi:10.2307/2276774",
    ),
}
