"""Which measured shapes stand for a questionnaire, and which questionnaires lie outside of them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from analysis.frame import CodedAnswers
from analysis.quality.budget import error_budget
from analysis.quality.budget_counted import ATTENTIVE
from analysis.quality.budget_shapes import Shape, grid, shapes_around
from analysis.quality.families import Family
from analysis.quality.indices import measure_quality
from analysis.simulation.audiences import any_shape
from analysis.simulation.false_flags import attentive_families
from analysis.simulation.people import draw_people
from analysis.spec import ConsistencyPair, QuestionnaireSpec


def answers(shape: Shape) -> CodedAnswers:
    """Some answers to a questionnaire of a shape, measured or not."""
    audience = any_shape(shape, n=60)
    return draw_people(audience.questionnaire, audience.population, seed=3, behaviour=audience.behaviour).answers


def around(coded: CodedAnswers, questionnaire: QuestionnaireSpec | None = None) -> set[tuple[int, int, int]]:
    asked = coded if questionnaire is None else replace(coded, questionnaire=questionnaire)
    return {shape.key for shape in shapes_around(asked.questionnaire, measure_quality(asked))}


def of(items: int, reversed_items: int, choices: int) -> Shape:
    return Shape(items=items, reversed_items=reversed_items, choices=choices)


def test_shape__measured_itself__stands_for_itself_alone():
    for shape in grid():
        if shape.items in {4, 12, 20}:
            assert around(answers(shape)) == {shape.key}


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        (of(21, 2, 5), {(20, 2, 5), (22, 2, 5)}),
        (of(14, 5, 5), {(14, 4, 5), (14, 7, 5)}),
        (of(12, 2, 6), {(12, 2, 5), (12, 2, 7)}),
        # Eleven of 22 are more than can point against the others among twenty.
        (of(23, 11, 5), {(22, 11, 5), (24, 4, 5), (24, 12, 5)}),
        (of(21, 10, 5), {(20, 10, 5), (22, 4, 5), (22, 11, 5)}),
        (of(3, 0, 5), set()),
        (of(41, 0, 5), set()),
        (of(12, 2, 2), set()),
        (of(12, 2, 11), set()),
    ],
)
def test_shape__between_measured_ones__is_all_around_it(shape: Shape, found: set[tuple[int, int, int]]):
    assert around(answers(shape)) == found
    assert found <= set(ATTENTIVE)


def test_shape__items_of_several_lengths__takes_all_from_the_shortest_to_the_longest():
    coded = answers(of(12, 0, 7))
    items = list(coded.questionnaire.items)
    items[0] = replace(items[0], scale="short", codes=items[0].codes[:4], points=(0.0, 30.0, 70.0, 100.0))
    codes = np.where(np.arange(13) == 0, np.minimum(coded.codes, 4), coded.codes).astype(np.int8)
    shorter = replace(coded, codes=codes, questionnaire=replace(coded.questionnaire, items=tuple(items)))
    assert around(shorter) == {(12, 0, 4), (12, 0, 5), (12, 0, 7)}


def test_shape__checks_that_were_not_simulated__has_none():
    coded = answers(of(12, 2, 5))
    asked = coded.questionnaire
    pairs: Sequence[ConsistencyPair] = asked.quality.pairs
    for quality in (
        replace(asked.quality, attention=asked.quality.attention * 2),
        replace(asked.quality, pairs=(*pairs, ConsistencyPair(("q05", "q06"), 1.0))),
        replace(asked.quality, pairs=(ConsistencyPair(("q05", "q06"), 0.5),)),
        replace(asked.quality, seconds_per_item=3.0),
    ):
        assert around(coded, replace(asked, quality=quality)) == set()
    slower = replace(asked, quality=replace(asked.quality, seconds_per_item=3.0))
    assert around(replace(coded, seconds=None), slower) == {(12, 2, 5)}
    lighter = replace(asked, quality=replace(asked.quality, attention=(), pairs=(), seconds_per_item=1.0))
    assert around(coded, lighter) == {(12, 2, 5)}


@pytest.mark.parametrize("shape", [of(9, 1, 6), of(17, 6, 4), of(25, 3, 5), of(33, 2, 5)])
def test_rate__of_a_questionnaire_that_was_not_measured__is_not_below_what_it_loses(shape: Shape):
    audience = any_shape(shape)
    counts = attentive_families(audience, range(801, 816))
    lost = int(counts[np.bitwise_count(np.arange(len(counts))) >= 2].sum())
    n = int(counts.sum())
    shapes = shapes_around(audience.questionnaire, measure_quality(answers(shape)))
    said = error_budget(n, lost, frozenset(Family), shapes=shapes)
    assert said.upper is not None
    assert lost <= said.upper
