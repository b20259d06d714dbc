"""The studentized range against t for two means, scipy for more, and itself backwards."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.comparison.studentized_range import StudentizedRange

DF = np.array([1.0, 1.3, 4.0, 30.0, 2e6, np.inf])


def test_range__two_means__is_t() -> None:
    found = StudentizedRange(2)
    for q in (0.0, 0.5, 3.0, 20.0, 100.0):
        wanted = 2 * stats.t.sf(q / np.sqrt(2), DF)
        np.testing.assert_allclose(found.sf(q, DF), wanted, atol=1e-11)


@pytest.mark.parametrize("means", [3, 12, 49])
def test_range__several_means__is_scipys(means: int) -> None:
    q, df = np.array([0.5, 2.0, 3.5, 5.0, 8.0]), np.array([3.7, 8.0, 40.0, 900.0, 15.0])
    found = StudentizedRange(means)
    np.testing.assert_allclose(found.sf(q, df), stats.studentized_range.sf(q, means, df), atol=1e-9)
    for degrees in (3.7, 60.0):
        wanted = stats.studentized_range.ppf(0.95, means, degrees)
        assert found.isf(0.05, np.array([degrees]))[0] == pytest.approx(wanted, rel=1e-8)


@settings(deadline=None, max_examples=10)
@given(st.integers(2, 60), st.floats(0.001, 0.5), st.floats(1, 1e6))
def test_range__quantile__has_its_probability(means: int, p: float, df: float) -> None:
    found = StudentizedRange(means)
    q = found.isf(p, np.array([df]))
    assert found.sf(q, np.array([df]))[0] == pytest.approx(p, rel=1e-8)


def test_range__wrong_calls__are_refused() -> None:
    with pytest.raises(ValueError, match="two means"):
        StudentizedRange(1)
    with pytest.raises(ValueError, match="no quantile"):
        StudentizedRange(3).isf(0.0, np.array([5.0]))
