"""One plain sentence for each figure: what it says at, above and below the customs of the literature."""

from typing import Any

import pytest

from survey_app.scores.rules import verdicts


def block(**values: Any) -> dict[str, Any]:
    made = {
        "assessable": True,
        "coefficient": 0.8,
        "alpha": 0.8,
        "influence_lo": 0.75,
        "status": "ok",
        "items": ["a"] * 5,
    }
    return made | values


@pytest.mark.parametrize(
    ("values", "zh", "en"),
    [
        ({"assessable": False}, "还看不出", "Too few"),
        ({}, "一致，可以合成一个分数（信度 0.80）", "well enough"),
        ({"coefficient": 0.7, "influence_lo": 0.7}, "一致，可以", "well enough"),
        ({"coefficient": 0.7, "influence_lo": 0.6999}, "大体一致", "By and large"),
        ({"coefficient": 0.7, "influence_lo": 0.5, "items": ["a", "b"]}, "一致，可以", "well enough"),
        ({"coefficient": 0.6999}, "不太一致", "Not very well"),
        ({"coefficient": 0.5999}, "不一致", "No ("),
        ({"coefficient": -0.3}, "不一致", "No ("),
        ({"coefficient": 0.96}, "重复的题", "same twice"),
        ({"coefficient": None, "alpha": 0.8}, "信度 0.80", "0.80"),
        ({"coefficient": None, "alpha": None, "status": "undefined_one_item"}, "只有一道题", "One item"),
        ({"coefficient": None, "alpha": None, "status": None}, "无从判断", "cannot be said"),
    ],
)
def test_consistency__says_what_the_coefficient_allows(values: dict[str, Any], zh: str, en: str) -> None:
    said = verdicts.consistency(block(**values))
    assert zh in said[0]
    assert en in said[1]


@pytest.mark.parametrize(
    ("even", "skewed", "zh"),
    [(0.69, 0.5, "看法分散"), (0.7, None, "比较一致"), (0.9, 0.7, "比较一致"), (0.9, 0.69, "按较严的对照还不够")],
)
def test_agreement__looks_at_the_stricter_comparison_too(even: float, skewed: float | None, zh: str) -> None:
    assert zh in verdicts.agreement({"r_wg_j": even, "r_wg_j_skewed": skewed, "status": "ok"})[0]


def test_agreement__without_a_number__says_why() -> None:
    found = {"r_wg_j": None, "r_wg_j_skewed": None, "status": "undefined_beyond_null"}
    assert "随意作答" in verdicts.agreement(found)[0]
    assert "wider than chance" in verdicts.agreement(found)[1]


@pytest.mark.parametrize(
    ("icc1", "zh"), [(0.346, "约 35% 是单位之间"), (0.0, "看不出单位之间的差别"), (-0.02, "看不出单位之间的差别")]
)
def test_between_units__never_gives_a_share_below_zero(icc1: float, zh: str) -> None:
    assert zh in verdicts.between_units({"icc1": icc1, "status": "ok"})[0]


@pytest.mark.parametrize(("found", "zh"), [(1, "一个共同的主题"), (3, "3 个主题"), (0, "看不出共同的主题")])
def test_themes__are_counted(found: int, zh: str) -> None:
    assert zh in verdicts.themes({"dimensions_found": found, "dimensions_status": "ok"})[0]


@pytest.mark.parametrize(
    ("share", "zh"), [(0.99, "分得清"), (0.8, "分得清"), (0.79, "大致分得清"), (0.69, "分不清"), (None, "算不出来")]
)
def test_reliable__asks_more_of_a_place_with_consequences(share: float | None, zh: str) -> None:
    assert zh in verdicts.reliable({"unit_reliability_process": share})[0]


def test_needed__counts_departments_or_responses_and_says_when_none_would_do() -> None:
    assert verdicts.needed({"answers_needed": 0}, 0.7, departments=True)[0] == "答卷已够：λ 已达到 0.70。"
    assert "4 个部门" in verdicts.needed({"answers_needed": 4}, 0.7, departments=True)[0]
    assert "4 more responses" in verdicts.needed({"answers_needed": 4}, 0.7, departments=False)[1]
    assert "难以" in verdicts.needed({"answers_needed": None}, 0.7, departments=False)[0]


@pytest.mark.parametrize(
    ("flagged", "n", "most"), [(51, 100, True), (50, 100, False), (None, 100, False), (3, None, False), (0, 0, False)]
)
def test_hits_most__is_more_than_half(flagged: int | None, n: int | None, most: bool) -> None:
    assert verdicts.hits_most(flagged, n) is most
