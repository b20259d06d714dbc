"""Rank sets: what must always hold, coverage by simulation, agreement with R within Monte-Carlo error, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.comparison.ranks import RankSets, rank_sets, rank_sets_covariance, rankable, tau_best
from analysis.estimate import Estimate, Status, undefined
from tests.analysis.goldens.comparison import rank_sets_of_companies
from tests.analysis.goldens.data import golden


def same(a: RankSets, b: RankSets) -> bool:
    return all((getattr(a, part) == getattr(b, part)).all() for part in ("lower", "rank", "upper"))


@pytest.mark.parametrize(
    ("id_", "asked"),
    [
        ("csranks.simul.seed1.R10000", {"simultaneous": True, "stepdown": True}),
        ("csranks.marg.seed1.R10000", {"simultaneous": False, "stepdown": True}),
        ("csranks.simul.singlestep", {"simultaneous": True, "stepdown": False}),
    ],
)
def test_rank_sets__the_companies__are_rs_within_a_place_on_nine_bounds_in_ten(id_: str, asked: dict) -> None:
    found, wanted = rank_sets_of_companies(**asked), golden("lq2002_lead", id_)
    off = np.abs(np.concatenate([found.lower - wanted["L"], found.upper - wanted["U"]]))
    assert (off == 0).mean() >= 0.9
    # Monte Carlo on R's side: with 100,000 draws one of these bounds stays two places from R's 10,000.
    assert (off <= 1).mean() >= 0.98
    assert off.max() <= 2


scores = st.lists(st.tuples(st.integers(40, 90), st.sampled_from([0.0, 0.5, 1.0, 3.0])), min_size=1, max_size=9)


@settings(deadline=None)
@given(scores, st.booleans(), st.booleans(), st.integers(0, 99), st.sampled_from([0.1, 0.5, 0.95]))
def test_rank_sets__any_units_with_ties_and_zero_errors__hold_the_rank_whatever_the_order_of_units(
    units: list, simultaneous: bool, stepdown: bool, seed: int, level: float
) -> None:
    y, se = (np.array(column, dtype=float) for column in zip(*units, strict=True))
    asked = {"level": level, "draws": 200, "seed": seed, "simultaneous": simultaneous, "stepdown": stepdown}
    found = rank_sets(y, se, **asked)
    assert (found.lower <= found.rank).all()
    assert (found.rank <= found.upper).all()
    assert found.lower.min() >= 1
    assert found.upper.max() <= len(y)
    assert found.rank.tolist() == [1 + int((y > score).sum()) for score in y]
    order = np.random.default_rng(seed).permutation(len(y))
    moved = rank_sets(y[order], se[order], **asked)
    for part in ("lower", "rank", "upper"):
        assert (getattr(moved, part) == getattr(found, part)[order]).all()
    assert same(found, rank_sets(y, se, **asked))
    assert same(found, rank_sets_covariance(y, np.diag(se**2), **asked) if not se.any() else found)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6))
def test_rank_sets__one_by_one_or_in_a_single_step__are_narrower_or_wider(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y, se = rng.normal(70, 6, 12), rng.uniform(1, 4, 12)
    both, single, step = (
        rank_sets(y, se, draws=1000, seed=seed, **asked) for asked in ({}, {"simultaneous": False}, {"stepdown": False})
    )
    assert (single.width <= both.width).all()
    assert (both.width <= step.width).all()


def test_rank_sets__covariance_matrix__is_the_diagonal_one_without_shared_errors_and_narrower_with() -> None:
    rng = np.random.default_rng(2)
    y, se = np.linspace(60, 80, 8), rng.uniform(2, 3, 8)
    apart = rank_sets(y, se, draws=20_000)
    full = rank_sets_covariance(y, np.diag(se**2), draws=20_000)
    assert np.abs(apart.lower - full.lower).max() <= 1
    # departments that rate every unit: what they share is no difference between units
    shared = rank_sets_covariance(y, np.diag(se**2) + 100.0, draws=20_000)
    assert np.abs(shared.width - full.width).max() <= 1
    together = 0.8 * np.outer(se, se) + 0.2 * np.diag(se**2)
    assert rank_sets_covariance(y, together, draws=2000).width.mean() < full.width.mean() - 1


def test_rank_sets__two_units_with_the_same_raters__are_told_apart_by_what_these_agree_on() -> None:
    y, s = np.array([70.0, 67.0, 64.0]), np.diag(np.full(3, 4.0))
    s[0, 1] = s[1, 0] = 0.98 * 4
    found, apart = rank_sets_covariance(y, s, draws=2000), rank_sets(y, np.full(3, 2.0), draws=2000)
    assert (found.lower.tolist(), found.upper.tolist()) == ([1, 2, 1], [2, 3, 3])
    assert (apart.lower.tolist(), apart.upper.tolist()) == ([1, 1, 1], [3, 3, 3])


def test_rank_sets__units_far_apart__are_their_ranks_and_equal_ones_are_everything() -> None:
    found = rank_sets(np.array([50.0, 90.0, 70.0]), np.ones(3), draws=500)
    assert (found.lower.tolist(), found.rank.tolist(), found.upper.tolist()) == ([3, 1, 2],) * 3
    tied = rank_sets(np.full(4, 70.0), np.ones(4), draws=500)
    assert (tied.lower.tolist(), tied.rank.tolist(), tied.upper.tolist()) == ([1] * 4, [1] * 4, [4] * 4)


def test_rank_sets__no_error__takes_the_order_as_certain_and_says_so() -> None:
    found = rank_sets(np.array([80.0, 70.0, 70.0]), np.zeros(3))
    assert (found.lower.tolist(), found.upper.tolist()) == ([1, 2, 2], [1, 3, 3])
    assert (found.status, found.without_error) == (Status.WARN_NO_VARIATION, (0, 1, 2))
    assert rank_sets(np.array([80.0]), np.ones(1)).status is Status.UNDEFINED_ONE_UNIT
    nobody = rank_sets(np.array([]), np.array([]))
    assert (nobody.lower.tolist(), nobody.status) == ([], Status.UNDEFINED_ONE_UNIT)
    # copies of each other: no error in their difference
    copies = rank_sets_covariance(np.array([80.0, 70.0]), np.full((2, 2), 4.0))
    assert copies.rank.tolist() == copies.lower.tolist() == copies.upper.tolist() == [1, 2]


@pytest.mark.parametrize("spread", [3.0, 12.0])
def test_rank_sets__many_campaigns__hold_all_true_ranks_at_least_as_often_as_promised(spread: float) -> None:
    rng, held, kept = np.random.default_rng(11), 0, 0
    for campaign in range(400):
        truth, se = 70 + spread * rng.normal(size=10), rng.uniform(1, 4, 10)
        sets = rank_sets(truth + se * rng.normal(size=10), se, draws=1000, seed=campaign)
        ranks = 1 + (truth[:, None] < truth[None, :]).sum(axis=1)
        held += bool(((sets.lower <= ranks) & (ranks <= sets.upper)).all())
        surely, possibly = tau_best(sets, 3)
        best = ranks <= 3
        kept += bool((best[surely].all()) and possibly[best].all())
    assert held / 400 >= 0.95
    assert kept / 400 >= 0.95


def test_tau_best__sets_of_four_units__names_the_sure_and_the_possible() -> None:
    sets = RankSets(
        lower=np.array([1, 1, 2, 4]), rank=np.array([1, 2, 3, 4]), upper=np.array([2, 3, 3, 4]),
        level=0.95, draws=1, seed=0, simultaneous=True, status=Status.OK,
    )  # fmt: skip
    surely, possibly = tau_best(sets, 2)
    assert (surely.tolist(), possibly.tolist()) == ([True, False, False, False], [True, True, True, False])
    with pytest.raises(ValueError, match="no best 0"):
        tau_best(sets, 0)


def test_rankable__reliable_and_narrow__is_ranked_and_each_refusal_has_its_number() -> None:
    y = np.linspace(50, 90, 10)
    sets = rank_sets(y, np.full(10, 1.0), draws=1000)
    assert rankable(sets, [0.9] * 10).ranked
    found = rankable(sets, [0.9] * 8 + [0.6, undefined(Status.UNDEFINED_ONE_RESPONSE, n=1, method="lambda")])
    assert (found.ranked, found.units) == (True, (True,) * 8 + (False,) * 2)
    assert [(r.code, r.number, r.threshold, r.unit) for r in found.reasons] == [
        ("unit_reliability", 0.6, 0.70, 8),
        ("unit_reliability", None, 0.70, 9),
    ]
    wide = rankable(rank_sets(y, np.full(10, 30.0), draws=1000), [Estimate(value=0.9, n=9, method="lambda")] * 10)
    assert (wide.ranked, {r.code for r in wide.reasons}) == (False, {"set_too_wide"})
    assert (wide.reasons[0].number, wide.reasons[0].threshold) == (10, 5)
    few = rankable(rank_sets(y[:7], np.full(7, 0.1)), [0.9] * 7)
    assert (few.ranked, few.units, few.reasons[0].code) == (False, (False,) * 7, "too_few_units")
    alike = rankable(rank_sets(y, np.r_[0.0, np.ones(9)]), [0.9] * 10)
    assert [(r.code, r.unit) for r in alike.reasons] == [("no_standard_error", 0)]
    with pytest.raises(ValueError, match="as many reliabilities"):
        rankable(sets, [0.9])


def test_rank_sets__what_does_not_fit__is_refused() -> None:
    y = np.array([70.0, 60.0])
    for call in (
        lambda: rank_sets(y, np.array([1.0])),
        lambda: rank_sets(y, np.array([1.0, -1.0])),
        lambda: rank_sets(np.array([70.0, np.nan]), np.ones(2)),
        lambda: rank_sets(y, np.ones(2), level=1.0),
        lambda: rank_sets(y, np.ones(2), draws=0),
        lambda: rank_sets_covariance(y, np.ones((3, 3))),
        lambda: rank_sets_covariance(y, np.array([[1.0, 2.0], [2.0, 1.0]])),
    ):
        with pytest.raises(ValueError, match=r"."):
            call()
