"""What a report says beside the scores: reliability, validity, agreement, quality, comparison, suspicion.

Knows shapes only. Must stay true, as in `analysis.results`: a number that does not exist or may not be shown is None,
never NaN and never 0; nothing here names a person or a response.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis.cautions import Reason
from analysis.estimate import Status
from analysis.quality.budget_shapes import Shape


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
    means, the latter with its interval, over all units only.
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
    alpha_between_lo: float | None
    alpha_between_hi: float | None
    alpha_between_status: Status | None
    item_rest: tuple[float | None, ...]
    alpha_if_deleted: tuple[float | None, ...]
    constant_items: tuple[str, ...]


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
class Sampling:
    """How one score was sampled: what more answers would bring, what the design costs, how evenly strata answered.

    target: half width of the sampling interval, in points, that `answers_more` is about: the plan's `moe_above`, or 5.
    of_departments: whether the score counts departments, not answers, and so does all this.
    answers_more: more answers (departments) of the same kind that would bring it there, 0: it is there; None with
    `answers_more_status`. design_effect: the score's variance over that of a simple random sample of as many persons
    (departments), both corrected for the population or neither; n_effective: answers of such a sample that would say as
    much. rate: which of AAPOR's rates `response_rate` is, None where there is none; rate_status: why. coverage: of the
    population, how many are in the score. r_indicator, r_adjusted: how alike the strata answered, 1: all alike,
    the second freed from chance; r_base: of those "asked", or of everybody in the "frame". weighted: whether strata
    are. fewest_in_stratum, smallest_stratum: sittings of the thinnest stratum that answered and people of the smallest,
    what rules of publication are held against; None once released, or where there is one stratum. A number without a
    status is withheld or not shown.
    """

    target: float
    of_departments: bool
    answers_more: int | None = None
    answers_more_status: Status | None = None
    design_effect: float | None = None
    n_effective: float | None = None
    design_effect_status: Status | None = None
    rate: str | None = None
    rate_status: Status | None = None
    coverage: float | None = None
    coverage_status: Status | None = None
    r_indicator: float | None = None
    r_adjusted: float | None = None
    r_base: str | None = None
    r_status: Status | None = None
    weighted: bool = False
    fewest_in_stratum: int | None = None
    smallest_stratum: int | None = None


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
class ResponseQuality:
    """How carefully one questionnaire was answered, over all units.

    version: of the cuts. families: those asked for (`exclude_when`), those that could be measured (available), and how
    many responses each of these flagged, in the same order. assessable: at least two are available; if not, nobody is
    excluded. n: responses assessed; n_flagged: by one family at least; n_excluded: by the plan's rule.
    expected_false, false_upper: careful people whom the rule is expected to leave out, and at most with 95 %, from the
    rate measured on planted truth (false_rate) of questionnaires like false_shape, the worst of those around this one;
    None, with false_status, where it lies outside of what was measured. false_shape: None also where nobody can be left
    out. Counts None where rules of publication hide them.
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
    false_status: Status
    false_shape: Shape | None
    false_rate: float | None
    expected_false: float | None
    false_upper: int | None


@dataclass(frozen=True, kw_only=True)
class RaterSeverity:
    """Departments that rate several units of one indicator, and how far they differ in severity.

    raters: departments with a rating, crossing: of them those with two units or more; groups: of units that hang
    together through crossing ones, beyond which adjusted scores are not comparable. severity_sd: between departments,
    residual_sd: what unit and severity leave, both in points.
    """

    indicator: str
    status: Status
    raters: int | None
    crossing: int | None
    groups: int
    severity_sd: float | None
    residual_sd: float | None


@dataclass(frozen=True, kw_only=True)
class Driver:
    """How much one dimension has to do with the overall item, within units: its relative weight, a part of R².

    weight, lo, hi: Johnson's relative weight with its interval; r_squared: of all dimensions together. It describes
    and proves no cause.
    """

    indicator: str
    part: str
    status: Status
    weight: float | None
    lo: float | None
    hi: float | None
    r_squared: float | None


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

    kind: `quality.signatures.SignatureKind`, or mutual_ratings and all_the_same of departments, which are counted only.
    n_units: units (pairs of units, departments) that could be judged; units: in which it is unusual, of those large
    enough to be named; more: how many further ones there are. pairs, expected, lo, hi, p: how many were found over all
    units (pairs of identical answers, of units, or departments), None for other kinds. false_rate: share of honest
    campaigns in which it is unusual somewhere, the highest that was measured; power_low, power_high: lowest and highest
    share of forged units found. status: why nothing could be judged.
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
