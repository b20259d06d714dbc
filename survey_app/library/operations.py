"""Freezing a definition: from then on it is named by its content hash, and nobody may change it."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_app.library.models import FrozenDefinition
from survey_app.library.rules import Kind
from survey_app.questionnaire import identity


def freeze(session: Session, kind: Kind, text: str, agency_id: int | None, now: datetime) -> str:
    """Keep a checked definition under the SHA-256 of its canonical JSON (RFC 8785) and return that hash.

    text: the JSON document. Freezing the same content again changes nothing, whatever its layout.
    """
    document: dict[str, Any] = json.loads(text)
    content_hash = identity.content_hash(document)
    if session.get(FrozenDefinition, content_hash) is None:
        name, version = _name_and_version(kind, document)
        row = FrozenDefinition(
            hash=content_hash,
            kind=kind,
            name=name,
            version=version,
            # The canonical form is stored, so that the hash can be checked from the row alone.
            document=identity.canonical(document).decode("utf-8"),
            agency_id=agency_id,
            frozen_at=now,
        )
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:
            # Another campaign froze the same content at this very moment; its row serves both.
            session.get_one(FrozenDefinition, content_hash)
    return content_hash


def _name_and_version(kind: Kind, document: dict[str, Any]) -> tuple[str, str]:
    if kind == "setup":
        return str(document["campaign"]["code"]), ""
    return str(document["id"]), str(document["version"])
