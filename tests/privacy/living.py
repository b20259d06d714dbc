"""A campaign from its opening to its close, watched by the adversary; and the truth that only the test keeps."""

import logging
import random
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import event

from survey_app.app import create_app
from survey_app.campaigns.rules import BOX_SIZE
from survey_app.config import Config
from survey_app.invitations.rules import blind_rsa
from tests.conftest import Cluster
from tests.privacy.adversary.search import address_forms, code_forms, encoded
from tests.privacy.adversary.verdict import Verdict, judge
from tests.privacy.answering import Crowd, Statuses
from tests.privacy.copies import PostgresCopies, SqliteCopies
from tests.privacy.faults import Faults
from tests.privacy.material import History
from tests.privacy.taken import Taken
from tests.privacy.world import Person, Sizes, World, cards_used, make_world

MIN_CELL = 5
_MARKER = re.compile(r"[0-9a-f]{24}")


@dataclass
class Lived:
    """A campaign that is over: what the adversary holds, and what only the test knows.

    truth: card, receipt or token -> sitting. promised: among how many sittings each is to be looked for at least.
    """

    world: World
    copies: SqliteCopies | PostgresCopies
    backups: Taken
    keys: list[tuple[str, bytes]]
    truth: dict[bytes, bytes]
    promised: dict[bytes, int]
    statuses: Statuses
    late: int
    faults: Faults | None
    home: Path
    seed: int

    @property
    def kind(self) -> str:
        """The database: "sqlite" or "postgresql"."""
        return "sqlite" if isinstance(self.copies, SqliteCopies) else "postgresql"

    @property
    def history(self) -> History:
        """The copies, read."""
        return self.copies.history

    @property
    def people(self) -> Mapping[bytes, Person]:
        """Everybody, by the identity of their card or receipt."""
        return {person.identity: person for person in self.world.people}

    @property
    def groups(self) -> dict[int, int]:
        """The box group of each door."""
        return {person.collector: person.group for person in self.world.people}

    def files(self) -> Iterator[tuple[str, bytes]]:
        """What lies in the installation's folder: logs, locks, key files also as they were before the close.

        The database itself is in the copies.
        """
        yield from self.keys
        for path in sorted(self.home.rglob("*")):
            if path.is_file() and "sqlite3" not in path.name:
                yield path.name, path.read_bytes()

    def canaries(self) -> dict[str, list[bytes]]:
        """What must stand nowhere. The code of an open link is public: it hangs on the wall."""
        found: dict[str, list[bytes]] = {}
        for person in self.world.people:
            if person.by_list:
                for what in ("message", "signature"):
                    found[f"{what} of {person.code}"] = list(encoded(getattr(person, what)))
                name = person.token_name
                found[f"name of the token of {person.code}"] = [*encoded(name.encode()), bytes.fromhex(name)]
            if person.grouping != "open":
                found[f"code {person.code}"] = list(code_forms(person.code))
                found[f"draft {person.draft}"] = [*encoded(person.draft.encode()), bytes.fromhex(person.draft)]
            found[f"nonce {person.nonce.hex()}"] = list(encoded(person.nonce))
            found[f"address {person.address}"] = list(address_forms(person.address))
            found[f"agent {person.agent}"] = list(encoded(person.agent.encode()))
        return found

    def verdict(self, history: History | None = None) -> Verdict:
        """What the adversary makes of it all, or of a part of the copies."""
        parts = [self._doors(grouping) for grouping in ("shared", "named", "open")]
        return judge(history or self.history, self.truth, self.promised, self.seed, [part for part in parts if part])

    def issue_verdict(self) -> Verdict:
        """Whether people on the list can be told from their row to the token that they spent.

        Where everybody fetched before anybody answered: elsewhere the time alone tells. The adversary of this one also
        kept every token that was shown at `/t`, which nobody stores.
        """
        assert self.history.issue is not None
        history = self.history.issue.of_doors(set(self.world.fetched_apart))
        people = [person for person in self.world.people if person.collector in self.world.fetched_apart]
        for person in people:
            card, spent = history.cards[person.link_hash], history.sittings[person.identity]
            n = self.world.moduli[person.collector]
            card.facts |= {"row of the list": person.row, "draft": person.draft, "token name": person.token_name}
            card.facts |= {"opened": _opened(card.facts["invitee.blind_signature last"], n)}
            card.facts |= {"order of issue": card.used_at}
            spent.facts |= {"order of storing": spent.seen_at}
            spent.facts |= {"message": person.message, "signature": person.signature}
            spent.facts |= {"encoded": _opened(person.signature, n)}
        truth = {person.link_hash: person.identity for person in people}
        return judge(history, truth, dict.fromkeys(truth, len(people)), self.seed)

    def _doors(self, grouping: str) -> set[int]:
        return {person.collector for person in self.world.people if person.grouping == grouping}


