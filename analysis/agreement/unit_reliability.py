"""How well one unit's mean tells it from other units: lambda_u, and how many answers a target needs.

Knows means of units and the variances of these means, wherever they come from (sums, or the design-based variances of
post-stratified scores). Must stay true: without variance between units the reliability is 0 and says so; a unit with
few answers is never judged by the average over units.

The variance between units is found by bracketing, because statsmodels' iteration (combine_effects) answers 0 whenever
its last step lands a rounding error below the root: asked for ten digits, it did so for one data set in ten.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import chdtri

from analysis.agreement.units import UnitSums
from analysis.estimate import Estimate, Status, undefined

Floats = NDArray[np.float64]

_DUST = 1e-13  # means this close to each other, as a share of themselves, are equal
_LEAST = 1e-150  # and so are those this close in their own unit: the square of less is no number to divide by


@dataclass(frozen=True, kw_only=True)
class UnitReliabilities:
    """tau2: variance between units, in squared units of the means, from lo to hi; mean: of units, by 1/(tau2 + V_u).

    units: lambda of each unit in the order given. Numbers are None where they do not exist, with the status.
    """

    tau2: float | None
    lo: float | None
    hi: float | None
    mean: float | None
    units: tuple[Estimate, ...]
    status: Status


def unit_reliabilities(
    means: Floats, variances: Floats, n: NDArray[np.int64], *, level: float = 0.95
) -> UnitReliabilities:
    """Reliability of each unit's mean, lambda_u = tau2/(tau2 + V_u).

    means (J,), NaN where a unit has none. variances (J,): V_u of these means, NaN where unknown (one answer); without
    finite population correction s_u^2/n_u for the reliability as a measure of the process, with it
    s_u^2 (1 - n_u/N_u)/n_u for that of the mean of the N_u people themselves. n (J,): answers.
    tau2 is Paule and Mandel's, sum (y_u - mean)^2/(tau2 + V_u) = J - 1, from the same V_u, so that with the correction
    it is the variance between the means of the finite populations.
    Interval of tau2 by Q-profile (Viechtbauer 2007, doi:10.1002/sim.2514), of lambda by putting its ends in for tau2;
    both take V_u as known.
    In [0, 1]: the squared correlation of the observed with the true mean. .70 for a rank, .80 where consequences follow
    (Adams 2009, The Reliability of Provider Profiling, RAND TR-653); with few units the interval is wide.
    tau2 = 0: 0 for every unit (`warn_no_between_variance`). V_u = 0 with answers left out is `warn_no_variation`: a
    few equal answers, pool the variance. Undefined: fewer than two units with a variance (all units), a unit without.
    R: metafor::rma(y, V, method = "PM")$tau2. DerSimonian & Kacker 2007, doi:10.1016/j.cct.2006.04.004.
    """
    nobody = np.zeros(len(means), dtype=bool)
    return _reliabilities(means, variances, n, too_many=nobody, census=nobody, level=level)


def reliabilities_from_sums(
    sums: UnitSums, population: Floats | None = None, *, pooled: bool = False, level: float = 0.95
) -> UnitReliabilities:
    """`unit_reliabilities` of simple means, V_u = s_u^2 (1 - n_u/N_u)/n_u.

    population: (J,) N_u, NaN where not known, None for no correction at all. pooled: one s^2 for all units, which
    steadies units under some 10 answers and lets a unit of one answer have a reliability. A unit with n_u > N_u has
    none, nor does it count in tau2.
    """
    n = sums.n
    population = np.full(len(n), np.nan) if population is None else np.asarray(population, dtype=np.float64)
    if population.shape != n.shape:
        raise ValueError(f"there are {len(n)} units and {population.shape} sizes")
    spread = sums.variances()
    if pooled:
        within = sums.pooled_variance()
        spread = np.full(len(n), np.nan if within is None else within)
    too_many = n > population
    fraction = np.where(np.isnan(population) | (population <= 0), 0.0, n / np.where(population > 0, population, 1.0))
    variances = np.where(n > 0, spread * (1 - fraction) / np.maximum(n, 1), np.nan)
    # A census has no error even where the spread of its answers cannot be known.
    variances = np.where((fraction == 1) & (n > 0), 0.0, variances)
    return _reliabilities(sums.means(), variances, n, too_many=too_many, census=fraction == 1, level=level)


def answers_needed(
    signal: float,
    per_answer: float,
    *,
    target: float = 0.70,
    answered: int = 0,
    population: int | None = None,
    finite: bool = True,
    fixed_error: float = 0.0,
) -> Estimate:
    """How many more answers bring a unit's mean to the target reliability; `total` in the detail counts all.

    signal/(signal + fixed_error + per_answer (1/n - 1/N)) >= target, solved for the smallest whole n.
    signal: variance between units (tau2). per_answer: variance of one answer within the unit. fixed_error: error that
    more answers do not reduce (few items). population: N, None unknown. finite: True asks about the mean of these N
    people, False about the process, where 1/N drops out of the formula and N only limits n. Value 0: there already.
    With N without end it is Spearman and Brown's formula solved for the length (`reliability.alpha.spearman_brown`).
    Undefined (`undefined_out_of_reach`; detail `at_all` is the reliability when all N answer, or without end): no
    signal, or the target lies beyond. `undefined_frame_too_small`: more have answered than there are.
    """
    if not 0 < target < 1 or per_answer < 0 or fixed_error < 0 or answered < 0:
        raise ValueError(
            f"target {target}, variances {per_answer}, {fixed_error}, answered {answered} make no question"
        )
    method = "answers_needed"
    if population is not None and answered > population:
        return undefined(Status.UNDEFINED_FRAME_TOO_SMALL, n=answered, method=method)
    if population == 0:
        return undefined(Status.UNDEFINED_NO_RESPONSES, n=answered, method=method)
    inverse_population = 1 / population if population else 0.0
    correction = inverse_population if finite else 0.0
    at_all = _ratio(signal, fixed_error + per_answer * (inverse_population - correction))
    # signal (1 - target)/target is the error that the target allows; an error of 0 is met by one answer.
    allowed = signal * (1 - target) / target - fixed_error + per_answer * correction
    if signal <= 0 or allowed < 0 or (allowed == 0 and per_answer > 0):
        return undefined(Status.UNDEFINED_OUT_OF_REACH, n=answered, method=method, detail={"at_all": at_all})
    # The last digits of a quotient must not ask for a person more.
    total = max(math.ceil(per_answer / allowed * (1 - 1e-12)), 1) if per_answer else 1
    if population is not None and total > population:
        return undefined(Status.UNDEFINED_OUT_OF_REACH, n=answered, method=method, detail={"at_all": at_all})
    detail = {"total": float(total), "at_all": at_all}
    return Estimate(value=float(max(total - answered, 0)), n=answered, method=method, detail=detail)


def _reliabilities(
    means: Floats,
    variances: Floats,
    n: NDArray[np.int64],
    *,
    too_many: NDArray[np.bool_],
    census: NDArray[np.bool_],
    level: float,
) -> UnitReliabilities:
    if not means.shape == variances.shape == n.shape or means.ndim != 1:
        raise ValueError(f"means {means.shape}, variances {variances.shape} and n {n.shape} do not fit")
    if (variances < 0).any() and not too_many[variances < 0].all():
        raise ValueError("a variance of a mean cannot be negative")
    usable = ~np.isnan(means) & ~np.isnan(variances) & ~too_many
    variances = np.where(variances <= _LEAST**2, np.minimum(variances, 0.0), variances)
    method = "unit_reliability"

    def without(unit: int, otherwise: Status) -> Estimate:
        answers = int(n[unit])
        if too_many[unit]:
            status = Status.UNDEFINED_FRAME_TOO_SMALL
        elif np.isnan(means[unit]):
            status = Status.UNDEFINED_NO_RESPONSES
        else:
            status = otherwise
        return undefined(status, n=answers, method=method)

    if np.count_nonzero(usable) < 2:
        none = tuple(
            without(u, Status.UNDEFINED_ONE_UNIT if usable[u] else Status.UNDEFINED_ONE_RESPONSE)
            for u in range(len(means))
        )
        return UnitReliabilities(tau2=None, lo=None, hi=None, mean=None, units=none, status=Status.UNDEFINED_ONE_UNIT)
    tau2, limits, mean = _variance_between(means[usable], variances[usable], level)
    found = []
    for unit, variance in enumerate(variances):
        if not usable[unit]:
            found.append(without(unit, Status.UNDEFINED_ONE_RESPONSE))
            continue
        status = Status.OK
        if not tau2:
            status = Status.WARN_NO_BETWEEN_VARIANCE
        elif not variance and not census[unit]:
            status = Status.WARN_NO_VARIATION
        detail = {"tau2": tau2, "error_variance": float(variance)}
        lo, hi = (_ratio(limit, float(variance)) for limit in limits) if limits and variance else (None, None)
        value, answers = _ratio(tau2, float(variance)), int(n[unit])
        found.append(Estimate(value=value, lo=lo, hi=hi, n=answers, method=method, status=status, detail=detail))
    lo, hi = limits or (None, None)
    status = Status.OK if tau2 else Status.WARN_NO_BETWEEN_VARIANCE
    return UnitReliabilities(tau2=tau2, lo=lo, hi=hi, mean=mean, units=tuple(found), status=status)


def _variance_between(
    means: Floats, variances: Floats, level: float
) -> tuple[float, tuple[float, float] | None, float]:
    """(tau2, its limits, mean): roots in tau2 of the decreasing Q = sum (y_u - mean)^2/(tau2 + V_u), 0 below them.

    Q is J - 1 at tau2 and a quantile of chi-square with J - 1 at the limits. No limits where Q does not exist.
    """
    df, exact = len(means) - 1, variances == 0
    equal = max(_DUST * float(np.abs(means).max()), _LEAST)
    if float(np.ptp(means)) <= equal:
        return 0.0, None, float(means.mean())

    def q(tau2: float) -> float:
        weights = 1 / (variances + tau2)
        deviations = means - weights @ means / weights.sum()
        return float(weights @ deviations**2)

    # A unit known without error has infinite weight at tau2 = 0: it is the mean there, unless two of them differ.
    sure = exact if exact.any() else np.ones(len(means), dtype=bool)
    weights = np.ones(len(means)) if exact.any() else 1 / variances
    at_zero = float(means[sure] @ weights[sure] / weights[sure].sum())
    differ = bool(exact.any()) and float(np.ptp(means[exact])) > equal
    start = math.inf if differ else float(((means - at_zero)[~exact] ** 2 / variances[~exact]).sum())

    def root(wanted: float) -> float:
        if start <= wanted:
            return 0.0
        above = float(np.var(means, ddof=1))
        while q(above) > wanted:
            above *= 2
        below = above if exact.any() else 0.0
        while below and q(below) <= wanted:
            below /= 16
        return float(brentq(lambda tau2: q(tau2) - wanted, below, above, xtol=1e-15 * above, rtol=1e-14))

    tau2, limits = root(df), (root(float(chdtri(df, (1 - level) / 2))), root(float(chdtri(df, (1 + level) / 2))))
    if not tau2:
        return 0.0, limits, at_zero
    weights = 1 / (variances + tau2)
    return tau2, limits, float(weights @ means / weights.sum())


def _ratio(signal: float, error: float) -> float:
    return signal / (signal + error) if signal > 0 else 0.0
