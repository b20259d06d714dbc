"""Durable submissions against the same server's empty route, and against the same path storing plain rows.

granian, 2 workers × 32 blocking threads, 64 connections of wrk on the same machine. Each turn: the empty route (no
session, no database), then sealed submissions with codes (T1), through an open link (T0), and with codes but stored
as plain rows. Every acknowledged submission is counted in the database afterwards; where one is missing, invented or
doubled the run ends with an error. A ratio below its goal is only marked.
`BENCH_ROUNDS` (5), `BENCH_SECONDS` (4).
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.campaign import Doors, make_campaign, take_capabilities
from bench.postgres import cluster
from bench.ratios import against, ratio
from bench.serving import serving

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "4"))
CONNECTIONS = 64
MOST_PER_SECOND = 6000
PORT = 18480
# Against the empty route, at least (docs/performance.md); p99 at most; sealed against plain rows.
_GOALS = {("SQLite", "T1 sealed"): 0.15, ("PostgreSQL", "T1 sealed"): 0.10}
_P99_GOAL, _PLAIN_GOAL = 2.0, 0.7

_LUA = """
local bodies, position = {}, 0
for line in io.lines(os.getenv("BENCH_BODIES")) do bodies[#bodies + 1] = line end
local headers = {
  ["Content-Type"] = "application/x-www-form-urlencoded",
  ["Origin"] = os.getenv("BENCH_ORIGIN"),
  ["Sec-Fetch-Site"] = "same-origin",
}
request = function()
  position = position + 1
  if position > #bodies then error("the bodies ran out: raise MOST_PER_SECOND") end
  return wrk.format("POST", "/a", headers, bodies[position])
end
"""


@dataclass
class Series:
    """One route over all rounds."""

    per_second: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    answered: int = 0


def run() -> None:
    """Measure on SQLite, then on PostgreSQL."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is needed: apt-get install wrk")
    with tempfile.TemporaryDirectory(prefix="pingyi-bench-") as folder:
        _measure("SQLite", None, Path(folder) / "sqlite")
        with cluster(Path(folder) / "postgres") as postgres:
            _measure("PostgreSQL", postgres.url, Path(folder) / "pg")


def _measure(name: str, url: str | None, home: Path) -> None:
    series = {route: Series() for route in ("empty", "T1 sealed", "T0 sealed", "T1 plain rows")}
    sealed, plain = home / "sealed", home / "plain"
    environment = {}
    for place in (sealed, plain):
        place.mkdir(parents=True)
        database = {"PINGYI_DATABASE_URL": f"{url}&application_name={place.name}"} if url else {}
        environment[place] = {"PINGYI_HOME": str(place), "PINGYI_OPEN_LINK_RATE": "100000000/minute", **database}
    if url:
        environment[plain]["PINGYI_DATABASE_URL"] = url.replace("/bench?", "/bench_plain?")
    needed = ROUNDS * SECONDS * MOST_PER_SECOND
    doors = {place: make_campaign(environment[place], codes=needed) for place in (sealed, plain)}
    with serving(environment[sealed], PORT), serving(environment[plain], PORT + 1, "plain"):
        for turn in range(ROUNDS):
            _turn(series["empty"], PORT, None)
            for route, place, port, tier in (
                ("T1 sealed", sealed, PORT, "T1"),
                ("T0 sealed", sealed, PORT, "T0"),
                ("T1 plain rows", plain, PORT + 1, "T1"),
            ):
                bodies = home / f"{route}-{turn}.txt"
                count = SECONDS * MOST_PER_SECOND
                take_capabilities(
                    environment[place], doors[place], tier, slice(turn * count, (turn + 1) * count), bodies
                )
                _turn(series[route], port, bodies)
                bodies.unlink()
    _report(name, series, doors, environment)


def _turn(series: Series, port: int, bodies: Path | None) -> None:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--timeout", "20s", "--latency"]
    origin = f"http://127.0.0.1:{port}"
    environment = dict(os.environ)
    if bodies is None:
        command.append(f"{origin}/empty")
    else:
        script = bodies.with_suffix(".lua")
        script.write_text(_LUA)
        environment |= {"BENCH_BODIES": str(bodies), "BENCH_ORIGIN": origin}
        command += ["-s", str(script), f"{origin}/a"]
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        raise SystemExit(f"requests failed:\n{output}")
    series.per_second.append(float(_found(r"Requests/sec:\s+([\d.]+)", output)))
    series.p99.append(_milliseconds(_found(r"99%\s+([\d.]+\w+)", output)))
    series.answered += int(_found(r"(\d+) requests in", output))
    time.sleep(0.5)


def _found(pattern: str, output: str) -> str:
    match = re.search(pattern, output)
    if match is None:
        raise SystemExit(f"not understood:\n{output}")
    return match[1]


def _milliseconds(text: str) -> float:
    for unit, factor in (("us", 0.001), ("ms", 1.0), ("s", 1000.0)):
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * factor
    raise ValueError(text)


def _report(
    name: str, series: dict[str, Series], doors: dict[Path, Doors], environment: dict[Path, dict[str, str]]
) -> None:
    empty, sealed, plain = series["empty"], series["T1 sealed"], series["T1 plain rows"]
    wrong: list[str] = []
    print(f"{name}: {ROUNDS} rounds of {SECONDS} s, {CONNECTIONS} connections")
    for route, found in series.items():
        goal = _GOALS.get((name, route))
        rate, p99 = ratio(found.per_second, empty.per_second), ratio(found.p99, empty.p99)
        if goal is not None:
            rate = against(goal, found.per_second, empty.per_second)
            p99 = against(_P99_GOAL, found.p99, empty.p99, most=True)
        print(
            f"  {route:14} {median(found.per_second):8.0f}/s = {rate} of the empty route;"
            f" p99 {median(found.p99):6.1f} ms = {p99} of its p99"
        )
    print(f"  T1 sealed / T1 plain rows: {against(_PLAIN_GOAL, sealed.per_second, plain.per_second)}")
    for place, door in doors.items():
        stored, doubled = door.accounted_for(environment[place])
        wanted = sum(part.answered for key, part in series.items() if key.endswith("rows") == (place.name == "plain"))
        wanted -= empty.answered if place.name == "sealed" else 0
        found_wrong = verdict(wanted, stored, doubled)
        counts = f"{wanted} acknowledged, {stored} stored ({stored - wanted} in flight at the end)"
        print(f"  {place.name}: {counts}, {found_wrong or 'none lost, 0 doubled'}")
        if found_wrong:
            wrong.append(f"{place.name}: {found_wrong}")
    if wrong:
        raise SystemExit(f"MISSED on {name}: " + "; ".join(wrong))


def verdict(acknowledged: int, stored: int, doubled: int) -> str:
    """What is wrong with these counts; empty when nothing is."""
    # wrk leaves up to one request a connection and turn unread; those may be stored, never the other way round.
    lost = "" if 0 <= stored - acknowledged <= 2 * ROUNDS * CONNECTIONS else "LOST OR INVENTED"
    return ", ".join(filter(None, (lost, f"{doubled} doubled" if doubled else "")))
