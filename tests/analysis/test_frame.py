"""Arrays that do not fit together are wrong calls, named by questionnaire, array and what was expected."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.frame import DONT_KNOW, NOT_APPLICABLE, NOT_SHOWN, Frame, UnitSpec
from tests.factories.frames import Row, answers, frame, item, questionnaire

ASKED = questionnaire(item("q1", "a"), item("q2", "a"))
TWO = answers(ASKED, [Row([1, 5]), Row([0, DONT_KNOW])])


def test_answers__every_missing_code__are_accepted():
    assert len(answers(ASKED, [Row([NOT_APPLICABLE, NOT_SHOWN])]).codes) == 1


def test_answers__none_at_all__are_accepted():
    assert answers(ASKED, []).codes.shape == (0, 2)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"codes": np.zeros((2, 3), np.int8)}, r"codes are int8 \(2, 3\), expected int8 \(n, 2\)"),
        ({"codes": np.zeros((2, 2), np.int16)}, "codes are int16"),
        ({"codes": np.zeros(4, np.int8)}, r"codes are int8 \(4,\)"),
        ({"codes": np.array([[1, 6], [1, 1]], np.int8)}, "item q2 holds codes 1..6"),
        ({"codes": np.array([[1, 1], [-4, 1]], np.int8)}, "item q1 holds codes -4..1"),
        ({"unit": np.zeros(3, np.int32)}, r"unit is int32 \(3,\)"),
        ({"stratum": np.zeros(2, np.int64)}, r"stratum is int64 \(2,\)"),
        ({"department": np.zeros((2, 1), np.int32)}, "department is int32"),
        ({"sitting": np.zeros(2, np.int8)}, "sitting is int8"),
        ({"eligible": np.ones(2, np.int8)}, "eligible is int8"),
    ],
)
def test_answers__array_that_does_not_fit__is_named(changes, message):
    with pytest.raises(ValueError, match=f"recipients: {message}"):
        replace(TWO, **changes)


@pytest.mark.parametrize("label", ["unit", "stratum", "department", "sitting"])
def test_frame__pointer_outside__is_named(label):
    for outside in (-2, 7):
        if label == "sitting" and outside > 0:
            continue
        moved = replace(TWO, **{label: np.array([0, outside], np.int32)})
        with pytest.raises(ValueError, match=f"recipients: {label} points to"):
            frame(moved)


def test_frame__department_of_nobody__is_accepted():
    assert frame(TWO).departments == ()


def test_frame__questionnaire_twice__is_refused():
    with pytest.raises(ValueError, match="given twice"):
        frame(TWO, TWO)


def test_frame__unit_or_stratum_twice__is_refused():
    unit = UnitSpec("u1", "Unit", "bureau", ())
    with pytest.raises(ValueError, match="units are not distinct"):
        Frame((unit, unit), ())
    with pytest.raises(ValueError, match="strata are not distinct"):
        frame(TWO, strata=("a", "a"))


@pytest.mark.parametrize("key", [("u9", None), ("u1", "attic")])
def test_frame__population_of_something_unknown__is_refused(key):
    with pytest.raises(ValueError, match="unknown unit or stratum"):
        frame(TWO, sizes={key: 10})


def test_frame__negative_population__is_refused():
    with pytest.raises(ValueError, match="-1 < 0"):
        frame(TWO, sizes={("u1", None): -1})
