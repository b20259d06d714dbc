"""How often one address may do something. The only module that reads an address, and it keeps none.

An address becomes an HMAC under a random key that exists only in this process's memory; the counters are in memory
too. Behind a proxy the number of trusted hops must be set, or every visitor would look like the proxy.

Windows are measured by the clock that only goes forward: with the clock of the day, one that was wrong for a moment
and is put right would keep an address out for as long as it had been wrong.
"""

import hashlib
import hmac
import secrets
import threading
import time

from flask import Request
from limits import parse

from survey_app.errors import AppError


class TooOften(AppError):
    """More requests than a person makes."""

    code, status = "too_often", 429
    zh = "操作太频繁，请过一分钟再试。您填写的内容没有丢失。"
    en = "Too many requests; please try again in a minute. Nothing that you typed is lost."


_SWEEP_SECONDS = 60


class Limits:
    """Counters of one process: (what, blinded address) -> (end of its window, how many in it)."""

    def __init__(self, trusted_proxies: int) -> None:
        self._key = secrets.token_bytes(32)
        self._trusted_proxies = trusted_proxies
        self._windows: dict[tuple[str, bytes], tuple[float, int]] = {}
        self._next_sweep = 0.0
        self._one_at_a_time = threading.Lock()

    def hit(self, request: Request, what: str, rate: str) -> None:
        """Count one `what` from the address of `request`; raises TooOften beyond `rate` (e.g. "20/minute")."""
        address = self._address(request)
        blinded = hmac.digest(self._key, address.encode(), hashlib.sha256)
        allowed, now = parse(rate), time.monotonic()
        with self._one_at_a_time:
            self._sweep(now)
            end, hits = self._windows.get((what, blinded), (0.0, 0))
            if end <= now:
                end, hits = now + allowed.get_expiry(), 0
            self._windows[what, blinded] = end, hits + 1
        if hits >= allowed.amount:
            raise TooOften

    def _sweep(self, now: float) -> None:
        if now < self._next_sweep:
            return
        self._next_sweep = now + _SWEEP_SECONDS
        self._windows = {of: window for of, window in self._windows.items() if window[0] > now}

    def _address(self, request: Request) -> str:
        direct = request.environ.get("REMOTE_ADDR") or "unknown"
        if self._trusted_proxies == 0:
            return direct
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        return hops[-self._trusted_proxies] if len(hops) >= self._trusted_proxies else direct
