"""A sentence in Chinese and in English for every reason and caution that a score can have, and how to read it.

The codes are those of `analysis.cautions.Code` and the two that this capability adds; a test fails when one has no
words. Where a threshold comes from stands in `sources`. In a sentence {number} is what was found and {threshold} what
it was held against; whose it is (a part, an item, a stratum) is put before it. `bare` is said where the rules of
publication took the number away.
"""

from dataclasses import dataclass
from typing import Literal

Form = Literal["count", "share", "points", "alpha", "places"]


@dataclass(frozen=True, kw_only=True)
class ReasonWords:
    """What is said of one code. form: how its number and threshold are written."""

    zh: str
    en: str
    bare_zh: str = ""
    bare_en: str = ""
    read_zh: str
    read_en: str
    form: Form = "count"


WITHHELD = {
    "no_answers": ReasonWords(
        zh="没有可以计分的答卷。",
        en="There is no response that can be scored.",
        read_zh="这一人群还没有人答够可以计分的题目。不记为 0 分，等收到答卷后再计算。",
        read_en="Nobody in this audience has answered enough items yet. This is not a zero; compute again later.",
    ),
    "part_without_answers": ReasonWords(
        zh="没有人答够可以计分的题目。",
        en="Nobody answered enough items.",
        read_zh="缺少的部分不能由其他部分代替，权重也不会重新分配，因此整个指标暂不计分。",
        read_en="Other parts never stand in for a missing one and weights are not changed, so there is no score.",
    ),
    "too_few_responses": ReasonWords(
        zh="有效答卷 {number} 份，少于计分所需的 {threshold} 份。",
        en="{number} valid responses, fewer than the {threshold} that a score needs.",
        bare_zh="有效答卷少于计分所需的 {threshold} 份。",
        bare_en="There are fewer valid responses than the {threshold} that a score needs.",
        read_zh="答卷太少时，个别人的看法会左右结果。请继续收集，或由评估人改用其他依据。",
        read_en="With so few responses single opinions decide. Collect more, or rely on other evidence.",
    ),
    "too_few_departments": ReasonWords(
        zh="有 {number} 个部门的有效评价，少于计分所需的 {threshold} 个。",
        en="Valid ratings by {number} departments, fewer than the {threshold} that a score needs.",
        bare_zh="作出有效评价的部门少于计分所需的 {threshold} 个。",
        bare_en="Fewer departments than the {threshold} that a score needs gave valid ratings.",
        read_zh="部门太少时，一两个部门的关系好坏会左右结果。",
        read_en="With so few departments one or two relations decide the result.",
    ),
    "alpha_below": ReasonWords(
        zh="题目之间不够一致(信度 α = {number}，须达到 {threshold})。",
        en="The items do not hang together well enough (α = {number}, needed: {threshold}).",
        bare_zh="题目之间不够一致(信度 α 未达到 {threshold})。",
        bare_en="The items do not hang together well enough (α below {threshold}).",
        read_zh="这些题目没有在测同一件事，或许多人随意作答，平均分没有可靠的含义。请检查题目和收集过程。",
        read_en="The items do not measure one thing, or many answered at random; their mean has no reliable meaning.",
        form="alpha",
    ),
    "exclusion_shift_withholds": ReasonWords(
        zh="未纳入计算的答卷使分数变化 {number} 分，超过 {threshold} 分。",
        en="Leaving out careless responses moves the score by {number} points, more than {threshold}.",
        bare_zh="未纳入计算的答卷使分数变化超过 {threshold} 分。",
        bare_en="Leaving out careless responses moves the score by more than {threshold} points.",
        read_zh="结果取决于是否剔除部分答卷，不能作为依据。",
        read_en="The result hangs on what is left out, so it cannot be relied on.",
        form="points",
    ),
    "held": ReasonWords(
        zh="评估组长登记了查实的引导填答或代填。",
        en="The lead evaluator recorded a proven case of guiding or filling in for others.",
        read_zh="在登记撤销之前，这一人群的结果不计分。",
        read_en="Until the record is lifted, the results of this audience are not scored.",
    ),
    "more_answers_than_population": ReasonWords(
        zh="作答 {number} 人次，多于总数 {threshold}。",
        en="{number} answered, more than the {threshold} there are.",
        bare_zh="作答的多于总数 {threshold}。",
        bare_en="More answered than the {threshold} there are.",
        read_zh="总体人数填错，或有重复填答。请核对分层人数和填答卡登记。",
        read_en="The population's size is wrong, or somebody answered twice. Check the frame and the card register.",
    ),
    "more_used_than_handed_out": ReasonWords(
        zh="已使用的填答码 {number} 个，多于登记发放的 {threshold} 张卡。",
        en="{number} access codes were used, more than the {threshold} cards registered as handed out.",
        bare_zh="已使用的填答码多于登记发放的 {threshold} 张卡。",
        bare_en="More access codes were used than the {threshold} cards registered as handed out.",
        read_zh="有卡片未经登记流出，或登记不全。请先核对卡片登记，再计算。",
        read_en="Cards left without being registered. Check the card register, then compute again.",
    ),
    "door_overused": ReasonWords(
        zh="有一处投放已使用的填答码多于发出的卡片。",
        en="At one door more access codes were used than cards had gone out.",
        read_zh="其中一处有卡片未经登记流出，或登记、清点有误。请核对这些投放的卡片登记和清点记录，再计算。",
        read_en="Cards of one door left without being registered, or its register or count is wrong. "
        "Check both, then compute again.",
    ),
    "collection_open": ReasonWords(
        zh="轮次尚未关闭，这一人群暂不计算。",
        en="The campaign is still open, so this audience is not computed yet.",
        read_zh="工作人员和相关部门彼此熟悉，边收边算会显出后来者的答案，因此关闭后一次算出。",
        read_en="Staff and departments know each other; computing while answers come in would show the latest ones.",
    ),
}

