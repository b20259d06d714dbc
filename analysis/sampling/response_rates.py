"""Response rates from final dispositions, and what is said instead where nobody knows how many were asked.

Knows counts of cases. Must stay true: an open link (QR code on a wall, a link passed on) has no response rate, however
many answered; a rate is a weak sign of quality, and `representativity` looks at what it is a sign of.
"""

from dataclasses import dataclass, fields
from typing import Literal

from analysis.estimate import Estimate, Status, undefined

Definition = Literal["RR1", "RR2", "RR3", "RR4", "RR5", "RR6"]


@dataclass(frozen=True, kw_only=True)
class Dispositions:
    """Final dispositions of all cases drawn, by the letters of AAPOR's Standard Definitions.

    complete I, partial P, refusal R (with break-offs), noncontact NC, other O: eligible cases; unknown_household UH and
    unknown_other UO: nobody knows whether they were eligible; eligible_share e: estimated share of the unknown ones
    that were, between 0 and 1, None where there is no estimate. Cases known to be ineligible are not counted.
    """

    complete: int
    partial: int = 0
    refusal: int = 0
    noncontact: int = 0
    other: int = 0
    unknown_household: int = 0
    unknown_other: int = 0
    eligible_share: float | None = None

    def __post_init__(self) -> None:
        if any(getattr(self, f.name) < 0 for f in fields(self) if f.name != "eligible_share"):
            raise ValueError("cases cannot be counted below 0")
        if self.eligible_share is not None and not 0 <= self.eligible_share <= 1:
            raise ValueError(f"the eligible share lies between 0 and 1, not at {self.eligible_share}")


def response_rate(cases: Dispositions, definition: Definition = "RR1") -> Estimate:
    """AAPOR's response rates, as shares.

    RR1 = I/((I+P) + (R+NC+O) + (UH+UO)), all unknown cases eligible: the lowest. RR3 takes e (UH+UO) instead, RR5 none
    of them: the highest, honest only with a list of people. RR2, RR4 and RR6 are the same with I+P above the line.
    Undefined without any case in the denominator, and RR3 and RR4 where cases are unknown and no e is given.
    A low rate alone proves no bias, a high one does not exclude it (Groves & Peytcheva 2008, doi:10.1093/poq/nfn011).
    AAPOR 2023, Standard Definitions, 10th edition.
    """
    interviews = cases.complete + (cases.partial if definition in ("RR2", "RR4", "RR6") else 0)
    known = cases.complete + cases.partial + cases.refusal + cases.noncontact + cases.other
    unknown = cases.unknown_household + cases.unknown_other
    if definition in ("RR1", "RR2"):
        share: float | None = 1.0
    elif definition in ("RR5", "RR6") or not unknown:
        share = 0.0
    else:
        share = cases.eligible_share
    if share is None or not known + share * unknown:
        return undefined(Status.UNDEFINED_NO_DENOMINATOR, n=interviews, method=definition)
    return Estimate(value=interviews / (known + share * unknown), n=interviews, method=definition)


@dataclass(frozen=True)
class Participation:
    """What can be said of an open link: who came, how many there are, and that there is no rate.

    n: answers. population: N, None where not known. coverage: n/N. rate: always undefined, with the reason.
    """

    n: int
    population: int | None
    coverage: Estimate
    rate: Estimate


def participation(n: int, population: int | None = None) -> Participation:
    """Participation n and coverage n/N where people came by themselves; the response rate is refused.

    n, population: counts. Coverage says how much of the frame is in the data, not how well it is represented, and is
    undefined without N and for n > N (wrong frame, or people who answered twice).
    """
    if n < 0 or (population is not None and population < 0):
        raise ValueError("people cannot be counted below 0")
    rate = undefined(Status.UNDEFINED_NO_DENOMINATOR, n=n, method="response_rate")
    if not population:
        coverage = undefined(Status.UNDEFINED_NO_DENOMINATOR, n=n, method="coverage")
    elif n > population:
        coverage = undefined(Status.UNDEFINED_FRAME_TOO_SMALL, n=n, method="coverage")
    else:
        coverage = Estimate(value=n / population, n=n, method="coverage")
    return Participation(n=n, population=population, coverage=coverage, rate=rate)
