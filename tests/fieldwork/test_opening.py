"""Opening: what it freezes, what it refuses, and who may."""

import json
from dataclasses import replace
from datetime import date

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from survey_app.accounts.models import AuditEntry
from survey_app.accounts.rules import NoDeclaration, NoEngagement
from survey_app.campaigns import rules as campaign_rules
from survey_app.campaigns.models import BoxGroup
from survey_app.campaigns.operations.cards import set_tier
from survey_app.campaigns.queries import campaigns as queries
from survey_app.config import Config
from survey_app.db import Database
from survey_app.errors import BadInput
from survey_app.fieldwork import rules
from survey_app.fieldwork.operations.opening import open_campaign, opening_faults, padded_size
from survey_app.library import queries as library
from survey_app.questionnaire.answers import NOT_KNOWN
from survey_app.questionnaire.identity import content_hash
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.size import largest_sitting
from survey_app.responses.sitting import (
    ENVELOPE_BYTES,
    ENVELOPE_BYTES_PER_UNIT,
    NOT_KNOWN_BYTES,
    Sitting,
    open_sitting,
    seal_sitting,
)
from tests.factories.accounts import add_mandate, add_person, declare
from tests.factories.campaign import NOON, doors, draft, make_cards, opened, setup_document


def codes(error: BadInput) -> set[str]:
    return {finding.code for finding in error.findings}  # type: ignore[attr-defined]


def test_opening__freezes_everything_by_its_hash(each_database: Database, config: Config) -> None:
    document = setup_document(2)
    with each_database.writing() as session:
        campaign = opened(session, config, document)
        session.commit()
        assert campaign.state == "open"
        assert {used.name: used.hash for used in campaign.questionnaires} == {
            name: content_hash(library.builtin("questionnaire", name)[0]) for name in document["questionnaires"]
        }
        assert campaign.plan_hash == content_hash(library.builtin("plan", "default")[0])
        assert campaign.setup_hash == content_hash(document)
        assert {row.state for row in queries.collectors(session, campaign.id)} == {"open"}
        assert queries.plan_of(session, campaign).id == "default"
        assert library.setup(session, campaign.setup_hash).campaign.code == "c2026"
        detail = json.loads(
            session.scalars(select(AuditEntry).where(AuditEntry.action == "campaign.open")).one().detail
        )
        assert detail["plan"] == campaign.plan_hash
        assert set(detail["questionnaires"]) == set(document["questionnaires"])


def test_opening__twice__is_refused(each_database: Database, config: Config) -> None:
    with each_database.writing() as session:
        campaign = opened(session, config)
        with pytest.raises(rules.WrongState):
            open_campaign(session, campaign, config=config, now=NOON, person_id=None, agency_id=None)


def test_boxes__are_padded_to_the_largest_sitting_of_their_doors(each_database: Database, config: Config) -> None:
    with each_database.writing() as session:
        campaign = opened(session, config, setup_document(4))
        sizes = {
            group.name: group.padded_size
            for group in session.scalars(select(BoxGroup).where(BoxGroup.campaign_id == campaign.id))
        }
        most = max(len(department.ratings) for department in campaign.departments)
        questionnaires = queries.questionnaires_of(session, campaign)
        assert sizes["related_department"] == padded_size(questionnaires["related_department"], most)
        assert len({size for name, size in sizes.items() if name.startswith("staff/")}) == 1
        assert min(sizes.values()) > 1000


def test_padding__grows_with_units_up_to_what_one_sitting_rates() -> None:
    questionnaire = Questionnaire.model_validate_json(library.builtin("questionnaire", "related_department")[1])
    section = questionnaire.repeated_section()
    assert section is not None and section.repeat is not None
    most = section.repeat.max
    assert padded_size(questionnaire, 1) < padded_size(questionnaire, most)
    # Beyond that only by what says which units somebody does not know.
    more = padded_size(questionnaire, most + 20) - padded_size(questionnaire, most)
    assert abs(more - 20 * NOT_KNOWN_BYTES) < 256


