"""Plain values: what two snapshots, two rules of exclusion, or groups and their unit say together."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.suppression.audit import Verdict, audit
from analysis.suppression.history import ALL, Combination, ReleasedMean, not_additive, system_of
from analysis.suppression.intervals import needed_width, rounded, shown_interval
from analysis.suppression.secondary import suppress
from analysis.suppression.system import Secret, Statement, System, Unknown

CASES = {
    case["id"]: case for case in json.loads((Path(__file__).parents[1] / "golden/edge_cases.json").read_text("utf-8"))
}


def mean(n: int, value: float | None, **changes) -> ReleasedMean:
    """The exact mean of one measure in one unit; None: hidden."""
    settings = {"unit": "u1", "measure": "score", "release": 0, "n": n, "lo": value, "hi": value}
    return ReleasedMean(**{**settings, **changes})


def whole(n: int, value: float, **changes) -> ReleasedMean:
    """The same in a whole number."""
    lo, hi = rounded(value)
    return mean(n, None, **{"lo": lo, "hi": hi, **changes})


def test_differencing__a_unit_and_one_of_two_groups__recovers_the_other():
    unit = mean(12, 71.0, publication="unit")
    groups = [mean(9, 68.0, people="g=a", publication="a"), mean(3, None, people="g=b")]
    system = system_of([unit, *groups])
    first, *_ = audit(system)
    assert (first.secret, first.people, first.verdict) == ("u1/score/g=b@0", 3, Verdict.RECOVERED)
    assert first.lo == pytest.approx(CASES["disclosure_differencing"]["numbers"]["recovered"])
    assert suppress(system, {"unit": 12, "a": 9}).hidden == ("a",)
    assert all(one.safe for one in audit(system.without(["a"])))


def test_differencing__of_a_group_that_is_not_named__is_found_as_well():
    # Two groups of 9 and 8 among 20: the three who skipped the item.
    found = audit(system_of([mean(20, 60.0), mean(9, 50.0, people="g=a"), mean(8, 70.0, people="g=b")]))
    # 1200 - 450 - 560 = 190 = 3 * 63.33
    (rest,) = [one for one in found if "no group" in one.secret]
    assert (rest.people, rest.verdict, rest.lo) == (3, Verdict.RECOVERED, pytest.approx(190 / 3))


def test_multiverse__scores_with_and_without_one_excluded__recover_the_one():
    system = system_of([mean(7, 66.0, publication="own"), mean(8, 70.0, people=ALL, publication="all")])
    (found,) = audit(system)
    assert (found.verdict, found.people) == (Verdict.RECOVERED, 1)
    assert found.lo == pytest.approx(CASES["disclosure_multiverse"]["numbers"]["recovered"])
    assert suppress(system, {"own": 7, "all": 1}).hidden == ("all",)


@pytest.mark.parametrize("n_all", [7, 12, 30])
def test_multiverse__nobody_or_five_and_more_excluded__is_no_secret(n_all):
    assert system_of([mean(7, 66.0), mean(n_all, 66.0 if n_all == 7 else 60.0, people=ALL)]).secrets == ()


def test_multiverse__whole_numbers__leave_one_of_forty_open_but_not_one_of_eight():
    eight = audit(system_of([whole(7, 66.0), whole(8, 66.0, people=ALL)]))[0]
    # 8 (66 -+ .5) - 7 (66 -+ .5) = 66 -+ 7.5
    assert (eight.lo, eight.hi, eight.verdict) == (pytest.approx(58.5), pytest.approx(73.5), Verdict.NARROW)
    forty = audit(system_of([whole(39, 66.0), whole(40, 66.0, people=ALL)]))[0]
    assert (forty.lo, forty.hi, forty.verdict) == (pytest.approx(26.5), pytest.approx(100.0), Verdict.SAFE)


def test_snapshots__one_more_answer__is_the_difference():
    found = audit(system_of([mean(12, 60.0), mean(13, 63.0, release=1)]))
    # 819 - 720
    assert [(one.people, one.verdict, round(one.lo, 9)) for one in found] == [(1, Verdict.RECOVERED, 99.0)]


def test_snapshots__five_more__are_no_secret_unless_all_answered_alike():
    before, later = mean(10, 60.0, counts=(4, 6)), mean(15, 60.0, release=1, counts=(6, 9))
    assert system_of([before, later]).secrets == ()
    alike = mean(15, 220 / 3, release=1, counts=(9, 6))
    (found,) = audit(system_of([before, alike]))
    assert (found.people, found.verdict, found.lo) == (5, Verdict.RECOVERED, pytest.approx(100.0))
    by_mean = [mean(10, 60.0, actual=60.0), mean(15, 220 / 3, release=1, actual=220 / 3)]
    assert len(system_of(by_mean).secrets) == 1


def test_snapshots__a_hidden_one_between_two__does_not_help():
    found = audit(system_of([mean(12, 60.0), mean(14, None, release=1), mean(15, 64.0, release=2)]))
    by_name = {one.secret: one for one in found}
    assert by_name["u1/score/valid@2 less u1/score/valid@0"].verdict is Verdict.RECOVERED
    # 960 - 720 = 240 of three people, two of whom came first: those have 140 to 200, the last 40 to 100
    first = by_name["u1/score/valid@1 less u1/score/valid@0"]
    assert (first.lo, first.hi) == (pytest.approx(70.0), pytest.approx(100.0))


def test_snapshots__of_departments__count_departments_and_not_responses():
    # A department sends a second response: a difference of no department and of one answer.
    found = system_of([mean(12, 60.0, cells=10), mean(13, 63.0, release=1, cells=10)])
    assert [secret.people for secret in found.secrets] == [0]
    assert audit(found)[0].verdict is Verdict.RECOVERED


def test_weighted_means__are_not_subtracted__but_named_where_too_few_came():
    before, later = mean(12, 60.0, additive=False), mean(13, 63.0, release=1, additive=False)
    assert system_of([before, later]).secrets == ()
    assert not_additive([before, later]) == ((before, later),)
    assert not_additive([before, mean(17, 63.0, release=1, additive=False)]) == ()
    assert not_additive([before, mean(13, None, release=1, additive=False)]) == ()


def test_total__over_three_units__gives_the_hidden_one_away():
    units = [mean(20, 60.0, unit="u1"), mean(30, 70.0, unit="u2"), mean(3, None, unit="u3")]
    weights = {of.name: of.n / 53 for of in units}
    total = Combination(name="total", weights=weights, lo=3450 / 53, hi=3450 / 53, publication="total")
    system = system_of(units, [total])
    (found,) = audit(system)
    # 3450 - 1200 - 2100 = 150 = 3 * 50
    assert (found.verdict, found.lo) == (Verdict.RECOVERED, pytest.approx(50.0))
    assert suppress(system, {"total": 53}).hidden == ("total",)


def test_score_of_parts__with_one_part_hidden__gives_it_away():
    parts = [mean(20, 60.0, measure="a"), mean(3, None, measure="b")]
    score = Combination(name="score", weights={parts[0].name: 0.6, parts[1].name: 0.4}, lo=62.0, hi=62.0)
    (found,) = audit(system_of(parts, [score]))
    # 26 points are left of 62, at a weight of 0.4
    assert (found.verdict, found.lo) == (Verdict.RECOVERED, pytest.approx(65.0))


def test_small_and_unanimous_set__is_a_secret():
    assert len(system_of([mean(7, 75.0, alike=True)]).secrets) == 1
    assert system_of([mean(10, 75.0, alike=True)]).secrets == ()
    assert system_of([mean(7, 75.0)]).secrets == ()


def test_excluded__in_two_snapshots__are_held_together():
    # Six were excluded first, seven later: the seventh is known by the difference of all and valid.
    found = audit(
        system_of(
            [
                mean(20, 60.0),
                mean(26, 55.0, people=ALL),
                mean(30, 60.0, release=1),
                mean(37, 57.0, people=ALL, release=1),
            ]
        )
    )
    assert found == ()  # every difference of two nested sets has five people or more


def test_wrong_calls__are_refused():
    with pytest.raises(ValueError, match="twice"):
        system_of([mean(7, 66.0), mean(8, 70.0)])
    with pytest.raises(ValueError, match="no such mean"):
        system_of([mean(7, 66.0)], [Combination(name="c", weights={"x": 1.0}, lo=0, hi=1)])
    with pytest.raises(ValueError, match="more people"):
        system_of([mean(7, 66.0), mean(8, 70.0, people="g=a")])


def few_of(few: int, whole: int, interval: tuple[float, float]) -> float:
    return needed_width(
        np.array([1 / few, 0.0]), np.full(2, 1 / whole), interval, np.array([100.0 * few, 100.0 * (whole - few)])
    )


def test_needed_width__is_half_of_what_the_whole_leaves_where_that_is_less():
    assert few_of(3, 12, (71.0, 71.0)) == 20.0
    # 12 at 98 have 1176 points, the other nine 900 at most, so the three have 276 of 300: 92 to 100
    assert few_of(3, 12, (98.0, 98.0)) == pytest.approx(4.0)
    assert few_of(3, 12, (97.5, 98.5)) == pytest.approx(5.0)
    assert few_of(3, 12, (100.0, 100.0)) == pytest.approx(0.0)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.integers(0, 5)), min_size=1, max_size=6), st.floats(0, 1)
)
def test_needed_width__of_any_weights__is_half_of_what_a_linear_program_leaves(things, share):
    few, shown = (np.round([thing[place] for thing in things], 3) for place in (0, 1))
    room = 100.0 * np.array([thing[2] for thing in things])
    total = share * float(shown @ room)
    unknowns = tuple(Unknown(str(place), 0.0, size) for place, size in enumerate(room))
    terms = tuple((place, float(weight)) for place, weight in enumerate(shown) if weight)
    mean = Secret("few", tuple((place, float(weight)) for place, weight in enumerate(few)), 1, 0.0)
    statements = (Statement("shown", terms, total, total),) if terms else ()
    (found,) = audit(System(unknowns, statements, (mean,)))
    assert needed_width(few, shown, (total, total), room, 1e9) == pytest.approx(found.width / 2, abs=1e-4)


def test_shown_interval__of_a_rounded_mean__is_narrowed_by_the_middle_of_its_interval():
    assert shown_interval(61.0, 27.0, 94.0, exact=False) == (60.5, 61.0)
    assert shown_interval(61.0, 0.0, 94.0, exact=False) == (60.5, 61.5)
    assert shown_interval(61.0, 27.0, 94.0, exact=True) == (61.0, 61.0)
    assert shown_interval(None, None, None, exact=False) is None
    assert rounded(0.0) == (0.0, 0.5)
