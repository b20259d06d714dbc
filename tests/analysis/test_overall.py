"""What stands beside the scores: reliability, agreement and validity of an indicator, of the same complete answers."""

import numpy as np
import pytest

from analysis.agreement.overview import agreement_of
from analysis.disclosure import release
from analysis.estimate import Status
from analysis.frame import BLANK, CodedAnswers, Frame, UnitSpec
from analysis.pair_tables import pair_tables
from analysis.reliability.polychoric import ordinal_alpha, polychoric
from analysis.reliability.summary import reliability_of
from analysis.report import build
from analysis.results import Report
from analysis.spec import DisclosureSpec, IndicatorSpec, Part, PlanSpec, QuestionnaireSpec
from analysis.validity.sampling_adequacy import kmo
from tests.factories.frames import AUDIENCE, item

DIMENSIONS = ("a", "a", "a", "b", "b", "b", "c", "c", "c")
PARTS = tuple(Part(1 / 3, dimension=name) for name in "abc")
PLAN = PlanSpec("p", "1", "h", (IndicatorSpec("s", AUDIENCE, PARTS),))


def answered(sizes: tuple[int, ...], seed: int = 1, blanks: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(codes, unit): three dimensions that go together, units that differ; the first rows skip an item."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(len(sizes)), sizes)
    n = len(unit)
    general = rng.normal(0, 0.7, (n, 1)) + rng.normal(0, 0.5, (len(sizes), 1))[unit]
    trait = general + rng.normal(0, 0.5, (n, 3))
    codes = np.clip(np.rint(3 + trait[:, [0, 0, 0, 1, 1, 1, 2, 2, 2]] + rng.normal(0, 0.7, (n, 9))), 1, 5)
    codes = codes.astype(np.int8)
    codes[:blanks, 4] = BLANK
    return codes, unit


def report(sizes: tuple[int, ...], **changes: int) -> Report:
    codes, unit = answered(sizes, **changes)
    n = len(codes)
    of = QuestionnaireSpec(
        "recipients", "hash", AUDIENCE, tuple(item(f"q{at}", name) for at, name in enumerate(DIMENSIONS))
    )
    coded = CodedAnswers(
        of, codes, unit.astype(np.int32), np.zeros(n, np.int32), np.full(n, -1, np.int32),
        np.arange(n, dtype=np.int32), np.ones(n, dtype=bool),
    )  # fmt: skip
    units = tuple(UnitSpec(f"u{number}", "name", "bureau", (AUDIENCE,)) for number in range(len(sizes)))
    return build(Frame(units, (coded,)), PLAN)


def ranks(sizes: tuple[int, ...], **changes: int) -> tuple[np.ndarray, np.ndarray]:
    """The complete rows as reliability takes them: 5 for the best choice."""
    codes, unit = answered(sizes, **changes)
    complete = (codes > 0).all(axis=1)
    return 6 - codes[complete], unit[complete]


def test_reliability_block__over_all_units__is_that_of_complete_answers_pooled_within_units():
    sizes = (60, 40, 50)
    (block,) = report(sizes, blanks=7).reliability
    values, unit = ranks(sizes, blanks=7)
    wanted = reliability_of(values, group=unit)
    assert block.n == 143
    assert block.alpha == pytest.approx(wanted.alpha.value, abs=1e-12)
    assert (block.influence_lo, block.influence_hi) == pytest.approx((wanted.influence.lo, wanted.influence.hi))
    assert (block.bonett_lo, block.bonett_hi) == pytest.approx((wanted.bonett.lo, wanted.bonett.hi))
    assert (block.lambda2, block.omega, block.omega_hierarchical) == pytest.approx(
        (wanted.lambda2.value, wanted.omega_total.value, wanted.omega_hierarchical.value)
    )
    assert block.split_least < block.alpha < block.split_greatest
    assert block.alpha_total > block.alpha > block.omega_hierarchical
    assert block.alpha_between is not None


def test_reliability_block__of_one_unit__has_no_general_factor_and_no_other_units():
    found = report((60, 40, 20)).scores[0].reliability[0]
    alone = reliability_of(ranks((60, 40, 20))[0][:60])
    assert found.alpha == pytest.approx(alone.alpha.value)
    assert (found.omega_hierarchical, found.omega_hierarchical_status) == (None, None)
    assert (found.alpha_total, found.alpha_between) == (None, None)


def test_two_items__the_coefficient_is_spearman_browns():
    plan = PlanSpec("p", "1", "h", (IndicatorSpec("s", AUDIENCE, (Part(0.5, item="q0"), Part(0.5, item="q1"))),))
    codes, unit = answered((40, 40))
    of = QuestionnaireSpec("recipients", "hash", AUDIENCE, (item("q0", "a"), item("q1", "a")))
    n = len(codes)
    coded = CodedAnswers(
        of, codes[:, :2].copy(), unit.astype(np.int32), np.zeros(n, np.int32), np.full(n, -1, np.int32),
        np.arange(n, dtype=np.int32), np.ones(n, dtype=bool),
    )  # fmt: skip
    units = tuple(UnitSpec(f"u{number}", "name", "bureau", (AUDIENCE,)) for number in range(2))
    (block,) = build(Frame(units, (coded,)), plan).reliability
    within = codes[:, :2] - np.array([codes[unit == u, :2].mean(axis=0) for u in range(2)])[unit]
    r = np.corrcoef(within.T)[0, 1]
    assert block.coefficient == pytest.approx(2 * r / (1 + r))
    assert block.coefficient != block.alpha


def test_agreement__of_units__is_that_of_persons_totals_and_of_items():
    sizes = (60, 40, 12)
    made = report(sizes)
    values, unit = ranks(sizes)
    wanted = agreement_of(values.astype(float), np.ones(values.shape, bool), unit, 3, low=1.0, high=5.0)
    (found,) = made.agreement
    assert (found.icc1, found.icc2) == pytest.approx((wanted.scale.icc1.value, wanted.scale.icc2.value))
    assert (found.f, found.p) == pytest.approx((wanted.scale.anova.f, wanted.scale.anova.p))
    assert (found.n_units, found.status) == (3, Status.OK)
    for score, expected, skewed in zip(
        made.scores, wanted.scale.within.r_wg_uniform, wanted.scale.within.r_wg_slight_skew, strict=True
    ):
        (unit_agreement,) = score.agreement
        assert unit_agreement.r_wg_j == pytest.approx(expected.value)
        assert unit_agreement.r_wg_j_skewed == pytest.approx(skewed.value)


def test_release__agreement__is_for_units_of_ten_and_more():
    found = release(report((60, 40, 12, 8)), DisclosureSpec())
    assert [len(score.agreement) for score in found.scores] == [1, 1, 1, 0]


def test_validity__of_items__is_that_of_answers_pooled_within_units():
    sizes = (200, 150, 250)
    (found,) = report(sizes).validity
    values, unit = ranks(sizes)
    centred = values - np.array([values[unit == u].mean(axis=0) for u in range(3)])[unit]
    cov = centred.T @ centred / (len(values) - 3)
    assert found.kmo == pytest.approx(kmo(cov, len(values) - 2).value)
    assert len(found.kmo_items) == 9
    assert found.bartlett_p < 1e-6
    assert found.dimensions_found >= 1
    assert found.ordinal_alpha == pytest.approx(ordinal_alpha(polychoric(pair_tables(values, 5))).value)
    assert [one.dimension for one in found.dimensions] == ["a", "b", "c"]
    for one in found.dimensions:
        assert one.n_items == 3
        assert 0.4 < one.average_variance_extracted < one.composite_reliability < 1
        assert one.nearest in {"a", "b", "c"} - {one.dimension}
        assert 0.5 < one.htmt < 1


def test_too_few_answers__no_validity_and_a_reliability_without_numbers():
    made = report((10, 9))
    assert made.validity == ()
    (block,) = made.reliability
    assert (block.assessable, block.n, block.alpha, block.coefficient, block.lambda2) == (False, 19, None, None, None)
    assert made.agreement[0].icc1 is not None
