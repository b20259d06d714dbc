"""People's own words about each unit, as far as a snapshot holds them: once no more can come, masked and shuffled.

Knows which items take words. Must stay true: words below the fewest are not stored; strata, departments, languages and
times do not stand beside them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analysis.frame import NO_DEPARTMENT
from survey_app.questionnaire.answer_readers import other_key
from survey_app.questionnaire.items import MAX_OTHER_TEXT, AnsweredItem, TextItem
from survey_app.questionnaire.model import Questionnaire
from survey_app.scores.operations.circumstances import Scope
from survey_app.scores.operations.document import Json
from survey_app.scores.operations.loading import Loaded
from survey_app.scores.rules import open_answers as rules
from survey_app.scores.rules.open_answers import Written


@dataclass(frozen=True)
class OpenItem:
    """An item that takes words. key: of the stored answer. choice: the one that asks to say more; None: a text."""

    item: AnsweredItem
    key: str
    choice: str | None
    max_length: int


def open_items(questionnaire: Questionnaire) -> Iterator[OpenItem]:
    """Texts and the words beside "other", in written order."""
    for item in questionnaire.answered_items():
        if isinstance(item, TextItem):
            yield OpenItem(item, item.id, None, item.max_length)
        for choice in item.choices_in(questionnaire):
            if choice.other:
                yield OpenItem(item, other_key(item.id), choice.code, MAX_OTHER_TEXT)


def open_answers(loaded: Loaded, scope: Scope) -> list[Json]:
    """By unit and item what was written; `texts` is empty and `shown` false where too few wrote.

    Nothing while answers may still come: a second list less the first would be what one person wrote.
    """
    if not scope.closed:
        return []
    written = _by_place(loaded)
    return [
        _open_answer(unit.code, found, asked, scope, written.get((place, content_hash, asked.key), []))
        for place, unit in enumerate(scope.setup.units)
        for content_hash, found in scope.questionnaires.items()
        if found.audience in unit.audiences
        for asked in open_items(found)
    ]


def _open_answer(unit: str, found: Questionnaire, asked: OpenItem, scope: Scope, written: list[Written]) -> Json:
    texts = rules.shown(
        written,
        rules.fewest(scope.plan, asked.item.restricted),
        asked.max_length,
        key=scope.digest_key,
        place=f"{unit}/{found.id}/{asked.key}",
    )
    return {
        "unit": unit,
        "audience": found.audience,
        "questionnaire": found.id,
        "item": asked.item.id,
        "choice": asked.choice,
        "restricted": asked.item.restricted,
        "shown": bool(texts),
        "texts": texts,
    }


def _by_place(loaded: Loaded) -> Mapping[tuple[int, str, str], list[Written]]:
    """By unit, questionnaire (hash) and key. A department counts once; a response without one is its own."""
    found: defaultdict[tuple[int, str, str], list[Written]] = defaultdict(list)
    for answers, spoken in zip(loaded.answers, loaded.words, strict=True):
        for row, key, words in spoken:
            department = int(answers.department[row])
            cell = ("sitting", int(answers.sitting[row])) if department == NO_DEPARTMENT else ("department", department)
            place = (int(answers.unit[row]), answers.questionnaire.hash, key)
            found[place].append(Written(cell, words))
    return found
