"""Hashes files come in whole or not at all, never twice, and never with more active cards than people."""

import json
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.accounts.models import AuditEntry
from survey_app.admission import queries as admission
from survey_app.admission.models import AccessCode, CardBatch, CardMovement
from survey_app.admission.operations import activate_spares
from survey_app.admission.rules import MoreActiveThanPeople, code_hash
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.operations.cards import set_tier
from survey_app.campaigns.rules import CampaignClosed
from survey_app.db import Database
from survey_app.errors import BadInput
from survey_app.offline_cards import rules
from survey_app.offline_cards.operations.importing import import_door, judge
from survey_app.offline_cards.rules import HashesFile
from tests.factories.campaign import NOON, doors, draft, make_cards, setup_document
from tests.offline_cards.making import URL, made, order_of


def imported(session: Session, campaign: Campaign, file: HashesFile) -> list[int | None]:
    judge(session, campaign, file, URL)
    places = range(len(file.doors))
    return [import_door(session, campaign, file, place, now=NOON, person_id=None) for place in places]


def faults_of(session: Session, campaign: Campaign, file: HashesFile) -> list[str]:
    with pytest.raises(BadInput) as refused:
        judge(session, campaign, file, URL)
    assert all(fault.zh and fault.en for fault in refused.value.findings)  # type: ignore[attr-defined]
    return [fault.code for fault in refused.value.findings]  # type: ignore[attr-defined]


def changed(file: HashesFile, change: Any) -> HashesFile:
    """The file as somebody would rewrite it who knows how its digest is made."""
    content = file.model_dump()
    change(content)
    order = rules.CardOrder.model_validate(content["order"])
    again = rules.hashes_file(order, {})
    content = again.model_dump(exclude={"digest"}) | {"doors": content["doors"]}
    digest = rules.hashlib.sha256(rules.rfc8785.dumps(content)).hexdigest()
    return rules.read_hashes(json.dumps(content | {"digest": digest}).encode(), "hashes.json")


def test_import__stores_hashes_registers_the_print_and_audits_without_codes(each_database: Database) -> None:
    with each_database.writing() as session:
        campaign = draft(session)
        door = doors(session, campaign, "staff")[0]
        file, codes = made(order_of(session, campaign), {door.id: (door.headcount + 2, door.headcount)})
        (batch,) = imported(session, campaign, file)
        session.commit()
    with each_database.reading() as session:
        stored = {row.hash: row.active for row in session.scalars(select(AccessCode))}
        in_play, spares = codes[door.id][: door.headcount], codes[door.id][door.headcount :]
        assert stored == {code_hash(code): code in in_play for code in codes[door.id]}
        counts = admission.batch_counts(session, [batch])[batch]  # type: ignore[list-item,index]
        assert (counts.made, counts.activated, counts.printed) == (
            door.headcount + 2,
            door.headcount,
            door.headcount + 2,
        )
        assert session.scalars(select(CardMovement.note)).one() == file.label
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "cards.import")).one()
        assert json.loads(entry.detail)["file"] == file.digest
        everything = rules.written(file).decode() + entry.detail
        assert not any(code in everything for code in codes[door.id])
    with each_database.writing() as session:
        # "备用 1" on paper is the first to be activated.
        session.add(CardMovement(batch_id=batch, kind="handed_out", cards=1, on_day=NOON.date(), note=""))
        session.add(CardMovement(batch_id=batch, kind="returned_unused", cards=1, on_day=NOON.date(), note=""))
        activate_spares(session, batch, 1, door.headcount, requested_by=1, approved_by=2)  # type: ignore[arg-type]
        session.flush()
        assert session.get_one(AccessCode, code_hash(spares[0])).active


def test_same_file_again__changes_nothing(each_database: Database) -> None:
    with each_database.writing() as session:
        campaign = draft(session)
        first, second = doors(session, campaign, "staff")[:2]
        file, _ = made(order_of(session, campaign), {first.id: (12, 12), second.id: (11, 11)})
        assert None not in imported(session, campaign, file)
        assert imported(session, campaign, file) == [None, None]
        assert session.scalar(select(func.count()).select_from(CardBatch)) == 2


def test_file_that_was_edited__is_refused(database: Database) -> None:
    with database.writing() as session:
        campaign = draft(session)
        door = doors(session, campaign, "staff")[0]
        file, _ = made(order_of(session, campaign), {door.id: (12, 12)})
        text = rules.written(file).decode()
        with pytest.raises(rules.DamagedFile):
            rules.read_hashes(text.replace(file.doors[0].active[0], "0" * 64).encode(), "hashes.json")
        for broken in (text[:-20], "", "[]", text.replace('"active"', '"actve"'), "{}"):
            with pytest.raises(rules.UnreadableCardFile) as refused:
                rules.read_hashes(broken.encode(), "hashes.json")
            assert "hashes.json" in refused.value.message("zh")
        with pytest.raises(rules.UnreadableCardFile):
            rules.read_hashes(rules.written(file.order), "order.json")