def _opened(signature: bytes, n: int) -> bytes:
    """What was signed: anybody can take a signature back to it with the public key."""
    return pow(int.from_bytes(signature, "big"), blind_rsa.EXPONENT, n).to_bytes(blind_rsa.KEY_BYTES, "big")


def live(config: Config, cluster: Cluster | None, sizes: Sizes, varied: pytest.MonkeyPatch, *, faults: bool) -> Lived:
    """Let everybody answer, then close."""
    seed = secrets.randbits(32)
    chance = random.Random(seed)
    with _logged(config.home / "application.log"):
        app = create_app(config)
        engine = app.extensions["pingyi"].database.engine
        world = make_world(app, config, sizes, chance)
        identities = {person.identity for person in world.people if person.identity}
        listed = {person.link_hash for person in world.people if person.by_list}
        history = History(identities, issue=History(listed))
        folder = config.home.with_name(f"{config.home.name}-backups")
        folder.mkdir()
        backups = Taken(app, folder, History(identities, credentials=history.credentials))
        copies: SqliteCopies | PostgresCopies
        if cluster is None:
            copies = SqliteCopies(config.home / "pingyi.sqlite3", history)
            event.listen(engine, "commit", copies.journal)
        else:
            copies = PostgresCopies(config.database_url, cluster, history)
        copies.take()
        forced = Faults(chance) if faults else None
        if forced is not None:
            forced.install(engine, varied)
            forced.on = True

        def watch() -> None:
            copies.take()
            if forced is None:
                backups.try_after(history)
            elif forced.held is None:
                # What fails is the way of an answer; a backup that fails is tested where it is built.
                forced.on = False
                backups.try_after(history)
                forced.on = True

        crowd = Crowd(world, watch, chance, history, forced)
        crowd.answer(varied)
        if forced is not None:
            forced.on = False
        copies.keep_files()
        keys = [(f"key {path.name}", path.read_bytes()) for path in sorted(config.key_directory.iterdir())]
        world.close()
        copies.take_last()
        backups.take()
    _tell(history, world)
    truth, promised = _truth(history, world), _promises(world)
    statuses, late = crowd.statuses, crowd.late
    return Lived(world, copies, backups, keys, truth, promised, statuses, late, forced, config.home, seed)


def _tell(history: History, world: World) -> None:
    """What the adversary knows besides the database: the printed sheets, the drafts' names, the order of use."""
    printed = {code: at for codes in world.printed.values() for at, code in enumerate(codes)}
    for person in world.people:
        card = history.cards[person.identity]
        card.facts |= {"order of use": card.used_at, "draft": person.draft}
        if person.has_card:
            card.facts |= {"place on the sheet": printed[person.code], "code": person.code}
        elif person.by_list:
            card.facts |= {"row of the list": person.row, "token name": person.token_name, "link": person.code}
            card.facts |= {"message": person.message, "signature": person.signature}
    for sitting in history.sittings.values():
        sitting.facts["order of appearance"] = sitting.seen_at


def _truth(history: History, world: World) -> dict[bytes, bytes]:
    """By the word that each person wrote into their answers; no attack reads what it means."""
    holds: dict[str, bytes] = {}
    for sitting in history.sittings.values():
        for answers in sitting.answers:
            holds |= dict.fromkeys(_MARKER.findall(answers), sitting.key)
    return {person.identity: holds[person.marker] for person in world.people}


def _promises(world: World) -> dict[bytes, int]:
    """How many sittings each person's box holds; where a group has several doors, how many cards of the door were used.

    Full boxes leave as soon as the next holds `min_cell`; what is left at close leaves together.
    """
    promised, come = {}, dict.fromkeys({person.collector for person in world.people}, 0)
    for person in world.people:
        used = cards_used(world.people, person.collector)
        at = come[person.collector]
        come[person.collector] += 1
        full = 0 if person.grouping == "shared" else max(0, (used - MIN_CELL) // BOX_SIZE)
        promised[person.identity] = BOX_SIZE if at < full * BOX_SIZE else used - full * BOX_SIZE
    return promised


@contextmanager
def _logged(path: Path) -> Iterator[None]:
    """Everything that anything logs, down to INFO, with tracebacks, in one file."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()


Live = Callable[..., Lived]
