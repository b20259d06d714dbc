"""The change between two campaigns, computed with a snapshot on a real database: numbers, refusals, verification."""

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from scipy import stats
from sqlalchemy import delete, select, update

from survey_app.campaigns.models import Campaign
from survey_app.db import Database
from survey_app.library.models import FrozenDefinition
from survey_app.scores.models import ScoreSnapshot
from survey_app.scores.operations.verifying import verify
from survey_app.scores.queries.snapshots import named
from survey_app.scores.rules.errors import NoEarlierWave, NothingNew
from tests.scores import evaluation as ev
from tests.scores import waves as wv
from tests.scores.waves import People

STABLE = {"u01": People(60, 0.55), "u02": People(60, 0.7), "u03": People(60, 0.7)}
RISEN = {"u01": People(80, 0.85, 7), "u02": People(80, 0.7, 7), "u03": People(80, 0.72, 7)}


def verified(database: Database) -> list[str]:
    with database.reading() as session:
        return [one.code for one in verify(session, named(session, f"{wv.NOW}/1")).differences]


def test_trend__is_the_difference_of_the_released_scores_by_welch_with_holm(each_database: Database) -> None:
    first, second = wv.two(each_database, STABLE, RISEN)
    now = wv.snapshot(each_database, second, first)
    then, p = wv.report_of(each_database, first), []
    for unit in STABLE:
        before, after, found = wv.score(then, unit), wv.score(now, unit), wv.row(now, unit)
        assert (found["before"], found["after"]) == (before["score"], after["score"])
        assert found["status"] == "ok"
        assert found["difference"] == after["score"] - before["score"]
        v = [before["se_process"] ** 2, after["se_process"] ** 2]
        df = sum(v) ** 2 / (v[0] ** 2 / before["df"] + v[1] ** 2 / after["df"])
        half = stats.t.ppf(0.975, df) * math.sqrt(sum(v))
        assert [found["lo"], found["hi"], found["df"]] == pytest.approx(
            [found["difference"] - half, found["difference"] + half, df], rel=1e-9
        )
        p.append(found["p"])
        assert found["p"] == pytest.approx(2 * stats.t.sf(abs(found["difference"]) / math.sqrt(sum(v)), df), rel=1e-9)
    assert wv.row(now, "u01")["p_holm"] == pytest.approx(3 * min(p))
    assert wv.row(now, "u01")["lo"] > 0
    assert wv.row(now, "u02")["lo"] < 0 < wv.row(now, "u02")["hi"]
    against = now["trends"]["against"]
    with each_database.reading() as session:
        stored = session.scalars(select(ScoreSnapshot).where(ScoreSnapshot.campaign_id == first.campaign)).one()
        assert (against["campaign"], against["number"], against["report_hash"]) == (wv.THEN, 1, stored.report_hash)
    assert now["trends"]["indicators"][0] == {
        "indicator": "public_satisfaction", "new": False, "added": [], "removed": [], "reworded": [], "rescored": [],
        "refusals": [], "cautions": [], "tested": 3,
    }  # fmt: skip


def test_trend__only_of_what_was_released__says_why_where_there_is_no_more(database: Database) -> None:
    then = {"u01": People(7), "u02": People(4), "u03": People(40, link=True), "u04": People(60), "u06": People(60)}
    now = {"u01": People(60), "u02": People(60), "u03": People(60), "u04": People(3), "u05": People(60)}
    # A silent plan has no gates: what is missing then is missing for the rules of publication.
    own = [wv.own_questionnaire(), wv.own_plan(gates=None)]
    first, second = wv.two(database, then, now, own=(own, own), renamed={"u01": "原第一单位"})
    found = wv.snapshot(database, second, first)
    assert {one["unit"]: one["status"] for one in found["trends"]["rows"]} == {
        "u01": "warn_rounded",
        "u02": "undefined_no_score",
        "u03": "warn_open_link",
        "u04": "undefined_no_score",
        "u05": "undefined_not_before",
    }
    rounded = wv.row(found, "u01")
    assert rounded["before"] == round(rounded["before"])
    assert rounded["difference"] == rounded["after"] - rounded["before"]
    for unit in then.keys() & now.keys():
        assert [wv.row(found, unit)[name] for name in ("se", "lo", "hi", "df", "p", "p_holm")] == [None] * 6, unit
    assert [wv.row(found, unit)["difference"] for unit in ("u02", "u04", "u05")] == [None] * 3
    assert found["trends"]["units_gone"] == [{"code": "u06", "name": "第6单位"}]
    assert found["trends"]["units_renamed"] == [{"code": "u01", "before": "原第一单位"}]
    assert found["trends"]["indicators"][0]["tested"] == 0


