"""Careless people of the simulated evaluation are found, careful ones kept, scores and intervals right after that."""

import numpy as np
import pytest

from analysis.quality.families import Family, excluded, flag
from analysis.quality.indices import measure_quality
from analysis.simulation.people import Kind, draw_people
from tests.analysis.quality.planted import audience_of, golden_people, intervals, shares

REVERSED = ("service_recipient", "staff")


def judged(people):
    found = flag(measure_quality(people.answers))
    return found, excluded(found, 2)


@pytest.mark.parametrize("audience", REVERSED)
def test_golden_file__two_families__keep_the_careful_and_find_the_careless(audience):
    specificity, sensitivity, second_half = shares(golden_people(audience), judged(golden_people(audience))[1])
    assert specificity >= 0.99
    assert sensitivity >= 0.65
    assert second_half >= 0.50


@pytest.mark.parametrize("audience", REVERSED)
def test_golden_file__instructed_item_not_declared__still_finds_most(audience):
    people = golden_people(audience, attention=False)
    found, out = judged(people)
    specificity, sensitivity, _ = shares(people, out)
    assert Family.INSTRUCTED not in found.available
    assert specificity >= 0.999
    assert sensitivity >= 0.60


def test_golden_file__departments__lose_nobody_careful_and_say_what_was_not_measured():
    people = golden_people("related_department")
    found, out = judged(people)
    assert found.available == {Family.TIME, Family.INVARIABILITY, Family.INCONSISTENCY, Family.INTEGRITY}
    assert shares(people, out)[0] == 1.0
    assert out.sum() >= 4


def test_golden_file__second_sendings__are_excluded_no_more_often_than_others():
    people = golden_people("service_recipient")
    _, out = judged(people)
    careful = ~people.careless
    assert out[careful & people.copy].mean() <= 0.03


@pytest.mark.parametrize("audience", REVERSED)
def test_golden_file__scores_after_exclusion__are_nearer_the_truth(audience):
    people = golden_people(audience)
    sizes = audience_of(audience).population.sizes
    everybody = intervals(people, sizes, np.ones(len(people.kind), dtype=bool))[0]
    kept, covered = intervals(people, sizes, ~judged(people)[1])
    assert np.sqrt((kept**2).mean()) < np.sqrt((everybody**2).mean())
    assert abs(kept.mean()) <= 0.3
    assert covered.mean() >= 0.9


@pytest.mark.parametrize("audience", REVERSED)
def test_fresh_draws__two_families__recover_people_and_scores(audience):
    made = audience_of(audience)
    found, errors, covered = [], [], []
    for seed in range(300, 306):
        people = draw_people(made.questionnaire, made.population, seed=seed, behaviour=made.behaviour)
        out = judged(people)[1]
        found.append(shares(people, out))
        error, cover = intervals(people, made.population.sizes, ~out)
        errors.append(error)
        covered.append(cover)
    specificity, sensitivity, second_half = np.mean(found, axis=0)
    assert specificity >= 0.99
    assert sensitivity >= 0.65
    assert second_half >= 0.50
    assert abs(np.mean(errors)) <= 0.3
    assert np.mean(covered) >= 0.88


def test_fresh_draws__a_third_careless__careful_people_still_stay():
    made = audience_of("staff")
    many = type(made.behaviour)(**{**vars(made.behaviour), "careless": 0.33})
    people = draw_people(made.questionnaire, made.population, seed=1, behaviour=many)
    specificity, sensitivity, _ = shares(people, judged(people)[1])
    assert specificity >= 0.99
    assert sensitivity >= 0.60


def test_times_on_the_grid__as_they_are_kept__find_as_many():
    made = audience_of("staff")
    people = [
        draw_people(made.questionnaire, made.population, seed=2, behaviour=made.behaviour, time_step=step)
        for step in (None, 1.25)
    ]
    exact, stepped = (shares(one, judged(one)[1]) for one in people)
    assert stepped[0] >= 0.99
    assert stepped[1] == pytest.approx(exact[1], abs=0.05)


def test_every_kind__of_carelessness__is_seen_by_its_own_family():
    people = golden_people("service_recipient")
    found, _ = judged(people)
    assert found.has(Family.INVARIABILITY)[people.kind == Kind.STRAIGHT].mean() > 0.9
    assert found.has(Family.INCONSISTENCY)[people.kind == Kind.RANDOM].mean() > 0.8
    assert found.has(Family.TIME)[people.kind == Kind.STRAIGHT].mean() > 0.8
    for family in Family:
        assert found.has(family)[people.kind == Kind.ATTENTIVE].mean() < 0.04
