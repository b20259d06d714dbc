"""The indices of coded answers: what is taken as displayed, what as keyed, in which order, of whom."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimate import Status
from analysis.frame import BLANK, DONT_KNOW, NOT_APPLICABLE, NOT_SHOWN, CodedAnswers
from analysis.quality.indices import Indices, measure_quality
from analysis.spec import AttentionCheck, ConsistencyPair, QualitySpec, QuestionnaireSpec
from tests.factories.frames import LINEAR, Row, answers, item, questionnaire


def asked(*, reverse: tuple[int, ...] = (4,), **quality: object) -> QuestionnaireSpec:
    """Nine items, some reversed."""
    items = [item(f"q{at}", f"d{at // 3}", reverse=at in reverse) for at in range(9)]
    return replace(questionnaire(*items), quality=QualitySpec(**quality))


def of_codes(codes: list[list[int]], spec: QuestionnaireSpec | None = None, **arrays: object) -> CodedAnswers:
    return replace(answers(spec or asked(), [Row(row) for row in codes]), **arrays)


def measured(codes: list[list[int]], spec: QuestionnaireSpec | None = None, **arrays: object) -> Indices:
    return measure_quality(of_codes(codes, spec, **arrays))


def crowd(seed: int, n: int = 80, spec: QuestionnaireSpec | None = None, **arrays: object) -> CodedAnswers:
    rng = np.random.default_rng(seed)
    codes = np.clip(np.round(3 + rng.normal(size=(n, 1)) + rng.normal(size=(n, 9))), 1, 5).astype(int)
    codes[rng.random(codes.shape) < 0.05] = BLANK
    return of_codes(codes.tolist(), spec, **arrays)


def assert_same(one: Indices, other: Indices, rows: np.ndarray) -> None:
    """Every number of `one` is that of `other` at `rows`."""
    pairs = [(one.answered, other.answered), (one.distance.d2, other.distance.d2), (one.distance.df, other.distance.df)]
    for name in ("level", "seconds_per_item", "gap", "even_odd", "missing"):
        pairs.append((getattr(one, name).value, getattr(other, name).value))
        pairs.append((getattr(one, name).defined, getattr(other, name).defined))
    for mine, theirs in zip((one.whole, *one.thirds), (other.whole, *other.thirds), strict=True):
        pairs += [(mine.longstring, theirs.longstring), (mine.run, theirs.run), (mine.irv.value, theirs.irv.value)]
        pairs.append((mine.misfit.value, theirs.misfit.value))
    for a, b in pairs:
        np.testing.assert_allclose(np.asarray(a, float), np.asarray(b, float)[rows], atol=1e-9)


def test_runs__displayed_answers__are_not_turned_by_keying():
    found = measured([[2] * 9, [2, 2, 2, 2, 4, 2, 2, 2, 2]])
    assert found.whole.longstring.tolist() == [9, 4]
    assert found.whole.run.tolist() == [9, 0]
    assert [third.run.tolist() for third in found.thirds] == [[0, 0], [3, 0], [0, 0]]
    assert found.whole.irv.value.tolist() == [0.0, pytest.approx(np.std([0.25] * 8 + [0.75], ddof=1))]


def test_reversed_gap__keyed_answers__tells_readers_from_straight_lines():
    found = measured([[1] * 9, [1, 1, 1, 1, 5, 1, 1, 1, 1]])
    assert found.gap.value.tolist() == [1.0, 0.0]
    assert found.reversed_items == 1


def test_direction__items_whose_points_run_the_other_way__are_reversed_too():
    spec = questionnaire(*(item(f"q{at}", "d", points=LINEAR[::-1] if at == 2 else LINEAR) for at in range(6)))
    found = measure_quality(answers(spec, [Row([1] * 6), Row([1, 1, 5, 1, 1, 1])]))
    assert (found.reversed_items, found.whole.run.tolist(), found.gap.value.tolist()) == (1, [6, 0], [1.0, 0.0])


def test_run__next_scale__starts_anew():
    items = [item(f"q{at}", "d", scale="agree5" if at < 3 else "sat5", reverse=at == 1) for at in range(6)]
    found = measure_quality(answers(questionnaire(*items), [Row([2] * 6)]))
    assert (found.whole.run.tolist(), found.whole.longstring.tolist()) == ([3], [6])


def test_order__shown_differently__moves_runs_and_thirds_and_nothing_else():
    written = (1, 1, 1, 3, 3, 3, 5, 5, 5)
    order = (0, 3, 6, 1, 4, 7, 2, 5, 8)
    spec = replace(asked(), orders=(tuple(range(9)), order))
    found = measured([list(written)] * 2, spec, order=np.array([0, 1], dtype=np.int16))
    assert found.whole.longstring.tolist() == [3, 1]
    assert [third.longstring.tolist() for third in found.thirds] == [[3, 1]] * 3
    assert found.thirds[0].irv.value.tolist() == [0.0, pytest.approx(np.std([0, 0.5, 1], ddof=1))]
    for whole in (found.whole.irv.value, found.whole.misfit.value, found.gap.value, found.level.value):
        assert whole[0] == pytest.approx(whole[1])


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6))
def test_indices__columns_permuted_with_the_order_that_undoes_it__are_the_same(seed):
    rng = np.random.default_rng(seed)
    plain = crowd(seed)
    moved = rng.permutation(9)
    spec = plain.questionnaire
    shuffled = replace(
        plain,
        questionnaire=replace(
            spec,
            items=tuple(spec.items[at] for at in moved),
            orders=(tuple(int(at) for at in np.argsort(moved)),),
        ),
        codes=np.ascontiguousarray(plain.codes[:, moved]),
        order=np.zeros(80, dtype=np.int16),
    )
    one, other = measure_quality(shuffled), measure_quality(plain)
    # Even and odd halves are taken in the order written, so they are the one thing that moves.
    assert_same(replace(one, even_odd=other.even_odd), other, np.arange(80))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6))
def test_indices__respondents_permuted__go_with_them(seed):
    plain = crowd(seed, seconds=np.random.default_rng(seed).uniform(10, 90, 80).astype(np.float32))
    people = np.random.default_rng(seed).permutation(80)
    moved = replace(plain, codes=plain.codes[people], sitting=plain.sitting[people], seconds=plain.seconds[people])
    assert_same(measure_quality(moved), measure_quality(plain), people)


def test_indices__unit_of_a_response__does_not_matter():
    plain = crowd(5)
    other = replace(plain, unit=np.arange(80, dtype=np.int32) % 7)
    assert_same(measure_quality(other), measure_quality(plain), np.arange(80))


def test_screened_out__has_nothing_and_changes_nobody():
    plain = crowd(2, seconds=np.full(80, 60, dtype=np.float32))
    out = np.arange(80) % 4 == 0
    found = measure_quality(replace(plain, eligible=~out))
    assert not found.answered[out].any()
    assert not found.seconds_per_item.defined[out].any()
    assert not found.whole.misfit.defined[out].any()
    kept = replace(plain.only(~out), sitting=np.arange(60, dtype=np.int32))
    assert_same(measure_quality(kept), found, np.flatnonzero(~out))


def test_missing__typed__counts_blank_and_dont_know_of_what_was_eligible():
    rows = [
        [BLANK, DONT_KNOW, 1, 1, 1, 1, 1, 1, 1],
        [NOT_SHOWN, NOT_APPLICABLE, BLANK, 1, 1, 1, 1, 1, 1],
        [NOT_SHOWN] * 9,
    ]
    found = measured(rows)
    assert found.missing.value.tolist() == [pytest.approx(2 / 9), pytest.approx(1 / 7), 0.0]
    assert found.missing.defined.tolist() == [True, True, False]


def test_time__several_responses_of_one_sitting__share_its_pace():
    shown = [1] * 9
    rows = [shown, [1] * 3 + [NOT_SHOWN] * 6, shown, shown]
    found = measured(
        rows,
        sitting=np.array([7, 7, 2, 9], dtype=np.int32),
        seconds=np.array([60, 60, 27, np.nan], dtype=np.float32),
    )
    assert found.seconds_per_item.value.tolist() == [5.0, 5.0, 3.0, 0.0]
    assert found.seconds_per_item.defined.tolist() == [True, True, True, False]
    assert found.first_of_sitting.tolist() == [True, False, True, True]


def test_time__not_known_of_anybody__is_not_measured():
    assert not measured([[1] * 9]).seconds_per_item.defined.any()


def test_attention__skipped__is_not_failed():
    spec = asked(attention=(AttentionCheck("q8", ("a", "sa")),))
    found = measured([[1] * 8 + [code] for code in (1, 2, 3, BLANK, NOT_SHOWN, DONT_KNOW)], spec)
    assert (found.attention, found.attention_failed.tolist()) == (1, [0, 0, 1, 0, 0, 0])
    assert found.whole.items == 8


def test_attention__answered_by_nobody__is_not_measured():
    spec = asked(attention=(AttentionCheck("q8", ("sa",)),))
    assert measured([[1] * 8 + [BLANK]], spec).attention == 0


def test_pairs__opposite_answers_to_a_reversed_twin__agree():
    spec = asked(pairs=(ConsistencyPair(("q0", "q4"), 1.0), ConsistencyPair(("q0", "q1"), 0.5)))
    rows = [[1, 1, 3, 3, 1, 3, 3, 3, 3], [1, 3, 3, 3, 5, 3, 3, 3, 3], [1, 2, 3, 3, BLANK, 3, 3, 3, 3]]
    found = measured(rows, spec)
    assert (found.pairs, found.contradicted.tolist()) == (2, [1, 1, 0])


def test_scales_of_different_length__come_on_one_range():
    ten = tuple(f"c{at}" for at in range(10))
    items = [
        item(
            f"q{at}",
            "d",
            scale="s10" if at % 2 else "s5",
            codes=ten,
            points=tuple(100 - 100 * c / 9 for c in range(10)),
        )
        if at % 2
        else item(f"q{at}", "d")
        for at in range(6)
    ]
    rows = [Row([1, 1, 1, 1, 1, 1]), Row([5, 10, 5, 10, 5, 10]), Row([3, 1, 3, 1, 3, 1])]
    found = measure_quality(answers(questionnaire(*items), rows))
    assert found.whole.irv.value[:2].tolist() == [0.0, 0.0]
    assert found.whole.irv.value[2] == pytest.approx(np.std([0.5, 0] * 3, ddof=1))
    assert found.whole.misfit.value[0] == pytest.approx(found.whole.misfit.value[1])


def test_columns__chosen__are_the_only_ones_measured():
    found = measure_quality(of_codes([[2, 2, 2, 1, 1, 1, 3, 4, 5]] * 3), columns=[0, 1, 2])
    assert (found.whole.items, found.whole.longstring.tolist(), found.reversed_items) == (3, [3, 3, 3], 0)


def test_items_without_points__do_not_count():
    spec = replace(asked(), items=(*asked().items[:8], item("q8", points=None)))
    assert measured([[2] * 9], spec).whole.longstring.tolist() == [8]


def test_no_responses_no_items_nobody_eligible__have_nothing():
    empty = measure_quality(answers(asked(), []))
    assert len(empty.answered) == 0
    unscored = measure_quality(answers(questionnaire(item("q", points=None)), [Row([1])]))
    assert (unscored.whole.items, unscored.missing.defined.any()) == (0, False)
    nobody = measured([[1] * 9], eligible=np.zeros(1, dtype=bool))
    assert nobody.distance.status is Status.UNDEFINED_NO_RESPONSES


@pytest.mark.parametrize("code", [1, BLANK, NOT_SHOWN])
def test_everybody_the_same__has_no_distance(code):
    found = measured([[code] * 9] * 40)
    assert not found.distance.status.defined
    assert not found.distance.d2.any()


def test_one_item__has_a_distance_and_no_spread():
    spec = questionnaire(item("q", "d"))
    found = measure_quality(answers(spec, [Row([1 + at % 5]) for at in range(20)]))
    assert not found.whole.irv.defined.any()
    assert not found.gap.defined.any()
    assert [third.items for third in found.thirds] == [1, 0, 0]
