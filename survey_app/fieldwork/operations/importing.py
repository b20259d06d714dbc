"""Importing a file of answers: read, checked row by row with nothing stored, then stored whole or not at all.

What must stay true: every row that is not stored is named with its reason; rows go in like a box that is emptied, in
random order under fresh ids, never fewer than `min_cell` of a box group; addresses, numbers and clock times of the file
are never stored; of a stored row only an HMAC is kept, until close, so that it is not stored twice.
"""

import hashlib
import hmac
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from survey_app.accounts.operations.audit import record
from survey_app.campaigns.models import BoxGroup, Campaign
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.fieldwork import rules
from survey_app.fieldwork.import_errors import ImportedBefore, NothingToImport, reason
from survey_app.fieldwork.import_rules import Refusal
from survey_app.fieldwork.operations.import_reading import Accepted, Checked, Reader, Wanted
from survey_app.fieldwork.operations.import_table import Table
from survey_app.fieldwork.operations.people import people_left
from survey_app.fieldwork.paper_models import AnswerImport, ImportedRow, ImportMapping
from survey_app.responses.boxes import Boxes
from survey_app.responses.sitting import OpenedSitting, duration_step
from survey_app.scores.operations.import_times import verdict_on_times


def check_file(session: Session, campaign: Campaign, table: Table, data: bytes, wanted: Wanted) -> Checked:
    """Read every row and store nothing. Raises NotFound, WrongColumns, ImportedBefore."""
    reader = Reader(session, campaign, table, wanted)
    if session.scalar(
        select(AnswerImport.id).where(
            AnswerImport.campaign_id == campaign.id, AnswerImport.file_digest == _digest(campaign, data)
        )
    ):
        raise ImportedBefore
    checked = reader.read()
    _refuse_known_rows(session, campaign, checked, table)
    _refuse_beyond_headcount(session, checked, reader.rows)
    _refuse_small_groups(session, checked, reader.rows)
    return checked


def store_file(
    session: Session,
    boxes: Boxes,
    campaign: Campaign,
    table: Table,
    data: bytes,
    *,
    wanted: Wanted,
    now: datetime,
    person_id: int | None,
) -> Checked:
    """Check the file once more and store what can be stored. Run it while no writer is storing, and commit.

    Raises what `check_file` raises, WrongState, NothingToImport.
    """
    queries.hold(session, campaign)
    if campaign.state not in {"open", "paused"}:
        raise rules.wrong_state(campaign.title, campaign.state)  # type: ignore[arg-type]  # a CHECK says so
    checked = check_file(session, campaign, table, data, wanted)
    if not checked.accepted:
        raise NothingToImport
    hash_of = {used.name: used.hash for used in campaign.questionnaires}
    boxes.pool(
        session,
        [
            OpenedSitting(
                collector_id=one.collector_id,
                questionnaire_hash=hash_of[wanted.questionnaire] or "",
                language="zh",
                mode="import",
                duration=None if one.seconds is None else duration_step(one.seconds),
                order_number=0,
                flip=False,
                pilot=False,
                responses=one.responses,
            )
            for one in checked.accepted
        ],
    )
    known = sorted({digest for one in checked.accepted for digest in one.hashes})
    if known:
        session.execute(insert(ImportedRow), [{"campaign_id": campaign.id, "hash": digest} for digest in known])
    verdict = verdict_on_times(
        [one.started for one in checked.accepted],
        [one.seconds for one in checked.accepted],
        [one.collector_id for one in checked.accepted],
    )
    session.add(
        AnswerImport(
            campaign_id=campaign.id,
            questionnaire=wanted.questionnaire,
            file_digest=_digest(campaign, data),
            sittings=len(checked.accepted),
            refused=checked.refused_rows,
            suspicious=verdict,
        )
    )
    columns = {table.headings[place]: holds for place, holds in sorted(wanted.columns.items())}
    session.merge(
        ImportMapping(
            campaign_id=campaign.id,
            questionnaire=wanted.questionnaire,
            columns=json.dumps(columns, ensure_ascii=False),
        )
    )
    session.flush()
    detail = {"questionnaire": wanted.questionnaire, "sittings": len(checked.accepted)}
    record(
        session,
        now,
        person_id,
        "answers.import",
        f"campaign:{campaign.code}",
        detail | {"refused": checked.refused_rows, "columns": columns},
    )
    return checked


def remembered(session: Session, campaign: Campaign, questionnaire: str) -> dict[str, str]:
    """What headings meant at the last import of this questionnaire."""
    kept = session.get(ImportMapping, (campaign.id, questionnaire))
    return {} if kept is None else dict(json.loads(kept.columns))


def imports(session: Session, campaign_id: int) -> list[AnswerImport]:
    """The files that were stored, oldest first."""
    query = select(AnswerImport).where(AnswerImport.campaign_id == campaign_id).order_by(AnswerImport.id)
    return list(session.scalars(query))


def _digest(campaign: Campaign, data: bytes) -> bytes:
    return hmac.digest(campaign.digest_key, b"file " + data, hashlib.sha256)


def _take_out(checked: Checked, which: Sequence[Accepted], code: str) -> None:
    checked.refusals += [Refusal(row, "", "–", "–", *reason(code)) for one in which for row in one.rows]
    checked.refusals.sort(key=lambda refusal: refusal.row)
    gone = {id(one) for one in which}
    checked.accepted = [one for one in checked.accepted if id(one) not in gone]


def _refuse_known_rows(session: Session, campaign: Campaign, checked: Checked, table: Table) -> None:
    if not table.lines:
        return
    stored = set(session.scalars(select(ImportedRow.hash).where(ImportedRow.campaign_id == campaign.id)))
    known = [one for one in checked.accepted if stored & set(one.hashes)]
    _take_out(checked, [one for one in known if one.numbered], "row_imported_before")
    _take_out(checked, [one for one in known if not one.numbered], "content_imported_before")


def _refuse_beyond_headcount(session: Session, checked: Checked, rows: Mapping[int, CollectorRow]) -> None:
    """People who got a card or paper, or were imported before, cannot answer elsewhere as well."""
    coming = Counter(one.collector_id for one in checked.accepted)
    for collector_id, count in sorted(coming.items()):
        left = people_left(session, rows[collector_id])
        if left is not None and count > left:
            mine = [one for one in checked.accepted if one.collector_id == collector_id]
            _take_out(checked, mine, "more_than_people")


def _refuse_small_groups(session: Session, checked: Checked, rows: Mapping[int, CollectorRow]) -> None:
    groups: dict[int, list[Accepted]] = defaultdict(list)
    for one in checked.accepted:
        groups[rows[one.collector_id].box_group_id].append(one)
    for group, members in sorted(groups.items()):
        if len(members) < session.get_one(BoxGroup, group).min_cell:
            _take_out(checked, members, "too_few_together")
