"""Nobody can be found again: the whole campaign, lived through with faults, before the whole adversary.

Passing means: these known attacks did no better than chance.
"""

from collections.abc import Callable

import pytest

from tests.privacy.adversary.backups import permitted
from tests.privacy.adversary.replay import note_places
from tests.privacy.adversary.search import search
from tests.privacy.adversary.verdict import Guess, Verdict
from tests.privacy.copies import PostgresCopies
from tests.privacy.living import Live, Lived
from tests.privacy.world import cards_used

KINDS = [
    pytest.param("sqlite", marks=pytest.mark.xdist_group("privacy on SQLite")),
    pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.xdist_group("privacy on PostgreSQL")]),
]


FEWEST_ATTACKS = 1000


@pytest.fixture(scope="module", params=KINDS)
def campaign(request: pytest.FixtureRequest, lived: Live) -> Lived:
    """Twelve doors, a collection group, eight departments and an open link, with faults at every step."""
    return watched(lived, request.param)


def watched(lived: Live, kind: str) -> Lived:
    made = lived(kind, faults=True)
    if isinstance(made.copies, PostgresCopies):
        assert made.history.issue is not None
        dumped = made.copies.dumped()
        assert note_places(made.history, *dumped) >= len(made.history.sittings)
        assert note_places(made.history.issue, *dumped) > 0
    return made


def better_than_chance(campaign: Lived, lived: Live, tried: Callable[[Lived], Verdict]) -> list[Guess]:
    """Attacks that do better than the promise allows, on this campaign and on a new one.

    Chance alone leads to the new one at most once in a hundred runs; a leak works there too.
    """
    suspected = tried(campaign).beyond_chance
    return tried(watched(lived, campaign.kind)).still_beyond(suspected) if suspected else []


def test_everybody__is_stored_once(campaign: Lived) -> None:
    assert len(campaign.history.cards) == len(campaign.world.people)
    assert len(set(campaign.truth.values())) == len(campaign.history.sittings) == len(campaign.world.people)


def test_every_step__failed_in_every_way(campaign: Lived) -> None:
    assert campaign.faults is not None
    assert campaign.faults.never_met() == set()
    assert {200, 303, 422, 500, 503} <= campaign.statuses.seen.keys()
    assert campaign.late > 0


def test_adversary__does_no_better_than_the_promise(campaign: Lived, lived: Live) -> None:
    verdict = campaign.verdict()
    people = campaign.people
    exposed = [(people[card].audience, people[card].grouping, at) for card, at in verdict.exposed.items()]
    assert exposed == []
    assert len(verdict.guesses) >= FEWEST_ATTACKS
    assert better_than_chance(campaign, lived, Lived.verdict) == []


def test_people_on_a_named_list__are_not_told_from_their_rows_to_their_tokens(campaign: Lived, lived: Live) -> None:
    verdict = campaign.issue_verdict()
    assert len(verdict.blocks) == 1
    assert verdict.exposed == {}
    tried = {guess.attack for guess in verdict.guesses}
    assert len(tried) >= FEWEST_ATTACKS // 2
    assert {"equal values (0)", "order of issue × order of storing forwards (0)"} <= tried
    if isinstance(campaign.copies, PostgresCopies):
        assert "invitee.@wal order × @wal order forwards (0)" in tried
    assert better_than_chance(campaign, lived, Lived.issue_verdict) == []


def test_small_departments__are_told_apart_only_by_how_many_cards_they_used(campaign: Lived) -> None:
    sizes = {block.collector: len(block.sittings) for block in campaign.verdict().blocks}
    departments = {person.collector for person in campaign.world.people if person.audience == "related_department"}
    assert len(departments) == 8
    assert all(sizes[door] == cards_used(campaign.world.people, door) for door in departments)


def test_backups_by_our_rule__give_nobody_away(campaign: Lived) -> None:
    kept = permitted(campaign.history, campaign.groups, of="group")
    assert len(kept) > 5
    assert campaign.verdict(campaign.history.restricted(kept)).exposed == {}


def test_real_backups__give_nobody_away(campaign: Lived, lived: Live) -> None:
    taken = campaign.backups.history
    assert taken.copies > 5
    assert len(taken.sittings) == len(campaign.world.people)
    assert campaign.verdict(taken).exposed == {}
    assert better_than_chance(campaign, lived, lambda one: one.verdict(one.backups.history)) == []


def test_canaries__stand_nowhere(campaign: Lived) -> None:
    pieces = [*campaign.copies.pieces(), *campaign.files(), *campaign.backups.pieces]
    assert any(place.endswith(".signing") for place, _data in campaign.keys)
    assert any(place.endswith("invitee") for place, _data in campaign.backups.pieces)
    assert sum(len(data) for _place, data in pieces) > 1_000_000
    assert any("application.log" in place and b"sitting_not_stored" in data for place, data in pieces)
    assert search(pieces, campaign.canaries()) == []


def test_write_ahead_logs__are_absent_on_sqlite_and_among_the_attacks_on_postgresql(campaign: Lived) -> None:
    if isinstance(campaign.copies, PostgresCopies):
        assert any("@wal order" in guess.attack for guess in campaign.verdict().guesses)
        return
    # The journal holds something while a transaction lasts, and nothing between two requests.
    assert campaign.copies.files[1] == b""
    assert {place for place, _data in campaign.copies.pieces() if place.startswith("-")} == {"-journal"}
    assert (campaign.home / "pingyi.sqlite3-journal").stat().st_size == 0
