"""The sheets behind the scores: comparisons, quality of responses, reliability, agreement, validity.

Every row is one finding of the stored report; words and sources stand beside the numbers, so that a sheet that is
passed on still says what it means.
"""

from collections.abc import Iterator

from survey_app.scores.export.book import Book, Cells, figure_format, of_units, table_sheet
from survey_app.scores.queries import answer_quality, display, insights, scales
from survey_app.scores.rules import words


def comparisons(one: Book) -> None:
    """Each unit beside the others of its category."""
    headings = [
        one.say("指标", "Indicator"), one.say("类别", "Category"), one.say("单位代码", "Unit code"),
        one.say("单位", "Unit"), one.say("得分", "Score"), one.say("单位信度 λ（换人）", "λ (process)"),
        one.say("单位信度 λ（本批人）", "λ (these people)"), one.say("还需答卷或部门", "More needed"),
        one.say("λ 目标", "Target λ"), one.say("位次下限", "Place from"), one.say("位次", "Place"),
        one.say("位次上限", "Place to"), one.say("不给位次的原因", "Why no place"),
        one.say("参考（收缩）", "Drawn in"), one.say("收缩下限", "Drawn in from"), one.say("收缩上限", "Drawn in to"),
        one.say("可比单位", "Units"), one.say("单位间标准差", "SD between"), one.say("标准差下限", "SD from"),
        one.say("标准差上限", "SD to"), one.say("分得开的对数", "Pairs apart"), one.say("总对数", "Pairs"),
    ]  # fmt: skip

    def rows() -> Iterator[Cells]:
        content = one.content
        places = content.snapshot.by_place()
        for found in content.snapshot.document["comparisons"]:
            for standing in found["standings"]:
                score = places[standing["unit"], found["indicator"]]
                name = content.snapshot.unit(standing["unit"])["name"]
                refusals = display.said(standing["refusals"], score, content.names, name)
                yield [
                    (content.names.indicator(found["indicator"]), one.text),
                    (found["category"], one.text),
                    (standing["unit"], one.text),
                    (name, one.text),
                    (score["score"], figure_format(one, "score", rounded=display.is_rounded(score))),
                    (standing["unit_reliability_process"], one.fine),
                    (standing["unit_reliability"], one.fine),
                    (standing["answers_needed"], one.whole),
                    (found["target"], one.fine),
                    *((standing[field], one.whole) for field in ("rank_lo", "rank", "rank_hi")),
                    (" ".join(said.sentence for said in refusals), one.wrapped),
                    *((standing[field], one.figure) for field in ("shrunken", "shrunken_lo", "shrunken_hi")),
                    (found["n_units"], one.whole),
                    *((found[field], one.figure) for field in ("sd", "sd_lo", "sd_hi")),
                    (found["pairs_apart"], one.whole),
                    (found["pairs"], one.whole),
                ]

    table_sheet(one, ("单位比较", "Comparisons"), headings, rows, wide={0: 20, 1: 14, 3: 24, 12: 48}, names=4)


def quality(one: Book) -> None:
    """Each family of signals in each questionnaire."""
    headings = [
        one.say("问卷", "Questionnaire"), one.say("评估份数", "Assessed"), one.say("有信号", "Any signal"),
        one.say("未纳入计算", "Left out"), one.say("规则（至少几类）", "Rule (families)"),
        one.say("误排除估计", "Expected false"), one.say("误排除至多", "At most"),
        one.say("认真者误排除率", "Rate of false"),
        one.say("误排除率测自", "Rate measured on"), one.say("信号", "Signal"), one.say("能否判断", "Measured"),
        one.say("有此信号", "Show it"), one.say("看什么", "What is looked at"), one.say("依据", "Source"),
    ]  # fmt: skip

    def rows() -> Iterator[Cells]:
        document = one.content.snapshot.document
        blocks = answer_quality.quality_blocks(one.content.snapshot, one.content.names)
        for found, block in zip(document["quality"], blocks, strict=True):
            counts = dict(zip(found["available"], found["flagged"], strict=True))
            for family in block.families:
                yield [
                    (block.questionnaire, one.text),
                    *((found[field], one.whole) for field in ("n", "n_flagged", "n_excluded", "exclude_when")),
                    (found["expected_false"], one.figure),
                    (found["false_upper"], one.whole),
                    (found["false_rate"], one.rate),
                    (block.measured_on, one.wrapped),
                    (family.name, one.text),
                    (one.say("能", "yes") if family.available else one.say("不能", "no"), one.text),
                    (counts.get(family.code), one.whole),
                    (family.what, one.wrapped),
                    (family.source, one.wrapped),
                ]

    table_sheet(one, ("答卷质量", "Response quality"), headings, rows, wide={0: 20, 8: 40, 9: 20, 12: 48, 13: 48})


