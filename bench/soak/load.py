"""As much load as one machine makes: wrk sends each sitting once and counts what comes back.

Statuses are counted one by one; a 503 counts as clean where it says when to try again, on a page that holds the form.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bench.soak.sending import Form

MOST_PER_SECOND = 6000

_LUA = """
local bodies, position = {}, 0
thanked, clean, other = 0, 0, 0
for line in io.lines(os.getenv("SOAK_BODIES")) do bodies[#bodies + 1] = line end
local headers = {
  ["Content-Type"] = "application/x-www-form-urlencoded",
  ["Origin"] = os.getenv("SOAK_ORIGIN"),
  ["Sec-Fetch-Site"] = "same-origin",
}
local only
setup = function(thread) only = thread end
request = function()
  position = position + 1
  if position > #bodies then
    if not os.getenv("SOAK_AGAIN") then error("the forms ran out: raise MOST_PER_SECOND") end
    position = 1
  end
  return wrk.format("POST", "/a", headers, bodies[position])
end
local function told(headers) return headers["retry-after"] or headers["Retry-After"] end
response = function(status, headers, body)
  if status == 303 then
    thanked = thanked + 1
  elseif status == 503 and told(headers) and body:find('id="answers"', 1, true) then
    clean = clean + 1
  else
    other = other + 1
  end
end
done = function(summary, latency)
  local errors = summary.errors
  io.stderr:write(string.format(
    '{"thanked": %d, "clean": %d, "other": %d, "broken": %d, "seconds": %f, "p99": %f}',
    only:get("thanked"), only:get("clean"), only:get("other"),
    errors.connect + errors.read + errors.write + errors.timeout, summary.duration / 1e6, latency:percentile(99) / 1e3
  ))
end
"""


@dataclass(frozen=True)
class Load:
    """What became of the requests of one turn. p99 in milliseconds."""

    thanked: int
    clean: int
    other: int
    broken: int
    seconds: float
    p99: float

    @property
    def per_second(self) -> float:
        """Acknowledged sittings."""
        return self.thanked / self.seconds

    def check(self) -> None:
        """Raises SystemExit where anything was neither thanked nor a clean 503."""
        if self.other or self.broken:
            raise SystemExit(f"MISSED: {self.other} other answers, {self.broken} broken connections: {self}")


class Forms:
    """Sittings that are each sent once."""

    def __init__(self, made: list[Form]) -> None:
        self._left = iter(made)

    def take(self, number: int) -> list[bytes]:
        """So many that nobody has sent."""
        taken = [form.body for form in islice(self._left, number)]
        if len(taken) < number:
            raise SystemExit("there were not enough codes for this run")
        return taken


def load(
    port: int, forms: Forms, connections: int, seconds: int, folder: Path, *, again: Sequence[bytes] | None = None
) -> Load:
    """One turn: so many connections, each with its next sitting as soon as it is answered.

    again: these over and over instead of new ones; they wait for the writer like those that are stored.
    """
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is needed: apt-get install wrk")
    bodies, script = folder / "bodies.txt", folder / "send.lua"
    bodies.write_bytes(b"\n".join(again or forms.take(seconds * MOST_PER_SECOND)))
    script.write_text(_LUA)
    origin = f"http://127.0.0.1:{port}"
    environment = os.environ | {"SOAK_BODIES": str(bodies), "SOAK_ORIGIN": origin}
    environment |= {"SOAK_AGAIN": "1"} if again else {}
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(script), f"{origin}/a"]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    bodies.unlink()
    try:
        return Load(**json.loads(told.stderr))
    except ValueError:
        raise SystemExit(f"wrk was not understood:\n{told.stdout}{told.stderr}") from None
