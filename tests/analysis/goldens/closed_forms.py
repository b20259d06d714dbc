"""Goldens of closed forms that no R package offers by name, written out in R's own words."""

from typing import Any

import numpy as np

from analysis.agreement.severity import contrast, rater_model
from analysis.comparison.drivers import drivers
from analysis.comparison.pairwise import games_howell, goldstein_healy_factor
from analysis.comparison.shares import top_box_share
from analysis.comparison.shrinkage import expected_ranks, shrink
from analysis.comparison.small_units import pooled_scores
from analysis.comparison.studentized_range import StudentizedRange
from analysis.comparison.trends import trends
from analysis.estimate import Estimate
from analysis.means import mean_srs
from analysis.moments import grouped_moments
from analysis.quality.consistency import misfit
from analysis.quality.duplicates_chance import upper_quantile, upper_tail
from analysis.quality.signatures_structure import missing_structure
from analysis.reliability.alpha import influence_interval
from analysis.reliability.bivariate_normal import cumulative
from analysis.reliability.nearest_correlation import nearest_correlation
from analysis.reliability.pairwise import pairwise_influence_interval
from analysis.reliability.split_halves import horst
from analysis.sampling.precision import margin_of_error
from analysis.sampling.representativity import r_indicator
from analysis.validity.constructs import htmt
from tests.analysis.goldens.comparison import companies, largest, squared_errors
from tests.analysis.goldens.core import agreeableness, lead_items, listwise, values, whole
from tests.analysis.goldens.data import Computed, table


def ratings() -> Any:
    return drivers(table("attitude").cov().to_numpy(), 30, overall=0)


def some(found: Estimate, *names: str) -> dict[str, Any]:
    return {name: getattr(found, name) for name in names}


def influence() -> dict[str, Any]:
    return some(influence_interval(table("attitude").to_numpy(np.float64)), "value", "se", "lo")


def pairwise_influence() -> dict[str, Any]:
    answers = agreeableness().to_numpy(np.float64)
    return some(pairwise_influence_interval(answers, ~np.isnan(answers)), "value", "se")


def within_influence() -> dict[str, Any]:
    company = np.unique(table("lq2002_lead")["COMPID"].to_numpy(), return_inverse=True)[1]
    return some(influence_interval(lead_items(), group=company), "value", "se")


def studentized_range() -> list[float]:
    tails = [(12, 3.5, 40.0), (49, 5.0, 8.0)]
    quantiles = [(12, 30.0), (5, 8.5)]
    found = [StudentizedRange(means).sf(np.array([q]), np.array([df])) for means, q, df in tails]
    found += [StudentizedRange(means).isf(0.05, np.array([df])) for means, df in quantiles]
    return [float(each[0]) for each in found]


def dimensions() -> list[float]:
    all25 = listwise(table("bfi25"))
    return values(htmt(all25.covariance(), all25.n, [range(5), range(5, 10), range(15, 20)]))


def attitude_misfit() -> np.ndarray:
    answers = table("attitude").to_numpy(np.float64)
    return misfit(answers, np.ones(answers.shape, dtype=np.bool_)).value


def howell() -> np.ndarray:
    six = largest()
    return games_howell(six["mean"].to_numpy(), six["var"].to_numpy(), six["count"].to_numpy()).p_adjusted


def two_waves() -> dict[str, Any]:
    scores, company = lead_items().mean(axis=1, dtype=np.float64), table("lq2002_lead")["COMPID"].to_numpy()
    before, after = (mean_srs(scores[company == unit]) for unit in largest().index[:2])
    (found,) = trends([before], [after], [], [])
    return some(found, "value", "lo", "hi", "df") | {"p": found.detail["p"]}


def twelve() -> tuple[np.ndarray, np.ndarray]:
    return companies()["mean"].to_numpy()[:12], squared_errors()[:12]


def with_morris() -> dict[str, Any]:
    found = shrink(*twelve(), morris=True)
    return {"theta": found.theta, "se": found.se}


