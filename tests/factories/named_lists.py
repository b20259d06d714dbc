"""Named lists on the office's side: a campaign with one door by list, and list files as agencies send them."""

import io
from collections.abc import Sequence

from openpyxl import Workbook
from sqlalchemy.orm import Session

from survey_app.campaigns.models import Campaign
from survey_app.campaigns.operations.cards import set_tier
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.fieldwork.operations import named_lists
from tests.factories.campaign import NOON, doors, draft, setup_document


def csv_file(people: int = 12, heading: str = "姓名,联系方式,备注") -> bytes:
    """A list as it leaves a spreadsheet program."""
    rows = [f"受邀人{number:03},1380000{number:04},{'处长' if number == 1 else ''}" for number in range(1, people + 1)]
    return "\r\n".join([heading, *rows, ""]).encode()


def xlsx_file(rows: Sequence[Sequence[object]]) -> bytes:
    """A workbook with these rows in its first sheet."""
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def list_campaign(session: Session) -> tuple[Campaign, CollectorRow]:
    """A draft whose first door of staff works by named list; flushed, not committed."""
    campaign = draft(session, setup_document(2))
    door = doors(session, campaign, "staff")[0]
    set_tier(session, campaign, door.id, "T2", now=NOON, person_id=None)
    return campaign, doors(session, campaign, "staff")[0]


def with_list(session: Session, people: int = 12) -> tuple[Campaign, CollectorRow]:
    """The same with a list of so many people."""
    campaign, door = list_campaign(session)
    named_lists.import_list(session, campaign, door.id, "名单.csv", csv_file(people), now=NOON, person_id=None)
    return campaign, doors(session, campaign, "staff")[0]
