"""Goldens of polychoric correlations and what is computed from them."""

from functools import cache

import numpy as np

from analysis.pair_tables import PairTables, pair_tables
from analysis.reliability.polychoric import (
    ordinal_alpha,
    polychoric,
    polychoric_correlation,
    polychoric_ml,
    thresholds,
)
from tests.analysis.goldens.core import agreeableness, whole
from tests.analysis.goldens.data import Computed


@cache
def agreeable_tables() -> PairTables:
    return pair_tables(agreeableness().dropna().to_numpy().astype(np.int8), 6)


COMPUTED: Computed = {
    "bfi25": {
        "A.polychoric.psych_correct0": lambda: whole(polychoric(agreeable_tables()).correlations),
        # No cell is empty, so psych's correction has nothing to do; all rows are complete, so thresholds agree.
        "A.polychoric.psych_default": lambda: whole(polychoric(agreeable_tables(), zero_cells=0.5).correlations),
        "A.polychor.twostep.matrix": lambda: whole(polychoric(agreeable_tables()).correlations),
        "A.polychor.twostep.A2A3": lambda: whole(polychoric_correlation(agreeable_tables().table(1, 2)).value),
        "A.polychor.ML.A2A3": lambda: {"se": polychoric_ml(agreeable_tables().table(1, 2)).se},
        "A.ordinal_alpha": lambda: whole(ordinal_alpha(polychoric(agreeable_tables())).value),
        "A.thresholds": lambda: whole(np.array(thresholds(agreeable_tables().answers))),
    },
}
