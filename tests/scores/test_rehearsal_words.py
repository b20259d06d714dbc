"""Every condition, row and verdict of a rehearsal is said in both languages, and no sentence has a hole."""

import ast
import string
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest

from analysis.simulation.rehearsal import QualityFindings
from analysis.simulation.rehearsal_figures import Figure
from analysis.simulation.rehearsal_findings import IndicatorFindings
from analysis.simulation.rehearsal_separation import ComparisonFindings, Needed
from survey_app.scores.operations import rehearsing
from survey_app.scores.rules import rehearsal_words as words

TABLES = (words.NOTES, words.ROWS, words.COMPARISON_ROWS, words.QUALITY_ROWS, words.ASSUMED)
PAIRS = [pair for table in TABLES for pair in table.values()]
PAIRS += [words.NO_ANSWERS_READ, words.KIND_ASSUMPTIONS, words.ERRORS, words.SMALLER_LARGER]


def is_chinese(text: str) -> bool:
    return any("一" <= sign <= "鿿" for sign in text)


def compared(**changes: Any) -> dict[str, Any]:
    """A comparison as it stands in the document."""
    settings: dict[str, Any] = {
        "category": "服务",
        "status": "ok",
        "units": 12,
        "n": 12.0,
        "compared": Figure(12.0),
        "groups": 3,
        "in_group": Figure(0.84),
        "reliable": Figure(0.6),
        "difference": 8.0,
        "difference_of_all": 12.0,
        "needed": Needed(0.7, 2, None),
    }
    return asdict(ComparisonFindings(**settings | changes))


def indicator(*comparisons: dict[str, Any], by_department: bool = True, more: int | None = 3) -> dict[str, Any]:
    needed = asdict(Needed(5.0, more, None))
    return {"by_department": by_department, "needed": needed, "comparisons": list(comparisons)}


@pytest.mark.parametrize("pair", PAIRS)
def test_pair__is_chinese_and_english_with_the_same_holes(pair: words.Pair) -> None:
    assert is_chinese(pair[0])
    assert not is_chinese(pair[1])
    holes = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in pair]
    assert holes[0] == holes[1]


def test_notes__are_those_that_a_set_up_can_give() -> None:
    """Every code in the module that makes notes has words, and every word a code."""
    source = Path(rehearsing.__file__).read_text(encoding="utf-8")
    texts = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    assert set(words.NOTES) <= texts
    called = {
        node.args[0].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "Note"
        and isinstance(node.args[0], ast.Constant)
    }
    assert called <= set(words.NOTES)


@pytest.mark.parametrize("code", sorted(words.NOTES))
def test_note__names_whom_it_concerns_and_cuts_long_lists(code: str) -> None:
    subjects = [f"u{at:02d}" for at in range(10)]
    for said in words.note({"code": code, "subjects": subjects, "number": 7}):
        assert "{" not in said
        assert ("u00" in said and "(+2)" in said) or "7" in said


def test_rows__name_numbers_that_exist() -> None:
    found = {field.name for field in fields(IndicatorFindings)} | {"scored", "caution", "not_scored", "suppressed"}
    assert set(words.ROWS) <= found
    assert set(words.COMPARISON_ROWS) <= {field.name for field in fields(ComparisonFindings)}
    assert set(words.QUALITY_ROWS) <= {field.name for field in fields(QualityFindings)}


def test_verdict__says_groups_and_not_places() -> None:
    assert words.verdict(compared(), by_department=True) == (
        "每个单位 12 个部门：12 个单位能分出约 3 个档次，不能排出 12 个名次。",
        "with 12 departments a unit you will separate about 3 groups, not 12 places.",
    )
    zh, en = words.verdict(compared(groups=1, in_group=Figure(None)), by_department=False)
    assert "分不出档次" in zh
    assert "12 valid responses a unit you will not separate groups" in en
    zh, en = words.verdict(compared(groups=12), by_department=False)
    assert "84%" in zh
    assert "84%" in en


def test_sentences__of_one_category__say_what_would_help() -> None:
    said = words.sentences(indicator(compared()))
    chinese = "".join(zh for zh, _ in said)
    for part in ("8.0 分", "12.0 分", "约再要 2 个部门", "60% 的单位达到", "±5 分", "约再要 3 个部门"):
        assert part in chinese
    assert "服务" not in chinese
    enough = words.sentences(indicator(compared(needed=Needed(0.7, 0, None)), by_department=False, more=1))
    assert "a typical unit has enough" in enough[2][1]
    assert "1 more valid response." in enough[3][1]
    never = words.sentences(indicator(compared(needed=Needed(0.7, None, 0.5)), more=None))
    assert "no number would be enough" in never[2][1]
    assert len(never) == 3


def test_sentences__of_several_categories__name_them() -> None:
    said = words.sentences(
        indicator(compared(), compared(category="监管", groups=1), compared(category="一", status="one_unit"))
    )
    assert [zh.split("：")[0] for zh, _ in said[:3]] == ["服务", "监管", "一"]
    assert len(said) == 4


def test_sentences__where_publication_leaves_most_units_out__say_so() -> None:
    zh, en = words.sentences(indicator(compared(compared=Figure(0.0))))[0]
    assert "平均只有 0.0 个单位能参加比较" in zh
    assert "0.0 of them will be compared" in en


@pytest.mark.parametrize("status", ["one_unit", "too_few_scored"])
def test_status_without_numbers__has_a_sentence(status: str) -> None:
    bare = asdict(ComparisonFindings(category="", status=status, units=1))
    zh, en = words.sentences(indicator(bare))[0]
    assert is_chinese(zh)
    assert not is_chinese(en)
