"""Reading bytes: what is refused before it is looked at, and that no bytes at all make it crash."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.questionnaire.check import MAX_ITEMS, check_plan, check_questionnaire, check_setup
from survey_app.questionnaire.findings import MAX_FINDINGS
from survey_app.questionnaire.loading import MAX_BYTES, MAX_DEPTH, MAX_VALUES, Kind, guess_kind, parse, read_json
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.questionnaire.setup import CampaignSetup
from survey_app.questionnaire.shape import json_parts
from tests.questionnaire.documents import RULES, every_type, item, likert, load, questionnaire

KINDS: list[Kind] = ["questionnaire", "plan", "setup"]
VALID: dict[Kind, str] = {
    "questionnaire": "valid_every_item_type.json",
    "plan": "valid_plan_all_blocks.json",
    "setup": "valid_setup_departments.json",
}


def codes(data: bytes, kind: Kind = "questionnaire") -> list[str]:
    return [finding.code for finding in parse(data, kind).findings]


def padded(size: int) -> bytes:
    """A valid questionnaire made exactly `size` bytes long by white space."""
    document = json.dumps(questionnaire(likert("x"))).encode()
    return document + b" " * (size - len(document))


def test_file_of_the_largest_size__read__is_taken() -> None:
    assert codes(padded(MAX_BYTES)) == []


def test_file_one_byte_larger__read__is_refused_for_its_size_alone() -> None:
    assert codes(padded(MAX_BYTES + 1)) == ["too_large"]


@pytest.mark.parametrize(("depth", "expected"), [(MAX_DEPTH, []), (MAX_DEPTH + 1, ["too_deep"])])
def test_nesting__at_the_limit_and_beyond__is_counted_over_objects_and_lists(depth: int, expected: list[str]) -> None:
    lists = b"[" * (depth - 1) + b"]" * (depth - 1)
    assert [finding.code for finding in read_json(b'{"a":' + lists + b"}")[1]] == expected
    objects = b'{"a":' * depth + b"1" + b"}" * depth
    assert [finding.code for finding in read_json(objects)[1]] == expected


def test_brackets_inside_strings__counted__do_not_nest() -> None:
    text = "[{" * 100 + '\\"' + "[" * 100
    assert read_json(json.dumps({"a": text}).encode()) == ({"a": text}, [])


@pytest.mark.parametrize(
    "data",
    [b"[" * 5_000_000, b'{"a":' * 1_000_000, b"[" * 4_900_000 + b"]" * 4_900_000, b'{"a":[' * 40],
    ids=["lists", "objects", "balanced", "both"],
)
def test_hostile_nesting__read__is_too_deep(data: bytes) -> None:
    assert codes(data) == ["too_deep"]


@pytest.mark.parametrize(
    "data",
    [
        b'{"sections":[' + b"0," * 4_900_000 + b"0]}",
        b"{" + b",".join(b'"%x":0' % number for number in range(900_000)) + b"}",
        b"[" + b"{}," * 3_000_000 + b"{}]",
    ],
    ids=["numbers", "names", "objects"],
)
def test_millions_of_values__read__are_refused_unparsed(data: bytes) -> None:
    assert codes(data) == ["too_many_values"]


@pytest.mark.parametrize(("count", "expected"), [(MAX_VALUES - 1, []), (MAX_VALUES + 1, ["too_many_values"])])
def test_number_of_values__at_the_limit_and_beyond__is_counted(count: int, expected: list[str]) -> None:
    assert [finding.code for finding in read_json(b'{"a":[' + b"0," * (count - 2) + b"0]}")[1]] == expected


@pytest.mark.parametrize("data", [b'["' + b'\\"' * 3_000_000, b'"' * 2_000_000, b"", b"   ", b"{", b"]", b"nul"])
def test_broken_json__read__is_said_with_line_and_column(data: bytes) -> None:
    [finding] = parse(data, "questionnaire").findings
    assert finding.code == "invalid_json"
    assert "line 1" in finding.en


def test_byte_order_mark__before_a_document__is_accepted() -> None:
    loaded = parse(b"\xef\xbb\xbf" + json.dumps(questionnaire(likert("x"))).encode(), "questionnaire")
    assert loaded.document is not None
    assert loaded.findings == []


def test_surrogate_pair__escaped__is_a_character() -> None:
    document = json.dumps(questionnaire(likert("x"), title="😀"))
    assert "\\ud83d" in document
    assert codes(document.encode()) == []


@pytest.mark.parametrize("half", ["\\ud83d", "\\udc00", "\\uDC00\\uD83D", "a\\ud800b"])
def test_half_a_surrogate_pair__as_text_or_name__is_refused_with_its_place(half: str) -> None:
    [text] = read_json(f'{{"a":["{half}"]}}'.encode())[1]
    assert (text.code, text.pointer) == ("lone_surrogate", "/a/0")
    [name] = read_json(f'{{"{half}":1}}'.encode())[1]
    assert name.code == "lone_surrogate"


def test_keys_that_stand_twice__anywhere__are_all_named_with_their_place() -> None:
    document = b'{"a":{"x":1,"y":2,"x":3},"b":[{"y":1,"y":2,"y":3}],"a":{"z":1,"z":1}}'
    found = [(finding.code, finding.pointer) for finding in read_json(document)[1]]
    # The first "a" is gone once the second is read; its own repetition can no longer be seen.
    assert found == [("duplicate_key", "/a"), ("duplicate_key", "/a/z"), ("duplicate_key", "/b/0/y")]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("NaN", "not_finite"),
        ("Infinity", "not_finite"),
        ("-Infinity", "not_finite"),
        ("1e400", "number_beyond_double"),
        ("-1E+309", "number_beyond_double"),
        ("9007199254740992", "number_too_large"),
        ("-9007199254740992", "number_too_large"),
        ("9" * 5000, "number_too_large"),
    ],
)
def test_number_that_json_cannot_say_exactly__read__is_refused_with_its_place(number: str, code: str) -> None:
    [finding] = read_json(f'{{"a":[0,{number}]}}'.encode())[1]
    assert (finding.code, finding.pointer) == (code, "/a/1")


def test_largest_exact_integer__read__is_taken() -> None:
    assert read_json(b'{"a":9007199254740991}') == ({"a": 9007199254740991}, [])


def test_thousands_of_faults__read__are_cut_off_and_counted() -> None:
    document = questionnaire(likert("x")) | {f"unknown{number}": 0 for number in range(MAX_FINDINGS + 7)}
    findings = parse(json.dumps(document).encode(), "questionnaire").findings
    assert len(findings) == MAX_FINDINGS + 1
    assert findings[-1].code == "more_findings"
    assert " 7 " in findings[-1].en


def test_thousands_of_faults_of_meaning__checked__are_cut_off_and_counted() -> None:
    document = questionnaire(*(likert(f"x{number}", scale="nowhere") for number in range(300)))
    document["sections"].append({"id": "s2", "items": [likert(f"y{n}", scale="nowhere") for n in range(300)]})
    findings = check_questionnaire(load(document))
    assert len(findings) == MAX_FINDINGS + 1
    assert findings[-1].code == "more_findings"


def test_more_items_than_anybody_answers__checked__are_refused_at_once() -> None:
    sections = [{"id": f"s{n}", "items": [likert(f"x{n}_{m}") for m in range(250)]} for n in range(5)]
    findings = check_questionnaire(load(questionnaire(sections=sections)))
    assert [finding.code for finding in findings] == ["too_many_items"]
    assert str(MAX_ITEMS) in findings[0].en


def test_members_left_out_for_their_own_faults__counted__do_not_make_the_list_too_short() -> None:
    assert codes(
        json.dumps(questionnaire(sections=[{"id": "s", "items": [{"id": "x", "type": "likkert"}]}])).encode()
    ) == ["union_tag_invalid"]


@pytest.mark.parametrize(
    ("location", "parts"),
    [
        (("sections", 0, "items", 1, "text", "text", "<text>"), ["sections", 0, "items", 1, "text"]),
        (("sections", 0, "items", 1, "text", "max_length"), ["sections", 0, "items", 1, "max_length"]),
        (("sections", 0, "items", 1, "note", "visible_if", "<all>", "all", 0, "<item>", "in", 2),
         ["sections", 0, "items", 1, "visible_if", "all", 0, "in", 2]),
        (("dimensions", "Bad", "[key]"), ["dimensions", "Bad"]),
        (("quality", "consistency_pairs", 0, "items", 1), ["quality", "consistency_pairs", 0, "items", 1]),
    ],
)  # fmt: skip
def test_location_of_an_error__with_branches_of_unions__becomes_a_json_pointer(
    location: tuple[int | str, ...], parts: list[int | str]
) -> None:
    assert json_parts(location) == parts


@pytest.mark.parametrize("kind", KINDS)
def test_kind_of_a_document__guessed_from_its_top__is_right(kind: Kind) -> None:
    assert guess_kind(json.loads((RULES / VALID[kind]).read_bytes())) == kind
    assert guess_kind({"name": "something else"}) is None


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes__read__give_a_document_or_findings(data: bytes) -> None:
    for kind in KINDS:
        loaded = parse(data, kind)
        assert (loaded.document is None) == bool(loaded.findings)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["a", "zh", "likert"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=4) | st.sampled_from(["item", "in", "all", "type", "text", "zh"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    found: list[tuple[Any, Any]] = []
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            found += [(value, key), *places(value[key])]
    return found


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(KINDS), st.data())
def test_valid_document__with_any_member_replaced_or_removed__gives_a_document_or_findings(
    kind: Kind, data: st.DataObject
) -> None:
    document = json.loads((RULES / VALID[kind]).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(places(document)))
        if data.draw(st.booleans()):
            container[key] = data.draw(json_values)
        elif isinstance(container, dict):
            container.pop(key, None)
    loaded = parse(json.dumps(document).encode(), kind)
    assert (loaded.document is None) == bool(loaded.findings)
    # What has the right shape can be checked, whatever it means.
    match loaded.document:
        case Questionnaire() as made:
            check_questionnaire(made)
        case ScoringPlan() as made:
            check_plan(made, [load(every_type())])
        case CampaignSetup() as made:
            check_setup(made, [load(every_type())], None)


def test_parsed_source__kept_beside_the_model__is_the_json_as_written() -> None:
    document = questionnaire(item("t", "text"))
    loaded = parse(json.dumps(document).encode(), "questionnaire")
    assert loaded.source == document
