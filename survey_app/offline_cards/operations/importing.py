"""Importing a hashes file: judged as a whole first, then stored door by door, each in a transaction of its own.

A door whose hashes are all there already is passed over, so the same file can be handed in again after anything that
went wrong in between.
"""

from collections import Counter
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from survey_app import clock
from survey_app.accounts.operations.audit import record
from survey_app.admission import operations as admission
from survey_app.admission import queries as codes
from survey_app.admission.operations import MOST_CARDS
from survey_app.admission.rules import CodesKnown, MoreActiveThanPeople, TooManyCards
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.campaigns.rules import CampaignClosed, CodesOnly
from survey_app.errors import AppError, BadInput
from survey_app.jobs.models import Job
from survey_app.jobs.operations import keeping
from survey_app.offline_cards import rules
from survey_app.offline_cards.operations.ordering import room
from survey_app.offline_cards.rules import HashedDoor, HashesFile, ImportFault

KIND = "import_cards"


def judge(session: Session, campaign: Campaign, file: HashesFile, public_url: str) -> None:
    """Let pass a hashes file every door of which can be stored.

    Raises OtherCampaign, NotOurOrder, AddressMoved, CampaignClosed, BadInput (every door that is wrong).
    """
    if file.order.campaign != campaign.code:
        raise rules.OtherCampaign(given=file.order.campaign, campaign=campaign.code)
    if not rules.is_signed(campaign.digest_key, file.order):
        raise rules.NotOurOrder(campaign=campaign.code)
    if file.order.public_url != public_url:
        raise rules.AddressMoved(given=file.order.public_url, now=public_url)
    if campaign.state == "closed":
        raise CampaignClosed(campaign=campaign.title)
    faults = _faults(session, campaign, file)
    if faults:
        raise BadInput(list(faults))


def hand_in(
    session: Session, campaign: Campaign, file: HashesFile, public_url: str, *, now: datetime, person_id: int | None
) -> Job:
    """Judge a file and let its import wait for the background. Raises what `judge` raises."""
    judge(session, campaign, file, public_url)
    return keeping.add(session, KIND, campaign.id, rules.written(file), len(file.doors), now=now, person_id=person_id)


def import_step(session: Session, job: Job, step: int) -> None:
    """One door of a file that was handed in, as a job does it. Raises DoorRefused."""
    assert job.payload is not None  # until the job ends
    campaign, file = session.get_one(Campaign, job.campaign_id), _file(job.payload)
    try:
        import_door(session, campaign, file, step, now=clock.now(), person_id=job.person_id)
    except AppError as reason:
        collector = file.doors[step].collector
        raise rules.DoorRefused(collector=collector, zh=reason.message("zh"), en=reason.message("en")) from None


def import_door(
    session: Session, campaign: Campaign, file: HashesFile, place: int, *, now: datetime, person_id: int | None
) -> int | None:
    """Store the batch of one door and register it as printed; its number, or None where it was stored before.

    Raises CampaignClosed, NotFound, MoreActiveThanPeople, CodesKnown.
    """
    queries.hold(session, campaign)
    if campaign.state == "closed":
        raise CampaignClosed(campaign=campaign.title)
    door = file.doors[place]
    row = queries.collector(session, campaign.id, door.collector)
    if row.tier == "T0":
        raise CodesOnly(door=row.label)
    if _is_stored(session, door):
        return None
    active, spare = _bytes(door.active), _bytes(door.spare)
    batch = admission.import_batch(session, row.id, active, spare, queries.people_for_cards(session, row))
    today = now.astimezone(ZoneInfo(campaign.timezone)).date()
    admission.register(session, batch, "printed", door.cards, on_day=today, note=file.label)
    detail = {"collector": row.id, "door": row.label, "batch": batch, "cards": door.cards, "activated": len(active)}
    record(session, now, person_id, "cards.import", f"campaign:{campaign.code}", detail | {"file": file.digest})
    return batch


def _faults(session: Session, campaign: Campaign, file: HashesFile) -> list[ImportFault]:
    rows = {row.id: row for row in queries.collectors(session, campaign.id)}
    ordered = {door.collector for door in file.order.doors}
    times = Counter(one for door in file.doors for one in (*door.active, *door.spare))
    seen: set[int] = set()
    faults = []
    for door in file.doors:
        row = rows.get(door.collector)
        if row is None or door.collector not in ordered:
            faults.append(rules.unknown_door(door.collector))
        elif door.collector in seen:
            faults.append(rules.door_twice(row.label))
        else:
            faults += _door_faults(session, row, door, times)
        seen.add(door.collector)
    return faults


def _door_faults(session: Session, row: CollectorRow, door: HashedDoor, times: Counter[str]) -> list[ImportFault]:
    if row.tier == "T0":
        return [rules.open_door(row.label)]
    if not 1 <= door.cards <= MOST_CARDS:
        return [rules.refused(row.label, TooManyCards(cards=door.cards, most=MOST_CARDS))]
    repeated = sum(times[one] > 1 for one in (*door.active, *door.spare))
    if repeated:
        return [rules.hash_twice(row.label, repeated)]
    if _is_stored(session, door):
        return []
    known = sum(codes.known(session, _all(door)).values())
    if known:
        return [rules.refused(row.label, CodesKnown(cards=known))]
    left = room(session, row)
    if len(door.active) > left:
        return [rules.refused(row.label, MoreActiveThanPeople(cards=len(door.active), room=left))]
    return []


def _is_stored(session: Session, door: HashedDoor) -> bool:
    return codes.known(session, _all(door)) == {door.collector: door.cards}


def _all(door: HashedDoor) -> list[bytes]:
    return _bytes([*door.active, *door.spare])


def _bytes(hashes: list[str]) -> list[bytes]:
    return [bytes.fromhex(one) for one in hashes]


@lru_cache(maxsize=1)
def _file(payload: bytes) -> HashesFile:
    # Every step of a job gets the whole payload; it is read once.
    return rules.read_hashes(payload, KIND)
