"""Missing structure: the slope against its definition, its error against resampling, and what it cannot know."""

import numpy as np
import pytest
from scipy.special import ndtri

from analysis.estimate import Status
from analysis.quality.duplicates import LEVEL
from analysis.quality.signatures_structure import FLOOR, missing_structure
from analysis.reliability.alpha import cronbach_alpha
from analysis.reliability.omega import one_factor
from analysis.simulation.forgers import Forger, World, forge, honest_campaign


def upper(matrix: np.ndarray) -> np.ndarray:
    return matrix[np.triu_indices(len(matrix), 1)]


def pooled(codes: np.ndarray, unit: np.ndarray, without: int) -> np.ndarray:
    """Rows of the other units, each less its unit's means."""
    units = [codes[unit == u] for u in np.unique(unit) if u != without]
    return np.vstack([rows - rows.mean(axis=0) for rows in units])


def test_slope__of_a_unit__is_the_regression_of_its_correlations_on_those_of_the_others() -> None:
    codes, unit = honest_campaign(World.THREE_DIMENSIONS, (150,) * 8, 1)
    found = missing_structure(codes, unit, 8)
    for u in range(8):
        own, others = upper(np.corrcoef(codes[unit == u].T)), upper(np.corrcoef(pooled(codes, unit, u).T))
        assert found[u].statistic == pytest.approx(np.polyfit(others, own, 1)[0], rel=1e-9)
        assert found[u].detail["mean_r"] == pytest.approx(own.mean())
        assert found[u].detail["sd_r"] == pytest.approx(own.std())
        assert found[u].detail["sd_others"] == pytest.approx(others.std())


def test_threshold__of_honest_units__holds_the_error_that_resampling_shows() -> None:
    codes, unit = honest_campaign(World.THREE_DIMENSIONS, (120,) * 12, 4)
    found, rng = missing_structure(codes, unit, 12)[0], np.random.default_rng(1)
    rows = pooled(codes, unit, 0)
    others = upper(np.corrcoef(rows.T))
    drawn = [np.polyfit(others, upper(np.corrcoef(rows[rng.integers(0, len(rows), 120)].T)), 1)[0] for _ in range(300)]
    error = (np.var(drawn) + FLOOR**2) * 12 / 11
    implied = (found.threshold - found.expected) / float(ndtri(LEVEL / 12))
    assert implied == pytest.approx(np.sqrt(error), rel=0.12)


@pytest.mark.parametrize("forger", [Forger.ONE_FACTOR, Forger.NOISE])
def test_unit_forged_to_a_wished_alpha__where_others_have_dimensions__has_no_structure(forger: Forger) -> None:
    codes, unit = honest_campaign(World.THREE_DIMENSIONS, (100,) * 12, 11)
    codes[unit == 4] = forge(codes[unit == 4], forger, 1.0, 2)
    found = missing_structure(codes, unit, 12)
    assert [one.unit for one in found if one.unusual] == [4]
    assert abs(found[4].statistic) < 0.3
    # Alpha itself says nothing: it is as good as wished.
    assert cronbach_alpha(np.cov(codes[unit == 4].T), 100).value == pytest.approx(0.85, abs=0.01)


def test_honest_one_dimensional_answers__fit_one_factor_as_well_as_forged_ones_and_are_not_judged() -> None:
    codes, unit = honest_campaign(World.ONE_DIMENSION, (100,) * 12, 3)
    codes[unit == 4] = forge(codes[unit == 4], Forger.ONE_FACTOR, 1.0, 2)

    def residuals(rows: np.ndarray) -> float:
        solution = one_factor(np.cov(rows.T), len(rows))
        fitted = np.outer(solution.loadings, solution.loadings)
        return float(np.sqrt(np.mean(upper(np.corrcoef(rows.T) - fitted) ** 2)))

    honest = [residuals(codes[unit == u]) for u in range(12) if u != 4]
    assert min(honest) < residuals(codes[unit == 4]) < max(honest)
    assert {one.status for one in missing_structure(codes, unit, 12)} == {Status.UNDEFINED_NO_STRUCTURE}


def test_structure__all_units_forged_alike__cannot_be_told() -> None:
    codes, unit = honest_campaign(World.THREE_DIMENSIONS, (100,) * 12, 3)
    for u in range(12):
        codes[unit == u] = forge(codes[unit == u], Forger.ONE_FACTOR, 1.0, u)
    assert not any(one.unusual for one in missing_structure(codes, unit, 12))


def test_slope__items_rows_or_scale_changed__is_the_same() -> None:
    codes, unit = honest_campaign(World.THREE_DIMENSIONS, (100,) * 6, 3)
    rng = np.random.default_rng(2)
    rows, items = rng.permutation(600), rng.permutation(12)
    before = missing_structure(codes, unit, 6)
    other = codes.astype(np.int16)[rows][:, items] * 3 - 2
    for one, moved in zip(before, missing_structure(other, unit[rows], 6), strict=True):
        assert moved.statistic == pytest.approx(one.statistic, rel=1e-9)
        assert moved.threshold == pytest.approx(one.threshold, rel=1e-6)


def test_rows_with_missing_answers__are_left_out() -> None:
    codes, unit = honest_campaign(World.THREE_DIMENSIONS, (110,) * 6, 3)
    gaps = codes.copy()
    gaps[::11, 4] = 0
    whole = np.arange(len(codes)) % 11 > 0
    assert missing_structure(gaps, unit, 6) == missing_structure(codes[whole], unit[whole], 6)


def test_structure__what_cannot_be_compared__says_why() -> None:
    codes, unit = honest_campaign(World.THREE_DIMENSIONS, (150, 150, 150, 150, 150, 150, 19), 3)
    codes[unit == 2, 3] = 4
    statuses = [one.status for one in missing_structure(codes, unit, 8)]
    assert statuses[2] is Status.UNDEFINED_ITEM_VARIANCE_ZERO
    assert statuses[6:] == [Status.UNDEFINED_FEW_RESPONSES, Status.UNDEFINED_NO_RESPONSES]
    assert {statuses[u] for u in (0, 1, 3, 4, 5)} == {Status.OK}
    few = missing_structure(codes[unit < 4], unit[unit < 4], 4)
    assert few[0].status is Status.UNDEFINED_FEW_UNITS
    three = missing_structure(codes[:, :3], unit, 7)
    assert {one.status for one in three} == {Status.UNDEFINED_NO_STRUCTURE}
    nothing = missing_structure(codes[:0], unit[:0], 2)
    assert {one.status for one in nothing} == {Status.UNDEFINED_NO_RESPONSES}
    with pytest.raises(ValueError, match="units of shape"):
        missing_structure(codes, unit[:-1], 7)


def test_structure__other_units_all_alike__is_no_structure() -> None:
    same = np.tile(np.arange(1, 6, dtype=np.int8)[:, None], (6, 5))  # five items that are copies
    codes = np.vstack([same] * 6)
    statuses = {one.status for one in missing_structure(codes, np.repeat(np.arange(6), 30), 6)}
    assert statuses == {Status.UNDEFINED_NO_STRUCTURE}
