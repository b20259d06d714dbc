"""What the models say of themselves: order, choices, offered missing answers, uses, languages, orders shown."""

import pytest

from survey_app.questionnaire.items import LikertItem, RatingItem
from survey_app.questionnaire.order import ORDERS, choices_in_order, items_in_order, shuffled
from survey_app.questionnaire.texts import text
from tests.questionnaire.documents import MISSING, choices, every_type, item, likert, load, questionnaire


def test_items__asked_for__come_in_written_order_over_all_sections() -> None:
    made = load(every_type())
    assert [one.id for one in made.items()] == ["m", "s", "hello", "l", "r", "k", "n", "d", "t", "u"]
    assert [one.id for one in made.answered_items()] == ["m", "s", "l", "r", "k", "n", "d", "t", "u"]
    assert made.item("k").type == "ranking"
    assert made.section_of("k").id == "each"
    assert made.repeated_section() is made.sections[1]
    assert made.pointer("k") == "/sections/1/items/2"
    assert made.has_item("k")
    assert not made.has_item("zz")
    with pytest.raises(KeyError):
        made.item("zz")


def test_choices__of_each_type__come_from_where_they_are_defined() -> None:
    made = load(every_type())
    assert [choice.code for choice in made.item("l").choices_in(made)] == ["a", "b", "c"]
    assert [choice.code for choice in made.item("s").choices_in(made)] == ["a", "b", "o"]
    numbers = made.item("r").choices_in(made)
    assert [choice.code for choice in numbers] == [str(number) for number in range(-2, 8)]
    assert text(numbers[0].label) == "-2"
    assert made.item("t").choices_in(made) == ()
    assert made.item("hello").choices_in(made) == ()


def test_missing_answers__of_a_scale_and_of_an_item__are_offered_as_written() -> None:
    made = load(
        questionnaire(
            likert("none"),
            likert("one", offer_missing=["na"]),
            item("all", "single", choices=choices("a", "b"), missing=MISSING),
            item("some", "single", choices=choices("a", "b"), missing=MISSING, offer_missing=["dk"]),
            item("off", "single", choices=choices("a", "b"), missing=MISSING, offer_missing=[]),
        )
    )
    offered = {one.id: [code.code for code in one.missing_in(made)] for one in made.items()}
    assert offered == {"none": [], "one": ["na"], "all": ["dk", "na"], "some": ["dk"], "off": []}


def test_use__not_written__follows_from_dimension_plan_and_type() -> None:
    made = load(
        questionnaire(
            likert("in_dimension", dimension="d"),
            likert("plain"),
            likert("shown", use="distribution", dimension="d"),
            item("pick", "multiple", choices=choices("a", "b")),
            item("words", "text"),
            item("day", "date"),
            item("count", "number"),
            dimensions={"d": {"title": "维"}},
        )
    )
    uses = {one.id: one.use_in() for one in made.answered_items()}
    assert uses == {
        "in_dimension": "score",
        "plain": "fact",
        "shown": "distribution",
        "pick": "fact",
        "words": "none",
        "day": "none",
        "count": "fact",
    }
    assert [one.id for one in made.scored_items()] == ["in_dimension"]
    assert [one.id for one in made.scored_items(("plain", "words"))] == ["in_dimension", "plain"]


def test_points__of_items__are_kept_under_scale_or_item() -> None:
    made = load(every_type())
    assert {one.id: one.points_key for one in made.items() if one.points_key} == {"s": "s", "l": "agree", "r": "r"}


def test_languages__of_a_questionnaire__are_those_of_its_title_with_chinese_first() -> None:
    titles = {"zh": "问卷", "mn": "M", "en": "E"}
    assert load(questionnaire(likert("x"), title=titles)).languages() == ("zh", "en", "mn")
    assert load(questionnaire(likert("x"))).languages() == ("zh",)


def test_questionnaire__hashed__agrees_with_equality() -> None:
    one, same = load(every_type()), load(every_type())
    other = load(every_type() | {"title": "别的"})
    assert one == same
    assert hash(one) == hash(same)
    assert one != other


def test_shuffled_things__with_one_seed__are_the_same_everywhere_and_complete() -> None:
    # Fixed for ever: the stored order number must keep saying what was seen.
    assert shuffled("abcdefgh", "q", "1", "s", 3) == ("d", "g", "b", "f", "h", "c", "e", "a")
    assert sorted(shuffled(range(50), "seed")) == list(range(50))
    assert shuffled(range(50), "seed") != shuffled(range(50), "other")
    assert shuffled((), "seed") == ()


def test_randomized_section__under_the_eight_orders__shows_all_items_in_different_orders() -> None:
    document = questionnaire(*(likert(f"x{number}") for number in range(12)))
    document["sections"][0]["randomize"] = True
    made = load(document)
    orders = [items_in_order(made, made.sections[0], number) for number in range(ORDERS)]
    assert len({tuple(one.id for one in order) for order in orders}) == ORDERS
    assert all({one.id for one in order} == {one.id for one in made.items()} for order in orders)
    with pytest.raises(ValueError, match="order number 8"):
        items_in_order(made, made.sections[0], ORDERS)


def test_section_in_fixed_order__under_any_number__is_shown_as_written() -> None:
    made = load(questionnaire(likert("x"), likert("y")))
    assert items_in_order(made, made.sections[0], 5) == made.sections[0].items


def test_scale_that_may_be_flipped__with_the_bit__is_shown_last_to_first() -> None:
    document = questionnaire(likert("x"), item("s", "single", choices=choices("a", "b")))
    document["response_scales"]["agree"]["flip_scale"] = True
    made = load(document)
    assert [choice.code for choice in choices_in_order(made, made.item("x"), flip=True)] == ["c", "b", "a"]
    assert [choice.code for choice in choices_in_order(made, made.item("x"), flip=False)] == ["a", "b", "c"]
    assert [choice.code for choice in choices_in_order(made, made.item("s"), flip=True)] == ["a", "b"]
    fixed = load(questionnaire(likert("x")))
    assert [choice.code for choice in choices_in_order(fixed, fixed.item("x"), flip=True)] == ["a", "b", "c"]


def test_defaults__of_a_rating_and_a_likert__are_those_of_the_format() -> None:
    made = load(questionnaire(item("r", "rating"), likert("x")))
    rating, scaled = made.items()
    assert isinstance(rating, RatingItem)
    assert (rating.min, rating.max, rating.style) == (0, 10, "numbers")
    assert isinstance(scaled, LikertItem)
    assert (scaled.required, scaled.reverse_coded, scaled.use) == (False, False, None)
    assert made.quality.seconds_per_item == 2.0
