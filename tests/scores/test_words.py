"""Every code that a report can hold has a sentence in both languages, and numbers stand in it as people write them."""

import itertools
import string

import pytest

from analysis.cautions import Code, ScoreStatus, Severity
from analysis.estimate import Status
from survey_app.questionnaire.base import AUDIENCES
from survey_app.scores.rules import words
from survey_app.scores.rules.reason_words import REASON_WORDS

OURS = {"collection_open", "carried_forward"}
CODES = [code.value for code in Code] + sorted(OURS)
CHINESE = range(0x4E00, 0xA000)


def reason(code: str, **values: object) -> dict[str, object]:
    return {"code": code, "severity": "note", "number": None, "threshold": None, "subject": None} | values


def is_chinese(text: str) -> bool:
    return any(ord(sign) in CHINESE for sign in text)


def test_words__are_those_of_the_codes_and_no_others() -> None:
    assert set(REASON_WORDS) == set(CODES)
    assert set(words.STATUSES) == set(words.SHAPES) == {status.value for status in ScoreStatus}
    assert set(words.ESTIMATES) == {status.value for status in Status}
    assert set(words.AUDIENCES) == set(AUDIENCES)
    assert {severity.value for severity in Severity} == {"withhold", "caution", "note"}


@pytest.mark.parametrize("code", CODES)
def test_code__has_a_sentence_and_a_reading_in_both_languages(code: str) -> None:
    found = REASON_WORDS[code]
    assert is_chinese(found.zh)
    assert is_chinese(found.read_zh)
    assert not is_chinese(found.en)
    assert not is_chinese(found.read_en)
    assert bool(found.bare_zh) == bool(found.bare_en)
    for text in (found.zh, found.en, found.read_zh, found.read_en):
        assert "!" not in text
        assert "!" not in text


@pytest.mark.parametrize("code", CODES)
def test_code__says_its_number_or_has_words_without_it(code: str) -> None:
    found = REASON_WORDS[code]
    for full, bare in ((found.zh, found.bare_zh), (found.en, found.bare_en)):
        names = {name for _, name, _, _ in string.Formatter().parse(full) if name}
        assert names <= {"number", "threshold"}
        assert "{number}" not in bare
        # Rules of publication may take any number away; the sentence must then do without it.
        assert bare or "number" not in names or code in {"full_marks_moved", "carried_forward"}


@pytest.mark.parametrize(("code", "language"), list(itertools.product(CODES, ("zh", "en"))))
def test_sentence__never_leaves_a_hole(code: str, language: str) -> None:
    bare = words.sentence(reason(code, threshold=5), language, str)
    full = words.sentence(reason(code, number=3, threshold=5, subject="x"), language, lambda name: name.upper())
    assert "{" not in bare + full
    assert "None" not in bare + full
    assert "“X”" in full


def test_sentence__writes_numbers_as_their_kind_asks() -> None:
    few = reason("too_few_responses", number=12, threshold=30.0)
    assert words.sentence(few, "zh", str) == "有效答卷 12 份，少于计分所需的 30 份。"
    assert words.sentence(few | {"number": None}, "zh", str) == "有效答卷少于计分所需的 30 份。"
    assert "42%" in words.sentence(reason("response_rate_low", number=0.42, threshold=0.5), "en", str)
    assert "0.58" in words.sentence(reason("alpha_below", number=0.5768, threshold=0.6), "en", str)
    assert "6.3" in words.sentence(reason("wide_interval", number=6.26, threshold=5.0), "zh", str)


def test_sentence__names_whose_it_is_first() -> None:
    part = reason("too_few_responses", number=12, threshold=30, subject="access")
    assert words.sentence(part, "zh", lambda _: "办事便利").startswith("“办事便利”：有效答卷 12 份")
    assert words.sentence(part, "en", lambda _: "Access").startswith("“Access”: 12 valid responses")
