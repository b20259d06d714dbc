"""Groups beside their unit: a group of few follows neither from the others nor from a second item or indicator."""

import math
from dataclasses import replace

import numpy as np
import pytest

from analysis.cautions import ScoreStatus
from analysis.disclosure import release
from analysis.frame import Frame
from analysis.report import build
from analysis.results import Report
from analysis.spec import GateSpec, PlanSpec
from analysis.suppression.answers import answer_systems
from analysis.suppression.audit import Finding, Verdict, audit
from analysis.suppression.groups import Grouping, group_publication, score_weights
from analysis.suppression.intervals import rounded, shown_interval
from analysis.suppression.people import crowds
from analysis.suppression.reports import suppress_groups, suppress_report
from analysis.suppression.system import joined
from tests.analysis.suppression.campaigns import OFFICES, RECIPIENTS, STAFF, campaign
from tests.factories.frames import AUDIENCE, Row, answers, frame, item, plan, questionnaire

ONE = questionnaire(item("q1", "a"))
STANDS = {ScoreStatus.SCORED, ScoreStatus.CAUTION}


def without(grouping: Grouping, hidden: tuple[str, ...]) -> Grouping:
    """A grouping of which some units' groups are not shown."""
    shown = {
        key: found for key, found in grouping.shown.items() if group_publication(*key, grouping.item) not in hidden
    }
    return replace(grouping, shown=shown)


def findings(of_frame: Frame, of_plan: PlanSpec, released: Report, groupings: list[Grouping]) -> list[Finding]:
    return list(audit(joined(answer_systems(of_frame, of_plan, released, groupings=groupings))))


def by_hand(codes: list[int], *of_items: list[int]) -> tuple[Frame, PlanSpec, Report, list[Grouping]]:
    """One unit, and the whole numbers of its groups by so many items; group 9 is not shown."""
    of_frame = frame(answers(ONE, [Row([code]) for code in codes]), sizes={("u1", None): 500})
    points = 100 - 25 * (np.array(codes) - 1)
    groupings = []
    for number, group in enumerate(np.array(one) for one in of_items):
        means = {int(of): float(math.floor(points[group == of].mean() + 0.5)) for of in np.unique(group) if of != 9}
        shown = {("u1", "satisfaction"): {of: rounded(mean) for of, mean in means.items()}}
        groupings.append(Grouping(f"by{number}", AUDIENCE, {"recipients": group}, shown))
    truth = build(of_frame, plan())
    return of_frame, plan(), release(truth, plan().disclosure), groupings


def test_groups_of_enough__are_shown():
    given = by_hand([1, 2, 3, 4, 5, 3] * 5, [0] * 12 + [1] * 18)
    assert findings(*given) == []
    assert suppress_groups(*given).hidden == ()


def test_group_that_is_not_shown__follows_from_the_others_and_the_whole():
    # 30 people, of whom 26 are in the two groups that are shown: whole numbers leave the four open by 13 / 4 points.
    given = by_hand([1, 2, 3, 4, 5, 3] * 5, [0] * 13 + [1] * 13 + [9] * 4)
    found = {one.secret: one for one in findings(*given)}["u1: satisfaction, by0=9"]
    assert (found.people, found.verdict) == (4, Verdict.NARROW)
    assert suppress_groups(*given).hidden == (group_publication("u1", "satisfaction", "by0"),)


def test_group_inside_a_group_by_another_item__gives_the_rest_away():
    # By one item 10 and 20, by another 8 of those 10 and the other 22: two people, in neither table.
    given = by_hand([1, 2, 3, 4, 5, 3] * 5, [0] * 10 + [1] * 20, [0] * 8 + [1] * 22)
    found = {one.secret: one for one in findings(*given)}["u1: satisfaction, by0=0 less by1=0"]
    assert (found.people, found.verdict) == (2, Verdict.NARROW)
    hidden = suppress_groups(*given).hidden
    assert len(hidden) == 1
    of_frame, of_plan, released, groupings = given
    assert all(one.safe for one in findings(of_frame, of_plan, released, [without(one, hidden) for one in groupings]))


def test_group_inside_a_large_group__is_protected_by_whole_numbers():
    codes, first = [1, 2, 3, 4, 5, 3] * 20, [0] * 60 + [1] * 60
    given = by_hand(codes, first, [0] * 58 + [1] * 62)
    assert [one.verdict for one in findings(*given)] == [Verdict.SAFE] * len(findings(*given))
    assert suppress_groups(*given).hidden == ()


