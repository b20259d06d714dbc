"""What follows from a system of published numbers: for every secret, the narrowest interval a reader can prove.

Knows linear programs. Must stay true: an interval here is never narrower than a reader can prove from the statements,
and, counts aside, exactly that narrow; a system that contradicts itself proves nothing and protects nothing.

For a secret form c'x and statements l <= A x <= u with bounds on x:
    lo = min c'x,  hi = max c'x  over all x that satisfy them;  safe where hi - lo >= needed.
The secret follows from equations alone where c lies in the row space of the exact statements, restricted to unknowns
that their own bounds do not fix. Cost: two linear programs a secret (HiGHS), in the size of its component only; for
whole unknowns two integer programs. Fischetti & Salazar 2001, doi:10.1287/mnsc.47.7.1008.9805 (attacker's problem);
Hundepool et al. 2012, Statistical Disclosure Control, 4.2-4.4, doi:10.1002/9781118348239.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

from analysis.suppression.system import Secret, Statement, System, Terms, components

Floats = NDArray[np.float64]

_DUST = 1e-6  # points or people; a linear program is exact to about 1e-7
_IN_ROW_SPACE = 1e-8


class Verdict(StrEnum):
    """What became of a secret.

    SAFE           the interval is at least as wide as needed
    NARROW         it is narrower
    RECOVERED      it is a point
    CONTRADICTORY  no numbers at all satisfy the statements: they were not all about what the system says they are
    UNPROVEN       the solver ended without an answer
    """

    SAFE = "safe"
    NARROW = "narrow"
    RECOVERED = "recovered"
    CONTRADICTORY = "contradictory"
    UNPROVEN = "unproven"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a reader can work out of one secret.

    lo, hi: the interval, in points or people; None without one. at_least: the search ended as soon as the interval was
    wide enough, so it may be wider. equations: it is a point that follows from equations alone, whatever the bounds.
    How to read it: a width of 20 points says that the mean of the hidden people may be anything in 20 points, say 60 to
    80; it is no probability, and a reader who knows more than what was published may do better.
    """

    secret: str
    people: int
    needed: float
    lo: float | None
    hi: float | None
    at_least: bool
    equations: bool
    verdict: Verdict

    @property
    def width(self) -> float | None:
        """How wide the interval is; None without one."""
        return None if self.lo is None or self.hi is None else self.hi - self.lo

    @property
    def safe(self) -> bool:
        """Whether nothing has to be done."""
        return self.verdict is Verdict.SAFE


def audit(system: System, *, widths: bool = True) -> tuple[Finding, ...]:
    """A finding for every secret, in their order.

    widths: False stops looking at a secret when its interval is wide enough, and does not look for equations; an answer
    found for one secret is a possible world for all others of its component, so most need no program of their own.
    """
    found: dict[str, Finding] = {}
    for part in components(system):
        for finding in _audit_component(part, widths=widths):
            found[finding.secret] = finding
    return tuple(found[secret.name] for secret in system.secrets)


def publications_behind(system: System, secret: Secret) -> frozenset[str]:
    """Publications that hold the two ends of a secret's interval in place: those with a price (dual value) there.

    Hiding anything else moves neither end. Taken from the programs without the demand for whole numbers.
    """
    program = _Program(system, whole=False)
    behind: set[str] = set()
    for sign in (1.0, -1.0):
        solved = program.solve(sign * program.form(secret.terms))
        if solved is not None:
            behind |= {name for name in solved.priced if name is not None}
    return frozenset(behind)


@dataclass(frozen=True)
class _Solved:
    value: float
    x: Floats
    priced: frozenset[str | None]