def reliability(one: Book) -> None:
    """Each item in each α, over all units and in each."""
    fields = {
        "coefficient": ("报告的信度", "Reported"), "alpha": ("α", "α"), "influence_lo": ("α 区间下限", "α from"),
        "influence_hi": ("α 区间上限", "α to"), "feldt_lo": ("Feldt 下限", "Feldt from"),
        "feldt_hi": ("Feldt 上限", "Feldt to"), "bonett_lo": ("Bonett 下限", "Bonett from"),
        "bonett_hi": ("Bonett 上限", "Bonett to"), "omega": ("ω（总）", "ω total"),
        "omega_hierarchical": ("ω（共同主题）", "ω hierarchical"), "lambda2": ("λ2", "λ2"),
        "split_least": ("最差分半", "Worst halves"), "split_greatest": ("最好分半", "Best halves"),
        "standardized_alpha": ("标准化 α", "Standardised α"), "alpha_total": ("α（不分单位）", "α, one group"),
        "alpha_between": ("α（单位之间）", "α between"), "alpha_between_lo": ("单位之间下限", "α between from"),
        "alpha_between_hi": ("单位之间上限", "α between to"),
    }  # fmt: skip
    headings = [
        one.say("单位", "Unit"), one.say("指标", "Indicator"), one.say("问卷", "Questionnaire"),
        one.say("完整作答", "Complete"), *(one.say(*named) for named in fields.values()),
        one.say("题目", "Item"), one.say("题目与其余相关", "Item-rest"), one.say("删去后 α", "α if deleted"),
        one.say("怎么看", "How to read it"),
    ]  # fmt: skip

    def rows() -> Iterator[Cells]:
        every = one.say("全部单位", "all units")
        blocks = [(every, block) for block in one.content.snapshot.document["reliability"]]
        blocks += [(unit, block) for score, unit in of_units(one) for block in score["reliability"]]
        for unit, block in blocks:
            shown = scales.scale(block, one.content.names)
            start: Cells = [
                (unit, one.text),
                (one.content.names.indicator(block["indicator"]), one.text),
                (shown.questionnaire, one.text),
                (block["n"], one.whole),
                *((block[field], one.fine) for field in fields),
            ]
            of_items = zip(block["items"], block["item_rest"], block["alpha_if_deleted"], strict=True)
            for item, rest, deleted in of_items:
                text = one.content.names.item(block["questionnaire"], item)
                yield [*start, (text, one.wrapped), (rest, one.fine), (deleted, one.fine), (shown.verdict, one.wrapped)]

    table_sheet(one, ("信度", "Reliability"), headings, rows, wide={0: 24, 1: 20, 2: 20, 22: 48, 25: 48}, names=3)


def agreement(one: Book) -> None:
    """Agreement within each unit, and differences between all of them."""
    headings = [
        one.say("范围", "Scope"), one.say("指标", "Indicator"), one.say("问卷", "Questionnaire"),
        one.say("单位数", "Units"), "ICC(1)", one.say("ICC(1) 下限", "ICC(1) from"),
        one.say("ICC(1) 上限", "ICC(1) to"), "ICC(2)", "F", "p", one.say("完整作答", "Complete"),
        one.say("r_wg(j) 均匀", "r_wg(j) even"), one.say("r_wg(j) 偏好评", "r_wg(j) skewed"),
        one.say("怎么看", "How to read it"), one.say("注意", "Note"),
    ]  # fmt: skip
    content = one.content

    def rows() -> Iterator[Cells]:
        for found in content.snapshot.document["agreement"]:
            yield [
                (one.say("全部单位", "all units"), one.text),
                *_whose(one, found["indicator"], found["questionnaire"]),
                (found["n_units"], one.whole),
                *((found[field], one.fine) for field in ("icc1", "icc1_lo", "icc1_hi", "icc2", "f")),
                (found["p"], one.tiny),
                *((None, one.fine) for _ in range(3)),
                (scales.units_agreement(found, content.names).verdict, one.wrapped),
                (words.estimate(found["status"], content.language), one.wrapped),
            ]
        for score, unit in of_units(one):
            for found in score["agreement"]:
                yield [
                    (unit, one.text),
                    *_whose(one, score["indicator"], found["questionnaire"]),
                    *((None, one.fine) for _ in range(7)),
                    (found["n"], one.whole),
                    (found["r_wg_j"], one.fine),
                    (found["r_wg_j_skewed"], one.fine),
                    (scales.unit_agreement(found, content.names).verdict, one.wrapped),
                    (words.estimate(found["status"], content.language), one.wrapped),
                ]

    table_sheet(one, ("一致性", "Agreement"), headings, rows, wide={0: 24, 1: 20, 2: 20, 13: 48, 14: 40}, names=3)


