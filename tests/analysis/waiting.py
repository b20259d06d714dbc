"""Golden values of what the package does not compute yet, by file, id and, where needed, part of the value."""

GUTTMAN = "Guttman's lambdas and squared multiple correlations"
OTHER_INTERVALS = "Bonett's interval and the asymptotic standard error"
SPLIT_HALF = "split halves"
VALIDITY = "KMO, Bartlett, several factors, CFA, composite reliability"
POLYCHORIC = "polychoric correlations and ordinal alpha"
QUALITY = "quality of single responses"
AGREEMENT = "agreement within units"
SHRINKAGE = "empirical Bayes and mixed models"
RANKS = "rank sets and contrasts"
PROPORTION = "intervals of shares other than the mean's"
SAMPLING = "design effect, Kish, effective n"
MEDIAN_R = "median correlation and other descriptions of psych"
DATA = "facts of the data set, not statistics"

ALPHA_REST = {"G6(smc)": GUTTMAN, "S/N": MEDIAN_R, "ase": OTHER_INTERVALS, "median_r": MEDIAN_R}
DROP_REST = {
    "G6(smc)": GUTTMAN,
    "S/N": MEDIAN_R,
    "alpha se": OTHER_INTERVALS,
    "var.r": MEDIAN_R,
    "med.r": MEDIAN_R,
}


def all_of(family: str, *ids: str) -> dict[str, str]:
    return dict.fromkeys(ids, family)


LATER: dict[str, dict[str, str | dict[str, str]]] = {
    "attitude": {
        "alpha.total": ALPHA_REST,
        "alpha.drop": DROP_REST,
        "oddeven_spearman_brown": {"r": SPLIT_HALF, "rulon": SPLIT_HALF},
        **all_of(OTHER_INTERVALS, "alpha.bonett", "alpha.se_asymptotic"),
        **all_of(SPLIT_HALF, "splithalf.max_l4", "splithalf.min_beta", "splithalf.mean", "splithalf.raw_all_sorted"),
        "guttman.lambda1to6": dict.fromkeys(("l1", "l2", "l5", "l6"), GUTTMAN),
        **all_of(GUTTMAN, "smc"),
        **all_of(VALIDITY, "KMO.overall", "KMO.items", "bartlett", "cfa.est", "cfa.fit"),
        "cfa.CR_AVE_std": {"AVE": VALIDITY},
        **all_of(QUALITY, "mahalanobis_d2"),
    },
    "bfi25": {
        "A.alpha.pairwise": ALPHA_REST,
        "A.alpha.drop": DROP_REST,
        "A.alpha.listwise": ALPHA_REST,
        **all_of(DATA, "missing.per_item", "missing.rows_complete"),
        **all_of(OTHER_INTERVALS, "A.bonett.listwise"),
        **all_of(
            POLYCHORIC,
            "A.polychoric.psych_correct0",
            "A.polychoric.psych_default",
            "A.polychor.twostep.A2A3",
            "A.polychor.ML.A2A3",
            "A.polychor.twostep.matrix",
            "A.ordinal_alpha",
            "A.thresholds",
        ),
        **all_of(VALIDITY, "all25.KMO", "all25.KMO.items", "all25.bartlett", "all25.eigenvalues"),
        **all_of(VALIDITY, "all25.fa5.ml.communality", "A.cfa.fit"),
        "A.omega_psych_nf3": {"omega_h": VALIDITY, "omega_t": VALIDITY, "G6": GUTTMAN},
        "A.guttman": dict.fromkeys(("l2", "l4", "l5", "l6"), GUTTMAN),
        **all_of(GUTTMAN, "A.lambda2_raw_cov"),
        **all_of(QUALITY, "longstring.first50", "irv.first50", "mahad.complete.first50", "mahad.flagged_at_.999"),
        **all_of(QUALITY, "evenodd.complete.first50"),
    },
    "lq2002_lead": {
        "alpha": ALPHA_REST,
        **all_of(AGREEMENT, "icc_anova", "multilevel.ICC1", "multilevel.ICC2", "rwgj.uniform", "rwgj.summary"),
        **all_of(AGREEMENT, "rwgj.lindell_r*wg(j)", "rwg.single.LEAD01", "ad_index.mean_LEAD"),
        **all_of(SHRINKAGE, "eb.DL", "eb.REML", "eb.PM", "lmer.varcomp", "lmer.blup"),
        **all_of(RANKS, "csranks.simul.seed1.R10000", "csranks.marg.seed1.R10000", "csranks.simul.singlestep"),
        **all_of(RANKS, "largest6.units", "largest6.TukeyHSD", "largest6.welch_holm", "largest6.welch_BH"),
        **all_of(RANKS, "largest6.welch_anova"),
    },
    "api_srs_strat": {
        **{f"{id_}.api00.{fpc}": {"deff": SAMPLING} for id_ in ("srs", "strat") for fpc in ("fpc", "nofpc")},
        **all_of(
            PROPORTION, *(f"strat.svyciprop.{name}" for name in ("logit", "beta", "xlogit", "asin", "likelihood"))
        ),
        **all_of(PROPORTION, "wilson"),
        **all_of(SAMPLING, "kish.deff_weights"),
        **all_of(DATA, "population_truth"),
    },
    "survey_designs": {},
    "raters_careless": {
        **all_of(AGREEMENT, "icc.oneway.consistency.single", "icc.oneway.consistency.average"),
        **all_of(AGREEMENT, "icc.twoway.consistency.single", "icc.twoway.consistency.average"),
        **all_of(AGREEMENT, "icc.twoway.agreement.single", "icc.twoway.agreement.average"),
        **all_of(AGREEMENT, "kripp.nominal", "kripp.ordinal", "kripp.interval", "kripp.ratio"),
        **all_of(AGREEMENT, "kripp_missing.nominal", "kripp_missing.ordinal", "kripp_missing.interval"),
        **all_of(AGREEMENT, "kripp_missing.ratio", "fleiss", "kendall_W"),
        **all_of(QUALITY, "longstring", "longstring.avg", "irv", "mahad", "evenodd"),
    },
}
