"""Scores under other rules: what is left out, how far the score moves, and how much of that may be told."""

import math
from dataclasses import replace

import pytest

from analysis.cautions import Code, ScoreStatus
from analysis.disclosure import release
from analysis.frame import BLANK
from analysis.report import build
from analysis.results import UnitScore
from analysis.spec import DisclosureSpec, GateSpec, MultiverseSpec, Part, PlanSpec, WithholdGates
from tests.factories.frames import Row, answers, frame, indicator, item, plan, questionnaire

ONE = questionnaire(item("q1", "a"))
TWO = questionnaire(item("q1", "a"), item("q2", "a"))
SPEED, RUN, ODD = 1, 2, 4
RULE = plan(exclude_when_families=2)


def score(rows: list[Row], by: PlanSpec = RULE, size: int = 400, of=ONE) -> UnitScore:
    return build(frame(answers(of, rows), sizes={("u1", None): size}), by).scores[0]


def honest(n: int) -> list[Row]:
    """Half of them 100 points, half of them 50."""
    return [Row([1 + 2 * (number % 2)]) for number in range(n)]


def test_two_flagged_families__leave_the_response_out_and_count_it():
    rows = [*honest(20), *[Row([5], families=SPEED | RUN)] * 6, Row([5], families=ODD)]
    found = score(rows)
    assert (found.n_responses, found.n_valid, found.n_excluded, found.n_unscored) == (27, 21, 6, 0)
    assert found.score == pytest.approx((20 * 75 + 0) / 21)
    assert found.score_all == pytest.approx(20 * 75 / 27)
    assert (found.items[0].n, sum(found.items[0].counts or ())) == (21, 21)


def test_rule_switched_off__nobody_is_left_out_whatever_is_flagged():
    found = score([*honest(20), *[Row([5], families=SPEED | RUN)] * 6], plan())
    assert (found.n_valid, found.n_excluded) == (26, 0)
    assert found.score == found.score_all == pytest.approx(20 * 75 / 26)
    assert found.rules_lo == found.rules_hi == found.score
    assert (found.total_lo, found.total_hi) == (found.lo, found.hi)


def test_total_interval__takes_in_what_other_rules_would_give():
    rows = [*honest(20), *[Row([5], families=SPEED | RUN)] * 6, *[Row([1], families=ODD)] * 5]
    found = score(rows)
    # Nobody left out: 2000 of 31; two families: 2000 of 25; one family: 1500 of 20.
    assert found.rules_lo == pytest.approx(2000 / 31)
    assert found.rules_hi == pytest.approx(2000 / 25)
    assert found.score == pytest.approx(80)
    half, sampling = (found.total_hi - found.total_lo) / 2, (found.hi - found.lo) / 2
    assert half == pytest.approx(math.hypot(sampling, (2000 / 25 - 2000 / 31) / 2))
    assert found.rules_step == 5


def test_rules_for_gaps__half_answered__count_as_their_own_universes():
    rows = [Row([1, 1])] * 10 + [Row([5, BLANK])] * 7
    found = score(rows, plan(), of=TWO)
    assert found.score == pytest.approx(1000 / 17)  # half is enough
    assert (found.rules_lo, found.rules_hi) == (pytest.approx(1000 / 17), pytest.approx(100))
    assert found.rules_step == 7
    narrow = score(rows, plan(multiverse=MultiverseSpec()), of=TWO)
    assert narrow.rules_lo == narrow.rules_hi == narrow.score


def test_unweighted_score__strata_of_unequal_reach__counts_every_response_the_same():
    rows = [Row([1])] * 8 + [Row([2])] * 4 + [Row([5], stratum=1)] * 3 + [Row([4], stratum=1)] * 3
    of_frame = frame(
        answers(ONE, rows), strata=("window", "online"), sizes={("u1", "window"): 50, ("u1", "online"): 150}
    )
    found = build(of_frame, plan(indicator(strata="poststratify"))).scores[0]
    window, online = (800 + 300) / 12, 75 / 6
    assert found.score_all == found.score == pytest.approx(0.25 * window + 0.75 * online)
    assert found.score_unweighted == pytest.approx((1100 + 75) / 18)
    assert found.se_unweighted is not None
    withheld = build(of_frame, plan(gates=GateSpec(WithholdGates(alpha_below=0.9)))).scores[0]
    assert withheld.score_unweighted == found.score_unweighted


def test_scores_apart_by_the_rule__beyond_the_gate__are_withheld_but_stay_known_unreleased():
    rows = [*honest(20), *[Row([5], families=SPEED | RUN)] * 12]
    gates = GateSpec(WithholdGates(exclusion_shift_above=5.0))
    found = score(rows, replace(RULE, gates=gates))
    assert (found.status, found.score, found.total_lo) == (ScoreStatus.NOT_SCORED, None, None)
    assert found.score_all == pytest.approx(1500 / 32)
    assert [reason.code for reason in found.reasons] == [Code.EXCLUSION_SHIFT_WITHHOLDS]
    released = release(build(frame(answers(ONE, rows)), replace(RULE, gates=gates)), DisclosureSpec()).scores[0]
    assert (released.score_all, released.score_unweighted, released.se_unweighted) == (None, None, None)


@pytest.mark.parametrize(("left_out", "shown"), [(0, True), (3, False), (7, False), (10, True)])
def test_release__score_without_exclusions__only_where_it_shows_no_few_persons(left_out, shown):
    rows = [*honest(40), *[Row([5], families=SPEED | RUN)] * left_out]
    found = release(build(frame(answers(ONE, rows), sizes={("u1", None): 400}), RULE), DisclosureSpec()).scores[0]
    assert (found.score_all is not None) == shown
    assert (found.score_unweighted, found.se_unweighted, found.rules_step) == (None, None, None)


def test_release__rules_apart_by_few__round_the_total_interval_outwards():
    rows = [*honest(40), *[Row([5], families=SPEED | RUN)] * 2]
    unreleased = build(frame(answers(ONE, rows), sizes={("u1", None): 400}), RULE)
    found, before = release(unreleased, DisclosureSpec()).scores[0], unreleased.scores[0]
    assert (found.rules_lo, found.rules_hi) == (None, None)
    # 20 points must stay open for the mean of up to four people among 40: steps of 20 * 4 / 40 = 2 points.
    assert (found.total_lo % 2, found.total_hi % 2) == (0, 0)
    assert found.total_lo <= before.total_lo <= before.total_hi <= found.total_hi
    assert (found.lo, found.hi) == (before.lo, before.hi)


def test_all_parts__weights_of_one__leave_nothing_of_a_universe_without_answers():
    both = questionnaire(item("q1", "a"), item("q2", "b"), item("q3", "b"))
    rows = [Row([1, 1, BLANK])] * 12
    parts = (Part(0.5, dimension="a"), Part(0.5, dimension="b"))
    found = score(rows, plan(indicator(*parts)), of=both)
    assert (found.score, found.rules_lo, found.rules_hi) == (100, 100, 100)
