"""Every code that a report can hold has a sentence in both languages, and numbers stand in it as people write them."""

import itertools
import string

import pytest

from analysis.cautions import Code, ScoreStatus, Severity
from analysis.comparison.priorities import Quadrant
from analysis.estimate import Status
from analysis.quality.families import FAMILY_OF, Family, Flag
from analysis.quality.signatures import SignatureKind
from analysis.suspecting import ALL_THE_SAME, MUTUAL_RATINGS
from survey_app.questionnaire.base import AUDIENCES
from survey_app.scores.rules import sources, words
from survey_app.scores.rules.quadrant_words import QUADRANTS, SIGNATURES
from survey_app.scores.rules.quality_words import FAMILIES, FLAGS
from survey_app.scores.rules.reason_words import PLACES, REASON_WORDS

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


def pairs() -> dict[str, tuple[str, str]]:
    """Every pair of wordings besides reasons, by a name that says whose it is."""
    found = {f"status {code}": pair for code, pair in words.ESTIMATES.items() if code != "ok"}
    found |= {f"family {code}": one.name for code, one in FAMILIES.items()}
    found |= {f"family {code}, what": one.what for code, one in FAMILIES.items()}
    found |= {f"flag {code}": pair for code, pair in FLAGS.items()}
    found |= {f"figure {code}": one.reading for code, one in words.FIGURES.items()}
    found |= {f"quadrant {code}": pair for code, pair in QUADRANTS.items()}
    found |= {f"refused {code}": pair for code, pair in words.REFUSED.items()}
    for code, (name, what) in SIGNATURES.items():
        found |= {f"signature {code}": name, f"signature {code}, what": what}
    return found


def test_words__are_those_of_families_flags_quadrants_and_signatures_and_no_others() -> None:
    assert list(FAMILIES) == [family.value for family in Family]
    assert set(FLAGS) == {flag.value for flag in Flag}
    assert {flag: code for code, found in FAMILIES.items() for flag in found.flags} == {
        flag.value: family.value for flag, family in FAMILY_OF.items()
    }
    assert set(QUADRANTS) == {quadrant.value for quadrant in Quadrant}
    assert set(SIGNATURES) == {kind.value for kind in SignatureKind} | {MUTUAL_RATINGS, ALL_THE_SAME}
    assert set(words.REFUSED) == set(PLACES)


@pytest.mark.parametrize(("name", "pair"), pairs().items(), ids=pairs())
def test_pair__has_chinese_and_english_and_no_exclamation(name: str, pair: tuple[str, str]) -> None:
    zh, en = pair
    assert is_chinese(zh)
    assert en
    assert not is_chinese(en)
    assert "!" not in zh + en
    assert "!" not in zh + en


def test_every_status_of_a_number__says_what_it_rests_on_in_both_languages() -> None:
    assert set(sources.STATUS_SOURCES) == {status.value for status in Status} - {"ok"}
    for zh, en in sources.STATUS_SOURCES.values():
        assert zh
        assert en
        assert not is_chinese(en)


def test_every_code__says_where_its_threshold_comes_from_in_both_languages() -> None:
    assert set(sources.SOURCES) == set(CODES)
    for zh, en in sources.SOURCES.values():
        assert zh
        assert en
        assert not is_chinese(en)
    # A threshold that the plan sets is never presented as the literature's own.
    for code in ("too_few_responses", "few_departments", "wide_interval", "excluded_share_high", "rank_too_few_units"):
        assert words.source(code, "zh") == "门槛由本方案规定"
    assert "doi:10.1177/1094428105284919" in words.source("alpha_below", "en")
    assert words.source("rank_reliability_low", "zh") == "门槛由本方案规定；Adams 2009, RAND TR-653"


def test_figures__say_their_source_or_formula_and_families_theirs() -> None:
    assert [code for code, found in words.FIGURES.items() if not found.source] == []
    assert [code for code, found in FAMILIES.items() if not found.source] == []
    assert words.figure("total", "en").formula.startswith("score ±")


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


def test_sentence__writes_places_without_needless_decimals() -> None:
    wide = reason("rank_set_wide", number=3.0, threshold=1.5)
    assert words.sentence(wide, "zh", str) == "数据允许的位次有 3 个，超过同类单位的一半（1.5）。"
    assert "0.63, below 0.70" in words.sentence(reason("rank_reliability_low", number=0.632, threshold=0.7), "en", str)


def test_sentence__names_whose_it_is_first() -> None:
    part = reason("too_few_responses", number=12, threshold=30, subject="access")
    assert words.sentence(part, "zh", lambda _: "办事便利").startswith("“办事便利”：有效答卷 12 份")
    assert words.sentence(part, "en", lambda _: "Access").startswith("“Access”: 12 valid responses")
