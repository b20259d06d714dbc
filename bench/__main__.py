"""`make bench` or `python -m bench [NAME…]`: weight, cards, analysis, polychoric, submissions; without a name all.

`make soak` runs the long simulations and the server under faults (`bench.soak`); each ends with an error where a bar is
missed. `python -m bench budget` prints the counted cases that `analysis.quality.budget` reads.
"""

import importlib
import sys

from bench.ratios import machine

NAMES = ("weight", "cards", "analysis", "polychoric", "submissions")
SOAK = ("recovery", "kills", "overload", "slow_disk", "failing_disk", "clock", "keys")
UNDER_FAULTS = frozenset(SOAK[1:])
TABLES = ("budget",)


def main(names: list[str]) -> None:
    """Run the named measurements one after the other."""
    unknown = sorted(set(names) - {*NAMES, *SOAK, *TABLES})
    if unknown:
        raise SystemExit(f"no such measurement: {', '.join(unknown)}; there are {', '.join((*NAMES, *SOAK, *TABLES))}")
    print(f"machine: {machine()}")
    for name in names or NAMES:
        print(f"\n== {name}")
        importlib.import_module(f"bench.soak.{name}" if name in UNDER_FAULTS else f"bench.{name}").run()


if __name__ == "__main__":
    main(sys.argv[1:])
