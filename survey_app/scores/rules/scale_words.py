"""Names, readings, formulas and sources of the figures about items: reliability, agreement, validity."""

from survey_app.scores.rules import sources
from survey_app.scores.rules.figure_words import Figure

OF_SCALES = {
    "alpha": Figure(
        name=("α（Cronbach）", "α (Cronbach)"),
        reading=(
            "题目之间的一致程度；题目越多自然越高。常用 0.70 作参考，但不是定律；它不说明单位之间分得开。",
            (
                "How far items go together; more items alone raise it. 0.70 is a custom, not a law; "
                "it does not say that units differ."
            ),
        ),
        formula="k/(k−1)·(1 − Σs²ⱼ/s²_T)",
        source=f"{sources.ALPHA}; {sources.ALPHA_CUSTOM}; {sources.ALPHA_INTERVAL}",
    ),
    "spearman_brown": Figure(
        name=("两题信度（Spearman-Brown）", "Two items (Spearman-Brown)"),
        reading=("只有两道题时报告这个系数。", "The coefficient to report where there are two items."),
        formula="2r/(1 + r)",
        source=sources.TWO_ITEMS,
    ),
    "feldt": Figure(
        name=("α 的 Feldt 区间", "Feldt's interval of α"),
        reading=(
            "假定答案呈正态分布的区间，供与 SPSS、R 对照；评分题的数据常使它偏窄。",
            "Assumes normal answers; for comparison with SPSS and R. Often too narrow for rating items.",
        ),
        source="Feldt 1965, doi:10.1007/BF02289499",
    ),
    "bonett": Figure(
        name=("α 的 Bonett 区间", "Bonett's interval of α"),
        reading=(
            "同样假定正态，用对数变换；作对照用。",
            "Also assumes normality, on a log scale; for comparison.",
        ),
        source="Bonett 2002, doi:10.3102/10769986027004335",
    ),
    "omega": Figure(
        name=("ω（总）", "ω total"),
        reading=(
            "允许各题轻重不同的一致程度。比 α 高出许多，说明各题轻重不一。",
            "Consistency where items may weigh differently. Well above α: they do.",
        ),
        formula="(Σλⱼ)²/((Σλⱼ)² + Σψⱼ)",
        source=sources.OMEGA,
    ),
    "omega_hierarchical": Figure(
        name=("ω（共同主题）", "ω hierarchical"),
        reading=(
            "总分中只归于一个共同主题的部分；文献以 0.50 为低限、0.75 为宜。",
            "What of the total belongs to one common theme; the literature asks for 0.50, better 0.75.",
        ),
        formula="(Σgⱼ)²/s²_T",
        source="Reise, Bonifay & Haviland 2013, doi:10.1080/00223891.2012.725437",
    ),
    "lambda2": Figure(
        name=("λ2（Guttman）", "λ2 (Guttman)"),
        reading=("信度的一个下限，不低于 α。", "A lower bound of reliability, never below α."),
        source=sources.LAMBDAS,
    ),
    "halves": Figure(
        name=("分半信度（最差–最好）", "Split halves (worst–best)"),
        reading=(
            "把题目分成两半的各种分法里，最差和最好的结果。相差很大，说明题目不均匀。",
            "The worst and the best of all ways to split the items in two. Far apart: the items are uneven.",
        ),
        source=f"{sources.LAMBDAS}; Revelle 1979, doi:10.1207/s15327906mbr1401_4",
    ),
    "standardized_alpha": Figure(
        name=("标准化 α", "Standardised α"),
        reading=("假如各题分散程度相同时的 α。", "α if all items spread alike."),
        source=sources.ALPHA,
    ),
    "alpha_total": Figure(
        name=("α（不分单位）", "α, units not kept apart"),
        reading=(
            "把所有人当作一组算出的 α；含单位之间的差别，通常偏高，仅作对照。",
            "All responses as one group; differences between units make it look higher. For comparison.",
        ),
        source=sources.BETWEEN,
    ),
    "alpha_between": Figure(
        name=("α（单位之间）", "α between units"),
        reading=(
            "各单位的平均分在题目之间是否同高同低。单位少时很粗略。",
            "Whether units' means rise and fall together over the items. Rough where units are few.",
        ),
        source=sources.BETWEEN,
    ),
}

