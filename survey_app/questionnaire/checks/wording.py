"""Lint: wording and design that bend answers. Warnings only; the patterns rather warn once too often.

Rules for wording: one item asks one thing; no praise in the question; no double negative; no personal data.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from survey_app.questionnaire.base import Audience, TextValue
from survey_app.questionnaire.checks.walk import missing_of, texts
from survey_app.questionnaire.findings import Finding, finding, pointer
from survey_app.questionnaire.items import (
    AnyItem,
    DateItem,
    LikertItem,
    MultipleItem,
    NumberItem,
    RatingItem,
    SingleItem,
    TextItem,
)
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.texts import PLACEHOLDER, minutes, text

TARGET_MINUTES: dict[Audience, int] = {"staff": 6, "service_recipient": 3, "related_department": 4}
_FEWEST_OF_A_DIMENSION = 3
_MOST_LANGUAGES = 50

# Both kinds of punctuation: Chinese text is typed with either. Escapes, because editors like to swap the two.
_COMMA = ",\uff0c"
_CLAUSE = f"[^{_COMMA}.;:!?。\uff1b\uff1a\uff01\uff1f\\n]"


class _Rule(NamedTuple):
    """What to look for in each language, after what only looks like it has been taken out."""

    chinese: re.Pattern[str]
    english: re.Pattern[str]
    harmless_chinese: re.Pattern[str] | None = None
    harmless_english: re.Pattern[str] | None = None


_DOUBLE_BARRELLED = _Rule(
    re.compile(rf"和|并且|以及|而且|同时|且|及其|不仅|不但|不只|既{_CLAUSE}{{1,12}}又|[{_COMMA}]\s*并(?!非|不)"),
    re.compile(r"\b(and|as well as|along with|and/or|not only)\b", re.IGNORECASE),
    # Words that hold 和 or 且 without joining anything, and 和 in the sense of "with".
    re.compile(
        r"饱和|总和|和谐|和平|温和|缓和|和气|和睦|随和|平和|和蔼|共和|和解|附和|调和|和善|和好|况且|尚且|暂且|"
        rf"和{_CLAUSE}{{1,20}}?(相符|相同|相比|相近|一样|一致|打交道|打过交道|有关|无关|联系|沟通|往来)"
    ),
)
_LEADING = _Rule(
    re.compile(
        r"进一步|有力|大力|积极|切实|显著|大幅|高度重视|卓有成效|扎实|圆满|优质|众所周知|毫无疑问|显然|理所当然|难道"
    ),
    re.compile(
        r"\b(obviously|of course|surely|undoubtedly|everyone knows|as you know|don't you|isn't it|wouldn't you|"
        r"excellent|outstanding|remarkabl[ey])\b",
        re.IGNORECASE,
    ),
)
_APPEAL = _Rule(
    re.compile(r"请支持|打高分|给(予)?好评|满分|(满意|好评|支持)是(对我们|我们)|对我们(工作)?的(肯定|鼓励)"),
    re.compile(r"\b(please support|full marks|give us (a )?(good|high|top)|high(est)? score)\b", re.IGNORECASE),
)
_NEGATION = "(?:不|没有|没|未|无|勿|莫|并非|绝非)"
_NEGATION_EN = r"\b(?:not|never|no|none|nobody|nothing|without|cannot|neither|\w+n't)\b"
_DOUBLE_NEGATIVE = _Rule(
    re.compile(rf"{_NEGATION}{_CLAUSE}{{0,12}}?{_NEGATION}|是否{_CLAUSE}{{0,15}}?{_NEGATION}"),
    re.compile(
        rf"{_NEGATION_EN}[^.;!?]{{0,60}}?{_NEGATION_EN}|\bnot\s+un(?!der|til|less|it|ion|ique|iform)\w+", re.IGNORECASE
    ),
    # Compounds whose 不, 没, 无 or 未 negates nothing, and yes-no questions of the form V不V.
    re.compile(
        r"不同|不断|不仅|不但|不只|不久|不少|不过|不管|不论|不妨|不错|差不多|未来|无论|无线|无障碍|没关系|有没有|(\w)不\1"
    ),
    re.compile(r"\b(not only|whether or not|nor|no later than|no more than)\b", re.IGNORECASE),
)
_PERSONAL = _Rule(
    re.compile(
        r"姓名|名字|身份证|证件号|手机|电话|联系方式|微信|QQ|邮箱|电子邮件|住址|地址|出生|生日|年龄|性别|民族|婚姻|工号|警号|"
        r"车牌|学历|[您你]的?(职务|职级|职称|岗位名称)|[您你](所?在)的?(处|科)"
    ),
    re.compile(
        r"\b(your (full )?name|phone|mobile number|e-?mail|(your|home) address|id (card|number)|passport|date of birth|"
        r"birthday|your age|how old|gender|your sex|marital|wechat|your (job title|rank|division)|employee number)\b",
        re.IGNORECASE,
    ),
    # "Please write no names" asks for none.
    re.compile(rf"(不要|请勿|勿|不用|不必|不需|无需|别){_CLAUSE}*"),
    re.compile(r"\b(do not|don't|no need|never|not)\b[^.;!?]*", re.IGNORECASE),
)
# The wording takes for granted that something happened which may not have.
_OCCASION = re.compile(rf"[时后前][{_COMMA}]|的部分[{_COMMA}]|[我您]们?提的|如果|如遇|遇到|一旦|新增")
_HAN = re.compile("[\u3400-\u9fff]")


def check_wording(questionnaire: Questionnaire) -> Iterator[Finding]:
    """Every warning about wording and design."""
    for item in questionnaire.items():
        yield from _item_wording(item, questionnaire)
    for name in ("intro", "thanks"):
        yield from _matches("leading_words", f"/{name}", getattr(questionnaire, name), _APPEAL)
    yield from _design(questionnaire)
    yield from _translations(questionnaire)


def _item_wording(item: AnyItem, questionnaire: Questionnaire) -> Iterator[Finding]:
    at = questionnaire.pointer(item.id)
    if isinstance(item, LikertItem | RatingItem):
        yield from _matches("double_barrelled", f"{at}/text", item.text, _DOUBLE_BARRELLED)
    for name, value in (("text", item.text), ("hint", item.hint)):
        yield from _matches("leading_words", f"{at}/{name}", value, _LEADING)
        yield from _matches("leading_words", f"{at}/{name}", value, _APPEAL)
    yield from _matches("double_negative", f"{at}/text", item.text, _DOUBLE_NEGATIVE)
    if isinstance(item, TextItem | NumberItem | DateItem | SingleItem | MultipleItem):
        yield from _matches("personal_data", f"{at}/text", item.text, _PERSONAL)
    if isinstance(item, LikertItem) and item.use_in() == "score" and not item.offer_missing:
        found = _OCCASION.search(PLACEHOLDER.sub("", text(item.text)))
        if found:
            yield finding("typed_missing_needed", f"{at}/offer_missing", name=item.id, words=found[0].strip(_COMMA))


def _matches(code: str, at: str, value: TextValue | None, rule: _Rule) -> Iterator[Finding]:
    """At most one finding for each language, naming the words that were found. Plain strings are read as Chinese."""
    if value is None:
        return
    versions = {"zh": value} if isinstance(value, str) else value
    languages = (("zh", rule.chinese, rule.harmless_chinese), ("en", rule.english, rule.harmless_english))
    for language, pattern, harmless in languages:
        if language not in versions:
            continue
        words = PLACEHOLDER.sub("某单位" if language == "zh" else "it", versions[language])
        found = pattern.search(harmless.sub("□", words) if harmless else words)
        if found:
            place = at if isinstance(value, str) else f"{at}/{language}"
            yield finding(code, place, words=found[0].strip(f"{_COMMA} "))


def _design(questionnaire: Questionnaire) -> Iterator[Finding]:
    scored = questionnaire.scored_items()
    for name in questionnaire.dimensions:
        count = sum(item.dimension == name for item in scored)
        if count < _FEWEST_OF_A_DIMENSION:
            yield finding("dimension_small", pointer("dimensions", name), name=name, count=count)
    likert = [item for item in scored if isinstance(item, LikertItem)]
    if len(likert) >= _FEWEST_OF_A_DIMENSION:
        if not any(item.reverse_coded for item in scored):
            yield finding("no_reversed_item", "/sections")
        if not any(missing_of(item, questionnaire) for item in likert):
            yield finding("no_typed_missing", "/response_scales")
    target, needed = TARGET_MINUTES[questionnaire.audience], minutes(questionnaire)
    if needed > target:
        yield finding("takes_too_long", "/sections", minutes=needed, target=target)


def _translations(questionnaire: Questionnaire) -> Iterator[Finding]:
    placed = list(texts(questionnaire))
    written_in = (language for one in placed if isinstance(one.value, dict) for language in one.value)
    # Nobody translates into more; without an end, thousands of invented languages would take minutes.
    languages = {"zh", *islice(dict.fromkeys(written_in), _MOST_LANGUAGES)}
    for one in placed:
        # A plain string serves every language, unless it is Chinese.
        written = {"zh"} if isinstance(one.value, str) and _HAN.search(one.value) else set(one.value)
        missing = set() if isinstance(one.value, str) and not _HAN.search(one.value) else languages - written
        if missing:
            yield finding("missing_translation", one.at, languages=", ".join(sorted(missing)))
