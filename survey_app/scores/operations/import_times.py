"""Whether the clock times of an imported file look unlike a crowd. Judged in memory; only the verdict is ever kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.estimate import Status
from analysis.quality.signatures import Measured, SignatureKind
from analysis.quality.signatures_measured import MEASURED
from analysis.quality.signatures_times import bursts, narrow_durations, regular_arrivals

Verdict = Literal["no", "yes", "unknown"]

_OF_TIMES = (SignatureKind.REGULAR_ARRIVALS, SignatureKind.BURST, SignatureKind.NARROW_DURATIONS)


@dataclass(frozen=True)
class Worth:
    """What a verdict is worth, as measured by simulation. Shares of campaigns or of forged doors, 0 to 1.

    false_rate: honest campaigns, people coming by themselves, that get a yes, at most (the rates of all signs added);
    gathered: those whose people fill in together, at most. half, fifth: doors of 30, 100 and 300 answers that get a
    yes when half or a fifth was sent by a script, by the script that is harder to see.
    """

    false_rate: float
    gathered: float
    half: tuple[float, ...]
    fifth: tuple[float, ...]


def worth() -> Worth:
    """The measured false alarms and power of `verdict_on_times` (`analysis.quality.signatures_measured`)."""
    rows = [row for row in MEASURED if row.kind in _OF_TIMES]
    sizes = sorted({row.n for row in rows})
    return Worth(
        false_rate=max(_false_rate(rows, n) for n in sizes),
        gathered=max(row.rate for row in rows if row.forger is None and row.world != "by_themselves"),
        half=tuple(_power(rows, n, 0.5) for n in sizes),
        fifth=tuple(_power(rows, n, 0.2) for n in sizes),
    )


def _false_rate(rows: Sequence[Measured], n: int) -> float:
    alone = [row.rate for row in rows if row.n == n and row.world == "by_themselves" and row.forger is None]
    return min(1.0, sum(alone))


def _power(rows: Sequence[Measured], n: int, share: float) -> float:
    """Of the best sign alone, because signs of one forged door go together; for the forger who is seen least."""
    here = [row for row in rows if row.n == n and row.share == share and row.forger is not None]
    return min(max(row.rate for row in here if row.forger == one) for one in {row.forger for row in here})


def verdict_on_times(started: Sequence[float | None], seconds: Sequence[float | None], doors: Sequence[int]) -> Verdict:
    """yes: intervals too even, bursts or durations too alike in some door. unknown: nothing could be judged.

    started: seconds from any origin; seconds: how long each sitting took; doors: where each came in. A person looks
    into a yes (需人工核查): interviewers and meetings make such patterns honestly.
    """
    places = {door: place for place, door in enumerate(dict.fromkeys(doors))}
    unit = np.array([places[door] for door in doors], dtype=np.intp)
    times = np.array([np.nan if at is None else at for at in started], dtype=np.float64)
    lengths = np.array([np.nan if length is None else length for length in seconds], dtype=np.float64)
    found = [
        *regular_arrivals(times, unit, len(places)),
        *bursts(times, unit, len(places)),
        *narrow_durations(lengths, unit, len(places)),
    ]
    judged = [one for one in found if one.status is Status.OK]
    if not judged:
        return "unknown"
    return "yes" if any(one.unusual for one in judged) else "no"
