"""Change of a unit's score between two waves, where both waves asked the same.

Knows scores of two waves and what identifies an item. Must stay true: scores of different questions are not subtracted;
the two waves are taken as independent, because anonymous answers cannot be tied.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit
from statsmodels.stats.multitest import multipletests

from analysis.degrees_of_freedom import satterthwaite_df
from analysis.estimate import Estimate, Status, undefined

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ItemIdentity:
    """What must not change: the item's id, and hashes of its wording (with its choices) and of its points."""

    id: str
    wording: str
    points: str


@dataclass(frozen=True)
class ItemChanges:
    """Ids of items that are new, gone, worded or scored otherwise, each sorted; `any` of them ends comparability."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reworded: tuple[str, ...] = ()
    rescored: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether anything changed."""
        return bool(self.added or self.removed or self.reworded or self.rescored)


def item_changes(before: Sequence[ItemIdentity], after: Sequence[ItemIdentity]) -> ItemChanges:
    """What differs between the items of two waves; their order does not matter. Ids must be distinct within a wave."""
    old, new = ({item.id: item for item in items} for items in (before, after))
    if len(old) != len(before) or len(new) != len(after):
        raise ValueError("an item stands in a wave once")
    both = sorted(old.keys() & new.keys())
    return ItemChanges(
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        reworded=tuple(id_ for id_ in both if old[id_].wording != new[id_].wording),
        rescored=tuple(id_ for id_ in both if old[id_].points != new[id_].points),
    )


def trends(
    before: Sequence[Estimate],
    after: Sequence[Estimate],
    items_before: Sequence[ItemIdentity],
    items_after: Sequence[ItemIdentity],
    *,
    level: float = 0.95,
) -> tuple[Estimate, ...]:
    """Differences after - before of each unit, se^2 = se_1^2 + se_2^2, Welch's df, Holm's p over all units.

    before, after: scores of the same units in the same order, with the `se_process` where they have one (a
    `PopulationMean`; the question is whether the institution changed) and their se otherwise. Conservative: some of the
    people answered twice, and their agreement is not taken out. detail: `p`, `p_holm` (over the units that have one).
    lo, hi: of the unit by itself. A change within the interval is no change to speak of; one that is outside but small
    may still not matter.
    Where items changed every unit is undefined with detail `added`, `removed`, `reworded`, `rescored` (ids, joined by
    commas): bridge with the items that stayed, scored anew in both waves. A unit undefined in either wave stays
    undefined with that reason; without an error on both sides there is a difference and no interval, and the status of
    the scores says why (WARN_ROUNDED, WARN_OPEN_LINK, WARN_ONE_RESPONSE, or WARN_NO_VARIATION).
    R: t.test(y2, y1)$conf.int.
    """
    if len(before) != len(after):
        raise ValueError(f"{len(before)} units before and {len(after)} after are not the same units")
    changes = item_changes(items_before, items_after)
    if changes.any:
        named = {name: ",".join(ids) for name, ids in vars(changes).items() if ids}
        return tuple(
            _undefined(b, a, Status.UNDEFINED_ITEMS_CHANGED, named) for b, a in zip(before, after, strict=True)
        )
    found = [_trend(b, a, level) for b, a in zip(before, after, strict=True)]
    p = [float(estimate.detail["p"]) for estimate in found if "p" in estimate.detail]
    holm = iter(multipletests(p, method="holm")[1].tolist() if p else [])
    return tuple(_with_p(estimate, next(holm)) if "p" in estimate.detail else estimate for estimate in found)


def _trend(before: Estimate, after: Estimate, level: float) -> Estimate:
    if before.value is None or after.value is None:
        return _undefined(before, after, before.status if before.value is None else after.status, {})
    n, difference = before.n + after.n, after.value - before.value
    v1, v2 = _error(before) ** 2, _error(after) ** 2
    known = before.df is not None and after.df is not None and before.df > 0 and after.df > 0
    if not known or before.df is None or after.df is None or not v1 + v2:
        return Estimate(value=difference, n=n, method="trend", status=_without_error(before, after, known=known))
    se = math.sqrt(v1 + v2)
    df = float(satterthwaite_df(np.array([v1, v2]), np.array([before.df, after.df])))
    half = float(stdtrit(df, (1 + level) / 2)) * se
    return Estimate(
        value=difference,
        se=se,
        lo=difference - half,
        hi=difference + half,
        n=n,
        df=df,
        method="trend",
        status=Status.OK if v1 and v2 else Status.WARN_NO_VARIATION,
        detail={"p": 2 * float(stdtr(df, -abs(difference) / se))},
    )


def _without_error(before: Estimate, after: Estimate, *, known: bool) -> Status:
    """Why a difference has no interval: what the scores themselves say of it, the heavier reason first."""
    found = {before.status, after.status}
    for status in (Status.WARN_OPEN_LINK, Status.WARN_ROUNDED, Status.WARN_ONE_RESPONSE):
        if status in found:
            return status
    return Status.WARN_NO_VARIATION if known else Status.WARN_ONE_RESPONSE


def _error(estimate: Estimate) -> float:
    process = getattr(estimate, "se_process", None)
    return float(process if process is not None else estimate.se or 0.0)


def _undefined(before: Estimate, after: Estimate, status: Status, detail: Mapping[str, str]) -> Estimate:
    return undefined(status, n=before.n + after.n, method="trend", detail=dict(detail))


def _with_p(estimate: Estimate, p_holm: float) -> Estimate:
    return Estimate(**{**vars(estimate), "detail": {**estimate.detail, "p_holm": p_holm}})
