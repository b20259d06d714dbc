"""Raking: margins are met, twice is once, trimming and merging keep their word, impossible wishes stop."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.estimate import Status
from analysis.means import poststratification_weights
from analysis.sampling.raking import Margin, collapse, rake, rake_trimmed


def sample(seed: int, n: int = 200) -> tuple[np.ndarray, list[Margin]]:
    """Design weights and two margins of a population of 5,000, crossed in an unknown way."""
    rng = np.random.default_rng(seed)
    a = np.concatenate([np.arange(3), rng.integers(0, 3, n - 3)])
    b = np.concatenate([np.arange(4), rng.integers(0, 4, n - 4)])
    shares = rng.dirichlet(np.full(3, 8.0)), rng.dirichlet(np.full(4, 8.0))
    return rng.uniform(0.5, 2, n), [Margin(g, 5000 * s) for g, s in zip((a, b), shares, strict=True)]


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_rake__any_sample__meets_all_margins_and_raking_again_changes_nothing(seed: int) -> None:
    weights, margins = sample(seed)
    found = rake(weights, margins)
    assert (found.status, found.max_error <= 1e-10) == (Status.OK, True)
    for margin in margins:
        np.testing.assert_allclose(np.bincount(margin.group, found.weights), margin.sizes, rtol=1e-10)
    again = rake(found.weights, margins)
    assert again.iterations == 0
    np.testing.assert_array_equal(again.weights, found.weights)
    # the weights keep the form w = d * (factor of a) * (factor of b)
    factor = np.log(found.weights / weights)
    x = np.concatenate([np.equal.outer(m.group, np.arange(len(m.sizes))) for m in margins], axis=1).astype(float)
    assert np.linalg.lstsq(x, factor)[1].sum() < 1e-18


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_rake__margins_in_another_order__gives_the_same_weights(seed: int) -> None:
    weights, margins = sample(seed)
    one, other = rake(weights, margins, tolerance=1e-13), rake(weights, margins[::-1], tolerance=1e-13)
    np.testing.assert_allclose(one.weights, other.weights, rtol=1e-9)


def test_rake__one_margin__is_post_stratification_in_one_pass() -> None:
    group = np.array([0, 0, 1, 2, 2, 2])
    found = rake(np.ones(6), [Margin(group, np.array([10.0, 30.0, 60.0]))])
    np.testing.assert_allclose(found.weights, poststratification_weights(group, np.array([10.0, 30.0, 60.0])))
    assert (found.iterations, found.n_eff) == (1, pytest.approx(6 / found.deff))


def test_rake__groups_that_never_meet__does_not_converge_and_gives_no_weights() -> None:
    group = np.array([0, 0, 1, 1])
    margins = [Margin(group, np.array([50.0, 50.0])), Margin(group, np.array([40.0, 60.0]))]
    found = rake(np.ones(4), margins)
    assert (found.status, found.weights, found.deff, found.iterations) == (
        Status.UNDEFINED_NOT_CONVERGED, None, None, 200,
    )  # fmt: skip
    assert found.max_error == pytest.approx(0.2)
    trimmed = rake_trimmed(np.ones(4), margins)
    assert (trimmed.status, trimmed.weights) == (Status.UNDEFINED_NOT_CONVERGED, None)


@pytest.mark.parametrize(
    ("sizes", "status", "detail"),
    [
        ([50.0, 50.0, 10.0], Status.UNDEFINED_STRATUM_EMPTY, {"margin": "1", "groups": "2"}),
        ([1.0, 99.0, 0.0], Status.UNDEFINED_FRAME_TOO_SMALL, {"margin": "1", "groups": "0"}),
        ([50.0, 51.0, 0.0], Status.UNDEFINED_MARGINS_DISAGREE, {}),
    ],
)
def test_rake__frame_that_cannot_be_met__says_which_group(sizes: list, status: Status, detail: dict) -> None:
    group = np.array([0, 0, 1, 1])
    margins = [Margin(group, np.array([60.0, 40.0])), Margin(group, np.array(sizes))]
    found = rake(np.ones(4), margins)
    assert (found.status, found.weights, found.detail) == (status, None, detail)


def test_rake__nobody__is_undefined_and_wrong_calls_are_refused() -> None:
    nobody = rake(np.array([]), [Margin(np.array([], dtype=int), np.array([5.0]))])
    assert nobody.status is Status.UNDEFINED_NO_RESPONSES
    fine = Margin(np.array([0, 0]), np.array([5.0]))
    for weights, margins in (
        (np.ones(2), []),
        (np.ones(3), [fine]),
        (np.array([1.0, 0.0]), [fine]),
        (np.ones(2), [Margin(np.array([0, 1]), np.array([5.0]))]),
        (np.ones(2), [Margin(np.array([0, 0]), np.array([-5.0]))]),
    ):
        with pytest.raises(ValueError, match=r"margin|weights|group"):
            rake(weights, margins)


def even_sample() -> tuple[np.ndarray, list[Margin]]:
    """Weights of one and margins that are those of the sample, times 25."""
    _, margins = sample(4)
    return np.ones(200), [Margin(m.group, 25.0 * np.bincount(m.group)) for m in margins]


def test_rake_trimmed__two_extreme_weights__are_cut_and_the_margins_hold_all_the_same() -> None:
    weights, margins = even_sample()
    weights[:2] = 60.0, 0.01
    plain, found = rake(weights, margins), rake_trimmed(weights, margins)
    assert (found.trimmed, found.outside, found.status) == (2, 0, Status.OK)
    median = np.median(plain.weights)
    assert plain.weights.max() > 3 * median >= found.weights.max() * (1 - 1e-6)
    assert found.weights.min() >= 0.3 * median * (1 - 1e-6)
    assert found.deff < plain.deff
    for margin in margins:
        np.testing.assert_allclose(np.bincount(margin.group, found.weights), margin.sizes, rtol=1e-10)


def test_rake_trimmed__limits_against_the_margins__counts_the_weights_left_outside() -> None:
    group = np.array([0] * 50 + [1] * 5)
    found = rake_trimmed(np.ones(55), [Margin(group, np.array([100.0, 900.0]))])
    assert (found.status, found.trimmed, found.outside) == (Status.OK, 5, 5)
    with pytest.raises(ValueError, match="enclose 1"):
        rake_trimmed(np.ones(55), [], low=2.0)


def test_rake_trimmed__nothing_outside__is_raking() -> None:
    weights, margins = even_sample()
    np.testing.assert_array_equal(rake_trimmed(weights, margins).weights, rake(weights, margins).weights)


def test_collapse__thin_groups__join_their_neighbours_and_nobody_is_lost() -> None:
    group = np.repeat([0, 1, 2, 4], [10, 1, 3, 8])
    found = collapse(group, np.array([100.0, 10.0, 20.0, 5.0, 80.0, 0.0]))
    # 3 (nobody, 5 people) joins 2, its smaller neighbour; then 1 joins 2, which reaches 4 and joins 4, smaller than 0
    assert found.merged == ((3, 2), (1, 2), (2, 4))
    assert found.target.tolist() == [0, 1, 1, 1, 1, 0]
    assert (found.sizes.tolist(), np.bincount(found.group).tolist()) == ([100.0, 115.0], [10, 12])
    assert (found.few, found.thin) == ((), ())


def test_collapse__declared_neighbour__goes_first() -> None:
    group, sizes = np.repeat([0, 1, 2], [3, 10, 10]), np.full(3, 50.0)
    assert collapse(group, sizes, neighbour=np.array([2, 1, 2])).merged == ((0, 2),)
    assert collapse(group, sizes).merged == ((0, 1),)
    assert collapse(group, sizes, minimum=2).merged == ()
    with pytest.raises(ValueError, match="as many neighbours"):
        collapse(group, sizes, neighbour=np.array([2]))


def test_collapse__too_few_answers_in_all__keeps_one_group_and_says_it_is_thin() -> None:
    found = collapse(np.array([0, 1]), np.array([10.0, 20.0]))
    assert (found.sizes.tolist(), found.few, found.thin) == ([30.0], (), (0,))
    assert collapse(np.array([1]), np.array([10.0, 20.0])).few == (0,)


@given(st.integers(0, 10**6), st.integers(1, 30), st.integers(1, 6))
def test_collapse__any_counts__leaves_people_and_answers_as_they_were(seed: int, n: int, n_groups: int) -> None:
    rng = np.random.default_rng(seed)
    group, sizes = rng.integers(0, n_groups, n), rng.integers(0, 100, n_groups).astype(float)
    assume(sizes.sum() > 0)
    found = collapse(group, sizes)
    assert found.sizes.sum() == sizes.sum()
    np.testing.assert_array_equal(found.group, found.target[group])
    assert len(found.thin) <= 1
    assert (np.bincount(found.group, minlength=len(found.sizes)) >= 5).all() or len(found.sizes) == 1
