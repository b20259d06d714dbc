"""Definitions by name (the built-in files) and by content hash (the frozen ones).

Parsed questionnaires and plans are kept by hash for the life of the process: what stands behind a hash never changes,
so a cached one cannot be stale, not even across databases.
"""

import json
import re
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from survey_app.config import data_folder
from survey_app.library.models import FrozenDefinition
from survey_app.library.rules import Kind, NotFrozen, UnknownDefinition
from survey_app.questionnaire.base import FormatModel
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.questionnaire.setup import CampaignSetup

_FOLDERS: dict[Kind, str] = {"questionnaire": ".", "plan": "plans", "setup": "setups"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_KEPT = 256

D = TypeVar("D", bound=FormatModel)

_parsed: dict[str, FormatModel] = {}
_lock = Lock()


def builtin_names(kind: Kind) -> tuple[str, ...]:
    """The names of the definitions that come with the program, in alphabetical order."""
    return tuple(sorted(path.stem for path in _folder(kind).glob("*.json")))


def builtin(kind: Kind, name: str) -> tuple[dict[str, Any], str]:
    """A built-in definition as (document, text as written). Raises UnknownDefinition."""
    # The pattern is checked before a path is made of the name: it comes from forms and files.
    path = _folder(kind) / f"{name}.json"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise UnknownDefinition(kind, name, builtin_names(kind))
    text = path.read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document, text


def frozen(session: Session, content_hash: str) -> FrozenDefinition:
    """The frozen definition under a hash. Raises NotFrozen."""
    found = session.get(FrozenDefinition, content_hash)
    if found is None:
        raise NotFrozen(hash=content_hash)
    return found


def questionnaire(session: Session, content_hash: str) -> Questionnaire:
    """The questionnaire under a hash, parsed once a process. Raises NotFrozen."""
    return _definition(session, Questionnaire, content_hash)


def plan(session: Session, content_hash: str) -> ScoringPlan:
    """The scoring plan under a hash, parsed once a process. Raises NotFrozen."""
    return _definition(session, ScoringPlan, content_hash)


def setup(session: Session, content_hash: str) -> CampaignSetup:
    """The set-up under a hash. Raises NotFrozen."""
    return CampaignSetup.model_validate_json(frozen(session, content_hash).document)


def _folder(kind: Kind) -> Path:
    return data_folder("questionnaires") / _FOLDERS[kind]


def _definition(session: Session, model: type[D], content_hash: str) -> D:
    kept = _parsed.get(content_hash)
    if isinstance(kept, model):
        return kept
    made = model.model_validate_json(frozen(session, content_hash).document)
    with _lock:
        while len(_parsed) >= _KEPT:
            _parsed.pop(next(iter(_parsed)))
        _parsed[content_hash] = made
    return made
