"""A snapshot as JSON, as docs/scores.md describes it: the stored report and its provenance, every digit.

Decisions stand beside the report, not in it, so that its hash stays what it is.
"""

import json
from collections.abc import Mapping
from datetime import UTC

from survey_app.scores.export.content import Content
from survey_app.scores.queries.snapshots import Confirmed, Snapshot
from survey_app.scores.rules.words import FOOTER


def whole(snapshot: Snapshot, confirmed: Mapping[tuple[str, str], Confirmed]) -> dict[str, object]:
    """The document that is downloaded and that `pingyi score --json` prints. confirmed: see `Content`."""
    return {
        "snapshot": f"{snapshot.document['campaign']['code']}/{snapshot.number}",
        "disclosure": "plan",
        "notice": {"zh": FOOTER[0], "en": FOOTER[1]},
        **snapshot.document,
        "report_hash": snapshot.report_hash,
        "provenance": snapshot.provenance,
        "confirmations": [
            {
                "unit": unit,
                "indicator": indicator,
                "confirmed_points": made.confirmed_score,
                "reason": made.reason,
                "by": made.by,
                "at": made.at.astimezone(UTC).isoformat(timespec="seconds"),
            }
            for (unit, indicator), made in confirmed.items()
        ],
    }


def json_bytes(content: Content) -> bytes:
    """The document, indented, in UTF-8."""
    return (json.dumps(whole(content.snapshot, content.confirmed), ensure_ascii=False, indent=1) + "\n").encode()
