"""What a set-up means: sample sizes, doors, boxes. The arithmetic stands beside each case."""

import json

import pytest

from survey_app.campaigns import rules
from survey_app.questionnaire.base import Audience
from survey_app.questionnaire.setup import CampaignSetup
from tests.factories.campaign import read, setup_document

AUDIENCE_OF: dict[str, Audience] = {
    "staff": "staff",
    "service_recipient": "service_recipient",
    "service_recipient_inspected": "service_recipient",
    "related_department": "related_department",
}


def setup_with(frame: list[tuple[str, str | None, int]], **unit: object) -> CampaignSetup:
    """A set-up of one unit with this frame; shape only."""
    document = setup_document(1)
    document["departments"] = []
    audiences = list(dict.fromkeys(audience for audience, _, _ in frame)) or ["service_recipient"]
    cells = [{"audience": audience, "stratum": stratum, "size": size} for audience, stratum, size in frame]
    document["units"] = [document["units"][0] | {"audiences": audiences, "frame": cells} | unit]
    return CampaignSetup.model_validate_json(json.dumps(document))


@pytest.mark.parametrize(
    ("people", "answers", "cards"),
    [
        # n = 384.16 / (1 + 383.16 / N), rounded up; cards = answers / 0.5, at most everybody
        (100, 80, 100),
        (200, 132, 200),
        (500, 218, 436),
        (1000, 278, 556),
        (2000, 323, 646),
        (100_000, 383, 766),
    ],
)
def test_recipients__need_answers_for_five_points(people: int, answers: int, cards: int) -> None:
    (need,) = rules.needs(setup_with([("service_recipient", None, people)]))
    assert (need.people, need.answers, need.cards, need.census) == (people, answers, cards, False)


def test_recipients_of_unknown_number__need_385_answers_by_an_open_link() -> None:
    (need,) = rules.needs(setup_with([]))
    assert (need.people, need.answers, need.cards) == (None, 385, None)


@pytest.mark.parametrize(
    ("people", "answers", "cards", "census"),
    [
        (64, 45, 64, True),  # everybody gets a card; 0.7 · 64 = 44.8
        (90, 63, 90, True),  # 0.7 · 90 is 63 exactly, and must not become 64
        (200, 140, 200, True),
        (201, 133, 190, False),  # 384.16 / (1 + 383.16 / 201) = 132.2; 133 / 0.7 = 190
        (400, 197, 282, False),  # 384.16 / (1 + 383.16 / 400) = 196.2; 197 / 0.7 = 281.4
    ],
)
def test_staff__up_to_200_are_asked_all(people: int, answers: int, cards: int, census: bool) -> None:
    (need,) = rules.needs(setup_with([("staff", None, people)]))
    assert (need.answers, need.cards, need.census) == (answers, cards, census)


def test_strata__share_the_answers_of_the_unit_by_size_but_never_under_ten() -> None:
    # n(1000) = 278: 278 · 970 / 1000 = 269.7; 278 · 30 / 1000 = 8.3, and a stratum needs 10
    needs = rules.needs(setup_with([("service_recipient", "窗口", 970), ("service_recipient", "上门", 30)]))
    assert [(need.stratum, need.answers, need.cards) for need in needs] == [("窗口", 270, 540), ("上门", 10, 20)]


def test_departments__are_counted_against_the_least_that_a_score_should_rest_on() -> None:
    setup = read(setup_document(1)).setup
    (need,) = rules.rater_needs(setup)
    assert need.departments == len(setup.departments)
    assert need.raters == sum(department.raters for department in setup.departments)
    assert need.enough == (need.departments >= 8 and need.raters >= 20)


def test_people_invited_by_name__get_a_door_of_tier_2() -> None:
    document = setup_document(1)
    cells = document["units"][0]["frame"]
    # Two small strata share one door, which works by list where both do.
    small = [{"audience": "service_recipient", "stratum": name, "size": 8, "named_list": True} for name in ("甲", "乙")]
    document["units"][0]["frame"] = [cell | {"named_list": cell["audience"] == "staff"} for cell in cells] + small
    planned = rules.plan_collectors(read(document).setup, AUDIENCE_OF)
    tiers = [(one.audience, one.stratum, one.headcount, one.tier) for one in planned if one.unit]
    assert tiers[0] == ("staff", None, 110, "T2")
    assert tiers[-1] == ("service_recipient", None, 16, "T2")
    assert {tier for *_, tier in tiers[1:-1]} == {"T1"}


