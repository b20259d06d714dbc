"""Design effects: identities, the trap of two corrections, statuses. R's numbers are in goldens/sampling.py."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.estimate import Status
from analysis.means import mean_srs
from analysis.sampling.design_effects import cluster_design_effect, design_effect, kish


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=40), st.floats(0.1, 100))
def test_kish__any_weights__is_one_plus_their_squared_variation_whatever_their_unit(w: list, factor: float) -> None:
    weights = np.array(w)
    found = kish(weights)
    assert found.value == pytest.approx(1 + np.var(weights) / np.mean(weights) ** 2)
    assert found.value >= 1 - 1e-12
    assert found.detail["n_eff"] == pytest.approx(len(w) / found.value)
    assert kish(weights * factor).value == pytest.approx(found.value)


def test_kish__no_weights_or_only_zeros__is_undefined() -> None:
    for weights in (np.array([]), np.zeros(3)):
        assert kish(weights).status is Status.UNDEFINED_NO_RESPONSES
    with pytest.raises(ValueError, match="negative"):
        kish(np.array([1.0, -1.0]))


def test_design_effect__simple_random_sample__is_one_if_both_sides_are_corrected_and_more_if_one_is() -> None:
    y = np.random.default_rng(3).normal(60, 15, 50)
    with_correction, without = mean_srs(y, 200).se ** 2, mean_srs(y).se ** 2
    assert design_effect(with_correction, y, population=200).value == pytest.approx(1)
    assert design_effect(without, y).value == pytest.approx(1)
    assert design_effect(without, y, population=200).value == pytest.approx(1 / (1 - 50 / 200))


@pytest.mark.parametrize(
    ("y", "population", "status"),
    [([], None, Status.UNDEFINED_NO_RESPONSES), ([5.0], None, Status.UNDEFINED_ONE_RESPONSE),
     ([5.0, 5.0], None, Status.UNDEFINED_TOTAL_VARIANCE_ZERO), ([5.0, 6.0], 2, Status.UNDEFINED_ZERO_ERROR),
     ([5.0, 6.0], 1, Status.UNDEFINED_FRAME_TOO_SMALL)],
)  # fmt: skip
def test_design_effect__nothing_to_compare_with__is_undefined(y: list, population: float, status: Status) -> None:
    assert design_effect(1.0, np.array(y), population=population).status is status


def test_cluster_effect__equal_groups__is_the_variance_of_their_means() -> None:
    assert cluster_design_effect(np.full(30, 21), 0.05) == pytest.approx(2)
    assert cluster_design_effect(np.ones(30), 0.4) == 1
    # unequal groups: the exact variance of sum y/sum m under a common correlation
    sizes, icc = np.array([5.0, 10.0, 30.0]), 0.1
    exact = np.sum(sizes * (1 + (sizes - 1) * icc)) / sizes.sum()
    assert cluster_design_effect(sizes, icc) == pytest.approx(exact)
    with pytest.raises(ValueError, match="at least one"):
        cluster_design_effect(np.array([]), 0.1)
