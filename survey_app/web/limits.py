"""How often one address may do something. The only module that reads an address, and it keeps none.

An address becomes an HMAC under a random key that exists only in this process's memory; the counters are in memory
too. Behind a proxy the number of trusted hops must be set, or every visitor would look like the proxy.
"""

import hashlib
import hmac
import secrets
import threading

from flask import Request
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from survey_app.errors import AppError


class TooOften(AppError):
    """More requests than a person makes."""

    code, status = "too_often", 429
    zh = "操作太频繁，请过一分钟再试。您填写的内容没有丢失。"
    en = "Too many requests; please try again in a minute. Nothing that you typed is lost."


class Limits:
    """Counters of one process."""

    def __init__(self, trusted_proxies: int) -> None:
        self._key = secrets.token_bytes(32)
        self._trusted_proxies = trusted_proxies
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        # Two threads at once may start the storage's clean-up timer twice, which is an error.
        self._one_at_a_time = threading.Lock()

    def hit(self, request: Request, what: str, rate: str) -> None:
        """Count one `what` from the address of `request`; raises TooOften beyond `rate` (e.g. "20/minute")."""
        address = self._address(request)
        blinded = hmac.digest(self._key, address.encode(), hashlib.sha256).hex()
        with self._one_at_a_time:
            allowed = self._limiter.hit(parse(rate), what, blinded)
        if not allowed:
            raise TooOften

    def _address(self, request: Request) -> str:
        direct = request.environ.get("REMOTE_ADDR") or "unknown"
        if self._trusted_proxies == 0:
            return direct
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        return hops[-self._trusted_proxies] if len(hops) >= self._trusted_proxies else direct
