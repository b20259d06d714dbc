"""What stands beside a score about its sampling, and what of that may be shown."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analysis.estimate import Status
from analysis.frame import Fieldwork
from analysis.means import linear_scores
from analysis.overall import Sampling
from analysis.publishing import publish
from analysis.report import build
from analysis.results import UnitScore
from analysis.sampled import while_collecting
from analysis.sampling.precision import answers_more_of_design
from analysis.sampling.representativity import r_indicator
from analysis.sampling.response_rates import Dispositions, response_rate
from analysis.spec import BY_DEPARTMENT, RELATED_DEPARTMENT, CautionGates, GateSpec, WithholdGates
from tests.analysis.goldens.core import STYPE
from tests.analysis.goldens.data import table
from tests.factories.frames import Row, answers, frame, indicator, item, plan, questionnaire

ONE = questionnaire(item("q1", "a"))
WEIGHTED = indicator(strata="poststratify")
DESIGN = ("design_effect", "n_effective", "design_effect_status")
R = ("r_indicator", "r_adjusted", "r_base", "r_status")


def rows(*counts: int, seed: int = 1) -> list[Row]:
    rng = np.random.default_rng(seed)
    return [
        Row([int(rng.integers(1, 4 + stratum))], stratum=stratum) for stratum, n in enumerate(counts) for _ in range(n)
    ]


def both(
    given: list[Row], sizes: tuple[int, ...], *, of: Any = WEIGHTED, known: Fieldwork | None = None, **changes: Any
) -> tuple[UnitScore, UnitScore]:
    """The unit's score before and after publication; strata are a, b …"""
    strata = tuple("abc"[: len(sizes)])
    made = frame(
        answers(ONE, given),
        sizes={("u1", name): size for name, size in zip(strata, sizes, strict=True)},
        strata=strata,
        fieldwork={"u1": known or Fieldwork()},
    )
    truth = build(made, plan(of, **changes))
    return truth.scores[0], publish(made, plan(of, **changes), truth).report.scores[0]


def values(found: Sampling | None, names: tuple[str, ...]) -> list[Any]:
    assert found is not None
    return [getattr(found, name) for name in names]


@pytest.mark.parametrize(
    ("finite", "dimensions", "deff"),
    [(True, 1, 1.204457286360535), (False, 1, 1.197291786999777),
     (True, 2, 1.240695189097536), (False, 2, 1.232712152996826)],
)  # fmt: skip
def test_design_effect__stratified_sample_of_schools__is_that_of_r(finite: bool, dimensions: int, deff: float) -> None:
    # R, survey 4.1: d <- svydesign(~1, strata = ~stype, fpc = ~N, data = apistrat) (weights = ~w without fpc);
    # svymean(~api00, d, deff = TRUE) and deff = "replace" without fpc. Two dimensions: api99 missing for every seventh,
    # z = .6 (y1 - m1) + .4 m2 (y2 - r2)/share, r2 = svyratio(~I(y2 * m2), ~m2, d), share = svymean(~m2, d).
    data = table("apistrat")
    second = np.where(np.arange(1, len(data) + 1) % 7 != 0, data["api99"] / 10, np.nan)
    y = np.column_stack([data["api00"] / 10, second])[:, :dimensions]
    found = linear_scores(
        y,
        np.array([1.0] if dimensions == 1 else [0.6, 0.4]),
        np.zeros(len(y), dtype=np.intp),
        1,
        stratum=data["stype"].map(STYPE).to_numpy(),
        sizes=np.array([[4421.0, 755.0, 1018.0]]),
        finite=finite,
    )[0].score
    assert (found.se / found.se_simple) ** 2 == pytest.approx(deff, abs=1e-9)


def test_strata__everything_known__says_how_it_was_sampled() -> None:
    known = Fieldwork(handed_out=200, asked=(("a", 120), ("b", 80)))
    truth, shown = both(rows(60, 25), (300, 100), known=known)
    found = shown.sampling
    assert found == replace(truth.sampling, fewest_in_stratum=None, smallest_stratum=None)
    assert values(truth.sampling, ("fewest_in_stratum", "smallest_stratum")) == [25, 100]
    assert (found.target, found.of_departments, found.coverage) == (5.0, False, 85 / 400)
    assert found.n_effective == pytest.approx(85 / found.design_effect)
    expected = r_indicator(np.array([60, 25]), np.array([120, 80]), np.array([300, 100]))
    assert (found.r_indicator, found.r_adjusted) == (expected.value, expected.detail["adjusted"])
    assert found.r_base == "asked"
    # The rate beside it is AAPOR's RR2 of the same cases: what did not come back may be anything, and counts.
    rate = response_rate(Dispositions(complete=85, unknown_other=115), found.rate).value
    assert (found.rate, shown.response_rate) == ("RR2", rate)


