"""Where the differences between units come from: respondents within units, items, and what more of each would bring.

Knows answers to items by respondents who each belong to one unit, the design (r:u) x i. Must stay true: variance
components are as they were estimated, negative ones too, and are named; nothing is set to 0 in silence.

The model: y = mean + u + r:u + i + ui + (r:u)i,e. Components come from Henderson's first method, which needs no balance
and no complete answers: the expectation of T_A = sum over levels a of A of (sum of y in a)^2/n_a is linear in the
components, the one of B with factor sum_a sum_b n_ab^2/n_a. With equal units and complete answers it is the analysis of
variance. Searle, Casella & McCulloch 1992, Variance Components, 5.3, doi:10.1002/9780470316856; Brennan 2001,
Generalizability Theory, doi:10.1007/978-1-4757-3456-0.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.agreement.unit_reliability import answers_needed
from analysis.estimate import Estimate, Status, undefined

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]
Bools = NDArray[np.bool_]

_DUST = 1e-12


@dataclass(frozen=True, kw_only=True)
class VarianceComponents:
    """Variances of single answers, in squared steps of the scale; None all together where `status` is undefined.

    unit: between units. respondent: between members of one unit. item: between items' levels. unit_item: units'
    profiles, how units differ on items apart from their level. residual: the rest. units, respondents, items, n: how
    many units, respondents, items and answers they come from.
    """

    unit: float | None
    respondent: float | None
    item: float | None
    unit_item: float | None
    residual: float | None
    units: int
    respondents: int
    items: int
    n: int
    status: Status

    @property
    def negative(self) -> tuple[str, ...]:
        """Names of the components that were estimated below 0."""
        return tuple(name for name in _NAMES if (getattr(self, name) or 0.0) < 0)


_NAMES = ("unit", "respondent", "item", "unit_item", "residual")


def variance_components(codes: Floats | Integers, present: Bools, unit: Integers) -> VarianceComponents:
    """Variance components of the design (r:u) x i by Henderson's first method.

    codes, present: (n, k), what is not present is ignored; unit: (n,). Respondents without answers are not there.
    A component below 0 is a small one and noise, or a wrong model (`warn_negative_component`, see `negative`).
    Undefined: no answers, one unit, one item (use `icc1`), no unit with two respondents, no variation at all, or a
    pattern of missing answers that does not tell components apart (`undefined_singular`).
    R, complete answers and equal units: mean squares of aov(y ~ unit * item + Error(respondent)) solved for the
    components.
    """
    if codes.ndim != 2 or present.shape != codes.shape or unit.shape != codes.shape[:1]:
        raise ValueError(f"codes {codes.shape}, present {present.shape} and unit {unit.shape} do not fit")
    row, item = np.nonzero(present)
    y = np.asarray(codes, dtype=np.float64)[present]
    own_unit = unit[row]
    _, u = np.unique(own_unit, return_inverse=True)
    _, r = np.unique(row, return_inverse=True)
    _, i = np.unique(item, return_inverse=True)
    sizes = [int(level.max(initial=-1)) + 1 for level in (u, r, i)]
    status = _too_little(sizes)
    if not status and float(np.ptp(y)) == 0:
        status = Status.UNDEFINED_NO_VARIATION
    if status:
        return _none(status, sizes, len(y))
    y = y - y.mean()
    cell = u * sizes[2] + i
    _, ui = np.unique(cell, return_inverse=True)
    levels = (np.zeros(len(y), dtype=np.intp), u, r, i, ui, np.arange(len(y)))
    effects = (u, r, i, ui, levels[5])
    # Rows: T of the mean, of u, r:u, i, ui and of single answers; the mean's own effect has the factor n in each.
    factors = np.array([[_factor(level, effect) for effect in effects] for level in levels])
    totals = np.array([_total(y, level) for level in levels])
    design, wanted = factors[1:] - factors[0], totals[1:] - totals[0]
    scale = np.maximum(np.abs(design).max(axis=1, keepdims=True), 1.0)
    if np.linalg.matrix_rank(design / scale, tol=_DUST) < len(effects):
        return _none(Status.UNDEFINED_SINGULAR, sizes, len(y))
    solved = np.linalg.solve(design / scale, wanted / scale[:, 0])
    # Rounding of a component that is 0 must not turn into a negative variance.
    solved = np.where(np.abs(solved) > _DUST * float(y @ y) / len(y), solved, 0.0)
    return VarianceComponents(
        unit=float(solved[0]),
        respondent=float(solved[1]),
        item=float(solved[2]),
        unit_item=float(solved[3]),
        residual=float(solved[4]),
        units=sizes[0],
        respondents=sizes[1],
        items=sizes[2],
        n=len(y),
        status=Status.WARN_NEGATIVE_COMPONENT if (solved < 0).any() else Status.OK,
    )


def decision_study(
    components: VarianceComponents,
    respondents: float,
    items: float,
    *,
    population: float | None = None,
    items_fixed: bool = False,
) -> Estimate:
    """Reliability of unit means over n_r respondents and n_i items,
    E rho^2 = s_u/(s_u + s_ru (1/n_r - 1/N) + s_ui/n_i + s_e (1/n_r - 1/N)/n_i).

    respondents: n_r per unit; items: n_i. population: N, where the mean of the N people is asked for; None: the
    process. items_fixed: these items are all there is to ask; s_ui/n_i then belongs to the signal. Relative: all units
    answer the same items, so their levels do not count as error. Read as `unit_reliability`: .70 for a rank.
    Components below 0 go in as they are (`warn_negative_component`; detail `components`). A signal of 0 or less gives 0
    (`warn_no_between_variance`). Undefined where the components are, and where negative ones leave no variance at all.
    Brennan 2001, Generalizability Theory, 5, doi:10.1007/978-1-4757-3456-0; O'Brien 1990,
    doi:10.1177/0049124190018004004.
    """
    method = "decision_study"
    if respondents <= 0 or items <= 0 or (population is not None and population < respondents):
        raise ValueError(f"{respondents} respondents of {population} and {items} items are no design")
    if not components.status.defined:
        return undefined(components.status, n=components.n, method=method)
    signal, fixed_error, per_answer = _for_units(components, items, items_fixed=items_fixed)
    error = fixed_error + per_answer * (1 / respondents - (1 / population if population else 0.0))
    detail: dict[str, float | str] = {"signal": signal, "error": error}
    used = [name for name in components.negative if name != "item"]
    if used:
        detail["components"] = ",".join(used)
    if signal <= 0:
        status = Status.WARN_NO_BETWEEN_VARIANCE
        return Estimate(value=0.0, n=components.n, method=method, status=status, detail=detail)
    if signal + error <= 0:
        return undefined(Status.UNDEFINED_NO_VARIATION, n=components.n, method=method, detail=detail)
    value = signal / (signal + error)
    status = Status.WARN_NEGATIVE_COMPONENT if used else Status.OK
    return Estimate(value=value, n=components.n, method=method, status=status, detail=detail)


def respondents_needed(
    components: VarianceComponents,
    items: float,
    *,
    target: float = 0.70,
    answered: int = 0,
    population: int | None = None,
    finite: bool = True,
    items_fixed: bool = False,
) -> Estimate:
    """How many more respondents bring a unit to the target with n_i items: `answers_needed` from the components.

    The smallest whole n_r at which the E rho^2 of `decision_study` is the target or more, less those who answered.
    More respondents do not reduce s_ui/n_i: with few items the target may be out of reach. Where components below 0
    would make an error negative, it counts as 0 and the status says `warn_negative_component`.
    """
    if not components.status.defined:
        return undefined(components.status, n=answered, method="answers_needed")
    signal, fixed_error, per_answer = _for_units(components, items, items_fixed=items_fixed)
    found = answers_needed(
        signal,
        max(per_answer, 0.0),
        target=target,
        answered=answered,
        population=population,
        finite=finite,
        fixed_error=max(fixed_error, 0.0),
    )
    if found.value is not None and min(per_answer, fixed_error) < 0:
        return replace(found, status=Status.WARN_NEGATIVE_COMPONENT)
    return found


def _for_units(components: VarianceComponents, items: float, *, items_fixed: bool) -> tuple[float, float, float]:
    """(signal, error that respondents do not reduce, error of one respondent) of a unit's mean over n_i items."""
    assert components.unit is not None and components.respondent is not None
    assert components.unit_item is not None and components.residual is not None
    profile = components.unit_item / items
    per_answer = components.respondent + components.residual / items
    if items_fixed:
        return components.unit + profile, 0.0, per_answer
    return components.unit, profile, per_answer


def _factor(level: NDArray[np.intp], effect: NDArray[np.intp]) -> float:
    """sum_a sum_b n_ab^2/n_a for the levels a of one classification and b of another."""
    size = np.bincount(level)
    _, first, both = np.unique(level * (int(effect.max()) + 1) + effect, return_index=True, return_counts=True)
    return float((both**2 / size[level[first]]).sum())


def _total(y: Floats, level: NDArray[np.intp]) -> float:
    return float((np.bincount(level, weights=y) ** 2 / np.bincount(level)).sum())


def _too_little(sizes: list[int]) -> Status | None:
    if not sizes[0]:
        return Status.UNDEFINED_NO_RESPONSES
    if sizes[0] < 2:
        return Status.UNDEFINED_ONE_UNIT
    if sizes[2] < 2:
        return Status.UNDEFINED_ONE_ITEM
    return Status.UNDEFINED_ONE_RESPONSE if sizes[1] == sizes[0] else None


def _none(status: Status, sizes: list[int], n: int) -> VarianceComponents:
    nothing = dict.fromkeys(_NAMES)
    return VarianceComponents(**nothing, units=sizes[0], respondents=sizes[1], items=sizes[2], n=n, status=status)
