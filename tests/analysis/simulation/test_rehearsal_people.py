"""A drawn campaign: its sizes are those that were told, its truth is what it says, the same seed draws the same."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.frame import Fieldwork
from analysis.simulation.people import Behaviour
from analysis.simulation.rehearsal_people import draw_campaign
from analysis.simulation.rehearsal_setting import Assumptions, Door, Panel, Setting, default_behaviours
from tests.analysis.simulation.rehearsal_settings import RATERS, STAFF, assumptions, of_departments, of_staff

QUIET = Behaviour(careless=0.0, missing=0.0, person_sd=0.0, dimension_sd=0.0, noise_sd=0.1, item_sd=0.0, loading_sd=0.0)


def test_draw__asks_as_many_as_have_a_card_and_gets_back_the_share_that_answers() -> None:
    setting = of_staff(40, units=3)
    everybody = draw_campaign(setting, assumptions(), 1).frame
    assert np.bincount(everybody.answers[0].unit).tolist() == [40, 40, 40]
    assert everybody.fieldwork["u0", "staff"] == Fieldwork(activated=40, handed_out=40)
    assert everybody.population["u0", "staff", None] == 2000
    some = [
        len(draw_campaign(setting, assumptions(response_rates={"staff": 0.6}), seed).frame.answers[0].codes)
        for seed in range(20)
    ]
    assert np.mean(some) == pytest.approx(72, abs=4)
    assert len(set(some)) > 1


def test_draw__with_the_same_seed__is_the_same_and_with_another_one_is_not() -> None:
    setting = of_departments(6)
    first, again, other = (draw_campaign(setting, assumptions(), seed) for seed in ((1, 0), (1, 0), (1, 1)))
    assert (first.frame.answers[0].codes == again.frame.answers[0].codes).all()
    assert (first.people == again.people).all()
    assert not (first.people == other.people).any()


def test_truth_of_the_people__of_a_census__is_the_mean_of_their_answers() -> None:
    setting = of_staff(500, members=500)
    drawn = draw_campaign(setting, assumptions(behaviours={"staff": replace(QUIET, attention=1.0)}), 3)
    answers = drawn.frame.answers[0]
    scored = [place for place, item in enumerate(STAFF.items) if item.scored]
    points = np.array([0.0, 25, 50, 75, 100])[answers.codes[:, scored] - 1]
    turned = np.array([STAFF.items[place].reverse for place in scored])
    points = np.where(turned, 100 - points, points)
    weights = np.array([{"d0": 0.4, "d1": 0.3, "d2": 0.3}[str(STAFF.items[place].dimension)] / 4 for place in scored])
    means = np.bincount(answers.unit, points @ weights) / np.bincount(answers.unit)
    assert drawn.people[0] == pytest.approx(means, abs=1e-9)


def test_truth_of_the_process__is_what_many_people_average_to_and_the_people_of_a_frame_lie_around_it() -> None:
    setting = of_staff(50, units=8, members=50_000)
    drawn = [draw_campaign(setting, assumptions(), seed) for seed in range(30)]
    gaps = np.concatenate([one.people[0] - one.process[0] for one in drawn])
    # A person's score has a standard deviation near 16 points, so the mean of 50,000 lies within a third of a point.
    assert np.abs(gaps).max() < 0.4
    assert 0.04 < gaps.std() < 0.11


def test_spread__is_the_standard_deviation_of_true_scores_in_points() -> None:
    setting = of_staff(5, units=40)
    for spread in (3.0, 6.0):
        drawn = [draw_campaign(setting, assumptions(spread=spread), seed).process[0].std(ddof=1) for seed in range(25)]
        assert np.mean(drawn) == pytest.approx(spread, rel=0.08)
    assert np.ptp(draw_campaign(setting, assumptions(spread=0.0), 1).process[0]) < 1e-9


def test_raters__rate_at_most_what_a_sitting_takes_and_every_unit_gets_its_share() -> None:
    drawn = draw_campaign(of_departments(4, units=6, raters=3, most=2), assumptions(), 5).frame
    answers = drawn.answers[0]
    assert len(answers.codes) == 4 * 3 * 2
    assert np.bincount(answers.sitting).max() == 2
    assert np.bincount(answers.unit).tolist() == [4] * 6
    # Which cards are about which unit is not known then.
    assert drawn.fieldwork["u0", "related_department"].handed_out is None


def test_raters__of_one_sitting__share_its_time() -> None:
    answers = draw_campaign(of_departments(4, units=6), assumptions(), 5).frame.answers[0]
    assert answers.seconds is not None
    for sitting in range(3):
        assert len(set(answers.seconds[answers.sitting == sitting].tolist())) == 1


def test_departments_that_the_frame_counts_and_nobody_asks__belong_to_the_truth() -> None:
    listed, more = (of_departments(5, units=30, stated=stated) for stated in (5, 50))
    gaps = [
        np.std(
            np.concatenate(
                [(one := draw_campaign(setting, assumptions(), seed)).people[0] - one.process[0] for seed in range(8)]
            )
        )
        for setting in (listed, more)
    ]
    assert gaps[1] < 0.6 * gaps[0]


def test_two_questionnaires_to_the_same_people__each_stand_for_those_they_ask() -> None:
    base = of_staff(30, units=2, members=100)
    variant = replace(STAFF, id="staff_variant")
    doors = (*base.doors, *(Door("staff_variant", at, 0, 100, 10) for at in range(2)))
    setting = replace(base, questionnaires=(STAFF, variant), doors=doors)
    drawn = draw_campaign(setting, assumptions(), 2)
    assert [len(answers.codes) for answers in drawn.frame.answers] == [60, 20]
    assert np.isfinite(drawn.people).all()
    sittings = [set(answers.sitting.tolist()) for answers in drawn.frame.answers]
    assert not sittings[0] & sittings[1]


def test_nobody_asked__has_no_truth_and_no_answers() -> None:
    setting = replace(of_staff(30), doors=())
    drawn = draw_campaign(setting, assumptions(), 1)
    assert drawn.frame.answers == ()
    assert np.isnan(drawn.people).all()


def test_calls_that_no_campaign_makes__are_refused() -> None:
    setting = of_staff(30)
    unit = setting.units
    with pytest.raises(ValueError, match="more people than there are"):
        replace(setting, doors=(Door(STAFF.id, 0, 0, 10, 11),))
    with pytest.raises(ValueError, match="outside"):
        replace(setting, doors=(Door(STAFF.id, len(unit), 0, 10, 5),))
    with pytest.raises(ValueError, match="not asked"):
        replace(setting, doors=(Door("nothing", 0, 0, 10, 5),))
    with pytest.raises(ValueError, match="more raters"):
        replace(of_departments(2), panels=(Panel(RATERS.id, 0, 3, 4, (0,), 5),))
    with pytest.raises(ValueError, match="response rate"):
        Assumptions(response_rates={"staff": 60})
    with pytest.raises(ValueError, match="negative"):
        assumptions(spread=-1.0)
    assert isinstance(setting, Setting)
    assert all(behaviour.duplicates == 0 for behaviour in default_behaviours().values())
