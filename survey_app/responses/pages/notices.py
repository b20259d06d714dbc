"""Pages that are not the questionnaire: kind pages for every wrong turn, the form to type a code, the thanks page."""

from dataclasses import dataclass

from flask import render_template
from werkzeug.wrappers import Response as HttpResponse

from survey_app.errors import AppError
from survey_app.responses.rules import Stop, UnknownCode, title_of
from survey_app.web.language import language

_MOST_TYPED = 64
# Seconds to wait, as the phone's script understands them; its own waiting grows from there.
_RETRY_AFTER = {429: "20", 503: "2"}


@dataclass(frozen=True)
class CodeForm:
    """The form to type a code: what was typed before, and what was wrong with it."""

    typed: str = ""
    wrong: str = ""


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
) -> HttpResponse:
    """A page of a few sentences. forget: the name of a draft that the phone should delete now."""
    page = render_template(
        "responses/notice.html", heading=heading, sentences=sentences, form=form, forget=forget, demo=demo
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
