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
    WARN_CORRELATION_AT_BORDER     a correlation of exactly +-1, where two orderings never disagree
    WARN_STRATUM_EMPTY             the value speaks for the strata with answers only; see `coverage`
    WARN_NO_VARIATION_WITHIN       no spread within any unit (no residual): a value at its border, no interval
    WARN_NO_VARIATION_BETWEEN      the means of all units are equal: a value at its border, no interval
    WARN_NEGATIVE_COMPONENT        a variance was estimated below 0 and is used as it is; detail `components`
    WARN_DISCONNECTED              raters do not tie all units together: comparable within its `group` only
    WARN_ONE_LINK                  units hang together through a single rater: no standard error
    WARN_NO_BETWEEN_VARIANCE       units differ no more than their standard errors: all shrink to the grand mean
    WARN_NOT_POSITIVE_DEFINITE     from covariances that no people can have (of pairs, or between few units)
    WARN_SAMPLED                   from a sample of all ways to split: least and greatest may lie further out
    WARN_SINGULAR                  items that are copies or sums of others were left out; the rest counts
    WARN_LONELY_CLUSTER            a stratum with a single cluster: its deviation is taken from the mean of all
    WARN_ROUNDED                   from a score that publication rounded and left without an error: no interval
    WARN_OPEN_LINK                 from a score of an open link, where nobody knows who was asked: no interval
    UNDEFINED_NO_RESPONSES         nobody answered
    UNDEFINED_ONE_RESPONSE         fewer than two answers (or no unit with two, where pooled within units)
    UNDEFINED_TWO_RESPONSES        an interval that needs three answers
    UNDEFINED_ONE_ITEM             internal consistency needs two items; use the reliability of units instead
    UNDEFINED_TWO_ITEMS            a one-factor model needs three items; item deletion too. Two: use Spearman-Brown
    UNDEFINED_ITEM_VARIANCE_ZERO   a correlation with an item that everybody answered alike; detail `items`
    UNDEFINED_TOTAL_VARIANCE_ZERO  the total (or the rest) is the same for everybody
    UNDEFINED_SINGULAR             fewer answers than items, copied items, or covariances that no people can have
    UNDEFINED_HEYWOOD              the factor model wants a unique variance of 0 or less; detail `items`
    UNDEFINED_NOT_CONVERGED        the iteration ended without a maximum, or without a single one: no common factor
    UNDEFINED_NOT_IDENTIFIED       more parameters than the data can tell apart: many solutions fit equally well
    UNDEFINED_NO_BETWEEN_VARIANCE  units differ no more than the people in them make them: nothing between to measure
    UNDEFINED_JUST_IDENTIFIED      as many parameters as covariances: the model fits any data, so fit says nothing
    UNDEFINED_NOT_POSITIVE_DEFINITE correlations that no people can have; ask for the nearest ones first
    UNDEFINED_NO_CORRELATION       items that are exactly unrelated: nothing common to measure
    UNDEFINED_FRAME_TOO_SMALL      more answers than the frame has members (n > N): wrong frame or duplicates
    UNDEFINED_STRATUM_SIZE         a stratum's size is not known, so it cannot be weighted
    UNDEFINED_ONE_UNIT             fewer than two units (subjects, objects) to tell apart or compare
    UNDEFINED_ONE_RATER            fewer than two raters, or nobody and nothing rated twice
    UNDEFINED_NO_VARIATION         all ratings are equal: whether they agree beyond chance cannot be seen
    UNDEFINED_NO_VARIATION_BETWEEN the means of all units are equal: no reliability of means
    UNDEFINED_INCOMPLETE           needs every rating, or as many for each; see `raters`
    UNDEFINED_BEYOND_NULL          answers spread so much wider than chance that the formula has a pole there
    UNDEFINED_FEW_UNITS            fewer other units than a comparison with them needs
    UNDEFINED_FEW_RESPONSES        fewer comparable answers, here or elsewhere, than a comparison needs
    UNDEFINED_NO_STRUCTURE         items correlate too much alike everywhere for a unit where they all do to be unusual
    UNDEFINED_COARSE_TIMES         the clock is coarser than the intervals to be judged
    UNDEFINED_NULL_NOT_TABULATED   nobody has published that null distribution for so many answer options
    UNDEFINED_BELOW_ZERO           ratios of values below 0 mean nothing
    UNDEFINED_NOT_LINKED           no rater ties it to the others (all its raters rate no other unit)
    UNDEFINED_OUT_OF_REACH         no number of answers, or not as many as there are people, reaches the target
    UNDEFINED_STRATUM_EMPTY        a category that the frame has and the answers do not: merge it, then weight
    UNDEFINED_MARGINS_DISAGREE     the margins of the frame count different numbers of people
    UNDEFINED_NO_DENOMINATOR       nobody knows how many were asked (open links): say participation, not a rate
    UNDEFINED_NOT_MEASURED         outside of the cases that a rate was counted on by simulation
    UNDEFINED_ZERO_ERROR           units whose standard error is 0, where it is divided by; detail `units`
    UNDEFINED_ITEMS_CHANGED        the questions are not the same in both waves; detail names what changed
    UNDEFINED_METHOD_CHANGED       the same answers would have given another score in the other wave
    UNDEFINED_NO_SCORE             one of the two waves has no score to show
    UNDEFINED_NOT_BEFORE           the earlier wave did not ask this of the unit, or did not have the unit
    """

    OK = "ok"
    WARN_ITEM_VARIANCE_ZERO = "warn_item_variance_zero"
    WARN_NEGATIVE_ITEM_TOTAL = "warn_negative_item_total"
    WARN_ONE_RESPONSE = "warn_one_response"
    WARN_NO_VARIATION = "warn_no_variation"
    WARN_CORRELATION_AT_BORDER = "warn_correlation_at_border"
    WARN_STRATUM_EMPTY = "warn_stratum_empty"
    WARN_NO_VARIATION_WITHIN = "warn_no_variation_within"
    WARN_NO_VARIATION_BETWEEN = "warn_no_variation_between"
    WARN_NEGATIVE_COMPONENT = "warn_negative_component"
    WARN_DISCONNECTED = "warn_disconnected"
    WARN_ONE_LINK = "warn_one_link"
    WARN_NO_BETWEEN_VARIANCE = "warn_no_between_variance"
    WARN_NOT_POSITIVE_DEFINITE = "warn_not_positive_definite"
    WARN_SAMPLED = "warn_sampled"
    WARN_SINGULAR = "warn_singular"
    WARN_LONELY_CLUSTER = "warn_lonely_cluster"
    WARN_ROUNDED = "warn_rounded"
    WARN_OPEN_LINK = "warn_open_link"
    UNDEFINED_NO_RESPONSES = "undefined_no_responses"
    UNDEFINED_ONE_RESPONSE = "undefined_one_response"
    UNDEFINED_TWO_RESPONSES = "undefined_two_responses"
    UNDEFINED_ONE_ITEM = "undefined_one_item"
    UNDEFINED_TWO_ITEMS = "undefined_two_items"
    UNDEFINED_ITEM_VARIANCE_ZERO = "undefined_item_variance_zero"
    UNDEFINED_TOTAL_VARIANCE_ZERO = "undefined_total_variance_zero"
    UNDEFINED_SINGULAR = "undefined_singular"
    UNDEFINED_HEYWOOD = "undefined_heywood"
    UNDEFINED_NOT_CONVERGED = "undefined_not_converged"
    UNDEFINED_NOT_IDENTIFIED = "undefined_not_identified"
    UNDEFINED_NO_BETWEEN_VARIANCE = "undefined_no_between_variance"
    UNDEFINED_JUST_IDENTIFIED = "undefined_just_identified"
    UNDEFINED_NOT_POSITIVE_DEFINITE = "undefined_not_positive_definite"
    UNDEFINED_NO_CORRELATION = "undefined_no_correlation"
    UNDEFINED_FRAME_TOO_SMALL = "undefined_frame_too_small"
    UNDEFINED_STRATUM_SIZE = "undefined_stratum_size"
    UNDEFINED_ONE_UNIT = "undefined_one_unit"
    UNDEFINED_ONE_RATER = "undefined_one_rater"
    UNDEFINED_NO_VARIATION = "undefined_no_variation"
    UNDEFINED_NO_VARIATION_BETWEEN = "undefined_no_variation_between"
    UNDEFINED_INCOMPLETE = "undefined_incomplete"
    UNDEFINED_BEYOND_NULL = "undefined_beyond_null"
    UNDEFINED_FEW_UNITS = "undefined_few_units"
    UNDEFINED_FEW_RESPONSES = "undefined_few_responses"
    UNDEFINED_NO_STRUCTURE = "undefined_no_structure"
    UNDEFINED_COARSE_TIMES = "undefined_coarse_times"
    UNDEFINED_NULL_NOT_TABULATED = "undefined_null_not_tabulated"
    UNDEFINED_BELOW_ZERO = "undefined_below_zero"
    UNDEFINED_NOT_LINKED = "undefined_not_linked"
    UNDEFINED_OUT_OF_REACH = "undefined_out_of_reach"
    UNDEFINED_STRATUM_EMPTY = "undefined_stratum_empty"
    UNDEFINED_MARGINS_DISAGREE = "undefined_margins_disagree"
    UNDEFINED_NO_DENOMINATOR = "undefined_no_denominator"
    UNDEFINED_NOT_MEASURED = "undefined_not_measured"
    UNDEFINED_ZERO_ERROR = "undefined_zero_error"
    UNDEFINED_ITEMS_CHANGED = "undefined_items_changed"
    UNDEFINED_METHOD_CHANGED = "undefined_method_changed"
    UNDEFINED_NO_SCORE = "undefined_no_score"
    UNDEFINED_NOT_BEFORE = "undefined_not_before"

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
