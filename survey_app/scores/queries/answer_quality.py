"""How carefully questionnaires were answered, as the overview shows it.

Pure given a snapshot and its names. Must stay true: counts that the snapshot hides stay hidden; nothing here says which
response was left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey_app.scores.queries import display
from survey_app.scores.queries.names import Names
from survey_app.scores.queries.snapshots import Snapshot
from survey_app.scores.rules import verdicts, words
from survey_app.scores.rules.quality_words import BUDGET_SOURCE, FAMILIES, MEASURED_ON, NOT_MEASURED, RULE_SOURCE

Json = Mapping[str, Any]


@dataclass(frozen=True)
class FamilyRow:
    """One family of signals. available: whether the questionnaire lets it be measured; hits_most: see `verdicts`."""

    code: str
    name: str
    what: str
    source: str
    available: bool
    flagged: str
    share: str
    hits_most: bool


@dataclass(frozen=True)
class QualityBlock:
    """One questionnaire. told: whether counts may be shown. rate: share of careful people that the rule leaves out.

    measured: whether simulation says how many these are; measured_on: the shape of questionnaire it was counted on, or
    that there is none, empty where nothing is said of it (nobody can be left out, or an earlier version did not say).
    """

    questionnaire: str
    audience: str
    needed: int
    assessable: bool
    told: bool
    n: str
    n_flagged: str
    n_excluded: str
    share_excluded: str
    expected_false: str
    false_upper: str
    rate: str
    measured: bool
    measured_on: str
    version: str
    families: tuple[FamilyRow, ...]
    source: str = f"{RULE_SOURCE}; {BUDGET_SOURCE}"

    @property
    def hits_most(self) -> bool:
        """Whether some family flags most responses."""
        return any(family.hits_most for family in self.families)


def quality_blocks(snapshot: Snapshot, names: Names) -> list[QualityBlock]:
    """Every questionnaire whose plan leaves out careless responses."""
    return [_block(found, names) for found in snapshot.document["quality"]]


def _block(found: Json, names: Names) -> QualityBlock:
    n, excluded = found["n"], found["n_excluded"]
    counts = dict(zip(found["available"], found["flagged"], strict=True))
    expected = found["expected_false"]
    return QualityBlock(
        questionnaire=names.questionnaire(found["questionnaire"]),
        audience=words.one(words.AUDIENCES[found["audience"]], names.language),
        needed=found["exclude_when"],
        assessable=found["assessable"],
        told=n is not None,
        n=display.count(n),
        n_flagged=display.count(found["n_flagged"]),
        n_excluded=display.count(excluded),
        share_excluded=display.share(excluded / n if n and excluded is not None else None),
        expected_false=display.NOTHING if expected is None else f"{expected:.1f}",
        false_upper=display.count(found["false_upper"]),
        rate=display.NOTHING if found["false_rate"] is None else f"{found['false_rate']:.2%}",
        measured=found["false_status"] == "ok",
        measured_on=_measured_on(found, names.language),
        version=found["version"],
        families=tuple(_family(code, counts, n, names.language) for code in FAMILIES),
    )


def _measured_on(found: Json, language: str) -> str:
    shape: Json | None = found["false_shape"]
    if found["false_status"] != "ok":
        return words.one(NOT_MEASURED, language)
    if shape is None:
        return ""
    return words.one(MEASURED_ON, language) % shape


def _family(code: str, counts: Mapping[str, int | None], n: int | None, language: str) -> FamilyRow:
    found, count = FAMILIES[code], counts.get(code)
    return FamilyRow(
        code=code,
        name=words.one(found.name, language),
        what=words.one(found.what, language),
        source=found.source,
        available=code in counts,
        flagged=display.count(count),
        share=display.share(count / n if n and count is not None else None),
        hits_most=verdicts.hits_most(count, n),
    )
