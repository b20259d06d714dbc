"""The campaign that the adversary looks at: twelve doors of 10 to 40 people, a collection group, small departments.

Ten of the twelve doors give cards, two work by named list. At the first of these everybody fetches a credential before
anybody answers; at the second everybody answers at once, so that the time alone tells whose credential was spent.

Everything is made by the real operations and answered through the real pages. What only the test knows, the truth, is
in `Person`: whose card, whose telephone, whose words. Every secret thing is random, so that no order in it can help.
"""

import copy
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from survey_app.admission.rules import code_hash
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.operations import creating
from survey_app.campaigns.operations.cards import set_tier
from survey_app.campaigns.operations.reading import read_setup
from survey_app.campaigns.queries import campaigns as queries
from survey_app.config import Config
from survey_app.fieldwork.operations import closing, named_lists
from survey_app.fieldwork.operations.opening import open_campaign
from survey_app.invitations.rules.lists import Invitation
from tests.factories.campaign import NOON, given, make_cards, setup_document
from tests.factories.named_lists import csv_file
from tests.factories.respondents import document_of

OWN_DOORS = (10, 12, 14, 17, 20, 22, 25, 31, 34, 37)
NAMED_DOORS = (40, 28)
SHARED_DOORS = (6, 7, 9)
DEPARTMENTS = (2, 3, 4, 5, 2, 3, 4, 5)
OPEN_LINK = 15
RETURN = 0.8

AGENT = "Mozilla/5.0 (PrivacyCanary"
_NETWORK = "2001:db8:7e57"


def _address() -> str:
    return _NETWORK + "".join(f":{secrets.randbelow(0x7000) + 0x1000:x}" for _ in range(5))


@dataclass(frozen=True)
class Sizes:
    """How many people stand before each kind of door."""

    own: tuple[int, ...] = OWN_DOORS
    named: tuple[int, ...] = NAMED_DOORS
    shared: tuple[int, ...] = SHARED_DOORS
    departments: tuple[int, ...] = DEPARTMENTS
    open_link: int = OPEN_LINK


@dataclass
class Person:
    """One respondent, as only the test knows them. `identity`: what the database keeps of the right to answer.

    By named list: `code` is the personal link's, `row` the place on the list, `message` and `signature` the token.
    """

    collector: int
    group: int
    audience: str
    code: str
    grouping: str
    identity: bytes = b""
    nonce: bytes = b""
    draft: str = ""
    link_hash: bytes = b""
    row: int = 0
    message: bytes = b""
    signature: bytes = b""
    token_name: str = ""
    marker: str = field(default_factory=lambda: secrets.token_hex(12))
    address: str = field(default_factory=_address)
    agent: str = field(default_factory=lambda: f"{AGENT} {secrets.token_hex(8)})")

    @property
    def has_card(self) -> bool:
        """Whether a card of their own let them in."""
        return self.grouping not in {"open", "named"}

    @property
    def by_list(self) -> bool:
        """Whether they are on a named list."""
        return self.grouping == "named"


@dataclass
class World:
    """An open campaign, who will answer in which order, and the printed batches: codes as they lie on the sheets."""

    app: Flask
    campaign: int
    people: list[Person]
    printed: dict[int, tuple[str, ...]]
    fetched_apart: frozenset[int] = frozenset()
    moduli: dict[int, int] = field(default_factory=dict)

    def close(self) -> None:
        """End the campaign as its page does."""
        installation = self.app.extensions["pingyi"]
        boxes = self.app.extensions["pingyi.boxes"]

        def find(session: Any) -> Campaign:
            return session.get_one(Campaign, self.campaign)  # type: ignore[no-any-return]

        closing.close(installation.writer.exclusively, boxes, find, now=NOON, person_id=None)
        closing.after_closing(installation.database)


