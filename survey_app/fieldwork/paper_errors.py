"""What can go wrong with paper questionnaires, one error a thing."""

from survey_app.errors import AppError


class SheetsLeft(AppError):
    """A batch is handed in before every sheet of it was entered."""

    code, status = "sheets_left", 409
    zh = "这一批有 {sheets} 份，还有 {left} 份没有录入。全部录完才能交；份数数错了，请先作废本批再重开。"
    en = "This batch has {sheets} sheets; {left} are not entered yet. Enter all of them, or discard it and count again."


class BatchFull(AppError):
    """More sheets are entered than were counted."""

    code, status = "batch_full", 409
    zh = "这一批的 {sheets} 份已经录完。份数数错了，请先作废本批再重开。"
    en = "All {sheets} sheets of this batch are entered. If there are more, discard it and count again."


class BatchDone(AppError):
    """A batch that was handed in or discarded."""

    code, status = "paper_batch_done", 409
    zh = "这一批已经交卷或作废，不能再录入或查看。"
    en = "This batch was handed in or discarded; nothing of it can be entered or seen any more."


class NotYourBatch(AppError):
    """Somebody else enters this batch."""

    code, status = "not_your_batch", 409
    zh = "这一批由另一位录入员录入。请另开一批，或在双录批次中录第二遍。"
    en = "Somebody else enters this batch. Open one of your own, or enter the second pass of a batch entered twice."


class NotYoursToDiscard(AppError):
    """A batch is discarded by somebody who neither opened it nor leads."""

    code, status = "not_yours_to_discard", 409
    zh = "这一批是另一个人开的，只有开批的人、评估组长或管理员可以作废。"
    en = "Somebody else opened this batch; only that person, a lead evaluator or an administrator can discard it."


class CardsBesidePaper(AppError):
    """Cards go out to people who have paper or whose answers were imported."""

    code, status = "cards_beside_paper", 422
    zh = "一个人只能用一种方式：连同发出的纸质问卷和导入的答卷，最多还可发 {most} 张卡片，填写的是 {cards} 张。"
    en = (
        "One person answers in one way: with the paper that is out and the sittings that were imported, at most "
        "{most} more cards may go out, not {cards}."
    )


class SheetNumberWrong(AppError):
    """Not a number that is written on a sheet of this batch."""

    code, status = "sheet_number_wrong", 422
    zh = "卷面编号须是 1 到 {sheets}。"
    en = "The number on the sheet must be between 1 and {sheets}."


class SheetEntered(AppError):
    """A sheet number that was typed before in the same pass."""

    code, status = "sheet_entered", 409
    zh = "第 {sheet} 号已经录过。请核对卷面编号；确要重录，请勾选“替换已录的”。"
    en = "Sheet {sheet} has been entered. Check its number; to enter it again, tick that the earlier entry is replaced."


class NothingToTakeBack(AppError):
    """The newest entry was taken back already, or the batch has none."""

    code, status = "nothing_to_take_back", 409
    zh = "没有可以撤回的录入。只能撤回刚录的那一份。"
    en = "There is nothing to take back. Only the entry typed last can be."


class StillDifferent(AppError):
    """Two passes of a batch that do not agree yet."""

    code, status = "still_different", 409
    zh = "两遍录入还有 {sheets} 份不一致。请先逐项核对。"
    en = "The two passes still differ on {sheets} sheets. Settle them first."


class NoPaperHere(AppError):
    """Paper for a named list: one person could answer by both."""

    code, status = "no_paper_here", 409
    zh = "“{door}”按名单邀请，不能用纸质问卷：同一个人可能既用链接又交纸卷。请改发填答卡。"
    en = "“{door}” works by named list and takes no paper: one person could do both. Hand out cards instead."


class TooFewForPaper(AppError):
    """A collector with fewer people than a batch needs."""

    code, status = "too_few_for_paper", 409
    zh = "“{door}”只有 {people} 人，凑不满 {least} 份：纸质答卷会指向个人。请用填答卡。"
    en = "“{door}” has {people} people, fewer than the {least} of a batch: paper would point at somebody. Use cards."


class PaperWaiting(AppError):
    """A campaign is closed while sheets wait to be handed in."""

    code, status = "paper_waiting", 409
    zh = "还有 {batches} 个纸质批次没有交卷，关闭后就不能再交。请先在“纸质问卷”中交卷或作废。"
    en = (
        "{batches} batches of paper are not handed in, and cannot be after closing. Hand them in or discard them first."
    )


class KeyOfBatchGone(AppError):
    """The key file of a batch is missing, so that what was typed cannot be read."""

    code, status = "key_of_batch_gone", 500
    zh = "这一批的密钥文件不在了，已录的内容无法读取。请作废本批，按纸卷重新录入。"
    en = "The key file of this batch is gone and what was typed cannot be read. Discard it and enter the sheets again."
