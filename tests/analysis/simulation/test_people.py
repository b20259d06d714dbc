"""Simulated people: what was asked for is what is drawn, the truth is the population's, the kinds behave as named."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.frame import BLANK
from analysis.points import keyed_ranks
from analysis.simulation import audiences
from analysis.simulation.people import CARELESS, Behaviour, Kind, People, Population, draw_people
from analysis.spec import AttentionCheck, QualitySpec, QuestionnaireSpec
from tests.factories.frames import UNEVEN, item, questionnaire

GOLDEN = Path(__file__).parents[1] / "golden" / "synthetic"


def office(
    *sizes: tuple[int, ...], rates: tuple[float, ...] = (0.5,), shifts: tuple[float, ...] = (0.0,)
) -> Population:
    return Population(sizes=np.array(sizes), response_rates=np.array(rates), shifts=np.array(shifts))


def asked(k: int = 12, reverse: tuple[int, ...] = (3, 8)) -> QuestionnaireSpec:
    return questionnaire(*(item(f"q{at}", f"d{at // 4}", reverse=at in reverse) for at in range(k)))


def drawn(population: Population, spec: QuestionnaireSpec | None = None, *, seed: int = 1, **how: object) -> People:
    return draw_people(spec or asked(), population, seed=seed, behaviour=Behaviour(**how))


def ranks_of(people: People) -> np.ndarray:
    items = people.answers.questionnaire.items
    ranks = keyed_ranks(people.answers.codes, items, [at for at, one in enumerate(items) if one.scored]).astype(float)
    ranks[ranks == 0] = np.nan
    return ranks


def test_draw__the_same_seed__is_the_same_and_another_is_not():
    one, same, other = (drawn(office((400,), (90,)), seed=seed) for seed in (5, 5, 6))
    assert (one.answers.codes == same.answers.codes).all()
    assert (one.answers.seconds == same.answers.seconds).all()
    assert one.true_items.tolist() == same.true_items.tolist()
    assert len(one.kind) != len(other.kind) or (one.answers.codes != other.answers.codes).any()


def test_draw__everybody_attentive_and_responding__scores_exactly_the_truth():
    people = drawn(office((300,), (50,), (1,), rates=(1.0,)), careless=0.0, missing=0.0)
    points = (ranks_of(people) - 1) / 4 * 100
    means = [points[people.answers.unit == unit].mean() for unit in range(3)]
    assert people.true_scores() == pytest.approx(means, abs=1e-9)
    assert not people.careless.any()
    weights = np.zeros(12)
    weights[:4] = 0.25
    first = [points[people.answers.unit == unit, :4].mean() for unit in range(3)]
    assert people.true_scores(weights) == pytest.approx(first, abs=1e-9)


def test_truth__carelessness_response_and_skipping__do_not_touch_it():
    population = office((2000,), (500,))
    truths = [
        drawn(replace(population, response_rates=np.array([rate])), careless=careless).true_scores()
        for careless, rate in ((0.0, 0.5), (0.9, 0.5))
    ]
    assert truths[0].tolist() == truths[1].tolist()


def test_truth__unit_of_nobody__is_not_a_number_and_has_no_answers():
    people = drawn(office((100,), (0,)))
    assert np.isnan(people.true_scores()).tolist() == [False, True]
    assert set(people.answers.unit.tolist()) == {0}


def test_strata__rates_and_shifts__are_those_asked_for():
    people = drawn(office((20_000, 10_000), rates=(0.2, 0.6), shifts=(-0.1, 0.1)), careless=0.0)
    counts = np.bincount(people.answers.stratum)
    assert counts / [20_000, 10_000] == pytest.approx([0.2, 0.6], abs=0.02)
    points = (np.nanmean(ranks_of(people), axis=1) - 1) / 4 * 100
    gap = points[people.answers.stratum == 1].mean() - points[people.answers.stratum == 0].mean()
    assert gap == pytest.approx(20, abs=3)
    assert (np.diff(people.answers.unit * 2 + people.answers.stratum) >= 0).all()


def test_shares__careless_missing_copies__are_those_asked_for():
    people = drawn(
        office((40_000,)), careless=0.2, mix=(0.5, 0.25, 0.25), missing=0.03, careless_missing=0.1, duplicates=0.05
    )
    shares = [float((people.kind == way).mean()) for way in CARELESS]
    assert shares == pytest.approx([0.1, 0.05, 0.05], abs=0.01)
    skipped = people.answers.codes == BLANK
    assert skipped[~people.careless].mean() == pytest.approx(0.03, abs=0.005)
    assert skipped[people.careless].mean() == pytest.approx(0.1, abs=0.01)
    assert people.copy.mean() == pytest.approx(0.05 / 1.05, abs=0.005)


def test_copies__second_sendings__equal_another_row_of_their_cell():
    people = drawn(office((300,), (200,)), duplicates=0.1)
    for row in np.flatnonzero(people.copy):
        others = (people.answers.unit == people.answers.unit[row]) & ~people.copy
        assert (people.answers.codes[others] == people.answers.codes[row]).all(axis=1).any()
    assert len(set(people.answers.sitting.tolist())) == len(people.kind)


def test_kinds__straight_random_second_half__answer_as_named():
    people = drawn(office((60_000,)), careless=0.3, missing=0.0, careless_missing=0.0, straight_slips=0.0)
    codes = people.answers.codes
    straight, half = codes[people.kind == Kind.STRAIGHT], codes[people.kind == Kind.SECOND_HALF]
    assert (straight == straight[:, :1]).all()
    # The good end of these items is choice 1, and the weights say which place a line takes, worst first.
    assert np.bincount(straight[:, 0], minlength=6)[1:] / len(straight) == pytest.approx(
        [0.4, 0.2, 0.2, 0.1, 0.1], abs=0.03
    )
    random = codes[people.kind == Kind.RANDOM]
    assert np.bincount(random.ravel(), minlength=6)[1:] / random.size == pytest.approx(0.2, abs=0.01)
    assert (half[:, 9:] == half[:, 9:10]).all(axis=1).mean() == pytest.approx(0.5 + 0.5 / 25, abs=0.04)
    careful = ranks_of(people)[people.kind == Kind.ATTENTIVE]
    first, last = (
        np.corrcoef(ranks_of(people)[people.kind == Kind.SECOND_HALF][:, pair].T)[0, 1] for pair in ([0, 1], [9, 10])
    )
    assert first == pytest.approx(np.corrcoef(careful[:, [0, 1]].T)[0, 1], abs=0.06)
    assert last == pytest.approx(0.5, abs=0.04)  # half of them draw one line there, the others correlate with nothing


def test_slips__of_straight_lines__touch_one_item():
    people = drawn(office((20_000,)), careless=0.5, mix=(1, 0, 0), careless_missing=0.0, straight_slips=1.0)
    lines = people.answers.codes[people.kind == Kind.STRAIGHT]
    middle = np.median(lines, axis=1)[:, None]
    assert set((lines != middle).sum(axis=1).tolist()) == {0, 1}


def test_times__on_a_grid__are_its_steps():
    spec, population = asked(), office((500,))
    exact = draw_people(spec, population, seed=3)
    stepped = draw_people(spec, population, seed=3, time_step=1.25)
    ratio = np.log(stepped.answers.seconds) / np.log(1.25)
    assert ratio == pytest.approx(np.round(ratio), abs=1e-4)
    assert np.abs(np.log(stepped.answers.seconds / exact.answers.seconds)).max() <= np.log(1.25) / 2 + 1e-4


def test_times__pace_of_careless_people__is_theirs():
    people = drawn(office((40_000,)), careless=0.3, seconds_per_item=5.0, seconds_sd=0.2)
    medians = [float(np.median(people.answers.seconds[people.kind == way])) / 12 for way in Kind]
    assert medians == pytest.approx([5.0, 1.65, 1.65, 2.8], rel=0.03)


def test_questionnaire__scales_of_any_length_facts_and_instructed_items__are_all_answered():
    seven = tuple(f"c{at}" for at in range(7))
    spec = replace(
        questionnaire(
            item("q0", "d", points=UNEVEN),
            item("q1", "d", codes=seven, scale="s7", points=tuple(100 * at / 6 for at in range(7)), reverse=True),
            item("q2", None, codes=("x", "y", "z"), scale="s3", points=None),
            item("q3", "e", codes=("only",), scale="s1", points=(100.0,)),
            item("check", None, codes=("a", "b", "c"), scale="s", points=None),
        ),
        quality=QualitySpec(attention=(AttentionCheck("check", ("b",)),)),
    )
    people = draw_people(spec, office((60_000,)), seed=4, behaviour=Behaviour(missing=0.0, careless_missing=0.0))
    codes = people.answers.codes
    assert [sorted(set(codes[:, at].tolist())) for at in range(5)] == [
        [1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6, 7], [1, 2, 3], [1], [1, 2, 3],
    ]  # fmt: skip
    passed = codes[:, 4] == 2
    assert [passed[people.kind == way].mean() for way in Kind] == pytest.approx([0.97, 0.23, 0.23, 0.51], abs=0.08)
    assert np.isnan(people.true_items[0]).tolist() == [False, False, True, False, True]
    assert people.true_items[0, 3] == 100


def test_questionnaire__nothing_scored_or_nobody__is_drawn_empty():
    facts = draw_people(questionnaire(item("q", None, points=None)), office((50,)), seed=1)
    assert (facts.answers.codes.shape[1], np.isnan(facts.true_items).all()) == (1, True)
    nobody = draw_people(asked(), office((0,)), seed=1)
    assert len(nobody.kind) == 0


def test_population__shapes_that_do_not_fit__are_refused():
    with pytest.raises(ValueError, match="one shift a stratum"):
        office((1, 2), rates=(0.5, 0.5))
    with pytest.raises(ValueError, match="negative"):
        office((-1,))
    with pytest.raises(ValueError, match="broadcast"):
        office((1,), rates=(0.5, 0.5, 0.5))


@pytest.mark.parametrize("audience", ["service_recipient", "staff"])
def test_golden_evaluation__means_spread_correlation_and_times__are_reproduced(audience):
    made = {"service_recipient": audiences.recipients, "staff": audiences.staff}[audience]()
    plan = json.loads((GOLDEN / "instrument.json").read_text())[audience]
    rows = pd.read_csv(GOLDEN / "responses.csv").merge(pd.read_csv(GOLDEN / "truth_respondents.csv"), on="response")
    rows = rows[rows["audience"] == audience]
    keyed = rows[plan["items"]].copy()
    keyed[plan["reverse"]] = 6 - keyed[plan["reverse"]]
    people = [draw_people(made.questionnaire, made.population, seed=s, behaviour=made.behaviour) for s in range(40, 44)]

    def described(ranks: pd.DataFrame, unit: np.ndarray, seconds: np.ndarray) -> list[float]:
        within = ranks - ranks.groupby(unit).transform("mean")
        r = within.corr().to_numpy()
        return [
            float(ranks.mean().mean()), float(within.std().mean()), float(r[~np.eye(12, dtype=bool)].mean()),
            float(within.mean(axis=1).std()), float(np.log(seconds).mean()), float(np.log(seconds).std()),
        ]  # fmt: skip

    careful = (rows["kind"] == 0).to_numpy()
    golden = described(keyed[careful], rows["unit"][careful].to_numpy(), rows["seconds"][careful].to_numpy())
    ours = np.mean(
        [
            described(pd.DataFrame(ranks_of(one)[good]), one.answers.unit[good], one.answers.seconds[good])
            for one in people
            for good in [~one.careless]
        ],
        axis=0,
    )
    for mine, theirs, near in zip(ours, golden, (0.2, 0.06, 0.04, 0.05, 0.06, 0.03), strict=True):
        assert mine == pytest.approx(theirs, abs=near)
    assert np.mean([len(one.kind) for one in people]) == pytest.approx(len(rows), rel=0.03)
