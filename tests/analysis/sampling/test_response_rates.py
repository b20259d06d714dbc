"""Response rates: AAPOR's definitions on one set of cases, and the refusal where nobody was drawn."""

import pytest

from analysis.estimate import Status
from analysis.sampling.response_rates import Dispositions, participation, response_rate

CASES = Dispositions(
    complete=300, partial=20, refusal=80, noncontact=60, other=10, unknown_household=50, unknown_other=30,
    eligible_share=0.5,
)  # fmt: skip


@pytest.mark.parametrize(
    ("definition", "rate"),
    [
        ("RR1", 300 / 550),
        ("RR2", 320 / 550),
        ("RR3", 300 / 510),
        ("RR4", 320 / 510),
        ("RR5", 300 / 470),
        ("RR6", 320 / 470),
    ],
)
def test_response_rate__each_definition__takes_its_own_part_of_the_unknown_cases(definition: str, rate: float) -> None:
    found = response_rate(CASES, definition)
    assert (found.value, found.method) == (pytest.approx(rate, abs=1e-15), definition)


def test_response_rate__unknown_cases_without_an_eligible_share__has_no_rr3_but_the_others() -> None:
    cases = Dispositions(complete=10, refusal=5, unknown_other=5)
    assert response_rate(cases, "RR3").status is Status.UNDEFINED_NO_DENOMINATOR
    assert (response_rate(cases, "RR1").value, response_rate(cases, "RR5").value) == (0.5, pytest.approx(2 / 3))


def test_response_rate__no_unknown_cases__is_the_same_by_every_definition() -> None:
    cases = Dispositions(complete=10, refusal=30)
    assert {response_rate(cases, rr).value for rr in ("RR1", "RR2", "RR3", "RR4", "RR5", "RR6")} == {0.25}


def test_response_rate__nobody_drawn__is_undefined() -> None:
    assert response_rate(Dispositions(complete=0)).status is Status.UNDEFINED_NO_DENOMINATOR


@pytest.mark.parametrize("wrong", [{"refusal": -1}, {"eligible_share": 1.2}])
def test_dispositions__impossible_numbers__are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=r"cannot be counted|lies between"):
        Dispositions(complete=1, **wrong)


def test_participation__open_link__says_coverage_and_refuses_a_rate() -> None:
    found = participation(138, 2000)
    assert (found.n, found.coverage.value) == (138, pytest.approx(0.069))
    assert (found.rate.value, found.rate.status) == (None, Status.UNDEFINED_NO_DENOMINATOR)


@pytest.mark.parametrize(
    ("n", "population", "status"),
    [(5, None, Status.UNDEFINED_NO_DENOMINATOR), (5, 0, Status.UNDEFINED_NO_DENOMINATOR),
     (5, 4, Status.UNDEFINED_FRAME_TOO_SMALL)],
)  # fmt: skip
def test_participation__frame_unknown_or_too_small__has_no_coverage(
    n: int, population: int | None, status: Status
) -> None:
    assert participation(n, population).coverage.status is status
