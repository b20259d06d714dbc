"""Where a threshold or a formula comes from: the plan itself, a rule of this platform, or the literature.

Must stay true: every code that a score can carry and every status of a number names its source; a figure that nobody
has published is never given a reference, and a threshold that an office sets for itself is called the plan's.
"""

Pair = tuple[str, str]

PLAN = ("门槛由本方案规定", "threshold set by this plan")
COUNTED = ("核对登记数与实收数，不设门槛", "counts held against the register; no threshold")
PUBLICATION = ("发布规则，由本方案规定", "rule of publication, set by this plan")
SYSTEM = ("系统规则，见方法说明", "rule of this platform, see the method notes")

ALPHA = "Cronbach 1951, doi:10.1007/BF02310555"
ALPHA_CUSTOM = "Lance et al. 2006, doi:10.1177/1094428105284919"
ALPHA_INTERVAL = "Maydeu-Olivares et al. 2007, doi:10.1037/1082-989X.12.2.157"
TWO_ITEMS = "Eisinga et al. 2013, doi:10.1007/s00038-012-0416-3"
OMEGA = "Flora 2020, doi:10.1177/2515245920951747"
LAMBDAS = "Guttman 1945, doi:10.1007/BF02288892"
BETWEEN = "Geldhof, Preacher & Zyphur 2014, doi:10.1037/a0032138"
AGREEMENT = "LeBreton & Senter 2008, doi:10.1177/1094428106296642"
ADEQUACY = "Kaiser 1974, doi:10.1007/BF02291575"
DIMENSIONS = "Horn 1965, doi:10.1007/BF02289447"
FIT = "Hu & Bentler 1999, doi:10.1080/10705519909540118; Greiff & Heene 2017, doi:10.1027/1015-5759/a000450"
CONVERGENCE = "Fornell & Larcker 1981, doi:10.1177/002224378101800104"
HTMT = "Henseler, Ringle & Sarstedt 2015, doi:10.1007/s11747-014-0403-8"
RULES = "Steegen et al. 2016, doi:10.1177/1745691616658637"
RELIABILITY = "Adams 2009, RAND TR-653"
PLACES = "Mogstad, Romano, Shaikh & Wilhelm 2024, doi:10.1093/restud/rdad006"
SHRINKAGE = "Morris 1983, doi:10.1080/01621459.1983.10477920"
NONRESPONSE = "Groves & Peytcheva 2008, doi:10.1093/poq/nfn011"
OPEN_LINK = "Baker et al. 2013, doi:10.1093/jssam/smt008"
FREEDOM = "Satterthwaite 1946, doi:10.2307/3002019"
CARELESS = "Curran 2016, doi:10.1016/j.jesp.2015.07.006; Meade & Craig 2012, doi:10.1037/a0028085"
SAMPLING = "Cochran 1977, Sampling Techniques"


def _and(pair: Pair, reference: str) -> Pair:
    return f"{pair[0]}；{reference}", f"{pair[1]}; {reference}"


def _literature(reference: str) -> Pair:
    return reference, reference


SOURCES: dict[str, Pair] = {
    "no_answers": SYSTEM,
    "part_without_answers": SYSTEM,
    "too_few_responses": PLAN,
    "too_few_departments": PLAN,
    "alpha_below": _and(PLAN, f"{ALPHA}; {ALPHA_CUSTOM}"),
    "exclusion_shift_withholds": _and(PLAN, RULES),
    "held": PLAN,
    "more_answers_than_population": COUNTED,
    "more_used_than_handed_out": COUNTED,
    "door_overused": COUNTED,
    "collection_open": PUBLICATION,
    "unused_not_counted": COUNTED,
    "few_responses": PLAN,
    "few_departments": PLAN,
    "response_rate_low": _and(PLAN, NONRESPONSE),
    "alpha_lower_low": _and(PLAN, f"{ALPHA_INTERVAL}; {ALPHA_CUSTOM}"),
    "alpha_not_assessable": SYSTEM,
    "wide_interval": PLAN,
    "interval_not_assessable": _literature(SAMPLING),
    "excluded_share_high": PLAN,
    "exclusion_shift_high": _and(PLAN, RULES),
    "negative_item_rest": _literature("Nunnally & Bernstein 1994, Psychometric Theory"),
    "stratum_without_answers": _literature(SAMPLING),
    "population_unknown": _literature(SAMPLING),
    "quality_not_assessable": _and(SYSTEM, CARELESS),
    "non_probability": _literature(OPEN_LINK),
    "census": _literature(SAMPLING),
    "no_population_size": _literature(SAMPLING),
    "no_finite_correction": _literature(SAMPLING),
    "strata_merged": _literature(SAMPLING),
    "no_variation": SYSTEM,
    "constant_item": _literature(ALPHA),
    "alpha_not_defined": _literature(ALPHA),
    "questionnaires_pooled": PLAN,
    "full_marks_moved": PLAN,
    "unknown_department": SYSTEM,
    "carried_forward": PUBLICATION,
    "rank_too_few_units": PLAN,
    "rank_reliability_low": _and(PLAN, RELIABILITY),
    "rank_set_wide": _and(SYSTEM, PLACES),
    "audience_left_out": PLAN,
    "too_few_to_show": PUBLICATION,
    "rounded": PUBLICATION,
    "part_too_small": PUBLICATION,
}