def test_answers_more__follows_from_what_is_published() -> None:
    _, shown = both(rows(20, 15), (300, 100), gates=GateSpec(WithholdGates(), CautionGates(moe_above=3.0)))
    expected = answers_more_of_design(
        shown.n_valid, 3.0, se=shown.se, se_process=shown.se_process, df=shown.df, population=shown.population
    )
    assert shown.sampling.target == 3.0
    assert shown.sampling.answers_more == expected.value > 0


def test_cards_not_counted_by_stratum__are_those_of_the_frame() -> None:
    found = both(rows(60, 25), (300, 100), known=Fieldwork(handed_out=200))[0].sampling
    assert (found.r_indicator, found.r_base) == (r_indicator(np.array([60, 25]), np.array([300, 100])).value, "frame")


def test_fewer_cards_than_answers_in_a_stratum__do_not_count() -> None:
    found = both(rows(60, 25), (300, 100), known=Fieldwork(activated=200, asked=(("a", 180), ("b", 20))))[0].sampling
    assert (found.r_base, found.rate) == ("frame", "RR2")


def test_census__has_nothing_to_add_and_no_design_effect() -> None:
    found = both(rows(30, 20), (30, 20))[1].sampling
    assert (found.answers_more, found.coverage) == (0, 1.0)
    assert (found.design_effect, found.design_effect_status) == (None, Status.UNDEFINED_ZERO_ERROR)
    assert found.r_indicator == 1


def test_stratum_without_answers__is_said_and_its_people_mend_nothing() -> None:
    truth, shown = both(rows(11, 0), (12, 100))
    assert (shown.sampling.answers_more_status, truth.sampling.coverage) == (Status.WARN_STRATUM_EMPTY, 11 / 112)
    # Of the stratum that the score speaks for one person is left.
    found = both(rows(11, 0), (12, 100), gates=GateSpec(WithholdGates(), CautionGates(moe_above=0.01)))[0].sampling
    assert found.answers_more == 1


def test_process__people_of_strata_without_answers__are_not_left_to_be_asked() -> None:
    half = both(rows(11, 0), (12, 100), population="process")[0]
    gates = GateSpec(WithholdGates(), CautionGates(moe_above=0.7 * (half.hi - half.lo) / 2))
    found = both(rows(11, 0), (12, 100), population="process", gates=gates)[0].sampling
    assert found.answers_more_status is Status.UNDEFINED_OUT_OF_REACH
    assert both(rows(11), (112,), population="process", gates=gates)[0].sampling.answers_more > 1


def test_one_answer__has_no_error_to_go_by() -> None:
    found = both(rows(1), (30,))[0].sampling
    assert (found.answers_more, found.answers_more_status) == (None, Status.UNDEFINED_ONE_RESPONSE)
    assert found.design_effect_status is Status.UNDEFINED_ONE_RESPONSE


def test_equal_answers__promise_nothing() -> None:
    found = both([Row([2])] * 20, (50,))[0].sampling
    assert (found.answers_more, found.answers_more_status) == (0, Status.WARN_NO_VARIATION)
    assert found.design_effect_status is Status.UNDEFINED_ZERO_ERROR


@pytest.mark.parametrize("of", [indicator(), WEIGHTED])
def test_one_stratum__is_a_simple_random_sample_and_has_no_representativity(of: Any) -> None:
    found = both(rows(40), (90,), of=of)[1].sampling
    assert found.design_effect == pytest.approx(1)
    assert (found.r_indicator, found.r_status) == (None, Status.UNDEFINED_ONE_UNIT)


def test_open_link__says_who_took_part_and_refuses_the_rest() -> None:
    found = both(rows(60, 25), (300, 100), known=Fieldwork(open_link=True))[1].sampling
    assert (found.coverage, found.rate) == (85 / 400, None)
    statuses = ("answers_more_status", "design_effect_status", "rate_status", "r_status")
    assert values(found, statuses) == [Status.UNDEFINED_NO_DENOMINATOR] * 4
    assert values(found, ("answers_more", "design_effect", "r_indicator")) == [None] * 3


