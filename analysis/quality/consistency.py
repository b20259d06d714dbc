"""Whether a row of keyed answers fits together: halves of scales, reversed items, the items' usual order.

Knows matrices of numbers keyed so that high is good, and where their cells are present. Items with different numbers
of choices must come on one range (rank - 1) / (K - 1): these indices average over items. What stands in an absent cell
is ignored.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.quality.patterns import Bools, Floats, Measured, Numbers, blocks, nothing_measured, ratio, row_sd

_DUST = 1e-12


def misfit(values: Numbers, present: Bools, centre: Floats | None = None) -> Measured:
    """Standard deviation (ddof 1) of what is left of a row when its own level and the items' levels are taken out.

    e_ij = d_ij - mean_j d_ij, d_ij = x_ij - m_j; for complete rows the doubly centred x_ij - x_i. - x_.j + x_.. .
    values, present: (n, k) keyed; centre: (k,) item means m_j, None: those of these rows. Needs two answers; says
    little under five items. High: answers that ignore which items are hard to agree with, random ones above all; it
    rises with extreme answering too, so compare within one questionnaire (the cut is median + 2.5 robust standard
    deviations). Person fit: Emons 2008, doi:10.1177/0146621607302479.
    R, complete rows: apply(x - outer(rowMeans(x), colMeans(x), "+") + mean(x), 1, sd).
    """
    values, present = np.asarray(values), np.asarray(present, dtype=np.bool_)
    _same_shape(values, present)
    centre = column_means(values, present) if centre is None else centre
    spread, count = np.zeros(len(values)), np.zeros(len(values), dtype=np.int64)
    for rows in blocks(len(values)):
        here = present[rows]
        spread[rows], count[rows] = row_sd(np.where(here, values[rows] - centre, 0.0), here)
    return Measured(spread, count > 1)


def reversed_gap(values: Numbers, present: Bools, reversed_items: Bools) -> Measured:
    """Mean of the direct items less mean of the reversed ones, both keyed: 0 for who reads them, + or - for who not.

    values: (n, k) keyed; reversed_items: (k,). In the unit of the values; needs an answer of each sort. Half of the
    range is the usual cut; honest people misread negated items too (Weijters & Baumgartner 2012,
    doi:10.1509/jmr.11.0368), so it counts with its family and never alone.
    """
    values, present = np.asarray(values), np.asarray(present, dtype=np.bool_)
    _same_shape(values, present)
    if reversed_items.shape != (values.shape[1],):
        raise ValueError(f"reversed_items has shape {reversed_items.shape}, there are {values.shape[1]} columns")
    direct, turned = (_means_over(values, present, which) for which in (~reversed_items, reversed_items))
    defined = direct.defined & turned.defined
    return Measured(np.where(defined, direct.value - turned.value, 0.0), defined)


def even_odd(values: Numbers, present: Bools, subscales: Sequence[Sequence[int]]) -> Measured:
    """Minus the reliability of a row: correlation of the even with the odd halves of its subscales, stepped up.

    r over subscales of (mean of even items, mean of odd items), -max(2r/(1+r), -1): from -1 consistent to +1.
    values: (n, k) keyed; subscales: columns of each, counted from 1 within it; one of a single item has no halves.
    Defined with three subscales that have both halves and with variance in both. High is careless, the sign of
    careless 1.2.0 and later; above -.30 (Jackson 1976) is the cut in use. With under five subscales it is close to
    chance, and where subscales hardly differ within persons it is chance for everybody.
    R: careless::evenodd(x, factors). Johnson 2005, doi:10.1016/j.jrp.2004.09.009.
    """
    values, present = np.asarray(values), np.asarray(present, dtype=np.bool_)
    _same_shape(values, present)
    split = [(list(columns[1::2]), list(columns[0::2])) for columns in subscales if len(columns) > 1]
    if len(split) < 3:
        return nothing_measured(len(values))
    value, defined = np.zeros(len(values)), np.zeros(len(values), dtype=np.bool_)
    for rows in blocks(len(values)):
        halves = [[_means_over(values[rows], present[rows], half) for half in pair] for pair in split]
        both = np.stack([even.defined & odd.defined for even, odd in halves], axis=1)
        even, odd = (np.stack([pair[at].value for pair in halves], axis=1) for at in (0, 1))
        count = both.sum(axis=1)
        e, o = (
            np.where(
                both, half - np.where(both, half, 0.0).sum(axis=1, keepdims=True) / np.maximum(count, 1)[:, None], 0.0
            )
            for half in (even, odd)
        )
        ee, oo, eo = (np.einsum("ij,ij->i", a, b) for a, b in ((e, e), (o, o), (e, o)))
        size = np.maximum(np.abs(even).max(axis=1, initial=0.0), np.abs(odd).max(axis=1, initial=0.0)) ** 2
        known = (count > 2) & (ee > _DUST * size) & (oo > _DUST * size)
        r = np.divide(eo, np.sqrt(ee * oo), out=np.zeros(len(eo)), where=known)
        stepped = np.full(len(r), -1.0)
        np.divide(2 * r, 1 + r, out=stepped, where=1 + r > _DUST)
        value[rows], defined[rows] = np.where(known, -np.maximum(stepped, -1.0), 0.0), known
    return Measured(value, defined)


def column_means(values: Numbers, present: Bools) -> Floats:
    """(k,) mean of each column over its present cells, 0 where it has none."""
    total = np.zeros(values.shape[1])
    for rows in blocks(len(values)):
        total += np.where(present[rows], values[rows], 0).sum(axis=0, dtype=np.float64)
    return np.asarray(total / np.maximum(present.sum(axis=0), 1), dtype=np.float64)


def _means_over(values: Numbers, present: Bools, columns: Bools | list[int]) -> Measured:
    """Each row's mean over some columns."""
    here = present[:, columns]
    total = np.where(here, values[:, columns], 0).sum(axis=1, dtype=np.float64)
    return ratio(total, here.sum(axis=1).astype(np.float64))


def _same_shape(values: NDArray[np.generic], present: Bools) -> None:
    if values.ndim != 2 or present.shape != values.shape:
        raise ValueError(f"values {values.shape} and present {present.shape} must be the same (n, k)")
