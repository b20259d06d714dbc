"""Released reports: under which rules, and every number that one holds."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from analysis.disclosure import release
from analysis.frame import Frame
from analysis.report import build
from analysis.results import Report
from analysis.spec import DisclosureSpec, IndicatorSpec
from tests.factories.frames import plan

RULES = DisclosureSpec(min_cell=5, min_cell_text=10)
# What the plan and the set-up say, of whatever unit.
ABOUT_THE_PLAN = ("full_marks", "weight", "threshold")


def numbers_in(value: Any, where: str = "") -> Iterator[tuple[str, float]]:
    """Every number in a nested structure but those of the plan, with the path to it."""
    if is_dataclass(value):
        for of in fields(value):
            if of.name not in ABOUT_THE_PLAN:
                yield from numbers_in(getattr(value, of.name), f"{where}.{of.name}")
    elif isinstance(value, tuple):
        for place, inner in enumerate(value):
            yield from numbers_in(inner, f"{where}[{place}]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield where, value


def released(of_frame: Frame, *indicators: IndicatorSpec, **changes: Any) -> Report:
    return release(build(of_frame, plan(*indicators, **changes)), RULES)
