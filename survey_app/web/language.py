"""Chinese and English for every page: gettext with the Chinese sentence as its own key.

Each capability keeps its English beside its templates, in `<capability>/en.po`; the catalogues are read once at
start-up (no compiled files). A test extracts every marked sentence and fails when one has no English.
"""

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context

LANGUAGES = ("zh", "en")


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language, merged from every capability; Chinese needs none."""
    if language == "zh":
        return gettext.NullTranslations()
    merged = Catalog(locale=language)
    for path in sorted(Path(__file__).parent.parent.glob(f"*/{language}.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language, abort_invalid=True):
                if message.id:
                    merged[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def language() -> str:
    """The language of this request; respondent pages and staff pages set it, Chinese otherwise."""
    return str(g.get("language", "zh")) if has_request_context() else "zh"


def set_language(wanted: str | None) -> None:
    """Choose the language of this request; anything unknown is Chinese."""
    g.language = wanted if wanted in LANGUAGES else "zh"


def in_language(wanted: str | None = None) -> str:
    """The end of an address that asks for a language (default: this request's); nothing for Chinese."""
    wanted = wanted or language()
    return "" if wanted == "zh" else f"?lang={wanted}"


def _(message: str) -> str:
    """The sentence in this request's language. Values are put in with `%` or `format` after translating."""
    return translations(language()).gettext(message)


def install(app: Flask) -> None:
    """Make `_()` and `{% trans %}` work in templates, with HTML escaping of the values."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        _, lambda one, many, n: translations(language()).ngettext(one, many, n), newstyle=True
    )
    app.jinja_env.globals.update(language=language, in_language=in_language)
