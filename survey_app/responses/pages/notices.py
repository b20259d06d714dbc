"""Pages that are not the questionnaire: kind pages for every wrong turn, the form to type a code, the thanks page."""

from dataclasses import dataclass
from typing import Literal

from flask import render_template
from werkzeug.wrappers import Response as HttpResponse

from survey_app.errors import AppError
from survey_app.responses.rules import Stop, UnknownCode, UnknownLink, title_of
from survey_app.web.language import language

_MOST_TYPED = 64
# Seconds to wait, as the phone's script understands them; its own waiting grows from there.
_RETRY_AFTER = {429: "20", 503: "2"}


@dataclass(frozen=True)
class CodeForm:
    """The form to type the code of a card or of a personal link: what was typed before, and what was wrong with it."""

    typed: str = ""
    wrong: str = ""
    of: Literal["card", "link"] = "card"

    @classmethod
    def wrong_link(cls, typed: str, error: UnknownLink) -> "CodeForm":
        """A personal code that was not found, still in the field."""
        return cls(typed[:_MOST_TYPED], error.message(language()), "link")


def html(page: str | bytes, status: int = 200) -> HttpResponse:
    """A page; where trying again helps, it says when."""
    headers = {"Retry-After": _RETRY_AFTER[status]} if status in _RETRY_AFTER else {}
    return HttpResponse(page, status, headers, mimetype="text/html")


def notice(
    heading: str,
    sentences: list[str],
    status: int = 200,
    *,
    form: CodeForm | None = None,
    forget: str = "",
    demo: bool = False,
    how: str = "",
) -> HttpResponse:
    """A page of a few sentences. forget: the name of a draft that the phone should delete now.

    how: the campaign whose trust page it links to.
    """
    page = render_template(
        "responses/notice.html", heading=heading, sentences=sentences, form=form, forget=forget, demo=demo, how=how
    )
    return html(page, status)


def stopped(error: AppError, draft: str = "") -> HttpResponse:
    """The kind page of an error; one that ends with this card also ends its draft."""
    final = isinstance(error, Stop) and error.final
    heading, sentence = title_of(error, language()), error.message(language())
    demo = bool(error.values.get("demo"))
    return notice(heading, [sentence], error.status, forget=draft if final else "", demo=demo)


def mistyped(error: UnknownCode, typed: str) -> HttpResponse:
    """A code that was not found, still in the field in which it can be put right."""
    form = CodeForm(typed[:_MOST_TYPED], error.message(language()))
    return notice(title_of(error, language()), [], error.status, form=form)