class _Program:
    """The statements of one component as a linear program; solves for the least value of any form."""

    def __init__(self, system: System, *, whole: bool = True) -> None:
        self.size = len(system.unknowns)
        self.bounds = np.array([(one.lower, one.upper) for one in system.unknowns], dtype=np.float64)
        self.equal = [one for one in system.statements if one.exact]
        between = [one for one in system.statements if not one.exact]
        upper = [one for one in between if np.isfinite(one.hi)]
        lower = [one for one in between if np.isfinite(one.lo)]
        self.unequal = [*upper, *lower]
        self.a_eq, eq_scale = self._rows(self.equal)
        self.b_eq = np.array([one.lo for one in self.equal]) / eq_scale
        rows, scale = self._rows(self.unequal)
        sign = np.repeat([1.0, -1.0], [len(upper), len(lower)])
        self.a_ub = csr_array(rows.multiply(sign[:, None])) if len(sign) else rows
        self.b_ub = np.array([one.hi for one in upper] + [-one.lo for one in lower]) / scale
        whole_places = np.array([one.whole for one in system.unknowns], dtype=np.intp)
        self.integrality = whole_places if whole and whole_places.any() else None
        self.contradictory = False

    def form(self, terms: Terms) -> Floats:
        form = np.zeros(self.size)
        for place, coefficient in terms:
            form[place] += coefficient
        return form

    def solve(self, form: Floats) -> _Solved | None:
        """The least value of form'x; None where there is none, `contradictory` then says whether no x exists at all."""
        given: dict[str, Any] = {"bounds": self.bounds, "integrality": self.integrality}
        if self.equal:
            given |= {"A_eq": self.a_eq, "b_eq": self.b_eq}
        if self.unequal:
            given |= {"A_ub": self.a_ub, "b_ub": self.b_ub}
        solved = linprog(form, method="highs", **given)
        if solved.status != 0 or solved.fun is None:
            self.contradictory = solved.status == 2
            return None
        priced: set[str | None] = set()
        if self.integrality is None:
            for rows, of in ((self.equal, "eqlin"), (self.unequal, "ineqlin")):
                prices = np.abs(solved[of].marginals) if rows else np.empty(0)
                priced |= {rows[place].publication for place in np.flatnonzero(prices > _IN_ROW_SPACE)}
        return _Solved(float(solved.fun), np.asarray(solved.x, dtype=np.float64), frozenset(priced))

    def follows(self, form: Floats) -> bool:
        """Whether the form lies in the row space of the equations, once fixed unknowns are known."""
        free = self.bounds[:, 0] < self.bounds[:, 1]
        wanted = form[free]
        if not wanted.any():
            return True
        if not self.equal:
            return False
        rows = self.a_eq.toarray()[:, free]
        multipliers, *_ = np.linalg.lstsq(rows.T, wanted, rcond=None)
        rest = np.abs(rows.T @ multipliers - wanted).max()
        return bool(rest <= _IN_ROW_SPACE * np.abs(wanted).max())

    def _rows(self, statements: list[Statement]) -> tuple[csr_array, Floats]:
        """Coefficients of statements, each row divided by its largest one, and these."""
        lengths = [len(one.terms) for one in statements]
        values = np.array([value for one in statements for _, value in one.terms], dtype=np.float64)
        places = np.array([place for one in statements for place, _ in one.terms], dtype=np.intp)
        row = np.repeat(np.arange(len(statements)), lengths)
        scale = np.zeros(len(statements))
        np.maximum.at(scale, row, np.abs(values))
        scale[scale == 0] = 1.0
        return csr_array((values / scale[row], (row, places)), shape=(len(statements), self.size)), scale


def _audit_component(system: System, *, widths: bool) -> list[Finding]:
    program = _Program(system)
    forms = np.array([program.form(secret.terms) for secret in system.secrets])
    lows, highs = np.full(len(forms), np.inf), np.full(len(forms), -np.inf)
    findings = []
    for place, secret in enumerate(system.secrets):
        enough = not widths and bool(highs[place] - lows[place] >= secret.needed)
        ends: list[float] = []
        for sign in () if enough else (1.0, -1.0):
            solved = program.solve(sign * forms[place])
            if solved is None:
                break
            ends.append(sign * solved.value)
            seen = forms @ solved.x
            np.minimum(lows, seen, out=lows)
            np.maximum(highs, seen, out=highs)
        if not enough and len(ends) < 2:
            failed = Verdict.CONTRADICTORY if program.contradictory else Verdict.UNPROVEN
            findings.append(_finding(secret, None, None, at_least=False, equations=False, verdict=failed))
            continue
        lo, hi = (float(lows[place]), float(highs[place])) if enough else (ends[0], ends[1])
        verdict = _verdict(hi - lo, secret.needed)
        equations = widths and verdict is Verdict.RECOVERED and program.follows(forms[place])
        findings.append(_finding(secret, lo, hi, at_least=enough, equations=equations, verdict=verdict))
    return findings


def _verdict(width: float, needed: float) -> Verdict:
    if width >= needed - _DUST:
        return Verdict.SAFE
    return Verdict.RECOVERED if width <= _DUST else Verdict.NARROW


def _finding(
    secret: Secret, lo: float | None, hi: float | None, *, at_least: bool, equations: bool, verdict: Verdict
) -> Finding:
    return Finding(
        secret=secret.name,
        people=secret.people,
        needed=secret.needed,
        lo=lo,
        hi=hi,
        at_least=at_least,
        equations=equations,
        verdict=verdict,
    )
