"""Freezing a definition: from then on it is named by its content hash, and nobody may change it."""

import hashlib
import json
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy.orm import Session

from survey_app.library.models import FrozenDefinition
from survey_app.library.rules import Kind


def freeze(session: Session, kind: Kind, text: str, agency_id: int | None, now: datetime) -> str:
    """Keep a checked definition under the SHA-256 of its canonical JSON (RFC 8785) and return that hash.

    text: the JSON document. Freezing the same content again changes nothing, whatever its layout.
    """
    document: dict[str, Any] = json.loads(text)
    canonical = rfc8785.dumps(document)
    content_hash = hashlib.sha256(canonical).hexdigest()
    if session.get(FrozenDefinition, content_hash) is None:
        name, version = _name_and_version(kind, document)
        session.add(
            FrozenDefinition(
                hash=content_hash,
                kind=kind,
                name=name,
                version=version,
                # The canonical form is stored, so that the hash can be checked from the row alone.
                document=canonical.decode("utf-8"),
                agency_id=agency_id,
                frozen_at=now,
            )
        )
        session.flush()
    return content_hash


def _name_and_version(kind: Kind, document: dict[str, Any]) -> tuple[str, str]:
    if kind == "setup":
        return str(document["campaign"]["code"]), ""
    return str(document["id"]), str(document["version"])
