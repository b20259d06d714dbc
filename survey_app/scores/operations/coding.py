"""From stored answers (JSON text) to small integers: the first step of the bridge to `analysis`.

Knows how an answer is stored and which items count. What must stay true: `AnswerCoder.codes` gives for every text
exactly what `AnswerCoder.code_one` gives for it: the second is the definition, the first only its speed. An answer that
the questionnaire does not know is an error, never a blank.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from analysis.frame import BLANK, DONT_KNOW, NOT_APPLICABLE, NOT_SHOWN
from analysis.spec import QuestionnaireSpec
from survey_app.questionnaire.answer_readers import other_key
from survey_app.questionnaire.items import AnsweredItem, LikertItem, RatingItem, SingleItem
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.visibility import Answer, screened_by, visible
from survey_app.scores.operations.row_parser import Rows, Value
from survey_app.scores.rules.errors import UnreadableAnswer

_MISSING = {"dont_know": DONT_KNOW, "not_applicable": NOT_APPLICABLE}


@dataclass(frozen=True, eq=False)
class Coded:
    """codes: int8 (n, k) in the order of the specification's items. eligible: bool (n,), False where screened out."""

    codes: NDArray[np.int8]
    eligible: NDArray[np.bool_]


@dataclass(frozen=True)
class _Step:
    """One key that a stored answer may have, in item order.

    values: of a one-choice item, as written; empty: anything, passed over. column: where its codes go, None: nowhere.
    screens: written answers that screen out.
    """

    name: str
    values: tuple[Value, ...] = ()
    column: int | None = None
    screens: frozenset[bytes] = frozenset()


class AnswerCoder:
    """The tables of one questionnaire, made once and used for every page of answers."""

    def __init__(self, questionnaire: Questionnaire, spec: QuestionnaireSpec) -> None:
        self.questionnaire = questionnaire
        self.spec = spec
        self._columns = {item.id: column for column, item in enumerate(spec.items)}
        items = [questionnaire.item(item.id) for item in spec.items]
        self._codes = [codes_of(item, questionnaire) for item in items if isinstance(item, AnsweredItem)]
        self._conditional = [column for column, item in enumerate(items) if item.visible_if is not None]
        self._steps = [step for item in questionnaire.answered_items() for step in self._steps_of(item)]

    @property
    def looks_outside(self) -> bool:
        """Whether what a sitting said outside the repeated section may decide what was shown inside it."""
        return self.questionnaire.repeated_section() is not None and bool(self._conditional)

    def codes(self, texts: Sequence[str], around: Sequence[Mapping[str, Answer]] | None = None) -> Coded:
        """The codes of many stored answers. around: for each, what its sitting said outside the repeated section.

        Raises UnreadableAnswer.
        """
        found = np.full((len(texts), len(self.spec.items)), BLANK, dtype=np.int8)
        eligible = np.ones(len(texts), dtype=np.bool_)
        rows = Rows(texts)
        for step in self._steps:
            self._take(rows, step, found)
        odd = ~rows.finished()
        if self._conditional:
            # A blank of a conditional item may mean that it was not shown.
            odd |= (found[:, self._conditional] == BLANK).any(axis=1)
        for row in np.flatnonzero(odd).tolist():
            found[row], eligible[row] = self.code_one(orjson.loads(texts[row]), around[row] if around else {})
        return Coded(found, eligible)

    def code_one(self, answers: Mapping[str, Any], around: Mapping[str, Answer]) -> tuple[list[int], bool]:
        """The codes of one response and whether it counts, by definition. Raises UnreadableAnswer."""
        every = {**around, **answers}
        codes = [BLANK] * len(self._columns)
        for item_id, column in self._columns.items():
            answer = answers.get(item_id)
            if answer is not None:
                code = self._codes[column].get(answer) if isinstance(answer, str | int | float) else None
                if code is None:
                    raise UnreadableAnswer(questionnaire=self.questionnaire.id, item=item_id)
                codes[column] = code
        if any(codes[column] == BLANK for column in self._conditional):
            shown = visible(self.questionnaire, every)
            for column in self._conditional:
                if codes[column] == BLANK and self.spec.items[column].id not in shown:
                    codes[column] = NOT_SHOWN
        screened = any(screened_by(item, every.get(item.id)) for item in self.questionnaire.items())
        return codes, not screened

    def _steps_of(self, item: AnsweredItem) -> list[_Step]:
        column = self._columns.get(item.id)
        closed = codes_of(item, self.questionnaire)
        values = tuple(Value(written, code) for answer, code in closed.items() for written in _written(answer))
        screens = getattr(item, "screens_out", None)
        out = frozenset(orjson.dumps(code) for code in screens.choices) if screens is not None else frozenset()
        steps = [_Step(item.id, values, column, out)]
        if any(choice.other for choice in item.choices_in(self.questionnaire)):
            steps.append(_Step(other_key(item.id)))
        return steps

    def _take(self, rows: Rows, step: _Step, found: NDArray[np.int8]) -> None:
        """Read one key in all rows that have it next. Rows that cannot be read here stay behind and end up odd."""
        if not step.values:
            rows.skip(step.name, lambda value: bool(step.screens) and any(word in value for word in step.screens))
            return
        matched, codes, written = rows.choose(step.name, step.values)
        if step.column is not None:
            found[matched, step.column] = codes
        if step.screens:
            screening = [place for place, value in enumerate(step.values) if value.written in step.screens]
            rows.set_aside(matched[np.isin(written, screening)])


def codes_of(item: AnsweredItem, questionnaire: Questionnaire) -> dict[Answer, int]:
    """Stored answer → code of a one-choice item: 1..K in choice order, typed missing by kind; empty for other items.

    A rating is stored as its number.
    """
    if not isinstance(item, LikertItem | SingleItem | RatingItem):
        return {}
    choices = item.choices_in(questionnaire)
    stored: list[Answer] = [int(choice.code) if isinstance(item, RatingItem) else choice.code for choice in choices]
    codes = {answer: number for number, answer in enumerate(stored, start=1)}
    return codes | {missing.code: _MISSING[missing.kind] for missing in item.missing_in(questionnaire)}


def _written(answer: Answer) -> tuple[bytes, ...]:
    """A stored answer as it stands after its colon; a number is told from a longer one by what follows it."""
    text = orjson.dumps(answer)
    return (text,) if isinstance(answer, str) else (text + b",", text + b"}")
