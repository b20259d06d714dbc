"""Agreement inside units: both nulls, what is truncated, units and scales too small to have any."""

import numpy as np
import pytest

from analysis.agreement.units import UnitSums, unit_sums
from analysis.agreement.within import ad_index, lindell_r_wg_j, null_variance, r_wg, r_wg_j
from analysis.estimate import Status

SPLIT = [1.0, 5.0, 1.0, 5.0]  # variance 16/3, more than any null
CLOSE = [4.0, 4.0, 5.0, 4.0]  # variance 1/4


def of(*rows: list[float]) -> UnitSums:
    unit = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    return unit_sums(np.concatenate([np.array(row, dtype=float) for row in rows]), unit, len(rows))


def test_null__uniform_and_slight_skew__are_the_published_variances() -> None:
    assert [null_variance(options) for options in (5, 10)] == [2.0, 8.25]
    # five options answered .05 .15 .20 .35 .25 (LeBreton & Senter 2008, table 2)
    shares, options = np.array([0.05, 0.15, 0.2, 0.35, 0.25]), np.arange(1, 6)
    assert null_variance(5, "slight_skew") == pytest.approx(shares @ options**2 - (shares @ options) ** 2, abs=1e-12)
    assert [null_variance(options, "slight_skew") for options in (4, 10, 12)] == [None, 6.30, None]
    with pytest.raises(ValueError, match="two options"):
        null_variance(1)


def test_r_wg__each_unit__is_one_minus_the_ratio_and_its_truncation_stands_beside() -> None:
    close, split = r_wg(of(CLOSE, SPLIT), 5)
    assert (close.value, close.detail["truncated"], close.n) == (pytest.approx(0.875), pytest.approx(0.875), 4)
    assert (split.value, split.detail["truncated"]) == (pytest.approx(1 - 16 / 6), 0.0)
    skewed = r_wg(of(CLOSE, SPLIT), 5, "slight_skew")
    assert skewed[0].value == pytest.approx(1 - 0.25 / 1.34)
    assert skewed[0].value < close.value


def test_r_wg__one_answer_or_none__has_no_value() -> None:
    one, none = r_wg(of([3], []), 5)
    assert (one.value, one.status) == (None, Status.UNDEFINED_ONE_RESPONSE)
    assert (none.value, none.status) == (None, Status.UNDEFINED_NO_RESPONSES)


def test_r_wg__unit_of_one_in_the_edge_cases__is_none() -> None:
    rows = [[1], [4, 2, 3, 2, 2], [1, 2, 5, 3, 2, 3, 5, 2, 3], [3, 4]]  # unit_of_size_1_in_icc
    found = r_wg(of(*rows), 5)
    assert [found[0].value, found[0].status] == [None, Status.UNDEFINED_ONE_RESPONSE]
    assert [unit.value for unit in found[1:]] == pytest.approx([1 - np.var(row, ddof=1) / 2 for row in rows[1:]])


def test_r_wg__slight_skew_of_four_options__is_not_tabulated() -> None:
    found = r_wg(of(CLOSE), 4, "slight_skew")[0]
    assert (found.value, found.status) == (None, Status.UNDEFINED_NULL_NOT_TABULATED)


def test_r_wg_j__more_items_of_the_same_spread__grows_where_lindells_does_not() -> None:
    few, many = [of(CLOSE, [1, 3, 2, 4])] * 2, [of(CLOSE, [1, 3, 2, 4])] * 20
    single = r_wg(few[0], 5)[1].value
    assert [r_wg_j(items, 5)[1].value for items in (few, many)] == pytest.approx([2 / 7, 0.8])
    assert single == pytest.approx(1 / 6)
    assert [lindell_r_wg_j(items, 5)[1].value for items in (few, many)] == pytest.approx([single] * 2)


def test_r_wg_j__one_item__is_r_wg() -> None:
    assert r_wg_j([of(CLOSE)], 5)[0].value == pytest.approx(r_wg(of(CLOSE), 5)[0].value)


def test_r_wg_j__spread_up_to_the_pole__is_negative_and_beyond_it_undefined() -> None:
    wide = of([1, 4, 1, 4])  # variance 3: ratio 1.5, pole of two items at 2
    found = r_wg_j([wide, wide], 5)[0]
    assert (found.value, found.detail["truncated"]) == (pytest.approx(2 * -0.5 / (2 * -0.5 + 1.5)), 0.0)
    beyond = r_wg_j([of(SPLIT), of(SPLIT)], 5)[0]
    assert (beyond.value, beyond.status) == (None, Status.UNDEFINED_BEYOND_NULL)
    assert beyond.detail["truncated"] == 0.0
    assert lindell_r_wg_j([of(SPLIT), of(SPLIT)], 5)[0].value == pytest.approx(1 - 8 / 3)


def test_r_wg_j__item_with_one_answer_in_a_unit__does_not_count_there() -> None:
    found = r_wg_j([of(CLOSE), of([4]), of([2, 3, 2])], 5)[0]
    assert (found.detail["items"], found.n) == (2.0, 3)
    assert found.value == pytest.approx(r_wg_j([of(CLOSE), of([2, 3, 2])], 5)[0].value)
    with pytest.raises(ValueError, match="one at least"):
        r_wg_j([], 5)


def test_ad__mean_over_items__is_the_mean_distance_from_the_units_mean() -> None:
    codes = np.array([[1, 2], [3, 2], [5, 5], [4, 4], [2, 3]], dtype=np.int8)
    present = np.ones(codes.shape, dtype=bool)
    present[4, 1] = False
    unit = np.array([0, 0, 0, 1, 1])
    first, second, empty = ad_index(codes, present, unit, 3, 6)
    assert first.value == pytest.approx((4 / 3 + 4 / 3) / 2)
    assert (first.n, first.detail) == (3, {"cut": 1.0, "items": 2.0})
    assert (second.value, second.n, second.detail["items"]) == (1.0, 2, 1.0)
    assert (empty.value, empty.status) == (None, Status.UNDEFINED_NO_RESPONSES)
    lonely = ad_index(codes[:1], present[:1], unit[:1], 1, 6)[0]
    assert (lonely.value, lonely.status) == (None, Status.UNDEFINED_ONE_RESPONSE)
    with pytest.raises(ValueError, match="do not fit"):
        ad_index(codes, present[:2], unit, 3, 6)
