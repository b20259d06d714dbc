"""Designs that leak must be caught by the same adversary; a test that could not fail would prove nothing.

Each control gives the adversary only what its attack needs: where one copy of the final database is enough, nothing
but that one is looked at.
"""

from collections.abc import Callable
from itertools import pairwise

import pytest

from tests.privacy import bad
from tests.privacy.adversary.backups import permitted
from tests.privacy.adversary.replay import note_places, replayed
from tests.privacy.copies import PostgresCopies, SqliteCopies
from tests.privacy.living import Live, Lived
from tests.privacy.material import History
from tests.privacy.world import Sizes

pytestmark = pytest.mark.xdist_group("privacy controls")

FEW_DOORS = Sizes(own=(18, 24, 30), named=(), shared=(), departments=(), open_link=0)
# As in the measured case: twelve units, backups every night.
TWELVE_DOORS = Sizes(own=(15,) * 12, named=(), shared=(), departments=(), open_link=0)
A_NIGHT = 18
TWO_DOORS = Sizes(own=(10, 12), named=(), shared=(), departments=(), open_link=0)
ONE_LIST = Sizes(own=(), named=(24,), shared=(), departments=(), open_link=0)


def only_the_last_copy(campaign: Lived) -> History:
    """One copy, taken after the close: nothing of when anything happened, but every column of every row."""
    last = campaign.history.copies - 1
    kept = campaign.history.restricted([last])
    for identity, card in kept.cards.items():
        card.facts = {name: value for name, value in campaign.history.cards[identity].facts.items() if "last" in name}
    for key, sitting in kept.sittings.items():
        known = campaign.history.sittings[key].facts
        sitting.facts = {name: value for name, value in known.items() if "last" in name}
    return kept


@pytest.fixture(scope="module")
def without_box(lived: Live) -> Lived:
    """Responses inserted at once, on SQLite."""
    return lived("sqlite", TWELVE_DOORS, variant=bad.no_box)


def test_naive_schema__is_caught_by_ranks_in_one_copy(lived: Live) -> None:
    campaign = lived("sqlite", FEW_DOORS, variant=bad.naive_schema)
    verdict = campaign.verdict(only_the_last_copy(campaign))
    assert verdict.exposed == {}
    assert verdict.right_by("naive_use.id last × naive_response.id last forwards") == 1
    assert verdict.right_by("naive_use.at last × naive_response.at last forwards") == 1
    assert verdict.beyond_chance


def test_wal_mode__is_caught_by_replay_of_one_file(lived: Live) -> None:
    campaign = lived("sqlite", FEW_DOORS, variant=bad.wal_mode)
    assert isinstance(campaign.copies, SqliteCopies)
    verdict = campaign.verdict(replayed(*campaign.copies.files, campaign.history.identities))
    assert len(verdict.exposed) == len(campaign.world.people)
    assert set(verdict.exposed.values()) == {1.0}


def test_no_box__is_caught_by_differences_of_copies(without_box: Lived) -> None:
    verdict = without_box.verdict()
    assert set(verdict.exposed) == set(without_box.people)
    assert set(verdict.exposed.values()) == {1.0}


@pytest.mark.postgres
def test_no_box_on_postgresql__is_caught_by_transactions_in_one_copy_and_by_the_write_ahead_log(lived: Live) -> None:
    campaign = lived("postgresql", FEW_DOORS, variant=bad.no_box)
    assert isinstance(campaign.copies, PostgresCopies)
    last = only_the_last_copy(campaign)
    by_rows = campaign.verdict(last)
    assert by_rows.exposed == {}
    assert by_rows.right_by("one transaction") == 1
    assert by_rows.right_by("access_code.@xmin last × response.@xmin last forwards") == 1
    note_places(last, *campaign.copies.dumped())
    assert campaign.verdict(last).right_by("@wal order × @wal order forwards") == 1


def test_backups_counted_over_the_whole_database__are_caught_by_their_differences(without_box: Lived) -> None:
    nights = range(A_NIGHT, without_box.history.copies, A_NIGHT)
    allowed = permitted(without_box.history, without_box.groups, of="database")
    nightly = [next(copy for copy in allowed if copy >= night) for night in nights if night <= allowed[-1]]
    exposed = [
        at
        for one, other in pairwise(nightly)
        for at in without_box.verdict(without_box.history.restricted([one, other])).exposed.values()
    ]
    assert 1.0 in exposed
    assert exposed.count(1.0) > len(without_box.people) // 10


def test_backups_counted_in_each_group__of_the_same_campaign__single_nobody_out(without_box: Lived) -> None:
    kept = permitted(without_box.history, without_box.groups, of="group")
    assert kept
    verdict = without_box.verdict(without_box.history.restricted(kept))
    assert max(block.posterior for block in verdict.blocks) <= 1 / 5


def test_real_backups__of_the_same_campaign__single_nobody_out(without_box: Lived) -> None:
    taken = without_box.backups
    # Twelve groups have to have enough at the same moment: most tries are refused.
    assert taken.refused > taken.history.copies >= 1
    verdict = without_box.verdict(taken.history)
    assert max(block.posterior for block in verdict.blocks) <= 1 / 5


def test_real_backups_without_the_rule__are_caught_by_their_differences(lived: Live) -> None:
    campaign = lived("sqlite", TWO_DOORS, variant=bad.backups_without_a_rule)
    assert campaign.backups.refused == 0
    exposed = campaign.verdict(campaign.backups.history).exposed
    assert len(exposed) == len(campaign.world.people)
    assert set(exposed.values()) == {1.0}


@pytest.mark.parametrize("variant", [bad.not_blinded, bad.message_on_the_list])
def test_token_that_the_list_knows__is_caught_by_equality(
    lived: Live, variant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    campaign = lived("sqlite", ONE_LIST, variant=variant)
    verdict = campaign.issue_verdict()
    assert verdict.exposed == {}
    assert verdict.right_by("equal values") == 1
    assert verdict.beyond_chance[0].attack.startswith("equal values")


def test_response_id_that_is_the_nonce__is_caught_by_equality_in_one_copy(lived: Live) -> None:
    campaign = lived("sqlite", FEW_DOORS, variant=bad.id_is_nonce)
    verdict = campaign.verdict(only_the_last_copy(campaign))
    assert verdict.exposed == {}
    assert verdict.right_by("equal values") == 1
    assert verdict.beyond_chance[0].attack.startswith("equal values")
