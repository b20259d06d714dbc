"""Times: evenness, bursts and spreads against their definitions; clocks that are too coarse; honest false alarms."""

import numpy as np
import pytest
from scipy import stats

from analysis.estimate import Status
from analysis.quality.signatures_times import bursts, narrow_durations, regular_arrivals
from analysis.simulation.forgers_times import Arrivals, Script, forge_times, honest_times

ONE_UNIT = 1


def unit_of(times: np.ndarray) -> np.ndarray:
    return np.zeros(len(times), dtype=np.int32)


def test_evenness__intervals_by_hand__is_the_mean_relative_difference_of_neighbours() -> None:
    times = np.cumsum([0.0] + [30.0, 10.0] * 10 + [7.0])
    found = regular_arrivals(times, unit_of(times), ONE_UNIT)[0]
    assert found.statistic == pytest.approx(0.5)
    assert found.detail == {"pairs": 10}
    assert (found.p, found.unusual) == (pytest.approx(0.5), False)


def test_evenness__of_people_who_come_by_themselves__has_the_tail_it_says_whatever_the_rate() -> None:
    rng, p = np.random.default_rng(3), []
    for _ in range(400):
        rate = np.repeat(rng.uniform(10, 5000, 10), 4)  # the rate changes every four intervals
        times = np.concatenate(([0.0], np.cumsum(rng.exponential(rate))))
        p.append(regular_arrivals(times, unit_of(times), ONE_UNIT)[0].p)
    # 20 pairs: a single stretch, so p is exact up to the normal tail
    assert np.mean(np.array(p) < 0.1) == pytest.approx(0.1, abs=0.05)


def test_evenness__pauses_between_one_and_two_minutes__is_unusual_and_a_stretch_of_them_too() -> None:
    rng = np.random.default_rng(1)
    script = np.cumsum(rng.uniform(60, 120, 60))
    found = regular_arrivals(script, unit_of(script), ONE_UNIT)[0]
    assert found.unusual
    assert found.statistic < found.threshold < found.expected
    assert found.statistic == pytest.approx(0.11, abs=0.04)
    mixed = np.concatenate((script, 50_000 + np.cumsum(rng.exponential(3000, 240))))
    assert regular_arrivals(mixed, unit_of(mixed), ONE_UNIT)[0].unusual


def test_evenness__a_clock_of_minutes__is_too_coarse_for_minutes_but_not_for_hours() -> None:
    rng = np.random.default_rng(1)
    fast, slow = (60 * np.round(np.cumsum(rng.exponential(mean, 60)) / 60) for mean in (120, 36_000))
    assert regular_arrivals(fast, unit_of(fast), ONE_UNIT)[0].status is Status.UNDEFINED_COARSE_TIMES
    assert regular_arrivals(slow, unit_of(slow), ONE_UNIT)[0].status is Status.OK
    assert bursts(fast, unit_of(fast), ONE_UNIT)[0].status is Status.UNDEFINED_COARSE_TIMES


def test_burst__thirty_answers_in_half_a_minute__is_the_binomial_tail() -> None:
    times = np.concatenate((np.arange(30.0), [200.0, 260.0, 5000.0, 9000.0]))
    found = bursts(times, unit_of(times), ONE_UNIT)[0]
    assert (found.statistic, found.detail) == (30, {"window": 60.0, "around": 32})
    assert found.expected == pytest.approx(1 + 31 / 10)
    assert found.p == pytest.approx(34 * 2 * stats.binom.sf(28, 31, 0.1), rel=1e-9)
    assert found.unusual
    assert found.threshold <= 30


def test_burst__answers_spread_over_the_window__is_nothing() -> None:
    times = np.arange(0, 36_000, 25.0)
    found = bursts(times, unit_of(times), ONE_UNIT)[0]
    assert (found.unusual, found.p) == (False, 1.0)
    assert found.statistic < found.threshold


