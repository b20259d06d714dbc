"""Which items are shown, from the answers alone. The browser's copy of these rules passes the same JSON cases
(tests/questionnaire/data/visibility_cases.json).

An item is hidden when its condition does not hold, or after an answer that screens out. Hidden answers count as blank
for everything that follows.
"""

from collections.abc import Callable, Mapping

from survey_app.questionnaire.conditions import AllOf, AnyCondition, AnyOf, ItemCondition, Negation
from survey_app.questionnaire.items import AnyItem, LikertItem, MultipleItem, SingleItem
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.texts import text

# One stored answer: a code, a whole or decimal number, or codes of a multiple or a ranking.
Answer = str | int | float | list[str]
Answers = Mapping[str, Answer]
Test = Callable[[Answers], bool]


def compiled(condition: AnyCondition) -> Test:
    """The condition as a function of the visible answers so far."""
    match condition:
        case AllOf():
            tests = tuple(compiled(part) for part in condition.all)
            return lambda answers: all(test(answers) for test in tests)
        case AnyOf():
            tests = tuple(compiled(part) for part in condition.any)
            return lambda answers: any(test(answers) for test in tests)
        case Negation():
            inner = compiled(condition.not_)
            return lambda answers: not inner(answers)
        case ItemCondition():
            return _compiled_leaf(condition)


def _compiled_leaf(condition: ItemCondition) -> Test:
    item, answered, low, high = condition.item, condition.answered, condition.at_least, condition.at_most
    wanted = None if condition.in_ is None else frozenset(condition.in_)
    unwanted = None if condition.not_in is None else frozenset(condition.not_in)

    def test(answers: Answers) -> bool:
        answer = answers.get(item)
        if answer is None:
            return answered is False and wanted is None and unwanted is None and low is None and high is None
        if answered is False:
            return False
        codes = set(answer) if isinstance(answer, list) else {answer}
        if wanted is not None and not codes & wanted:
            return False
        if unwanted is not None and codes & unwanted:
            return False
        if low is None and high is None:
            return True
        return isinstance(answer, int | float) and (low is None or answer >= low) and (high is None or answer <= high)

    return test


def screened_by(item: AnyItem, answer: Answer | None) -> str | None:
    """What the answer ends: "sitting", "section", or None when it screens nobody out."""
    if answer is None or not isinstance(item, LikertItem | SingleItem | MultipleItem) or item.screens_out is None:
        return None
    codes = answer if isinstance(answer, list) else [answer]
    return item.screens_out.ends if any(code in item.screens_out.choices for code in codes) else None


def visible(questionnaire: Questionnaire, answers: Answers) -> set[str]:
    """The ids of the items that are shown, notes included, given stored answers by item id.

    For a unit of a repeated section pass the sitting's own answers and the unit's together.
    """
    shown: set[str] = set()
    kept: dict[str, Answer] = {}
    for section in questionnaire.sections:
        for item in section.items:
            if item.visible_if is not None and not compiled(item.visible_if)(kept):
                continue
            shown.add(item.id)
            answer = answers.get(item.id)
            if answer is not None:
                kept[item.id] = answer
            ends = screened_by(item, answer)
            if ends == "sitting":
                return shown
            if ends == "section":
                break
    return shown


_WORDS = {
    "zh": {
        "in": "“{item}”选了{codes}", "not_in": "“{item}”选的不是{codes}", "answered": "“{item}”已回答",
        "blank": "“{item}”没有回答", "at_least": "“{item}”不低于{low}", "at_most": "“{item}”不高于{high}",
        "all": "，并且", "any": "，或者", "not": "不是这样：{inner}", "or": "或", "quoted": "“{label}”",
        "group": "（{inner}）",
    },
    "en": {
        "in": "“{item}” is answered {codes}", "not_in": "“{item}” is answered, but not {codes}",
        "answered": "“{item}” is answered", "blank": "“{item}” is not answered",
        "at_least": "“{item}” is at least {low}", "at_most": "“{item}” is at most {high}",
        "all": ", and ", "any": ", or ", "not": "this is not so: {inner}", "or": " or ", "quoted": "“{label}”",
        "group": "({inner})",
    },
}  # fmt: skip


def describe(condition: AnyCondition, questionnaire: Questionnaire, language: str = "zh") -> str:
    """The condition in words, for pages without JavaScript: “总体来说…”选了“不满意”或“非常不满意”.

    Placeholders such as `{{unit}}` in the wording of items stay; substitute afterwards. Any language but zh reads
    English connecting words. KeyError when the condition names an item that does not exist.
    """
    words = _WORDS["zh" if language == "zh" else "en"]
    match condition:
        case AllOf() | AnyOf():
            kind, parts = ("all", condition.all) if isinstance(condition, AllOf) else ("any", condition.any)
            described = (_grouped(part, questionnaire, language) for part in parts)
            return words[kind].join(described)
        case Negation():
            return words["not"].format(inner=_grouped(condition.not_, questionnaire, language))
        case ItemCondition():
            return words["all"].join(_leaf_phrases(condition, questionnaire, language))


def _grouped(condition: AnyCondition, questionnaire: Questionnaire, language: str) -> str:
    inner = describe(condition, questionnaire, language)
    simple = isinstance(condition, ItemCondition | Negation)
    return inner if simple else _WORDS["zh" if language == "zh" else "en"]["group"].format(inner=inner)


def _leaf_phrases(condition: ItemCondition, questionnaire: Questionnaire, language: str) -> list[str]:
    words = _WORDS["zh" if language == "zh" else "en"]
    item = questionnaire.item(condition.item)
    labels = {choice.code: text(choice.label, language) for choice in item.choices_in(questionnaire)}
    labels |= {code.code: text(code.label, language) for code in item.missing_in(questionnaire)}
    wording = text(item.text, language)

    def quoted(codes: tuple[str, ...]) -> str:
        return words["or"].join(words["quoted"].format(label=labels.get(code, code)) for code in codes)

    phrases = []
    if condition.answered is not None:
        phrases.append(words["answered" if condition.answered else "blank"].format(item=wording))
    if condition.in_ is not None:
        phrases.append(words["in"].format(item=wording, codes=quoted(condition.in_)))
    if condition.not_in is not None:
        phrases.append(words["not_in"].format(item=wording, codes=quoted(condition.not_in)))
    if condition.at_least is not None:
        phrases.append(words["at_least"].format(item=wording, low=f"{condition.at_least:g}"))
    if condition.at_most is not None:
        phrases.append(words["at_most"].format(item=wording, high=f"{condition.at_most:g}"))
    return phrases
