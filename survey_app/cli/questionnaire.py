"""`pingyi questionnaire check`, `pingyi plan check`, and `check_setup`, which the campaign group mounts as `check`.

The file reading around the pure formats. Everything wrong is a finding, an unreadable path too; the exit code is 1 when
any of them is an error. Questionnaires and plans that a document names are looked for beside it, then among the
built-in ones.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

import click

from survey_app.campaigns.operations.workbook import read_workbook
from survey_app.campaigns.operations.workbook_cells import is_workbook
from survey_app.config import data_folder
from survey_app.questionnaire import check
from survey_app.questionnaire.findings import Finding, finding, has_errors
from survey_app.questionnaire.loading import MAX_BYTES, Kind, Loaded, guess_kind, parse, read_json
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.questionnaire.setup import CampaignSetup

D = TypeVar("D", Questionnaire, ScoringPlan)
# Subfolders of a set of definitions, beside which the questionnaires lie.
_SUBFOLDERS = {"plans", "setups"}

paths_argument = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
json_option = click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")


@click.group("questionnaire")
def group() -> None:
    """问卷 / Questionnaires."""


@click.group("plan")
def plan_group() -> None:
    """评分方案 / Scoring plans."""


@group.command("check")
@paths_argument
@json_option
def check_questionnaires(paths: tuple[Path, ...], as_json: bool) -> None:
    """检查问卷文件或文件夹 / Check questionnaire files or folders."""

    def findings_of(data: bytes, path: Path) -> Iterable[Finding]:
        loaded = parse(data, "questionnaire")
        if loaded.document is None:
            return loaded.findings
        # Only a variant is compared with others: a folder of downloads is not read for nothing.
        near = _questionnaires_near(path).documents.values() if loaded.document.variant_of else ()
        return check.check_questionnaire(loaded.document, near)

    _report(_check_paths(paths, "questionnaire", findings_of), as_json=as_json)


@plan_group.command("check")
@paths_argument
@click.option(
    "--questionnaires",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="问卷所在文件夹 / the folder with the questionnaires",
)
@json_option
def check_plans(paths: tuple[Path, ...], folder: Path | None, as_json: bool) -> None:
    """检查评分方案 / Check scoring plans."""

    def findings_of(data: bytes, path: Path) -> Iterable[Finding]:
        loaded = parse(data, "plan")
        plan = loaded.document
        if plan is None:
            return loaded.findings
        beside = _questionnaires([folder] if folder else _folders(path, "questionnaires"))
        near = _questionnaires([folder]) if folder else _questionnaires_near(path)
        pool = _drawn_on(plan, beside.documents, near.documents)
        return [*check.check_plan(plan, pool), *near.faults_of(_named_in(plan))]

    _report(_check_paths(paths, "plan", findings_of), as_json=as_json)


@click.command("check")
@click.argument("path", type=click.Path(path_type=Path))
@json_option
def check_setup(path: Path, as_json: bool) -> None:
    """检查评估轮次的设置（JSON 或 Excel）/ Check a campaign set-up (JSON or Excel)."""
    _report(_check_paths((path,), "setup", _check_setup), as_json=as_json)


def _check_setup(data: bytes, path: Path) -> Iterable[Finding]:
    if is_workbook(data, path.name):
        return _check_workbook(data, path)
    loaded = parse(data, "setup")
    return loaded.findings if loaded.document is None else setup_findings(loaded.document, path)


def _check_workbook(data: bytes, path: Path) -> Iterator[Finding]:
    """The findings of a set-up in Excel; those about the set-up name the cell after the file."""
    made = read_workbook(data)
    found: list[Finding] = []
    if made.document:
        loaded = parse(json.dumps(made.document).encode(), "setup")
        found = loaded.findings if loaded.document is None else setup_findings(loaded.document, path)
    for one in made.with_faults(found):
        if one in made.faults or not one.file:
            cell = one.file or made.place(one.pointer)
            yield one.in_file(f"{path} {cell}".strip())
        else:
            yield one


def setup_findings(setup: CampaignSetup, path: Path) -> list[Finding]:
    """Everything wrong with a set-up read from `path`, and the errors of the questionnaires and the plan it names.

    Findings about the set-up itself carry no file yet; those about other documents carry theirs.
    """
    near = _questionnaires_near(path)
    folders = [*_folders(path, "plans"), data_folder("questionnaires") / "plans"]
    plans = _load(folders, "plan", lambda data: parse(data, "plan"))
    plan = plans.documents.get(setup.plan)
    found = check.check_setup(setup, near.documents.values(), plan)
    found += near.faults_of(setup.questionnaires)
    found += plans.faults_of({setup.plan})
    chosen = [near.documents[name] for name in dict.fromkeys(setup.questionnaires) if name in near.documents]
    for questionnaire in chosen:
        own = check.check_questionnaire(questionnaire, near.documents.values())
        if plan is not None:
            own += check.publishing_findings(questionnaire, setup, plan.disclosure.min_cell)
        found += [one.in_file(str(near.paths[questionnaire.id])) for one in own if one.is_error]
    if plan is not None and len(chosen) == len(set(setup.questionnaires)):
        pool = _drawn_on(plan, {one.id: one for one in chosen}, near.documents)
        plan_findings = check.check_plan(plan, pool)
        found += [one.in_file(str(plans.paths[plan.id])) for one in plan_findings if one.is_error]
    return found


def _named_in(plan: ScoringPlan) -> set[str]:
    return {name for indicator in plan.indicators for name in indicator.questionnaires}


def _drawn_on(
    plan: ScoringPlan, first: Mapping[str, Questionnaire], every: Mapping[str, Questionnaire]
) -> list[Questionnaire]:
    """The questionnaires a plan is checked against: `first`, those it names, and others for audiences still missing.

    An indicator that names none means all of its audience: a built-in one must not join an office's own.
    """
    audiences = {one.audience for one in first.values()}
    named = _named_in(plan)
    others = [one for one in every.values() if one.id in named or one.audience not in audiences]
    return [*first.values(), *(one for one in others if one.id not in first)]


@dataclass
class _Found(Generic[D]):
    """Documents of one kind by id, where each was read, and the faults of those that could not be read."""

    documents: dict[str, D] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)
    broken: dict[str, list[Finding]] = field(default_factory=dict)

    def faults_of(self, names: Iterable[str]) -> list[Finding]:
        """What is wrong with the documents of these ids, where none could be read."""
        wanted = [name for name in dict.fromkeys(names) if name not in self.documents]
        return [one for name in wanted for one in self.broken.get(name, [])]


def _questionnaires_near(path: Path) -> _Found[Questionnaire]:
    return _questionnaires([*_folders(path, "questionnaires"), data_folder("questionnaires")])


def _questionnaires(folders: Sequence[Path]) -> _Found[Questionnaire]:
    return _load(folders, "questionnaire", lambda data: parse(data, "questionnaire"))


def _folders(path: Path, subfolder: str) -> list[Path]:
    beside = path.parent
    roots = [beside, beside.parent] if beside.name in _SUBFOLDERS else [beside]
    return [*roots, *(root / subfolder for root in roots)]


def _load(folders: Sequence[Path], kind: Kind, read: Callable[[bytes], Loaded[D]]) -> _Found[D]:
    """Every document of a kind in these folders; an earlier folder wins, and in a folder the file named like the id."""
    found: _Found[D] = _Found()
    for folder in folders:
        here: _Found[D] = _Found()
        for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
            data = _read(path)
            if not isinstance(data, bytes) or _is_another_kind(data, kind):
                continue
            loaded = read(data)
            document = loaded.document
            if document is None:
                meant = str((loaded.source or {}).get("id", path.stem))
                here.broken[meant] = [one.in_file(str(path)) for one in loaded.findings]
            elif document.id not in here.documents or path.stem == document.id:
                here.documents[document.id] = document
                here.paths[document.id] = path
        found.documents = here.documents | found.documents
        found.paths = here.paths | found.paths
        found.broken = here.broken | found.broken
    return found


def _check_paths(
    paths: Sequence[Path], kind: Kind, findings_of: Callable[[bytes, Path], Iterable[Finding]]
) -> Iterator[Finding]:
    for path in paths:
        files = _files(path, kind) if path.is_dir() else [path]
        if not files:
            yield finding("no_files", "").in_file(str(path))
        for file in files:
            data = _read(file)
            found = findings_of(data, file) if isinstance(data, bytes) else [data]
            yield from (one if one.file else one.in_file(str(file)) for one in found)


def _files(folder: Path, kind: Kind) -> list[Path]:
    """The JSON files under a folder that are meant to be of this kind, or do not tell."""
    every = (path for path in sorted(folder.rglob("*.json")) if not path.name.endswith(".schema.json"))
    return [path for path in every if not (isinstance(data := _read(path), bytes) and _is_another_kind(data, kind))]


def _is_another_kind(data: bytes, kind: Kind) -> bool:
    source, _ = read_json(data)
    return source is not None and guess_kind(source) not in {kind, None}


def _read(path: Path) -> bytes | Finding:
    try:
        if path.stat().st_size > MAX_BYTES:
            return finding("too_large", "", size=path.stat().st_size, limit=MAX_BYTES)
        return path.read_bytes()
    except OSError as error:
        return finding("unreadable", "", reason=error.strerror or type(error).__name__)


def _report(findings: Iterable[Finding], *, as_json: bool) -> None:
    listed = list(findings)
    if as_json:
        click.echo(json.dumps({"findings": [one.as_json() for one in listed]}, ensure_ascii=False, indent=2))
    else:
        for one in listed:
            click.echo(str(one))
        errors = sum(one.is_error for one in listed)
        warnings = len(listed) - errors
        click.echo(f"{errors} 个错误，{warnings} 条提醒 / errors: {errors}, warnings: {warnings}")
    if has_errors(listed):
        click.get_current_context().exit(1)
