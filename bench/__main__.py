"""`make bench` or `python -m bench [NAME…]`: submissions, analysis, weight, cards. All of them without a name."""

import importlib
import sys

from bench.ratios import machine

NAMES = ("weight", "cards", "analysis", "submissions")


def main(names: list[str]) -> None:
    """Run the named measurements one after the other."""
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        raise SystemExit(f"no such measurement: {', '.join(unknown)}; there are {', '.join(NAMES)}")
    print(f"machine: {machine()}")
    for name in names or NAMES:
        print(f"\n== {name}")
        importlib.import_module(f"bench.{name}").run()


if __name__ == "__main__":
    main(sys.argv[1:])
