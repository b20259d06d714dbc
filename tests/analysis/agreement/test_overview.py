"""The two calls that put agreement together: the parts are those of the single functions, each with its own holes."""

import numpy as np
import pytest

from analysis.agreement.overview import agreement_of, raters_of
from analysis.agreement.units import icc1, one_way, unit_sums
from analysis.estimate import Status
from tests.analysis.goldens.agreement import COMPANIES, company, lead, ratings
from tests.analysis.goldens.data import golden


def test_agreement__real_units__has_the_goldens_of_items_and_scale() -> None:
    codes, everything = lead().astype(float), np.ones(lead().shape, dtype=bool)
    found = agreement_of(codes, everything, company(), COMPANIES, low=1, high=5)
    wanted = golden("lq2002_lead", "icc_anova")
    assert found.scale.icc1.value == pytest.approx(wanted["ICC1_n0"], abs=1e-9)
    assert found.scale.icc2.value == pytest.approx(wanted["ICC2"], abs=1e-9)
    assert found.scale.anova.p == pytest.approx(wanted["p"], abs=1e-9)
    within = found.scale.within
    assert [e.value for e in within.ad] == pytest.approx(list(golden("lq2002_lead", "ad_index.mean_LEAD").values()))
    assert [e.detail["truncated"] for e in within.r_wg_uniform] == pytest.approx(
        list(golden("lq2002_lead", "rwgj.uniform").values()), abs=1e-9
    )
    single = found.items[0].within.r_wg_uniform
    assert [e.detail["truncated"] for e in single] == pytest.approx(
        list(golden("lq2002_lead", "rwg.single.LEAD01").values()), abs=1e-9
    )
    assert found.items[3].icc1 == icc1(one_way(unit_sums(codes[:, 3], company(), COMPANIES)))
    assert found.scale.reliability == found.scale.reliability_process
    sized = agreement_of(codes, everything, company(), COMPANIES, low=1, high=5, sizes=np.full(COMPANIES, 120.0))
    assert sized.scale.reliability.units[0].value > sized.scale.reliability_process.units[0].value


def test_agreement__holes__are_each_items_own_and_the_scale_asks_for_half() -> None:
    codes = np.array([[1.0, 2, 3, 4], [2, 2, 9, 9], [4, 9, 9, 9], [5, 5, 4, 4], [4, 5, 5, 9], [9, 9, 9, 9]])
    present, unit = codes < 9, np.array([0, 0, 0, 1, 1, 1])
    found = agreement_of(codes, present, unit, 3, low=1, high=5)
    assert [item.anova.n for item in found.items] == [5, 4, 3, 2]
    assert found.scale.anova.n == 4  # one of four answered is too few
    means = np.array([2.5, 2.0, np.nan, 4.5, 14 / 3, np.nan])
    assert found.scale.anova == one_way(unit_sums(means, unit, 3))
    assert found.scale.within.r_wg_uniform[2].status is Status.UNDEFINED_NO_RESPONSES
    assert found.items[3].within.ad[0].status is Status.UNDEFINED_ONE_RESPONSE
    with pytest.raises(ValueError, match="on a scale from 1 to 4"):
        agreement_of(codes, present, unit, 3, low=1, high=4)
    with pytest.raises(ValueError, match="do not fit"):
        agreement_of(codes, present, unit[:2], 3, low=1, high=5)


def test_agreement__nobody_answered__is_a_status_everywhere() -> None:
    found = agreement_of(np.zeros((3, 2)), np.zeros((3, 2), bool), np.array([0, 0, 1]), 2, low=1, high=5)
    assert found.scale.icc1.status is found.items[1].icc2.status is Status.UNDEFINED_NO_RESPONSES
    assert found.scale.reliability.status is Status.UNDEFINED_ONE_UNIT


def test_raters__complete__have_all_coefficients() -> None:
    found = raters_of(*ratings("raters"))
    assert found.icc.agreement.value == pytest.approx(golden("raters_careless", "icc.twoway.agreement.single")["value"])
    for level in ("nominal", "ordinal", "interval", "ratio"):
        estimate = getattr(found, f"krippendorff_{level}")
        assert estimate.value == pytest.approx(golden("raters_careless", f"kripp.{level}"), abs=1e-9)
    assert found.fleiss.value == pytest.approx(golden("raters_careless", "fleiss"), abs=1e-9)
    assert found.kendall_w.value == pytest.approx(golden("raters_careless", "kendall_W"), abs=1e-9)


def test_raters__with_holes__keep_krippendorff_and_name_what_is_incomplete() -> None:
    found = raters_of(*ratings("raters_missing"))
    assert found.krippendorff_ordinal.value == pytest.approx(
        golden("raters_careless", "kripp_missing.ordinal"), abs=1e-9
    )
    for estimate in (found.icc.one_way, found.icc.agreement_mean, found.fleiss, found.kendall_w):
        assert (estimate.value, estimate.status) == (None, Status.UNDEFINED_INCOMPLETE)


def test_raters__empty_row_and_column__are_not_there() -> None:
    y, present = ratings("raters")
    wider = np.pad(y, ((0, 1), (0, 1)), constant_values=np.nan)
    found = raters_of(wider, ~np.isnan(wider))
    assert found == raters_of(y, present)
    with pytest.raises(ValueError, match="table of subjects"):
        raters_of(y, present[:2])


@pytest.mark.parametrize("spread", [1e-150, 1e-155, 1e-160, 1e-300, 5e-324])
def test_agreement__answers_that_differ_by_less_than_can_be_squared__has_a_status(spread: float) -> None:
    steps = np.random.default_rng(1).integers(0, 5, (12, 3))
    everything, unit = np.ones((12, 3), dtype=bool), np.arange(12) // 4
    found = agreement_of(steps * spread, everything, unit, 3, low=0, high=5)
    assert {one.status.defined for one in found.scale.reliability.units} == {True}
    assert found.scale.reliability.status in {Status.OK, Status.WARN_NO_BETWEEN_VARIANCE}


@pytest.mark.parametrize("power", [-1000, -550, -120, 120, 550, 1000])
def test_raters__in_another_unit_of_measurement__agree_as_much(power: int) -> None:
    table = np.random.default_rng(5).integers(1, 6, (14, 3)).astype(float)
    everything = np.ones(table.shape, dtype=bool)
    plain, moved = raters_of(table, everything), raters_of(np.ldexp(table, power), everything)
    for name in ("krippendorff_interval", "krippendorff_ratio", "kendall_w"):
        assert getattr(moved, name).value == pytest.approx(getattr(plain, name).value, abs=1e-12)
    assert moved.icc.agreement.value == pytest.approx(plain.icc.agreement.value, abs=1e-12)
