"""What a respondent reads beside an item whose answer cannot be taken: what to do, never whose fault it is."""

ANSWER_MESSAGES: dict[str, tuple[str, str]] = {
    "required": ("请回答这一题。", "Please answer this item."),
    "unknown_choice": (
        "“{given}”不是这一题的选项，请重新选择。",
        "“{given}” is not one of the choices of this item; please choose again.",
    ),
    "choose_one": ("这一题只能选一项，请重新选择。", "Please choose one answer only."),
    "too_many_choices": ("最多选{most}项，现在选了{count}项。", "Please choose at most {most}; {count} are chosen."),
    "too_few_choices": (
        "至少选{fewest}项，现在选了{count}项。",
        "Please choose at least {fewest}; {count} are chosen.",
    ),
    "exclusive_beside_others": (
        "有一个选项不能与其他选项同时选，请只留一种。",
        "One of the choices cannot be combined with others; please keep either it or the others.",
    ),
    "missing_beside_answer": (
        "“不了解”“不适用”一类的选项不能与其他回答同时选，请只留一种。",
        "“Don't know” or “not applicable” cannot be combined with an answer; please keep one of them.",
    ),
    "position_wrong": ("名次请填1到{most}之间的整数。", "Please write a whole number from 1 to {most} for each place."),
    "position_twice": (
        "第{position}名填了两次，请给每个选项不同的名次。",
        "Place {position} is given twice; please give each choice a place of its own.",
    ),
    "ranked_twice": (
        "同一个选项排了两次，每个选项只能排一次。",
        "A choice is ranked twice; please rank each choice once only.",
    ),
    "one_value": ("这一题只能填一个值。", "Please give one value only."),
    "not_a_number": ("请用数字填写，例如 12。", "Please write a number in figures, such as 12."),
    "not_whole": ("请填整数。", "Please write a whole number."),
    "too_many_decimals": ("小数点后最多{most}位。", "Please write at most {most} decimal places."),
    "out_of_range": ("请填{low}到{high}之间的数。", "Please write a number from {low} to {high}."),
    "not_a_date": (
        "请按 年-月-日 填写日期，例如 2026-01-05。",
        "Please write a date as year-month-day, such as 2026-01-05.",
    ),
    "date_out_of_range": ("请填{first}到{last}之间的日期。", "Please give a date from {first} to {last}."),
    "too_long": (
        "最多{most}个字，现在有{length}个字，请删短一些。",
        "At most {most} characters, please; there are {length}.",
    ),
}
