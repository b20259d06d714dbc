"""Flags, families and who is left out: cuts at their borders, what is unavailable, what counts once."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2

from analysis.frame import BLANK, NOT_APPLICABLE, CodedAnswers
from analysis.quality.families import (
    DEFAULT_CUTS,
    FAMILY_OF,
    Cuts,
    Family,
    Flag,
    Flags,
    excluded,
    family_count,
    flag,
    robust_cut,
)
from analysis.quality.indices import measure_quality
from analysis.spec import AttentionCheck, ConsistencyPair, QualitySpec, QuestionnaireSpec
from tests.factories.frames import Row, answers, item, questionnaire

N = 200


def asked(
    k: int = 12, reverse: tuple[int, ...] = (3, 8), per_dimension: int = 4, **quality: object
) -> QuestionnaireSpec:
    items = [item(f"q{at}", f"d{at // per_dimension}", reverse=at in reverse) for at in range(k)]
    return replace(questionnaire(*items), quality=QualitySpec(**quality))


def careful(spec: QuestionnaireSpec, *rows: list[int], n: int = N, seed: int = 1, **arrays: object) -> CodedAnswers:
    """Careful people, and before them the rows given."""
    rng, k = np.random.default_rng(seed), len(spec.items)
    trait = rng.normal(size=(n, 1)) * 0.7
    codes = np.clip(np.round(2.6 + trait + 0.7 * rng.normal(size=(n, k))), 1, 5).astype(int)
    turned = [at for at, one in enumerate(spec.items) if one.reverse]
    codes[:, turned] = 6 - codes[:, turned]
    everybody = [*rows, *codes.tolist()]
    return replace(answers(spec, [Row(row) for row in everybody]), **arrays)


def flagged(coded: CodedAnswers, cuts: Cuts = DEFAULT_CUTS) -> Flags:
    return flag(measure_quality(coded), cuts)


def flags_of(found: Flags, row: int) -> set[Flag]:
    return {which for which in Flag if found.has(which)[row]}


def test_bits__of_flags_and_families__are_distinct_and_fit():
    assert sorted(which.bit for which in Flag) == [1 << at for at in range(10)]
    assert sorted(family.bit for family in Family) == [1, 2, 4, 8, 16]
    assert set(FAMILY_OF) == set(Flag)


def test_straight_line__through_two_reversed_items__is_invariable_and_inconsistent():
    found = flagged(careful(asked(), [1] * 12, [3] * 12))
    assert {Flag.LONGSTRING, Flag.LOW_IRV, Flag.REVERSED_GAP} <= flags_of(found, 0)
    assert flags_of(found, 1) == {Flag.LONGSTRING, Flag.LOW_IRV}
    assert family_count(found.families)[:2].tolist() == [2, 1]
    assert excluded(found, 2)[:2].tolist() == [True, False]


def test_satisfied_person__who_reads_the_reversed_items__has_no_flag():
    honest = [5 if at in (3, 8) else 1 for at in range(12)]
    assert flags_of(flagged(careful(asked(), honest)), 0) == set()


def test_run__of_half_the_items__counts_only_through_a_reversed_one():
    through = [2, 2, 2, 2, 2, 2, 1, 3, 4, 1, 3, 1]
    beside = [1, 3, 1, 4, 2, 2, 2, 2, 4, 2, 2, 2]
    shorter = [1, 2, 2, 2, 2, 2, 1, 3, 4, 1, 3, 1]
    found = flagged(careful(asked(), through, beside, shorter))
    assert found.has(Flag.LONGSTRING)[:3].tolist() == [True, False, False]


def test_run__all_of_a_third__counts_in_a_long_questionnaire():
    spec = asked(k=24, reverse=(3, 20))
    tail = [1, 2, 3, 4, 2, 1, 3, 2, 1, 2, 3, 1, 2, 3, 2, 1] + [2] * 8
    assert flagged(careful(spec, tail)).has(Flag.LONGSTRING)[0]
    tail[-1] = 1
    assert not flagged(careful(spec, tail)).has(Flag.LONGSTRING)[0]


def test_low_spread__one_slip_of_one_step__counts_and_of_two_not():
    rows = [[3] * 11 + [4], [3] * 11 + [5], [3] * 10 + [4, 4], [3, BLANK] * 6, [3] * 4 + [NOT_APPLICABLE] * 8]
    found = flagged(careful(asked(), *rows))
    assert found.has(Flag.LOW_IRV)[:5].tolist() == [True, False, False, True, False]


def test_low_spread__nothing_reversed__counts_away_from_the_ends_and_while_it_is_rare():
    spec = asked(reverse=())
    rows = [[1] * 12, [5] * 12, [1] * 11 + [2], [3] * 12, [2] * 12]
    found = flagged(careful(spec, *rows))
    assert Flag.LONGSTRING not in found.measured
    assert found.has(Flag.LOW_IRV)[:5].tolist() == [False, False, False, True, True]
    often = flagged(careful(spec, *[[2] * 12] * 150, n=N))
    assert not often.has(Flag.LOW_IRV).any()
    assert Family.INVARIABILITY in often.available


def test_low_spread__reversed_items_skipped__is_no_contradiction():
    row = [BLANK if at in (3, 8) else 1 for at in range(12)]
    assert not flagged(careful(asked(), row)).has(Flag.LOW_IRV)[0]


def test_distance__row_with_missing_cells__is_judged_by_its_own_degrees_of_freedom():
    rng = np.random.default_rng(8)
    coded = careful(asked(), *rng.integers(0, 6, (60, 12)).tolist())
    indices = measure_quality(coded)
    tail = chi2.sf(indices.distance.d2, indices.distance.df)
    found = flag(indices).has(Flag.MAHALANOBIS)
    assert found.tolist() == (tail < 0.01).tolist()
    beyond_all = indices.distance.d2 > chi2.isf(0.01, 12)
    assert (found & ~beyond_all).any()


def test_speed__many_responses_of_one_sitting__count_once_for_the_median():
    seconds = np.full(N + 150, 600, dtype=np.float32)
    seconds[:150] = 60 * 150
    seconds[150] = 200
    seconds[200:] *= np.linspace(0.8, 1.25, N - 50).astype(np.float32)
    coded = careful(asked(), *[[1] * 12] * 150, seconds=seconds)
    sitting = np.maximum(np.arange(N + 150) - 149, 0).astype(np.int32)
    assert flagged(replace(coded, sitting=sitting)).has(Flag.SPEED)[150]
    assert measure_quality(replace(coded, sitting=sitting)).first_of_sitting.sum() == N + 1


def test_short_questionnaire__five_items__has_no_invariability():
    found = flagged(careful(asked(k=5, reverse=(2,)), [3] * 5))
    assert Family.INVARIABILITY not in found.available
    assert Family.INCONSISTENCY in found.available


@pytest.mark.parametrize("reverse", [(5,), (5, 8)])
def test_reversed_items__one_or_two__make_run_and_gap_one_family_or_two(reverse):
    line = [1] * 12
    strict = replace(DEFAULT_CUTS, tail=1e-12, deviations=50.0, third_deviations=50.0)
    found = flagged(careful(asked(reverse=reverse), line), strict)
    assert flags_of(found, 0) == {Flag.LONGSTRING, Flag.LOW_IRV, Flag.REVERSED_GAP}
    assert family_count(found.families)[0] == len(reverse)
    assert excluded(found, 2)[0] == (len(reverse) == 2)


def test_one_reversed_item__gap_without_a_run__is_inconsistent():
    row = [1, 2, 1, 2, 1, 1, 2, 1, 2, 1, 2, 1]
    found = flagged(careful(asked(reverse=(5,)), row))
    assert Flag.REVERSED_GAP in flags_of(found, 0)
    assert found.has(Family.INCONSISTENCY)[0]
    assert not found.has(Family.INVARIABILITY)[0]


def test_one_reversed_item__run_and_gap_are_all_there_is__are_one_available_family():
    few = [[1 + (row + at) % 5 for at in range(12)] for row in range(6)]
    found = flag(measure_quality(answers(asked(reverse=(5,)), [Row(row) for row in few])))
    assert found.measured == {Flag.LONGSTRING, Flag.LOW_IRV, Flag.REVERSED_GAP, Flag.MISSING}
    assert found.available == {Family.INVARIABILITY, Family.INTEGRITY}


def test_one_reversed_item__no_runs_to_look_for__makes_the_gap_a_family_of_its_own():
    few = answers(asked(k=4, reverse=(2,)), [Row([1, 1, 1, 1]), Row([2, 1, 5, 3])])
    found = flag(measure_quality(few))
    assert found.available == {Family.INCONSISTENCY, Family.INTEGRITY}
    assert found.has(Family.INCONSISTENCY).tolist() == [True, False]


def test_random_answers__among_careful_people__are_inconsistent():
    rng = np.random.default_rng(4)
    coded = careful(asked(), *rng.integers(1, 6, (20, 12)).tolist(), n=2000)
    found = flagged(coded)
    assert found.has(Family.INCONSISTENCY)[:20].mean() > 0.7
    assert found.has(Family.INCONSISTENCY)[20:].mean() < 0.02


def test_speed__floor_and_median__either_flags():
    seconds = np.concatenate(([23.9, 24.1, 60], np.exp(np.random.default_rng(2).normal(4, 0.2, N)))).astype(np.float32)
    coded = careful(asked(), *[[1 + at % 3 for at in range(12)]] * 3, seconds=seconds)
    assert flagged(coded).has(Flag.SPEED)[:3].tolist() == [True, True, False]
    slow = replace(coded, seconds=seconds * np.float32(100))
    assert flagged(slow).has(Flag.SPEED)[:3].tolist() == [True, True, False]
    lenient = replace(coded, questionnaire=replace(coded.questionnaire, quality=QualitySpec(seconds_per_item=0.0)))
    assert flagged(lenient, replace(DEFAULT_CUTS, deviations=9.0)).has(Flag.SPEED).sum() == 0


def test_speed__floor_alone__when_there_are_too_few_to_compare_with():
    coded = careful(asked(), [1] * 12, [2] * 12, n=10, seconds=np.array([23.0, 25.0] + [600.0] * 10, dtype=np.float32))
    assert flagged(coded).has(Flag.SPEED).tolist() == [True] + [False] * 11


def test_speed__everybody_on_one_step_of_the_grid__leaves_room_of_two_and_a_half_steps():
    seconds = np.full(N + 3, 90, dtype=np.float32)
    seconds[:3] = [90 / 1.25**2, 90 / 1.25**3, 90 / 1.25]
    coded = careful(asked(), *[[2] * 12] * 3, seconds=seconds)
    assert flagged(coded).has(Flag.SPEED)[:4].tolist() == [False, True, False, False]


def test_speed__floor_that_most_miss__measures_the_clock_and_only_the_median_counts():
    seconds = np.full(N + 1, 8.0, dtype=np.float32)
    seconds[0] = 2.0
    assert flagged(careful(asked(), [2] * 12, seconds=seconds)).has(Flag.SPEED).tolist() == [True] + [False] * N
    half = np.where(np.arange(N + 1) % 2, 8.0, 60.0).astype(np.float32)
    assert flagged(careful(asked(), [2] * 12, seconds=half)).has(Flag.SPEED).sum() == (N + 1) // 2


def test_speed__not_known__is_unavailable_and_not_passed():
    assert Family.TIME not in flagged(careful(asked())).available
    some = np.full(N, np.nan, dtype=np.float32)
    assert Family.TIME not in flagged(careful(asked(), seconds=some)).available
    some[0] = 5.0
    found = flagged(careful(asked(), seconds=some))
    assert found.has(Flag.SPEED).tolist() == [True] + [False] * (N - 1)


def test_attention_and_pairs__declared__are_flags_of_their_families():
    spec = asked(attention=(AttentionCheck("q11", ("sa",)),), pairs=(ConsistencyPair(("q0", "q1"), 1.0),))
    rows = [
        [1, 5, 2, 4, 2, 2, 2, 2, 4, 2, 2, 1],
        [2, 2, 2, 4, 2, 2, 2, 2, 4, 2, 2, 3],
        [2, 2, 2, 4, 2, 2, 2, 2, 4, 2, 2, 0],
    ]
    found = flagged(careful(spec, *rows))
    assert found.has(Flag.PAIR)[:3].tolist() == [True, False, False]
    assert found.has(Flag.ATTENTION)[:3].tolist() == [False, True, False]
    assert found.has(Family.INSTRUCTED)[:3].tolist() == [False, True, False]


def test_missing__more_than_half__is_integrity():
    rows = [[2] * 6 + [BLANK] * 6, [2] * 5 + [BLANK] * 7, [2] * 3 + [BLANK] * 2 + [NOT_APPLICABLE] * 7]
    found = flagged(careful(asked(), *rows))
    assert found.has(Family.INTEGRITY)[:3].tolist() == [False, True, False]


def test_few_answers__of_a_person__are_not_judged_by_spread_or_misfit():
    found = flagged(careful(asked(), [1, 5, 1, 1] + [BLANK] * 8))
    assert not {Flag.LOW_IRV, Flag.MISFIT} & flags_of(found, 0)


def test_even_odd__that_many_fail__measures_the_questionnaire_and_is_not_used():
    found = flagged(careful(asked(k=20, reverse=(3, 9))))
    assert Flag.EVEN_ODD not in found.measured
    rng = np.random.default_rng(3)
    dimension = np.repeat(rng.choice([1, 3, 5], size=(N, 5)), 4, axis=1)
    noise = (rng.random((N, 20)) < 0.1).astype(int)
    codes = np.clip(dimension + noise, 1, 5)
    codes[0] = np.tile([1, 5, 1, 5], 5)
    codes[0, :4] = [1, 5, 2, 5]
    codes[0, 4:8] = [2, 4, 1, 5]
    spec = asked(k=20, reverse=())
    found = flag(measure_quality(answers(spec, [Row(row) for row in codes.tolist()])))
    assert Flag.EVEN_ODD in found.measured
    assert found.has(Flag.EVEN_ODD)[0]
    assert found.has(Flag.EVEN_ODD)[1:].mean() < 0.05


def test_excluded__fewer_than_two_families_available__is_nobody():
    one = answers(questionnaire(item("q", "d")), [Row([BLANK]), Row([1])])
    found = flag(measure_quality(one))
    assert found.available == {Family.INTEGRITY}
    assert (found.assessable, found.has(Family.INTEGRITY).tolist()) == (False, [True, False])
    assert not excluded(found, 1).any()
    assert not found.counted.any()


def test_excluded__families_needed__counts_families_and_not_flags():
    found = flagged(careful(asked(), [1] * 12, [3] * 12))
    assert len(flags_of(found, 1)) == 2
    assert [excluded(found, needed)[1] for needed in (0, 1, 2)] == [False, True, False]
    assert not excluded(found, 0).any()
    assert found.counted is found.families
    with pytest.raises(ValueError, match="-1 families"):
        excluded(found, -1)


def test_identical_answers__of_many_people__are_no_family():
    same = [1, 2, 3, 4, 2, 1, 3, 2, 4, 2, 1, 2]
    found = flagged(careful(asked(), *[same] * 30))
    assert not excluded(found, 1)[:30].any()


def test_screened_out__careless_person__has_no_bits():
    coded = careful(asked(), [1] * 12)
    out = np.arange(N + 1) > 0
    found = flagged(replace(coded, eligible=out))
    assert (found.flags[0], found.families[0]) == (0, 0)


@pytest.mark.parametrize("code", [3, BLANK, NOT_APPLICABLE])
def test_everybody_the_same__no_warnings__is_judged_by_what_there_is(code):
    found = flag(measure_quality(answers(asked(), [Row([code] * 12)] * 40)))
    assert {Flag.MAHALANOBIS} & found.measured == set()
    assert found.has(Flag.LOW_IRV).all() == (code == 3)
    assert found.has(Flag.MISSING).all() == (code == BLANK)


def test_nobody__is_flagged_without_families():
    found = flag(measure_quality(answers(asked(), [])))
    assert (len(found.flags), found.available, found.assessable) == (0, frozenset(), False)


def test_cuts__stricter__never_flag_fewer():
    coded = careful(asked(), [1] * 12, [1, 5] * 6, seconds=np.full(N + 2, 40, dtype=np.float32))
    loose, strict = flagged(coded), flagged(coded, Cuts(version="t", deviations=1.5, tail=0.2, gap=0.2, run_share=0.2))
    assert (strict.version, loose.version) == ("t", "2026.1")
    assert ((loose.flags & ~strict.flags) == 0).all()


def test_robust_cut__no_scale__is_none():
    assert robust_cut(np.ones(9), 2.5) is None
    assert robust_cut(np.ones(9), 2.5, 0.1) == pytest.approx(1.25)
    assert robust_cut(np.array([1.0, 2, 3, 4, 100]), 2.0) == pytest.approx(3 + 2 * 1.4826)
