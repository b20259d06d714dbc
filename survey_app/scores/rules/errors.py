"""What can go wrong with scores, one class for each thing, in both languages."""

from survey_app.errors import AppError


class NothingToCompute(AppError):
    """A campaign that has never opened has no frozen plan to compute by."""

    code, status = "nothing_to_compute", 409
    zh = "轮次“{campaign}”尚未开放，没有可以计算的答卷。请先开放并收集答卷。"
    en = "The campaign “{campaign}” has not opened: there is nothing to compute. Open it and collect answers first."


class TooFewNewSittings(AppError):
    """A new snapshot beside the old one would show what a few people answered."""

    code, status = "too_few_new_sittings", 409
    zh = (
        "第 {number} 次计算以来，以下范围新增填答不足 {min_cell} 人次，或新增的少数人答得完全一样：{cells}。"
        "现在再算，两次结果之差会显出少数人的答案。"
        "请等各处都新增 {min_cell} 人次以上，或在轮次关闭后再算。"
    )
    en = (
        "Since snapshot {number} fewer than {min_cell} new sittings came in, or a few that answered all alike, for: "
        "{cells}. Computing now would show in the difference what a few people answered. Wait for {min_cell} new ones "
        "and more in each, or until the campaign closes."
    )


class NothingNew(AppError):
    """The answers are those of the newest snapshot."""

    code, status = "nothing_new", 409
    zh = "第 {number} 次计算以来没有新的答卷，结果不会变。请直接查看第 {number} 次计算。"
    en = "No answers have come in since snapshot {number}; the result would be the same. Read snapshot {number}."


class UnusedNotCounted(AppError):
    """A closed campaign whose unused cards nobody has counted before a witness."""

    code, status = "unused_not_counted", 409
    zh = (
        "还有 {n} 处投放的未用卡片没有在见证下清点：{doors}。请先到“卡片登记”的“清点未用卡片”中清点；"
        "确实无法清点的，由评估组长在那里写明原因后再计算。"
    )
    en = (
        "The unused cards of {n} doors have not been counted with a witness: {doors}. Count them first (card register, "
        "count of unused cards); where that is impossible, the lead evaluator gives the reason there."
    )


class AnswersArriving(AppError):
    """Boxes were emptied again and again while the answers were read."""

    code, status = "answers_arriving", 503
    zh = "正在有答卷入库，没有读到一份完整的数据。请稍等一分钟再计算。"
    en = "Answers were being stored while they were read. Wait a minute and compute again."


class NoEarlierWave(AppError):
    """A campaign that cannot be compared with: not there for whoever asks, not closed, not computed, or a later one."""

    code, status = "no_earlier_wave", 409
    zh = "不能与轮次“{campaign}”比较。可以比较的是您有权查看、已经关闭并计算过、且不晚于本轮次开始的其他轮次。"
    en = (
        "“{campaign}” cannot be compared with. That takes another campaign that you may see, that has closed and been "
        "computed, and that opened no later than this one."
    )


class ComputedMeanwhile(AppError):
    """Somebody else computed a snapshot at the same time."""

    code, status = "computed_meanwhile", 409
    zh = "刚才已有人完成了第 {number} 次计算，本次没有保存。请刷新页面查看。"
    en = "Somebody finished snapshot {number} in the meantime; this computation was not kept. Reload the page."


class NotSafeToShow(AppError):
    """The audit found numbers about few people that nothing could hide."""

    code, status = "not_safe_to_show", 409
    zh = (
        "发布审查发现 {number} 处仍能从其他数字推出少数人的答案，本次没有保存。"
        "请检查方案中口径不同而题目相同的指标，或联系维护人员。"
    )
    en = (
        "The audit found {number} places where few people's answers still follow from other numbers; nothing was kept. "
        "Look for indicators of the plan that take the same items in different ways, or ask the maintainers."
    )


class UnreadableAnswer(AppError):
    """A stored answer that the frozen questionnaire does not know: the database was changed by hand."""

    code, status = "unreadable_answer", 500
    zh = "问卷“{questionnaire}”题目“{item}”存有问卷中没有的答案，数据可能被改动过。请先核查数据库，再计算。"
    en = (
        "The questionnaire “{questionnaire}” holds an answer to “{item}” that it does not know. Data may have been "
        "changed: check the database before computing."
    )


class NoSnapshot(AppError):
    """Nothing has been computed yet, or not under this number."""

    code, status = "no_snapshot", 404
    zh = "没有这一次计算：{what}。请先计算，或核对序号。"
    en = "There is no such snapshot: {what}. Compute first, or check the number."


class NoSuchUnit(AppError):
    """The snapshot has no unit of this code."""

    code, status = "no_such_unit", 404
    zh = "第 {number} 次计算中没有单位“{unit}”。请核对单位代码，或从评分总表进入。"
    en = "Snapshot {number} has no unit “{unit}”. Check the unit's code, or start from the table of scores."


class NotConfirmable(AppError):
    """There is no suggested score to confirm."""

    code, status = "not_confirmable", 409
    zh = "“{unit}”的“{indicator}”没有建议分，不能确认。只有状态为“可用”或“谨慎”、且有满分的指标可以确认。"
    en = (
        "“{unit}” has no suggested points for “{indicator}”. Only indicators with full marks whose status is usable or "
        "caution can be confirmed."
    )


class NotNewest(AppError):
    """Decisions are taken on the newest snapshot only."""

    code, status = "not_newest", 409
    zh = "第 {number} 次计算之后已有新的计算(第 {newest} 次)。请在最新一次上确认。"
    en = "Snapshot {number} is not the newest; confirm scores of snapshot {newest}."


class OutsideFullMarks(AppError):
    """Points below zero or above the full marks."""

    code, status = "outside_full_marks", 422
    zh = "确认分须在 0 到 {full_marks} 之间，现为 {points}。"
    en = "Confirmed points lie between 0 and {full_marks}, not {points}."


class BeyondFreeShare(AppError):
    """An evaluator moved a score further than the plan leaves to evaluators."""

    code, status = "beyond_free_share", 403
    zh = "确认分与建议分相差 {shift} 分，超过满分的 {share}({most} 分)。超出部分须由{role_zh}确认。"
    en = "This moves the score by {shift}, more than {share} of the full marks ({most}). That takes a {role_en}."


class ReasonNeeded(AppError):
    """A decision without a reason."""

    code, status = "reason_needed", 422
    zh = "请写明确认或调整的理由。"
    en = "State the reason for confirming or changing the score."


class AlreadyHeld(AppError):
    """A proven case is recorded already."""

    code, status = "already_held", 409
    zh = "“{unit}”的这一人群已登记过查实情况。"
    en = "A proven case is already on record for this audience of “{unit}”."
