"""One message: how grave it is, what is wrong and what to do, in Chinese and English, with places for values."""

from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]


class Entry(NamedTuple):
    """Templates for `str.format`; the names in braces are given by whoever raises the code."""

    severity: Severity
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


def error(zh: str, en: str, remedy_zh: str, remedy_en: str) -> Entry:
    """A fault: the document cannot be used as it stands."""
    return Entry("error", zh, en, remedy_zh, remedy_en)


def warning(zh: str, en: str, remedy_zh: str, remedy_en: str) -> Entry:
    """Something to look at: the document can be used."""
    return Entry("warning", zh, en, remedy_zh, remedy_en)
