"""Change between waves: refused where items changed, Welch with Holm where not, statuses carried through."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from analysis.comparison.trends import ItemChanges, ItemIdentity, item_changes, trends
from analysis.estimate import Estimate, Status, undefined
from analysis.means import mean_srs

ITEMS = [ItemIdentity(f"i{at}", f"wording{at}", "points") for at in range(3)]


def waves(seed: int = 1) -> tuple[list[np.ndarray], list[np.ndarray]]:
    rng = np.random.default_rng(seed)
    sizes = ((20, 14), (9, 30), (15, 15))
    before = [rng.normal(70, 12, n) for n, _ in sizes]
    return before, [rng.normal(72 + 6 * unit, 9, n) for unit, (_, n) in enumerate(sizes)]


def test_trends__same_items__are_welchs_differences_with_holms_correction() -> None:
    before, after = waves()
    found = trends([mean_srs(y) for y in before], [mean_srs(y) for y in after], ITEMS, ITEMS[::-1])
    tests = [stats.ttest_ind(b, a, equal_var=False) for a, b in zip(before, after, strict=True)]
    for change, test in zip(found, tests, strict=True):
        limits = test.confidence_interval()
        wanted = [test.pvalue, test.df, limits.low, limits.high]
        assert [change.detail["p"], change.df, change.lo, change.hi] == pytest.approx(wanted, rel=1e-9)
    p = [test.pvalue for test in tests]
    largest = max(range(3), key=lambda unit: p[unit])
    assert found[largest].detail["p_holm"] >= found[largest].detail["p"]
    assert min(change.detail["p_holm"] for change in found) == pytest.approx(3 * min(p))


def test_trends__census_of_a_small_unit__takes_the_error_of_the_process() -> None:
    before, after = (mean_srs(part[0], len(part[0])) for part in waves())
    found = trends([before], [after], ITEMS, ITEMS)[0]
    assert (before.se, after.se) == (0, 0)
    assert found.se == pytest.approx(np.hypot(before.se_process, after.se_process))


@pytest.mark.parametrize(
    ("after", "changes", "detail"),
    [
        (ITEMS[:2], ItemChanges(removed=("i2",)), {"removed": "i2"}),
        ([*ITEMS, ItemIdentity("i9", "w", "p")], ItemChanges(added=("i9",)), {"added": "i9"}),
        ([replace(ITEMS[0], wording="other"), *ITEMS[1:]], ItemChanges(reworded=("i0",)), {"reworded": "i0"}),
        ([*ITEMS[:2], replace(ITEMS[2], points="other")], ItemChanges(rescored=("i2",)), {"rescored": "i2"}),
        (
            [replace(ITEMS[0], wording="o", points="o"), replace(ITEMS[1], wording="o")],
            ItemChanges(removed=("i2",), reworded=("i0", "i1"), rescored=("i0",)),
            {"removed": "i2", "reworded": "i0,i1", "rescored": "i0"},
        ),
    ],
)
def test_trends__items_that_changed__are_refused_with_what_changed(
    after: list, changes: ItemChanges, detail: dict
) -> None:
    assert item_changes(ITEMS, after) == changes
    score = mean_srs(np.array([60.0, 70.0, 80.0]))
    found = trends([score, score], [score, score], ITEMS, after)
    assert [(f.value, f.status, f.detail) for f in found] == [(None, Status.UNDEFINED_ITEMS_CHANGED, detail)] * 2


def test_trends__units_without_score_or_error__keep_their_reason_and_do_not_count_for_holm() -> None:
    none = undefined(Status.UNDEFINED_NO_RESPONSES, n=0, method="mean")
    single, alike = mean_srs(np.array([60.0])), mean_srs(np.full(5, 60.0))
    score, other = mean_srs(np.array([60.0, 70.0, 80.0])), mean_srs(np.array([66.0, 70.0, 90.0]))
    found = trends([none, single, alike, score, alike], [score, score, alike, other, score], ITEMS, ITEMS)
    assert [f.status for f in found] == [
        Status.UNDEFINED_NO_RESPONSES, Status.WARN_ONE_RESPONSE, Status.WARN_NO_VARIATION, Status.OK,
        Status.WARN_NO_VARIATION,
    ]  # fmt: skip
    assert [f.value for f in found[:3]] == [None, 10.0, 0.0]
    assert [f.se is None for f in found] == [True, True, True, False, False]
    assert "p_holm" not in found[1].detail
    # Holm over the two units that have a p: the smaller counts twice, the larger once
    small, large = sorted(found[3:], key=lambda f: float(f.detail["p"]))
    assert small.detail["p_holm"] == pytest.approx(2 * float(small.detail["p"]))
    assert large.detail["p_holm"] == pytest.approx(max(float(large.detail["p"]), 2 * float(small.detail["p"])))
    assert found[4].df == pytest.approx(2)


def test_trends__what_does_not_fit__is_refused() -> None:
    score = Estimate(value=1.0, n=1, method="m")
    with pytest.raises(ValueError, match="not the same units"):
        trends([score], [], ITEMS, ITEMS)
    with pytest.raises(ValueError, match="once"):
        item_changes(ITEMS + ITEMS, ITEMS)


@pytest.mark.parametrize("status", [Status.WARN_OPEN_LINK, Status.WARN_ROUNDED])
@pytest.mark.parametrize("earlier", [True, False])
def test_trends__score_that_was_given_without_an_error__is_a_difference_that_says_why(
    status: Status, *, earlier: bool
) -> None:
    bare = Estimate(value=64.0, n=8, method="score", status=status)
    score = mean_srs(np.array([60.0, 70.0, 80.0]))
    found = trends([bare if earlier else score], [score if earlier else bare], ITEMS, ITEMS)[0]
    assert (found.value, found.lo, found.df, found.status) == (6.0 if earlier else -6.0, None, None, status)
    assert dict(found.detail) == {}
    both = trends([bare], [Estimate(value=60.0, n=9, method="score", status=Status.WARN_OPEN_LINK)], ITEMS, ITEMS)[0]
    assert both.status is Status.WARN_OPEN_LINK
