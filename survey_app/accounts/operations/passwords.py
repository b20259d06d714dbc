"""Passwords as argon2id hashes (RFC 9106). Slow on purpose, so never call these while a write lock is held."""

from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from survey_app.accounts.rules import normalise_password
from survey_app.config import Config

# Each hash takes tens of megabytes: a crowd at the sign-in page waits its turn instead of filling the memory.
_TOGETHER = BoundedSemaphore(4)


class Passwords:
    """Hashing and checking at the cost of one installation."""

    def __init__(self, time_cost: int, memory_kib: int) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)
        self._nobody = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """A fresh salted hash."""
        with _TOGETHER:
            return self._hasher.hash(normalise_password(password))

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is right. For nobody (`stored` None) it works as long and says no."""
        try:
            with _TOGETHER:
                self._hasher.verify(stored or self._nobody, normalise_password(password))
        except VerifyMismatchError:
            return False
        return stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made at another cost than today's."""
        return self._hasher.check_needs_rehash(stored)


@cache
def _at_cost(time_cost: int, memory_kib: int) -> Passwords:
    return Passwords(time_cost, memory_kib)


def passwords(config: Config) -> Passwords:
    """The hashing of this installation."""
    return _at_cost(config.argon2_time_cost, config.argon2_memory_kib)