def validity(one: Book) -> None:
    """What the items of each α are about, dimension by dimension."""
    fields = ("dimensions_found", "eigenvalue_ratio", "kmo", "bartlett_p", "cfi", "rmsea", "srmr", "ordinal_alpha")
    headings = [
        one.say("指标", "Indicator"), one.say("问卷", "Questionnaire"), one.say("看得出的主题数", "Themes"),
        one.say("特征值之比", "Eigenvalue ratio"), "KMO", one.say("Bartlett 的 p", "Bartlett's p"),
        "CFI", "RMSEA", "SRMR", one.say("有序 α", "Ordinal α"), one.say("维度", "Dimension"),
        one.say("题数", "Items"), "CR", "AVE", one.say("最难与之区分的维度", "Hardest to tell from"), "HTMT",
        one.say("怎么看", "How to read it"),
    ]  # fmt: skip
    content = one.content
    audiences = {indicator["code"]: indicator["audience"] for indicator in content.snapshot.indicators}
    forms = {"dimensions_found": one.whole, "bartlett_p": one.tiny}

    def rows() -> Iterator[Cells]:
        for found in content.snapshot.document["validity"]:
            audience = audiences[found["indicator"]]
            shown = scales.validity(found, None, content.names, audience)
            start: Cells = [
                *_whose(one, found["indicator"], found["questionnaire"]),
                *((found[field], forms.get(field, one.fine)) for field in fields),
            ]
            for row, stored in zip(shown.dimensions, found["dimensions"], strict=True):
                yield [
                    *start,
                    (row.title, one.text),
                    (row.n_items, one.whole),
                    (stored["composite_reliability"], one.fine),
                    (stored["average_variance_extracted"], one.fine),
                    (None if stored["nearest"] is None else row.nearest, one.text),
                    (stored["htmt"], one.fine),
                    (shown.verdict, one.wrapped),
                ]
            if not shown.dimensions:
                yield [*start, *((None, one.text) for _ in range(6)), (shown.verdict, one.wrapped)]

    table_sheet(one, ("结构", "Structure"), headings, rows, wide={0: 20, 1: 20, 10: 20, 14: 20, 16: 48}, names=2)


def drivers(one: Book) -> None:
    """How much each dimension has to do with the overall item, and where it stands in each unit."""
    headings = [
        one.say("指标", "Indicator"), one.say("维度", "Dimension"), one.say("相对权重", "Relative weight"),
        one.say("下限", "From"), one.say("上限", "To"), "R²", one.say("注意", "Note"),
    ]  # fmt: skip
    content = one.content

    def rows() -> Iterator[Cells]:
        shown = insights.drivers(content.snapshot, content.names)
        for found, row in zip(content.snapshot.about("drivers"), shown, strict=True):
            yield [
                (row.indicator, one.text),
                (row.part, one.text),
                *((found[field], one.fine) for field in ("weight", "lo", "hi", "r_squared")),
                (row.remark, one.wrapped),
            ]

    table_sheet(one, ("要因", "Drivers"), headings, rows, wide={0: 24, 1: 24, 6: 40})


def severity(one: Book) -> None:
    """How far departments differ in severity."""
    headings = [
        one.say("指标", "Indicator"), one.say("部门数", "Departments"), one.say("评多个单位的", "Rating several"),
        one.say("互不相连的组", "Groups"), one.say("宽严标准差", "SD of severity"),
        one.say("其余标准差", "Residual SD"), one.say("注意", "Note"),
    ]  # fmt: skip
    content = one.content

    def rows() -> Iterator[Cells]:
        shown = insights.severities(content.snapshot, content.names)
        for found, row in zip(content.snapshot.about("severities"), shown, strict=True):
            yield [
                (row.indicator, one.text),
                *((found[field], one.whole) for field in ("raters", "crossing", "groups")),
                *((found[field], one.figure) for field in ("severity_sd", "residual_sd")),
                (row.remark, one.wrapped),
            ]

    table_sheet(one, ("部门宽严", "Severity"), headings, rows, wide={0: 24, 6: 40})


def _whose(one: Book, indicator: str, questionnaire: str) -> Cells:
    return [
        (one.content.names.indicator(indicator), one.text),
        (one.content.names.questionnaire(questionnaire), one.text),
    ]