def test_trend__of_staff_and_departments__is_of_their_own_kind_of_score(database: Database) -> None:
    made = []
    with database.writing() as session:
        for code in (wv.THEN, wv.NOW):
            one = ev.make(session, ev.setup_document(units=2, departments=12, code=code))
            ev.whole(session, one, n=40)
            ev.close(session, one)
            made.append(one)
    then = wv.snapshot(database, made[0])
    found = wv.snapshot(database, made[1], made[0])
    scores = {(one["unit"], one["indicator"]): one for one in then["scores"]}
    rows = {(one["unit"], one["indicator"]): one for one in found["trends"]["rows"]}
    assert rows.keys() == scores.keys()
    # Everybody answered alike in both years: nothing changed, and the errors say so.
    for place, one in rows.items():
        exact = scores[place]["se_process"] is not None
        assert one["status"] == ("ok" if exact else "warn_rounded"), place
        assert one["difference"] == pytest.approx(0, abs=1e-9)
        if exact:
            assert one["se"] == pytest.approx(math.sqrt(2) * scores[place]["se_process"])
    indicators = {one["indicator"]: one for one in found["trends"]["indicators"]}
    assert indicators["related_department_evaluation"]["tested"] == 2
    assert indicators["internal_coordination"]["tested"] == 2


PLAN = wv.own_plan()
PARTS = PLAN["indicators"][0]["parts"]
HARDER = PLAN["points"] | {"sat5": PLAN["points"]["sat5"] | {"b": 50}}
OTHER_WEIGHTS = [PARTS[0] | {"weight": PARTS[0]["weight"] + 0.05}, PARTS[1] | {"weight": PARTS[1]["weight"] - 0.05}]


@pytest.mark.parametrize(
    ("items", "plan", "kind", "names"),
    [
        ({"sr_acc_info": {"text": {"zh": "办事指南写得清楚。"}}}, {}, "reworded", ["sr_acc_info"]),
        ({"sr_acc_info": {"offer_missing": []}}, {}, "reworded", ["sr_acc_info"]),
        ({"sr_acc_info": {"use": "none"}}, {}, "removed", ["sr_acc_info"]),
        ({"sr_eff_shirk": {"reverse_coded": False}}, {}, "rescored", ["sr_eff_shirk"]),
        ({}, {"points": HARDER}, "rescored", ["sr_overall"]),
    ],
)
def test_trend__of_other_items__names_them_and_gives_no_difference(
    database: Database, items: dict[str, Any], plan: dict[str, Any], kind: str, names: list[str]
) -> None:
    own = ([wv.own_questionnaire(), wv.own_plan()], [wv.own_questionnaire(**items), wv.own_plan(**plan)])
    first, second = wv.two(database, STABLE, RISEN, own=own)
    found = wv.snapshot(database, second, first)["trends"]
    changed = {name: found["indicators"][0][name] for name in ("added", "removed", "reworded", "rescored")}
    asked = [{"questionnaire": "own", "item": name} for name in names]
    assert changed == {"added": [], "removed": [], "reworded": [], "rescored": []} | {kind: asked}
    assert [one["status"] for one in found["rows"]] == ["undefined_items_changed"] * 3
    assert [one["difference"] for one in found["rows"]] == [None] * 3


@pytest.mark.parametrize(
    ("plan", "refusals", "cautions", "status"),
    [
        ({"indicator": {"parts": [*OTHER_WEIGHTS, *PARTS[2:]]}}, ["parts"], [], "undefined_method_changed"),
        ({"quality": None}, [], ["exclusion"], "ok"),
        ({"missing": {"dimension_min_answered": 1.0}}, [], ["gaps"], "ok"),
        ({"indicator": {"strata": None}}, [], ["strata"], "ok"),
        ({"confirm": None, "version": "2027"}, [], [], "ok"),
    ],
)
def test_trend__of_another_plan__is_refused_where_the_score_is_another_and_cautioned_where_only_the_way_is(
    database: Database, plan: dict[str, Any], refusals: list[str], cautions: list[str], status: str
) -> None:
    own = ([wv.own_questionnaire(), wv.own_plan()], [wv.own_questionnaire(), wv.own_plan(**plan)])
    first, second = wv.two(database, STABLE, RISEN, own=own)
    found = wv.snapshot(database, second, first)["trends"]
    assert (found["indicators"][0]["refusals"], found["indicators"][0]["cautions"]) == (refusals, cautions)
    assert [one["status"] for one in found["rows"]] == [status] * 3
    assert all((one["difference"] is None) == bool(refusals) for one in found["rows"])


