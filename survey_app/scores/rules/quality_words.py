"""Careless answering in words: families of signals, single signals, and what an excluding rule costs.

Must stay true: every family and every flag of `analysis.quality.families` has words here, in both languages; no word
accuses anybody, for a signal is not a proof.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Signs:
    """One family of signals. flags: its single signals; what: what is looked at; source: where its cuts come from."""

    name: tuple[str, str]
    flags: tuple[str, ...]
    what: tuple[str, str]
    source: str


FAMILIES = {
    "time": Signs(
        ("时间过短", "Time"),
        ("speed",),
        (
            "平均每题不到问卷规定的秒数（不另规定时为 2 秒），或远快于多数人。",
            "Fewer seconds an item than the questionnaire sets (2 unless it says otherwise), or far fewer than most.",
        ),
        "Huang et al. 2012, doi:10.1007/s10869-011-9231-8; Leys et al. 2013, doi:10.1016/j.jesp.2013.03.013",
    ),
    "invariability": Signs(
        ("一字到底或分散过小", "One answer throughout"),
        ("longstring", "low_irv"),
        (
            "正向题和反向题都选同一个答案，或答案几乎没有变化。",
            "The same answer to items that point opposite ways, or hardly any change of answer.",
        ),
        "Curran 2016, doi:10.1016/j.jesp.2015.07.006; Dunn et al. 2018, doi:10.1007/s10869-016-9479-0",
    ),
    "inconsistency": Signs(
        ("前后不一", "Inconsistency"),
        ("mahalanobis", "misfit", "reversed_gap", "even_odd", "pair"),
        (
            "意思相近的题答得相反，或答案组合几乎没有别人这样选。",
            "Items that ask the same answered with opposites, or a combination that hardly anybody gives.",
        ),
        "Meade & Craig 2012, doi:10.1037/a0028085; Johnson 2005, doi:10.1016/j.jrp.2004.09.009; "
        "Emons 2008, doi:10.1177/0146621607302479",
    ),
    "instructed": Signs(
        ("指令题未通过", "Instructed item"),
        ("attention",),
        (
            "题目写明请选某一项，却选了别的。",
            "An item that said which answer to choose was answered otherwise.",
        ),
        "Meade & Craig 2012, doi:10.1037/a0028085",
    ),
    "integrity": Signs(
        ("漏答过多", "Left blank"),
        ("missing",),
        ("应当作答的题目有一半以上没有作答。", "More than half of the items that applied were skipped."),
        "AAPOR Standard Definitions",
    ),
}

FLAGS = {
    "speed": ("作答过快", "Answered too fast"),
    "longstring": ("半数以上题目连续选同一项", "One answer down half of the items"),
    "low_irv": ("答案几乎没有变化（至多一题差一档）", "Hardly any change of answer (one item, one step off at most)"),
    "mahalanobis": ("答案组合异常（约百人中不到一人）", "An unusual combination of answers (about 1 in 100 or rarer)"),
    "misfit": ("答法与各题的普遍高低不符", "Answers that ignore which items most rate high and which low"),
    "reversed_gap": (
        "反向题按正向作答（相差超过满量程一半）",
        "Reversed items answered as if they were not (more than half of the scale apart)",
    ),
    "even_odd": (
        "同一量表两半对不上（一致程度不到 0.30）",
        "Halves of the same scales do not go together (agreement under .30)",
    ),
    "pair": ("同义题答得相反", "Two items that ask the same answered with opposites"),
    "attention": ("指令题未通过", "Instructed item failed"),
    "missing": ("一半以上题目未答", "More than half of the items skipped"),
}

# What the rate of careful people left out was counted on.
MEASURED_ON = (
    "%(items)s 道题，其中反向题 %(reversed_items)s 道，每题 %(choices)s 个选项",
    "%(items)s items, %(reversed_items)s of them reversed, of %(choices)s choices",
)
NOT_MEASURED = ("不在已测范围", "outside of what was measured")

# Where the rule that two families are asked for, and the count of careful people it leaves out, come from.
RULE_SOURCE = "Curran 2016, doi:10.1016/j.jesp.2015.07.006; Meade & Craig 2012, doi:10.1037/a0028085"
BUDGET_SOURCE = "Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404"