def test_burst__threshold__is_the_least_count_that_would_be_unusual() -> None:
    rng = np.random.default_rng(2)
    times = np.concatenate((rng.uniform(0, 600, 40), rng.uniform(0, 36_000, 60)))
    found = bursts(times, unit_of(times), ONE_UNIT)[0]
    share = {60.0: 1 / 10, 600.0: 1 / 6}[found.detail["window"]]
    tails = [
        stats.binom.sf(count - 2, found.detail["around"] - 1, share) * 200
        for count in (found.threshold, found.threshold - 1)
    ]
    assert tails[0] < 0.01 / 12 <= tails[1]


@pytest.mark.parametrize(
    ("arrivals", "regular", "burst"), [(Arrivals.QUEUE, True, False), (Arrivals.MEETING, False, True)]
)
def test_honest_queues_and_meetings__are_flagged_and_must_be_known_to_whoever_reads(
    arrivals: Arrivals, regular: bool, burst: bool
) -> None:
    times = honest_times(arrivals, (100,) * 12, 5)
    assert any(one.unusual for one in regular_arrivals(times.arrival, times.unit, 12)) is regular
    assert any(one.unusual for one in bursts(times.arrival, times.unit, 12)) is burst


def test_durations__drawn_between_two_limits__are_unusually_alike() -> None:
    times = forge_times(honest_times(Arrivals.BY_THEMSELVES, (100,) * 12, 4), 7, Script.PAUSES, 1.0, 1)
    found = narrow_durations(times.duration, times.unit, 12)
    assert [one.unit for one in found if one.unusual] == [7]
    assert found[7].statistic == pytest.approx(np.log(times.duration[times.unit == 7]).std(ddof=1))
    assert found[7].statistic < found[7].threshold < found[7].expected
    assert found[7].expected == pytest.approx(0.62, abs=0.08)


def test_durations__seconds_or_minutes__are_the_same() -> None:
    times = honest_times(Arrivals.BY_THEMSELVES, (60,) * 6, 4)
    for one, other in zip(
        narrow_durations(times.duration, times.unit, 6),
        narrow_durations(times.duration / 60, times.unit, 6),
        strict=True,
    ):
        assert other.p == pytest.approx(one.p, rel=1e-9)


def test_durations__all_equal_in_one_unit__are_as_narrow_as_can_be() -> None:
    times = honest_times(Arrivals.BY_THEMSELVES, (60,) * 6, 4)
    duration = np.where(times.unit == 2, 90.0, times.duration)
    found = narrow_durations(duration, times.unit, 6)
    assert found[2].unusual
    assert found[2].statistic == pytest.approx(0.001)
    everywhere = narrow_durations(np.full(360, 90.0), times.unit, 6)
    assert {one.status for one in everywhere} == {Status.UNDEFINED_FEW_UNITS}


def test_times__unknown_or_few__say_so() -> None:
    times = honest_times(Arrivals.BY_THEMSELVES, (60,) * 6, 4)
    known = np.where(np.arange(360) % 2 == 0, times.arrival, np.nan)
    assert [one.n for one in regular_arrivals(known, times.unit, 6)] == [30] * 6
    assert [one.n for one in narrow_durations(np.where(np.isnan(known), 0.0, times.duration), times.unit, 6)] == [
        30
    ] * 6
    few, some = np.full(360, np.nan), Status.UNDEFINED_FEW_RESPONSES
    few[:2] = 5.0, 6.5
    for signature in (regular_arrivals, bursts, narrow_durations):
        assert {one.status for one in signature(few, times.unit, 6)} == {some}
        with pytest.raises(ValueError, match="units of shape"):
            signature(few, times.unit[:-1], 6)
    with_duration = np.where(times.unit < 4, times.duration, np.nan)
    statuses = [one.status for one in narrow_durations(with_duration, times.unit, 6)]
    assert statuses == [Status.UNDEFINED_FEW_UNITS] * 4 + [some] * 2
