"""The words for what is wrong with the input of an offline command: code → Chinese, English.

In braces what a sentence fills in; `value`, `row` and `column` are always there. A place is put before the sentence.
"""

_COMMAND = {
    "usage": ("命令写法不对：{why}", "The command is not written as it should be: {why}"),
    "items_missing": (
        "--items 没有写出任何题目。请写列名，用逗号隔开。",
        "--items names no items. Write column names, separated by commas.",
    ),
    "item_twice": ("--items 中“{value}”写了两次，请删去一个。", "--items names “{value}” twice; remove one."),
    "reverse_not_an_item": (
        "--reverse 中的“{value}”不在 --items 里。",
        "--reverse names “{value}”, which is not among --items.",
    ),
    "range_needed": (
        "{why_zh}需要知道量表的最低和最高分，请加上 --range，例如 --range 1,5。",
        "{why_en} needs the lowest and highest answer: add --range, for example --range 1,5.",
    ),
    "range_wrong": (
        "--range 应为“最低,最高”两个数，最低在前，例如 1,5；现为“{value}”。",
        "--range takes two numbers, the lowest first, for example 1,5; not “{value}”.",
    ),
    "range_not_whole": (
        "这里的 --range 应为两个整数，例如 1,5；现为“{value}”。",
        "Here --range takes two whole numbers, for example 1,5; not “{value}”.",
    ),
    "range_too_long": (
        "--range 共 {steps} 档，最多 {most} 档。",
        "--range has {steps} steps; at most {most} are possible here.",
    ),
}

_FILE = {
    "unreadable": (
        "文件打不开（{why}）。请核对路径和权限。",
        "The file cannot be opened ({why}). Check path and rights.",
    ),
    "not_a_file": ("这是文件夹，不是文件。请写出文件名。", "This is not a file. Name the file itself."),
    "empty_file": (
        "文件是空的。第一行应为列名。",
        "The file is empty. Its first row should hold the names of the columns.",
    ),
    "excel_file": (
        "这是 Excel 文件。请在 Excel 中另存为“CSV UTF-8（逗号分隔）”再试。",
        "This is an Excel file. Save it as “CSV UTF-8 (comma delimited)” and try again.",
    ),
    "binary_file": (
        "这不是文本文件（或以 UTF-16 保存）。请另存为“CSV UTF-8（逗号分隔）”。",
        "This is not a text file (or saved as UTF-16). Save it as “CSV UTF-8 (comma delimited)”.",
    ),
    "encoding": (
        "文件既不是 UTF-8 也不是 GB18030 编码。请另存为“CSV UTF-8（逗号分隔）”。",
        "The file is neither UTF-8 nor GB18030. Save it as “CSV UTF-8 (comma delimited)”.",
    ),
    "separator": (
        "列之间用的是{sign_zh}，应为英文逗号。请另存为“CSV UTF-8（逗号分隔）”。",
        "Columns are separated by {sign_en}; it should be commas. Save it as “CSV UTF-8 (comma delimited)”.",
    ),
    "unclosed_quote": (
        "从这一行起有引号没有成对，无法分清单元格。请检查这一行的引号。",
        "From this row on a quotation mark has no partner, so cells cannot be told apart. Check the row's quotes.",
    ),
    "row_too_long": (
        "这一行超过 {limit} 兆字节，多半是引号没有成对。",
        "This row has more than {limit} MB; most likely a quotation mark has no partner.",
    ),
    "stray_quotes": (
        "引号的用法无法分清单元格。单元格内有引号时，整格用双引号括起，内部引号写两次。",
        "Quotation marks do not tell cells apart. A cell that holds quotes is put in quotes, those inside doubled.",
    ),
    "row_width": (
        "有 {cells} 个单元格，应与表头一样有 {expected} 个。请检查多余或缺少的逗号。",
        "There are {cells} cells where the header has {expected}. Look for commas too many or too few.",
    ),
}

