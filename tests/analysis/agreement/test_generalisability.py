"""Variance components: R's analysis of variance where balanced, truth on average where not, and the studies on them."""

from typing import Any

import numpy as np
import pytest

from analysis.agreement.generalisability import (
    VarianceComponents,
    decision_study,
    respondents_needed,
    variance_components,
)
from analysis.estimate import Status

# 6 units of 4 respondents, 5 items; made with known components and rounded
BALANCED = [
    [2.4, 2.6, 3.4, 0.8, 2.4], [3.6, 4.3, 4.3, 3.2, 3.3], [2.5, 3.2, 1.8, 0.1, 1.0], [5.5, 3.6, 4.1, 4.3, 4.0],
    [2.9, 2.6, 2.3, 2.6, 1.2], [1.7, 1.1, 2.2, 2.9, 1.4], [2.8, 2.0, 3.7, 3.1, 1.9], [4.3, 2.8, 5.0, 3.6, 3.9],
    [3.5, 3.9, 2.3, 2.9, 3.3], [2.1, 3.1, 3.4, 4.8, 1.8], [1.6, 2.9, 3.5, 2.9, 1.9], [0.8, 3.5, 4.1, 2.4, 2.9],
    [2.8, 3.3, 2.6, 0.8, 3.2], [3.4, 2.3, 4.0, 0.0, 1.4], [-0.3, 2.9, 1.0, -0.2, -0.2], [0.7, -0.8, 0.6, 0.6, 1.3],
    [3.7, 1.8, 3.3, 5.7, 3.0], [0.8, 4.5, 3.3, 3.5, 2.5], [3.3, 2.9, 2.7, 2.2, 4.8], [2.2, 3.5, 4.5, 4.9, 3.9],
    [5.3, 6.0, 3.3, 5.1, 5.5], [4.8, 4.2, 4.5, 3.8, 3.6], [4.8, 5.9, 1.7, 1.9, 2.2], [3.1, 2.0, 3.0, 2.9, 2.0],
]  # fmt: skip
UNIT = np.repeat(np.arange(6), 4)
NAMES = ("unit", "respondent", "item", "unit_item", "residual")


def everything(codes: Any) -> tuple[np.ndarray, np.ndarray]:
    codes = np.array(codes, dtype=float)
    return codes, np.ones(codes.shape, dtype=bool)


def balanced() -> VarianceComponents:
    return variance_components(*everything(BALANCED), UNIT)


def made(unit: float, respondent: float, unit_item: float, residual: float, item: float = 0.0) -> VarianceComponents:
    return VarianceComponents(
        unit=unit, respondent=respondent, item=item, unit_item=unit_item, residual=residual,
        units=6, respondents=24, items=5, n=120, status=Status.OK,
    )  # fmt: skip


def test_components__equal_units_and_complete_answers__are_those_of_rs_analysis_of_variance() -> None:
    found = balanced()
    # R: mean squares 12.27973333, 1.26604167, 1.61344167, 3.91622222, 0.96365278 of lm(y ~ u * i + u:r)
    wanted = [0.385686111111111, 0.590513888888889, -0.014475, 0.162447222222222, 0.963652777777777]
    assert [getattr(found, name) for name in NAMES] == pytest.approx(wanted, abs=1e-12)
    assert (found.negative, found.status) == (("item",), Status.WARN_NEGATIVE_COMPONENT)
    assert (found.units, found.respondents, found.items, found.n) == (6, 24, 5, 120)


def test_components__unequal_units_and_holes__are_right_on_average() -> None:
    rng, truth = np.random.default_rng(1), np.array([1.0, 0.6, 0.4, 0.3, 0.8])
    sizes = np.array([2, 3, 5, 9, 4, 7, 1, 3])
    unit = np.repeat(np.arange(8), sizes)
    present = rng.random((len(unit), 6)) > 0.2
    found = []
    for _ in range(400):
        deviations = np.sqrt(truth)
        y = deviations[0] * rng.normal(size=(8, 1))[unit] + deviations[1] * rng.normal(size=(len(unit), 1))
        y = y + deviations[2] * rng.normal(size=(1, 6)) + deviations[3] * rng.normal(size=(8, 6))[unit]
        y = y + deviations[4] * rng.normal(size=y.shape)
        components = variance_components(np.where(present, y, 99.0), present, unit)
        found.append([getattr(components, name) for name in NAMES])
    error = np.std(found, axis=0) / np.sqrt(400)
    assert (np.abs(np.mean(found, axis=0) - truth) < 4 * error).all()
    assert error.max() < 0.05


