"""What a person sees when something is refused or breaks: a page in their language, never a traceback.

Respondent pages render their own kind pages; everything else comes here. On respondent routes only an event code and
the class of an exception are logged: a message or a traceback could carry an answer or a code.
"""

import logging
from types import TracebackType

from flask import Flask, abort, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from survey_app.errors import AppError
from survey_app.web import access
from survey_app.web.language import language

log = logging.getLogger("pingyi.web")

_SENTENCES = {
    400: ("请求的内容不完整，请返回上一页重试。", "The request was not complete; go back and try again."),
    404: ("没有这个页面。请核对网址，或从首页重新进入。", "There is no such page. Check the address or start again."),
    405: ("这个网址不能这样打开。请从首页重新进入。", "This address is not opened this way. Start again."),
    413: ("提交的内容超过了大小限制。", "What was sent is larger than allowed."),
    415: ("提交的格式不支持。", "What was sent is in a format that is not accepted."),
}
_BROKEN = ("系统出错了，没有保存这次操作。请稍后再试。", "Something went wrong and nothing was saved. Try again later.")


class ExpiredForm(AppError):
    """A form without its token, or with that of another sign-in; tokens do not expire by time."""

    code, status = "expired_form", 400
    zh = (
        "这张表单已经失效，没有保存任何更改：可能是后来重新登录过，也可能是浏览器没有接受 Cookie。"
        "请返回上一页，刷新后重新提交。"
    )
    en = (
        "This form is no longer valid, and nothing was changed: you have signed in again since, or the browser refuses "
        "cookies. Go back, reload the page and send it again."
    )


class NotText(AppError):
    """A null byte in a form: it is no text, and PostgreSQL does not take it as text."""

    code, status = "not_text", 400
    zh = "提交的内容里有不能保存的控制字符，没有保存任何更改。请返回上一页，删去后重新提交。"
    en = (
        "What was sent holds a control character that cannot be kept; nothing was changed. "
        "Go back, remove it and send it again."
    )


def install(app: Flask) -> None:
    """Handle what views raise; the page says what happened and what to do."""

    @app.before_request
    def readable() -> None:
        # A null byte stands in no address of ours, and PostgreSQL does not take it as text.
        if "\0" in request.path:
            abort(404)
        try:
            request.query_string.decode()
        except UnicodeDecodeError:
            abort(400)
        # Respondents' forms are read by rules of their own, and later.
        office = request.path.startswith("/office")
        if office and any("\0" in text for _name, texts in request.values.lists() for text in texts):
            raise NotText

    usual = app.log_exception

    def log_exception(exception: tuple[type, BaseException, TracebackType] | tuple[None, None, None]) -> None:
        # What fails outside a view comes here; Flask would log the path, and outside the office that may hold a code.
        if request.path.startswith("/office"):
            usual(exception)
        else:
            log.error("failure_outside_views %s", exception[0].__name__ if exception[0] else "")

    app.log_exception = log_exception  # type: ignore[method-assign, assignment]

    @app.errorhandler(AppError)
    def refused(error: AppError) -> ResponseReturnValue:
        words = error.message("zh"), error.message("en")
        return _page(error.status, error.code, words, getattr(error, "findings", []))

    @app.errorhandler(CSRFError)
    def no_token(_error: CSRFError) -> ResponseReturnValue:
        return refused(ExpiredForm())

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        status = error.code or 500
        if status < 400:
            return error.get_response()
        return _page(status, f"http_{status}", _SENTENCES.get(status, (error.name, error.name)), [])

    @app.errorhandler(Exception)
    def broken(error: Exception) -> ResponseReturnValue:
        declared = access.access_of(app, request.endpoint) if request.endpoint else None
        if declared is not None and declared.kind == "respondent":
            log.error("respondent_failure %s", type(error).__name__)  # no traceback, see above
        else:
            log.exception("failure in %s", request.endpoint)
        return _page(500, "failure", _BROKEN, [])


def _page(status: int, code: str, words: tuple[str, str], findings: list[object]) -> ResponseReturnValue:
    zh, en = words
    message = zh if language() == "zh" else en
    # Where no page of ours was reached nobody has chosen a language: both are said.
    also = en if zh != en and "language" not in g else ""
    headers = {"Retry-After": "2"} if status in {429, 503} else {}
    body = render_template("web/error.html", status=status, code=code, message=message, also=also, findings=findings)
    return body, status, headers