_COLUMNS = {
    "duplicate_column": (
        "列名“{value}”出现了 {times} 次，请改成不同的名称。",
        "The column name “{value}” stands {times} times. Give each column a name of its own.",
    ),
    "unnamed_column": (
        "第 {at} 列没有列名，却有内容。请补上列名或删去这一列。",
        "Column {at} has no name but has cells. Name it, or remove it.",
    ),
    "unknown_item": (
        "文件中没有题目“{value}”这一列。列有：{known}。",
        "There is no column for the item “{value}”. Columns: {known}.",
    ),
    "unknown_column": ("文件中没有“{value}”列。列有：{known}。", "There is no column “{value}”. Columns: {known}."),
    "column_is_item": (
        "“{value}”已是题目，不能同时用于 {option}。",
        "“{value}” is an item and cannot serve for {option} too.",
    ),
    "missing_column": ("缺少“{value}”列。列有：{known}。", "The column “{value}” is missing. Columns: {known}."),
}

_CELLS = {
    "not_a_number": (
        "“{value}”不是数字。没有作答请留空或写 NA。",
        "“{value}” is not a number. Leave a missing answer empty, or write NA.",
    ),
    "too_large": (
        "“{value}”太大，数字的绝对值最多 {largest}。",
        "“{value}” is too large: numbers go up to {largest}, above and below 0.",
    ),
    "outside_range": (
        "“{value}”不在 {low} 到 {high} 之间。",
        "“{value}” lies outside {low} to {high}.",
    ),
    "not_whole": ("“{value}”应为整数。", "“{value}” should be a whole number."),
    "negative": ("“{value}”不能小于 0。", "“{value}” cannot be below 0."),
    "empty_cell": ("这一格不能为空。", "This cell cannot be empty."),
    "unit_twice": ("单位“{value}”出现了两次，每个单位只写一行。", "The unit “{value}” stands twice; one row each."),
    "frame_twice": (
        "“{value}”的这一人群和分层出现了两次，请合并人数。",
        "This audience and stratum of “{value}” stands twice; add the sizes up.",
    ),
    "response_twice": (
        "答卷编号“{value}”出现了不止一次，请检查是否重复录入。",
        "The response “{value}” stands more than once; look for rows entered twice.",
    ),
    "unknown_audience": (
        "“{value}”不是人群代码。应为 staff、service_recipient 或 related_department。",
        "“{value}” is no audience: staff, service_recipient or related_department.",
    ),
    "unknown_questionnaire": (
        "没有给出编号为“{value}”的问卷。已给出：{known}。",
        "No questionnaire “{value}” was given. Given: {known}.",
    ),
    "questionnaire_of_other_audience": (
        "问卷“{value}”的人群是 {expected}，这一行写的是 {got}。",
        "The questionnaire “{value}” asks {expected}, but the row says {got}.",
    ),
    "questionnaire_unclear": (
        "人群“{value}”有多份问卷，请加上 questionnaire 列说明每行用哪一份。",
        "Several questionnaires ask “{value}”: add a column questionnaire that says which one a row answers.",
    ),
    "unknown_choice": (
        "“{value}”不是这一题的选项代码。选项代码：{choices}。",
        "“{value}” is no choice of this item. Choices: {choices}.",
    ),
    "answer": ("写的是“{value}”。{why_zh}", "The cell says “{value}”. {why_en}"),
}

_DEFINITIONS = {
    "questionnaire_twice": ("问卷“{value}”给了两次。", "The questionnaire “{value}” is given twice."),
    "reserved_item": (
        "题目编号“{value}”与固定的列名相同，无法分清。请在问卷中换一个编号。",
        "The item “{value}” has the name of a fixed column. Give it another id in the questionnaire.",
    ),
    "no_item_in_file": (
        "文件中没有问卷“{value}”的任何题目。列名应为题目编号。",
        "The file has no item of the questionnaire “{value}”. Columns are named by the ids of items.",
    ),
}

FAULT_WORDS = _COMMAND | _FILE | _COLUMNS | _CELLS | _DEFINITIONS