def test_components__moved_stretched_and_shuffled__change_by_the_square_only() -> None:
    codes, present = everything(BALANCED)
    order, items = np.random.default_rng(3).permutation(24), [3, 0, 4, 1, 2]
    found = variance_components(5 * codes[order][:, items] - 40, present, UNIT[order] + 7)
    for name in NAMES:
        assert getattr(found, name) == pytest.approx(25 * getattr(balanced(), name), abs=1e-9)


@pytest.mark.parametrize(
    ("codes", "unit", "status"),
    [
        (np.zeros((0, 3)), [], Status.UNDEFINED_NO_RESPONSES),
        ([[1, 2], [2, 4], [3, 3]], [0, 0, 0], Status.UNDEFINED_ONE_UNIT),
        ([[1], [2], [3]], [0, 0, 1], Status.UNDEFINED_ONE_ITEM),
        ([[1, 2], [2, 4], [3, 3]], [0, 1, 2], Status.UNDEFINED_ONE_RESPONSE),
        ([[2, 2], [2, 2], [2, 2]], [0, 1, 1], Status.UNDEFINED_NO_VARIATION),
    ],
)
def test_components__too_little__say_what_is_missing(codes: Any, unit: list[int], status: Status) -> None:
    found = variance_components(*everything(codes), np.array(unit, dtype=int))
    assert [getattr(found, name) for name in NAMES] == [None] * 5
    assert found.status is status
    assert decision_study(found, 5, 5).status is status
    assert respondents_needed(found, 5).status is status


def test_components__each_respondent_answers_one_item__cannot_be_told_apart() -> None:
    codes, _ = everything(np.random.default_rng(1).normal(size=(12, 2)))
    present = np.tile(np.eye(2, dtype=bool), (6, 1))
    found = variance_components(codes, present, np.repeat([0, 1, 2], 4))
    assert found.status is Status.UNDEFINED_SINGULAR


def test_decision_study__of_the_design_itself__is_one_minus_the_error_share() -> None:
    found = decision_study(balanced(), 4, 5)
    # R: E rho^2 = s_u/(s_u + s_ru/4 + s_ui/5 + s_e/20)
    error = 0.590513888888889 / 4 + 0.162447222222222 / 5 + 0.963652777777777 / 20
    assert found.value == pytest.approx(0.385686111111111 / (0.385686111111111 + error), abs=1e-12)
    assert (found.status, found.detail["error"]) == (Status.OK, pytest.approx(error))


def test_decision_study__fixed_items_and_all_people__leave_no_error() -> None:
    components = made(0.4, 0.6, 0.2, 1.0)
    assert decision_study(components, 20, 5, population=20, items_fixed=True).value == 1.0
    assert decision_study(components, 20, 5, population=20).value == pytest.approx(0.4 / 0.44)
    assert decision_study(components, 10, 5, items_fixed=True).value == pytest.approx(0.44 / (0.44 + 0.08))
    assert decision_study(components, 10, 5).value == pytest.approx(0.4 / (0.4 + 0.04 + 0.08))


def test_decision_study__negative_components__are_used_as_they_are_and_named() -> None:
    found = decision_study(made(0.4, 0.6, -0.1, 1.0, item=-0.2), 4, 5)
    assert found.value == pytest.approx(0.4 / (0.4 + 0.15 - 0.02 + 0.05))
    assert (found.status, found.detail["components"]) == (Status.WARN_NEGATIVE_COMPONENT, "unit_item")
    none = decision_study(made(-0.1, 0.6, 0.1, 1.0), 4, 5)
    assert (none.value, none.status) == (0.0, Status.WARN_NO_BETWEEN_VARIANCE)
    beyond = decision_study(made(0.1, -2.0, 0.0, 0.0), 4, 5)
    assert (beyond.value, beyond.status) == (None, Status.UNDEFINED_NO_VARIATION)


def test_respondents_needed__what_it_finds__reaches_the_target_in_the_decision_study() -> None:
    components = made(0.4, 0.6, 0.2, 1.0)
    found = respondents_needed(components, 5, target=0.8, answered=3)
    total = int(found.detail["total"])
    assert decision_study(components, total, 5).value >= 0.8 > decision_study(components, total - 1, 5).value
    assert found.value == total - 3
    assert respondents_needed(components, 5, target=0.92).status is Status.UNDEFINED_OUT_OF_REACH
    assert respondents_needed(components, 5, target=0.92, items_fixed=True).value is not None
    negative = respondents_needed(made(0.4, 0.6, -0.1, 1.0), 5)
    assert negative.status is Status.WARN_NEGATIVE_COMPONENT


def test_studies__no_design__are_a_wrong_call() -> None:
    with pytest.raises(ValueError, match="no design"):
        decision_study(balanced(), 30, 5, population=20)
    with pytest.raises(ValueError, match="do not fit"):
        variance_components(*everything(BALANCED), UNIT[:3])
