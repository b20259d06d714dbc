"""R-indicator: known values, its bias from chance and the adjustment, the bound of the bias."""

import numpy as np
import pytest

from analysis.estimate import Status
from analysis.sampling.representativity import largest_bias, r_indicator


def test_r_indicator__all_strata_answer_alike__is_one_and_half_and_none_is_zero() -> None:
    sizes = np.array([400.0, 600.0])
    assert r_indicator(0.3 * sizes, sizes).value == pytest.approx(1)
    # half of the people answer completely, the other half not at all: S(rho) = .5
    apart = r_indicator(np.array([500.0, 0.0]), np.array([500.0, 500.0]))
    assert apart.value == pytest.approx(0, abs=1e-3)
    assert apart.detail["rho"] == 0.5


def test_r_indicator__worked_by_hand__is_one_minus_twice_the_spread_of_propensities() -> None:
    found = r_indicator(np.array([55.0, 60.0]), np.array([100.0, 200.0]))
    rho, w = np.array([0.55, 0.30]), np.array([1 / 3, 2 / 3])
    s = np.sqrt(300 / 299 * np.sum(w * (rho - w @ rho) ** 2))
    assert found.value == pytest.approx(1 - 2 * s)
    sampled = r_indicator(np.array([55.0, 60.0]), np.array([100.0, 200.0]), np.array([1000.0, 500.0]))
    assert sampled.detail["rho"] == pytest.approx((1000 * 0.55 + 500 * 0.30) / 1500)


def test_r_indicator__small_strata__is_too_low_by_chance_and_the_adjustment_takes_it_out() -> None:
    rng = np.random.default_rng(1)
    sizes, rho = np.array([30, 40, 50, 80]), np.array([0.3, 0.5, 0.4, 0.6])
    w = sizes / sizes.sum()
    true = 200 / 199 * np.sum(w * (rho - w @ rho) ** 2)
    found = [r_indicator(rng.binomial(sizes, rho).astype(float), sizes.astype(float)) for _ in range(3000)]
    squared = np.array([(1 - estimate.value) ** 2 / 4 for estimate in found])
    adjusted = np.array([(1 - float(estimate.detail["adjusted"])) ** 2 / 4 for estimate in found])
    assert squared.mean() > true + 0.002
    # cut at 0 in a few samples, which leaves a little
    assert adjusted.mean() == pytest.approx(true, abs=0.0005)


@pytest.mark.parametrize(
    ("responses", "invited", "sizes", "status"),
    [
        ([5, 5], [4, 10], None, Status.UNDEFINED_FRAME_TOO_SMALL),
        ([5, 5], [10, 10], [9, 20], Status.UNDEFINED_FRAME_TOO_SMALL),
        ([0, 0], [10, 10], None, Status.UNDEFINED_NO_RESPONSES),
        ([5, 0], [10, 0], [10, 10], Status.UNDEFINED_STRATUM_EMPTY),
        ([5, 0], [10, 0], None, Status.UNDEFINED_ONE_UNIT),
    ],
)
def test_r_indicator__strata_that_cannot_be_compared__are_undefined(
    responses: list, invited: list, sizes: list | None, status: Status
) -> None:
    found = r_indicator(np.array(responses), np.array(invited), None if sizes is None else np.array(sizes))
    assert (found.value, found.status) == (None, status)


def test_r_indicator__a_stratum_of_one__is_not_adjusted() -> None:
    assert "adjusted" not in r_indicator(np.array([1, 5]), np.array([1, 10])).detail
    with pytest.raises(ValueError, match="one number per stratum"):
        r_indicator(np.array([1, 5]), np.array([1]))


def test_largest_bias__any_answers_with_those_propensities__is_never_passed() -> None:
    rng = np.random.default_rng(2)
    sizes, rho = np.array([200.0, 300.0, 500.0]), np.array([0.2, 0.5, 0.4])
    found = r_indicator(sizes * rho, sizes)
    people = np.repeat(rho, sizes.astype(int))
    for _ in range(50):
        y = rng.normal(size=3)[np.repeat(np.arange(3), sizes.astype(int))] + rng.normal(size=1000)
        bias = np.sum(people * y) / people.sum() - y.mean()
        assert abs(bias) <= largest_bias(y.std(), found.value, float(found.detail["rho"])) * (1 + 1e-9)
    assert largest_bias(20, 0.8, 0.5) == pytest.approx(4)
    with pytest.raises(ValueError, match="no bound"):
        largest_bias(20, 0.8, 0)
