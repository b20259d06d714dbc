"""From a report to what anyone may see of it: the rules of publication, then the audit and what it asks to hide.

Knows the order of the steps. Must stay true: what leaves passed the audit, or names what did not.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis.disclosure import release
from analysis.frame import Frame
from analysis.results import Report
from analysis.spec import PlanSpec
from analysis.suppression.reports import suppress_report


@dataclass(frozen=True)
class Published:
    """A released report. hidden: what the audit took out besides; exposed: what it could not protect."""

    report: Report
    hidden: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()


def publish(frame: Frame, plan: PlanSpec, truth: Report) -> Published:
    """Release a report of this frame, and hide what a hidden number would follow from.

    truth: as `report.build` returned it. A plan without complementary suppression gets the first step only.
    """
    released = release(truth, plan.disclosure)
    if not plan.disclosure.complementary:
        return Published(released)
    found = suppress_report(frame, plan, truth, released)
    return Published(found.report, found.hidden, tuple(finding.secret for finding in found.exposed))
