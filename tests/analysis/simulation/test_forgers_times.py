"""Times of people and of scripts: the same seed, sorted out by unit, and the limits that scripts keep to."""

import numpy as np
import pytest

from analysis.simulation.forgers_times import Arrivals, Script, forge_times, honest_times


@pytest.mark.parametrize("arrivals", list(Arrivals))
def test_times__same_seed__are_the_same(arrivals: Arrivals) -> None:
    one, same, other = (honest_times(arrivals, (40, 60), seed) for seed in (1, 1, 2))
    assert (one.arrival == same.arrival).all()
    assert (one.arrival != other.arrival).any()
    assert np.bincount(one.unit).tolist() == [40, 60]
    assert (one.duration > 0).all()


def test_meeting_and_queue__arrivals__are_together_and_one_after_another() -> None:
    meeting, queue = (honest_times(arrivals, (100,), 3) for arrivals in (Arrivals.MEETING, Arrivals.QUEUE))
    assert np.quantile(meeting.arrival[:50], 0.9) - np.quantile(meeting.arrival[:50], 0.1) < 600
    assert np.ptp(meeting.arrival[50:]) > 86_400
    same_day = np.diff(queue.arrival) < 43_200
    assert (np.diff(queue.arrival)[same_day] > queue.duration[1:][same_day]).all()


@pytest.mark.parametrize(("script", "low", "high"), [(Script.PAUSES, 60, 120), (Script.AT_ONCE, 1, 3)])
def test_script__a_share_of_one_unit__keeps_to_its_pauses_and_leaves_the_others(
    script: Script, low: float, high: float
) -> None:
    honest = honest_times(Arrivals.BY_THEMSELVES, (50, 50), 3)
    forged = forge_times(honest, 1, script, 0.4, 5)
    changed = np.flatnonzero(forged.arrival != honest.arrival)
    assert changed.tolist() == list(range(80, 100))
    pauses = np.diff(np.sort(forged.arrival[changed]))
    assert low <= pauses.min() <= pauses.max() <= high
    assert ((forged.duration[changed] >= 60) & (forged.duration[changed] <= 120)).all()
    assert (forged.duration[:80] == honest.duration[:80]).all()
