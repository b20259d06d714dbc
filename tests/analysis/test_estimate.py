"""Estimates: a value and its status cannot contradict each other."""

import math

import pytest

from analysis.estimate import Estimate, Status, undefined


@pytest.mark.parametrize("status", list(Status))
def test_status__undefined__means_no_value_and_every_other_one(status: Status) -> None:
    value = 1.0 if status.defined else None
    assert status.defined != status.value.startswith("undefined_")
    assert Estimate(value=value, n=3, method="m", status=status).value == value
    with pytest.raises(ValueError, match="does not fit"):
        Estimate(value=None if status.defined else 1.0, n=3, method="m", status=status)


@pytest.mark.parametrize("field", ["value", "se", "lo", "hi", "df"])
@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_estimate__not_a_finite_number__is_refused(field: str, number: float) -> None:
    with pytest.raises(ValueError, match="status should say why"):
        Estimate(**({"value": 1.0, "n": 3, "method": "m"} | {field: number}))


def test_undefined__with_detail__carries_reason_and_no_number() -> None:
    found = undefined(Status.UNDEFINED_HEYWOOD, n=40, method="omega_total", detail={"items": "2"})
    assert (found.value, found.se, found.n, found.detail) == (None, None, 40, {"items": "2"})
