"""One sitting on its way into a box: what it holds, how it is padded, sealed and opened again."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from survey_app.errors import AppError

# What stands around the answers: collector, language, mode, order, hash of the questionnaire, and each unit's number.
ENVELOPE_BYTES = 256
ENVELOPE_BYTES_PER_UNIT = 24
# `[2147483647,{"_known":"no"}],` with one byte to spare: a unit that somebody said they do not know.
NOT_KNOWN_BYTES = 32

_LENGTH_BYTES = 4
_IV_BYTES = 12
_SHORTEST, _LONGEST, _RATIO = 5.0, 7200.0, 1.25
LAST_STEP = round(math.log(_LONGEST / _SHORTEST) / math.log(_RATIO))


class SittingTooLarge(AppError):
    """More than the padded size of its box group: the form's own limits should have stopped it."""

    code, status = "sitting_too_large", 413
    zh = "答卷内容过长，没有提交。请缩短文字题后重试。"
    en = "The answers are too long and were not sent. Shorten the written ones and try again."


@dataclass(frozen=True, slots=True)
class Sitting:
    """What the writer gets. `responses`: (unit id or None, answers) for each unit rated, in the order of answering.

    receipt: SHA-256 of the nonce, 32 bytes. code_hash: 32 bytes, None for an open link; by_token: it is the hash of a
    token of a named list, not of a code.
    duration: a step of `duration_step`, None when a draft was restored.
    """

    collector_id: int
    box_group_id: int
    code_hash: bytes | None
    receipt: bytes
    questionnaire_hash: str
    language: str
    mode: str
    duration: int | None
    order_number: int
    flip: bool
    responses: Sequence[tuple[int | None, Mapping[str, Any]]]
    pilot: bool = False
    by_token: bool = False

    def payload(self) -> bytes:
        """What is sealed: everything but the code (or token) and the receipt."""
        return orjson.dumps(
            (
                self.collector_id,
                self.questionnaire_hash,
                self.language,
                self.mode,
                self.duration,
                self.order_number,
                self.flip,
                self.pilot,
                self.responses,
            )
        )


@dataclass(frozen=True, slots=True)
class OpenedSitting:
    """A sitting as it comes out of its box."""

    collector_id: int
    questionnaire_hash: str
    language: str
    mode: str
    duration: int | None
    order_number: int
    flip: bool
    pilot: bool
    responses: list[tuple[int | None, dict[str, Any]]]


def seal_sitting(key: bytes, payload: bytes, padded_size: int, bound_to: bytes) -> bytes:
    """AES-GCM of the payload padded to `padded_size` bytes, so that its length says nothing; bound to its row id."""
    if len(payload) > padded_size - _LENGTH_BYTES:
        raise SittingTooLarge
    padded = len(payload).to_bytes(_LENGTH_BYTES, "big") + payload.ljust(padded_size - _LENGTH_BYTES, b"\0")
    iv = os.urandom(_IV_BYTES)
    return iv + AESGCM(key).encrypt(iv, padded, bound_to)


def open_sitting(key: bytes, ciphertext: bytes, bound_to: bytes) -> OpenedSitting:
    """Undo `seal_sitting`; raises cryptography's InvalidTag when key, row or content do not belong together."""
    padded = AESGCM(key).decrypt(ciphertext[:_IV_BYTES], ciphertext[_IV_BYTES:], bound_to)
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    return OpenedSitting(*orjson.loads(padded[_LENGTH_BYTES : _LENGTH_BYTES + length]))


def duration_step(seconds: float) -> int:
    """A step on the grid 5 s · 1.25^step, up to 2 h: exact enough to see haste, too coarse to time anybody."""
    bounded = min(max(seconds, _SHORTEST), _LONGEST)
    return round(math.log(bounded / _SHORTEST) / math.log(_RATIO))


def seconds_of_step(step: int) -> float:
    """The middle of a step, in seconds."""
    return float(_SHORTEST * _RATIO**step)
