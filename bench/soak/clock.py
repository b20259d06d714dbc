"""The clock of the server's host jumps by a day and by a year, forth and back, while phones are sending.

Nobody who was thanked is lost, nobody meets an error page, and each page says what is true by that clock: before the
first day, open, or closed. Whoever was turned away by a wrong clock gets through when it is right again.
`SOAK_SECONDS` (10) for each jump.
"""

import os
import re
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from bench.campaign import make_campaign
from bench.postgres import cluster
from bench.serving import serving
from bench.soak.counting import Counted, count
from bench.soak.faults import Faults, faults
from bench.soak.sending import Answer, Phone, crowd, digits, forms

SECONDS = float(os.environ.get("SOAK_SECONDS", "10"))
PORT = 18494
_CODES_A_SECOND = 3000
_DAY, _YEAR, _NONE = timedelta(days=1), timedelta(days=365), timedelta()
# The campaign opened yesterday and is open for thirty days more.
_JUMPS = ((_DAY, "open"), (-_DAY, "open"), (_YEAR, "closed"), (-_YEAR, "not_yet"), (_NONE, "open"))
_SAID = {"not_yet": "问卷还没有开始", "closed": "问卷已经结束"}
_OPEN_LINK_RATE = 3  # a second


def run() -> None:
    """SQLite, then PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="pingyi-soak-") as folder:
        place = Path(folder)
        with faults(place / "shim") as shim:
            found = jumping(place / "sqlite", shim, SECONDS, {})
            print(f"  SQLite, {len(_JUMPS)} jumps: {found}")
            found.check()
            with cluster(place / "postgres") as postgres:
                found = jumping(place / "pg", shim, SECONDS, {"PINGYI_DATABASE_URL": postgres.url})
            print(f"  PostgreSQL, {len(_JUMPS)} jumps: {found}")
            found.check()


def jumping(home: Path, shim: Faults, seconds: float, database: dict[str, str], port: int = PORT) -> Counted:
    """Each jump for so long, then what is in the database. Raises SystemExit at the first page that is not true."""
    home.mkdir()
    environment = {"PINGYI_HOME": str(home), "PINGYI_OPEN_LINK_RATE": f"{_OPEN_LINK_RATE}/second"} | database
    doors = make_campaign(environment, codes=round(_CODES_A_SECOND * seconds * len(_JUMPS)))
    probes, sittings = list(range(len(_JUMPS))), forms(environment, doors, days=31)
    by_link = forms(environment, doors, tier="T0", days=31)
    thanked: list[int] = []
    with (
        serving(environment | shim.environment, port, log=home / "log"),
        crowd(port, sittings[len(probes) :], allowed=(303, 410)) as phones,
    ):
        probe = Phone(port)
        taken: dict[int, str] = {}
        for number, (jump, standing) in zip(probes, _JUMPS, strict=True):
            shim.jump(jump)
            if standing != "closed":
                phones.wait_for(1)
            time.sleep(seconds)
            # A page that was taken by another clock is sent by this one.
            for before in [*taken] if standing == "open" else []:
                _expect(probe.send(_body(taken.pop(before), before)), 303)
                thanked.append(before)
            _expect_page(probe.get(f"/q/{doors.codes[number]}"), standing)
            begun = probe.send(urlencode({"code": doors.codes[number], "begin": 1}).encode(), "/q")
            _expect_page(begun, standing)
            if standing == "open":
                taken[number] = _capability(begun)
            else:
                _expect(probe.send(sittings[number].body), 410 if standing == "closed" else 303)
                if standing != "closed":
                    thanked.append(number)
            _link_is_free(probe, [form.body for form in by_link[:_OPEN_LINK_RATE]], standing)
        for number, capability in taken.items():
            _expect(probe.send(_body(capability, number)), 303)
            thanked.append(number)
        probe.close()
        phones.finish()
    if phones.wrong:
        raise SystemExit(f"MISSED: other answers than thanks and “closed”: {dict(phones.answers)}")
    if not phones.answers[410]:
        raise SystemExit("MISSED: nobody met a closed door, so that this run shows nothing")
    return count(environment, doors, [*phones.acknowledged, *thanked])


def _expect(answer: Answer, status: int) -> None:
    if answer.status != status:
        raise SystemExit(f"MISSED: {answer.status} where {status} was right:\n{answer.page[:2000]}")


def _expect_page(answer: Answer, standing: str) -> None:
    _expect(answer, 200 if standing == "open" else 409)
    if _SAID.get(standing, "") not in answer.page:
        raise SystemExit(f"MISSED: the page does not say “{_SAID[standing]}”:\n{answer.page[:2000]}")


def _link_is_free(probe: Phone, bodies: list[bytes], standing: str) -> None:
    """An address that has sent as much as it may waits a second, whatever the clock did since."""
    if standing == "closed":
        return
    time.sleep(1.2)
    for body in bodies:
        _expect(probe.send(body), 303)


def _capability(page: Answer) -> str:
    found = re.search(r'name="?_cap"? value="([^"]+)"', page.page)
    if found is None:
        raise SystemExit(f"MISSED: no form in the page:\n{page.page[:2000]}")
    return found[1]


def _body(capability: str, number: int) -> bytes:
    return urlencode({"_cap": capability, "_page": 0, **digits(number)}).encode()
