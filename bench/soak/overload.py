"""Four times as many connections as saturate the server: throughput holds, whoever cannot be served is told when.

First the fewest connections that reach the plateau are found; then these and four times as many take turns. With
the writer's queue as it is shipped everybody is served, later; with one of four places most are sent away, and phones
(real Chromium) that come into that must get through by themselves.
`BENCH_ROUNDS` (5), `BENCH_SECONDS` (4).
"""

import os
import shutil
import tempfile
import threading
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

from bench.campaign import ITEMS, SCALE, Doors, make_campaign
from bench.postgres import cluster
from bench.ratios import ratio
from bench.serving import serving
from bench.soak.load import MOST_PER_SECOND, Forms, Load, load
from bench.soak.sending import forms

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "4"))
PORT = 18492
_TRIED = (4, 8, 16, 32, 64, 128)
_TRIED_SECONDS, _TRIED_ROUNDS = 2, 3
_PLATEAU = 0.95
_FOLD = 4
_LEAST = 0.9
_SHORT_QUEUE = 4
_OVER_AND_OVER = 5_000
_PHONES, _SPELL, _PATIENCE = 4, 5, 180  # phones; seconds of one spell of load; how long a phone may take


def run() -> None:
    """SQLite, then PostgreSQL, then the phones."""
    with tempfile.TemporaryDirectory(prefix="pingyi-soak-") as folder:
        place = Path(folder)
        most = _turns("SQLite", place / "sqlite", {})
        with cluster(place / "postgres") as postgres:
            _turns("PostgreSQL", place / "pg", {"PINGYI_DATABASE_URL": postgres.url})
        _phones(place / "phones", most)


def _turns(name: str, home: Path, environment: dict[str, str]) -> int:
    home.mkdir()
    environment = environment | {"PINGYI_HOME": str(home)}
    needed = (1 + len(_TRIED) * _TRIED_SECONDS * _TRIED_ROUNDS + 2 * ROUNDS * SECONDS) * MOST_PER_SECOND
    doors = make_campaign(environment, codes=needed)
    left = Forms(forms(environment, doors))
    done: list[Load] = []

    def turn(connections: int, seconds: int) -> float:
        done.append(load(PORT, left, connections, seconds, home))
        done[-1].check()
        return done[-1].per_second

    with serving(environment, PORT):
        turn(_TRIED[-1], 1)
        tried: dict[int, list[float]] = {connections: [] for connections in _TRIED}
        for _ in range(_TRIED_ROUNDS):
            for connections, rates in tried.items():
                rates.append(turn(connections, _TRIED_SECONDS))
        best = max(median(rates) for rates in tried.values())
        few = next(connections for connections, rates in tried.items() if median(rates) >= _PLATEAU * best)
        many = _FOLD * few
        some, rest = [], []
        for _ in range(ROUNDS):
            some.append(turn(few, SECONDS))
            rest.append(turn(many, SECONDS))
    print(f"  {name}: " + ", ".join(f"{connections}: {median(rates):.0f}/s" for connections, rates in tried.items()))
    print(f"  {name}: {many} connections / {few} connections: {ratio(rest, some)}", end="; ")
    _account(environment, doors, done, many)
    if median(rest) < _LEAST * median(some):
        raise SystemExit(f"MISSED: {name}: less than {_LEAST} of the throughput at {_FOLD} times the connections")
    return many


def _account(environment: dict[str, str], doors: Doors, done: list[Load], connections: int) -> None:
    """What was thanked is stored; what wrk left unread when its time was up may be stored too."""
    thanked, turned_away = sum(turn.thanked for turn in done), sum(turn.clean for turn in done)
    stored, doubled = doors.accounted_for(environment)
    print(f"{thanked} acknowledged, {stored} stored, {doubled} doubled, {turned_away} told to try again (503)")
    if doubled or not 0 <= stored - thanked <= connections * len(done):
        raise SystemExit("MISSED: lost, invented or doubled")


def _phones(home: Path, connections: int) -> None:
    """A queue too short for the load: spell after spell until every phone has been thanked."""
    home.mkdir()
    environment = {"PINGYI_HOME": str(home), "PINGYI_WRITER_QUEUE": str(_SHORT_QUEUE)}
    spells = _PATIENCE // _SPELL
    doors = make_campaign(environment, codes=_OVER_AND_OVER + _PHONES)
    mine, made = doors.codes[:_PHONES], [form.body for form in forms(environment, doors)[_PHONES:]]
    done: list[Load] = []
    through = threading.Event()

    def keep_up() -> None:
        while not through.is_set() and len(done) < spells:
            done.append(load(PORT, Forms([]), connections, _SPELL, home, again=made))

    with serving(environment, PORT):
        loading = threading.Thread(target=keep_up)
        loading.start()
        try:
            refused = send_by_phones(f"http://127.0.0.1:{PORT}", mine)
        finally:
            through.set()
            loading.join()
    for turn in done:
        turn.check()
    if not refused:
        raise SystemExit("MISSED: no phone was sent away, so that this run shows nothing")
    share = sum(turn.clean for turn in done) / max(sum(turn.clean + turn.thanked for turn in done), 1)
    print(f"  queue of {_SHORT_QUEUE}, {connections} connections: {share:.0%} of what wrk sent got a clean 503")
    print(f"  {_PHONES} phones in Chromium: {refused} answers of 503, all thanked without a touch")


def send_by_phones(server: str, codes: tuple[str, ...]) -> int:
    """Answer the questionnaire on a phone for each code and touch nothing more; how many 503s they met on their way."""
    refused = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        pages = [browser.new_context(viewport={"width": 360, "height": 740}).new_page() for _ in codes]
        for page, code in zip(pages, codes, strict=True):
            page.set_default_timeout(_PATIENCE * 1000)
            page.goto(f"{server}/q/{code}")
            page.locator("main form .acts button").click()
            page.locator("#answers").wait_for(state="attached")
            for number in range(1, ITEMS + 1):
                page.locator(f'label:has(input[name=q{number:02}][value="{SCALE[0]}"])').click()
        statuses: list[int] = []
        for page in pages:
            page.on("response", lambda answer: statuses.append(answer.status))
            page.locator("#answers .acts button:not([name]):not([type])").first.click()
        for page in pages:
            page.wait_for_url("**/thanks/**")
        refused = statuses.count(503)
        browser.close()
    return refused