@pytest.mark.parametrize(("codes", "caught"), [([4] * 7, True), ([4, 4, 4, 3, 4, 4, 4], False), ([4] * 12, False)])
def test_group_of_one_mind_that_is_not_shown__is_a_secret_while_it_is_small(codes, caught):
    given = by_hand([*codes, *[1, 2, 3, 5] * 5], [9] * len(codes) + [1] * 20)
    found = [one.verdict for one in findings(*given) if one.secret == "u1: satisfaction, by0=9"]
    assert found == [Verdict.NARROW] * caught


def groups_of(of_frame: Frame, of_plan: PlanSpec, item_of: str, group: dict[str, np.ndarray]) -> Grouping:
    """Groups as a breakdown shows them: all of a unit, each of enough people, or none; in whole numbers."""
    bare = replace(of_plan, gates=GateSpec(), moves={})
    built = {}
    for number in sorted({int(of) for rows in group.values() for of in rows}):
        chosen = tuple(one.only(group[one.questionnaire.id] == number) for one in of_frame.answers)
        built[number] = build(replace(of_frame, answers=chosen, population={}, fieldwork={}), bare)
    shown = {}
    for score in built[0].scores:
        key = (score.unit, score.indicator)
        answered = {number: report.score_of(*key) for number, report in built.items() if report.score_of(*key).n_cell}
        released = {
            number: release(report, of_plan.disclosure).score_of(*key)
            for number, report in built.items()
            if number in answered
        }
        if all(one.status in STANDS for one in released.values()):
            shown[key] = {
                number: shown_interval(math.floor(one.score + 0.5), math.floor(one.lo), math.ceil(one.hi), exact=False)
                for number, one in released.items()
            }
    return Grouping(item_of, of_plan.indicators[0].audience, group, shown)


def random_groups(seed: int, audience: str) -> tuple[Frame, PlanSpec, Report, list[Grouping]]:
    """A published report of a random campaign, broken down by two items, the second a little finer than the first."""
    of = campaign(seed, audience=audience, units=5, gaps=0.05)
    rng = np.random.default_rng(seed)
    truth = build(of.at(0), of.plan)
    published = suppress_report(of.at(0), of.plan, truth, release(truth, of.plan.disclosure)).report
    first = {one.questionnaire.id: rng.integers(0, 2, len(one.codes)) for one in of.frame.answers}
    second = {name: np.where(rng.random(len(of_rows)) < 0.05, 1 - of_rows, of_rows) for name, of_rows in first.items()}
    groupings = [groups_of(of.at(0), of.plan, name, rows) for name, rows in (("one", first), ("two", second))]
    return of.at(0), of.plan, published, groupings


@pytest.mark.parametrize("audience", [RECIPIENTS, STAFF, OFFICES])
@pytest.mark.parametrize("seed", range(4))
def test_attacker__with_a_report_and_its_breakdowns__recovers_no_hidden_group(seed, audience):
    of_frame, of_plan, published, groupings = random_groups(seed, audience)
    found = suppress_groups(of_frame, of_plan, published, groupings)
    gone = {finding.secret.partition(": ")[0] for finding in found.exposed}
    left = [without(one, found.hidden) for one in groupings]
    left = [replace(one, shown={key: of for key, of in one.shown.items() if key[0] not in gone}) for one in left]
    assert [one for one in findings(of_frame, of_plan, published, left) if not one.safe and "," in one.secret] == []


def test_control__without_the_audit_some_hidden_group_is_recovered():
    caught = 0
    for audience in (RECIPIENTS, STAFF):
        for seed in range(4):
            caught += sum(not one.safe for one in findings(*random_groups(seed, audience)))
    assert caught


@pytest.mark.parametrize("audience", [RECIPIENTS, STAFF, OFFICES])
def test_weights__of_a_group__give_its_score(audience):
    of = campaign(2, audience=audience, units=4)
    rng, compared = np.random.default_rng(2), 0
    group = {one.questionnaire.id: rng.integers(0, 2, len(one.codes)) for one in of.frame.answers}
    of_group = tuple(one.only(group[one.questionnaire.id] == 1) for one in of.frame.answers)
    report = build(replace(of.frame, answers=of_group, population={}, fieldwork={}), replace(of.plan, gates=GateSpec()))
    grouping = Grouping("one", audience, group, {})
    for crowd in crowds(of.frame, of.plan, audience):
        for one in of.plan.indicators:
            score = report.score_of(crowd.unit, one.code).score
            if score is not None:
                weights = score_weights(crowd, one, grouping.of(crowd) == 1, of.frame, of.plan)
                assert float(np.nansum(weights * crowd.points)) == pytest.approx(score, abs=1e-9)
                compared += 1
    assert compared
