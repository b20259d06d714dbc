"""Shares: Wilson at the ends, effective n, design-based limits. R's numbers are in goldens/comparison.py."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.comparison.shares import design_share, effective_n, top_box_share, wilson
from analysis.estimate import Status
from tests.analysis.goldens.data import HERE

CASES = {case["id"]: case for case in json.loads((HERE / "edge_cases.json").read_text("utf-8"))}


@pytest.mark.parametrize(("case", "limits"), CASES["wilson"]["expect"].items())
def test_wilson__the_edge_cases__have_their_limits_and_nothing_of_nothing_is_undefined(
    case: str, limits: list | None
) -> None:
    count, n = map(int, case.split("/"))
    found = wilson(count, n)
    if limits is None:
        assert (found.value, found.lo, found.status) == (None, None, Status.UNDEFINED_NO_RESPONSES)
    else:
        assert [found.lo, found.hi] == pytest.approx(limits, abs=1e-12)


@given(st.integers(1, 500), st.data(), st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson__any_count__lies_within_0_and_1_around_the_share_and_mirrors(
    n: int, data: st.DataObject, level: float
) -> None:
    count = data.draw(st.integers(0, n))
    found, mirrored = wilson(count, n, level=level), wilson(n - count, n, level=level)
    assert 0 <= found.lo <= found.value <= found.hi <= 1
    assert [mirrored.lo, mirrored.hi] == pytest.approx([1 - found.hi, 1 - found.lo], abs=1e-12)


def test_top_box__finite_population_and_design_effect__count_as_other_numbers_of_answers() -> None:
    assert effective_n(30, 60) == 60
    assert effective_n(30, deff=1.5) == 20
    assert effective_n(30, 30) == math.inf
    found, plain = top_box_share(24, 30, 60), wilson(48, 60)
    assert (found.lo, found.hi, found.detail["n_eff"]) == (plain.lo, plain.hi, 60)
    assert found.se == pytest.approx(math.sqrt(0.8 * 0.2 / 60))
    assert top_box_share(24, 30, deff=2).hi - top_box_share(24, 30, deff=2).lo > found.hi - found.lo


def test_top_box__census_and_degenerate__say_what_they_are() -> None:
    census = top_box_share(24, 30, 30)
    assert (census.value, census.lo, census.hi, census.se) == (0.8, 0.8, 0.8, 0.0)
    assert top_box_share(0, 0).status is Status.UNDEFINED_NO_RESPONSES
    assert top_box_share(3, 5, 4).status is Status.UNDEFINED_FRAME_TOO_SMALL
    everybody = top_box_share(5, 5)
    assert (everybody.hi, round(everybody.lo, 4)) == (1, 0.5655)


@pytest.mark.parametrize("method", ["logit", "asin", "beta"])
@given(share=st.floats(0.001, 0.999), deff=st.floats(0.3, 20), n=st.integers(2, 1000))
def test_design_share__any_share__stays_within_0_and_1_around_it(
    method: str, share: float, deff: float, n: int
) -> None:
    found = design_share(share, math.sqrt(share * (1 - share) / n * deff), n, n - 1, method=method)
    assert 0 <= found.lo <= share <= found.hi <= 1


def test_design_share__simple_random_sample__beta_is_clopper_and_pearson() -> None:
    found = design_share(0.3, math.sqrt(0.3 * 0.7 / 20), 20, 19, method="beta")
    exact = stats.binomtest(6, 20).proportion_ci(method="exact")
    assert [found.lo, found.hi] == pytest.approx([exact.low, exact.high], rel=1e-9)


def test_design_share__no_error_or_no_degrees_of_freedom__has_a_value_and_no_interval() -> None:
    for found, status in (
        (design_share(1.0, 0.0, 20, 19), Status.WARN_NO_VARIATION),
        (design_share(0.5, 0.0, 20, 19), Status.WARN_NO_VARIATION),
        (design_share(0.5, 0.1, 1, 0), Status.WARN_ONE_RESPONSE),
    ):
        assert (found.lo, found.hi, found.status) == (None, None, status)
    assert design_share(0.0, 0.0, 0, 0).status is Status.UNDEFINED_NO_RESPONSES


def test_shares__impossible_numbers__are_refused() -> None:
    for call in (
        lambda: wilson(6, 5),
        lambda: top_box_share(-1, 5),
        lambda: effective_n(6, 5),
        lambda: design_share(1.2, 0.1, 5, 4),
    ):
        with pytest.raises(ValueError, match=r"."):
            call()


def test_wilson__few_answers__covers_where_the_textbook_interval_does_not() -> None:
    p, n = 0.9, 10
    counts = np.arange(n + 1)
    chance = stats.binom.pmf(counts, n, p)
    limits = [wilson(int(count), n) for count in counts]
    inside = np.array([found.lo <= p <= found.hi for found in limits])
    wald = np.abs(counts / n - p) <= 1.96 * np.sqrt(counts / n * (1 - counts / n) / n)
    assert chance[inside].sum() > 0.92
    assert chance[wald].sum() < 0.66
