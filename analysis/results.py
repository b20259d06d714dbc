"""What `report.build` returns: every unit's score of every indicator, with all that must be read beside it.

Knows shapes only. Must stay true: a number that does not exist or may not be shown is None, never NaN and never 0; a
score that is withheld carries no score; nothing here names a person, a response or, for related departments, a rater.
Scores are in 0–100, points in the indicator's full marks, shares and rates in 0–1.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

from analysis.cautions import Reason, ScoreStatus
from analysis.estimate import Status

Band = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class PartScore:
    """A unit's mean of one part (dimension or item) of an indicator.

    se, lo, hi, df: for the people of the frame; se_process: how the institution would do with other people of the kind.
    n: persons with a score of this part; n_departments: departments, for related departments only.
    n_cell: sittings (for related departments: departments) behind it, what `min_cell` is held against; None once
    released.
    """

    part: str
    kind: Literal["dimension", "item"]
    weight: float
    status: ScoreStatus
    score: float | None
    se: float | None
    se_process: float | None
    lo: float | None
    hi: float | None
    df: float | None
    n: int | None
    n_departments: int | None
    n_cell: int | None


@dataclass(frozen=True, kw_only=True)
class ItemStatistics:
    """How one item was answered in one unit: what was answered, every response counting the same, no estimate.

    n: persons who gave a choice; mean: of their points, None where the item has none. counts: how often each choice of
    `choices` was given. share_dont_know, share_blank: of the eligible (shown and applicable); share_not_applicable: of
    those it was shown to. shown: False where the rules of publication hide everything but the item's name.
    """

    questionnaire: str
    item: str
    scale: str
    part: str | None
    shown: bool
    n: int | None
    mean: float | None
    choices: tuple[str, ...]
    counts: tuple[int, ...] | None
    share_dont_know: float | None
    share_blank: float | None
    share_not_applicable: float | None
    n_cell: int | None


@dataclass(frozen=True, kw_only=True)
class Reliability:
    """Internal consistency of an indicator's scored items on one scale, of one questionnaire, by order ranks.

    unit: None: over all units, pooled within them (what people in the same unit have in common does not count as
    consistency); a unit's code: in that unit alone. items: those in α, keyed; other_items: scored items of the
    indicator on other scales, not in α. n: complete responses. assessable: n is at least 30; if not, every number is
    None. status: why α has no value, or what to beware of. influence_lo, influence_hi: α's interval without the
    normality that Feldt's and Bonett's assume; gates read this one. coefficient: the one to report, α, or
    Spearman-Brown's where there are two items. omega: of one factor; omega_hierarchical: of a general factor beside
    three. lambda2, split_least, split_greatest: Guttman's bound, the worst and the best halves. item_rest,
    alpha_if_deleted: in the order of `items`. alpha_total, alpha_between: of all responses as one group, and of units'
    means, over all units only.
    """

    indicator: str
    questionnaire: str
    unit: str | None
    scale: str
    items: tuple[str, ...]
    other_items: tuple[str, ...]
    n: int | None
    assessable: bool
    status: Status | None
    coefficient: float | None
    alpha: float | None
    feldt_lo: float | None
    feldt_hi: float | None
    bonett_lo: float | None
    bonett_hi: float | None
    influence_se: float | None
    influence_lo: float | None
    influence_hi: float | None
    standardized_alpha: float | None
    omega: float | None
    omega_status: Status | None
    omega_hierarchical: float | None
    omega_hierarchical_status: Status | None
    lambda2: float | None
    split_least: float | None
    split_greatest: float | None
    alpha_total: float | None
    alpha_between: float | None
    alpha_between_status: Status | None
    item_rest: tuple[float | None, ...]
    alpha_if_deleted: tuple[float | None, ...]
    constant_items: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DimensionValidity:
    """How well the items of one dimension measure it.

    composite_reliability, average_variance_extracted: of one factor behind its items (three or more). nearest: the
    dimension that it is hardest to tell from, htmt: their correlation freed from error; None beside no other.
    """

    dimension: str
    n_items: int
    status: Status
    composite_reliability: float | None
    average_variance_extracted: float | None
    nearest: str | None
    htmt: float | None


@dataclass(frozen=True, kw_only=True)
class Validity:
    """Whether the items of one α may be read as what they are called, over all units, pooled within them.

    kmo, kmo_items: sampling adequacy, of all items and of each, in the order of α's items; bartlett_*: the test that
    all correlations are 0. dimensions_found: by parallel analysis; eigenvalue_ratio: first to second. cfi, rmsea, srmr:
    fit of one factor. ordinal_alpha: of polychoric correlations, a diagnostic and never a gate.
    """

    indicator: str
    questionnaire: str
    kmo: float | None
    kmo_status: Status
    kmo_items: tuple[float | None, ...]
    bartlett_chi2: float | None
    bartlett_df: float | None
    bartlett_p: float | None
    dimensions_found: int | None
    dimensions_status: Status
    eigenvalue_ratio: float | None
    one_factor_status: Status
    cfi: float | None
    rmsea: float | None
    srmr: float | None
    ordinal_alpha: float | None
    ordinal_alpha_status: Status | None
    dimensions: tuple[DimensionValidity, ...]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How far the people of units agree on the items of one α, and how much of what they say is the unit's.

    icc1: share of the variance of one person's mean answer that lies between units, with its interval; icc2:
    reliability of the units' means, an average over units; f, p: of equal units. n_units: with complete responses.
    status: why there is no number, or what to beware of.
    """

    indicator: str
    questionnaire: str
    n_units: int
    status: Status
    icc1: float | None
    icc1_lo: float | None
    icc1_hi: float | None
    icc2: float | None
    f: float | None
    p: float | None


