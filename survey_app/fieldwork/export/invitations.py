"""Invitations: letters to print, three on an A4 page, and the file for mail merge. Secrets pass through once.

Links come from the installation's public URL, never from a request.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from survey_app.campaigns.export import qr
from survey_app.campaigns.export.cards import code_groups
from survey_app.invitations.rules.lists import Invitation

LETTERS_A_PAGE = 3
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-][0-9() -]+")


@dataclass(frozen=True)
class Letter:
    """One invitation as it is printed."""

    position: int
    name: str
    note: str
    groups: tuple[str, ...]
    symbol: str
    side: int


def link(public_url: str, secret: str) -> str:
    """The personal link; in capitals where that makes the symbol smaller, as on cards."""
    if urlsplit(public_url).path.strip("/"):
        return f"{public_url}/i/{secret}"
    return f"{public_url.upper()}/I/{secret}"


def typed_path(public_url: str) -> str:
    """What follows the domain where the personal code is typed by hand."""
    return f"{urlsplit(public_url).path.rstrip('/')}/i"


def letters(made: Sequence[Invitation], public_url: str) -> Iterator[list[Letter]]:
    """Pages of letters, one at a time: symbols are drawn while the page is being sent."""
    for start in range(0, len(made), LETTERS_A_PAGE):
        yield [_letter(one, public_url) for one in made[start : start + LETTERS_A_PAGE]]


def mail_merge(made: Sequence[Invitation], public_url: str, fingerprint: str) -> Iterator[str]:
    """The file for mail merge, line by line: UTF-8 with its mark, so that Excel and WPS read it."""
    yield "\ufeff" + _line(("姓名", "联系方式", "备注", "个人链接", "个人码", "公钥指纹"))
    for one in made:
        row, address = one.row, f"{public_url}/i/{one.secret}"
        code = "-".join(code_groups(one.secret))
        yield _line((_safe(row.name), _safe(row.contact), _safe(row.note), address, code, fingerprint))


def _letter(one: Invitation, public_url: str) -> Letter:
    modules = qr.matrix(link(public_url, one.secret))
    return Letter(one.position, one.row.name, one.row.note, code_groups(one.secret), qr.path(modules), len(modules))


def _line(cells: Sequence[str]) -> str:
    target = io.StringIO()
    csv.writer(target).writerow(cells)
    return target.getvalue()


def _safe(text: str) -> str:
    """A spreadsheet program would run what looks like a formula; a telephone number it may have."""
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text
