"""What the codes of a snapshot are called: dimensions, items, choices, questionnaires, from the frozen definitions.

Must stay true: names come from the definitions that the snapshot names by hash, never from newer ones.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from survey_app.library import queries as library
from survey_app.questionnaire.items import LikertItem, RatingItem, ScoredItem, SingleItem
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.questionnaire.texts import substitute, text
from survey_app.scores.rules.words import AUDIENCES, NO_ANSWER, one


@dataclass(frozen=True)
class Names:
    """Names of everything in one snapshot, in one language. questionnaires: by id; before: of the earlier campaign."""

    plan: ScoringPlan
    questionnaires: dict[str, Questionnaire]
    language: str
    before: dict[str, Questionnaire] = field(default_factory=dict)

    @property
    def publishes_places(self) -> bool:
        """Whether the plan publishes places of units (位次区间); silent plans do not."""
        return self.plan.ranking is not None and self.plan.ranking.publish

    def indicator(self, code: str) -> str:
        """An indicator's title."""
        title = self.plan.indicator(code).title
        return code if title is None else text(title, self.language)

    def questionnaire(self, name: str) -> str:
        """A questionnaire's title."""
        return text(self.questionnaires[name].title, self.language) if name in self.questionnaires else name

    def part(self, audience: str, name: str, unit: str = "") -> str:
        """A dimension's title or an item's text."""
        for questionnaire in self._of(audience):
            if name in questionnaire.dimensions:
                return text(questionnaire.dimensions[name].title, self.language)
        for questionnaire in self._of(audience):
            if questionnaire.has_item(name):
                return self.item(questionnaire.id, name, unit)
        return name

    def item(self, questionnaire: str, name: str, unit: str = "") -> str:
        """An item's text, with the unit's name put in."""
        asked = text(self.questionnaires[questionnaire].item(name).text, self.language)
        return substitute(asked, {"unit": unit}) if unit else asked

    def item_then_or_now(self, questionnaire: str, name: str) -> str:
        """An item's text as it is now, or as it was in the earlier campaign, where it is no longer asked."""
        for asked in (self.questionnaires, self.before):
            if questionnaire in asked and asked[questionnaire].has_item(name):
                return text(asked[questionnaire].item(name).text, self.language)
        return name

    def choice(self, questionnaire: str, item: str, code: str) -> str:
        """A choice's label."""
        found = self.questionnaires[questionnaire]
        for choice in found.item(item).choices_in(found):
            if choice.code == code:
                return text(choice.label, self.language)
        return code

    def screening(self, questionnaire: str, item: str) -> tuple[str, ...]:
        """The choices that screen out."""
        screens = getattr(self.questionnaires[questionnaire].item(item), "screens_out", None)
        return () if screens is None else tuple(screens.choices)

    def answer(self, audience: str, item: str, code: str | None) -> str:
        """A choice's label in whichever questionnaire of an audience has it; None: those who gave none."""
        if code is None:
            return one(NO_ANSWER, self.language)
        labels = (self.choice(found.id, item, code) for found in self._of(audience) if found.has_item(item))
        return next((label for label in labels if label != code), code)

    def is_reversed(self, questionnaire: str, item: str) -> bool:
        """Whether agreeing with the item is bad."""
        found = self.questionnaires[questionnaire].item(item)
        return isinstance(found, LikertItem | SingleItem | RatingItem) and found.reverse_coded

    def best_first(self, questionnaire: str, item: str) -> bool:
        """Whether the first choice is the good one, once a reversed item is turned round."""
        found = self.questionnaires[questionnaire].item(item)
        if not isinstance(found, ScoredItem):
            return True
        points = self.plan.points.get(found.id) or self.plan.points.get(found.points_key or "")
        if points is None:
            descending = not isinstance(found, RatingItem)
        else:
            codes = [choice.code for choice in found.choices_in(self.questionnaires[questionnaire])]
            written = [value for code in codes if (value := points.get(code)) is not None]
            descending = not written or written[0] >= written[-1]
        return descending != found.reverse_coded

    def subject(self, audience: str, unit: str = "") -> Callable[[str], str]:
        """What the subject of a reason is called: a part, item, questionnaire, indicator, audience, or a stratum."""

        def label(name: str) -> str:
            if name in AUDIENCES:
                return one(AUDIENCES[name], self.language)
            if any(indicator.code == name for indicator in self.plan.indicators):
                return self.indicator(name)
            if name in self.questionnaires:
                return self.questionnaire(name)
            return self.part(audience, name, unit)

        return label

    def _of(self, audience: str) -> list[Questionnaire]:
        return [found for found in self.questionnaires.values() if found.audience == audience]


def names(session: Session, document: dict[str, Any], language: str) -> Names:
    """The names in one language for a snapshot's document. Raises NotFrozen."""
    trends = document["trends"]
    then = [] if trends is None else trends["against"]["questionnaires"]
    return Names(
        plan=library.plan(session, document["plan"]["hash"]),
        questionnaires=_asked(session, document["questionnaires"]),
        language=language,
        before=_asked(session, then),
    )


def _asked(session: Session, named: list[dict[str, str]]) -> dict[str, Questionnaire]:
    return {found["id"]: library.questionnaire(session, found["hash"]) for found in named}
