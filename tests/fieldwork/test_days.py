"""Days begin and end where the campaign is: borders, clocks that are put forward and back, closing when it is due."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from survey_app import clock
from survey_app.accounts.models import AuditEntry
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries.doors import Door, standing
from survey_app.campaigns.queries.doors import door as find_door
from survey_app.cli.main import main
from survey_app.config import Config
from survey_app.db import Database
from survey_app.fieldwork.operations.closing import due_campaigns
from survey_app.responses.rules import closing_moment
from tests.factories.campaign import doors, opened, setup_document

ZONES = ["Asia/Shanghai", "Asia/Urumqi", "Europe/Berlin", "Asia/Beirut", "America/Santiago", "Pacific/Chatham"]
# Nights in which clocks change: in Berlin by night, in Beirut and Santiago at midnight itself, which then is not there.
NIGHTS = [date(2026, 3, 28), date(2026, 3, 29), date(2026, 9, 5), date(2026, 10, 24), date(2026, 4, 4)]


def first_moment(day: date, zone: str) -> datetime:
    """When a day begins there, found without any arithmetic of clocks: the first second that bears its date."""
    low = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=2)
    seconds = [0, 4 * 86400]
    while seconds[1] - seconds[0] > 1:
        middle = sum(seconds) // 2
        begun = (low + timedelta(seconds=middle)).astimezone(ZoneInfo(zone)).date() >= day
        seconds[begun] = middle
    return low + timedelta(seconds=seconds[1])


@pytest.fixture
def door(database: Database, config: Config) -> Door:
    with database.writing() as session:
        campaign = opened(session, config, setup_document(1))
        found = find_door(session, doors(session, campaign, "staff")[0].id)
        assert found is not None
        return found


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("last", NIGHTS)
def test_last_day__ends_with_its_last_second_where_the_campaign_is(
    door: Door, zone: str, last: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = replace(door, timezone=zone, opens=last - timedelta(days=1), closes=last)
    over, begins = first_moment(last + timedelta(days=1), zone), first_moment(there.opens, zone)
    found = []
    for moment in (begins - timedelta(seconds=1), begins, over - timedelta(seconds=1), over):
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        found.append(standing(there, clock.today(zone)))
    assert found == ["not_yet", "open", "open", "closed"]
    # What a page given out on the last day is good for ends at the same moment.
    assert closing_moment(last, zone).timestamp() == over.timestamp()


@pytest.mark.parametrize("zone", ZONES)
def test_campaign__is_due_from_the_first_second_after_its_last_day(
    database: Database, config: Config, zone: str
) -> None:
    last = date(2026, 10, 24)
    over = first_moment(last + timedelta(days=1), zone)
    with database.writing() as session:
        campaign = opened(session, config, setup_document(1))
        campaign.timezone, campaign.closes = zone, last
        session.flush()
        assert due_campaigns(session, over - timedelta(seconds=1)) == []
        assert due_campaigns(session, over) == ["c2026"]
        campaign.state = "paused"
        session.flush()
        assert due_campaigns(session, over) == ["c2026"]
        campaign.state = "closed"
        session.flush()
        assert due_campaigns(session, over) == []


def test_close_due__closes_those_that_are_over_and_no_others(
    database: Database, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as session:
        opened(session, config, setup_document(1, code="over")).closes = date(2026, 5, 31)
        opened(session, config, setup_document(1, code="runs"))
        session.commit()
    monkeypatch.setenv("PINGYI_HOME", str(config.home))
    monkeypatch.setenv("PINGYI_SECRET_KEY", "k" * 32)
    # The 31st of May is over in Shanghai, while it is not in London.
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 5, 31, 16, tzinfo=UTC))
    said = CliRunner().invoke(main, ["close", "--due"], catch_exceptions=False)
    assert said.exit_code == 0, said.output
    assert "over" in said.output
    assert "runs" not in said.output
    with database.reading() as session:
        assert dict(session.execute(select(Campaign.code, Campaign.state)).all()) == {"over": "closed", "runs": "open"}
        closed = session.scalars(select(AuditEntry).where(AuditEntry.action == "campaign.close")).one()
        assert (closed.subject, closed.person_id) == ("campaign:over", None)
    assert CliRunner().invoke(main, ["close", "--due"], catch_exceptions=False).output == ""
    assert CliRunner().invoke(main, ["close"]).exit_code == 2
    assert CliRunner().invoke(main, ["close", "runs", "--due"]).exit_code == 2
