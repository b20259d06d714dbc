"""Whether the items of an indicator may be read as what they are called, over all units together.

Knows which statistics belong together; each is defined in `analysis.validity` and `analysis.reliability`. Must stay
true: everything is taken from covariances pooled within units, as α is, so that differences between units are not
mistaken for a common factor; the polychoric diagnostics alone are of all answers, because tables cannot be pooled so.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Estimate
from analysis.overall import DimensionValidity, Validity
from analysis.pair_tables import pair_tables
from analysis.reliability.parallel import parallel_analysis
from analysis.reliability.polychoric import ordinal_alpha, polychoric
from analysis.validity.confirmatory import one_factor_fit
from analysis.validity.constructs import average_variance_extracted, composite_reliability, htmt
from analysis.validity.sampling_adequacy import bartlett_sphericity, item_adequacies, kmo

_SEED = 1965  # of the random eigenvalues; any number does, the same one makes reports comparable


def validity(
    named: tuple[str, str],
    covariance: NDArray[np.float64],
    worth: int,
    *,
    ranks: NDArray[np.int8],
    options: int,
    dimensions: Sequence[str | None],
) -> Validity:
    """Everything about the items of one α.

    named: indicator and questionnaire. covariance: (k, k) pooled within units, worth so many responses. ranks: (n, k)
    complete, 1 to `options`. dimensions: of each item.
    """
    adequacy, test = kmo(covariance, worth), bartlett_sphericity(covariance, worth)
    eigen = parallel_analysis(covariance, worth, _SEED)
    fit = one_factor_fit(covariance, worth)
    ordinal = ordinal_alpha(polychoric(pair_tables(ranks, options))) if ranks.shape[1] > 1 else None
    groups = {name: [at for at, of in enumerate(dimensions) if of == name] for name in dict.fromkeys(dimensions)}
    asked = {name: items for name, items in groups.items() if name is not None}
    return Validity(
        indicator=named[0],
        questionnaire=named[1],
        kmo=adequacy.value,
        kmo_status=adequacy.status,
        kmo_items=tuple(estimate.value for estimate in item_adequacies(covariance, worth)),
        bartlett_chi2=test.value,
        bartlett_df=test.df,
        bartlett_p=_number(test, "p"),
        dimensions_found=eigen.dimensions if eigen.status.defined else None,
        dimensions_status=eigen.status,
        eigenvalue_ratio=eigen.ratio,
        one_factor_status=fit.status,
        cfi=fit.fit.cfi.value,
        rmsea=fit.fit.rmsea.value,
        srmr=fit.fit.srmr.value,
        ordinal_alpha=None if ordinal is None else ordinal.value,
        ordinal_alpha_status=None if ordinal is None else ordinal.status,
        dimensions=_of_dimensions(covariance, worth, asked),
    )


def _of_dimensions(
    covariance: NDArray[np.float64], worth: int, asked: dict[str, list[int]]
) -> tuple[DimensionValidity, ...]:
    nearest = _nearest(covariance, worth, list(asked.values())) if len(asked) > 1 else {}
    names, found = list(asked), []
    for at, (name, items) in enumerate(asked.items()):
        fit = one_factor_fit(covariance[np.ix_(items, items)], worth)
        loadings = fit.standardized if fit.status.defined else None
        reliability = None if loadings is None else composite_reliability(loadings, worth)
        extracted = None if loadings is None else average_variance_extracted(loadings, worth)
        other, ratio = nearest.get(at, (None, None))
        found.append(
            DimensionValidity(
                dimension=name,
                n_items=len(items),
                status=fit.status if reliability is None else reliability.status,
                composite_reliability=None if reliability is None else reliability.value,
                average_variance_extracted=None if extracted is None else extracted.value,
                nearest=None if other is None else names[other],
                htmt=ratio,
            )
        )
    return tuple(found)


def _nearest(covariance: NDArray[np.float64], worth: int, dimensions: list[list[int]]) -> dict[int, tuple[int, float]]:
    """For each dimension the one that it is hardest to tell from, and how hard (HTMT)."""
    found: dict[int, tuple[int, float]] = {}
    for estimate in htmt(covariance, worth, dimensions):
        if estimate.value is None:
            continue
        pair = [int(number) for number in str(estimate.detail["dimensions"]).split(",")]
        for one, other in (pair, pair[::-1]):
            if one not in found or estimate.value > found[one][1]:
                found[one] = (other, estimate.value)
    return found


def _number(estimate: Estimate, name: str) -> float | None:
    found = estimate.detail.get(name)
    return found if isinstance(found, float) else None
