"""Whatever an offline command can say, it has words for, and docs/offline.md names it."""

import ast
import re
from pathlib import Path

import pytest

from analysis.estimate import Status
from survey_app.cli.statistics.fault_words import FAULT_WORDS
from survey_app.cli.statistics.words import CAUTION_WORDS, STATUS_WORDS
from tests.cli.statistics.typed import GOLDEN, said

ROOT = Path(__file__).parents[3]
SOURCES = sorted((ROOT / "survey_app" / "cli" / "statistics").glob("*.py"))
DOCS = (ROOT / "docs" / "offline.md").read_text(encoding="utf-8")


def first_arguments(*functions: str) -> set[str]:
    """The constant first arguments of calls of these functions or methods."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in functions and isinstance(node.args[0].value, str):
                    found.add(node.args[0].value)
    return found


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.OK])
def test_status__whichever_it_is__has_words_in_both_languages(status: Status) -> None:
    zh, en = STATUS_WORDS[status.value]
    assert re.search(r"[\u4e00-\u9fff]", zh)
    assert re.search(r"[A-Za-z]", en)
    assert "{" not in zh + en


@pytest.mark.parametrize("words", [*FAULT_WORDS.items(), *CAUTION_WORDS.items()], ids=lambda item: item[0])
def test_sentence__fills_in_the_same_values_in_both_languages(words: tuple[str, tuple[str, str]]) -> None:
    zh, en = (set(re.findall(r"{(\w+)}", sentence.replace("_zh", "").replace("_en", ""))) for sentence in words[1])
    assert zh == en
    assert re.search(r"[\u4e00-\u9fff]", words[1][0])


def test_code__of_every_fault_and_caution__is_used_and_documented() -> None:
    used = first_arguments("refuse", "_fault", "add_many", "add")
    used |= {"outside_range", "not_whole", "negative", "too_large"}  # `Column.refuse_where` has them second
    used |= {"unknown_item", "unknown_column", "missing_column"}  # of `check_names`
    used |= {"answer", "unknown_choice"}  # of `Faults.add_answer`
    used |= {"questionnaire_of_other_audience"}
    assert used == set(FAULT_WORDS) | set(CAUTION_WORDS)
    undocumented = [code for code in FAULT_WORDS if code != "answer" and f"`{code}`" not in DOCS]
    assert undocumented == []
    assert [code for code in CAUTION_WORDS if f"`{code}`" not in DOCS] == []


@pytest.mark.parametrize(
    "typed",
    [
        ("reliability", GOLDEN / "attitude.csv", "--items", "rating,raises,learning"),
        ("quality", GOLDEN / "attitude.csv", "--items", "rating,raises,learning"),
        ("agreement", GOLDEN / "lq2002_lead.csv", "--unit", "COMPID", "--items", "LEAD01,LEAD02", "--range", "1,5"),
        ("raters", GOLDEN / "raters.csv"),
    ],
    ids=lambda typed: typed[0],
)
def test_document__every_name_at_its_top_and_below__is_documented(typed: tuple[str | Path, ...]) -> None:
    section = DOCS.split(f"## `pingyi {typed[0]}`")[1].split("\n## ")[0]
    document = said(*typed)
    of_data = {"items", "item_rest", "alpha_if_deleted", "kmo_items", "r_wg_j", "unit_reliability", "guttman"}
    names = set(document)
    for name, value in document.items():
        if isinstance(value, dict) and name not in of_data:
            names |= set(value)
    if typed[0] == "quality":
        names |= set(document["rows"][0])
    assert [name for name in sorted(names) if f'"{name}"' not in section] == []
