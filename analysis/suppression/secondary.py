"""What else has to be hidden so that hidden cells stay hidden: complementary (secondary) suppression.

Knows systems, publications and what each is worth. Must stay true: after it, the audit finds every secret safe or names
it as exposed; the same input hides the same publications; nothing that is hidden could be shown again alone.

How: the narrowest unsafe secret is taken first. Of the publications that hold its interval in place, the cheapest one
whose hiding makes it safe is hidden; where none does alone, the cheapest of them, and the secret is looked at again.
Last, hidden publications are shown again, the dearest first, where every secret stays safe without it. So the result
is irreducible, not the cheapest there is: the cheapest is an NP-hard integer program (Fischetti & Salazar 2001,
doi:10.1287/mnsc.47.7.1008.9805; Kelly, Golden & Assad 1992, doi:10.1002/net.3230220407). Hiding only ever widens
intervals, so one pass over the unsafe secrets ends after at most as many steps as there are publications.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.suppression.audit import Finding, audit, publications_behind
from analysis.suppression.system import System, components


@dataclass(frozen=True)
class Suppression:
    """What to hide beside what is hidden already.

    hidden: publications, in the order in which they were chosen. exposed: secrets that stay unsafe whatever is hidden
    of what may be hidden (earlier releases cannot be taken back); nothing new about their people may be published.
    """

    hidden: tuple[str, ...]
    exposed: tuple[Finding, ...]


def suppress(system: System, costs: Mapping[str, float]) -> Suppression:
    """Choose publications to hide until every secret is safe.

    costs: what each publication that may be hidden is worth, people shown by it for instance; others stay.
    """
    hidden: list[str] = []
    exposed: list[Finding] = []
    closed: list[System] = []
    for part in components(system):  # what one part hides is hidden for the next as well
        gone, left = _protect(part.without(hidden), costs)
        hidden += gone
        exposed += left
        open_ones = {finding.secret for finding in left}
        closed.append(part.about([secret.name for secret in part.secrets if secret.name not in open_ones]))
    return Suppression(tuple(_needed(hidden, closed, costs)), tuple(exposed))


def _needed(hidden: list[str], closed: list[System], costs: Mapping[str, float]) -> list[str]:
    """Hidden publications without those that may be shown again. closed: parts, with the secrets that are safe."""
    touched: dict[str | None, list[System]] = {}
    for part in closed:
        for publication in {one.publication for one in part.statements}:
            touched.setdefault(publication, []).append(part)
    for name in sorted(hidden, key=lambda of: (-costs[of], of)):
        fewer = [other for other in hidden if other != name]
        parts = [part.without(fewer) for part in touched[name]]
        if all(finding.safe for part in parts for finding in audit(part, widths=False)):
            hidden = fewer
    return hidden


def _protect(system: System, costs: Mapping[str, float]) -> tuple[list[str], list[Finding]]:
    hidden: list[str] = []
    exposed: dict[str, Finding] = {}
    unsafe = [finding for finding in audit(system, widths=False) if not finding.safe]
    while unsafe:
        worst = min(unsafe, key=lambda finding: (-1.0 if finding.width is None else finding.width, finding.secret))
        current = system.about([worst.secret]).without(hidden)
        candidates = _candidates(current, costs)
        if not candidates:
            exposed[worst.secret] = worst
            unsafe = [finding for finding in unsafe if finding.secret != worst.secret]
            continue
        alone = (name for name in candidates if audit(current.without([name]), widths=False)[0].safe)
        hidden.append(next(alone, candidates[0]))
        open_ones = {finding.secret for finding in unsafe}
        unsafe = [one for one in audit(system.about(open_ones).without(hidden), widths=False) if not one.safe]
    return hidden, list(exposed.values())


def _candidates(system: System, costs: Mapping[str, float]) -> list[str]:
    """Publications that may be hidden and hold the interval of a secret in place, the cheapest first.

    Where the programs name none (numbers that contradict each other, or whole counts pinned by more than one
    statement), everything said of the component is a candidate.
    """
    named = publications_behind(system, system.secrets[0]).intersection(costs)
    said = {one.publication for one in system.statements if one.publication is not None}
    return sorted(named or said.intersection(costs), key=lambda name: (costs[name], name))
