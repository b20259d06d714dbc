"""Simulated respondents: what they think of a unit, how carefully they answer, what goes wrong on the way.

Each unit has a planted quality for each audience; an honest person answers each item around it. Careless people are
of three kinds: the same answer everywhere, any answer, or careful at first and any answer later. Some mistype their
code and try again, some give up before sending.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from survey_app.cli.demo.phone import Form, Page, Phone
from survey_app.questionnaire.items import LikertItem, MultipleItem, SingleItem
from survey_app.questionnaire.model import Questionnaire

HONEST, SAME, RANDOM, LATER = "honest", "same", "random", "later"
_KINDS = {HONEST: 0.90, SAME: 0.04, RANDOM: 0.03, LATER: 0.03}
_GIVE_UP = 0.03
_MISTYPE = 0.04
_BLANK = 0.02
_TYPED_MISSING = 0.06
_WRITES = 0.05
_UNKNOWN = 0.05
# The field of the page on which units are chosen.
_UNITS = "_known"
_OPEN_TEXTS = ("希望流程更简单一些。", "窗口可以多开几个。", "资料要求最好一次说全。", "总体不错。")


@dataclass(frozen=True)
class Card:
    """One card as handed out: the address in its QR code, the characters below it, and what there is to think.

    qualities: unit name → planted quality, about -1 … 1.5; for a department all the units that it may be asked about.
    """

    address: str
    code: str
    questionnaire: str
    qualities: Mapping[str, float]


@dataclass
class Tally:
    """What the simulated people did."""

    sent: int = 0
    gave_up: int = 0
    mistyped: int = 0
    refused: int = 0
    careless: int = 0


class Person:
    """One respondent with a card in hand."""

    def __init__(self, card: Card, questionnaire: Questionnaire, seed: str) -> None:
        self._card = card
        self._questionnaire = questionnaire
        self._random = random.Random(seed)  # noqa: S311  # a simulation must be repeatable
        self.kind = self._random.choices(list(_KINDS), list(_KINDS.values()))[0]
        self._leaning = self._random.gauss(0, 0.55)
        self._same = self._random.choice((0, 0, 1, 2))
        self._most = 0

    def answer(self, phone: Phone, tally: Tally) -> None:
        """From the card to the thanks page, or as far as this person gets."""
        page = phone.open(self._card.address)
        if self._random.random() < _MISTYPE:
            page = self._mistype(phone, page)
            tally.mistyped += 1
        start = page.form("/q")
        if start is None:
            tally.refused += 1
            return
        page = phone.send(start, {name: [value] for name, value in start.buttons if name})
        if self._random.random() < _GIVE_UP:
            tally.gave_up += 1
            return
        while page.status == 200 and (form := page.form("/a")) is not None:
            page = phone.send(form, self._fill(form, page.where))
        if page.status == 303:
            tally.sent += 1
            tally.careless += self.kind != HONEST
        else:
            tally.refused += 1

    def _mistype(self, phone: Phone, page: Page) -> Page:
        form = page.form("/q")
        if form is None:
            return page
        typed = list(self._card.code)
        place = self._random.randrange(len(typed))
        typed[place] = "7" if typed[place] != "7" else "8"
        wrong = phone.send(Form("/q"), {"code": ["".join(typed)]})
        again = wrong.form("/q")
        return phone.send(again, {"code": [self._card.code]}) if again is not None else page

    def _fill(self, form: Form, where: str) -> dict[str, list[str]]:
        """Values for every item of a page, in the order in which the page shows them."""
        if _UNITS in form.choices:
            return {_UNITS: self._known(form.choices[_UNITS])}
        quality = self._quality(where)
        shown = [item for item in self._questionnaire.items() if item.id in form.choices or item.id in form.typed]
        values: dict[str, list[str]] = {}
        for place, item in enumerate(shown):
            careless = self.kind in {SAME, RANDOM} or (self.kind == LATER and place > len(shown) / 2)
            if isinstance(item, LikertItem | SingleItem):
                codes = [choice.code for choice in item.choices_in(self._questionnaire)]
                missing = [found.code for found in item.missing_in(self._questionnaire)]
                chosen = self._careless(codes) if careless else self._honest(item, codes, missing, quality)
                values |= {item.id: [chosen]} if chosen else {}
            elif isinstance(item, MultipleItem):
                values[item.id] = [
                    self._random.choice([choice.code for choice in item.choices_in(self._questionnaire)])
                ]
            elif item.id in form.typed and self._random.random() < _WRITES:
                values[item.id] = [self._random.choice(_OPEN_TEXTS)]
        return self._attention(values)

    def _known(self, offered: list[str]) -> list[str]:
        """As many units as were offered at first, less one that this person may not know."""
        self._most = self._most or len(offered)
        fewer = len(offered) > 1 and self._random.random() < _UNKNOWN
        return sorted(self._random.sample(offered, min(self._most, len(offered)) - fewer), key=offered.index)

    def _quality(self, where: str) -> float:
        named = [quality for unit, quality in self._card.qualities.items() if unit in where]
        return (named or list(self._card.qualities.values()))[0] + self._leaning

    def _honest(
        self, item: LikertItem | SingleItem, codes: list[str], missing: list[str], quality: float
    ) -> str | None:
        if self._random.random() < _BLANK:
            return None
        if missing and self._random.random() < _TYPED_MISSING:
            return self._random.choice(missing)
        if isinstance(item, SingleItem):
            return codes[min(int(self._random.expovariate(1.2)), len(codes) - 1)]
        middle = (len(codes) - 1) / 2
        felt = -quality if item.reverse_coded else quality
        place = round(middle - felt + self._random.gauss(0, 0.75))
        return codes[min(max(place, 0), len(codes) - 1)]

    def _careless(self, codes: list[str]) -> str:
        if self.kind == SAME:
            return codes[min(self._same, len(codes) - 1)]
        return self._random.choice(codes)

    def _attention(self, values: dict[str, list[str]]) -> dict[str, list[str]]:
        if self.kind == HONEST:
            for check in self._questionnaire.quality.attention:
                if check.item in values and self._random.random() < 0.97:
                    values[check.item] = [check.expect[0]]
        return values
