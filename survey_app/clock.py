"""The only place that asks what time it is, so that tests can stand still and nothing else reads the clock."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The moment, in UTC, to the microsecond."""
    return datetime.now(UTC)


def today(timezone: str) -> date:
    """The calendar day in a campaign's own time zone (IANA name)."""
    return now().astimezone(ZoneInfo(timezone)).date()
