"""One tiny file a rule: what the checks say about it, by code and place, is written in data/rules/index.json."""

import json
from typing import Any

import pytest

from survey_app.questionnaire.check import check_plan, check_questionnaire, check_setup
from survey_app.questionnaire.findings import CATALOGUE, Finding
from survey_app.questionnaire.loading import parse
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.questionnaire.setup import CampaignSetup
from tests.questionnaire.documents import RULES, load_rule

INDEX: dict[str, dict[str, Any]] = json.loads((RULES / "index.json").read_text(encoding="utf-8"))
# Said about files, sizes and sums of things, not about one tiny document; each has a test of its own elsewhere.
TESTED_ELSEWHERE = {
    "unreadable",
    "no_files",
    "too_large",
    "too_many_values",
    "too_many_items",
    "more_findings",
    "cell_too_small",
}


def findings_of(name: str) -> list[Finding]:
    entry = INDEX[name]
    loaded = parse((RULES / name).read_bytes(), entry["kind"])
    if loaded.document is None:
        return loaded.findings
    near = [load_rule(other, "questionnaire") for other in entry.get("with", [])]
    match loaded.document:
        case Questionnaire() as questionnaire:
            return check_questionnaire(questionnaire, near)
        case ScoringPlan() as plan:
            return check_plan(plan, near)
        case CampaignSetup() as setup:
            return check_setup(setup, near, load_rule(entry["plan"], "plan") if entry.get("plan") else None)
    raise AssertionError(name)


@pytest.mark.parametrize("name", sorted(INDEX))
def test_tiny_file__checked__gives_exactly_the_findings_in_the_index(name: str) -> None:
    found = sorted([finding.code, finding.pointer] for finding in findings_of(name))
    assert found == sorted(INDEX[name]["findings"])


def test_index__compared_with_the_folder__names_every_file() -> None:
    assert set(INDEX) == {path.name for path in RULES.glob("*.json")} - {"index.json"}


def test_catalogue__compared_with_the_tiny_files__has_a_file_for_every_code() -> None:
    seen = {code for entry in INDEX.values() for code, _ in entry["findings"]}
    assert seen | TESTED_ELSEWHERE == set(CATALOGUE)
    assert not seen & TESTED_ELSEWHERE


@pytest.mark.parametrize("name", sorted(name for name, entry in INDEX.items() if entry["findings"]))
def test_finding__in_words__speaks_both_languages_and_leaves_no_place_unfilled(name: str) -> None:
    for finding in findings_of(name):
        for words in (finding.zh, finding.en, finding.remedy_zh, finding.remedy_en):
            assert words.strip()
            if finding.code not in {"not_an_object", "unit_outside_repeat", "unknown_placeholder"}:
                assert "{" not in words
        assert any("\u4e00" <= character <= "\u9fff" for character in finding.zh)
        assert any("\u4e00" <= character <= "\u9fff" for character in finding.remedy_zh)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("unknown_scale.json", "agree"),
        ("extra_forbidden.json", "dimension"),
        ("union_tag_invalid.json", "likert"),
        ("literal_error.json", "staff"),
        ("unknown_questionnaire.json", "q"),
        ("unknown_unit.json", "u01"),
        ("unknown_choice_in_condition.json", "y"),
        ("unknown_placeholder.json", "office"),
    ],
)
def test_misspelt_name__checked__suggests_the_nearest(name: str, hint: str) -> None:
    finding = findings_of(name)[0]
    assert f"“{hint}”" in finding.zh
    assert f"Did you mean “{hint}”?" in finding.en


def test_group_that_is_too_small__is_offered_the_open_link_only_where_it_may_have_one() -> None:
    [staff] = findings_of("staff_group_small.json")
    [recipients] = findings_of("group_small.json")
    assert ("开放链接" in staff.remedy_zh, "open link" in staff.remedy_en) == (False, False)
    assert ("开放链接" in recipients.remedy_zh, "open link" in recipients.remedy_en) == (True, True)
    assert "的管理服务对象只有" in recipients.zh
    assert "in the audience service recipients" in recipients.en
