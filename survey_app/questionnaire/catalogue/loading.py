"""Faults found before a document is looked at: the file, the bytes, the JSON, the shape (pydantic's error types)."""

from survey_app.questionnaire.catalogue.entry import Entry, error

LOADING: dict[str, Entry] = {
    "unreadable": error(
        "文件无法读取（{reason}）。",
        "The file cannot be read ({reason}).",
        "请检查路径和权限。",
        "Check the path and the permissions.",
    ),
    "no_files": error(
        "这个文件夹里没有可检查的 JSON 文件。",
        "There is no JSON file to check in this folder.",
        "请给出文件，或放有 .json 文件的文件夹。",
        "Name a file, or a folder that holds .json files.",
    ),
    "too_large": error(
        "文件有 {size} 字节，超过 {limit} 字节的上限，没有读取内容。",
        "The file has {size} bytes, more than the limit of {limit}; its content was not read.",
        "请拆分文件，或删去不属于本格式的内容。",
        "Split the file, or remove what does not belong to this format.",
    ),
    "invalid_utf8": error(
        "文件不是 UTF-8 编码（第 {position} 个字节起无法识别）。",
        "The file is not UTF-8 (byte {position} cannot be read).",
        "请在编辑器中另存为 UTF-8。",
        "Save it as UTF-8 in your editor.",
    ),
    "too_deep": error(
        "嵌套超过 {limit} 层。",
        "The nesting is deeper than {limit} levels.",
        "请减少括号的层数。",
        "Use fewer levels of brackets.",
    ),
    "too_many_values": error(
        "内容超过 {limit} 个值，没有读取。",
        "There are more than {limit} values; the content was not read.",
        "请拆分文件，或删去不属于本格式的内容。",
        "Split the file, or remove what does not belong to this format.",
    ),
    "invalid_json": error(
        "不是有效的 JSON：第 {line} 行第 {column} 列有错。",
        "This is not valid JSON: line {line}, column {column}: {reason}.",
        "请看该处附近的逗号、引号和括号。",
        "Look at the commas, quotes and brackets near this place.",
    ),
    "duplicate_key": error(
        "同一个对象里“{key}”出现了不止一次。",
        "The key “{key}” stands more than once in one object.",
        "请只保留一个。",
        "Keep one of them.",
    ),
    "not_finite": error(
        "{value} 不是 JSON 允许的数。",
        "{value} is not a number that JSON allows.",
        "请写一个普通的数，或删去这一项。",
        "Write an ordinary number, or remove the entry.",
    ),
    "number_too_large": error(
        "整数超出 ±9007199254740991，不同软件会读成不同的数。",
        "The integer is beyond ±9007199254740991, which programs read differently.",
        "请改成较小的数；编号请写成带引号的文字。",
        "Use a smaller number; write identifiers as quoted text.",
    ),
    "number_beyond_double": error(
        "这个数太大，超出双精度浮点数的范围。",
        "The number is too large for double precision.",
        "请写小一些的数。",
        "Write a smaller number.",
    ),
    "lone_surrogate": error(
        "文字里有不成对的代理字符（\\ud800 一类），不是完整的字。",
        "A text holds half of a surrogate pair (such as \\ud800), which is no character.",
        "请重新输入这个字。",
        "Type the character again.",
    ),
    "not_an_object": error(
        "文件的最外层应是一个对象（花括号）。",
        "The document must be an object (curly brackets).",
        "请以 {{ 开头，以 }} 结尾。",
        "Begin with {{ and end with }}.",
    ),
    "more_findings": error(
        "错误太多，另有 {count} 处没有列出。",
        "There are too many faults; {count} more are not listed.",
        "请先改正已列出的，再检查一次。",
        "Correct those listed, then check again.",
    ),
}

_KIND = "请按格式说明改正这一项。", "Correct this entry as the format describes."

