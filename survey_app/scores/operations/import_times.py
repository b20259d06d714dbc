"""Whether the clock times of an imported file look unlike a crowd. Judged in memory; only the verdict is ever kept."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from analysis.estimate import Status
from analysis.quality.signatures_times import bursts, narrow_durations, regular_arrivals

Verdict = Literal["no", "yes", "unknown"]


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
