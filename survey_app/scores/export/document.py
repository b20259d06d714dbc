"""A snapshot as JSON, as docs/scores.md describes it: the stored report and its provenance, every digit."""

import json

from survey_app.scores.export.content import Content
from survey_app.scores.queries.snapshots import Snapshot
from survey_app.scores.rules.words import FOOTER


def whole(snapshot: Snapshot) -> dict[str, object]:
    """The document that is downloaded and that `pingyi score --json` prints."""
    return {
        "snapshot": f"{snapshot.document['campaign']['code']}/{snapshot.number}",
        "disclosure": "plan",
        "notice": {"zh": FOOTER[0], "en": FOOTER[1]},
        **snapshot.document,
        "report_hash": snapshot.report_hash,
        "provenance": snapshot.provenance,
    }


def json_bytes(content: Content) -> bytes:
    """The document, indented, in UTF-8."""
    return (json.dumps(whole(content.snapshot), ensure_ascii=False, indent=1) + "\n").encode()