SHAPE: dict[str, Entry] = {
    "missing": error("缺少“{name}”。", "“{name}” is missing.", "请补上这一项。", "Add this entry."),
    "extra_forbidden": error(
        "不认识的名称“{name}”。{hint_zh}",
        "Unknown name “{name}”.{hint_en}",
        "请改成格式规定的名称，或删去这一项。",
        "Use a name of the format, or remove the entry.",
    ),
    "string_type": error("这里应是文字。", "A text is needed here.", "请用引号写成文字。", "Write it in quotes."),
    "string_too_short": error(
        "文字太短，至少 {min_length} 个字符。",
        "The text is too short: at least {min_length} characters.",
        "请写完整。",
        "Write it out.",
    ),
    "string_too_long": error(
        "文字太长，最多 {max_length} 个字符。",
        "The text is too long: at most {max_length} characters.",
        "请缩短。",
        "Shorten it.",
    ),
    "string_pattern_mismatch": error(
        "写法不对：{rule_zh}。",
        "This is not written as it must be: {rule_en}.",
        "请按规定的写法改正。",
        "Write it in the form required.",
    ),
    "blank_text": error(
        "文字只有空白。", "The text is blank.", "请写出内容，或删去这一项。", "Write something, or remove the entry."
    ),
    "text_needs_zh": error(
        "多语言文字缺少中文（zh）。",
        "A text in several languages needs Chinese (zh).",
        '请补上 "zh"。',
        'Add "zh".',
    ),
    "int_type": error(
        "这里应是整数。", "A whole number is needed here.", "请写成不带引号的整数。", "Write a whole number, unquoted."
    ),
    "float_type": error(
        "这里应是数。", "A number is needed here.", "请写成不带引号的数。", "Write a number, unquoted."
    ),
    "bool_type": error(
        "这里应是 true 或 false。",
        "true or false is needed here.",
        "请写 true 或 false，不带引号。",
        "Write it unquoted.",
    ),
    "literal_error": error(
        "不是允许的值。允许的有：{expected}。{hint_zh}",
        "This is not an allowed value. Allowed: {expected}.{hint_en}",
        "请从允许的值里选一个。",
        "Choose one of the allowed values.",
    ),
    "union_tag_invalid": error(
        "没有“{tag}”这种题型。题型有：{expected}。{hint_zh}",
        "There is no item type “{tag}”. Types: {expected}.{hint_en}",
        '请改正 "type"。',
        'Correct "type".',
    ),
    "union_tag_not_found": error(
        '缺少题型 "type"。',
        'The item type "type" is missing.',
        "请补上题型，例如 likert。",
        "Add it, such as likert.",
    ),
    "model_type": error("这里应是一个对象（花括号）。", "An object (curly brackets) is needed here.", *_KIND),
    "dict_type": error("这里应是一个对象（花括号）。", "An object (curly brackets) is needed here.", *_KIND),
    "tuple_type": error("这里应是一个列表（方括号）。", "A list (square brackets) is needed here.", *_KIND),
    "too_short": error(
        "至少要有 {min_length} 项，现在有 {actual_length} 项。",
        "At least {min_length} are needed; there are {actual_length}.",
        "请补足。",
        "Add what is missing.",
    ),
    "too_long": error(
        "最多 {max_length} 项，现在更多。",
        "At most {max_length} are allowed; there are more.",
        "请减少。",
        "Remove some.",
    ),
    "greater_than": error("这个数要大于 {gt}。", "The number must be greater than {gt}.", "请改大。", "Raise it."),
    "greater_than_equal": error("这个数不能小于 {ge}。", "The number must be at least {ge}.", "请改大。", "Raise it."),
    "less_than_equal": error("这个数不能大于 {le}。", "The number must be at most {le}.", "请改小。", "Lower it."),
    "date_type": error(
        "这里应是日期。", "A date is needed here.", "请写成 2026-01-05 的样子。", "Write it like 2026-01-05."
    ),
    "date_parsing": error(
        "不是有效的日期。", "This is not a valid date.", "请写成 2026-01-05 的样子。", "Write it like 2026-01-05."
    ),
    "condition_without_operator": error(
        "条件没有说要怎样。",
        "The condition says nothing about its item.",
        "请加上 in、not_in、answered、at_least 或 at_most。",
        "Add in, not_in, answered, at_least or at_most.",
    ),
    "part_needs_one_source": error(
        "每个部分要么写 dimension，要么写 item，只写一个。",
        "A part names either a dimension or an item, one of the two.",
        "请只留一个。",
        "Keep one of them.",
    ),
}
