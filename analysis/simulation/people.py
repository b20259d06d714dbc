"""People who answer a questionnaire, some of them carelessly, the truth known: what a rule recovers can be counted.

Knows the shapes that statistics.md of this project describes: units with an effect, strata that differ and respond at
their own rates, one trait with dimensions, ordered answers, reversed items, times, an instructed item, missing cells,
exact copies. Must stay true: the truth is the mean of the attentive answers of everybody in the frame, whether they
responded or not and whether they would have been careless or not; the same seed gives the same people; a careless
answer does not depend on the unit.

The defaults were read off one simulated evaluation (12 units, 12,319 responses, `tests/analysis/golden/synthetic`), so
they are a floor for correctness and no forecast: speeds there are far apart, carelessness is independent of everything
and who responds depends on the stratum alone. Lengths are shares of an item's range, 0 the worst choice and 1 the best.
"""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from analysis.frame import BLANK, NO_DEPARTMENT, CodedAnswers
from analysis.points import keyed_points, rank_table
from analysis.spec import ItemSpec, QuestionnaireSpec

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]

_ROWS = 65_536


class Kind(IntEnum):
    """How a person answered."""

    ATTENTIVE = 0
    STRAIGHT = 1
    RANDOM = 2
    SECOND_HALF = 3


CARELESS = (Kind.STRAIGHT, Kind.RANDOM, Kind.SECOND_HALF)


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How the people of one audience answer.

    mean, item_sd: of the items' middles. unit_sd, person_sd, dimension_sd, noise_sd: of units, of persons on the trait,
    of persons on one dimension, of a single answer. loading_sd: of the items' loadings around 1.
    seconds_per_item: median of attentive people; seconds_sd: of its logarithm. missing: share of cells skipped.
    attention: share that passes an instructed item. careless: share of careless people; mix: how they divide into
    `CARELESS`; the other tuples give what each of these kinds does: pace in shares of the attentive, attention passed.
    straight_weights: how often a straightliner takes each choice, worst first; another number of choices, or None,
    means equally often. straight_slips: share of straightliners that answer one item differently (or, by chance, not).
    switch_sd: items around the middle where the second half begins. duplicates: share of responses sent once more.
    """

    mean: float = 0.62
    item_sd: float = 0.045
    unit_sd: float = 0.05
    person_sd: float = 0.134
    dimension_sd: float = 0.055
    noise_sd: float = 0.172
    loading_sd: float = 0.10
    seconds_per_item: float = 4.2
    seconds_sd: float = 0.35
    missing: float = 0.012
    attention: float = 0.97
    careless: float = 0.08
    mix: tuple[float, float, float] = (0.37, 0.30, 0.33)
    careless_pace: tuple[float, float, float] = (0.33, 0.33, 0.56)
    careless_attention: tuple[float, float, float] = (0.23, 0.23, 0.51)
    careless_missing: float = 0.037
    straight_weights: tuple[float, ...] | None = (0.1, 0.1, 0.2, 0.2, 0.4)
    straight_slips: float = 0.3
    switch_sd: float = 0.8
    duplicates: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Population:
    """Who could answer: sizes (J, H) people by unit and stratum, response_rates (H,) or (J, H), shifts (H,) of strata.

    shifts: how far a stratum's people lie above the unit, in shares of the range.
    """

    sizes: NDArray[np.int64]
    response_rates: Floats
    shifts: Floats

    def __post_init__(self) -> None:
        if self.sizes.ndim != 2 or self.shifts.shape != (self.sizes.shape[1],):
            raise ValueError(f"sizes {self.sizes.shape} need one shift a stratum, not {self.shifts.shape}")
        if len(self.sizes) and self.sizes.size and int(self.sizes.min()) < 0:
            raise ValueError("sizes must not be negative")
        np.broadcast_to(self.response_rates, self.sizes.shape)


@dataclass(frozen=True, eq=False)
class People:
    """Answers with their truth.

    answers: what the office would have, sorted by unit and stratum. kind: int8 (n,) `Kind`. copy: bool (n,), the second
    sending of another row. true_items: (J, k) mean points of each unit's whole population on each column, attentive,
    NaN where the column is not scored or the unit has nobody.
    """

    answers: CodedAnswers
    kind: NDArray[np.int8]
    copy: NDArray[np.bool_]
    true_items: Floats = field(repr=False)

    @property
    def careless(self) -> NDArray[np.bool_]:
        """(n,) who answered carelessly."""
        return np.asarray(self.kind != Kind.ATTENTIVE, dtype=np.bool_)

    def true_scores(self, weights: Floats | None = None) -> Floats:
        """(J,) the units' true scores: weights (k,) of the columns, summing to 1; None: the mean of the scored items.

        Everybody's attentive answers are complete, so every indicator is such a sum: a dimension's weight divided by
        its items.
        """
        scored = np.array([item.scored for item in self.answers.questionnaire.items])
        weights = scored / max(int(scored.sum()), 1) if weights is None else weights
        used = weights != 0
        return np.asarray(self.true_items[:, used] @ weights[used], dtype=np.float64)


def draw_people(
    questionnaire: QuestionnaireSpec,
    population: Population,
    *,
    seed: int,
    behaviour: Behaviour | None = None,
    time_step: float | None = None,
) -> People:
    """Draw one evaluation of one audience.

    time_step: ratio of the grid on which times are kept, None for exact ones. Items that are scored follow the trait;
    instructed items are passed or failed; other closed items are answered at random by everybody.
    """
    how = Behaviour() if behaviour is None else behaviour
    rng = np.random.default_rng(seed)
    ways = Instrument(questionnaire, how, rng)
    units, strata = population.sizes.shape
    rates: Floats = np.broadcast_to(population.response_rates, population.sizes.shape)
    effects = rng.normal(0.0, how.unit_sd, size=(units,))
    totals = np.zeros((units, len(questionnaire.items)))
    drawn, place = [], []
    for unit in range(units):
        for stratum in range(strata):
            left, rate = int(population.sizes[unit, stratum]), float(rates[unit, stratum])
            while left:
                size = min(left, _ROWS)
                codes = ways.attentive(size, float(effects[unit]) + float(population.shifts[stratum]))
                totals[unit] += ways.points_of(codes)
                answered = codes[rng.random(size) < rate]
                drawn.append(answered)
                place.append((unit, stratum, len(answered)))
                left -= size
    sizes = np.maximum(population.sizes.sum(axis=1), 1)
    scored = np.array([item.scored for item in questionnaire.items])
    true_items = np.where(scored & (population.sizes.sum(axis=1) > 0)[:, None], totals / sizes[:, None], np.nan)
    codes = np.concatenate(drawn) if drawn else np.zeros((0, len(questionnaire.items)), dtype=np.int8)
    cell = np.repeat([unit * strata + stratum for unit, stratum, _ in place], [n for _, _, n in place]).astype(np.int64)
    kind = ways.behave(codes)
    seconds = ways.seconds(kind, how)
    rows, copy = _sent_twice(cell, how.duplicates, rng)
    codes, cell, kind = codes[rows], cell[rows], kind[rows]
    seconds = seconds[rows] * np.where(copy, rng.uniform(0.3, 0.8, len(rows)), 1.0)
    if time_step is not None:
        seconds = np.exp(np.round(np.log(seconds) / np.log(time_step)) * np.log(time_step))
    answers = CodedAnswers(
        questionnaire=questionnaire,
        codes=codes,
        unit=(cell // max(strata, 1)).astype(np.int32),
        stratum=(cell % max(strata, 1)).astype(np.int32),
        department=np.full(len(codes), NO_DEPARTMENT, dtype=np.int32),
        sitting=np.arange(len(codes), dtype=np.int32),
        eligible=np.ones(len(codes), dtype=np.bool_),
        seconds=seconds.astype(np.float32),
    )
    return People(answers=answers, kind=kind, copy=copy, true_items=true_items)


class Instrument:
    """A questionnaire with the parameters that one draw gave its items, and the ways to answer it.

    scored: columns that follow the trait; facts: those answered at random by everybody; both without instructed items.
    middles, loadings: of the scored ones, in shares of the range. Every method draws from the same stream, so the order
    of calls belongs to what a seed gives.
    """

    def __init__(self, questionnaire: QuestionnaireSpec, how: Behaviour, rng: np.random.Generator) -> None:
        self.items, self.how, self.rng = questionnaire.items, how, rng
        checks = {check.item: check.expect for check in questionnaire.quality.attention}
        self.attention = {
            column: [item.codes.index(choice) + 1 for choice in checks[item.id] if choice in item.codes]
            for column, item in enumerate(self.items)
            if item.id in checks
        }
        self.scored = [c for c, item in enumerate(self.items) if item.scored and c not in self.attention]
        self.facts = [c for c in range(len(self.items)) if c not in self.attention and c not in set(self.scored)]
        self.choices = np.array([len(item.codes) for item in self.items], dtype=np.int64)
        names = sorted({str(self.items[c].dimension) for c in self.scored})
        self.dimension = [names.index(str(self.items[c].dimension)) for c in self.scored]
        self.middles = how.mean + rng.normal(0.0, how.item_sd, len(self.scored))
        self.loadings = 1.0 + rng.normal(0.0, how.loading_sd, len(self.scored))
        self.descending = np.array([_descending(item) for item in self.items])
        # A straightliner's good end is the one of most items: that is what makes the others reversed.
        self.mostly_descending = 2 * int(self.descending[self.scored].sum()) > len(self.scored)

    def attentive(self, size: int, level: float | Floats) -> Codes:
        """(size, k) codes of attentive people without missing cells, `level` above the middles: of all, or (size,)."""
        rng, how = self.rng, self.how
        trait = level + rng.normal(0.0, how.person_sd, size)
        own = rng.normal(0.0, how.dimension_sd, (size, max(self.dimension, default=0) + 1))
        codes = np.zeros((size, len(self.items)), dtype=np.int8)
        for place, column in enumerate(self.scored):
            latent = self.middles[place] + self.loadings[place] * trait + own[:, self.dimension[place]]
            latent = latent + rng.normal(0.0, how.noise_sd, size)
            top = int(self.choices[column])
            rank = np.clip(np.round(1 + (top - 1) * latent), 1, top)
            codes[:, column] = top + 1 - rank if self.descending[column] else rank
        for column in self.facts:
            codes[:, column] = rng.integers(1, self.choices[column] + 1, size)
        return codes

    def points_of(self, codes: Codes) -> Floats:
        """(k,) summed points, 0 where a column is not scored."""
        totals = np.zeros(len(self.items))
        for column in self.scored:
            count = np.bincount(codes[:, column], minlength=int(self.choices[column]) + 1)[1:]
            totals[column] = float(count @ np.array([points or 0.0 for points in keyed_points(self.items[column])]))
        return totals

    def behave(self, codes: Codes) -> NDArray[np.int8]:
        """Make some of these people careless, in place; also instructed items and missing cells. Their kinds, (n,)."""
        rng, how, n = self.rng, self.how, len(codes)
        shares = np.array(how.mix) / sum(how.mix) * how.careless
        kind = rng.choice(4, size=n, p=[1 - shares.sum(), *shares]).astype(np.int8)
        scored = np.array(self.scored, dtype=np.intp)
        for way in (Kind.STRAIGHT, Kind.RANDOM, Kind.SECOND_HALF):
            rows = np.flatnonzero(kind == way)
            if not len(rows) or not len(scored):
                continue
            careless = self.at_random(len(rows))
            if way is Kind.STRAIGHT:
                careless = self.in_line(len(rows), how.straight_weights)
                slips = np.flatnonzero(rng.random(len(rows)) < how.straight_slips)
                where = rng.integers(0, len(scored), len(slips))
                careless[slips, where] = rng.integers(1, self.choices[scored[where]] + 1)
            if way is Kind.SECOND_HALF:
                lazy = rng.random(len(rows)) < 0.5
                careless[lazy] = self.in_line(int(lazy.sum()), None)
                middle = len(scored) / 2 + rng.normal(0.0, how.switch_sd, len(rows))
                before = np.arange(len(scored)) < np.round(middle)[:, None]
                careless = np.where(before, codes[np.ix_(rows, scored)], careless)
            codes[np.ix_(rows, scored)] = careless
        passing = np.array([how.attention, *how.careless_attention])[kind]
        for column, expected in self.attention.items():
            others = [code for code in range(1, int(self.choices[column]) + 1) if code not in expected]
            wrong = rng.choice(others, n) if others else np.full(n, expected[0])
            codes[:, column] = np.where(rng.random(n) < passing, expected[0], wrong)
        skipping = np.where(kind == Kind.ATTENTIVE, how.missing, how.careless_missing)
        for column in [*self.scored, *self.facts]:
            codes[rng.random(n) < skipping, column] = BLANK
        return kind

    def at_random(self, size: int) -> Codes:
        """(size, scored) every choice equally likely."""
        return np.stack([self.rng.integers(1, self.choices[c] + 1, size) for c in self.scored], axis=1).astype(np.int8)

    def in_line(self, size: int, weights: tuple[float, ...] | None) -> Codes:
        """(size, scored) one place on the page for all items, on scales of any length."""
        top = int(np.bincount(self.choices[self.scored]).argmax())
        usable = weights is not None and len(weights) == top and sum(weights) > 0
        chosen = np.array(weights) / sum(weights) if usable and weights else None
        rank = 1 + self.rng.choice(top, size=size, p=chosen)
        place = (rank - 1) / max(top - 1, 1)
        place = 1 - place if self.mostly_descending else place
        codes = [np.round(1 + (self.choices[c] - 1) * place) for c in self.scored]
        return np.stack(codes, axis=1).astype(np.int8)

    def seconds(self, kind: NDArray[np.int8], how: Behaviour) -> Floats:
        """(n,) seconds of the whole sitting."""
        pace = np.array([1.0, *how.careless_pace])[kind]
        asked = len(self.scored) + len(self.facts) or len(self.items)
        return np.asarray(
            asked * how.seconds_per_item * pace * np.exp(self.rng.normal(0.0, how.seconds_sd, len(kind))),
            dtype=np.float64,
        )


def _descending(item: ItemSpec) -> bool:
    """Whether the first choice of an item is its best one."""
    ranks = rank_table(item)[1 : len(item.codes) + 1]
    return bool(ranks[0] > ranks[-1])


def _sent_twice(
    cell: NDArray[np.int64], share: float, rng: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """(rows, some of them a second time, sorted by cell; which are the second sending)."""
    again = np.flatnonzero(rng.random(len(cell)) < share)
    rows = np.concatenate((np.arange(len(cell)), again))
    order = np.argsort(cell[rows], kind="stable")
    return rows[order], order >= len(cell)
