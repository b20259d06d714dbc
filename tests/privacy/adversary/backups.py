"""Which copies a rule about backups would have permitted.

Ours: refused while any box group has between 1 and `min_cell` − 1 sittings that were flushed since the last backup. The
rule that leaks counts over the whole database. (`pingyi backup` itself is tested where it is built; what matters here
is what the copies that its rule lets through give away.)
"""

from collections import Counter
from collections.abc import Mapping
from typing import Literal

from tests.privacy.material import History

MIN_CELL = 5


def permitted(history: History, groups: Mapping[int, int], *, of: Literal["group", "database"]) -> list[int]:
    """The copies that may be taken away, by somebody who tries after every request. groups: door -> box group."""
    flushed = [Counter[int]() for _copy in range(history.copies)]
    for sitting in history.sittings.values():
        flushed[sitting.seen_at][groups[sitting.collector] if of == "group" else 0] += 1
    kept, new = [], Counter[int]()
    for at, more in enumerate(flushed):
        new += more
        if new and min(new.values()) >= MIN_CELL:
            kept.append(at)
            new.clear()
    return kept