def test_sizes_unknown__neither_coverage_nor_representativity() -> None:
    made = frame(answers(ONE, rows(30, 20)), strata=("a", "b"))
    found = build(made, plan(WEIGHTED)).scores[0].sampling
    assert found.coverage_status is Status.UNDEFINED_NO_DENOMINATOR
    assert found.r_status is Status.UNDEFINED_STRATUM_SIZE
    assert found.answers_more is not None


def test_withheld_score__leaves_no_error_behind() -> None:
    gates = GateSpec(WithholdGates(hold=True))
    found = both(rows(60, 25), (300, 100), known=Fieldwork(held=True, handed_out=200), gates=gates)[1].sampling
    assert values(found, ("answers_more", "answers_more_status", *DESIGN, *R)) == [None] * 9
    assert (found.rate, found.coverage) == ("RR2", 85 / 400)


def test_departments__count_departments() -> None:
    rng = np.random.default_rng(4)
    by = indicator(levels=BY_DEPARTMENT, audience=RELATED_DEPARTMENT)
    asked = questionnaire(item("q1", "a"), audience=RELATED_DEPARTMENT)
    given = [Row([int(rng.integers(1, 6))], department=g) for g in range(12) for _ in range(3)]
    made = frame(answers(asked, given), departments=12, sizes={("u1", None): 30}, audiences=(RELATED_DEPARTMENT,))
    of = plan(by, gates=GateSpec(WithholdGates(), CautionGates(moe_above=10.0)))
    truth = build(made, of)
    found, score = publish(made, of, truth).report.scores[0].sampling, truth.scores[0]
    assert (found.of_departments, found.coverage, found.r_status) == (True, 12 / 30, None)
    assert found.design_effect == pytest.approx(score.se**2 / ((1 - 12 / 30) * score.se_process**2))
    assert found.design_effect > 1
    assert 0 < found.answers_more <= 18


@pytest.mark.parametrize(
    ("counts", "sizes"), [((40, 9), (300, 100)), ((40, 12), (300, 19)), ((40, 12, 0), (300, 100, 19))]
)
def test_thin_or_small_stratum__takes_design_effect_and_representativity_with_it(
    counts: tuple[int, ...], sizes: tuple[int, ...]
) -> None:
    truth, shown = both(rows(*counts), sizes)
    assert truth.sampling.design_effect is not None
    assert values(shown.sampling, DESIGN + R) == [None] * 7
    assert shown.sampling.answers_more == truth.sampling.answers_more is not None


def test_thin_stratum__of_a_score_that_weighs_none__hides_counts_only() -> None:
    shown = both(rows(40, 9), (300, 100), of=indicator())[1].sampling
    assert shown.design_effect == pytest.approx(1)
    assert values(shown, R) == [None] * 4


def test_one_person_answering_often_in_a_stratum__is_one_sitting() -> None:
    given = [*rows(40), *(Row([1 + n % 5], stratum=1, sitting=1000 + n % 9) for n in range(20))]
    truth, shown = both(given, (300, 100))
    assert truth.sampling.fewest_in_stratum == 9
    assert shown.sampling.design_effect is None


@pytest.mark.parametrize(("counts", "sizes"), [((7,), (100,)), ((12,), (19,)), ((6, 3), (300, 100))])
def test_whole_numbers_only__nothing_that_an_error_follows_from(
    counts: tuple[int, ...], sizes: tuple[int, ...]
) -> None:
    _, shown = both(rows(*counts), sizes)
    assert shown.se is None
    assert values(shown.sampling, ("answers_more", "answers_more_status", *DESIGN, *R)) == [None] * 9
    # The share of the frame is the count of answers, and goes where that goes.
    assert (shown.sampling.coverage is None) == (shown.n_valid is None)


def test_suppressed_unit__says_nothing() -> None:
    assert both(rows(4), (100,))[1].sampling is None


def test_while_collecting__counts_of_strata_wait_for_the_end() -> None:
    made = frame(answers(ONE, rows(60, 25)), sizes={("u1", "a"): 300, ("u1", "b"): 100}, strata=("a", "b"))
    for of, hidden in ((WEIGHTED, DESIGN + R), (indicator(), R)):
        final = publish(made, plan(of), build(made, plan(of))).report
        found, whole = while_collecting(final).scores[0].sampling, final.scores[0].sampling
        assert values(found, hidden) == [None] * len(hidden)
        assert replace(whole, **dict.fromkeys(hidden)) == found
