"""The table of power and false alarms: complete, within what it promises, and true (some cells measured again)."""

import pytest
from scipy import stats

from analysis.quality.duplicates import identical_answers
from analysis.quality.signatures import Measured, SignatureKind
from analysis.quality.signatures_measured import MEASURED, SEED, measured_for
from analysis.quality.signatures_structure import missing_structure
from analysis.simulation.forgers import Forger, World, honest_campaign
from analysis.simulation.forgers_times import Arrivals, Script
from analysis.simulation.forgers_trials import measure_answers, measure_times

KNOWN_FALSE_ALARMS = {(SignatureKind.BURST, "meeting"), (SignatureKind.REGULAR_ARRIVALS, "queue")}


def alarms() -> list[Measured]:
    return [row for row in MEASURED if row.forger is None]


def test_false_alarms__of_honest_campaigns__stay_under_one_in_a_hundred_but_for_meetings_and_queues() -> None:
    for row in alarms():
        if (row.kind, row.world) not in KNOWN_FALSE_ALARMS:
            assert row.rate <= 0.01, row
    for world in World:
        for n in (30, 100, 300, 1000):
            assert sum(row.rate for row in alarms() if (row.world, row.n) == (world.value, n)) <= 0.0151


def test_false_alarms__meetings_and_queues__are_said_to_be_certain() -> None:
    for kind, world in KNOWN_FALSE_ALARMS:
        assert max(row.rate for row in alarms() if (row.kind, row.world) == (kind, world)) > 0.9


def test_table__every_kind__has_every_world_forger_share_and_size_once() -> None:
    keys = [(row.kind, row.world, row.forger, row.share, row.n) for row in MEASURED]
    assert len(keys) == len(set(keys))
    worlds = {row.world for row in alarms()}
    assert worlds == {world.value for world in World} | {arrivals.value for arrivals in Arrivals}
    answers = {(row.forger, row.share, row.n) for row in MEASURED if row.kind is SignatureKind.MISSING_STRUCTURE}
    assert {
        (forger.value, share, n) for forger in Forger for share in (0.2, 0.5, 1.0) for n in (30, 100, 300)
    } <= answers
    times = {(row.forger, row.share, row.n) for row in MEASURED if row.kind is SignatureKind.BURST}
    assert {(script.value, share, n) for script in Script for share in (0.2, 0.5, 1.0) for n in (30, 100, 300)} <= times


def again(found: tuple[Measured, ...]) -> None:
    """Rates of fewer draws of the same seeds are those of the table as far as so few can tell."""
    for row in found:
        (listed,) = (
            one
            for one in MEASURED
            if (one.kind, one.world, one.forger, one.share, one.n)
            == (row.kind, row.world, row.forger, row.share, row.n)
        )
        rate = min(max(listed.rate, 0.01), 0.99)
        hits = round(row.rate * row.draws)
        assert stats.binomtest(hits, row.draws, rate).pvalue > 1e-3, (listed, row)


@pytest.mark.parametrize(
    ("world", "forger", "share", "n"),
    [
        (World.THREE_DIMENSIONS, Forger.COPIES, 0.2, 100),
        (World.THREE_DIMENSIONS, Forger.ONE_FACTOR, 1.0, 100),
        (World.THREE_DIMENSIONS, Forger.REPEATS, 0.2, 30),
        (World.CEILING, Forger.COPIES, 0.5, 100),
    ],
)
def test_power__measured_again__is_as_the_table_says(world: World, forger: Forger, share: float, n: int) -> None:
    again(measure_answers(world, n, 25, forger=forger, share=share, seed=SEED))


@pytest.mark.parametrize("world", [World.CEILING, World.ONE_DIMENSION, World.CARELESS])
def test_false_alarms__measured_again__are_as_the_table_says(world: World) -> None:
    again(measure_answers(world, 30, 20, seed=SEED))


def test_times__measured_again__are_as_the_table_says() -> None:
    again(measure_times(Arrivals.BY_THEMSELVES, 100, 25, script=Script.PAUSES, share=0.5, seed=SEED))
    again(measure_times(Arrivals.BY_THEMSELVES, 30, 25, script=Script.PAUSES, share=1.0, seed=SEED))
    again(measure_times(Arrivals.QUEUE, 30, 25, seed=SEED))


def test_measured_for__a_size_between__is_the_next_smaller_one_that_was_measured() -> None:
    kind = SignatureKind.MISSING_STRUCTURE
    for n, sizes in ((5, {30}), (99, {30}), (100, {100}), (999, {300}), (5000, {300, 1000})):
        found = measured_for(kind, n)
        assert {row.n for row in found} == sizes
        assert {row.kind for row in found} == {kind}
        assert len({(row.world, row.forger, row.share) for row in found}) == len(found) == 6 + 3 * 4 * 3


def test_signatures__of_a_campaign__carry_what_was_measured_for_their_size() -> None:
    codes, unit = honest_campaign(World.THREE_DIMENSIONS, (110,) * 6, 1)
    pairs = identical_answers(codes, unit, 6, (5,) * 12, seed=0)
    assert {row.n for row in pairs.measured} <= {30, 100}
    assert {row.kind for row in pairs.measured} == {SignatureKind.IDENTICAL_ANSWERS}
    assert missing_structure(codes, unit, 6)[0].measured == measured_for(SignatureKind.MISSING_STRUCTURE, 110)
