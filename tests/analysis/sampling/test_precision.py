"""Margins of error and the answers they need: worked numbers, and n as the smallest that does it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.estimate import Status
from analysis.means import mean_srs
from analysis.sampling.precision import (
    answers_more,
    margin_of_error,
    margin_of_error_share,
    required_n,
    required_n_share,
)


@pytest.mark.parametrize(("population", "n"), [(None, 62), (30, 21), (12, 11)])
def test_required_n__spread_of_20_and_5_points__asks_small_units_almost_completely(
    population: int | None, n: int
) -> None:
    assert required_n(5, 20, population) == n
    assert answers_more(4, 5, 20, population).value == n - 4


def test_required_n_share__five_points_at_the_widest__is_the_textbook_385_and_278() -> None:
    assert (required_n_share(0.05), required_n_share(0.05, population=1000)) == (385, 278)


@given(
    st.floats(0.5, 20), st.floats(1, 40), st.one_of(st.none(), st.integers(2, 5000)), st.floats(0.5, 3),
    st.sampled_from(["normal", "t"]),
)  # fmt: skip
def test_required_n__any_wish__is_the_smallest_that_keeps_it(
    error: float, sd: float, population: int | None, deff: float, quantile: str
) -> None:
    n = required_n(error, sd, population, deff=deff, quantile=quantile)
    found = margin_of_error(sd, n, population, deff=deff, quantile=quantile)
    assert found.value <= error * (1 + 1e-9)
    least = 2 if quantile == "t" else 1
    if n > least:
        assert margin_of_error(sd, n - 1, population, deff=deff, quantile=quantile).value > error


def test_required_n__quantile_of_t__costs_answers_only_where_they_are_few() -> None:
    assert required_n(5, 20, quantile="t") == 64
    assert (required_n(1, 20), required_n(1, 20, quantile="t")) == (1537, 1540)
    y = np.random.default_rng(1).normal(60, 20, 21)
    interval = mean_srs(y, 30)
    margin = margin_of_error(float(y.std(ddof=1)), 21, 30, quantile="t").value
    assert margin == pytest.approx(interval.hi - interval.value, rel=1e-12)


def test_margin__census__is_zero_and_half_of_it_is_not() -> None:
    assert margin_of_error(20, 12, 12).value == 0
    assert margin_of_error(20, 6, 12).value == pytest.approx(1.959963984540054 * 20 * math.sqrt(0.5 / 6))


def test_margin_share__finite_population__is_that_of_the_textbook() -> None:
    n, population, p = 100, 400, 0.3
    wanted = 1.959963984540054 * math.sqrt(p * (1 - p) / n * (population - n) / (population - 1))
    assert margin_of_error_share(p, n, population).value == pytest.approx(wanted, rel=1e-14)


def test_margin__twice_the_design_effect__needs_twice_the_answers() -> None:
    assert margin_of_error(20, 100, deff=2).value == pytest.approx(margin_of_error(20, 50).value)


@pytest.mark.parametrize(
    ("n", "population", "quantile", "status"),
    [(0, None, "normal", Status.UNDEFINED_NO_RESPONSES), (13, 12, "normal", Status.UNDEFINED_FRAME_TOO_SMALL),
     (1, None, "t", Status.UNDEFINED_ONE_RESPONSE)],
)  # fmt: skip
def test_margin__no_answers_or_a_wrong_frame__is_undefined(
    n: int, population: int | None, quantile: str, status: Status
) -> None:
    assert margin_of_error(20, n, population, quantile=quantile).status is status


def test_answers_more__enough_or_all_alike_or_too_many__says_so() -> None:
    assert answers_more(70, 5, 20).value == 0
    alike = answers_more(3, 5, 0)
    assert (alike.value, alike.status) == (0, Status.WARN_NO_VARIATION)
    assert answers_more(13, 5, 20, 12).status is Status.UNDEFINED_FRAME_TOO_SMALL


@pytest.mark.parametrize("wrong", [{"error": 0, "sd": 20}, {"error": 5, "sd": -1}, {"error": 5, "sd": 20, "level": 1}])
def test_required_n__impossible_wish__is_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        required_n(**wrong)
