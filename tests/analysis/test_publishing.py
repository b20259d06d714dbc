"""What leaves: released, audited, and with what a hidden number would follow from taken out."""

from dataclasses import replace

import numpy as np

from analysis.disclosure import release
from analysis.frame import Frame
from analysis.publishing import publish
from analysis.report import build
from analysis.spec import DisclosureSpec, PlanSpec
from analysis.suppression.reports import audit_report
from tests.factories.frames import Row, answers, frame, indicator, item, plan, questionnaire

ONE = questionnaire(item("q1", "a"))
WEIGHTED = plan(indicator(strata="poststratify"))


def two_strata(small: int) -> Frame:
    """Twenty answers from the window and a few from online, half of the unit each; item means count all the same."""
    rng = np.random.default_rng(4)
    rows = [Row([int(code)]) for code in rng.integers(1, 6, 20)]
    rows += [Row([int(code)], stratum=1) for code in rng.integers(1, 6, small)]
    sizes = {("u1", "window"): 500, ("u1", "online"): 500}
    return frame(answers(ONE, rows), strata=("window", "online"), sizes=sizes)


def released(of: Frame, by: PlanSpec = WEIGHTED):
    truth = build(of, by)
    return truth, release(truth, by.disclosure), publish(of, by, truth)


def test_stratum_of_two__score_and_item_mean_beside_each_other__lose_one_of_them():
    truth, before, after = released(two_strata(2))
    assert not all(finding.safe for finding in audit_report(two_strata(2), WEIGHTED, truth, before))
    assert after.hidden
    assert after.exposed == ()
    assert all(finding.safe for finding in audit_report(two_strata(2), WEIGHTED, truth, after.report))
    shown, was = after.report.scores[0], before.scores[0]
    assert was.score is not None
    assert was.items[0].mean is not None
    assert (shown.score is None) != (shown.items[0].mean is None)


def test_large_strata__nothing_more_is_hidden():
    _, before, after = released(two_strata(15))
    assert (after.hidden, after.report) == ((), before)


def test_plan_without_complementary_suppression__gets_the_rules_alone():
    alone = replace(WEIGHTED, disclosure=DisclosureSpec(complementary=False))
    _, before, after = released(two_strata(2), alone)
    assert (after.hidden, after.report) == ((), before)
