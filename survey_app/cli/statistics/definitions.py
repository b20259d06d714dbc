"""Questionnaires and the plan that answers are scored by, loaded and checked as `pingyi plan check` does.

Must stay true: nothing is computed by a definition with errors; a plan is checked as far as the questionnaires given
answer it, and the rest of it is named; only what was given is scored by.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.spec import PlanSpec, QuestionnaireSpec
from survey_app.cli.statistics.document import Cautions
from survey_app.cli.statistics.faults import Faults, refuse
from survey_app.config import data_folder
from survey_app.questionnaire import check
from survey_app.questionnaire.findings import Finding
from survey_app.questionnaire.identity import content_hash
from survey_app.questionnaire.loading import MAX_BYTES, guess_kind, parse, read_json
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import Indicator, ScoringPlan
from survey_app.scores.operations.bridge import plan_spec, questionnaire_spec


@dataclass(frozen=True)
class Definitions:
    """What is scored by. specs: of `questionnaires`, in their order. plan: without what cannot be computed."""

    questionnaires: tuple[Questionnaire, ...]
    specs: tuple[QuestionnaireSpec, ...]
    plan: ScoringPlan
    plan_spec: PlanSpec


def definitions(questionnaires: Sequence[Path], plan: Path, cautions: Cautions) -> Definitions:
    """Load and check. Raises Refused with every error of every file."""
    faults = Faults()
    loaded = [(path, *_questionnaire(path, faults)) for path in questionnaires]
    written = _read(plan, faults)
    parsed = None if written is None else parse(written, "plan")
    for one in () if parsed is None else parsed.findings:
        faults.add_finding(one, str(plan))
    given: dict[str, Questionnaire] = {}
    hashes: dict[str, str] = {}
    for _, questionnaire, found_hash in loaded:
        if questionnaire is not None:
            if questionnaire.id in given:
                faults.add("questionnaire_twice", value=questionnaire.id)
            given[questionnaire.id], hashes[questionnaire.id] = questionnaire, found_hash
    for path, questionnaire, _ in loaded:
        if questionnaire is not None:
            bases = {} if questionnaire.variant_of in {None, *given} else _near(path)
            _note(check.check_questionnaire(questionnaire, [*given.values(), *bases.values()]), path, faults)
    faults.refuse()
    assert parsed is not None and parsed.document is not None and parsed.source is not None
    found = parsed.document
    every = tuple(given.values())
    computed = _computable(found, given, cautions)
    _note([_placed(one, found, given) for one in check.check_plan(computed, every)], plan, faults)
    faults.refuse()
    return Definitions(
        every,
        tuple(questionnaire_spec(one, hashes[one.id], computed) for one in every),
        computed,
        plan_spec(computed, content_hash(parsed.source), every),
    )


def _questionnaire(path: Path, faults: Faults) -> tuple[Questionnaire | None, str]:
    written = _read(path, faults)
    if written is None:
        return None, ""
    parsed = parse(written, "questionnaire")
    for one in parsed.findings:
        faults.add_finding(one, str(path))
    if parsed.document is None or parsed.source is None:
        return None, ""
    return parsed.document, content_hash(parsed.source)


def _computable(plan: ScoringPlan, given: Mapping[str, Questionnaire], cautions: Cautions) -> ScoringPlan:
    """The plan as far as the questionnaires given answer it; the rest is neither scored nor "not applicable"."""
    audiences = {one.audience for one in given.values()}
    kept = tuple(_narrowed(one, given) for one in plan.indicators if _is_asked(one, given))
    left_out = [one.code for one in plan.indicators if not _is_asked(one, given)]
    if left_out:
        cautions.add("indicators_left_out", "caution", indicators=left_out)
    missing = dict.fromkeys(name for one in plan.indicators if _is_asked(one, given) for name in one.questionnaires)
    if missing.keys() - given.keys():
        names = [name for name in missing if name not in given]
        cautions.add("questionnaires_not_given", "caution", questionnaires=names)
    moves = {
        source: move
        for source, move in plan.if_not_applicable.items()
        if not {source, move.move_full_marks_to} & set(left_out)
    }
    breakdowns = tuple(one for one in plan.breakdowns if one.audience in audiences)
    return plan.model_copy(update={"indicators": kept, "if_not_applicable": moves, "breakdowns": breakdowns})


def _is_asked(indicator: Indicator, given: Mapping[str, Questionnaire]) -> bool:
    wanted = indicator.questionnaires
    return any(one.audience == indicator.audience and (not wanted or one.id in wanted) for one in given.values())


def _narrowed(indicator: Indicator, given: Mapping[str, Questionnaire]) -> Indicator:
    named = tuple(name for name in indicator.questionnaires if name in given)
    return indicator.model_copy(update={"questionnaires": named})


def _placed(one: Finding, plan: ScoringPlan, given: Mapping[str, Questionnaire]) -> Finding:
    """A finding about the plan that is computed, at its place in the plan as written."""
    parts = one.pointer.split("/")
    audiences = {questionnaire.audience for questionnaire in given.values()}
    kept = {
        "indicators": [at for at, found in enumerate(plan.indicators) if _is_asked(found, given)],
        "breakdowns": [at for at, found in enumerate(plan.breakdowns) if found.audience in audiences],
    }
    if len(parts) < 3 or parts[1] not in kept:
        return one
    return dataclasses.replace(one, pointer="/".join([*parts[:2], str(kept[parts[1]][int(parts[2])]), *parts[3:]]))


def _near(path: Path) -> dict[str, Questionnaire]:
    """Questionnaires beside a file and the built-in ones, among which the base of a variant is; the nearest wins."""
    found: dict[str, Questionnaire] = {}
    for file in _json_files([path.parent, path.parent / "questionnaires", data_folder("questionnaires")]):
        data = file.read_bytes() if file.stat().st_size <= MAX_BYTES else b""
        source, _ = read_json(data)
        if source is not None and guess_kind(source) == "questionnaire":
            document = parse(data, "questionnaire").document
            if document is not None:
                found.setdefault(document.id, document)
    return found


def _json_files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(folder.glob("*.json")) if folder.is_dir() else ()


def _note(findings: Iterable[Finding], path: Path, faults: Faults) -> None:
    for one in findings:
        if one.is_error:
            faults.add_finding(one, str(path))


def _read(path: Path, faults: Faults) -> bytes | None:
    """The bytes of a file; None, and a fault, where there are none to be had."""
    try:
        if not path.is_dir():
            return path.read_bytes()
        faults.join(refuse("not_a_file", str(path)))
    except OSError as error:
        faults.join(refuse("unreadable", str(path), why=error.strerror or type(error).__name__))
    return None
