"""What a plan or questionnaire may not say; the documents are checked before, so these are wrong calls."""

import pytest

from analysis.spec import (
    BY_DEPARTMENT,
    DisclosureSpec,
    IndicatorSpec,
    ItemSpec,
    Level,
    Part,
    PlanSpec,
    QuestionnaireSpec,
)
from tests.factories.frames import indicator, item, plan, questionnaire


def test_item__points_of_another_length__is_refused():
    with pytest.raises(ValueError, match="q1: 2 points for 3 choices"):
        ItemSpec("q1", "s", ("a", "b", "c"), (1.0, 2.0))


@pytest.mark.parametrize("points", [-1.0, 100.5])
def test_item__points_outside_0_to_100__are_refused(points):
    with pytest.raises(ValueError, match="outside 0–100"):
        ItemSpec("q1", "s", ("a", "b"), (0.0, points))


def test_item__no_choice_or_too_many_for_a_byte__is_refused():
    with pytest.raises(ValueError, match="0 choices"):
        ItemSpec("q1", "s", ())
    with pytest.raises(ValueError, match="128 choices"):
        ItemSpec("q1", "s", tuple(f"c{number}" for number in range(128)))


def test_item__same_code_twice__is_refused():
    with pytest.raises(ValueError, match="not distinct"):
        ItemSpec("q1", "s", ("a", "a"))


def test_item__only_choices_without_points__is_not_scored():
    assert not ItemSpec("q1", "s", ("a", "b"), (None, None)).scored
    assert not ItemSpec("q1", "s", ("a", "b")).scored
    assert ItemSpec("q1", "s", ("a", "b"), (None, 0.0)).scored


def test_questionnaire__item_twice__is_refused():
    with pytest.raises(ValueError, match="recipients: item ids are not distinct"):
        questionnaire(item("q1"), item("q1"))


def test_columns_of_part__dimension_and_item__are_the_scored_ones():
    asked = questionnaire(item("q1", "a"), item("q2", "b"), item("q3", "a", points=None), item("q4"), item("q5", "a"))
    assert asked.columns_of(Part(1.0, dimension="a")) == (0, 4)
    assert asked.columns_of(Part(1.0, item="q4")) == (3,)
    assert asked.columns_of(Part(1.0, item="q3")) == ()
    assert asked.column("q3") == 2
    assert asked.column("q9") is None


def test_part__both_or_neither__is_refused():
    for names in ({}, {"dimension": "a", "item": "q1"}):
        with pytest.raises(ValueError, match="either a dimension or an item"):
            Part(1.0, **names)


def test_part__weight_outside_0_to_1__is_refused():
    with pytest.raises(ValueError, match=r"part a: weight 1\.2"):
        Part(1.2, dimension="a")


def test_indicator__weights_that_do_not_sum_to_one__are_refused():
    with pytest.raises(ValueError, match=r"weights sum to 0\.9"):
        indicator(Part(0.5, dimension="a"), Part(0.4, dimension="b"))


def test_indicator__ten_tenths__sum_to_one():
    assert len(indicator(*(Part(0.1, dimension=f"d{number}") for number in range(10))).parts) == 10


def test_indicator__no_part_or_one_named_twice__is_refused():
    with pytest.raises(ValueError, match="no parts"):
        IndicatorSpec("x", "staff", ())
    with pytest.raises(ValueError, match="named twice"):
        indicator(Part(0.5, dimension="a"), Part(0.5, dimension="a"))


def test_indicator__levels_with_strata__are_refused():
    with pytest.raises(ValueError, match="exclude each other"):
        indicator(levels=BY_DEPARTMENT, strata="poststratify")


def test_indicator__response_before_department__is_refused():
    with pytest.raises(ValueError, match="department then response"):
        indicator(levels=(Level("response"), Level("department")))


def test_indicator__levels_of_responses_only__is_the_same_as_none():
    assert not indicator(levels=(Level("response"),)).by_department
    assert indicator(levels=BY_DEPARTMENT).by_department


def test_disclosure__text_shown_sooner_than_numbers__is_refused():
    with pytest.raises(ValueError, match="do not fit"):
        DisclosureSpec(min_cell=5, min_cell_text=4)
    with pytest.raises(ValueError, match="min_cell 0"):
        DisclosureSpec(min_cell=0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dimension_min_answered": 1.5}, "dimension_min_answered 1.5"),
        ({"confidence": 1.0}, "confidence 1.0"),
        ({"moves": {"satisfaction": "nobody"}}, "both must be indicators"),
        ({"moves": {"nobody": "satisfaction"}}, "both must be indicators"),
        ({"moves": {"satisfaction": "satisfaction"}}, "in a circle"),
    ],
)
def test_plan__impossible_setting__is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        plan(**changes)


def test_plan__moves_in_a_circle_of_two__are_refused():
    first, second = (IndicatorSpec(code, "staff", (Part(1.0, dimension="a"),)) for code in ("first", "second"))
    with pytest.raises(ValueError, match="in a circle"):
        plan(first, second, moves={"first": "second", "second": "first"})


def test_plan__indicator_twice__is_refused():
    with pytest.raises(ValueError, match="codes are not distinct"):
        PlanSpec("p", "1", "h", (indicator(), indicator()))


def test_questionnaire_spec__keeps_the_order_of_its_items():
    assert [of.id for of in QuestionnaireSpec("q", "h", "staff", (item("z"), item("a"))).items] == ["z", "a"]
