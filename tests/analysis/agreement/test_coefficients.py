"""Krippendorff's alpha by its definition, irr's wrong divisor avoided, what no variation and holes mean."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.agreement.coefficients import fleiss_kappa, kendall_w, krippendorff_alpha
from analysis.estimate import Status

LEVELS: tuple[Any, ...] = ("nominal", "ordinal", "interval", "ratio")


def table(rows: list[list[float | None]]) -> tuple[np.ndarray, np.ndarray]:
    y = np.array([[np.nan if value is None else value for value in row] for row in rows], dtype=float)
    return y, ~np.isnan(y)


def alpha_by_definition(y: np.ndarray, present: np.ndarray, level: str) -> float:
    """Pair by pair, as in the docstring."""
    subjects = [row[here] for row, here in zip(y, present, strict=True) if here.sum() > 1]
    values = np.concatenate(subjects)
    counts = {value: int((values == value).sum()) for value in np.unique(values)}

    def distance(a: float, b: float) -> float:
        if level == "nominal":
            return float(a != b)
        if level == "ordinal":
            a, b = min(a, b), max(a, b)
            between = sum(number for value, number in counts.items() if a <= value <= b)
            return float(between - (counts[a] + counts[b]) / 2) ** 2
        if level == "interval":
            return (a - b) ** 2
        return ((a - b) / (a + b)) ** 2 if a + b else 0.0

    observed = sum(distance(a, b) / (len(row) - 1) for row in subjects for a in row for b in row) / len(values)
    expected = sum(distance(a, b) for a in values for b in values) / (len(values) * (len(values) - 1))
    return 1 - observed / expected


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from(LEVELS))
def test_krippendorff__any_table_with_holes__is_its_definition(seed: int, level: Any) -> None:
    rng = np.random.default_rng(seed)
    y, present = rng.integers(0, 5, (9, 4)).astype(float), rng.random((9, 4)) > 0.3
    found = krippendorff_alpha(np.where(present, y, 99.0), present, level)
    assert found.value == pytest.approx(alpha_by_definition(y, present, level), abs=1e-12)
    assert found.detail["ratings"] == present[present.sum(axis=1) > 1].sum()


def test_krippendorff__three_complete_raters__has_the_divisor_that_irr_forgets() -> None:
    y, present = table([[1, 2, 3], [4, 4, 5], [2, 2, 2], [1, 5, 4]])
    right = krippendorff_alpha(y, present, "ordinal").value
    with_nobody = krippendorff_alpha(
        np.hstack((y, np.zeros((4, 1)))), np.hstack((present, np.zeros((4, 1), bool))), "ordinal"
    )
    assert right == with_nobody.value == pytest.approx(alpha_by_definition(y, present, "ordinal"), abs=1e-12)


def test_krippendorff__all_ratings_equal__is_undefined_and_not_one() -> None:
    y, present = table([[3, 3, None], [3, 3, 3], [5, None, None]])
    for level in LEVELS:
        found = krippendorff_alpha(y, present, level)
        assert (found.value, found.status, found.n) == (None, Status.UNDEFINED_NO_VARIATION, 2)


def test_krippendorff__perfect_agreement_on_different_subjects__is_one() -> None:
    y, present = table([[0, 0], [3, 3], [5, 5]])
    assert [krippendorff_alpha(y, present, level).value for level in LEVELS] == [1.0] * 4


def test_krippendorff__nobody_rated_twice_or_at_all__says_so() -> None:
    y, present = table([[3, None], [None, 4]])
    assert krippendorff_alpha(y, present, "nominal").status is Status.UNDEFINED_ONE_RATER
    assert krippendorff_alpha(y, np.zeros_like(present), "nominal").status is Status.UNDEFINED_NO_RESPONSES


def test_krippendorff__values_below_zero__have_no_ratios() -> None:
    y, present = table([[-1, 2], [0, 1], [3, 3]])
    found = krippendorff_alpha(y, present, "ratio")
    assert (found.value, found.status) == (None, Status.UNDEFINED_BELOW_ZERO)
    assert krippendorff_alpha(y, present, "interval").value is not None


def test_krippendorff__ordinal__does_not_care_how_far_apart_the_codes_are() -> None:
    y, present = table([[1, 2, 2], [4, 4, 5], [2, 1, 2], [1, 5, 4]])
    stretched = np.exp(y)
    assert krippendorff_alpha(stretched, present, "ordinal").value == krippendorff_alpha(y, present, "ordinal").value
    assert krippendorff_alpha(stretched, present, "interval").value != krippendorff_alpha(y, present, "interval").value


def test_fleiss__raters_change_but_not_their_number__has_a_value() -> None:
    y, present = table([[1, 1, None], [None, 2, 2], [3, None, 3], [1, 2, None], [None, None, None]])
    found = fleiss_kappa(y, present)
    agreement, shares = 3 / 4, np.array([3, 3, 2]) / 8
    assert found.value == pytest.approx((agreement - shares @ shares) / (1 - shares @ shares), abs=1e-12)
    assert (found.n, found.detail["raters"]) == (4, 2.0)


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([[None, None], [None, None]], Status.UNDEFINED_NO_RESPONSES),
        ([[1, 2], [1, None]], Status.UNDEFINED_INCOMPLETE),
        ([[1, None], [None, 2]], Status.UNDEFINED_ONE_RATER),
        ([[2, 2], [2, 2]], Status.UNDEFINED_NO_VARIATION),
    ],
)
def test_fleiss__what_it_cannot_use__is_a_status(rows: list[list[float | None]], status: Status) -> None:
    found = fleiss_kappa(*table(rows))
    assert (found.value, found.status) == (None, status)


def test_kendall__same_order_at_other_levels__is_one_and_opposite_orders_zero() -> None:
    y, present = table([[1, 10, 2], [2, 20, 3], [3, 30, 9]])
    assert kendall_w(y, present).value == pytest.approx(1.0)
    opposite, both = table([[1, 3], [2, 2], [3, 1]])
    assert kendall_w(opposite, both).value == 0.0


def test_kendall__ties__follow_the_corrected_formula() -> None:
    y, present = table([[1, 1, 2], [1, 2, 2], [2, 3, 3], [3, 4, 3]])
    # ranks: 1.5 1.5 3 4 | 1 2 3 4 | 1.5 1.5 3.5 3.5; sums 4 5 9.5 11.5; ties 6 + 0 + 12
    sums = np.array([4, 5, 9.5, 11.5])
    wanted = 12 * ((sums - 7.5) ** 2).sum() / (9 * 60 - 3 * 18)
    found = kendall_w(y, present)
    assert found.value == pytest.approx(wanted, abs=1e-12)
    assert found.detail["chi_square"] == pytest.approx(9 * wanted)


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([[1, 2]], Status.UNDEFINED_ONE_UNIT),
        ([[1], [2]], Status.UNDEFINED_ONE_RATER),
        ([[1, 2], [1, None]], Status.UNDEFINED_INCOMPLETE),
        ([[2, 3], [2, 3], [2, 3]], Status.UNDEFINED_NO_VARIATION),
    ],
)
def test_kendall__what_it_cannot_use__is_a_status(rows: list[list[float | None]], status: Status) -> None:
    found = kendall_w(*table(rows))
    assert (found.value, found.status) == (None, status)


def test_all_coefficients__no_table__are_a_wrong_call() -> None:
    y, present = table([[1, 2], [3, 4]])
    for call in (lambda y, p: krippendorff_alpha(y, p, "nominal"), fleiss_kappa, kendall_w):
        with pytest.raises(ValueError, match="table of subjects by raters"):
            call(y, present[:1])
        with pytest.raises(ValueError, match="finite"):
            call(np.full((2, 2), np.inf), present)
