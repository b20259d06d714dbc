"""The adversary as a whole: every attack on one history, and whether any did better than the promise.

Two things are judged. The posterior that differences of copies give for certain, against what was promised to each
person: exact, no chance in it. And every guess beyond that, by ranks and equalities, against the exact distribution of
right guesses under the promise, with one 99 % bound for the whole family.
"""

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tests.privacy.adversary import chance, joins, ranks
from tests.privacy.adversary.blocks import Block, blocks
from tests.privacy.material import History


@dataclass(frozen=True)
class Guess:
    """How one attack did."""

    attack: str
    right: int
    named: int
    tail: float


@dataclass(frozen=True)
class Verdict:
    """What came of all attacks. exposed: people whose posterior is above the promise, by identity."""

    exposed: Mapping[bytes, float]
    blocks: tuple[Block, ...]
    guesses: tuple[Guess, ...]

    @property
    def allowed(self) -> float:
        """The tail below which one attack is better than chance, with one bound for the family of them all."""
        return chance.bound(len(self.guesses))

    @property
    def beyond_chance(self) -> list[Guess]:
        """Attacks that did better than the bound for the family allows, the best first."""
        beyond = (guess for guess in self.guesses if guess.tail < self.allowed)
        return sorted(beyond, key=lambda guess: guess.tail)

    def still_beyond(self, suspected: Collection[Guess]) -> list[Guess]:
        """Of attacks that were suspected on another campaign, those that do better than chance on this one too.

        These few are the whole family now: a bound for them alone.
        """
        names = {guess.attack for guess in suspected}
        return [guess for guess in self.guesses if guess.attack in names and guess.tail < chance.bound(len(names))]

    def right_by(self, attack: str) -> float:
        """The best share of right pairs among the attacks whose name holds these words."""
        return max(
            (guess.right / guess.named for guess in self.guesses if attack in guess.attack and guess.named), default=0
        )


def judge(
    history: History,
    truth: Mapping[bytes, bytes],
    promised: Mapping[bytes, int],
    seed: int,
    parts: Collection[set[int]] = (),
) -> Verdict:
    """Run every attack on everybody, and on each of these parts (sets of doors) by itself.

    truth: card -> sitting. promised: card -> among how many sittings that of this card may be looked for at least.
    A leak that touches small departments only would drown among all the others; so they are a part of their own.
    """
    found = blocks(history)
    holds = {card: block for block in found for card in block.cards}
    for card, block in holds.items():
        assert truth[card] in block.sittings, "the division is not what the copies say"
    exposed = {card: block.posterior for card, block in holds.items() if len(block.sittings) < promised[card]}
    guesses = []
    for number, part in enumerate([history, *(history.of_doors(doors) for doors in parts)]):
        cards = {card.identity: card.facts for card in part.cards.values()}
        sittings = {sitting.key: sitting.facts for sitting in part.sittings.values()}
        inside = [block for block in found if sittings.keys() >= set(block.sittings)]
        tried = [*joins.pairings(cards, sittings), *ranks.pairings(inside, cards, sittings, random.Random(seed))]
        guesses += [_score(f"{name} ({number})", paired, truth, holds) for name, paired in tried]
    return Verdict(exposed, tuple(found), tuple(guesses))


def _score(attack: str, paired: ranks.Pairing, truth: Mapping[bytes, bytes], holds: Mapping[bytes, Block]) -> Guess:
    right = sum(truth[card] == sitting for card, sitting in paired.items())
    named: dict[Block, int] = {}
    for card, sitting in paired.items():
        # A pair across two blocks is wrong for certain; blocks of one are no guess.
        block = holds.get(card)
        if block is not None and sitting in block.sittings:
            named[block] = named.get(block, 0) + 1
    distribution = chance.right_by_chance((count, len(block.sittings)) for block, count in named.items())
    return Guess(attack, right, len(paired), chance.tail(distribution, right))
