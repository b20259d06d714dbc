"""Every sentence marked for translation has its English; no catalogue keeps a sentence that nobody says."""

from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import survey_app

PACKAGE = Path(survey_app.__file__).parent
CAPABILITIES = sorted(folder.name for folder in PACKAGE.iterdir() if folder.is_dir() and folder.name[0] not in "_.")


def said(capability: str) -> set[str]:
    """The Chinese sentences of one capability's templates and modules."""
    methods = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
    found = extract_from_dir(PACKAGE / capability, methods, keywords=keywords, options_map={})
    return {message if isinstance(message, str) else message[0] for _file, _line, message, _comments, _context in found}


def english(capability: str) -> dict[str, str]:
    path = PACKAGE / capability / "en.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {message.id: message.string for message in read_po(file, locale="en", abort_invalid=True) if message.id}


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_every_sentence__has_its_english(capability: str) -> None:
    known = english(capability) | english("web")
    assert sorted(sentence for sentence in said(capability) if not known.get(sentence)) == []


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_catalogue__keeps_only_what_is_said(capability: str) -> None:
    assert sorted(set(english(capability)) - said(capability)) == []


def test_extraction__sees_templates_and_modules() -> None:
    assert "代码" in said("web")


def test_one_sentence__has_one_english() -> None:
    # All catalogues are merged into one, so a second English for the same sentence would silently win or lose.
    said_in: dict[str, set[str]] = {}
    for capability in CAPABILITIES:
        for sentence, translation in english(capability).items():
            said_in.setdefault(str(sentence), set()).add(str(translation))
    assert {sentence: found for sentence, found in said_in.items() if len(found) > 1} == {}