def test_order_that_was_not_issued_here__is_refused(database: Database) -> None:
    with database.writing() as session:
        campaign = draft(session)
        door = doors(session, campaign, "staff")[0]
        file, _ = made(order_of(session, campaign), {door.id: (12, 12)})

        def more_people(content: dict[str, Any]) -> None:
            content["order"]["doors"][0]["headcount"] += 1

        with pytest.raises(rules.NotOurOrder):
            judge(session, campaign, changed(file, more_people), URL)
        other = draft(session, setup_document(1, code="other"))
        with pytest.raises(rules.OtherCampaign):
            judge(session, other, file, URL)
        with pytest.raises(rules.AddressMoved):
            judge(session, campaign, file, "https://new.example.cn")
        campaign.state = "closed"
        with pytest.raises(CampaignClosed):
            judge(session, campaign, file, URL)
        with pytest.raises(CampaignClosed):
            order_of(session, campaign)


def test_every_wrong_door__is_told_and_nothing_is_stored(each_database: Database) -> None:
    with each_database.writing() as session:
        campaign = draft(session)
        first, second = doors(session, campaign, "staff")[:2]
        third, fourth = doors(session, campaign, "service_recipient")[:2]
        order = order_of(session, campaign)
        wanted = {first.id: (first.headcount + 1, first.headcount + 1), second.id: (5, 5), third.id: (9, 9)}
        file, _ = made(order, wanted | {fourth.id: (4, 4)})

        def spoil(content: dict[str, Any]) -> None:
            content["doors"].append({"collector": 9999, "active": ["f" * 64], "spare": []})
            content["doors"].append(content["doors"][1] | {"active": ["e" * 64]})
            content["doors"][1]["spare"] = content["doors"][1]["active"][:2]

        set_tier(session, campaign, third.id, "T0", now=NOON, person_id=None)
        assert faults_of(session, campaign, changed(file, spoil)) == [
            "more_active_than_people",
            "hash_twice",
            "open_link",
            "unknown_collector",
            "collector_twice",
        ]
        assert session.scalar(select(func.count()).select_from(AccessCode)) == 0


def test_hashes_that_are_there_already__in_part_or_elsewhere__are_refused(each_database: Database) -> None:
    with each_database.writing() as session:
        campaign = draft(session)
        first, second = doors(session, campaign, "staff")[:2]
        order = order_of(session, campaign)
        file, _ = made(order, {first.id: (6, 6)})
        imported(session, campaign, file)

        def one_more(content: dict[str, Any]) -> None:
            content["doors"][0]["active"].append("a" * 64)

        def another_door(content: dict[str, Any]) -> None:
            content["doors"][0]["collector"] = second.id

        assert faults_of(session, campaign, changed(file, one_more)) == ["codes_known"]
        assert faults_of(session, campaign, changed(file, another_door)) == ["codes_known"]


def test_cards_made_meanwhile__leave_no_room(each_database: Database) -> None:
    with each_database.writing() as session:
        campaign = draft(session)
        door = doors(session, campaign, "staff")[0]
        file, _ = made(order_of(session, campaign), {door.id: (door.headcount, door.headcount)})
        judge(session, campaign, file, URL)
        make_cards(session, campaign, door.id, 1)
        with pytest.raises(MoreActiveThanPeople):
            import_door(session, campaign, file, 0, now=NOON, person_id=None)
        assert faults_of(session, campaign, file) == ["more_active_than_people"]


def test_order__names_room_and_suggestion_of_every_door_with_cards(each_database: Database) -> None:
    with each_database.writing() as session:
        campaign = draft(session)
        door = doors(session, campaign, "staff")[0]
        link = doors(session, campaign, "service_recipient")[0]
        set_tier(session, campaign, link.id, "T0", now=NOON, person_id=None)
        make_cards(session, campaign, door.id, 10)
        order = order_of(session, campaign)
        found = {one.collector: one for one in order.doors}
        assert link.id not in found
        one = found[door.id]
        assert (one.headcount, one.room) == (door.headcount, door.headcount - 10)
        assert one.suggested == door.headcount - 10
        assert one.mark.startswith("工01")
        marks = [each.mark for each in order.doors]
        assert len(set(marks)) == len(marks)
        assert rules.is_signed(campaign.digest_key, rules.read_order(rules.written(order), "order.json"))
