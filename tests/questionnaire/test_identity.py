"""The content hash: canonical JSON against the vectors of RFC 8785, and that model and file agree on it."""

import hashlib
import json
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.questionnaire.identity import as_written, canonical, content_hash, readable
from survey_app.questionnaire.loading import Kind, parse
from tests.questionnaire.documents import RULES

# RFC 8785, 3.2.2 to 3.2.4: the sample, its canonical form in UTF-8.
SAMPLE = r"""
{
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
}
"""
SAMPLE_BYTES = bytes.fromhex(
    "7b 22 6c 69 74 65 72 61 6c 73 22 3a 5b 6e 75 6c 6c 2c 74 72 75 65 2c 66 61 6c 73 65 5d 2c 22 6e 75 6d 62 65 72"
    "73 22 3a 5b 33 33 33 33 33 33 33 33 33 2e 33 33 33 33 33 33 33 2c 31 65 2b 33 30 2c 34 2e 35 2c 30 2e 30 30 32"
    "2c 31 65 2d 32 37 5d 2c 22 73 74 72 69 6e 67 22 3a 22 e2 82 ac 24 5c 75 30 30 30 66 5c 6e 41 27 42 5c 22 5c 5c"
    "5c 5c 5c 22 2f 22 7d"
)
# RFC 8785, 3.2.3: names are sorted by UTF-16 code units.
UNSORTED = r"""
{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
 "\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}
"""
SORTED_VALUES = [
    "Carriage Return",
    "One",
    "Control",
    "Latin Small Letter O With Diaeresis",
    "Euro Sign",
    "Emoji: Grinning Face",
    "Hebrew Letter Dalet With Dagesh",
]
# RFC 8785, appendix B: IEEE 754 doubles and how they are written.
NUMBERS = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]
VALID = sorted(path.name for path in RULES.glob("valid_*.json"))


def kind_of(name: str) -> Kind:
    kind: Kind = json.loads((RULES / "index.json").read_bytes())[name]["kind"]
    return kind


def test_sample_of_the_rfc__canonicalised__gives_its_bytes_and_their_hash() -> None:
    assert canonical(json.loads(SAMPLE)) == SAMPLE_BYTES
    assert content_hash(json.loads(SAMPLE)) == hashlib.sha256(SAMPLE_BYTES).hexdigest()


def test_names_of_the_rfc__canonicalised__are_sorted_by_utf_16() -> None:
    assert list(json.loads(canonical(json.loads(UNSORTED))).values()) == SORTED_VALUES


@pytest.mark.parametrize(("double", "written"), NUMBERS)
def test_number_of_the_rfc__canonicalised__is_written_as_there(double: str, written: str) -> None:
    [number] = struct.unpack(">d", bytes.fromhex(double))
    assert canonical({"n": number}) == b'{"n":' + written.encode() + b"}"


@pytest.mark.parametrize("name", VALID)
def test_document__as_model_and_as_json__has_one_hash(name: str) -> None:
    data = (RULES / name).read_bytes()
    loaded: Any = parse(data, kind_of(name))
    assert content_hash(loaded.document) == content_hash(json.loads(data)) == content_hash(loaded.source)


@pytest.mark.parametrize("name", VALID)
def test_document__made_readable_and_read_again__is_the_same(name: str) -> None:
    kind = kind_of(name)
    document: Any = parse((RULES / name).read_bytes(), kind).document
    again: Any = parse(readable(document).encode(), kind)
    assert again.document == document
    assert content_hash(again.document) == content_hash(document)


def test_default_written_out__hashed__is_another_document_with_the_same_meaning() -> None:
    data = json.loads((RULES / "valid_questionnaire.json").read_bytes())
    one: Any = parse(json.dumps(data).encode(), "questionnaire").document
    other: Any = parse(json.dumps(data | {"variant_of": None}).encode(), "questionnaire").document
    assert one == other
    assert hash(one) == hash(other)
    assert content_hash(one) != content_hash(other)


def test_spelling__changed__does_not_change_the_hash() -> None:
    data = json.loads((RULES / "valid_plan.json").read_bytes())
    spelt = json.dumps(dict(reversed(data.items())), indent=7).replace(": 100", ": 1.0e2")
    assert "1.0e2" in spelt
    assert content_hash(json.loads(spelt)) == content_hash(data)


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers(-(2**53) + 1, 2**53 - 1), max_size=5))
def test_any_object__hashed_in_any_order__has_one_hash(document: dict[str, Any]) -> None:
    assert content_hash(document) == content_hash(dict(reversed(document.items())))
    assert as_written(document) == document
