"""What the lint says about wording and design. Warnings: a person decides."""

from survey_app.questionnaire.catalogue.entry import Entry, warning

WORDING: dict[str, Entry] = {
    "double_barrelled": warning(
        "一题可能问了两件事（“{words}”）。",
        "One item may ask two things (“{words}”).",
        "请拆成两题，或只留一件事。",
        "Split it, or keep one of them.",
    ),
    "leading_words": warning(
        "用词带有倾向或在争取好评（“{words}”）。",
        "The wording leads or asks for praise (“{words}”).",
        "请改成中性的说法。",
        "Word it neutrally.",
    ),
    "double_negative": warning(
        "可能是双重否定（“{words}”），容易答反。",
        "This may be a double negative (“{words}”), which people answer the wrong way round.",
        "请改成肯定的说法。",
        "Word it positively.",
    ),
    "typed_missing_needed": warning(
        "题目“{name}”以发生过某事为前提（“{words}”），却没有“不了解”或“没遇到过”可选。",
        "The item “{name}” takes for granted that something happened (“{words}”), but offers no “don't know” or "
        "“not applicable”.",
        '请在 "offer_missing" 里加上合适的代码。',
        'Add a fitting code to "offer_missing".',
    ),
    "no_typed_missing": warning(
        "计分题都没有“不了解”或“不适用”可选，不清楚的人只能乱选。",
        "No scored item offers “don't know” or “not applicable”; those who cannot tell must guess.",
        '请在量表的 "missing" 里定义，并在需要的题上用 "offer_missing"。',
        'Define them in "missing" of a scale and offer them where they are needed.',
    ),
    "dimension_small": warning(
        "维度“{name}”只有 {count} 道计分题，少于 3 道，信度难以检验。",
        "The dimension “{name}” has {count} scored items; with fewer than 3 its reliability can hardly be checked.",
        "请增加题目，或与别的维度合并。",
        "Add items, or merge it with another dimension.",
    ),
    "no_reversed_item": warning(
        "全卷没有反向题，看不出一路选同一项的填答。",
        "No item is reversed; answering straight down the page cannot be told.",
        '请至少设一道反向题（"reverse_coded": true）。',
        'Add at least one with "reverse_coded": true.',
    ),
    "takes_too_long": warning(
        "估计要 {minutes} 分钟，超过这类人群 {target} 分钟的目标。",
        "Answering takes about {minutes} minutes, over the target of {target} for this audience.",
        "请删减题目或缩短文字。",
        "Remove items or shorten the texts.",
    ),
    "personal_data": warning(
        "似乎在询问个人信息（“{words}”）。",
        "This seems to ask for personal data (“{words}”).",
        "匿名问卷不收集个人信息，请删去。",
        "An anonymous questionnaire collects none; remove it.",
    ),
    "missing_translation": warning(
        "缺少译文：{languages}。",
        "The translation is missing: {languages}.",
        "请补上；没有译文时显示中文。",
        "Add it; without one the Chinese text is shown.",
    ),
}