def test_padding__leaves_room_for_the_envelope_whatever_the_rounding() -> None:
    for name in ("staff", "service_recipient", "related_department"):
        questionnaire = Questionnaire.model_validate_json(library.builtin("questionnaire", name)[1])
        for units in range(1, 6):
            # 4 bytes of length, the envelope, and the number of each unit and of what stands outside them.
            around = 4 + ENVELOPE_BYTES + ENVELOPE_BYTES_PER_UNIT * (units + 1)
            around += NOT_KNOWN_BYTES * units if name == "related_department" and units > 1 else 0
            size = padded_size(questionnaire, units)
            assert size % 256 == 0
            assert 0 <= size - largest_sitting(questionnaire, units) - around < 256


def test_padding__holds_a_sitting_that_knows_none_of_very_many_units() -> None:
    questionnaire = Questionnaire.model_validate_json(library.builtin("questionnaire", "related_department")[1])
    section = questionnaire.repeated_section()
    assert section is not None and section.repeat is not None
    # The worst for the padding is a rated section that takes no room at all.
    rows = [(2**31 - 1, dict(NOT_KNOWN))] * 3000
    payload = len(orjson.dumps(rows))
    assert payload <= padded_size(questionnaire, 3000) - padded_size(questionnaire, section.repeat.max)
    assert payload / 3000 <= NOT_KNOWN_BYTES


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["staff", "service_recipient", "related_department"]), st.integers(1, 5), st.data())
def test_padding__holds_a_sitting_with_every_text_at_its_longest(name: str, units: int, data: st.DataObject) -> None:
    questionnaire = Questionnaire.model_validate_json(library.builtin("questionnaire", name)[1])
    repeated = questionnaire.repeated_section()
    own, each = {}, {}
    for item in questionnaire.answered_items():
        longest = getattr(item, "max_length", None)
        sign = data.draw(st.sampled_from(["字", "𠮷", '"', "a"]))
        choices = [choice.code for choice in item.choices_in(questionnaire)]
        answer = sign * longest if longest else choices if item.type == "multiple" else max(choices, key=len)
        (each if repeated is not None and item in repeated.items else own)[item.id] = answer
    largest_id = 2**31 - 1
    responses = [(None, own), *((largest_id, each) for _ in range(units))] if repeated else [(largest_id, own)]
    sitting = Sitting(
        collector_id=largest_id,
        box_group_id=largest_id,
        code_hash=b"c" * 32,
        receipt=b"r" * 32,
        questionnaire_hash="f" * 64,
        language="zh",
        mode="web",
        duration=30,
        order_number=7,
        flip=False,
        responses=responses,
    )
    sealed = seal_sitting(b"k" * 32, sitting.payload(), padded_size(questionnaire, units), b"row")
    assert open_sitting(b"k" * 32, sealed, b"row").responses == orjson.loads(orjson.dumps(responses))


def test_cards_without_https__are_refused_except_on_this_machine_or_for_a_demonstration(
    database: Database, config: Config
) -> None:
    plain = replace(config, public_url="http://pj.example.cn")
    with database.writing() as session:
        campaign = draft(session)
        with pytest.raises(BadInput) as refused:
            open_campaign(session, campaign, config=plain, now=NOON, person_id=None, agency_id=None)
        assert codes(refused.value) == {"https_needed"}
        assert "PINGYI_PUBLIC_URL" in str(refused.value.findings[0])
        assert campaign.state == "draft"
        for allowed in (replace(config, public_url="https://pj.example.cn"), config):
            assert opening_faults(session, campaign, config=allowed, now=NOON) == []
        campaign.demo = True
        assert opening_faults(session, campaign, config=plain, now=NOON) == []


def test_open_links_alone__need_no_https(database: Database, config: Config) -> None:
    document = setup_document(1)
    document["units"][0]["audiences"] = ["service_recipient"]
    document["units"][0]["frame"] = []
    document["departments"] = []
    document["questionnaires"] = ["service_recipient"]
    with database.writing() as session:
        campaign = draft(session, document)
        found = opening_faults(session, campaign, config=replace(config, public_url="http://pj.example.cn"), now=NOON)
        assert found == []


def test_campaign_whose_last_day_has_passed__is_refused(database: Database, config: Config) -> None:
    with database.writing() as session:
        campaign = draft(session, setup_document(1, closes="2026-05-03"))
        with pytest.raises(BadInput) as refused:
            open_campaign(session, campaign, config=config, now=NOON, person_id=None, agency_id=None)
        assert codes(refused.value) == {"campaign_over"}


