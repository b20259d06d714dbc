"""Respondents' pages and static files travel compressed: seconds on a slow phone.

Office pages do not: they hold a secret (the form token) beside what somebody else may have put there.
"""

import gzip

from flask import Flask, request
from werkzeug.wrappers import Response as HttpResponse

from survey_app.web.access import access_of

_KINDS = {"text/html", "text/css", "text/javascript", "application/javascript"}
_WORTH_IT = 1024


def install(app: Flask) -> None:
    """Compress what is worth it, for whoever accepts it."""

    @app.after_request
    def compress(answer: HttpResponse) -> HttpResponse:
        if answer.mimetype not in _KINDS or (answer.content_length or 0) < _WORTH_IT:
            return answer
        access = access_of(app, request.endpoint) if request.endpoint else None
        if request.endpoint != "static" and (access is None or access.kind != "respondent"):
            return answer
        answer.headers["Vary"] = "Accept-Encoding"
        if answer.status_code != 206 and "gzip" in request.headers.get("Accept-Encoding", ""):
            answer.direct_passthrough = False
            answer.set_data(gzip.compress(answer.get_data(), compresslevel=6, mtime=0))
            answer.headers["Content-Encoding"] = "gzip"
        return answer
