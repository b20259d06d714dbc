"""What every statistic returns: a number that knows how sure it is, or a status that says why there is none.

Must stay true: a condition of the data is a status, never NaN and never an exception; `undefined_*` means that there is
no value, every other status that there is one. Wrong calls (shapes that do not fit) raise ValueError.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """Why a number is missing or must be read with care. Codes only: the words for people are the caller's.

    OK                             nothing to say
    WARN_ITEM_VARIANCE_ZERO        items that everybody answered alike add nothing; detail `items`
    WARN_NEGATIVE_ITEM_TOTAL       items that run against the total: wrong keying or noise; detail `items`
    WARN_ONE_RESPONSE              a value from one answer: no standard error
    WARN_NO_VARIATION              all answers equal: a standard error of 0 says nothing about precision
    WARN_STRATUM_EMPTY             the value speaks for the strata with answers only; see `coverage`
    UNDEFINED_NO_RESPONSES         nobody answered
    UNDEFINED_ONE_RESPONSE         fewer than two answers (or no unit with two, where pooled within units)
    UNDEFINED_ONE_ITEM             internal consistency needs two items; use the reliability of units instead
    UNDEFINED_TWO_ITEMS            a one-factor model needs three items; item deletion too. Two: use Spearman-Brown
    UNDEFINED_ITEM_VARIANCE_ZERO   a correlation with an item that everybody answered alike; detail `items`
    UNDEFINED_TOTAL_VARIANCE_ZERO  the total (or the rest) is the same for everybody
    UNDEFINED_SINGULAR             fewer answers than items, or items that are copies of each other
    UNDEFINED_HEYWOOD              the factor model wants a unique variance of 0 or less; detail `items`
    UNDEFINED_NOT_CONVERGED        the iteration ended without a maximum, or without a single one: no common factor
    UNDEFINED_FRAME_TOO_SMALL      more answers than the frame has members (n > N): wrong frame or duplicates
    UNDEFINED_STRATUM_SIZE         a stratum's size is not known, so it cannot be weighted
    """

    OK = "ok"
    WARN_ITEM_VARIANCE_ZERO = "warn_item_variance_zero"
    WARN_NEGATIVE_ITEM_TOTAL = "warn_negative_item_total"
    WARN_ONE_RESPONSE = "warn_one_response"
    WARN_NO_VARIATION = "warn_no_variation"
    WARN_STRATUM_EMPTY = "warn_stratum_empty"
    UNDEFINED_NO_RESPONSES = "undefined_no_responses"
    UNDEFINED_ONE_RESPONSE = "undefined_one_response"
    UNDEFINED_ONE_ITEM = "undefined_one_item"
    UNDEFINED_TWO_ITEMS = "undefined_two_items"
    UNDEFINED_ITEM_VARIANCE_ZERO = "undefined_item_variance_zero"
    UNDEFINED_TOTAL_VARIANCE_ZERO = "undefined_total_variance_zero"
    UNDEFINED_SINGULAR = "undefined_singular"
    UNDEFINED_HEYWOOD = "undefined_heywood"
    UNDEFINED_NOT_CONVERGED = "undefined_not_converged"
    UNDEFINED_FRAME_TOO_SMALL = "undefined_frame_too_small"
    UNDEFINED_STRATUM_SIZE = "undefined_stratum_size"

    @property
    def defined(self) -> bool:
        """Whether an estimate of this status has a value."""
        return not self.value.startswith("undefined_")


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """One number with its uncertainty.

    value, se, lo, hi: in the unit of the statistic (points 0-100 for scores, no unit for reliabilities), None when
    there is none. n: independent answers used. df: degrees of freedom of the interval. method: the formula's name.
    detail: further numbers of this formula by name; `items` and `dimensions` hold indices from 0, joined by commas.
    """

    value: float | None
    se: float | None = None
    lo: float | None = None
    hi: float | None = None
    n: int
    df: float | None = None
    method: str
    status: Status = Status.OK
    detail: Mapping[str, float | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.value is not None) != self.status.defined:
            raise ValueError(f"status {self.status} does not fit the value {self.value}")
        for number in (self.value, self.se, self.lo, self.hi, self.df):
            if number is not None and not math.isfinite(number):
                raise ValueError(f"{self.method}: {number} is not a number to report; a status should say why")


def undefined(status: Status, *, n: int, method: str, detail: Mapping[str, float | str] | None = None) -> Estimate:
    """The estimate that has no value, with the reason."""
    return Estimate(value=None, n=n, method=method, status=status, detail=detail or {})
