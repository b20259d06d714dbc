"""The degenerate inputs of golden/edge_cases.json: the value where there is one, and the status that says why not.

Statuses there are in words; the codes are ours. What belongs to other parts of the package is listed in ELSEWHERE.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.estimate import Status
from analysis.means import mean_srs, stratified_mean
from analysis.moments import moments, pairwise_moments
from analysis.reliability.alpha import (
    alpha_if_deleted,
    cronbach_alpha,
    influence_interval,
    item_rest_correlations,
    standardized_alpha,
)
from analysis.reliability.intervals import feldt_interval
from analysis.reliability.omega import omega_total

CASES = {case["id"]: case for case in json.loads((Path(__file__).parent / "golden/edge_cases.json").read_text("utf-8"))}

ELSEWHERE = {
    "wilson": "comparison/test_shares.py",
    "unit_of_size_1_in_icc": "agreement/test_units.py, agreement/test_within.py",
    "between_variance_negative": "agreement/test_units.py, comparison/test_shrinkage.py",
    "disclosure_2x2": "tests/analysis/suppression",
    "disclosure_differencing": "tests/analysis/suppression",
    "disclosure_multiverse": "tests/analysis/suppression",
}
HERE = {
    "zero_variance_item",
    "all_identical_answers",
    "n_1",
    "single_item",
    "negative_average_covariance_or_unreversed",
    "alpha_below_minus_one",
    "n_less_than_k",
    "missing_cells",
    "perfectly_duplicated_items",
    "census_n_equals_N",
    "n_greater_than_N",
    "poststratum_empty",
}


def codes(id_: str) -> np.ndarray:
    return np.array(CASES[id_]["data"], dtype=np.int8)


def expect(id_: str) -> Any:
    return CASES[id_]["expect"]


def cov_n(x: np.ndarray) -> tuple[np.ndarray, int]:
    sums = moments(x)
    return sums.covariance(), sums.n


def test_edge_cases__all_ids__are_tested_here_or_named_elsewhere() -> None:
    assert set(CASES) == HERE | set(ELSEWHERE)
    assert not HERE & set(ELSEWHERE)


def test_constant_item__among_others__gives_alpha_with_a_warning_and_no_correlation() -> None:
    x, wanted = codes("zero_variance_item"), expect("zero_variance_item")
    alpha = cronbach_alpha(*cov_n(x))
    assert alpha.value == pytest.approx(wanted["alpha_all_items"], abs=1e-9)
    assert (alpha.status, alpha.detail["items"]) == (Status.WARN_ITEM_VARIANCE_ZERO, "2")
    without = cronbach_alpha(*cov_n(np.delete(x, 2, axis=1)))
    assert without.value == pytest.approx(wanted["alpha_without_constant_item"], abs=1e-9)
    assert alpha_if_deleted(*cov_n(x))[2].value == pytest.approx(without.value, abs=1e-12)
    standard = standardized_alpha(*cov_n(x))
    assert (standard.value, standard.status) == (None, Status.UNDEFINED_ITEM_VARIANCE_ZERO)
    rest = item_rest_correlations(*cov_n(x))
    assert (rest[2].value, rest[2].status) == (None, Status.UNDEFINED_ITEM_VARIANCE_ZERO)
    assert all(rest[j].status is Status.OK for j in (0, 1, 3))
    omega = omega_total(*cov_n(x))
    assert (omega.value, omega.status, omega.detail) == (None, Status.UNDEFINED_ITEM_VARIANCE_ZERO, {"items": "2"})


def test_identical_answers__of_everybody__have_a_score_but_no_alpha_and_no_precision() -> None:
    x, wanted = codes("all_identical_answers"), expect("all_identical_answers")
    for estimate in (cronbach_alpha(*cov_n(x)), influence_interval(x)):
        assert (estimate.value, estimate.status) == (wanted["alpha"], Status.UNDEFINED_TOTAL_VARIANCE_ZERO)
    score = mean_srs((x.mean(axis=1, dtype=np.float64) - 1) / 4 * 100, 40)
    assert score.value == pytest.approx(wanted["score_0_100"], abs=1e-9)
    assert (score.se, score.se_process, score.status) == (wanted["sd"], wanted["sd"], Status.WARN_NO_VARIATION)


def test_one_response__to_four_items__has_neither_alpha_nor_standard_error() -> None:
    x = codes("n_1")
    for estimate in (cronbach_alpha(*cov_n(x)), influence_interval(x), standardized_alpha(*cov_n(x))):
        assert (estimate.value, estimate.se, estimate.status) == (None, None, Status.UNDEFINED_ONE_RESPONSE)
    mean = mean_srs(np.array([62.5]), 10)
    assert (mean.value, mean.se, mean.lo, mean.se_process, mean.status) == (
        62.5, None, None, None, Status.WARN_ONE_RESPONSE,
    )  # fmt: skip


def test_single_item__any_answers__is_not_applicable() -> None:
    x = codes("single_item")
    for estimate in (cronbach_alpha(*cov_n(x)), influence_interval(x), *item_rest_correlations(*cov_n(x))):
        assert (estimate.value, estimate.status) == (None, Status.UNDEFINED_ONE_ITEM)


def test_unreversed_item__among_three__gives_the_negative_alpha_and_names_the_item() -> None:
    x, wanted = codes("negative_average_covariance_or_unreversed"), expect("negative_average_covariance_or_unreversed")
    alpha = cronbach_alpha(*cov_n(x))
    assert alpha.value == pytest.approx(wanted["alpha"], abs=1e-9)
    assert (alpha.status, alpha.detail["items"]) == (Status.WARN_NEGATIVE_ITEM_TOTAL, "1")
    x[:, 1] = 6 - x[:, 1]
    reversed_ = cronbach_alpha(*cov_n(x))
    assert reversed_.value == pytest.approx(wanted["alpha_after_reversing_item_1"], abs=1e-9)
    assert reversed_.status is Status.OK


def test_alpha_below_minus_one__two_opposite_items__is_reported_as_it_is() -> None:
    alpha = cronbach_alpha(*cov_n(codes("alpha_below_minus_one")))
    assert alpha.value == pytest.approx(expect("alpha_below_minus_one")["alpha"], abs=1e-9)


def test_fewer_responses_than_items__has_alpha_and_feldt_but_no_factor() -> None:
    x, wanted = codes("n_less_than_k"), expect("n_less_than_k")
    cov, n = cov_n(x)
    assert np.linalg.matrix_rank(cov) == wanted["cov_rank"]
    alpha = cronbach_alpha(cov, n)
    assert alpha.value == pytest.approx(wanted["alpha"], abs=1e-9)
    interval = feldt_interval(alpha, n, 4)
    assert [interval.lo, interval.hi] == pytest.approx(wanted["feldt_ci"], abs=1e-9)
    assert omega_total(cov, n).status is Status.UNDEFINED_SINGULAR


def test_missing_cells__pairwise_and_listwise__use_the_n_after_deletion() -> None:
    raw, wanted = np.array(CASES["missing_cells"]["data"], dtype=np.float64), expect("missing_cells")
    present = ~np.isnan(raw)
    x = np.where(present, raw, 0).astype(np.int8)
    pairs = pairwise_moments(x, present)
    assert cronbach_alpha(pairs.covariance(), int(pairs.n.min())).value == pytest.approx(
        wanted["alpha_pairwise"], abs=1e-9
    )
    cov, n = cov_n(x[present.all(axis=1)])
    assert n == wanted["n_listwise"]
    alpha = cronbach_alpha(cov, n)
    assert alpha.value == pytest.approx(wanted["alpha_listwise"], abs=1e-9)
    interval = feldt_interval(alpha, n, 4)
    assert [interval.lo, interval.hi] == pytest.approx(wanted["feldt_listwise"], abs=1e-9)


def test_duplicated_items__three_copies__have_alpha_one_and_no_factor() -> None:
    x = codes("perfectly_duplicated_items")
    cov, n = cov_n(x)
    assert cronbach_alpha(cov, n).value == pytest.approx(expect("perfectly_duplicated_items")["alpha"], abs=1e-12)
    assert omega_total(cov, n).status is Status.UNDEFINED_SINGULAR


def test_census__n_equals_population__has_no_sampling_error_but_one_of_the_process() -> None:
    y, wanted = np.array(CASES["census_n_equals_N"]["data"]), expect("census_n_equals_N")
    mean = mean_srs(y, wanted["N"])
    assert (mean.se, mean.lo, mean.hi) == (wanted["se_fpc"], mean.value, mean.value)
    assert mean.se_process == pytest.approx(wanted["se_superpopulation"], abs=1e-9)
    assert mean.status is Status.OK


def test_more_answers_than_people__in_the_frame__have_no_value() -> None:
    y = np.arange(12.0)
    assert (mean_srs(y, 11).value, mean_srs(y, 11).status) == (None, Status.UNDEFINED_FRAME_TOO_SMALL)
    # 12 answers of 40 people, but 6 from the 5 of one stratum
    found = stratified_mean(y, np.repeat([0, 1], 6), np.array([5.0, 35.0]))
    assert (found.value, found.se, found.status) == (None, None, Status.UNDEFINED_FRAME_TOO_SMALL)


def test_empty_stratum__three_in_the_frame__lowers_coverage_and_says_so() -> None:
    y, stratum = np.array([50.0, 60.0, 70.0, 80.0]), np.array([0, 0, 2, 2])
    found = stratified_mean(y, stratum, np.array([60.0, 20.0, 20.0]))
    assert found.status is Status.WARN_STRATUM_EMPTY
    assert found.coverage == pytest.approx(1 - 20 / 100)
    assert found.value == pytest.approx((60 * 55 + 20 * 75) / 80)
    assert (found.strata, found.strata_merged, found.population) == (2, 0, 100)