OF_AGREEMENT = {
    "r_wg_j": Figure(
        name=("r_wg(j)，对照：均匀分布", "r_wg(j) beside even answers"),
        reading=(
            "与各选项被选机会相等相比，本单位的人看法有多集中；0.70 是常用参考。这种对照偏宽。",
            "How far people agree, beside answers spread evenly over the scale; 0.70 is the custom. It flatters.",
        ),
        formula="j(1 − m/σ²)/(j(1 − m/σ²) + m/σ²)",
        source=sources.AGREEMENT,
    ),
    "r_wg_j_skewed": Figure(
        name=("r_wg(j)，对照：略偏好评", "r_wg(j) beside mildly favourable answers"),
        reading=(
            "与人们惯于往好里打的情形相比，更严。两个数差得多时以它为准。",
            "Beside answers that lean towards good, as answers do. The stricter one; trust it where they differ.",
        ),
        source=sources.AGREEMENT,
    ),
    "icc1": Figure(
        name=("ICC(1)", "ICC(1)"),
        reading=(
            "每个人回答的差别中，有多少是单位之间的差别。文献以 0.05 为小、0.10 为中、0.25 为大。",
            "How much of the differences between answers lies between units: .05 small, .10 medium, .25 large.",
        ),
        formula="(MSB − MSW)/(MSB + (n₀ − 1)·MSW)",
        source=sources.AGREEMENT,
    ),
    "icc2": Figure(
        name=("ICC(2)", "ICC(2)"),
        reading=(
            "单位平均分的信度，是各单位的平均数，会掩盖人数少的单位；单个单位请看 λ。",
            "Reliability of units' means, an average that hides small units; for one unit see λ.",
        ),
        formula="(MSB − MSW)/MSB",
        source=sources.AGREEMENT,
    ),
}

OF_VALIDITY = {
    "kmo": Figure(
        name=("KMO", "KMO"),
        reading=(
            "题目有多少共同之处：0.50 以下不宜合并，0.60 勉强，0.80 以上为好。",
            "How much items have in common: under .50 do not combine them, .60 mediocre, .80 good.",
        ),
        source=sources.ADEQUACY,
    ),
    "bartlett": Figure(
        name=("Bartlett 检验的 p", "Bartlett's test, p"),
        reading=(
            "检验题目之间是否毫无关系。答卷一多几乎总是很小，只是必要条件。",
            "Tests whether items are unrelated. Almost always tiny with many answers: necessary, not sufficient.",
        ),
        source="Bartlett 1951, doi:10.1093/biomet/38.3-4.337",
    ),
    "dimensions_found": Figure(
        name=("看得出的主题数（平行分析）", "Themes found (parallel analysis)"),
        reading=(
            "与随机数据相比，题目背后有几个共同主题。多于一个时，总分是几个主题的合计。",
            "How many common themes lie behind the items, beside random data. More than one: the total adds them up.",
        ),
        source=sources.DIMENSIONS,
    ),
    "eigenvalue_ratio": Figure(
        name=("第一与第二特征值之比", "First to second eigenvalue"),
        reading=(
            "越大，越像只有一个主题；常以 3 至 4 以上作参考，没有定论。",
            "The larger, the more it looks like one theme; above 3 or 4 is a custom without a firm rule.",
        ),
        source="Hattie 1985, doi:10.1177/014662168500900204",
    ),
    "cfi": Figure(
        name=("CFI（单因子）", "CFI (one factor)"),
        reading=(
            "单一主题的模型与数据有多合：惯例 0.95 以上；界线有争议。",
            "How well one theme fits: .95 by custom, a disputed line.",
        ),
        source=sources.FIT,
    ),
    "rmsea": Figure(
        name=("RMSEA（单因子）", "RMSEA (one factor)"),
        reading=(
            "单一主题的模型与数据差多少，越小越好：惯例 0.06 以下。",
            "How far one theme misses: .06 or less by custom.",
        ),
        source=sources.FIT,
    ),
    "srmr": Figure(
        name=("SRMR（单因子）", "SRMR (one factor)"),
        reading=(
            "单一主题没有解释的相关，越小越好：惯例 0.08 以下。",
            "Correlations that one theme leaves: .08 or less by custom.",
        ),
        source=sources.FIT,
    ),
    "ordinal_alpha": Figure(
        name=("有序 α（诊断用）", "Ordinal α (a diagnostic)"),
        reading=(
            "假如选项是连续分数时的 α；不是所报得分的信度，不作门槛。",
            "α if choices were continuous; not the reliability of the score and never a gate.",
        ),
        source="Zumbo, Gadermann & Zeisser 2007, doi:10.22237/jmasm/1177992180; "
        "Chalmers 2018, doi:10.1177/0013164417727036",
    ),
    "composite_reliability": Figure(
        name=("组合信度 CR", "Composite reliability"),
        reading=("这一维度题目的一致程度；惯例 0.70。", "Consistency of the dimension's items; .70 by custom."),
        source=sources.CONVERGENCE,
    ),
    "average_variance_extracted": Figure(
        name=("平均提取方差 AVE", "Variance extracted (AVE)"),
        reading=(
            "题目差别中归于这一维度的部分；惯例 0.50。",
            "What of the items' differences belongs to the dimension; .50 by custom.",
        ),
        source=sources.CONVERGENCE,
    ),
    "htmt": Figure(
        name=("与最相近维度的 HTMT", "HTMT with the nearest dimension"),
        reading=(
            "两个维度分不分得开：0.85–0.90 以上，受访者没有把它们分开看。",
            "Whether two dimensions can be told apart: above .85–.90 people did not.",
        ),
        source=sources.HTMT,
    ),
}