def test_collectors__are_one_for_each_people_and_questionnaire() -> None:
    setup = read(setup_document(2)).setup
    planned = rules.plan_collectors(setup, AUDIENCE_OF)
    of_first = [
        (one.audience, one.stratum, one.headcount, one.tier) for one in planned if one.unit == setup.units[0].code
    ]
    assert of_first == [
        ("staff", None, 110, "T1"),
        ("service_recipient", "窗口", 1400, "T1"),
        ("service_recipient", "网上", 2600, "T1"),
        ("service_recipient", "上门", 300, "T1"),
    ]
    departments = [one for one in planned if one.department]
    assert [(one.department, one.headcount) for one in departments] == [
        (department.code, department.raters) for department in setup.departments
    ]
    assert len({one.box_group for one in departments}) == 1
    assert len({one.box_group for one in planned if one.unit}) == 8


def test_variant__gets_a_door_of_its_own_for_the_same_people() -> None:
    document = setup_document(1)
    document["questionnaires"] = ["service_recipient", "service_recipient_inspected", "staff", "related_department"]
    planned = rules.plan_collectors(read(document).setup, AUDIENCE_OF)
    window = [one for one in planned if one.stratum == "窗口"]
    assert [one.questionnaire for one in window] == ["service_recipient", "service_recipient_inspected"]
    assert window[0].box_group != window[1].box_group


def test_small_strata__share_one_door_that_names_none() -> None:
    setup = setup_with(
        [("service_recipient", "窗口", 300), ("service_recipient", "上门", 6), ("service_recipient", "网上", 5)]
    )
    planned = rules.plan_collectors(setup, AUDIENCE_OF)
    assert [(one.stratum, one.headcount) for one in planned] == [("窗口", 300), (None, 11)]


def test_unknown_number_of_people__leaves_only_an_open_link() -> None:
    (planned,) = rules.plan_collectors(setup_with([]), AUDIENCE_OF)
    assert (planned.tier, planned.headcount) == ("T0", 0)


def test_staff_of_unknown_number__get_no_open_link_and_cannot_open() -> None:
    setup = setup_with([], audiences=["staff"])
    (planned,) = rules.plan_collectors(setup, AUDIENCE_OF)
    assert (planned.tier, planned.headcount) == ("T1", 0)
    group = rules.PlannedGroup(("某局",), people=0, activated=0, has_open_link=False)
    assert [fault.code for fault in rules.group_faults([group])] == ["people_unknown"]


def test_report_group__shares_one_box_for_each_audience() -> None:
    document = setup_document(3)
    for unit in document["units"][:2]:
        unit["report_group"] = "g1"
    planned = rules.plan_collectors(read(document).setup, AUDIENCE_OF)
    groups = {(one.audience, one.unit): one.box_group for one in planned if one.audience == "staff"}
    units = [unit["code"] for unit in document["units"]]
    assert groups["staff", units[0]] == groups["staff", units[1]] != groups["staff", units[2]]
    recipients = {one.box_group for one in planned if one.audience == "service_recipient" and one.unit in units[:2]}
    assert len(recipients) == 1
    assert recipients.isdisjoint(groups.values())


def test_box_group_names__fit_their_column() -> None:
    document = setup_document(1)
    document["units"][0] |= {"code": "u" * 64}
    document["units"][0]["frame"][0]["stratum"] = "层" * 64
    document["departments"] = []
    document["units"][0]["audiences"] = ["staff", "service_recipient"]
    document["questionnaires"] = ["staff", "service_recipient"]
    planned = rules.plan_collectors(read(document).setup, AUDIENCE_OF)
    assert max(len(one.box_group) for one in planned) <= 200


def test_long_lists_in_sentences__are_cut() -> None:
    assert rules.in_words("abc") == "a、b、c"
    assert rules.in_words("abcd", most=2) == "a、b …(+2)"
