"""Roles, engagements, passwords, blocks and addresses, without a database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from survey_app.accounts.rules import (
    ACTION_NAMES,
    LONGEST_BLOCK,
    ROLE_NAMES,
    CampaignRoleNeeded,
    Engagement,
    Grant,
    NotForAgencies,
    Role,
    SignedIn,
    blocked_until,
    check_role,
    initial_password,
    login_faults,
    office_address,
    password_faults,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def somebody(*grants: Grant) -> SignedIn:
    return SignedIn(1, "甲", "jia", None, "zh", frozenset(grants), b"", NOON)


def test_role_in_a_campaign__holds_there_and_nowhere_else() -> None:
    person = somebody(Grant(Role.EVALUATOR, "a"))
    assert person.holds(frozenset({"evaluator", "designer"}), "a")
    assert not person.holds(frozenset({"evaluator"}), "b")
    assert not person.holds(frozenset({"designer"}), "a")
    assert person.holds(frozenset({"evaluator"}), None)
    assert not person.holds(frozenset({"designer"}), None)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
def test_installation_role__holds_in_every_campaign_where_it_is_listed_and_only_there(role: Role) -> None:
    person = somebody(Grant(role, None))
    assert person.holds(frozenset({role.value, "evaluator"}), "a")
    assert person.holds(frozenset({role.value}), None)
    assert not person.holds(frozenset({"evaluator", "lead_evaluator"}), "a")


def test_nobody_special__holds_nothing() -> None:
    assert not somebody().holds(frozenset(role.value for role in Role), "a")
    assert not somebody().holds(frozenset(role.value for role in Role), None)


@pytest.mark.parametrize(
    ("day", "signed", "allowed"),
    [
        (date(2026, 5, 1), True, True),
        (date(2026, 5, 31), True, True),
        (date(2026, 4, 30), True, False),
        (date(2026, 6, 1), True, False),
        (date(2026, 5, 15), False, False),
    ],
)
def test_engagement__allows_within_its_days_and_with_a_declaration(day: date, signed: bool, allowed: bool) -> None:
    assert Engagement(date(2026, 5, 1), date(2026, 5, 31), signed).allows(day) is allowed


@pytest.mark.parametrize("role", list(Role))
def test_role__of_the_installation_needs_no_campaign_and_others_need_one(role: Role) -> None:
    installation = role in {Role.ADMINISTRATOR, Role.AUDITOR}
    check_role(role, in_campaign=not installation, person_name="甲", agency_id=None)
    with pytest.raises(CampaignRoleNeeded):
        check_role(role, in_campaign=installation, person_name="甲", agency_id=None)


def test_people_of_an_agency__may_be_designer_evaluator_and_lead_only() -> None:
    allowed = set()
    for role in Role:
        try:
            check_role(
                role,
                in_campaign=role not in {Role.ADMINISTRATOR, Role.AUDITOR},
                person_name="甲",
                agency_id=7,
            )
        except NotForAgencies:
            continue
        allowed.add(role)
    assert allowed == {Role.DESIGNER, Role.EVALUATOR, Role.LEAD_EVALUATOR}


def test_every_role_and_act__has_a_name_in_both_languages() -> None:
    assert set(ROLE_NAMES) == set(Role)
    assert all(zh and en for zh, en in [*ROLE_NAMES.values(), *ACTION_NAMES.values()])


@pytest.mark.parametrize("login", ["li", "li.ming", "a-1", "x" * 64, "007"])
def test_good_login__has_no_faults(login: str) -> None:
    assert login_faults(login) == []


@pytest.mark.parametrize("login", ["", "a", "Li", "li ming", "李明", ".li", "li.", "x" * 65, "li\n"])
def test_bad_login__is_refused(login: str) -> None:
    assert login_faults(login)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "elevenchars",
        "111111111111",
        "ababababababab",
        "1QAZ2wsx3edc",
        "Administrator",
        "li.ming2026",
        "x" * 201,
    ],
)
def test_bad_password__is_refused_with_a_reason_in_both_languages(password: str) -> None:
    faults = password_faults(password, "li.ming")
    assert faults
    assert all(" / " in str(fault) for fault in faults)


@pytest.mark.parametrize("password", ["correct horse battery", "纸上得来终觉浅 0417", "li.ming walks to the river"])
def test_good_password__has_no_faults(password: str) -> None:
    assert password_faults(password, "li.ming") == []


def test_initial_password__is_fresh_and_passes_the_rule() -> None:
    made = {initial_password() for _ in range(50)}
    assert len(made) == 50
    assert all(password_faults(password, "li.ming") == [] for password in made)


def test_block__begins_at_the_fifth_failure_and_doubles_up_to_an_hour() -> None:
    minutes = [(blocked_until(failures, NOON) - NOON) // timedelta(minutes=1) for failures in range(14)]
    assert minutes == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert blocked_until(10**9, NOON) - NOON == LONGEST_BLOCK


@pytest.mark.parametrize("wanted", ["/office", "/office/", "/office/audit?person=3", "/office/campaigns/a"])
def test_address_of_the_office__is_followed(wanted: str) -> None:
    assert office_address(wanted) == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        "",
        "https://elsewhere.example/office/",
        "//elsewhere.example/office/",
        "/\\elsewhere.example",
        "/office\\..\\q",
        "/office/../q",
        "/officer",
        "/q",
        "javascript:alert(1)",
        "/office/\nSet-Cookie: a",
        " /office/",
        "\t//elsewhere.example",
    ],
)
def test_any_other_address__leads_to_the_start_page(wanted: str | None) -> None:
    assert office_address(wanted) == "/office/"
