"""The scripts and the sheet that a respondent's browser is given, as they lie there to be served."""

import hashlib
from pathlib import Path

import survey_app.web

# Everything of ours that a respondent page names; a test reads the templates.
SERVED = ("r.js", "invited.js", "blind.js", "r.css")
_STATIC = Path(survey_app.web.__file__).parent / "static"


def digests() -> dict[str, str]:
    """SHA-256 of every file, read now: what was exchanged after the start shows."""
    return {name: hashlib.sha256((_STATIC / name).read_bytes()).hexdigest() for name in SERVED}