def pooled() -> dict[str, Any]:
    six = largest()
    found = pooled_scores(six["mean"].to_numpy(), six["count"].to_numpy(), six["var"].to_numpy())
    return {name: [getattr(each, name) for each in found] for name in ("value", "se", "lo")} | {"df": found[0].df}


def seven_of_twelve() -> list[float | None]:
    found = top_box_share(7, 12, 30, deff=1.2)
    return [found.lo, found.hi]


def strata() -> dict[str, Any]:
    found = r_indicator(np.array([40.0, 25, 9]), np.array([60.0, 50, 40]), np.array([300.0, 150, 50]))
    return {"value": found.value, "adjusted": found.detail["adjusted"], "rho": found.detail["rho"]}


def binormal() -> np.ndarray:
    return cumulative(np.array([0.3, -1.5, 2.0]), np.array([-0.7, -1.0, 0.1]), np.array([0.6, -0.4, 0.95]))


def nearest() -> np.ndarray:
    contradictory = np.array([[1, 0.9, -0.4], [0.9, 1, 0.7], [-0.4, 0.7, 1]])
    return nearest_correlation(contradictory).correlations[[1, 2, 2], [0, 0, 1]]


def pairs_by_chance() -> list[float]:
    return [upper_tail(5, 2.0, 3.0), upper_tail(5, 2.0, 2.0), upper_quantile(0.005, 2.0, 3.0)]


def slope() -> float | None:
    names, unit = np.unique(table("lq2002_lead")["COMPID"].to_numpy(), return_inverse=True)
    place = int(np.flatnonzero(names == largest().index[0])[0])
    assert grouped_moments(lead_items(), unit, len(names)).n[place] == largest()["count"].iloc[0]
    return missing_structure(lead_items(), unit, len(names))[place].statistic


def margins() -> dict[str, Any]:
    normal, t = (margin_of_error(20.0, 12, 30, quantile=quantile).value for quantile in ("normal", "t"))
    return {"normal": normal, "t": t}


def crossed_raters() -> dict[str, Any]:
    y = np.array([66.0, 55, 71, 80, 66, 85, 50, 59, 47, 75, 77, 88, 64, 71, 52])
    unit = np.array([0, 1, 2, 0, 1, 3, 1, 2, 4, 0, 2, 3, 4, 3, 4])
    model = rater_model(y, unit, np.repeat(range(5), [3, 3, 3, 4, 2]), n_units=5, n_raters=5)
    difference = contrast(model, 0, 4)
    return {
        "adjusted": values(model.adjusted),
        "se": [score.se for score in model.adjusted],
        "contrast": difference.value,
        "contrast_se": difference.se,
        "severity": values(model.severity[:4]),
        "severity_se": [rater.se for rater in model.severity[:4]],
    }


COMPUTED: Computed = {
    "closed_forms": {
        "drivers.weights": lambda: whole(values(ratings().weights)),
        "drivers.slopes": lambda: whole(values(ratings().slopes)),
        "drivers.r_squared": lambda: whole(ratings().r_squared.value),
        "alpha.influence": influence,
        "alpha.influence_pairwise": pairwise_influence,
        "alpha.influence_within": within_influence,
        "studentized_range": lambda: whole(studentized_range()),
        "htmt": lambda: whole(dimensions()),
        "misfit": lambda: whole(attitude_misfit()),
        "games_howell": lambda: whole(howell()),
        "welch.t_test": two_waves,
        "goldstein_healy": lambda: whole(goldstein_healy_factor(np.sqrt(squared_errors()))),
        "shrink.morris": with_morris,
        "expected_ranks": lambda: whole(expected_ranks(twelve()[0], np.sqrt(twelve()[1]))),
        "pooled_scores": pooled,
        "top_box": lambda: whole(seven_of_twelve()),
        "r_indicator": strata,
        "binormal": lambda: whole(binormal()),
        "nearest_correlation": lambda: whole(nearest()),
        "negative_binomial": lambda: whole(pairs_by_chance()),
        "structure.slope": lambda: whole(slope()),
        "margin": margins,
        "severity": crossed_raters,
        "horst": lambda: whole(horst(0.6, 3 / 7)),
    }
}
