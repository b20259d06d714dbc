"""No code without words: everything the code can raise, and every error pydantic can give for our models, is listed."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

import survey_app.questionnaire
from survey_app.questionnaire.answers import answer_error
from survey_app.questionnaire.base import FormatModel
from survey_app.questionnaire.catalogue.answers import ANSWER_MESSAGES
from survey_app.questionnaire.findings import CATALOGUE, Finding, finding, pointer, suggestion
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.questionnaire.setup import CampaignSetup

PACKAGE = Path(survey_app.questionnaire.__file__).parent
SOURCES = [*PACKAGE.rglob("*.py"), PACKAGE.parent / "cli" / "questionnaire.py"]
CALLS = [
    node
    for path in SOURCES
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.Call) and node.args
]

# The errors pydantic_core gives in strict JSON mode, by the type of a schema node and by its constraints.
ERRORS_OF_TYPE: dict[str, set[str]] = {
    "str": {"string_type"},
    "int": {"int_type"},
    "float": {"float_type"},
    "bool": {"bool_type"},
    "date": {"date_type", "date_parsing"},
    "literal": {"literal_error"},
    "dict": {"dict_type"},
    "tuple": {"tuple_type"},
    "model": {"model_type"},
    "model-fields": {"missing", "extra_forbidden", "model_type"},
    "tagged-union": {"union_tag_invalid", "union_tag_not_found", "dict_type"},
    "nullable": set(),
    "default": set(),
    "function-after": set(),
    "no-info": set(),
    "definitions": set(),
    "definition-ref": set(),
    "model-field": set(),
}
ERRORS_OF_CONSTRAINT: dict[tuple[str, str], str] = {
    ("str", "min_length"): "string_too_short",
    ("str", "max_length"): "string_too_long",
    ("str", "pattern"): "string_pattern_mismatch",
    ("dict", "max_length"): "too_long",
    ("dict", "min_length"): "too_short",
    ("tuple", "max_length"): "too_long",
    ("tuple", "min_length"): "too_short",
    ("int", "ge"): "greater_than_equal",
    ("int", "gt"): "greater_than",
    ("int", "le"): "less_than_equal",
    ("int", "lt"): "less_than",
    ("float", "ge"): "greater_than_equal",
    ("float", "gt"): "greater_than",
    ("float", "le"): "less_than_equal",
    ("float", "lt"): "less_than",
}


def calls_of(name: str) -> Iterator[str]:
    """The literal first arguments of every call of a function in our sources."""
    for node in CALLS:
        if getattr(node.func, "id", None) == name:
            first = node.args[0]
            literals = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
            yield from (one.value for one in literals if isinstance(one, ast.Constant))


def schema_nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if isinstance(node.get("type"), str):
            yield node
        for key, member in node.items():
            if key not in {"metadata", "serialization", "default", "expected"}:
                yield from schema_nodes(member)
    elif isinstance(node, list | tuple):
        for member in node:
            yield from schema_nodes(member)


def test_every_finding_in_the_sources__looked_up__has_words() -> None:
    raised = set(calls_of("finding")) | set(calls_of("_matches"))
    assert len(raised) > 90
    assert raised <= set(CATALOGUE)


def test_every_fault_of_an_answer__looked_up__has_words() -> None:
    raised = set(calls_of("Fault")) | {"required"}
    assert raised == set(ANSWER_MESSAGES)


@pytest.mark.parametrize("model", [Questionnaire, ScoringPlan, CampaignSetup])
def test_every_error_of_a_model__looked_up__has_words(model: type[FormatModel]) -> None:
    possible: set[str] = set()
    for node in schema_nodes(model.__pydantic_core_schema__):
        # An unknown node type fails here, so that its errors are thought of.
        possible |= ERRORS_OF_TYPE[node["type"]]
        possible |= {
            error
            for (kind, constraint), error in ERRORS_OF_CONSTRAINT.items()
            if kind == node["type"] and constraint in node
        }
    assert {"missing", "extra_forbidden", "string_type"} <= possible
    assert possible <= set(CATALOGUE)


def test_every_custom_error__looked_up__has_words() -> None:
    raised = set(calls_of("PydanticCustomError"))
    assert raised == {"blank_text", "text_needs_zh", "condition_without_operator", "part_needs_one_source"}
    assert raised <= set(CATALOGUE)


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_entry__compared_across_languages__uses_no_value_in_english_only(code: str) -> None:
    entry = CATALOGUE[code]

    def names(template: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(template) if name and not name.startswith("hint_")}

    # The parser's own reason exists in English only; the rule of a pattern in both, under two names.
    assert names(entry.en) - {"reason", "rule_en"} == names(entry.zh) - {"reason", "rule_zh"}
    assert names(entry.remedy_zh) == names(entry.remedy_en)


def test_chinese_sentence__of_every_entry__has_chinese_punctuation() -> None:
    chinese = [words for entry in CATALOGUE.values() for words in (entry.zh, entry.remedy_zh)]
    english = [words for entry in CATALOGUE.values() for words in (entry.en, entry.remedy_en)]
    for zh, en in ANSWER_MESSAGES.values():
        chinese.append(zh)
        english.append(en)
    assert [words for words in chinese if re.search(r"[(),;?!]", words)] == []
    assert [
        words for words in [*english, *suggestion("agre", ["agree"])[1:]] if re.search("[（），；？！。]", words)
    ] == []


def test_unknown_code__raised__is_a_key_error() -> None:
    with pytest.raises(KeyError):
        finding("no_such_code", "")
    with pytest.raises(KeyError):
        answer_error("x", "no_such_code")


def test_pointer__of_names_with_tilde_and_slash__is_escaped() -> None:
    assert pointer("a/b", "m~n", 3, "") == "/a~1b/m~0n/3/"


def test_finding__as_json__has_exactly_the_published_names_and_both_languages_in_one_string() -> None:
    one = Finding("f.json", "error", "c", "/a", "错。", "Wrong.", "改。", "Change it.")
    assert one.as_json() == {
        "file": "f.json",
        "severity": "error",
        "code": "c",
        "pointer": "/a",
        "message": "错。 / Wrong.",
        "remedy": "改。 / Change it.",
    }


def test_finding__with_half_a_character_or_a_very_long_name__can_still_be_printed() -> None:
    one = finding("duplicate_key", "/\ud800", key="\udfff" + "x" * 1000)
    str(one).encode("utf-8")
    assert len(one.en) < 400


def test_suggestion__among_thousands_of_candidates__is_left_out() -> None:
    assert suggestion("u100", (f"u{number}" for number in range(5000))) == ("", "")
    assert suggestion("u100", ["u10", "v7"])[1] == " Did you mean “u10”?"
