"""What names a document for ever: the SHA-256 of its canonical JSON (RFC 8785).

The hash is of the JSON as written: key order, white space and number spelling do not count, everything else does.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import rfc8785

from survey_app.questionnaire.base import FormatModel


def as_written(document: Mapping[str, Any] | FormatModel) -> dict[str, Any]:
    """The JSON object as it was written: of a model only the fields that were set, under their own names."""
    if isinstance(document, FormatModel):
        dumped: dict[str, Any] = document.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return dumped
    return dict(document)


def canonical(document: Mapping[str, Any] | FormatModel) -> bytes:
    """The canonical JSON of a document, RFC 8785, in UTF-8.

    Raises rfc8785.CanonicalizationError for what JSON cannot say exactly: NaN, infinity, integers beyond ±(2^53 - 1).
    """
    return rfc8785.dumps(as_written(document))


def content_hash(document: Mapping[str, Any] | FormatModel) -> str:
    """SHA-256 of the canonical JSON, 64 hexadecimal digits. Same errors as `canonical`."""
    return hashlib.sha256(canonical(document)).hexdigest()


def readable(document: Mapping[str, Any] | FormatModel) -> str:
    """The document as people edit it: indented by two, characters unescaped, keys as written; ends with a line end."""
    return json.dumps(as_written(document), ensure_ascii=False, indent=2) + "\n"
