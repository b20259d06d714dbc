"""How many independent deviations stand behind a sum of variances that were estimated apart.

Knows parts of a variance and their degrees of freedom.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def satterthwaite_df(parts: Floats, df: Floats) -> Floats:
    """Degrees of freedom of a sum of independent variance estimates, (sum_h V_h)^2/sum_h(V_h^2/df_h).

    parts: (..., H) parts of a variance, for a stratified mean W_h^2 (1 - f_h) s_h^2/n_h; df: (..., H), n_h - 1. Lies
    between the smallest df and their sum; a stratum with large weight and few answers pulls it down, where n - H would
    promise too narrow an interval. Parts of 0 count for nothing; where all are 0 the sum of df comes back.
    Satterthwaite 1946, doi:10.2307/3002019; Cochran 1977, Sampling Techniques, 5.4.
    """
    parts, df = np.broadcast_arrays(np.asarray(parts, dtype=np.float64), np.asarray(df, dtype=np.float64))
    if (parts < 0).any() or (df[parts > 0] <= 0).any():
        raise ValueError("a part of a variance is at least 0 and has degrees of freedom")
    total = parts.sum(axis=-1, keepdims=True)
    # In shares of the sum: the square of a tiny variance would be 0.
    share = np.divide(parts, total, out=np.zeros(parts.shape), where=total > 0)
    below = np.divide(share**2, df, out=np.zeros(parts.shape), where=parts > 0).sum(axis=-1)
    return np.asarray(np.where(below > 0, 1 / np.where(below > 0, below, 1.0), df.sum(axis=-1)))