CAUTIONS = {
    "unused_not_counted": ReasonWords(
        zh="未用卡片没有在见证下清点，由评估组长说明原因后计算。",
        en="Unused cards were not counted with a witness; the lead evaluator gave a reason and let scores be computed.",
        read_zh="剩余卡片是否都未使用没有核实，发出多少张只凭登记。原因见卡片清点页和审计记录。",
        read_en="Nobody has checked that the cards left over were unused: what went out rests on the register alone. "
        "The reason stands on the page of counts and in the audit log.",
    ),
    "few_responses": ReasonWords(
        zh="有效答卷 {number} 份，不到 {threshold} 份，样本偏少。",
        en="{number} valid responses, fewer than {threshold}: a small sample.",
        bare_zh="有效答卷不到 {threshold} 份，样本偏少。",
        bare_en="Fewer than {threshold} valid responses: a small sample.",
        read_zh="分数可用，但误差较大，请连同区间一起看。",
        read_en="The score stands, but with a wide margin; read it with its interval.",
    ),
    "few_departments": ReasonWords(
        zh="有 {number} 个部门的有效评价，不到 {threshold} 个。",
        en="Valid ratings by {number} departments, fewer than {threshold}.",
        bare_zh="作出有效评价的部门不到 {threshold} 个。",
        bare_en="Fewer than {threshold} departments gave valid ratings.",
        read_zh="分数可用，但个别部门的影响较大，请连同区间一起看。",
        read_en="The score stands, but single departments weigh heavily; read it with its interval.",
    ),
    "response_rate_low": ReasonWords(
        zh="回收率 {number}，低于 {threshold}。",
        en="The response rate is {number}, below {threshold}.",
        bare_zh="回收率低于 {threshold}。",
        bare_en="The response rate is below {threshold}.",
        read_zh="没有作答的人可能看法不同，区间不反映这种偏差。",
        read_en="Those who did not answer may think differently; the interval does not show that.",
        form="share",
    ),
    "alpha_lower_low": ReasonWords(
        zh="信度 α 的区间下限 {number}，低于 {threshold}。",
        en="The interval of α begins at {number}, below {threshold}.",
        bare_zh="信度 α 的区间下限低于 {threshold}。",
        bare_en="The interval of α begins below {threshold}.",
        read_zh="题目之间的一致性可能不足，细小的分差不要解读。",
        read_en="The items may not be consistent enough; do not read anything into small differences.",
        form="alpha",
    ),
    "alpha_not_assessable": ReasonWords(
        zh="完整作答 {number} 份，不到 {threshold} 份，不能判断信度。",
        en="{number} complete responses, fewer than {threshold}: reliability cannot be assessed.",
        bare_zh="完整作答不到 {threshold} 份，不能判断信度。",
        bare_en="Fewer than {threshold} complete responses: reliability cannot be assessed.",
        read_zh="题目之间是否一致还看不出来，分数的可靠程度未知。",
        read_en="Whether the items hang together cannot be seen yet, so how reliable the score is remains open.",
    ),
    "wide_interval": ReasonWords(
        zh="区间半宽 {number} 分，超过 {threshold} 分。",
        en="The interval reaches {number} points to each side, more than {threshold}.",
        bare_zh="区间半宽超过 {threshold} 分。",
        bare_en="The interval reaches more than {threshold} points to each side.",
        read_zh="真实水平可能与所示分数相差较多，与其他单位的小差距没有意义。",
        read_en="The true level may lie well away from the score; small gaps to other units mean nothing.",
        form="points",
    ),
    "interval_not_assessable": ReasonWords(
        zh="只有一份答卷或一个部门，无法给出区间。",
        en="There is one response or one department only, so no interval can be given.",
        read_zh="没有区间的分数不能判断准确程度。",
        read_en="Without an interval nothing says how exact the score is.",
    ),
    "excluded_share_high": ReasonWords(
        zh="未纳入计算的答卷占 {number}，超过 {threshold}。",
        en="{number} of the responses were left out, more than {threshold}.",
        bare_zh="未纳入计算的答卷超过 {threshold}。",
        bare_en="More than {threshold} of the responses were left out.",
        read_zh="不认真作答较多，请了解收集时的情况。",
        read_en="Many answered carelessly; find out how the answers were collected.",
        form="share",
    ),
    "exclusion_shift_high": ReasonWords(
        zh="未纳入计算的答卷使分数变化 {number} 分，超过 {threshold} 分。",
        en="Leaving out careless responses moves the score by {number} points, more than {threshold}.",
        bare_zh="未纳入计算的答卷使分数变化超过 {threshold} 分。",
        bare_en="Leaving out careless responses moves the score by more than {threshold} points.",
        read_zh="分数对剔除规则比较敏感，请对照剔除前后的结果。",
        read_en="The score depends on what is left out; compare it with and without.",
        form="points",
    ),
    "negative_item_rest": ReasonWords(
        zh="与其余题目方向相反(相关 {number})。",
        en="It runs against the others (correlation {number}).",
        bare_zh="与其余题目方向相反。",
        bare_en="It runs against the others.",
        read_zh="可能是反向题没有标明，或题意被误解。请检查这道题。",
        read_en="A reversed item may not be marked as such, or it was misunderstood. Look at this item.",
        form="alpha",
    ),
    "stratum_without_answers": ReasonWords(
        zh="没有人作答，这一层占总体的 {number}。",
        en="Nobody answered; that is {number} of the population.",
        bare_zh="有的分层没有人作答。",
        bare_en="Some stratum had no answers.",
        read_zh="这部分人由其他人代表，分数可能有偏差。",
        read_en="Others stand in for them; the score may be off.",
        form="share",
    ),
    "population_unknown": ReasonWords(
        zh="有的分层人数未知，未能按人数加权。",
        en="The size of a stratum is not known, so strata could not be weighted.",
        read_zh="每份答卷同等计算；答得多的一层影响偏大。",
        read_en="Every response counts the same, so strata that answer more weigh more than they should.",
    ),
    "quality_not_assessable": ReasonWords(
        zh="能判断作答是否认真的信号只有 {number} 类，不到 {threshold} 类，因此一份答卷也没有剔除。",
        en="Only {number} families of signals of careless answering can be measured, fewer than {threshold}; "
        "nobody is left out.",
        bare_zh="能判断作答是否认真的信号不到 {threshold} 类，因此一份答卷也没有剔除。",
        bare_en="Fewer than {threshold} families of signals of careless answering can be measured; nobody is left out.",
        read_zh="单凭一类信号会误伤认真作答的人。不认真的答卷可能还在得分里，请结合收集过程判断。",
        read_en="One family alone would leave out careful people. Careless answers may still be in the score.",
    ),
    "non_probability": ReasonWords(
        zh="开放链接收集，属非概率样本。",
        en="Answers came through an open link: a non-probability sample.",
        read_zh="不知道邀请了谁，因此不给区间、不报回收率，只能说明参与者的看法。",
        read_en="Who was asked is not known: no interval, no response rate; it speaks for those who took part.",
    ),
}

