"""Set-ups from JSON, and questionnaires of the office's own beside them."""

import json

import pytest

from survey_app.campaigns.operations.reading import GivenFile, read_setup
from survey_app.errors import BadInput
from survey_app.library import queries as library
from survey_app.questionnaire.findings import Finding
from tests.factories.campaign import given, setup_document


def refused(file: GivenFile, *own: GivenFile) -> set[tuple[str, str, str]]:
    with pytest.raises(BadInput) as error:
        read_setup(file, own)
    found = [finding for finding in error.value.findings if isinstance(finding, Finding)]
    return {(finding.file, finding.code, finding.pointer) for finding in found if finding.is_error}


def own_questionnaire() -> GivenFile:
    document, _ = library.builtin("questionnaire", "staff")
    return given(document | {"id": "own_staff", "version": "1"}, "own_staff.json")


def test_set_up__without_errors__comes_with_what_it_names() -> None:
    found = read_setup(given(setup_document(2)))
    assert set(found.definitions.questionnaires) == {"staff", "service_recipient", "related_department"}
    assert found.definitions.plan.id == "default"
    assert json.loads(found.text) == setup_document(2)
    assert found.definitions.texts == {}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "invalid_json"),
        (b"{", "invalid_json"),
        (b"[]", "not_an_object"),
        (b"\xff\xfe{}", "invalid_utf8"),
        (b" " * 10_000_001, "too_large"),
        (b'{"a": ' * 40 + b"1" + b"}" * 40, "too_deep"),
    ],
)
def test_file_that_is_no_set_up__is_refused_with_its_name(data: bytes, code: str) -> None:
    assert {(file, found) for file, found, _ in refused(GivenFile("坏.json", data))} == {("坏.json", code)}


def test_empty_object__says_what_is_missing() -> None:
    assert ("setup.json", "missing", "/campaign") in refused(given({}))


def test_faults_of_shape_and_of_meaning__are_said_of_the_file() -> None:
    document = setup_document(2)
    document["units"][1]["code"] = document["units"][0]["code"]
    document["questionnaires"].append("nobody")
    found = refused(given(document))
    assert ("setup.json", "unknown_questionnaire", "/questionnaires/3") in found
    assert ("setup.json", "stands_twice", "/units/1/code") in found


def test_unit_too_small_for_a_background_item__is_refused_before_cards_are_printed() -> None:
    document = setup_document(2)
    for cell in document["units"][0]["frame"]:
        if cell["audience"] == "staff":
            cell["size"] = 12
    assert {(file, code) for file, code, _ in refused(given(document))} == {("staff.json", "cell_too_small")}


def test_own_questionnaire__is_used_and_kept_as_text() -> None:
    document = setup_document(1)
    document["questionnaires"] = ["own_staff", "service_recipient", "related_department"]
    assert ("setup.json", "unknown_questionnaire", "/questionnaires/0") in refused(given(document))
    found = read_setup(given(document), [own_questionnaire()])
    assert found.definitions.questionnaires["own_staff"].version == "1"
    assert list(found.definitions.texts) == [("questionnaire", "own_staff")]


def test_own_questionnaire_with_faults__is_refused_by_name() -> None:
    document, _ = library.builtin("questionnaire", "staff")
    document["sections"][0]["items"][0]["scale"] = "agre5"
    found = refused(given(setup_document(1)), given(document, "staff.json"))
    assert any(file == "staff.json" and code == "unknown_scale" for file, code, _ in found)


def test_own_file_that_is_not_json__is_refused_by_name() -> None:
    found = refused(given(setup_document(1)), GivenFile("x.json", b"{"))
    assert found == {("x.json", "invalid_json", "")}


def test_own_plan__replaces_the_built_in_one() -> None:
    plan, _ = library.builtin("plan", "default")
    found = read_setup(given(setup_document(1)), [given(plan | {"version": "mine"}, "plan.json")])
    assert found.definitions.plan.version == "mine"
    assert list(found.definitions.texts) == [("plan", "default")]


def test_own_files_that_the_set_up_does_not_name__are_not_kept() -> None:
    assert read_setup(given(setup_document(1)), [own_questionnaire()]).definitions.texts == {}
