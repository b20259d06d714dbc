"""Rater severity: R's least squares, the mixed model beside it, leaving out raters, groups that nothing ties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM

from analysis.agreement.severity import RaterModel, contrast, rater_model
from analysis.estimate import Status

# rater: {unit: answers}; 5 units, 6 raters of whom the last rates one unit only
RATINGS = {
    0: {0: [62, 70], 1: [55], 2: [71]},
    1: {0: [80], 1: [66], 3: [90, 84, 81]},
    2: {1: [50], 2: [60, 58], 4: [47]},
    3: {0: [75], 2: [77], 3: [88], 4: [64]},
    4: {3: [70, 72], 4: [52]},
    5: {0: [95]},
}


def rows(ratings: dict[int, dict[int, list[float]]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    found = [(y, unit, rater) for rater, given in ratings.items() for unit, ys in given.items() for y in ys]
    y, unit, rater = (np.array(column) for column in zip(*found, strict=True))
    return y.astype(float), unit.astype(int), rater.astype(int)


def model_of(ratings: dict[int, dict[int, list[float]]], **options: float) -> RaterModel:
    y, unit, rater = rows(ratings)
    return rater_model(y, unit, rater, n_units=int(unit.max()) + 1, n_raters=int(rater.max()) + 1, **options)


def scores_by_dummies(ratings: dict[int, dict[int, list[float]]]) -> np.ndarray:
    """Units' scores for the mean rater, from dummies and numpy's least squares."""
    cells = [
        (np.mean(ys), unit, rater) for rater, given in ratings.items() if len(given) > 1 for unit, ys in given.items()
    ]
    y, unit, rater = (np.array(column) for column in zip(*cells, strict=True))
    raters = np.unique(rater)
    effects = np.array([[float(r == own) - float(raters[-1] == own) for r in raters[:-1]] for own in rater])
    design = np.hstack((unit[:, None] == np.arange(5), effects))
    return np.linalg.lstsq(design, y, rcond=None)[0][:5]


def made(seed: int, *, sorted_by_half: bool = False) -> tuple[RaterModel, np.ndarray]:
    """12 units, 25 raters of 2 to 6 units each; where sorted, strict raters rate one half of the units mostly."""
    rng = np.random.default_rng(seed)
    truth, severity = rng.normal(0, 5, 12), rng.normal(0, 6, 25)
    y, unit, rater = [], [], []
    for d in range(25):
        weight = np.ones(12)
        if sorted_by_half:
            weight = np.where((np.arange(12) < 6) == (d % 2 == 0), 0.85, 0.15)
            severity[d] += -6 if d % 2 == 0 else 6
        for u in rng.choice(12, rng.integers(2, 7), replace=False, p=weight / weight.sum()):
            y.append(70 + truth[u] + severity[d] + rng.normal(0, 5))
            unit.append(u)
            rater.append(d)
    return rater_model(np.array(y), np.array(unit), np.array(rater), n_units=12, n_raters=25), truth


def test_adjusted_scores__are_least_squares_with_standard_errors_of_leaving_out_each_rater() -> None:
    found, wanted = model_of(RATINGS), scores_by_dummies(RATINGS)
    assert [score.value for score in found.adjusted] == pytest.approx(wanted.tolist(), abs=1e-9)
    without = np.array([scores_by_dummies({r: g for r, g in RATINGS.items() if r != out}) for out in range(5)])
    se = np.sqrt(4 / 5 * ((without - wanted) ** 2).sum(axis=0))
    assert [score.se for score in found.adjusted] == pytest.approx(se.tolist(), abs=1e-9)
    first = found.adjusted[0]
    assert (first.n, first.df, first.detail) == (3, 4.0, {"raters_set_aside": 1.0, "group": 0.0})
    assert first.hi - first.value == pytest.approx(stats.t.ppf(0.975, 4) * first.se)
    difference = contrast(found, 0, 4)
    assert difference.value == pytest.approx(wanted[0] - wanted[4])
    apart = (without[:, 0] - without[:, 4]) - (wanted[0] - wanted[4])
    assert difference.se == pytest.approx(np.sqrt(4 / 5 * (apart**2).sum()), abs=1e-9)
    assert (difference.df, difference.status) == (4.0, Status.OK)


def test_severity__and_its_standard_error__are_those_of_sum_contrasts() -> None:
    found = model_of(RATINGS)
    # R: f <- lm(y ~ 0 + u + d) on the cell means, contrasts(d) <- contr.sum(5); -coef(f), sqrt(diag(vcov(f)))
    cells = pd.DataFrame([(np.mean(ys), u, d) for d, given in RATINGS.items() if d < 5 for u, ys in given.items()])
    effects = np.array([[float(d == c) - float(d == 4) for c in range(4)] for d in cells[2]])
    design = np.hstack((cells[[1]].to_numpy() == np.arange(5), effects))
    coefficients, squares, *_ = np.linalg.lstsq(design, cells[0].to_numpy(), rcond=None)
    assert found.df_residual == len(cells) - 9
    assert found.residual_variance == pytest.approx(float(squares[0]) / found.df_residual)
    covariance = np.linalg.inv(design.T @ design) * found.residual_variance
    assert [s.value for s in found.severity[:4]] == pytest.approx((-coefficients[5:]).tolist(), abs=1e-9)
    assert [s.se for s in found.severity[:4]] == pytest.approx(np.sqrt(np.diag(covariance))[5:].tolist(), abs=1e-9)
    assert sum(s.value for s in found.severity[:5]) == pytest.approx(0, abs=1e-9)
    assert found.severity[2].value > 0 > found.severity[1].value  # the strict one and the mild one
    assert (found.severity[5].value, found.severity[5].status) == (None, Status.UNDEFINED_ONE_UNIT)
    assert (found.raters, found.crossing, found.groups, found.status) == (6, 5, 1, Status.OK)
    projection = design @ np.linalg.pinv(design)
    assert found.cells.leverage[:-1] == pytest.approx(np.diag(projection))
    assert found.cells.residual[:-1] == pytest.approx(cells[0] - projection @ cells[0], abs=1e-9)
    assert (found.cells.residual[-1], found.cells.leverage[-1]) == (0.0, 1.0)  # the rater of one unit


def test_plain_scores__are_means_of_raters_means() -> None:
    found = model_of(RATINGS)
    first = np.array([66, 80, 75, 95.0])
    assert found.plain[0].value == pytest.approx(first.mean())
    assert found.plain[0].se == pytest.approx(first.std(ddof=1) / 2)
    assert (found.plain[0].n, found.plain[0].df) == (4, 3.0)
    difference = contrast(found, 0, 4, scores="plain")
    fifth = np.array([47, 64, 52.0])
    shared = (75 - first.mean()) * (64 - fifth.mean()) / np.sqrt(12 * 6)
    assert difference.value == pytest.approx(first.mean() - fifth.mean())
    assert difference.df == 5  # six raters rate one or the other
    assert difference.se**2 == pytest.approx(first.var(ddof=1) / 4 + fifth.var(ddof=1) / 3 - 2 * shared)


def test_one_unit_raters__added__change_nothing_but_the_plain_scores() -> None:
    before, after = model_of(RATINGS), model_of(RATINGS | {6: {2: [10]}, 7: {2: [20]}})
    assert [score.value for score in after.adjusted] == [score.value for score in before.adjusted]
    assert [score.se for score in after.adjusted] == [score.se for score in before.adjusted]
    assert after.severity[:6] == before.severity
    assert after.adjusted[2].detail["raters_set_aside"] == 2.0
    assert (after.raters, after.crossing) == (8, 5)
    assert after.plain[2].value < before.plain[2].value


def test_adjusted_scores__raters_at_random__are_nearly_those_of_the_mixed_model() -> None:
    found, _ = made(3)
    cells = found.cells
    data = pd.DataFrame({"y": cells.value, "unit": cells.unit, "rater": cells.rater, "all": 1})
    mixed = MixedLM.from_formula(
        "y ~ 0 + C(unit)", groups="all", re_formula="0", vc_formula={"rater": "0 + C(rater)"}, data=data
    ).fit()
    ours = np.array([score.value for score in found.adjusted])
    theirs = np.asarray(mixed.fe_params)
    apart = (ours - ours.mean()) - (theirs - theirs.mean())
    assert np.sqrt(np.mean(apart**2)) < 0.35 * np.mean([score.se for score in found.adjusted])
    assert found.residual_variance == pytest.approx(float(mixed.scale), rel=0.05)
    assert found.severity_variance == pytest.approx(float(mixed.vcomp[0]), rel=0.15)


def test_variances__of_severity_and_residual__are_right_on_average() -> None:
    found = [made(seed)[0] for seed in range(150)]
    severity, residual = ([getattr(model, f"{name}_variance") for model in found] for name in ("severity", "residual"))
    # 36 and 25; 150 draws know the means to .9 and .35
    assert np.mean(severity) == pytest.approx(36, abs=2.7)
    assert np.mean(residual) == pytest.approx(25, abs=1.1)


def test_adjusted_scores__strict_raters_on_one_half__are_nearer_to_the_truth_than_plain_ones() -> None:
    errors, hits, level_hits = [], [], []
    for seed in range(60):
        found, truth = made(seed, sorted_by_half=True)
        if found.groups > 1 or any(score.se is None for score in found.adjusted):
            continue
        for scores in (found.plain, found.adjusted):
            values = np.array([score.value for score in scores])
            errors.append(np.mean((values - values.mean() - truth + truth.mean()) ** 2))
        for a in range(11):
            difference = contrast(found, a, a + 1)
            hits.append(difference.lo <= truth[a] - truth[a + 1] <= difference.hi)
        level_hits += [s.lo <= 70 + t <= s.hi for s, t in zip(found.adjusted, truth, strict=True)]
    assert len(hits) > 500
    assert np.mean(errors[1::2]) < 0.5 * np.mean(errors[::2])
    # nominal .95; contrasts of one evaluation are not independent
    assert np.mean(hits) > 0.92
    assert np.mean(level_hits) > 0.90


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6))
def test_adjusted_scores__rater_made_stricter_everywhere__keep_their_differences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y, unit, rater = rows(RATINGS)
    before = rater_model(y, unit, rater, n_units=5, n_raters=6)
    order = rng.permutation(len(y))
    after = rater_model((y - 20 * (rater == 1))[order], unit[order], rater[order], n_units=5, n_raters=6)
    moved = [b.value - a.value for a, b in zip(before.adjusted, after.adjusted, strict=True)]
    assert moved == pytest.approx([-4.0] * 5, abs=1e-9)  # a fifth of the raters
    assert after.severity[1].value == pytest.approx(before.severity[1].value + 16)
    for other in range(1, 5):
        a, b = contrast(before, 0, other), contrast(after, 0, other)
        assert (b.value, b.se) == (pytest.approx(a.value, abs=1e-9), pytest.approx(a.se, abs=1e-9))


def test_groups__no_common_rater__are_named_and_not_compared() -> None:
    two = {0: {0: [50], 1: [60]}, 1: {0: [55], 1: [58]}, 2: {2: [80], 3: [90]}, 3: {2: [85], 3: [83]}, 4: {4: [10]}}
    found = model_of(two)
    assert (found.status, found.groups, found.group.tolist()) == (Status.WARN_DISCONNECTED, 2, [0, 0, 1, 1, -1])
    assert {score.status for score in found.adjusted[:4]} == {Status.WARN_DISCONNECTED}
    assert [score.detail["group"] for score in found.adjusted[:4]] == [0.0, 0.0, 1.0, 1.0]
    assert (found.adjusted[4].value, found.adjusted[4].status) == (None, Status.UNDEFINED_NOT_LINKED)
    assert contrast(found, 0, 1).status is Status.OK
    across = contrast(found, 0, 2)
    assert (across.value, across.status) == (None, Status.UNDEFINED_NOT_LINKED)
    assert contrast(found, 0, 4).status is Status.UNDEFINED_NOT_LINKED
    assert contrast(found, 0, 2, scores="plain").value == pytest.approx(-30)


def test_one_link__group_that_one_rater_holds_together__has_no_standard_errors() -> None:
    bridged = {
        0: {0: [50], 1: [60]}, 1: {0: [55], 1: [58]}, 2: {2: [80], 3: [90]}, 3: {2: [85], 3: [83]},
        4: {1: [60], 2: [61]},
    }  # fmt: skip
    found = model_of(bridged)
    assert found.groups == 1
    assert {(score.se, score.status) for score in found.adjusted} == {(None, Status.WARN_ONE_LINK)}
    assert contrast(found, 0, 3).se is None
    tied = model_of(bridged | {5: {0: [70], 3: [75]}})
    assert all(score.se is not None for score in tied.adjusted)


def test_one_rater__of_a_unit_that_others_do_not_rate__leaves_it_without_a_standard_error() -> None:
    found = model_of(RATINGS | {6: {1: [40], 5: [45]}})
    assert (found.adjusted[5].se, found.adjusted[5].status) == (None, Status.WARN_ONE_RESPONSE)
    assert all(score.se is not None for score in found.adjusted[:5])
    assert contrast(found, 0, 5).status is Status.WARN_ONE_RESPONSE
    alone = model_of({0: {0: [50], 1: [60], 2: [70]}})
    assert [(score.value, score.se) for score in alone.adjusted] == [(50.0, None), (60.0, None), (70.0, None)]
    assert (alone.residual_variance, alone.severity_variance) == (None, None)
    assert alone.severity[0].status is Status.WARN_NO_VARIATION_WITHIN


def test_nothing_to_fit__no_ratings_or_no_rater_of_two__is_a_status() -> None:
    none = rater_model(np.array([np.nan]), np.array([0]), np.array([0]), n_units=2, n_raters=2)
    assert (none.status, none.groups) == (Status.UNDEFINED_NO_RESPONSES, 0)
    assert {score.status for score in (*none.plain, *none.adjusted, *none.severity)} == {Status.UNDEFINED_NO_RESPONSES}
    single = model_of({0: {0: [50]}, 1: {1: [60]}})
    assert single.status is Status.UNDEFINED_NOT_LINKED
    assert [score.status for score in single.plain] == [Status.WARN_ONE_RESPONSE] * 2
    with pytest.raises(ValueError, match="numbered from 0"):
        rater_model(np.ones(2), np.array([0, 2]), np.array([0, 1]), n_units=2, n_raters=2)
    with pytest.raises(ValueError, match="do not fit"):
        rater_model(np.ones(2), np.array([0]), np.array([0, 1]), n_units=2, n_raters=2)


def test_additive_ratings__leave_no_residual_and_contrasts_without_error() -> None:
    found = model_of({d: {u: [70.1 + 0.1 * u - 3 * d] for u in range(4)} for d in range(4)})
    assert found.residual_variance == 0.0
    difference = contrast(found, 0, 3)
    assert (difference.value, difference.se, difference.status) == (pytest.approx(-0.3), 0.0, Status.WARN_NO_VARIATION)
    same = model_of({d: {u: [100] for u in range(3)} for d in range(3)})
    assert {(s.value, s.se, s.status) for s in (*same.plain, *same.adjusted)} == {
        (100.0, 0.0, Status.WARN_NO_VARIATION)
    }
