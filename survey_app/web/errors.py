"""What a person sees when something is refused or breaks: a page in their language, never a traceback.

Respondent pages render their own kind pages; everything else comes here. On respondent routes only an event code and
the class of an exception are logged: a message or a traceback could carry an answer or a code.
"""

import logging

from flask import Flask, jsonify, render_template, request
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
    """A form without its token, or with one that has expired."""

    code, status = "expired_form", 400
    zh = "页面停留太久，表单已过期。请返回上一页，刷新后重新提交。"
    en = "This form has expired. Go back, reload the page and send it again."


def install(app: Flask) -> None:
    """Handle what views raise; the page says what happened and what to do."""

    @app.errorhandler(AppError)
    def refused(error: AppError) -> ResponseReturnValue:
        return _page(error.status, error.code, error.message(language()), getattr(error, "findings", []))

    @app.errorhandler(CSRFError)
    def no_token(_error: CSRFError) -> ResponseReturnValue:
        return refused(ExpiredForm())

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        status = error.code or 500
        if status < 400:
            return error.get_response()
        zh, en = _SENTENCES.get(status, (error.name, error.name))
        return _page(status, f"http_{status}", zh if language() == "zh" else en, [])

    @app.errorhandler(Exception)
    def broken(error: Exception) -> ResponseReturnValue:
        declared = access.access_of(app, request.endpoint) if request.endpoint else None
        if declared is not None and declared.kind == "respondent":
            log.error("respondent_failure %s", type(error).__name__)  # no traceback, see above
        else:
            log.exception("failure in %s", request.endpoint)
        return _page(500, "failure", _BROKEN[0] if language() == "zh" else _BROKEN[1], [])


def _page(status: int, code: str, message: str, findings: list[object]) -> ResponseReturnValue:
    if request.path.startswith("/office/api/"):
        return jsonify(error={"code": code, "message": message}), status
    headers = {"Retry-After": "2"} if status in {429, 503} else {}
    body = render_template("web/error.html", status=status, code=code, message=message, findings=findings)
    return body, status, headers
