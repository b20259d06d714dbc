"""What the phone carries instead of a cookie: a sealed capability, and the sealed pages of a longer sitting.

Sealed with AES-GCM under keys derived from the installation's secret: nobody else can make one, read one, or change
one. It holds the hash of the code, never the code, and nothing is written anywhere when it is made.
"""

import base64
import os
import secrets
import struct
from dataclasses import dataclass
from functools import cache

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from survey_app.errors import AppError

NONCE_BYTES = 16
ORDERS = 8
START_GRID = 5  # seconds: the start is never carried more exactly than this
_FIELDS = struct.Struct(">IIqBBB2s16s")  # the end may be any day that a calendar has
_HASH_BYTES = 32
_IV_BYTES = 12


class BadCapability(AppError):
    """A form that this installation did not make, or that was changed on its way."""

    code, status = "bad_capability", 400
    zh = "这个页面已失效或被改动。请重新扫描二维码；如果您已写了较长的内容，请先复制保存。"
    en = "This page is no longer valid. Scan the QR code again; copy anything long that you have written first."


class ExpiredCapability(AppError):
    """A form opened before the campaign closed and sent after it."""

    code, status = "expired_capability", 410
    zh = "问卷已经截止，这份答卷没有提交。"
    en = "The questionnaire has closed; this answer was not sent in."


@dataclass(frozen=True, slots=True)
class Capability:
    """The right to send one sitting through one collector.

    code_hash: 32 bytes, of a code or (by_token) of a token of a named list; None for an open link.
    nonce: 16 random bytes; its SHA-256 is the receipt.
    started, expires: unix seconds. order_number: 0..7. language: `zh` or `en`.
    """

    collector_id: int
    code_hash: bytes | None
    nonce: bytes
    started: int
    expires: int
    order_number: int
    flip: bool
    language: str
    by_token: bool = False


def issue(
    collector_id: int, code_hash: bytes | None, now: int, expires: int, language: str, *, by_token: bool = False
) -> Capability:
    """A fresh capability: new nonce, one of eight item orders, a flip bit, none of which depends on the code."""
    return Capability(
        collector_id,
        code_hash,
        secrets.token_bytes(NONCE_BYTES),
        now - now % START_GRID,
        expires,
        secrets.randbelow(ORDERS),
        bool(secrets.randbelow(2)),
        language,
        by_token,
    )


def seal(secret: bytes, capability: Capability) -> str:
    """The capability as URL-safe text for a hidden field."""
    plain = _FIELDS.pack(
        capability.collector_id,
        capability.started,
        capability.expires,
        capability.order_number,
        capability.flip,
        capability.by_token,
        capability.language.encode(),
        capability.nonce,
    ) + (capability.code_hash or b"")
    return _encrypt(_cipher(secret, b"capability"), plain, b"")


def unseal(secret: bytes, text: str, now: int) -> Capability:
    """The capability of a form; raises BadCapability or ExpiredCapability."""
    plain = _decrypt(_cipher(secret, b"capability"), text, b"")
    if len(plain) not in {_FIELDS.size, _FIELDS.size + _HASH_BYTES}:
        raise BadCapability
    collector_id, started, expires, order_number, flip, by_token, language, nonce = _FIELDS.unpack_from(plain)
    if now > expires:
        raise ExpiredCapability
    return Capability(
        collector_id,
        plain[_FIELDS.size :] or None,
        nonce,
        started,
        expires,
        order_number,
        bool(flip),
        language.decode(),
        bool(by_token),
    )


def seal_carry(secret: bytes, capability: Capability, pages: object) -> str:
    """Finished pages of a sitting over several units, bound to this capability; the server keeps nothing of them."""
    return _encrypt(_cipher(secret, b"carry"), orjson.dumps(pages), capability.nonce)


def unseal_carry(secret: bytes, capability: Capability, text: str) -> object:
    """The finished pages; raises BadCapability for another sitting's or a changed one."""
    pages: object = orjson.loads(_decrypt(_cipher(secret, b"carry"), text, capability.nonce))
    return pages


@cache
def _cipher(secret: bytes, purpose: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"pingyi " + purpose).derive(secret))


def _encrypt(cipher: AESGCM, plain: bytes, bound_to: bytes) -> str:
    iv = os.urandom(_IV_BYTES)
    return base64.urlsafe_b64encode(iv + cipher.encrypt(iv, plain, bound_to)).decode()


def _decrypt(cipher: AESGCM, text: str, bound_to: bytes) -> bytes:
    try:
        sealed = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
        return cipher.decrypt(sealed[:_IV_BYTES], sealed[_IV_BYTES:], bound_to)
    except (ValueError, InvalidTag):
        # UnicodeEncodeError and binascii.Error are ValueErrors: whatever was wrong, it is not a form of ours.
        raise BadCapability from None
