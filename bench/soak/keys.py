"""Key files that are missing, while the server runs and when it starts.

Whoever's answer cannot be sealed or a box cannot be opened gets a page that has lost nothing; doors with keys go on;
the next start pauses the others and says how many answers wait; when the file is back, all of them can be read.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select, update

from bench.campaign import Doors, make_campaign
from bench.postgres import cluster
from bench.serving import NotStarted, Server, serving
from bench.soak.counting import Counted, count
from bench.soak.sending import Answer, Form, Phone, crowd, forms
from survey_app.campaigns.models import Collector
from survey_app.config import Config
from survey_app.db import Database

PORT = 18495
_SITTINGS = 200
_PROBES = 10
_NOT_STORED, _PAUSED = "没能保存", "问卷暂停收集"
_WAITING = "找不到密钥，相关投放已暂停"
_NO_FOLDER = "但密钥文件夹"


def run() -> None:
    """SQLite, then PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="pingyi-soak-") as folder:
        place = Path(folder)
        found = missing(place / "sqlite", {})
        print(f"  SQLite: {found}")
        found.check()
        with cluster(place / "postgres") as postgres:
            found = missing(place / "pg", {"PINGYI_DATABASE_URL": postgres.url})
        print(f"  PostgreSQL: {found}")
        found.check()


def missing(home: Path, database: dict[str, str], port: int = PORT) -> Counted:
    """Take keys away and bring them back, in every way; then what is in the database."""
    home.mkdir()
    environment = {"PINGYI_HOME": str(home), "PINGYI_OPEN_LINK_RATE": "1000000/minute"} | database
    doors = make_campaign(environment, codes=50 * _SITTINGS)
    by_card, by_link = forms(environment, doors), forms(environment, doors, tier="T0")
    with serving(environment, port, None, home / "log") as server:
        with crowd(port, by_card[_PROBES:], 8) as phones:
            phones.wait_for(_SITTINGS)
        file = home / "keys" / f"{_group(environment, doors)}.keys"
        house = _House(home, environment, doors, server, file, iter(by_card[:_PROBES]), iter(by_link))
        house.while_it_runs()
        house.over_a_restart()
        house.without_the_folder()
    return count(environment, doors, [*phones.acknowledged, *house.thanked])


@dataclass
class _House:
    """A server with sittings in its boxes, and forms that nobody has sent."""

    home: Path
    environment: dict[str, str]
    doors: Doors
    server: Server
    file: Path
    by_card: Iterator[Form]
    by_link: Iterator[Form]
    thanked: list[int] = field(default_factory=list)

    def while_it_runs(self) -> None:
        """The file of one group goes, then the folder of all; both come back without a restart."""
        mine, aside = next(self.by_card), self.home / "aside"
        self.file.rename(aside)
        self._send(mine, 503, _NOT_STORED)
        self._link_is_open()
        aside.rename(self.file)
        self._card_is_thanked(mine)
        mine, other = next(self.by_card), next(self.by_link)
        self.file.parent.rename(aside)
        self._send(mine, 503, _NOT_STORED)
        self._send(other, 503, _NOT_STORED)
        aside.rename(self.file.parent)
        self._card_is_thanked(mine)
        self._send(other, 303)

    def over_a_restart(self) -> None:
        """The collector is paused and the operator told; with the file back and the door open again all goes on."""
        mine, aside = next(self.by_card), self.home / "aside"
        self.file.rename(aside)
        self.server.stop()
        self.server.start()
        self._says(_WAITING)
        self._send(mine, 409, _PAUSED)
        _expect(self._phone(lambda phone: phone.get(f"/q/{self.doors.codes[mine.number]}")), 409, _PAUSED)
        self._link_is_open()
        aside.rename(self.file)
        self.server.stop()
        self.server.start()
        _resume(self.environment, self.doors)
        self._card_is_thanked(mine)
        self._link_is_open()

    def without_the_folder(self) -> None:
        """A start is refused while answers wait and the folder of their keys is not there."""
        aside = self.home / "aside"
        self.server.stop()
        self.file.parent.rename(aside)
        try:
            self.server.start()
        except NotStarted:
            self._says(_NO_FOLDER)
        else:
            raise SystemExit("MISSED: the server starts although the folder of the keys is missing")
        aside.rename(self.file.parent)
        self.server.start()
        self._card_is_thanked(next(self.by_card))
        self._link_is_open()

    def _link_is_open(self) -> None:
        self._send(next(self.by_link), 303)

    def _card_is_thanked(self, form: Form) -> None:
        self._send(form, 303)
        self.thanked.append(form.number)

    def _send(self, form: Form, status: int, says: str = "") -> None:
        answer = self._phone(lambda phone: phone.send(form.body))
        _expect(answer, status, says)
        if status != 303 and not answer.keeps_everything:
            raise SystemExit(f"MISSED: what was typed is lost:\n{answer.page[:2000]}")

    def _phone(self, ask: Callable[[Phone], Answer]) -> Answer:
        phone = Phone(self.server.port)
        try:
            return ask(phone)
        finally:
            phone.close()

    def _says(self, sentence: str) -> None:
        said = (self.home / "log").read_text()
        if sentence not in said:
            raise SystemExit(f"MISSED: “{sentence}” is not said:\n{said[-2000:]}")


def _group(environment: dict[str, str], doors: Doors) -> int:
    database = Database(Config.from_environment(environment).database_url)
    with database.reading() as session:
        group = session.scalars(select(Collector.box_group_id).where(Collector.id == doors.t1)).one()
    database.engine.dispose()
    return group


def _resume(environment: dict[str, str], doors: Doors) -> None:
    """What the button of the office does."""
    database = Database(Config.from_environment(environment).database_url)
    with database.writing() as session:
        session.execute(update(Collector).where(Collector.id == doors.t1).values(state="open"))
        session.commit()
    database.engine.dispose()


def _expect(answer: Answer, status: int, says: str) -> None:
    if answer.status != status or says not in answer.page:
        raise SystemExit(f"MISSED: {answer.status} where {status} with “{says}” was right:\n{answer.page[:2000]}")
    if status == 503 and not answer.is_clean_503:
        raise SystemExit(f"MISSED: a 503 that is not clean:\n{answer.page[:2000]}")
