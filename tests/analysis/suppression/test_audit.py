"""Linear systems of published numbers: what follows, how wide the rest stays, what to hide."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.suppression.audit import Verdict, audit, publications_behind
from analysis.suppression.secondary import suppress
from analysis.suppression.system import Secret, Statement, System, Unknown, components, joined

CASES = {
    case["id"]: case for case in json.loads((Path(__file__).parents[1] / "golden/edge_cases.json").read_text("utf-8"))
}


def sums(sizes: list[int], *statements: Statement, needed: float = 20.0, of: int = 0) -> System:
    """Sets of so many people, the mean of one of them a secret."""
    unknowns = tuple(Unknown(f"s{place}", 0.0, 100.0 * n) for place, n in enumerate(sizes))
    return System(unknowns, statements, (Secret("mean", ((of, 1.0 / sizes[of]),), sizes[of], needed),))


def says(name: str, terms: dict[int, float], lo: float, hi: float | None = None) -> Statement:
    return Statement(name, tuple(terms.items()), lo, lo if hi is None else hi, name)


def test_difference__of_a_unit_and_its_larger_group__is_the_mean_of_the_smaller():
    # 12 people at 71.0 and 9 of them at 68.0: 852 - 612 = 240 = 3 * 80
    whole, group = says("unit", {0: 1, 1: 1}, 852.0), says("group", {1: 1}, 612.0)
    (found,) = audit(sums([3, 9], whole, group))
    assert found.verdict is Verdict.RECOVERED
    assert found.equations
    assert (found.lo, found.hi) == pytest.approx([CASES["disclosure_differencing"]["numbers"]["recovered"]] * 2)


def test_difference__without_the_group__stays_as_open_as_the_whole_leaves_it():
    # 852 points among 12: three of them have at least (852 - 900)/3 < 0 and at most 100
    (found,) = audit(sums([3, 9], says("unit", {0: 1, 1: 1}, 852.0)))
    assert (found.lo, found.hi, found.width) == pytest.approx((0.0, 100.0, 100.0))
    assert found.verdict is Verdict.SAFE
    # 1170 among 12: the other nine have 900 at most, so the three have 270 of 300
    (found,) = audit(sums([3, 9], says("unit", {0: 1, 1: 1}, 1170.0)))
    assert (found.lo, found.hi) == pytest.approx((90.0, 100.0))
    assert found.verdict is Verdict.NARROW
    assert not found.equations


def test_rounded_numbers__of_eight_and_seven__leave_the_eighth_open_by_fifteen_points():
    # 70 -+ .5 of 8 and 66 -+ .5 of 7: 560 - 462 = 98, -+ 4 -+ 3.5, cut at 100
    eight, seven = says("all", {0: 1, 1: 1}, 8 * 69.5, 8 * 70.5), says("valid", {1: 1}, 7 * 65.5, 7 * 66.5)
    (found,) = audit(sums([1, 7], eight, seven))
    assert (found.lo, found.hi) == pytest.approx((90.5, 100.0))
    assert found.verdict is Verdict.NARROW


def test_bounds__that_fix_an_unknown__recover_without_equations():
    # everybody gave 100 points
    (found,) = audit(sums([1, 9], says("unit", {0: 1, 1: 1}, 1000.0)))
    assert (found.verdict, found.lo, found.hi) == (Verdict.RECOVERED, pytest.approx(100.0), pytest.approx(100.0))
    assert not found.equations


def test_statements__that_cannot_all_be_true__protect_nothing():
    (found,) = audit(sums([3], says("one", {0: 1}, 100.0), says("other", {0: 1}, 200.0)))
    assert (found.verdict, found.lo, found.hi, found.safe) == (Verdict.CONTRADICTORY, None, None, False)


def test_secret__nothing_is_said_of__is_as_wide_as_answers_are():
    (found,) = audit(sums([3]))
    assert (found.lo, found.hi, found.verdict) == (0.0, 100.0, Verdict.SAFE)


def test_whole_counts__between_two_halves__are_recovered_where_fractions_would_not_be():
    statement = Statement("band", ((0, 1.0),), 2.4, 3.6)
    secret = Secret("count", ((0, 1.0),), 3, 1.0)
    (whole,) = audit(System((Unknown("n", 0, 100, whole=True),), (statement,), (secret,)))
    (broken,) = audit(System((Unknown("n", 0, 100),), (statement,), (secret,)))
    assert (whole.verdict, whole.lo, whole.hi) == (Verdict.RECOVERED, 3.0, 3.0)
    assert broken.verdict is Verdict.SAFE


def test_quick_audit__of_a_wide_secret__gives_the_same_verdict_and_an_interval_inside():
    system = sums([3, 9], says("unit", {0: 1, 1: 1}, 852.0))
    secrets = (*system.secrets, Secret("other", ((1, 1.0 / 9),), 9, 20.0))
    full, quick = audit(replace(system, secrets=secrets)), audit(replace(system, secrets=secrets), widths=False)
    assert [one.verdict for one in full] == [one.verdict for one in quick]
    assert (quick[1].at_least, full[1].at_least) == (True, False)
    assert full[1].lo <= quick[1].lo < quick[1].hi <= full[1].hi


def test_components__of_systems_side_by_side__are_those_that_hold_a_secret():
    one = sums([3, 9], says("a", {0: 1, 1: 1}, 852.0))
    quiet = System((Unknown("q", 0, 1),), (Statement("q", ((0, 1.0),), 1, 1),), ())
    two = replace(one, secrets=(replace(one.secrets[0], name="second"),))
    parts = components(joined([one, quiet, two]))
    assert [part.secrets[0].name for part in parts] == ["mean", "second"]
    assert [len(part.unknowns) for part in parts] == [2, 2]
    assert [finding.secret for finding in audit(joined([two, quiet, one]))] == ["second", "mean"]


def test_publications_behind__an_interval__leave_out_what_does_not_touch_it():
    system = sums([3, 9, 5], says("unit", {0: 1, 1: 1}, 852.0), says("group", {1: 1}, 612.0), says("far", {2: 1}, 10.0))
    assert publications_behind(system, system.secrets[0]) == {"unit", "group"}


def test_suppression__of_a_difference__hides_the_cheaper_of_the_two():
    system = sums([3, 9], says("unit", {0: 1, 1: 1}, 852.0), says("group", {1: 1}, 612.0))
    assert suppress(system, {"unit": 12, "group": 9}).hidden == ("group",)
    assert suppress(system, {"unit": 2, "group": 9}).hidden == ("unit",)
    assert suppress(system, {"unit": 12}).hidden == ("unit",)


def test_suppression__of_what_a_later_step_makes_needless__is_taken_back():
    # "both" gives away two secrets, "group" only helps with the first: hidden first because it is cheap, then needless.
    unknowns = tuple(Unknown(f"s{place}", 0.0, 100.0 * n) for place, n in enumerate([3, 9, 3, 9]))
    statements = (
        Statement("unit 1", ((0, 1.0), (1, 1.0)), 852.0, 852.0, "both"),
        Statement("unit 2", ((2, 1.0), (3, 1.0)), 852.0, 852.0, "both"),
        Statement("group 1", ((1, 1.0),), 612.0, 612.0, "group"),
        Statement("group 2", ((3, 1.0),), 612.0, 612.0),
    )
    secrets = (Secret("first", ((0, 1 / 3),), 3, 20.0), Secret("second", ((2, 1 / 3),), 3, 20.0))
    found = suppress(System(unknowns, statements, secrets), {"both": 10, "group": 1})
    assert found.hidden == ("both",)
    assert found.exposed == ()


def test_suppression__where_nothing_may_be_hidden__names_what_is_exposed():
    system = sums([3, 9], says("unit", {0: 1, 1: 1}, 852.0), says("group", {1: 1}, 612.0))
    found = suppress(system, {})
    assert found.hidden == ()
    assert [(one.secret, one.verdict) for one in found.exposed] == [("mean", Verdict.RECOVERED)]


def test_suppression__nothing_unsafe__hides_nothing():
    assert suppress(sums([3, 9], says("unit", {0: 1, 1: 1}, 852.0)), {"unit": 12}).hidden == ()


@pytest.mark.parametrize(
    ("unknowns", "terms"), [((Unknown("a", 0, 1),), ((1, 1.0),)), ((Unknown("a", 2, 1),), ((0, 1.0),))]
)
def test_system__that_does_not_fit__is_refused(unknowns, terms):
    with pytest.raises(ValueError, match=r"outside|from 2"):
        System(unknowns, (), (Secret("s", terms, 1, 1.0),))


def test_system__two_secrets_of_one_name__is_refused():
    with pytest.raises(ValueError, match="same name"):
        System((Unknown("a", 0, 1),), (), (Secret("s", ((0, 1.0),), 1, 1.0),) * 2)


SIZES = st.lists(st.integers(1, 12), min_size=2, max_size=6)


@st.composite
def systems(draw) -> System:
    """Means of random sets of disjoint groups, exact or rounded, true of some answers."""
    sizes = draw(SIZES)
    truth = [draw(st.integers(0, 4 * n)) * 25.0 for n in sizes]
    statements = []
    for number in range(draw(st.integers(0, 5))):
        members = draw(st.sets(st.integers(0, len(sizes) - 1), min_size=1))
        total, n = sum(truth[place] for place in members), sum(sizes[place] for place in members)
        off = draw(st.sampled_from([0.0, 0.5])) * n
        name = f"p{number}"
        statements.append(
            Statement(name, tuple((place, 1.0) for place in sorted(members)), total - off, total + off, name)
        )
    secrets = tuple(Secret(f"g{place}", ((place, 1.0 / n),), n, 20.0) for place, n in enumerate(sizes) if n < 5)
    unknowns = tuple(Unknown(f"s{place}", 0.0, 100.0 * n) for place, n in enumerate(sizes))
    return System(unknowns, tuple(statements), secrets)


@settings(max_examples=30, deadline=None)
@given(systems())
def test_suppression__of_any_system__leaves_every_secret_open_and_nothing_hidden_in_vain(system):
    costs = {one.publication: float(len(one.terms)) for one in system.statements if one.publication}
    found = suppress(system, costs)
    assert found.exposed == ()
    after = audit(system.without(found.hidden))
    assert all(one.width is not None and one.width >= 20 - 1e-5 and not one.equations for one in after)
    for name in found.hidden:
        shown_again = system.without([other for other in found.hidden if other != name])
        assert not all(one.safe for one in audit(shown_again))
    assert suppress(system, costs) == found


@settings(max_examples=40, deadline=None)
@given(systems(), st.data())
def test_hiding__anything__never_narrows_an_interval(system, data):
    if not system.statements:
        return
    gone = data.draw(st.sampled_from([one.publication for one in system.statements]))
    for before, after in zip(audit(system), audit(system.without([gone])), strict=True):
        assert after.lo <= before.lo + 1e-5
        assert after.hi >= before.hi - 1e-5
