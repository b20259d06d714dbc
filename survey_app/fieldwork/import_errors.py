"""What can go wrong with an imported file, and why a row of it is not stored: words in both languages by code."""

from collections.abc import Mapping

from survey_app.errors import AppError


class ImportedBefore(AppError):
    """The very same file was stored."""

    code, status = "imported_before", 409
    zh = "这个文件已经导入过，没有再次入库。"
    en = "This very file has been imported; nothing was stored again."


class NothingToImport(AppError):
    """Not one row of the file can be stored."""

    code, status = "nothing_to_import", 422
    zh = "文件里没有一行可以入库，原因见退回清单。改正后重新上传。"
    en = "Not one row of the file can be stored; the list of refused rows says why. Correct it and upload it again."


class WrongColumns(AppError):
    """Columns that do not make a file of answers."""

    code, status = "wrong_columns", 422
    zh = "列的对应不完整：{zh}。请改正后再检查。"
    en = "The columns do not fit together: {en}. Correct them and check again."


class UploadGone(AppError):
    """The uploaded file is no longer kept."""

    code, status = "upload_gone", 410
    zh = "上传的文件只保留一小时，现在已经没有了。请重新上传。"
    en = "The uploaded file is kept for an hour and is gone now. Upload it again."


_REASONS: Mapping[str, tuple[str, str]] = {
    "unit_unknown": ("单位不在本轮次中，或这个投放不评它", "no such unit in this campaign, or not rated here"),
    "department_unknown": ("部门不在本轮次中", "no such department in this campaign"),
    "stratum_unknown": ("分层对不上任何一个投放", "the stratum fits no collector"),
    "seconds_unreadable": (
        "用时不能识别，例如应为 95、95秒、1分35秒",
        "not a length of time such as 95, 95秒, 1分35秒",
    ),
    "nothing_answered": ("没有一题作答", "nothing is answered"),
    "number_twice": ("答卷编号与前面某行相同", "the number of the sitting stands on an earlier row"),
    "unit_twice": ("同一份答卷两次评同一单位", "one sitting rates this unit twice"),
    "too_many_units": ("同一份答卷评的单位超过问卷规定", "one sitting rates more units than the questionnaire allows"),
    "sitting_broken": ("同一份答卷的另一行被退回", "another row of the same sitting is refused"),
    "row_imported_before": ("这一行已经导入过", "this row has been imported"),
    "content_imported_before": (
        "与已导入的一行内容相同；确是另一个人的，请加上“答卷编号”列再导入",
        "the same as a row that has been imported; if somebody else gave it, add a column with numbers of sittings",
    ),
    "more_than_people": (
        "连同发出的卡片和纸质问卷，超过这个投放的人数",
        "together with cards and paper that are out, more than the people of this collector",
    ),
    "too_few_together": (
        "与它同一票箱组的行不足 5 份，会指向个人",
        "too few rows of its box group to hide who said it",
    ),
    "unknown_choice": ("不是这一题的选项或代码", "no choice or code of this item"),
    "choose_one": ("单选题有多个选项", "several choices where one is asked for"),
    "one_value": ("只能有一个值", "several values where one is asked for"),
    "missing_beside_answer": ("“不了解”等与其他选项同时出现", "a typed missing answer beside others"),
    "exclusive_beside_others": ("单独成立的选项与其他选项同时出现", "a choice that stands alone beside others"),
    "too_many_choices": ("选项超过允许的个数", "more choices than allowed"),
    "too_few_choices": ("选项少于要求的个数", "fewer choices than needed"),
    "position_wrong": ("排序位置不对", "not a position of the ranking"),
    "position_twice": ("两个选项排在同一位", "two choices on one position"),
    "ranked_twice": ("同一选项排了两次", "one choice ranked twice"),
    "not_a_number": ("不是数字", "not a number"),
    "out_of_range": ("超出允许的范围", "out of range"),
    "too_many_decimals": ("小数位过多", "too many decimals"),
    "not_whole": ("不是整数", "not a whole number"),
    "not_a_date": ("不是日期", "not a date"),
    "date_out_of_range": ("日期超出允许的范围", "a day out of range"),
    "too_long": ("文字过长", "too long"),
}


def reason(code: str) -> tuple[str, str]:
    """Why a row is not stored: (zh, en). KeyError for a code without words."""
    return _REASONS[code]
