"""What the indicators of related departments gain from departments that rate several units: scores without severity.

Knows cells of unit and department; the model is in `analysis.agreement.severity`. Must stay true: no department is
named; the adjusted score stands beside the score and never replaces it.
"""

from __future__ import annotations

import math

import numpy as np

from analysis.agreement.severity import RaterModel, rater_model
from analysis.overall import RaterSeverity
from analysis.score_sums import NO_GROUP, ScoreSums
from analysis.spec import IndicatorSpec


def raters_of(
    indicator: IndicatorSpec, sums: ScoreSums, n_units: int, n_departments: int, level: float
) -> RaterModel | None:
    """Fit the model to each department's mean of each unit; None where the indicator does not average departments.

    sums: of the responses that count, groups are departments. A department without a mean of a weighted part gives no
    rating, nor does a response without department.
    """
    if not indicator.by_department:
        return None
    parts = sums.n_parts
    weights = np.array([part.weight for part in indicator.parts])
    counts = sums.sums.s[:, parts:].astype(np.float64)
    means = np.divide(
        sums.sums.s[:, :parts].astype(np.float64),
        counts * sums.scale,
        out=np.full(counts.shape, np.nan),
        where=counts > 0,
    )
    used = weights != 0
    rated = sums.group != NO_GROUP
    y = means[:, used] @ weights[used]
    return rater_model(
        y[rated], sums.unit[rated], sums.group[rated], n_units=n_units, n_raters=n_departments, level=level
    )


def severity_of(indicator: IndicatorSpec, model: RaterModel) -> RaterSeverity:
    """What may be said of all departments together."""
    between, left = model.severity_variance, model.residual_variance
    return RaterSeverity(
        indicator=indicator.code,
        status=model.status,
        raters=model.raters,
        crossing=model.crossing,
        groups=model.groups,
        # A variance that is estimated below 0 is one that cannot be told from 0.
        severity_sd=None if between is None else math.sqrt(max(between, 0.0)),
        residual_sd=None if left is None else math.sqrt(left),
    )