@dataclass(frozen=True, kw_only=True)
class UnitAgreement:
    """Agreement of one unit's people on the items of one α, r_wg(j), untruncated, under two nulls.

    r_wg_j: beside answers spread evenly over the scale, which flatters; r_wg_j_skewed: beside mildly favourable ones,
    None where that null is not tabulated for the scale. n: complete responses. status: why there is no number.
    """

    questionnaire: str
    n: int | None
    status: Status
    r_wg_j: float | None
    r_wg_j_skewed: float | None


@dataclass(frozen=True, kw_only=True)
class UnitScore:
    """One unit's score of one indicator.

    score, se, se_process, lo, hi, df, points: None unless status is scored or caution. lo, hi: sampling interval,
    clipped to 0–100; both and se None for an open link. total_lo, total_hi: the same widened by what other defensible
    rules would give, half width sqrt((t se)^2 + ((rules_hi - rules_lo) / 2)^2). rules_lo, rules_hi: lowest and highest
    score over the plan's grid of rules; rules_step: fewest responses by which two neighbouring rules differ, 0: none.
    score_all: before any exclusion; score_unweighted, se_unweighted: also without weighting strata, corrected by the
    unit's size as a whole; these three whatever the status. full_marks: with what moved here from indicators that do
    not apply. n_responses: all that came in, = n_valid + n_excluded + n_ineligible + n_unscored; n_valid: in the score;
    n_ineligible: screened out; n_unscored: too little answered for any part. n_departments: with a valid response, for
    related departments only. population: N, None where unknown. n_asked: cards handed out (or activated) to people who
    were not screened out; response_rate: returned of those; both None without such a count. n_cell: as in `PartScore`.
    valid_band, response_rate_band: what stands for exact numbers where those would single people out.
    reasons: why the status is what it is; cautions: everything to be read with the score, notes included.
    """

    unit: str
    indicator: str
    audience: str
    role: str
    status: ScoreStatus
    reasons: tuple[Reason, ...]
    full_marks: float | None
    score: float | None
    points: float | None
    se: float | None
    se_process: float | None
    lo: float | None
    hi: float | None
    df: float | None
    total_lo: float | None
    total_hi: float | None
    rules_lo: float | None
    rules_hi: float | None
    rules_step: int | None
    score_all: float | None
    score_unweighted: float | None
    se_unweighted: float | None
    n_responses: int | None
    n_departments: int | None
    n_valid: int | None
    n_excluded: int | None
    n_ineligible: int | None
    n_unscored: int | None
    n_cell: int | None
    population: int | None
    n_asked: int | None
    response_rate: float | None
    valid_band: Band | None
    response_rate_band: Band | None
    parts: tuple[PartScore, ...]
    items: tuple[ItemStatistics, ...]
    distributions: tuple[ItemStatistics, ...]
    reliability: tuple[Reliability, ...]
    agreement: tuple[UnitAgreement, ...]
    cautions: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class ResponseQuality:
    """How carefully one questionnaire was answered, over all units.

    version: of the cuts. families: those asked for (`exclude_when`), those that could be measured (available), and how
    many responses each of these flagged, in the same order. assessable: at least two are available; if not, nobody is
    excluded. n: responses assessed; n_flagged: by one family at least; n_excluded: by the plan's rule.
    expected_false, false_upper: careful people whom the rule is expected to leave out, and at most with 95 %, from the
    rate measured on planted truth (false_rate). Counts None where rules of publication hide them.
    """

    questionnaire: str
    audience: str
    version: str
    exclude_when: int
    available: tuple[str, ...]
    unavailable: tuple[str, ...]
    flagged: tuple[int | None, ...]
    assessable: bool
    n: int | None
    n_flagged: int | None
    n_excluded: int | None
    false_rate: float
    expected_false: float | None
    false_upper: int | None


