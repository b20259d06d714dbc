"""What a telephone keeps: a draft under a name that leads to nothing, and after sending nothing at all.

Whoever takes telephones away and also holds the database must not be able to tell which draft belongs to which code.
"""

import hashlib
import re
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser

from survey_app.admission.rules import code_hash
from tests.factories.browsing import door, drafts, holds_drafts, phone, tab
from tests.privacy.adversary.search import code_forms, encoded, search

pytestmark = pytest.mark.browser
_AGENT = "PrivacyCanary 5f3a91c07d"


def test_phone__while_answering_and_after_sending__keeps_nothing_that_leads_to_its_code(
    app: Flask, server: str, browser: Browser, tmp_path: Path
) -> None:
    code = door(app).codes[3]
    with phone(browser, user_agent=_AGENT) as context:
        telephone = tab(context)
        telephone.start(server, code)
        telephone.tick("sr_contact", "ask")
        telephone.tick("sr_overall", "d")
        holds_drafts(telephone.page, 1)
        (draft,) = drafts(telephone.page)
        kept = [draft, str(context.storage_state())]
        telephone.send()
        telephone.thanked()
        assert drafts(telephone.page) == []
        assert context.storage_state() == {"cookies": [], "origins": []}
        kept.append(str(telephone.page.evaluate("() => JSON.stringify(sessionStorage)")))
    forms = [*code_forms(code), *encoded(code_hash(code))]
    assert search([("telephone", text.encode()) for text in kept], {"code": forms}) == []
    (name,) = set(re.findall(r"[0-9a-f]{24}", draft.split("=")[0]))
    # The name is an HMAC under the installation's secret: no value in the database, and no hash of one, is it.
    stored = (tmp_path / "pingyi.sqlite3").read_bytes()
    assert search([("database", stored)], {"name": [*encoded(name.encode()), bytes.fromhex(name)]}) == []
    assert not any(
        hashlib.new(digest, known, usedforsecurity=False).hexdigest().startswith(name)
        for digest in ("md5", "sha1", "sha256")
        for known in (code.encode(), code_hash(code), code_hash(code).hex().encode())
    )
    logged = [("page", _AGENT.encode()), ("database", stored)]
    assert {found.place for found in search(logged, {"agent": encoded(_AGENT.encode())})} == {"page"}
