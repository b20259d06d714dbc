"""Goldens of `analysis.quality`."""

from functools import cache

import numpy as np
from scipy.stats import chi2

from analysis.quality.consistency import even_odd
from analysis.quality.mahalanobis import mahalanobis_d2
from analysis.quality.patterns import Measured, average_string, irv, longstring
from tests.analysis.goldens.core import whole
from tests.analysis.goldens.data import Computed, table

BFI_ITEMS = [f"{trait}{number}" for trait in "ACENO" for number in range(1, 6)]


@cache
def matrix(name: str) -> tuple[np.ndarray, np.ndarray]:
    """(values, present); of bfi25 the items only."""
    data = table(name)[BFI_ITEMS] if name == "bfi25" else table(name)
    values = data.to_numpy(dtype=np.float64)
    return values, ~np.isnan(values)


@cache
def complete_bfi() -> tuple[np.ndarray, np.ndarray]:
    values, present = matrix("bfi25")
    rows = present.all(axis=1)
    return values[rows], present[rows]


def with_gaps(found: Measured) -> np.ndarray:
    """As R gives it, NA where there is none."""
    return np.where(found.defined, found.value, np.nan)


def groups(size: int, count: int) -> list[range]:
    return [range(size * number, size * (number + 1)) for number in range(count)]


COMPUTED: Computed = {
    "attitude": {"mahalanobis_d2": lambda: whole(mahalanobis_d2(*matrix("attitude")).d2)},
    "bfi25": {
        "longstring.first50": lambda: whole(longstring(*matrix("bfi25"))[:50]),
        "irv.first50": lambda: whole(with_gaps(irv(*matrix("bfi25")))[:50]),
        "mahad.complete.first50": lambda: whole(mahalanobis_d2(*complete_bfi()).d2[:50]),
        "mahad.flagged_at_.999": lambda: whole((mahalanobis_d2(*complete_bfi()).d2 > chi2.ppf(0.999, 25)).sum()),
        "evenodd.complete.first50": lambda: whole(with_gaps(even_odd(*complete_bfi(), groups(5, 5)))[:50]),
    },
    "raters_careless": {
        "longstring": lambda: whole(longstring(*matrix("careless"))),
        "longstring.avg": lambda: whole(with_gaps(average_string(*matrix("careless")))),
        "irv": lambda: whole(with_gaps(irv(*matrix("careless")))),
        "mahad": lambda: whole(mahalanobis_d2(*matrix("careless")).d2),
        "evenodd": lambda: whole(with_gaps(even_odd(*matrix("careless"), groups(4, 6)))),
    },
}