@dataclass(frozen=True, kw_only=True)
class UnusualUnit:
    """One unit in which a signature is unusual: what was found, what chance lets expect, and how likely chance is."""

    unit: str
    found: float
    expected: float
    p: float


@dataclass(frozen=True, kw_only=True)
class Suspicion:
    """One anomaly signature over a questionnaire's answers: to be looked into by a person (需人工核查), never a proof.

    kind: `quality.signatures.SignatureKind`. n_units: in which it could be judged; units: in which it is unusual, of
    those large enough to be named; more: how many further ones there are. pairs, expected, lo, hi, p: of pairs of
    identical answers over all units, None for other kinds. false_rate: share of honest campaigns in which it is unusual
    somewhere, the highest that was measured; power_low, power_high: lowest and highest share of forged units found.
    status: why nothing could be judged.
    """

    questionnaire: str
    audience: str
    kind: str
    status: Status
    n_units: int
    units: tuple[UnusualUnit, ...]
    more: int
    pairs: int | None
    expected: float | None
    lo: int | None
    hi: int | None
    p: float | None
    false_rate: float | None
    power_low: float | None
    power_high: float | None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One unit's score beside those of the other units of its category.

    unit_reliability: share of the differences between scores that is not chance, λ, for the people of the frame;
    unit_reliability_process: for the institution whoever is asked, which is what places are about. shrunken: the score
    drawn towards the category's mean as far as chance goes, with its interval; a second opinion, never the score.
    answers_needed: more answers (departments) that would bring λ of the process to `target`, 0 for enough, None where
    no number would. rankable: whether a place may be given; refusals: why not. rank_lo, rank, rank_hi: the places that
    the data allow, 1 the highest, all sets together with the report's confidence; None where none may be given.
    """

    unit: str
    unit_reliability: float | None
    unit_reliability_process: float | None
    shrunken: float | None
    shrunken_lo: float | None
    shrunken_hi: float | None
    answers_needed: int | None
    rankable: bool
    refusals: tuple[Reason, ...]
    rank_lo: int | None
    rank: int | None
    rank_hi: int | None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The units of one category on one indicator, those with a score and a standard error.

    sd: of true scores between units (of the process) in points, with its interval; mean: of the units. pairs_apart: of
    `pairs`, how many differ beyond chance, all pairs looked at (Holm). target: λ that `answers_needed` is about.
    status: why there is nothing to compare, or what to beware of.
    """

    indicator: str
    category: str
    status: Status
    n_units: int
    mean: float | None
    sd: float | None
    sd_lo: float | None
    sd_hi: float | None
    pairs: int
    pairs_apart: int
    target: float
    standings: tuple[Standing, ...]


_LISTS = ("parts", "items", "distributions", "reliability", "agreement", "cautions")


def score_without_numbers(
    *,
    unit: str,
    indicator: str,
    audience: str,
    role: str,
    status: ScoreStatus,
    reason: Reason,
    full_marks: float | None,
) -> UnitScore:
    """A score of which nothing is given but why."""
    named: dict[str, Any] = {
        "unit": unit,
        "indicator": indicator,
        "audience": audience,
        "role": role,
        "status": status,
        "reasons": (reason,),
        "full_marks": full_marks,
    }
    empty = {found.name: () if found.name in _LISTS else None for found in fields(UnitScore)}
    return UnitScore(**(empty | named))


@dataclass(frozen=True, kw_only=True)
class Report:
    """All scores of one frame under one plan.

    questionnaires: (id, hash) of those answered. scores: units in the frame's order, within a unit indicators in the
    plan's. reliability, agreement, validity: over all units, one for each indicator and questionnaire (validity: where
    there are enough responses). quality: one for each questionnaire whose plan excludes careless responses.
    comparisons: one for each indicator and category, once `comparing.compare` has looked at the scores. suspicions: for
    lead evaluators only, where they were looked for. released: whether the rules of publication have been applied; a
    report that is not released is shown to nobody.
    """

    plan: str
    plan_version: str
    plan_hash: str
    questionnaires: tuple[tuple[str, str], ...]
    confidence: float
    released: bool
    scores: tuple[UnitScore, ...]
    reliability: tuple[Reliability, ...]
    agreement: tuple[Agreement, ...] = ()
    validity: tuple[Validity, ...] = ()
    quality: tuple[ResponseQuality, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    suspicions: tuple[Suspicion, ...] = ()

    def score_of(self, unit: str, indicator: str) -> UnitScore:
        """The score of one unit and indicator; KeyError if the report has none."""
        for score in self.scores:
            if score.unit == unit and score.indicator == indicator:
                return score
        raise KeyError((unit, indicator))
