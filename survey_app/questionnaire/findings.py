"""A finding: where a document is wrong, what is wrong and what to do, in Chinese and English.

Every code has its words in `catalogue`; a code without words is a defect and raises KeyError (a test lists them all).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from survey_app.questionnaire.base import AUDIENCE_NAMES
from survey_app.questionnaire.catalogue.entry import Severity
from survey_app.questionnaire.catalogue.loading import LOADING, SHAPE
from survey_app.questionnaire.catalogue.plan import PLAN
from survey_app.questionnaire.catalogue.questionnaire import QUESTIONNAIRE
from survey_app.questionnaire.catalogue.setup import SETUP
from survey_app.questionnaire.catalogue.wording import WORDING

CATALOGUE = LOADING | SHAPE | QUESTIONNAIRE | WORDING | PLAN | SETUP
MAX_FINDINGS = 500
_LONGEST_QUOTE = 200
_LONGEST_NAME = 80
_MOST_CANDIDATES = 300
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `pointer` is a JSON pointer (RFC 6901) into `file`; "" is the whole document."""

    file: str
    severity: Severity
    code: str
    pointer: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str

    @property
    def is_error(self) -> bool:
        """Whether the document cannot be used as it stands."""
        return self.severity == "error"

    def in_file(self, file: str) -> "Finding":
        """The same finding, said of a file."""
        return replace(self, file=_printable(file))

    def as_json(self) -> dict[str, str]:
        """The published form: message and remedy hold both languages, 中文 / English."""
        return {
            "file": self.file,
            "severity": self.severity,
            "code": self.code,
            "pointer": self.pointer,
            "message": f"{self.zh} / {self.en}",
            "remedy": f"{self.remedy_zh} / {self.remedy_en}",
        }

    def __str__(self) -> str:
        kind = "错误 error" if self.is_error else "提醒 warning"
        place = f"{self.file or '-'} {self.pointer}".rstrip()
        return f"{place}: {kind} {self.code}\n  {self.zh}{self.remedy_zh}\n  {self.en} {self.remedy_en}"


def finding(code: str, at: str, near: tuple[str, Iterable[str]] | None = None, **values: object) -> Finding:
    """The finding with its words filled in.

    at: JSON pointer. near: a name that was not found and those that exist, for "did you mean".
    KeyError for a code without words, or for words whose values are not given.
    """
    entry = CATALOGUE[code]
    shown = {name: _shown(value) for name, value in values.items()}
    hint_zh, hint_en = suggestion(*near) if near else ("", "")
    shown |= {"hint_zh": hint_zh, "hint_en": hint_en}
    in_zh, in_en = dict(shown), dict(shown)
    if (audience := shown.get("audience")) in AUDIENCE_NAMES:
        in_zh["audience"], in_en["audience"] = AUDIENCE_NAMES[str(audience)]
    return Finding(
        "",
        entry.severity,
        code,
        _printable(at),
        entry.zh.format(**in_zh),
        entry.en.format(**in_en),
        entry.remedy_zh.format(**in_zh),
        entry.remedy_en.format(**in_en),
    )


def suggestion(name: str, candidates: Iterable[str]) -> tuple[str, str]:
    """Chinese and English sentences that name the nearest candidate; two empty strings when none is near.

    Near: Dice's coefficient of the pairs of neighbouring characters is 0.5 or more. Unlike difflib, whose time grows
    with the square of the lengths, it cannot be made to take minutes by a hostile document full of names.
    """
    known = set(candidates)
    if len(known) > _MOST_CANDIDATES or len(name) > _LONGEST_NAME:
        return "", ""
    likeness, nearest = max(((_likeness(name, one), one) for one in known), default=(0.0, ""))
    return (f"是不是“{nearest}”？", f" Did you mean “{nearest}”?") if likeness >= _ALIKE else ("", "")


def _likeness(one: str, other: str) -> float:
    pairs, others = _pairs(one), _pairs(other)
    return 2 * len(pairs & others) / (len(pairs) + len(others))


@lru_cache(maxsize=1024)
def _pairs(word: str) -> frozenset[tuple[str, str]]:
    # The edges count as characters: the first and the last one are the least often mistyped.
    return frozenset(zip("\0" + word, word + "\0", strict=True))


def pointer(*parts: str | int) -> str:
    """A JSON pointer, RFC 6901: "~" and "/" in names are escaped."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any of them is an error rather than a warning."""
    return any(one.is_error for one in findings)


def _shown(value: object) -> object:
    # A quoted piece of somebody's document may be of any length, and may hold half characters from a bad escape.
    if isinstance(value, str):
        clean = _printable(value)
        return clean if len(clean) <= _LONGEST_QUOTE else clean[:_LONGEST_QUOTE] + "…"
    return value


def _printable(words: str) -> str:
    return words.encode("utf-8", "replace").decode("utf-8")
