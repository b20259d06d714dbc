"""Announcing a draw and drawing. What must stay true: the seed's hash or source and the list's hash are recorded before
the seed is known here; a draw is done once; of the list nothing stays but its hash and how many people its strata have.
"""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.accounts.operations.audit import record
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries import campaigns
from survey_app.draws import queries, rules
from survey_app.draws.models import SampleDraw
from survey_app.draws.rules import ListedRow
from survey_app.fieldwork.operations.list_file import read_lines

_LONGEST = 200
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True)
class DrawList:
    """A list as it is drawn from: the hash of its file and its rows."""

    digest: str
    rows: tuple[ListedRow, ...]


def read_draw_list(name: str, data: bytes, stratum_column: str | None) -> DrawList:
    """A CSV file or workbook: headings in the first row, then one person a row; rows that hold nothing are no people.

    Raises BadInput, NobodyListed, NoSuchColumn, RowTwice, NotAStratum.
    """
    heading, *lines = read_lines(name, data, rules.MOST_ROWS)
    headings = [cell.strip() for cell in heading.cells]
    place = None
    if stratum_column:
        if stratum_column not in headings or len(stratum_column) > _LONGEST:
            found = "、".join(filter(None, headings)) or "–"
            raise rules.NoSuchColumn(column=stratum_column, found=found)
        place = headings.index(stratum_column)
    rows = []
    seen: dict[tuple[str, ...], int] = {}
    for line in lines:
        cells = tuple(cell.strip() for cell in line.cells)
        if not any(cells):
            continue
        if cells in seen:
            raise rules.RowTwice(row=line.number, first=seen[cells])
        seen[cells] = line.number
        rows.append(ListedRow(line.number, cells[place] if place is not None and place < len(cells) else ""))
    if not rows:
        raise rules.NobodyListed
    if stratum_column:
        rules.check_strata(stratum_column, Counter(row.stratum for row in rows), len(rows))
    return DrawList(hashlib.sha256(data).hexdigest(), tuple(rows))


def announce(
    session: Session,
    campaign: Campaign,
    listed: DrawList,
    *,
    wanted: int,
    stratum_column: str | None,
    purpose: str,
    seed_hash: str,
    seed_source: str,
    now: datetime,
    person_id: int | None,
) -> SampleDraw:
    """Record what will be drawn, and by which seed, before anybody can know who it will be.

    seed_hash: SHA-256 of a seed that somebody keeps secret, in hexadecimal; seed_source: the public event that will
    give it; one of them blank. Raises SampleSize, SeedNotAnnounced.
    """
    campaigns.hold(session, campaign)
    rules.check_size(wanted, len(listed.rows))
    digest, source = seed_hash.strip().lower(), seed_source.strip()[:_LONGEST]
    if bool(digest) == bool(source) or (digest and not (len(digest) == 64 and set(digest) <= _HEX)):
        raise rules.SeedNotAnnounced
    newest = session.scalar(select(func.max(SampleDraw.number)).where(SampleDraw.campaign_id == campaign.id))
    shares = rules.shares(listed.rows, wanted)
    made = SampleDraw(
        campaign_id=campaign.id,
        number=(newest or 0) + 1,
        purpose=purpose.strip()[:_LONGEST],
        algorithm=rules.ALGORITHM,
        list_hash=listed.digest,
        people=len(listed.rows),
        wanted=wanted,
        stratum_column=stratum_column or None,
        strata=json.dumps([[share.stratum, share.people, share.wanted] for share in shares], ensure_ascii=False),
        seed_hash=digest or None,
        seed_source=source or None,
        announced_by=person_id,
        announced_at=now,
    )
    session.add(made)
    session.flush()
    detail: dict[str, object] = {"draw": made.number, "algorithm": made.algorithm, "list": made.list_hash}
    detail |= {"people": made.people, "wanted": wanted, "seed_hash": made.seed_hash, "seed_source": made.seed_source}
    record(session, now, person_id, "draw.announce", f"campaign:{campaign.code}", detail)
    return made


def perform(
    session: Session,
    campaign: Campaign,
    number: int,
    name: str,
    data: bytes,
    *,
    seed: str,
    now: datetime,
    person_id: int | None,
) -> SampleDraw:
    """Draw, with the announced list and seed, and record the result.

    Raises NotFound, DrawnBefore, SeedNeeded, OtherSeed, OtherList, BadInput.
    """
    campaigns.hold(session, campaign)
    found = queries.sample_draw(session, campaign.id, number)
    if found.drawn is not None:
        raise rules.DrawnBefore(number=number)
    seed = seed.strip()
    if not 1 <= len(seed) <= rules.LONGEST_SEED:
        raise rules.SeedNeeded
    if found.seed_hash is not None and rules.seed_digest(seed) != found.seed_hash:
        raise rules.OtherSeed
    digest = hashlib.sha256(data).hexdigest()
    if digest != found.list_hash:
        raise rules.OtherList(announced=found.list_hash[:12], found=digest[:12])
    listed = read_draw_list(name, data, found.stratum_column)
    drawn = rules.draw(seed, listed.digest, listed.rows, found.wanted)
    found.seed, found.drawn = seed, json.dumps(drawn)
    found.drawn_by, found.drawn_at = person_id, now
    session.flush()
    detail = {"draw": number, "seed": seed, "drawn": hashlib.sha256(found.drawn.encode()).hexdigest()}
    record(session, now, person_id, "draw.perform", f"campaign:{campaign.code}", detail)
    return found
