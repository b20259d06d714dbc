"""Multiverse: envelope, total interval, thirds; what is missing in a universe is counted, not filled in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.comparison.multiverse import multiverse, total_interval
from analysis.estimate import Estimate, Status, undefined
from analysis.means import mean_srs


def score(value: float, half: float = 3.0) -> Estimate:
    return Estimate(value=value, se=half / 2, lo=value - half, hi=value + half, n=40, df=39, method="mean")


def test_total__sampling_and_envelope__add_in_squares_around_the_score() -> None:
    found = total_interval(score(70, 3), 8)
    assert (found.lo, found.hi, found.se, found.detail["envelope"]) == (65, 75, 1.5, 8)
    assert total_interval(score(70, 3), 0).hi == 73


@given(st.floats(0, 100), st.floats(0, 50), st.floats(0, 60))
def test_total__any_score__is_no_narrower_than_sampling_and_stays_on_the_scale(
    value: float, half: float, envelope: float
) -> None:
    found, sampling = total_interval(score(value, half), envelope), score(value, half)
    assert 0 <= found.lo <= value <= found.hi <= 100
    assert found.lo <= max(sampling.lo, 0) + 1e-9
    assert found.hi >= min(sampling.hi, 100) - 1e-9


def test_multiverse__three_rules__give_envelope_and_stability() -> None:
    grid = np.array([[90.0, 80.0, 70.0, 60.0], [88.0, 91.0, 70.0, 55.0], [89.0, 82.0, 71.0, 72.0]])
    found = multiverse(grid, [score(v) for v in grid[0]])
    first = found[0]
    assert (first.median, first.least, first.most, first.width, first.universes) == (89, 88, 90, 2, 3)
    assert [unit.best_third for unit in found] == pytest.approx([2 / 3, 1 / 3, 0, 0])
    assert [unit.worst_third for unit in found] == pytest.approx([0, 0, 1 / 3, 2 / 3])
    assert first.total.hi == pytest.approx(90 + np.hypot(3, 1))


def test_multiverse__a_unit_without_score_in_a_universe__is_judged_by_the_others() -> None:
    nan = np.nan
    grid = np.array([[90.0, nan, 70.0, nan], [80.0, 85.0, 70.0, nan]])
    none = undefined(Status.UNDEFINED_NO_RESPONSES, n=0, method="mean")
    found = multiverse(grid, [score(90), mean_srs(np.array([85.0])), score(70), none])
    # two units scored in the first universe: no thirds there
    assert [unit.universes for unit in found] == [2, 1, 2, 0]
    assert [unit.best_third for unit in found] == [0, 1, 0, None]
    assert [unit.worst_third for unit in found] == [0, 0, 1, None]
    assert (found[1].total.value, found[1].total.lo, found[1].total.status) == (85, None, Status.WARN_ONE_RESPONSE)
    assert (found[3].total.value, found[3].width, found[3].total.status) == (
        None, None, Status.UNDEFINED_NO_RESPONSES,
    )  # fmt: skip


def test_multiverse__ties_at_the_border_of_a_third__are_all_in() -> None:
    found = multiverse(np.array([[90.0, 90.0, 70.0]]), [score(90), score(90), score(70)])
    assert [unit.best_third for unit in found] == [1, 1, 0]
    assert multiverse(np.array([[90.0, 80.0]]), [score(90), score(80)])[0].best_third is None


def test_multiverse__undefined_official_score__stays_undefined() -> None:
    reason = undefined(Status.UNDEFINED_FRAME_TOO_SMALL, n=9, method="mean")
    assert multiverse(np.array([[70.0]]), [reason])[0].total.status is Status.UNDEFINED_FRAME_TOO_SMALL


def test_multiverse__what_does_not_fit__is_refused() -> None:
    for call in (
        lambda: multiverse(np.ones((2, 3)), [score(70)]),
        lambda: multiverse(np.array([[np.inf]]), [score(70)]),
        lambda: total_interval(score(70), -1),
    ):
        with pytest.raises(ValueError, match=r"."):
            call()
