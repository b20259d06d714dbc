"""The recovery key (恢复密钥): what waits in full boxes, sealed in a backup to a key whose private half is elsewhere.

X25519 with a fresh key for each backup, HKDF-SHA256, AES-256-GCM. The host holds the public half only and cannot read
what it sealed; no copy of a box key lies beside the box keys, and none is made before a backup is.

What must stay true: an open box is never sealed. A full one appears whole, so that whoever opens a backup learns no
more of who is who than the emptied box shows. What setting the key weakens stands in docs/operations.md.
"""

import base64
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from survey_app.accounts.operations.audit import record
from survey_app.responses.keys import KeyFiles
from survey_app.responses.models import Box, Parked
from survey_app.upkeep import queries
from survey_app.upkeep.rules.backups import (
    BadBackupPlace,
    NotARecoveryKey,
    NothingToRecover,
    WrongRecoveryKey,
    about,
)

PublicHalf = X25519PublicKey
PrivateHalf = X25519PrivateKey
_PURPOSE = b"pingyi recovery 1"
_NONCE = bytes(12)  # every backup has a key of its own


@dataclass(frozen=True)
class FullBox:
    """A box that takes no more: its key and its sealed sittings (id, ciphertext)."""

    campaign: str
    group: int
    number: int
    key: bytes
    rows: tuple[tuple[bytes, bytes], ...]


def make_key_pair(private_path: Path, public_path: Path) -> None:
    """Both halves as PEM files; an existing file is never written over. Raises BadBackupPlace."""
    key = X25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    _write_new(private_path, private, 0o600)
    _write_new(public_path, public, 0o644)


def read_public(path: Path) -> PublicHalf:
    """The public half. Raises NotARecoveryKey."""
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (OSError, ValueError):
        key = None
    if not isinstance(key, X25519PublicKey):
        raise NotARecoveryKey(path=path, half_zh="公钥", half_en="public")
    return key


def read_private(path: Path) -> PrivateHalf:
    """The private half. Raises NotARecoveryKey."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError):
        key = None
    if not isinstance(key, X25519PrivateKey):
        raise NotARecoveryKey(path=path, half_zh="私钥", half_en="private")
    return key


def full_boxes(session: Session, keys: KeyFiles) -> list[FullBox]:
    """Every box that waits, is full and whose key is there. Take them while no box can be emptied."""
    found = []
    for group, number, campaign in queries.full_boxes(session):
        key = keys.read(group, number)
        if key is not None:
            rows = session.execute(
                select(Parked.id, Parked.ciphertext)
                .where(Parked.box_group_id == group, Parked.box_number == number)
                .order_by(Parked.id)
            )
            found.append(FullBox(campaign, group, number, key, tuple((row[0], row[1]) for row in rows)))
    return found


def seal(boxes: list[FullBox], public: PublicHalf) -> bytes:
    """The boxes, readable with the private half only."""
    content = [
        {
            "campaign": box.campaign,
            "group": box.group,
            "number": box.number,
            "key": _text(box.key),
            "rows": [[_text(row_id), _text(ciphertext)] for row_id, ciphertext in box.rows],
        }
        for box in boxes
    ]
    own = X25519PrivateKey.generate()
    sender = own.public_key().public_bytes_raw()
    cipher = AESGCM(_derived(own.exchange(public), sender + public.public_bytes_raw()))
    return sender + cipher.encrypt(_NONCE, orjson.dumps(content), _PURPOSE)


def unseal(sealed: bytes, private: PrivateHalf, path: Path) -> list[FullBox]:
    """The boxes again. Raises WrongRecoveryKey; path: of the private half, for its message."""
    sender = sealed[:32]
    shared = private.exchange(X25519PublicKey.from_public_bytes(sender))
    cipher = AESGCM(_derived(shared, sender + private.public_key().public_bytes_raw()))
    try:
        content = orjson.loads(cipher.decrypt(_NONCE, sealed[32:], _PURPOSE))
    except InvalidTag:
        raise WrongRecoveryKey(path=path) from None
    return [
        FullBox(
            box["campaign"],
            box["group"],
            box["number"],
            _bytes(box["key"]),
            tuple((_bytes(row_id), _bytes(ciphertext)) for row_id, ciphertext in box["rows"]),
        )
        for box in content
    ]


def recover(session: Session, keys: KeyFiles, boxes: list[FullBox], *, now: datetime) -> dict[str, int]:
    """Put lost boxes back, sealed as they were; sittings by campaign. Run while no writer is storing.

    Raises NothingToRecover, also where they have been recovered: nothing enters twice.
    """
    put: dict[str, int] = {}
    for box in boxes:
        place = (Box.box_group_id == box.group, Box.number == box.number)
        lost = session.scalar(select(Box.state).where(*place)) == "lost"
        of_box = (Parked.box_group_id == box.group, Parked.box_number == box.number)
        if not lost or session.scalar(select(func.count()).where(*of_box)):
            continue
        # The key first: a key without rows is destroyed at the next start, rows without a key are lost.
        keys.put(box.group, box.number, box.key)
        rows = [
            {"box_group_id": box.group, "box_number": box.number, "id": row_id, "ciphertext": ciphertext}
            for row_id, ciphertext in box.rows
        ]
        session.execute(insert(Parked), rows)
        session.execute(update(Box).where(*place).values(state="full"))
        put[box.campaign] = put.get(box.campaign, 0) + len(rows)
    if not put:
        raise NothingToRecover
    detail = {"sittings": {campaign: about(count) for campaign, count in put.items()}}
    record(session, now, None, "backup.recover", "installation", detail)
    return put


def _derived(shared: bytes, salt: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=_PURPOSE).derive(shared)


def _write_new(path: Path, content: bytes, mode: int) -> None:
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
    except OSError as error:
        raise BadBackupPlace(path=path, why_zh=error.strerror, why_en=error.strerror) from None
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