NOTES = {
    "census": ReasonWords(
        zh="应当作答的 {threshold} 个全部作答({number})。",
        en="Everybody answered ({number} of {threshold}).",
        bare_zh="应当作答的全部作答。",
        bare_en="Everybody answered.",
        read_zh="没有抽样误差，不写“±0”。若换一批同类人员，结果的波动见“换人标准误”。",
        read_en="There is no sampling error. How it would vary with other people of the kind: see the process error.",
    ),
    "no_population_size": ReasonWords(
        zh="总体人数未知，未作有限总体修正。",
        en="The size of the population is not known; no finite population correction was made.",
        read_zh="区间可能比实际需要的宽一些。",
        read_en="The interval may be wider than it need be.",
    ),
    "no_finite_correction": ReasonWords(
        zh="没有一个部门有两份答卷，无法作有限总体修正。",
        en="No department has two responses, so the finite population correction cannot be made.",
        read_zh="区间可能比实际需要的宽一些。",
        read_en="The interval may be wider than it need be.",
    ),
    "strata_merged": ReasonWords(
        zh="有 {number} 个分层的答卷不足 2 份，并入了人数较多的一层。",
        en="{number} strata with fewer than two responses were joined to a larger one.",
        bare_zh="答卷不足 2 份的分层并入了人数较多的一层。",
        bare_en="Strata with fewer than two responses were joined to a larger one.",
        read_zh="并入后分数仍按总体人数加权。",
        read_en="The score is still weighted by the size of the population.",
    ),
    "no_variation": ReasonWords(
        zh="所有人给出的分数相同。",
        en="Everybody gave the same score.",
        read_zh="误差为 0 并不说明结果准确；请留意是否有统一口径填答。",
        read_en="An error of 0 does not mean precision; make sure that nobody was told what to answer.",
    ),
    "constant_item": ReasonWords(
        zh="所有人答案相同，不影响信度。",
        en="Everybody answered alike; the item adds nothing to reliability.",
        read_zh="这道题没有区分出不同看法。",
        read_en="This item told no opinions apart.",
    ),
    "alpha_not_defined": ReasonWords(
        zh="信度 α 无法计算：只有一道题，或总分没有差别。",
        en="α has no value: there is one item only, or the totals do not differ.",
        read_zh="题目之间的一致性无从判断。",
        read_en="Whether the items hang together cannot be said.",
    ),
    "questionnaires_pooled": ReasonWords(
        zh="合并了 {number} 份不同问卷的答卷。",
        en="Responses to {number} different questionnaires are averaged together.",
        bare_zh="合并了不同问卷的答卷。",
        bare_en="Responses to different questionnaires are averaged together.",
        read_zh="各问卷的题目不完全相同，信度分别列出。",
        read_en="Their items are not all the same; reliability is given for each.",
    ),
    "full_marks_moved": ReasonWords(
        zh="不适用，其满分 {number} 分并入本指标。",
        en="This does not apply; its {number} full marks were added here.",
        read_zh="本单位这一指标的满分因此高于评分方案所列。",
        read_en="The full marks of this indicator are therefore higher here than in the plan.",
        form="points",
    ),
    "unknown_department": ReasonWords(
        zh="有 {number} 份答卷未注明部门，每份按一个部门计。",
        en="{number} responses name no department; each counts as one.",
        bare_zh="有答卷未注明部门，每份按一个部门计。",
        bare_en="Some responses name no department; each counts as one.",
        read_zh="这些答卷若出自同一部门，其影响会偏大。",
        read_en="If they come from one department, it weighs more than it should.",
    ),
    "carried_forward": ReasonWords(
        zh="沿用第 {number} 次计算的结果：此后新增的填答太少。",
        en="Carried over from snapshot {number}: too few have answered since.",
        read_zh="最后几份答卷若计入，两次结果之差会显出这几个人的答案，因此不计入。",
        read_en="Counting the last few would show in the difference what they answered, so they are left out.",
    ),
}

