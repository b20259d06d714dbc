"""The glossary lists only what exists: every identifier in it stands in the code or in a built-in document."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IDENTIFIERS = sorted(
    {
        name
        for line in (ROOT / "docs" / "glossary.md").read_text().splitlines()
        if line.startswith("| ")
        for name in re.findall(r"`([^`]+)`", line.rsplit("|", 2)[1])
    }
)
SOURCES = "\n".join(
    path.read_text()
    for folder, ending in (("survey_app", "*.py"), ("analysis", "*.py"), ("questionnaires", "*.json"))
    for path in sorted((ROOT / folder).rglob(ending))
)


def test_glossary__has_terms() -> None:
    assert len(IDENTIFIERS) > 30


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_identifier__exists(identifier: str) -> None:
    assert re.search(rf"\b{re.escape(identifier)}\b", SOURCES)