def test_trend__beside_an_earlier_wave_of_other_indicators__names_them(database: Database) -> None:
    first, second = wv.two(
        database, STABLE, RISEN, own=((), [wv.own_questionnaire(), wv.own_plan(indicator={"code": "renamed"})])
    )
    found = wv.snapshot(database, second, first)["trends"]
    assert found["indicators"][0]["new"]
    assert "public_satisfaction" in [one["code"] for one in found["indicators_gone"]]
    assert {one["status"] for one in found["rows"]} == {"undefined_not_before"}


def test_computing_again_for_a_trend__is_allowed_once_for_each_earlier_snapshot(database: Database) -> None:
    first, second = wv.two(database, STABLE, RISEN)
    without = wv.snapshot(database, second)
    assert without["trends"] is None
    found = wv.snapshot(database, second, first)
    assert {name: value for name, value in found.items() if name != "trends"} == {
        name: value for name, value in without.items() if name != "trends"
    }
    for against in (first, None):
        with pytest.raises(NothingNew):
            wv.snapshot(database, second, against)


def test_trend__against_what_is_no_earlier_wave__is_refused(database: Database) -> None:
    first, second = wv.two(database, STABLE, RISEN)
    with database.writing() as session:
        third = wv.wave(session, "pg2024", {"u01": People(40)}, opens=date(2024, 1, 1))  # not computed
    wv.snapshot(database, second)
    for own, against in ((second, second), (second, third), (first, second)):
        with pytest.raises(NoEarlierWave):
            wv.snapshot(database, own, against)
    with database.writing() as session:
        wv.reopened(session, first)
    with pytest.raises(NoEarlierWave):
        wv.snapshot(database, second, first)


def test_verify__with_a_trend__comes_out_again_also_after_the_earlier_campaign_was_computed_anew(
    each_database: Database,
) -> None:
    first, second = wv.two(each_database, STABLE, RISEN)
    wv.snapshot(each_database, second, first)
    assert verified(each_database) == []
    with each_database.writing() as session:
        newer = session.scalars(select(ScoreSnapshot).where(ScoreSnapshot.campaign_id == first.campaign)).one()
        fields = {name: getattr(newer, name) for name in ("computed_at", "provenance", "report_hash")}
        report = newer.report.replace('"score":', '"score":1', 1)
        session.add(ScoreSnapshot(campaign_id=first.campaign, number=2, report=report, **fields))
        session.commit()
    assert verified(each_database) == []


def shifted(session: Any, campaign: int) -> None:
    stored = session.scalars(select(ScoreSnapshot).where(ScoreSnapshot.campaign_id == campaign)).one()
    stored.report = stored.report.replace('"min_cell":5', '"min_cell":6')


def removed(session: Any, campaign: int) -> None:
    session.execute(delete(ScoreSnapshot).where(ScoreSnapshot.campaign_id == campaign))


def unreadable(session: Any, campaign: int) -> None:
    session.execute(update(ScoreSnapshot).where(ScoreSnapshot.campaign_id == campaign).values(report="{"))


def easier(session: Any, campaign: int) -> None:
    plan = session.scalars(select(Campaign.plan_hash).where(Campaign.id == campaign)).one()
    found = session.get_one(FrozenDefinition, plan)
    found.document = found.document.replace('"min_cell":5', '"min_cell":6')


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (shifted, "wave_changed"),
        (removed, "wave_missing"),
        (unreadable, "wave_changed"),
        (easier, "definition_changed"),
    ],
)
def test_verify__after_the_earlier_snapshot_changed__names_it(
    database: Database, change: Callable[[Any, int], None], code: str
) -> None:
    own = ([wv.own_questionnaire(), wv.own_plan(version="1")], [wv.own_questionnaire(), wv.own_plan()])
    first, second = wv.two(database, STABLE, RISEN, own=own)
    wv.snapshot(database, second, first)
    with database.writing() as session:
        change(session, first.campaign)
        session.commit()
    assert verified(database) == [code]
    with database.reading() as session:
        lines = list(verify(session, named(session, f"{wv.NOW}/1")).lines())
    assert any("against" in line for line in lines)


def test_stored_difference_that_was_changed__is_found_at_its_place(database: Database) -> None:
    first, second = wv.two(database, STABLE, RISEN)
    wv.snapshot(database, second, first)
    with database.reading() as session:
        stored = session.scalars(select(ScoreSnapshot.id).where(ScoreSnapshot.campaign_id == second.campaign)).one()
    with database.writing() as session:
        row = session.get_one(ScoreSnapshot, stored)
        row.report = row.report.replace('"difference":', '"difference":1', 1)
        session.commit()
    assert set(verified(database)) == {"report_changed"}
