"""What can be wrong with a workbook as a workbook, in words. What its content means is for the format's own checks."""

from survey_app.questionnaire.catalogue.entry import error
from survey_app.questionnaire.findings import Finding, suggestion

FAULTS = {
    "reserved_campaign_code": error(
        "轮次代码“{code}”是系统保留的。",
        "The campaign code “{code}” is reserved.",
        "请换一个代码，例如 pg2026。",
        "Choose another, for instance pg2026.",
    ),
    "workbook_expected": error(
        "单位和部门须以 Excel 工作簿（.xlsx）上传。",
        "Units and departments are uploaded as an Excel workbook (.xlsx).",
        "请下载模板，填好后上传。",
        "Download the template, fill it in and upload it.",
    ),
    "workbook_old_or_encrypted": error(
        "文件是旧版 Excel 格式（.xls），或设有打开密码。",
        "The file is in the old Excel format (.xls) or has a password.",
        "请取消密码，另存为 .xlsx 后再上传。",
        "Remove the password, save it as .xlsx and upload it again.",
    ),
    "workbook_unreadable": error(
        "文件不是完好的 Excel 工作簿（.xlsx）。",
        "The file is not an intact Excel workbook (.xlsx).",
        "请用 Excel 或 WPS 打开确认无误，另存为 .xlsx 后再上传。",
        "Open it in Excel or WPS, save it as .xlsx and upload it again.",
    ),
    "workbook_too_large": error(
        "工作簿（含解压后）有 {size} 字节，超过 {limit} 字节的上限，没有读取内容。",
        "The workbook has {size} bytes, packed or unpacked, more than the limit of {limit}; its content was not read.",
        "请删去多余的工作表、图片和空行后再上传。",
        "Remove other sheets, pictures and empty rows and upload it again.",
    ),
    "workbook_too_many_rows": error(
        "工作表“{sheet}”超过 {limit} 行，没有读取内容。",
        "The sheet “{sheet}” has more than {limit} rows; it was not read.",
        "请删去多余的行，包括下方看似空白的行。",
        "Delete the rows that are not needed, those below that only look empty too.",
    ),
    "workbook_sheet_missing": error(
        "缺少工作表“{sheet}”。",
        "The sheet “{sheet}” is missing.",
        "请下载模板，把内容填入同名工作表，不要改表名。",
        "Download the template and fill in its sheets without renaming them.",
    ),
    "workbook_column_missing": error(
        "工作表“{sheet}”第 1 行缺少列：{columns}。",
        "The first row of the sheet “{sheet}” lacks columns: {columns}.",
        "请恢复模板中的标题行。",
        "Put the heading row of the template back.",
    ),
    "workbook_column_twice": error(
        "工作表“{sheet}”第 1 行有重复的列：{columns}。",
        "In the first row of the sheet “{sheet}” columns stand twice: {columns}.",
        "请删去或改名多余的一列。",
        "Delete or rename the other one.",
    ),
    "workbook_row_missing": error(
        "工作表“{sheet}”缺少“{row}”一行。",
        "The sheet “{sheet}” lacks the row “{row}” ({row_en}).",
        "请在“项目”列补上这一行，或重新使用模板。",
        "Add this row under 项目, or start from the template again.",
    ),
    "workbook_cell_blank": error(
        "这一行没有填写“{column}”。",
        "“{column}” ({column_en}) is not filled in on this row.",
        "请补填。合并的单元格只有第一行有内容：请取消合并，每行都填写。",
        "Fill it in. Of merged cells only the first row has a value: unmerge them and fill in every row.",
    ),
    "workbook_cell_error": error(
        "单元格里是公式错误“{value}”。",
        "The cell holds the formula error “{value}”.",
        "请改正公式，或直接填写内容。",
        "Correct the formula or write the value itself.",
    ),
    "workbook_not_a_number": error(
        "此处应填正整数，现为“{value}”。",
        "A positive whole number is needed here, not “{value}”.",
        "请只写数字，不带“人”、逗号、小数或文字。",
        "Write figures only, without words, commas or decimals.",
    ),
    "workbook_unknown_audience": error(
        "人群“{word}”不存在。",
        "There is no audience “{word}”.",
        "请从下拉列表选择：{known}。",
        "Choose from the list: {known}.",
    ),
    "workbook_not_yes_or_no": error(
        "此处应填“是”或“否”，现为“{value}”。",
        "This cell takes 是 (yes) or 否 (no), not “{value}”.",
        "请从下拉列表选择。",
        "Choose from the list.",
    ),
    "workbook_unknown_code": error(
        "代码“{value}”不在工作表“{sheet}”中。{hint_zh}",
        "“{value}” does not stand in the sheet “{sheet}”.{hint_en}",
        "请改为“{sheet}”中已有的代码，或先在那里添加一行。",
        "Use a code from “{sheet}”, or add a row there first.",
    ),
}
_LONGEST_QUOTE = 80


def fault(name: str, place: str, near: list[str] | None = None, **values: object) -> Finding:
    """The finding `name` at a sheet or cell (`单位!C7`, or nothing for the whole file), with its words filled in.

    near: the codes that exist, to suggest the nearest to `value`. KeyError for a name without words.
    """
    entry = FAULTS[name]
    shown = {key: str(value)[:_LONGEST_QUOTE] for key, value in values.items()}
    if near is not None:
        shown["hint_zh"], shown["hint_en"] = suggestion(shown["value"], near)
    words = [words.format(**shown) for words in (entry.zh, entry.en, entry.remedy_zh, entry.remedy_en)]
    return Finding(place, entry.severity, name, "", *words)