def test_last_day__is_that_of_the_campaigns_own_time_zone(database: Database, config: Config) -> None:
    # 2026-05-03 20:00 UTC is already the 4th in Shanghai.
    evening = NOON.replace(day=3, hour=20)
    with database.writing() as session:
        campaign = draft(session, setup_document(1, closes="2026-05-03"))
        assert [fault.code for fault in opening_faults(session, campaign, config=config, now=evening)] == [
            "campaign_over"
        ]
        campaign.timezone = "UTC"
        assert opening_faults(session, campaign, config=config, now=evening) == []


def test_too_few_cards_in_a_box_group__are_named_with_a_remedy(each_database: Database, config: Config) -> None:
    with each_database.writing() as session:
        campaign = draft(session, setup_document(2))
        door = doors(session, campaign, "staff")[0]
        make_cards(session, campaign, door.id, 9)
        with pytest.raises(BadInput) as refused:
            open_campaign(session, campaign, config=config, now=NOON, person_id=None, agency_id=None)
        (fault,) = refused.value.findings
        assert codes(refused.value) == {"too_few_cards"}
        assert door.place in str(fault)
        make_cards(session, campaign, door.id, 1)
        open_campaign(session, campaign, config=config, now=NOON, person_id=None, agency_id=None)


def test_group_of_fewer_than_ten_people__is_refused_and_a_report_group_or_an_open_link_is_not() -> None:
    def faults(**changes: object) -> list[str]:
        group = campaign_rules.PlannedGroup(("某局 · 工作人员 staff",), people=9, activated=0, has_open_link=False)
        return [fault.code for fault in campaign_rules.group_faults([replace(group, **changes)])]  # type: ignore[arg-type]

    assert faults() == ["group_too_small"]
    assert faults(people=10) == []
    assert faults(people=18, names=("甲", "乙")) == []
    assert faults(has_open_link=True) == []
    assert faults(people=30, activated=9) == ["too_few_cards"]
    assert faults(people=30, activated=10) == []


def test_definitions__are_checked_again_at_opening(database: Database, config: Config) -> None:
    with database.writing() as session:
        campaign = draft(session, setup_document(1))
        document = json.loads(campaign.setup)
        for cell in document["units"][0]["frame"]:
            if cell["audience"] == "staff":
                cell["size"] = 12
        campaign.setup = json.dumps(document)
        with pytest.raises(BadInput) as refused:
            open_campaign(session, campaign, config=config, now=NOON, person_id=None, agency_id=None)
        assert codes(refused.value) == {"cell_too_small"}
        assert campaign.plan_hash is None


def test_every_obstacle__is_said_at_once(database: Database, config: Config) -> None:
    with database.writing() as session:
        campaign = draft(session, setup_document(1, closes="2026-05-03"))
        make_cards(session, campaign, doors(session, campaign, "staff")[0].id, 5)
        faults = opening_faults(session, campaign, config=replace(config, public_url="http://pj.example.cn"), now=NOON)
        assert [fault.code for fault in faults] == ["campaign_over", "https_needed", "too_few_cards"]


def test_agency__opens_only_within_its_mandate_and_after_declaring(each_database: Database, config: Config) -> None:
    with each_database.writing() as session:
        campaign = draft(session, setup_document(1))
        agency, mandate = add_mandate(
            session, "甲评估中心", campaign.code, starts=date(2026, 5, 1), ends=date(2026, 5, 31)
        )
        who = add_person(session, "anna", agency_id=agency)

        def attempt(day: int, month: int = 5) -> None:
            now = NOON.replace(day=day, month=month)
            open_campaign(session, campaign, config=config, now=now, person_id=who, agency_id=agency)

        with pytest.raises(NoDeclaration):
            attempt(4)
        declare(session, who, agency, mandate)
        for day, month in ((30, 4), (1, 6)):
            with pytest.raises(NoEngagement):
                attempt(day, month)
        attempt(31)
        assert campaign.state == "open"


def test_tier__chosen_before__is_what_opens(each_database: Database, config: Config) -> None:
    with each_database.writing() as session:
        campaign = draft(session)
        door = doors(session, campaign, "service_recipient")[0]
        set_tier(session, campaign, door.id, "T0", now=NOON, person_id=None)
        open_campaign(session, campaign, config=config, now=NOON, person_id=None, agency_id=None)
        assert (queries.collector(session, campaign.id, door.id).tier, campaign.state) == ("T0", "open")
