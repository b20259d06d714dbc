"""How many more answers, from a mean's own standard errors: what it agrees with, when it ends, what it refuses."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtrit

from analysis.estimate import Status
from analysis.means import department_mean, mean_srs, stratified_mean
from analysis.sampling.precision import answers_more, answers_more_of_design


def more_of(found, error=5.0, population=None):
    return answers_more_of_design(
        found.n, error, se=found.se, se_process=found.se_process, df=found.df, population=population
    )


@given(
    n=st.integers(2, 60), left=st.integers(0, 500), sd=st.floats(1, 40), error=st.floats(0.5, 20), known=st.booleans()
)
def test_simple_random_sample__any__needs_what_the_formula_of_one_needs(
    n: int, left: int, sd: float, error: float, known: bool
) -> None:
    population = n + left if known else None
    process = sd / math.sqrt(n)
    se = process * math.sqrt(1 - n / population) if population else process
    found = answers_more_of_design(n, error, se=se, se_process=process, df=n - 1, population=population)
    assert found.value == answers_more(n, error, sd, population, quantile="t").value
    assert found.detail["required"] == n + found.value


def test_nothing_more__exactly_where_the_interval_is_narrow_enough() -> None:
    y = np.random.default_rng(1).normal(60, 20, 40)
    found = mean_srs(y, 200)
    half = (found.hi - found.lo) / 2
    assert more_of(found, half, 200).value == 0
    assert more_of(found, half * 0.999, 200).value == 1


def test_strata__answers_in_the_same_proportions__bring_the_interval_there() -> None:
    rng = np.random.default_rng(2)
    n, sizes, sd = np.array([12, 8]), np.array([300.0, 100.0]), np.array([25.0, 10.0])
    y = [rng.normal(60, 1, size) for size in n]
    y = np.concatenate([60 + s * (part - part.mean()) / part.std(ddof=1) for part, s in zip(y, sd, strict=True)])
    found = stratified_mean(y, np.repeat([0, 1], n), sizes)
    m = found.n + more_of(found, 5.0, 400).value
    share, grown = sizes / 400, n * m / found.n

    def half(of: np.ndarray) -> float:
        total = of.sum()
        se = math.sqrt(float(np.sum(share**2 * (1 - of / sizes) * sd**2 / of)))
        return float(stdtrit(found.df * (total - 1) / (found.n - 1), 0.975)) * se

    assert half(grown) <= 5.0 < half(grown * (m - 1) / m)


def test_departments__more_of_them_lessen_what_lies_between_them() -> None:
    rng = np.random.default_rng(3)
    department = np.repeat(np.arange(8), 3)
    y = 60 + rng.normal(0, 8, 8)[department] + rng.normal(0, 12, 24)
    found = department_mean(y, department, 40)
    more = more_of(found, 4.0, 40)
    within = np.mean([np.var(y[department == g], ddof=1) / 3 for g in range(8)])
    between = found.se_process**2 * 8

    def half(m: float) -> float:
        variance = (1 - m / 40) * between / m + within / 40
        return float(stdtrit(m - 1, 0.975)) * math.sqrt(variance)

    assert half(8) == pytest.approx((found.hi - found.lo) / 2)
    m = 8 + more.value
    assert half(m) <= 4.0 < half(m - 1)


def test_departments__all_of_them_through_few_people__are_out_of_reach() -> None:
    # Two people a department who contradict each other: even all twelve departments leave 12 points of error.
    y, department = np.tile([0.0, 100.0], 12), np.repeat(np.arange(12), 2)
    y[::2] += np.linspace(0, 20, 12)
    found = department_mean(y, department, 12)
    assert found.se > 0
    more = more_of(found, 5.0, 12)
    assert (more.value, more.status) == (None, Status.UNDEFINED_OUT_OF_REACH)


def test_process__more_than_there_are_people__is_out_of_reach() -> None:
    # A plan about the process makes no correction; the people of the frame still end.
    found = answers_more_of_design(20, 5.0, se=4.0, se_process=4.0, df=19, population=40)
    assert found.status is Status.UNDEFINED_OUT_OF_REACH
    # S² = 320: 2.009 * sqrt(320/51) = 5.03, 2.008 * sqrt(320/52) = 4.98
    assert answers_more_of_design(20, 5.0, se=4.0, se_process=4.0, df=19).detail["required"] == 52


@pytest.mark.parametrize(
    ("n", "se", "process", "population", "value", "status"),
    [(0, 1.0, 1.0, None, None, Status.UNDEFINED_NO_RESPONSES), (1, 1.0, 1.0, None, None, Status.UNDEFINED_ONE_RESPONSE),
     (5, 1.0, 1.0, 4, None, Status.UNDEFINED_FRAME_TOO_SMALL), (5, 0.0, 0.0, 9, 0, Status.WARN_NO_VARIATION),
     (9, 0.0, 7.0, 9, 0, Status.OK)],
)  # fmt: skip
def test_edge__has_its_status(n: int, se: float, process: float, population: int, value: int, status: Status) -> None:
    found = answers_more_of_design(n, 5.0, se=se, se_process=process, df=4, population=population)
    assert (found.value, found.status) == (value, status)


def test_wrong_calls__are_refused() -> None:
    for wrong in ({"se": -1.0}, {"df": 0.0}, {"error": 0.0}):
        with pytest.raises(ValueError, match="cannot be"):
            answers_more_of_design(5, **{"error": 5.0, "se": 1.0, "se_process": 1.0, "df": 4.0, **wrong})
