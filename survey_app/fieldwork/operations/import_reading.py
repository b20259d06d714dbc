"""Reading the rows of an imported file: which door each belongs to, which sitting, and why it cannot be taken.

Nothing is stored here.
"""

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.queries import doors
from survey_app.campaigns.queries.doors import Door
from survey_app.errors import NotFound
from survey_app.fieldwork import import_rules
from survey_app.fieldwork.import_errors import WrongColumns, reason
from survey_app.fieldwork.import_rules import Refusal
from survey_app.fieldwork.operations.import_table import Line, Table
from survey_app.library import queries as library
from survey_app.questionnaire import answers
from survey_app.questionnaire.model import Questionnaire


@dataclass(frozen=True)
class Wanted:
    """What a file is: the questionnaire that it answers, the one door that it came by (or columns say it), columns.

    columns: what each column holds, by its place, as `import_rules.targets` names it.
    """

    questionnaire: str
    collector_id: int | None
    columns: Mapping[int, str]


@dataclass
class Accepted:
    """One sitting of the file that can be stored. `rows`: its rows, with the HMACs by which they are known again."""

    collector_id: int
    responses: list[tuple[int | None, dict[str, Any]]]
    rows: list[int]
    hashes: list[bytes]
    seconds: float | None
    started: float | None
    numbered: bool


@dataclass
class Checked:
    """A file with nothing stored: sittings that can be, and what cannot. dropped: answers to hidden items."""

    accepted: list[Accepted] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    dropped: int = 0

    @property
    def refused_rows(self) -> int:
        """How many rows are not stored."""
        return len({refusal.row for refusal in self.refusals})


def questionnaire_of(session: Session, campaign: Campaign, name: str) -> Questionnaire:
    """A frozen questionnaire of the campaign. Raises NotFound for any other, and before opening."""
    content_hash = next((used.hash for used in campaign.questionnaires if used.name == name), None)
    if content_hash is None:
        raise NotFound(what=name)
    return library.questionnaire(session, content_hash)