def make_world(app: Flask, config: Config, sizes: Sizes, chance: random.Random) -> World:
    """Open the campaign, print the cards, draw who comes and in which order."""
    people: list[Person] = []
    printed: dict[int, tuple[str, ...]] = {}
    with app.extensions["pingyi"].database.writing() as session:
        read = read_setup(given(_setup(sizes)), [given(_small_staff(), "staff.json")])
        campaign = creating.create(session, read, now=NOON, person_id=None, agency_id=None)
        for row in queries.collectors(session, campaign.id):
            if row.audience == "service_recipient":
                set_tier(session, campaign, row.id, "T0", now=NOON, person_id=None)
            if row.tier == "T2":
                file = csv_file(row.headcount)
                named_lists.import_list(session, campaign, row.id, "名单.csv", file, now=NOON, person_id=None)
        open_campaign(session, campaign, config=config, now=NOON, person_id=None, agency_id=None)
        rows = queries.collectors(session, campaign.id)
        doors_of = {row.box_group_id: sum(other.box_group_id == row.box_group_id for other in rows) for row in rows}
        for row in rows:
            if row.open_code is not None:
                people += [_person(row, row.open_code, "open") for _ in range(sizes.open_link)]
                continue
            if row.tier == "T2":
                made = named_lists.make_links(session, campaign, row.id, renew=False, now=NOON, person_id=None)
                chance.shuffle(made)
                people += [_listed(row, one) for one in made[: round(len(made) * RETURN)]]
                continue
            batch = make_cards(session, campaign, row.id, row.headcount)
            printed[row.id] = batch.codes
            grouping = "own" if doors_of[row.box_group_id] == 1 else "shared"
            drawn = list(batch.codes)
            chance.shuffle(drawn)
            come = max(2, round(len(drawn) * RETURN)) if grouping == "shared" else round(len(drawn) * RETURN)
            people += [_person(row, code, grouping) for code in drawn[:come]]
        session.commit()
        number = campaign.id
        apart = frozenset(row.id for row in rows if row.tier == "T2" and row.headcount == sizes.named[0])
    chance.shuffle(people)
    return World(app, number, people, printed, apart)


def cards_used(people: Sequence[Person], collector: int) -> int:
    """How many people of a door answered."""
    return sum(person.collector == collector for person in people)


def _person(row: Any, code: str, grouping: str) -> Person:
    identity = b"" if grouping == "open" else code_hash(code)
    return Person(row.id, row.box_group_id, row.audience, code, grouping, identity)


def _listed(row: Any, invitation: Invitation) -> Person:
    secret = invitation.secret
    made = Person(row.id, row.box_group_id, row.audience, secret, "named", link_hash=code_hash(secret))
    made.row = invitation.position
    return made


def _setup(sizes: Sizes) -> dict[str, Any]:
    document = setup_document(1, code="privacy")
    pattern = document["units"][0]
    units = [_unit(pattern, f"u{at:02}", size, None) for at, size in enumerate(sizes.own, 1)]
    units += [_unit(pattern, f"n{at:02}", size, None, by_list=True) for at, size in enumerate(sizes.named, 1)]
    units += [_unit(pattern, f"g{at:02}", size, "small") for at, size in enumerate(sizes.shared, 1)]
    asked = ["staff"]
    if sizes.departments:
        for unit in units[:2]:
            unit["audiences"] = ["staff", "related_department"]
        asked.append("related_department")
    if sizes.open_link:
        visited = pattern | {"code": "v01", "name": "办事大厅", "report_group": None, "frame": []}
        units.append(visited | {"audiences": ["service_recipient"]})
        asked.append("service_recipient")
    departments = [
        {"code": f"d{at:02}", "name": f"第{at}部门", "raters": raters, "rates": ["u01", "u02"]}
        for at, raters in enumerate(sizes.departments, 1)
    ]
    return document | {"units": units, "departments": departments, "questionnaires": asked}


def _unit(pattern: dict[str, Any], code: str, size: int, group: str | None, *, by_list: bool = False) -> dict[str, Any]:
    frame = [{"audience": "staff", "stratum": None, "size": size, "named_list": by_list}]
    told = {"code": code, "name": f"单位{code}", "audiences": ["staff"], "report_group": group, "frame": frame}
    return pattern | told


def _small_staff() -> dict[str, Any]:
    """The built-in questionnaire without the item that small units must not be asked."""
    document = copy.deepcopy(document_of("staff"))
    for section in document["sections"]:
        section["items"] = [item for item in section["items"] if item["id"] != "st_tenure"]
        for item in section["items"]:
            if item["type"] == "text":
                item["max_length"] = 100
    return document