PUBLICATION = {
    "audience_left_out": ReasonWords(
        zh="本单位不设这一人群。",
        en="The set-up does not ask this audience about the unit.",
        read_zh="不适用不等于 0 分；其满分按评分方案处理。",
        read_en="Not applicable is not a zero; the plan says what becomes of the full marks.",
    ),
    "too_few_to_show": ReasonWords(
        zh="人数少于 {threshold}，或人数很少且答案一致，不予显示。",
        en="Fewer than {threshold}, or a small group that answered alike: nothing is shown.",
        read_zh="为保护填答人，任何人都看不到这一格的数字。",
        read_en="To protect those who answered, nobody sees the numbers of this cell.",
    ),
    "rounded": ReasonWords(
        zh="人数少于 {threshold} 或总体很小，只给整数分，区间向外取整，不给分布。",
        en="Fewer than {threshold}, or a small population: whole numbers, wider interval, no distribution.",
        read_zh="更细的数字会透露个别人的答案。",
        read_en="Finer numbers would tell what single people answered.",
    ),
    "part_too_small": ReasonWords(
        zh="人数少于 {threshold}，不予显示；总分会透露它，因此一并不予显示。",
        en="Fewer than {threshold}; the score would give this part away, so neither is shown.",
        read_zh="为保护填答人，任何人都看不到这一格的数字。",
        read_en="To protect those who answered, nobody sees the numbers of this cell.",
    ),
}