_DEFINED = ("定义所需，不设门槛", "needed by the definition; no threshold")
_SIGNATURES = (
    "系统规则，门槛由模拟测得",
    "rule of this platform, measured by simulation",
)
_FACTORS = "Kolenikov & Bollen 2012, doi:10.1177/0049124112442138"
_TETRA = "Olsson 1979, doi:10.1007/BF02296207"
_RATERS = "McGraw & Wong 1996, doi:10.1037/1082-989X.1.1.30"

# Of `analysis.estimate.Status`, in the order of `estimate_words`.
STATUS_SOURCES: dict[str, Pair] = {
    "warn_item_variance_zero": _literature(ALPHA),
    "warn_negative_item_total": _literature("Nunnally & Bernstein 1994, Psychometric Theory"),
    "warn_one_response": _and(_DEFINED, SAMPLING),
    "warn_no_variation": _and(_DEFINED, SAMPLING),
    "warn_correlation_at_border": _literature(_TETRA),
    "warn_stratum_empty": _literature(SAMPLING),
    "warn_no_variation_within": _literature(_RATERS),
    "warn_no_variation_between": _literature(_RATERS),
    "warn_negative_component": _literature("Brennan 2001, doi:10.1007/978-1-4757-3456-0"),
    "warn_disconnected": _literature("Searle 1987, Linear Models for Unbalanced Data"),
    "warn_one_link": _literature("Searle 1987, Linear Models for Unbalanced Data"),
    "warn_no_between_variance": _literature(SHRINKAGE),
    "warn_not_positive_definite": _literature("Higham 2002, doi:10.1093/imanum/22.3.329"),
    "warn_sampled": SYSTEM,
    "warn_singular": _DEFINED,
    "warn_lonely_cluster": _literature(SAMPLING),
    "warn_rounded": PUBLICATION,
    "warn_open_link": _literature(OPEN_LINK),
    "undefined_no_responses": _DEFINED,
    "undefined_one_response": _DEFINED,
    "undefined_two_responses": _literature(ALPHA_INTERVAL),
    "undefined_one_item": _literature(ALPHA),
    "undefined_two_items": _literature(TWO_ITEMS),
    "undefined_one_unit": _DEFINED,
    "undefined_one_rater": _literature(_RATERS),
    "undefined_few_units": _SIGNATURES,
    "undefined_few_responses": _SIGNATURES,
    "undefined_incomplete": _literature(_RATERS),
    "undefined_no_denominator": _literature("AAPOR 2023, Standard Definitions"),
    "undefined_stratum_size": _literature(SAMPLING),
    "undefined_stratum_empty": _literature(SAMPLING),
    "undefined_coarse_times": _SIGNATURES,
    "undefined_not_measured": _SIGNATURES,
    "undefined_null_not_tabulated": _literature(AGREEMENT),
    "undefined_item_variance_zero": _DEFINED,
    "undefined_total_variance_zero": _literature(ALPHA),
    "undefined_no_variation": _DEFINED,
    "undefined_no_variation_between": _literature(RELIABILITY),
    "undefined_no_between_variance": _literature(RELIABILITY),
    "undefined_no_correlation": _literature(OMEGA),
    "undefined_beyond_null": _literature(AGREEMENT),
    "undefined_no_structure": _SIGNATURES,
    "undefined_singular": _DEFINED,
    "undefined_heywood": _literature(_FACTORS),
    "undefined_not_converged": _literature(_FACTORS),
    "undefined_not_identified": _literature(_FACTORS),
    "undefined_just_identified": _literature(FIT),
    "undefined_not_positive_definite": _literature("Higham 2002, doi:10.1093/imanum/22.3.329"),
    "undefined_below_zero": _DEFINED,
    "undefined_zero_error": _literature(SHRINKAGE),
    "undefined_frame_too_small": COUNTED,
    "undefined_margins_disagree": _literature("Deville & Särndal 1992, doi:10.1080/01621459.1992.10475217"),
    "undefined_not_linked": _literature("Searle 1987, Linear Models for Unbalanced Data"),
    "undefined_out_of_reach": _literature(SAMPLING),
    "undefined_items_changed": SYSTEM,
    "undefined_method_changed": SYSTEM,
    "undefined_no_score": PUBLICATION,
    "undefined_not_before": _DEFINED,
}