class Reader:
    """Reads the rows of one file. Knows where each belongs and what its cells mean."""

    def __init__(self, session: Session, campaign: Campaign, table: Table, wanted: Wanted) -> None:
        self._table, self._wanted = table, wanted
        self._questionnaire = questionnaire_of(session, campaign, wanted.questionnaire)
        self._words = import_rules.words_of(self._questionnaire)
        self._key = campaign.digest_key
        every = [row for row in queries.collectors(session, campaign.id) if row.questionnaire == wanted.questionnaire]
        chosen = [row for row in every if wanted.collector_id in {None, row.id} and row.tier != "T2"]
        if wanted.collector_id is not None and not chosen:
            raise NotFound(what=f"collector {wanted.collector_id}")
        self.rows = {row.id: row for row in chosen}
        found = {row.id: doors.door(session, row.id) for row in chosen}
        self._doors: dict[int, Door] = {number: door for number, door in found.items() if door is not None}
        self._several = any(len(door.units) > 1 for door in self._doors.values())
        self._places = {holds: place for place, holds in wanted.columns.items()}
        self._equal: Counter[str] = Counter()
        self._check_columns()

    def _check_columns(self) -> None:
        held = list(self._wanted.columns.values())
        known = set(import_rules.targets(self._questionnaire))
        beyond = any(place >= len(self._table.headings) for place in self._wanted.columns)
        if beyond or not set(held) <= known:
            raise WrongColumns(zh="有的列不在文件里，或对应到没有的题", en="a column or an item does not exist")
        if len(set(held)) < len(held):
            raise WrongColumns(zh="同一项对应了两列", en="one thing is in two columns")
        if not any(holds.startswith("item:") for holds in held):
            raise WrongColumns(zh="没有一列对应到题目", en="no column holds an item")
        departments = any(row.department_code for row in self.rows.values())
        several = self._several
        if self._wanted.collector_id is None and ("department" if departments else "unit") not in held:
            raise WrongColumns(
                zh="没有选定投放，须有一列写明单位或部门",
                en="choose a collector, or a column with units or departments",
            )
        if several and not {"unit", "number"} <= set(held):
            raise WrongColumns(
                zh="相关部门的文件一行是对一个单位的评价，须有“单位”和“答卷编号”两列（同一份答卷编号相同）",
                en="of departments every row rates one unit: columns with the unit and with the number of the sitting "
                "are needed",
            )

    def read(self) -> Checked:
        """Every row, read; rows of one sitting are put together where they rate several units."""
        checked = Checked()
        together: dict[str, Accepted] = {}
        broken: set[str] = set()
        for line in self._table.lines:
            refused, one = self._row(line, checked)
            number = self._cell(line, "number")
            earlier = together.get(number) if number else None
            if one is not None and number in broken:
                one, refused = None, [self._refusal(line, "number", "sitting_broken")]
            if one is not None and earlier is not None:
                refused = self._add(line, earlier, one)
                one = None
            if refused:
                checked.refusals += refused
                if number and self._several:
                    # Part of a sitting would be another opinion than the one that was given.
                    broken.add(number)
                    if earlier is not None and earlier in checked.accepted:
                        checked.accepted.remove(earlier)
                        checked.refusals += [self._refusal_at(row, "number", "sitting_broken") for row in earlier.rows]
                continue
            if one is not None:
                checked.accepted.append(one)
                if number:
                    together[number] = one
        checked.refusals.sort(key=lambda refusal: refusal.row)
        return checked

    def _add(self, line: Line, earlier: Accepted, one: Accepted) -> list[Refusal]:
        """Put a row to the others of its sitting; the refusal where it cannot be."""
        if len(self._doors[earlier.collector_id].units) < 2 or one.collector_id != earlier.collector_id:
            return [self._refusal(line, "number", "number_twice")]
        units = {unit for unit, _ in earlier.responses}
        new = [(unit, given) for unit, given in one.responses if unit is not None]
        if any(unit in units for unit, _ in new):
            return [self._refusal(line, "unit", "unit_twice")]
        repeated = self._questionnaire.repeated_section()
        most = repeated.repeat.max if repeated is not None and repeated.repeat is not None else len(units) + 1
        if len(units - {None}) + len(new) > most:
            return [self._refusal(line, "unit", "too_many_units")]
        earlier.responses += new
        earlier.rows += one.rows
        earlier.hashes += one.hashes
        return []

    def _row(self, line: Line, checked: Checked) -> tuple[list[Refusal], Accepted | None]:
        where, refusal = self._door(line)
        if where is None:
            return [refusal] if refusal else [], None
        door = self._doors[where]
        unit = self._unit(line, door)
        if unit is None:
            return [self._refusal(line, "unit", "unit_unknown")], None
        cells = {holds: self._cell(line, holds) for holds in self._places}
        fields = import_rules.fields_of(self._questionnaire, self._words, cells)
        general, own, faults, dropped = self._answers(fields, unit.code)
        seconds_cell, started_cell = cells.get("seconds", ""), cells.get("started", "")
        seconds = import_rules.seconds_of(seconds_cell)
        refused = [self._refusal(line, f"item:{item}", code) for item, code in faults]
        if seconds_cell.strip() and seconds is None:
            refused.append(self._refusal(line, "seconds", "seconds_unreadable"))
        if not refused and not general and not own:
            refused.append(self._refusal_at(line.number, "", "nothing_answered"))
        if refused:
            return refused, None
        checked.dropped += dropped
        responses: list[tuple[int | None, dict[str, Any]]] = [(unit.id, own)] if own else []
        if general:
            responses = [(None, general), *responses] if own else [(unit.id, general)]
        started = import_rules.moment_of(started_cell)
        numbered = bool(cells.get("number", "").strip())
        times = [seconds, started_cell.strip() if started is None else started]
        digest = self._row_digest(where, line) if numbered else self._content_digest(where, responses, times)
        return [], Accepted(where, responses, [line.number], [digest], seconds, started, numbered=numbered)

    def _answers(
        self, fields: Mapping[str, Sequence[str]], unit: str
    ) -> tuple[dict[str, Any], dict[str, Any], list[tuple[str, str]], int]:
        """Answers outside the units, answers about the unit, faults as (item, code), answers to hidden items."""
        repeated = self._questionnaire.repeated_section()
        if repeated is None:
            whole = answers.read(self._questionnaire, fields, unit=unit)
            return {}, whole.answers, _faults(whole), len(whole.dropped)
        outside = [section.id for section in self._questionnaire.sections if section.id != repeated.id]
        general = answers.read(self._questionnaire, fields, sections=outside)
        own = answers.read(self._questionnaire, fields, unit=unit, earlier=general.answers)
        faults = [*_faults(general), *_faults(own)]
        return general.answers, own.answers, faults, len(general.dropped) + len(own.dropped)

    def _door(self, line: Line) -> tuple[int | None, Refusal | None]:
        if self._wanted.collector_id is not None:
            return self._wanted.collector_id, None
        department, unit = self._cell(line, "department").strip(), self._cell(line, "unit").strip()
        stratum = self._cell(line, "stratum").strip()
        column, name = ("department", department) if "department" in self._places else ("unit", unit)
        named = [
            row
            for row in self.rows.values()
            if name
            in (
                {row.department_code, row.department_name} if column == "department" else {row.unit_code, row.unit_name}
            )
        ]
        if not named:
            return None, self._refusal(line, column, f"{column}_unknown")
        # Small strata share a door that stores none.
        exact = [row for row in named if (row.stratum or "") == stratum] or [row for row in named if not row.stratum]
        if len(exact) != 1:
            return None, self._refusal(line, "stratum", "stratum_unknown")
        return exact[0].id, None

    def _unit(self, line: Line, door: Door) -> Any:  # noqa: ANN401  # a rated unit or None
        name = self._cell(line, "unit").strip()
        if not name and len(door.units) == 1:
            return door.units[0]
        return next((unit for unit in door.units if name in {unit.code, unit.name}), None)

    def _cell(self, line: Line, holds: str) -> str:
        place = self._places.get(holds)
        return "" if place is None or place >= len(line.cells) else line.cells[place]

    def _row_digest(self, collector_id: int, line: Line) -> bytes:
        whole = json.dumps([collector_id, *line.cells], ensure_ascii=False).encode()
        return hmac.digest(self._key, b"row " + whole, hashlib.sha256)

    def _content_digest(self, collector_id: int, responses: list[Any], times: list[Any]) -> bytes:
        """What was understood of a row without a number, and the how-manieth such row of the file it is.

        The same file saved in another format or with a blank line more says the same.
        """
        content = json.dumps([collector_id, responses, times], ensure_ascii=False, sort_keys=True)
        self._equal[content] += 1
        whole = json.dumps([content, self._equal[content]], ensure_ascii=False).encode()
        return hmac.digest(self._key, b"content " + whole, hashlib.sha256)

    def _refusal(self, line: Line, holds: str, code: str) -> Refusal:
        place = self._places.get(holds)
        heading = "" if place is None else self._table.headings[place]
        return Refusal(line.number, heading, *import_rules.kind_of(self._cell(line, holds)), *reason(code))

    def _refusal_at(self, row: int, holds: str, code: str) -> Refusal:
        place = self._places.get(holds)
        heading = "" if place is None else self._table.headings[place]
        return Refusal(row, heading, "–", "–", *reason(code))


def _faults(reading: answers.Reading) -> list[tuple[str, str]]:
    # What was required here may not have been there: a blank is an answer left out, not a fault of the file.
    return [(error.item, error.code) for error in reading.errors if error.code != "required"]