# Why a unit is given no place (位次区间) beside the others of its category.
PLACES = {
    "rank_too_few_units": ReasonWords(
        zh="同类可比的单位有 {number} 个，少于 {threshold} 个。",
        en="{number} units of this category can be compared, fewer than {threshold}.",
        bare_zh="同类可比的单位少于 {threshold} 个。",
        bare_en="Fewer than {threshold} units of this category can be compared.",
        read_zh="单位太少时，位次随个别单位变动，说明不了水平高低。请直接看得分和区间。",
        read_en="Among so few, a place hangs on single units. Read the score and its interval instead.",
    ),
    "rank_reliability_low": ReasonWords(
        zh="单位信度 λ 为 {number}，低于 {threshold}。",
        en="The reliability of the unit's score is {number}, below {threshold}.",
        bare_zh="单位信度 λ 无法计算或低于 {threshold}。",
        bare_en="The reliability of the unit's score has no value or is below {threshold}.",
        read_zh="各单位得分的差别里，偶然成分太多；换一批人作答，先后很可能不同。",
        read_en="Too much of the differences between units is chance; other people would give another order.",
        form="alpha",
    ),
    "rank_set_wide": ReasonWords(
        zh="数据允许的位次有 {number} 个，超过同类单位的一半（{threshold}）。",
        en="The data allow {number} places, more than half of the units ({threshold}).",
        bare_zh="数据允许的位次超过同类单位的一半（{threshold}）。",
        bare_en="The data allow more places than half of the units ({threshold}).",
        read_zh="它可能靠前，也可能靠后，给一个位次会让人误以为分得清。",
        read_en="It may stand high or low; naming a place would suggest that the data can tell.",
        form="places",
    ),
}

REASON_WORDS = WITHHELD | CAUTIONS | NOTES | PUBLICATION | PLACES
