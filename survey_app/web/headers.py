"""The security headers of every answer. No third-party byte, no inline script or style, nothing kept by a cache."""

from flask import Flask, request
from werkzeug.wrappers import Response as HttpResponse

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
)


def install(app: Flask, *, https: bool) -> None:
    """Add the headers to every answer; pages are never kept; static files may be, their URL has a hash.

    Redirects stay on the address that the browser has, whatever Host it sent.
    """
    always = [*_HEADERS, ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")] if https else _HEADERS

    @app.after_request
    def add(answer: HttpResponse) -> HttpResponse:
        kept = request.endpoint == "static" and request.args.get("v") and answer.status_code == 200
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-store"
        answer.headers.extend(always)
        if answer.location and not answer.location.startswith("/"):
            # Only routing writes whole addresses (/office to /office/), of whatever host the request named.
            answer.location = answer.location.removeprefix(request.host_url.rstrip("/"))
        return answer
