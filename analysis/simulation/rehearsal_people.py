"""One campaign drawn with its real sizes: the answers as an office would have them, and the truth behind each score.

Knows a setting and assumptions. Must stay true: the truth of the people of the frame is the mean of the attentive
answers of all of them, asked or not; the truth of the process is what the unit would get from other people of the kind;
a careless answer does not depend on the unit; the same seed gives the same campaign.

People who are not asked are drawn up to `_REST` a cell: the mean of more of them differs from its expectation by the
deviation of those drawn, shrunk as the mean of so many varies less. Mean, variance and covariances of the truth are
exact by this, whatever the size of a population.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from analysis.frame import CodedAnswers, Fieldwork, Frame
from analysis.points import keyed_points
from analysis.simulation.people import Behaviour, Instrument, Kind
from analysis.simulation.rehearsal_raters import Rated, rated
from analysis.simulation.rehearsal_setting import Assumptions, Door, Setting
from analysis.spec import RELATED_DEPARTMENT, IndicatorSpec, QuestionnaireSpec

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_REST = 64
_STEP = 0.02  # of a level, either way, for the slope of a score


@dataclass(frozen=True, eq=False)
class Campaign:
    """A drawn campaign. careless: questionnaire id → bool (n,), in the order of its answers.

    people, process: (indicators, units) true scores, of the people of the frame and of the process; NaN where nobody
    stands behind the indicator.
    """

    frame: Frame
    careless: dict[str, NDArray[np.bool_]]
    people: Floats
    process: Floats


def draw_campaign(setting: Setting, assumptions: Assumptions, seed: int | Sequence[int]) -> Campaign:
    """Everything that comes back in one campaign, with its truth. seed: one number, or several that make one."""
    rng = np.random.default_rng(seed)
    shape = (len(setting.plan.indicators), len(setting.units))
    truths = _Truths(np.zeros(shape), np.zeros(shape), np.zeros(shape))
    known: dict[tuple[str, str], list[tuple[int, int, bool]]] = {}
    answers, careless, first = [], {}, 0
    effects = {audience: rng.standard_normal(len(setting.units)) for audience in sorted(assumptions.behaviours)}
    for questionnaire in setting.questionnaires:
        drawing = _Drawing(setting, assumptions, questionnaire, rng, effects[questionnaire.audience])
        if questionnaire.audience == RELATED_DEPARTMENT:
            panels = [panel for panel in setting.panels if panel.questionnaire == questionnaire.id]
            asked = rated(setting, assumptions, panels, rng)
            came = drawing.raters(asked, truths, first)
            for unit, cards in asked.cards.items():
                known.setdefault((setting.units[unit].code, RELATED_DEPARTMENT), []).append((cards, 0, False))
        else:
            doors = [door for door in setting.doors if door.questionnaire == questionnaire.id]
            came = drawing.people(doors, truths, first)
            for door in doors:
                key = (setting.units[door.unit].code, questionnaire.audience)
                known.setdefault(key, []).append((door.asked, 0, door.open_link))
        if came is not None:
            answers.append(came[0])
            careless[questionnaire.id] = came[1]
            first = int(came[0].sitting.max(initial=first - 1)) + 1
    frame = Frame(
        units=setting.units,
        answers=tuple(answers),
        strata=setting.strata,
        departments=setting.departments,
        population=setting.population,
        fieldwork=_fieldwork(setting, known),
    )
    return Campaign(frame, careless, *truths.found())


def _fieldwork(
    setting: Setting, known: dict[tuple[str, str], list[tuple[int, int, bool]]]
) -> dict[tuple[str, str], Fieldwork]:
    """Every card was handed out; where a sitting may leave units out, the cards of a unit are not known."""
    limited = {
        setting.units[unit].code for panel in setting.panels if len(panel.units) > panel.most for unit in panel.units
    }
    found = {}
    for (unit, audience), doors in known.items():
        open_link = any(is_open for _, _, is_open in doors)
        uncounted = open_link or (audience == RELATED_DEPARTMENT and unit in limited)
        cards = None if uncounted else sum(asked for asked, _, _ in doors)
        found[unit, audience] = Fieldwork(activated=cards, handed_out=cards, open_link=open_link)
    return found


@dataclass(frozen=True, eq=False)
class _Truths:
    """(indicators, units) sums over whoever stands behind a score: of weights, and of true scores by these weights."""

    weight: Floats
    people: Floats
    process: Floats

    def add(self, indicator: int, units: Integers, weight: Floats, people: Floats, process: Floats) -> None:
        np.add.at(self.weight[indicator], units, weight)
        np.add.at(self.people[indicator], units, weight * people)
        np.add.at(self.process[indicator], units, weight * process)

    def found(self) -> tuple[Floats, Floats]:
        weight = np.where(self.weight > 0, self.weight, np.nan)
        return self.people / weight, self.process / weight


class _Drawing:
    """One questionnaire in one campaign."""

    def __init__(
        self,
        setting: Setting,
        assumptions: Assumptions,
        questionnaire: QuestionnaireSpec,
        rng: np.random.Generator,
        effects: Floats,
    ) -> None:
        self.setting, self.assumptions, self.rng = setting, assumptions, rng
        self.questionnaire = questionnaire
        self.how: Behaviour = assumptions.behaviours[questionnaire.audience]
        self.ways = Instrument(questionnaire, self.how, rng)
        self.points = [np.array([0.0, *(p or 0.0 for p in keyed_points(item))]) for item in questionnaire.items]
        self.weights = {
            place: _column_weights(indicator, questionnaire)
            for place, indicator in enumerate(setting.plan.indicators)
            if _takes(indicator, questionnaire)
        }
        self.shared_variance = 0.0
        if questionnaire.audience == RELATED_DEPARTMENT:
            self.shared_variance = assumptions.department_sd**2 + assumptions.rater_sd**2
        self.level = effects * assumptions.spread / self._slope()

    def people(
        self, doors: Sequence[Door], truths: _Truths, first: int
    ) -> tuple[CodedAnswers, NDArray[np.bool_]] | None:
        """Answers through doors, those of one cell beside each other; None where nobody is asked."""
        if not doors:
            return None
        unit = np.array([door.unit for door in doors])
        asked = np.array([door.asked for door in doors], dtype=np.int64)
        rate = self.assumptions.response_rates.get(self.questionnaire.audience, 1.0)
        open_link = np.array([door.open_link for door in doors])
        came = np.where(open_link, asked, self.rng.binomial(asked, rate)).astype(np.int64)
        members = np.array([asked[at] if door.members is None else door.members for at, door in enumerate(doors)])
        left = np.maximum(members - came, 0)
        rest = np.minimum(left, _REST)
        level = self.level[unit]
        codes = self._attentive(np.repeat(level, came))
        others = self._attentive(np.repeat(level, rest))
        for indicator, weights in self.weights.items():
            process = self._expected(level, weights)
            sums = self._sums(codes, weights, np.repeat(np.arange(len(doors)), came), len(doors))
            drawn = self._sums(others, weights, np.repeat(np.arange(len(doors)), rest), len(doors))
            shrunk = np.sqrt(rest / np.maximum(left, 1))
            of_rest = process + (drawn / np.maximum(rest, 1) - process) * shrunk
            people = (sums + left * of_rest) / np.maximum(came + left, 1)
            # Two questionnaires to the same people: each stands for those whom it asks.
            shares = members * asked / np.maximum(self._asked_beside(doors), 1)
            truths.add(indicator, unit, np.where(came + left > 0, shares, 0.0), people, process)
        kind = self.ways.behave(codes)
        stratum = np.array([door.stratum for door in doors])
        return self._coded(
            codes,
            unit=np.repeat(unit, came),
            stratum=np.repeat(stratum, came),
            department=np.full(len(codes), -1),
            sitting=np.arange(len(codes)),
            seconds=self.ways.seconds(kind, self.how),
            kind=kind,
            first=first,
        )

    def raters(self, asked: Rated, truths: _Truths, first: int) -> tuple[CodedAnswers, NDArray[np.bool_]] | None:
        """Ratings by departments: everybody's attentive ones make the truth, those of who came are the answers."""
        if not len(asked.unit):
            return None
        codes = self._attentive(self.level[asked.unit] + asked.leaning)
        for indicator, weights in self.weights.items():
            score = self._scores(codes, weights)
            process = self._expected(self.level, weights)
            of_pair = np.bincount(asked.pair, score) / np.bincount(asked.pair)
            unit = asked.unit[np.unique(asked.pair, return_index=True)[1]]
            listed = np.bincount(unit, minlength=len(process))
            mean = np.bincount(unit, of_pair, minlength=len(process)) / np.maximum(listed, 1)
            # Departments that the frame counts and nobody asks: their mean differs from the process as such means do.
            silent = np.maximum(asked.stated - listed, 0)
            spread = float(np.std(of_pair - process[unit]))
            unasked = process + self.rng.standard_normal(len(process)) * spread / np.sqrt(np.maximum(silent, 1))
            people = (listed * mean + silent * unasked) / np.maximum(listed + silent, 1)
            there = np.flatnonzero(listed)
            truths.add(indicator, there, np.ones(len(there)), people[there], process[there])
        codes = codes[asked.came]
        kind = self.ways.behave(codes)
        seconds = self.ways.seconds(kind, self.how)
        _, sitting = np.unique(asked.person[asked.came], return_inverse=True)
        return self._coded(
            codes,
            unit=asked.unit[asked.came],
            stratum=np.full(len(codes), self._unnamed()),
            department=asked.department[asked.came],
            sitting=sitting,
            # What is known is the time of a whole sitting.
            seconds=np.asarray(np.bincount(sitting, seconds)[sitting], dtype=np.float64) if len(sitting) else seconds,
            kind=kind,
            first=first,
        )

    def _unnamed(self) -> int:
        return self.setting.strata.index(None) if None in self.setting.strata else 0

    def _asked_beside(self, doors: Sequence[Door]) -> Integers:
        """How many are asked by all questionnaires of the audience, for each door's people."""
        total: dict[tuple[int, int], int] = {}
        for door in self.setting.doors:
            if self.setting.questionnaire(door.questionnaire).audience == self.questionnaire.audience:
                total[door.unit, door.stratum] = total.get((door.unit, door.stratum), 0) + door.asked
        return np.array([total[door.unit, door.stratum] for door in doors], dtype=np.int64)

    def _attentive(self, level: Floats) -> NDArray[np.int8]:
        """(n, k) codes of attentive people, each at a level of their own."""
        return self.ways.attentive(len(level), level)

    def _scores(self, codes: NDArray[np.int8], weights: Floats) -> Floats:
        """(n,) complete answers as scores."""
        total = np.zeros(len(codes))
        for column in np.flatnonzero(weights):
            total += weights[column] * self.points[column][codes[:, column]]
        return total

    def _sums(self, codes: NDArray[np.int8], weights: Floats, cell: Integers, cells: int) -> Floats:
        return np.asarray(np.bincount(cell, self._scores(codes, weights), minlength=cells), dtype=np.float64)

    def _expected(self, level: Floats, weights: Floats) -> Floats:
        """(cells,) mean score of attentive people without end at these levels."""
        how, total = self.how, np.zeros(len(level))
        for place, column in enumerate(self.ways.scored):
            if not weights[column]:
                continue
            loading, top = self.ways.loadings[place], int(self.ways.choices[column])
            trait = how.person_sd**2 + self.shared_variance
            sd = np.sqrt(loading**2 * trait + how.dimension_sd**2 + how.noise_sd**2)
            middle = self.ways.middles[place] + loading * level
            bounds = (np.arange(1, top) - 0.5) / max(top - 1, 1)
            below = ndtr((bounds - middle[:, None]) / sd)
            share = np.diff(below, axis=1, prepend=0.0, append=1.0)
            points = self.points[column][1:]
            total += weights[column] * (share @ (points[::-1] if self.ways.descending[column] else points))
        return total

    def _slope(self) -> float:
        """Points of a score by one unit of level, on average over the indicators."""
        ends = np.array([-_STEP, _STEP])
        slopes = [float(np.diff(self._expected(ends, weights))[0]) / (2 * _STEP) for weights in self.weights.values()]
        rising = [slope for slope in slopes if slope > 0]
        return sum(rising) / len(rising) if rising else 100.0

    def _coded(
        self,
        codes: NDArray[np.int8],
        *,
        unit: Integers,
        stratum: Integers,
        department: Integers,
        sitting: Integers,
        seconds: Floats,
        kind: NDArray[np.int8],
        first: int,
    ) -> tuple[CodedAnswers, NDArray[np.bool_]]:
        """The rows sorted by unit, and which of them are careless."""
        order = np.argsort(unit, kind="stable")
        grid = np.log(self.assumptions.time_step)
        answers = CodedAnswers(
            questionnaire=self.questionnaire,
            codes=codes[order],
            unit=unit[order].astype(np.int32),
            stratum=stratum[order].astype(np.int32),
            department=department[order].astype(np.int32),
            sitting=(first + sitting[order]).astype(np.int32),
            eligible=np.ones(len(codes), dtype=np.bool_),
            seconds=np.exp(np.round(np.log(seconds[order]) / grid) * grid).astype(np.float32),
        )
        return answers, np.asarray(kind[order] != Kind.ATTENTIVE, dtype=np.bool_)


def _takes(indicator: IndicatorSpec, questionnaire: QuestionnaireSpec) -> bool:
    wanted = indicator.questionnaires
    return indicator.audience == questionnaire.audience and (not wanted or questionnaire.id in wanted)


def _column_weights(indicator: IndicatorSpec, questionnaire: QuestionnaireSpec) -> Floats:
    """(k,) by which complete answers make the indicator's score; parts that are not asked weigh on the others.

    An indicator's score comes out the same from people of one questionnaire or several, as each part is averaged over
    those who were asked it.
    """
    weights = np.zeros(len(questionnaire.items))
    for part in indicator.parts:
        columns = list(questionnaire.columns_of(part))
        if columns:
            weights[columns] += part.weight / len(columns)
    total = weights.sum()
    return weights / total if total > 0 else weights
