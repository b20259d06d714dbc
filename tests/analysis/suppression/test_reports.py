"""Whole reports: an attacker who holds everything that was ever released recovers no hidden cell."""

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cautions import ScoreStatus
from analysis.disclosure import release
from analysis.report import build
from analysis.results import Report
from analysis.suppression.answers import Edition, item_publication, score_publication
from analysis.suppression.audit import Verdict
from analysis.suppression.intervals import WIDTH
from analysis.suppression.reports import audit_history, audit_report, hide, suppress_history, suppress_report
from tests.analysis.suppression.campaigns import OFFICES, RECIPIENTS, STAFF, Campaign, campaign
from tests.factories.released import numbers_in

AUDIENCES = st.sampled_from([RECIPIENTS, STAFF, OFFICES])


def released_in_turn(of: Campaign) -> tuple[list[Report], list[Edition]]:
    """Every snapshot released, and made safe beside those before it."""
    truths, editions = [], []
    for number, rows in enumerate(of.snapshots):
        frame = of.at(number)
        truth = build(frame, of.plan)
        found = suppress_report(
            frame, of.plan, truth, release(truth, of.plan.disclosure), earlier=within(of, number, editions)
        )
        assert found.exposed == ()
        truths.append(truth)
        editions.append(Edition(found.report, rows))
    return truths, editions


def within(of: Campaign, snapshot: int, editions: list[Edition]) -> list[Edition]:
    """Editions, their rows counted among the rows of a snapshot."""
    here = of.snapshots[snapshot]
    return [
        replace(edition, rows={name: rows[here[name]] for name, rows in edition.rows.items()}) for edition in editions
    ]


def assert_nothing_recovered(of: Campaign) -> None:
    truths, editions = released_in_turn(of)
    last = len(editions) - 1
    findings = audit_report(
        of.at(last),
        of.plan,
        truths[-1],
        editions[-1].report,
        earlier=within(of, last, editions[:-1]),
        widths=False,
    )
    for finding in findings:
        assert finding.verdict is Verdict.SAFE, finding
        assert finding.width is not None
        assert finding.width >= finding.needed - 1e-5


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**6), AUDIENCES, st.integers(2, 3), st.integers(1, 3), st.sampled_from([0.0, 0.03, 0.25]))
def test_attacker__with_everything_ever_released__recovers_no_hidden_cell(seed, audience, units, snapshots, gaps):
    # Staff and departments are computed once, after close.
    snapshots = snapshots if audience == RECIPIENTS else 1
    assert_nothing_recovered(campaign(seed, audience=audience, units=units, snapshots=snapshots, gaps=gaps))


@pytest.mark.parametrize("audience", [RECIPIENTS, STAFF, OFFICES])
@pytest.mark.parametrize("seed", [1, 2])
def test_attacker__on_seeded_campaigns_of_six_units__recovers_no_hidden_cell(seed, audience):
    assert_nothing_recovered(campaign(seed, audience=audience, units=6, gaps=0.05))


def test_attacker__on_what_the_primary_rules_leave__does_recover_hidden_cells():
    # The property above means something: without the complementary suppression it does not hold.
    broken = dict.fromkeys((RECIPIENTS, OFFICES), 0)
    for audience in broken:
        for seed in range(4):
            of = campaign(seed, audience=audience, units=6, gaps=0.05)
            truth = build(of.at(0), of.plan)
            findings = audit_report(of.at(0), of.plan, truth, release(truth, of.plan.disclosure), widths=False)
            broken[audience] += sum(finding.verdict is Verdict.RECOVERED for finding in findings)
    assert all(broken.values()), broken


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(2, 3))
def test_history__known_by_counts_alone__is_closed_too(seed, units, snapshots):
    of = campaign(seed, audience=RECIPIENTS, units=units, snapshots=snapshots)
    truths: list[Report] = []
    shown: list[Report] = []
    for number in range(snapshots):
        truths.append(build(of.at(number), of.plan))
        now = [*shown, release(truths[-1], of.plan.disclosure)]
        found = suppress_history(now, truths, of.plan, of.questionnaires)
        assert found.exposed == ()
        shown.append(found.report)
    findings = audit_history(shown, truths, of.plan, of.questionnaires, widths=False)
    assert [finding for finding in findings if not finding.safe] == []


def test_suppression__of_a_report__only_takes_away():
    of = campaign(1, audience=RECIPIENTS, units=6, gaps=0.05)
    truth = build(of.at(0), of.plan)
    before = release(truth, of.plan.disclosure)
    found = suppress_report(of.at(0), of.plan, truth, before)
    assert found.hidden
    for old, new in zip(before.scores, found.report.scores, strict=True):
        assert len(list(numbers_in(new))) <= len(list(numbers_in(old)))
        for of_field in fields(old):
            one, other = getattr(old, of_field.name), getattr(new, of_field.name)
            if isinstance(one, float | int) and new.status is old.status and other is not None:
                assert one == other
    assert suppress_report(of.at(0), of.plan, truth, before) == found
    assert suppress_report(of.at(0), of.plan, truth, found.report).hidden == ()


def test_hide__a_score_and_an_item__takes_them_out_wherever_they_stand():
    of = campaign(3, audience=STAFF, units=3, gaps=0.0)
    before = release(build(of.at(0), of.plan), of.plan.disclosure)
    assert any(item.shown for item in before.scores[0].items)
    score = before.scores[0]
    without_item = hide(before, [item_publication(score.unit, "main", "q3")], 5)
    for one in without_item.scores:
        for item in one.items:
            if (one.unit, item.item) == (score.unit, "q3") and item.questionnaire == "main":
                assert list(numbers_in(item)) == []
                assert item.shown is False
    gone = hide(before, [score_publication(score.unit, score.indicator)], 5).scores[0]
    assert gone.status is ScoreStatus.SUPPRESSED
    assert list(numbers_in(gone)) == []
    assert hide(before, [], 5) is before
    with pytest.raises(ValueError, match="released"):
        hide(replace(before, released=False), ["x"], 5)


def test_hidden_units__of_fewer_than_five__stay_open_by_twenty_points_whatever_else_is_shown():
    of = campaign(34, audience=STAFF, units=6, gaps=0.25)
    truth = build(of.at(0), of.plan)
    findings = audit_report(of.at(0), of.plan, truth, release(truth, of.plan.disclosure))
    hidden = {score.unit for score in truth.scores if (score.n_cell or 0) < 5}
    assert hidden == {"u1", "u2"}
    of_hidden = [one for one in findings if one.secret.split(":")[0] in hidden]
    assert len(of_hidden) > 8
    assert all(one.needed == WIDTH and one.width >= WIDTH for one in of_hidden)
