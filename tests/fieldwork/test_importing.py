"""Files of other platforms: columns, labels and codes, every refused row named, stored whole and once."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.accounts.rules import Role
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.cli.main import main
from survey_app.config import Config
from survey_app.db import Database
from survey_app.errors import BadInput
from survey_app.fieldwork import import_rules
from survey_app.fieldwork.import_errors import ImportedBefore, NothingToImport, WrongColumns
from survey_app.fieldwork.operations import closing, importing
from survey_app.fieldwork.operations.import_reading import Checked, Wanted, questionnaire_of
from survey_app.fieldwork.operations.import_table import read_table
from survey_app.fieldwork.operations.staging import Staging
from survey_app.fieldwork.paper_models import AnswerImport, ImportedRow
from survey_app.responses.models import Response
from tests.factories.accounts import add_person, csrf_token, sign_in
from tests.factories.campaign import NOON, doors, opened, setup_document
from tests.factories.paper import boxes_of, installed

TIMES = [
    f"2026-05-04 09:{minute:02d}:{second:02d}"
    for minute, second in ((1, 7), (4, 51), (5, 2), (17, 33), (40, 12), (44, 9))
]


class Import:
    """An open campaign and a file for its first staff door."""

    def __init__(self, session: Session, database: Database, config: Config) -> None:
        self.session = session
        self.boxes = boxes_of(database, config)
        self.campaign: Campaign = opened(session, config, setup_document(2))
        self.door: CollectorRow = doors(session, self.campaign, "staff")[0]
        self.questionnaire = questionnaire_of(session, self.campaign, "staff")
        self.likert = [item for item in self.questionnaire.answered_items() if item.type == "likert"][:3]

    def rows(self, people: int = 6, **cells: str) -> list[dict[str, str]]:
        """Rows with Chinese labels, as such platforms export them."""
        labels = [[choice.label for choice in item.choices_in(self.questionnaire)] for item in self.likert]
        made = []
        for person in range(people):
            row = {
                "序号": str(person + 1),
                "提交答卷时间": TIMES[person % 6],
                "所用时间": f"{90 + person}秒",
                "来自IP": "10.0.0.1",
            }
            for at, item in enumerate(self.likert):
                label = labels[at][(person + at) % len(labels[at])]
                row[f"{at + 1}、{_zh(item.text)}"] = _zh(label)
            made.append(row | cells)
        return made

    def wanted(self, headings: list[str], **more: str) -> Wanted:
        columns = import_rules.suggested(headings, self.questionnaire, {})
        columns |= {headings.index(heading): holds for heading, holds in more.items()}
        return Wanted("staff", self.door.id, columns)

    def check(self, data: bytes, name: str = "a.csv", wanted: Wanted | None = None) -> Checked:
        table = read_table(name, data)
        wanted = wanted or self.wanted(list(table.headings))
        return importing.check_file(self.session, self.campaign, table, data, wanted)

    def store(self, data: bytes, name: str = "a.csv", wanted: Wanted | None = None) -> Checked:
        table = read_table(name, data)
        wanted = wanted or self.wanted(list(table.headings))
        return importing.store_file(
            self.session, self.boxes, self.campaign, table, data, wanted=wanted, now=NOON, person_id=None
        )


def _zh(text: object) -> str:
    return text["zh"] if isinstance(text, dict) else str(text)


def as_csv(rows: list[dict[str, str]], encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows: list[dict[str, str]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.csv", as_csv),
        ("a.csv", lambda rows: as_csv(rows, "gb18030")),
        ("a.csv", lambda rows: as_csv(rows, "utf-16")),
        ("a.xlsx", as_xlsx),
    ],
)
def test_file_with_labels__is_stored_by_codes_without_numbers_times_or_addresses(
    database: Database, config: Config, name: str, write: Callable[[list[dict[str, str]]], bytes]
) -> None:
    with database.writing() as session:
        file = Import(session, database, config)
        checked = file.store(write(file.rows()), name)
        assert (len(checked.accepted), checked.refusals) == (6, [])
        rows = session.scalars(select(Response)).all()
        assert {row.mode for row in rows} == {"import"}
        assert {row.unit_id for row in rows} == {1}
        first = file.likert[0]
        codes = {choice.code for choice in first.choices_in(file.questionnaire)}
        assert {orjson.loads(row.answers)[first.id] for row in rows} <= codes
        assert {set(orjson.loads(row.answers)) == {item.id for item in file.likert} for row in rows} == {True}
        assert None not in {row.duration for row in rows}


def test_checking__stores_nothing(each_database: Database, config: Config) -> None:
    with each_database.writing() as session:
        file = Import(session, each_database, config)
        assert len(file.check(as_csv(file.rows())).accepted) == 6
        for table in (Response, AnswerImport, ImportedRow):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_stored_file__is_known_again_by_its_bytes_and_its_rows(each_database: Database, config: Config) -> None:
    with each_database.writing() as session:
        file = Import(session, each_database, config)
        file.store(as_csv(file.rows()))
        session.flush()
        with pytest.raises(ImportedBefore):
            file.check(as_csv(file.rows()))
        longer = file.check(as_csv(file.rows(12)))
        assert [refusal.row for refusal in longer.refusals] == [2, 3, 4, 5, 6, 7]
        assert {refusal.zh for refusal in longer.refusals} == {"这一行已经导入过"}
        assert len(longer.accepted) == 6
        closing.close_campaign(session, file.boxes, file.campaign, now=NOON, person_id=None)
        assert session.scalar(select(func.count()).select_from(ImportedRow)) == 0


def test_refused_rows__are_named_by_row_column_kind_and_reason_without_the_words(
    database: Database, config: Config
) -> None:
    with database.writing() as session:
        file = Import(session, database, config)
        rows = file.rows(9)
        heading = next(name for name in rows[0] if name.startswith("1、"))
        rows[1][heading] = "满意得不得了"
        rows[3]["所用时间"] = "很久"
        rows[5] |= dict.fromkeys([name for name in rows[5] if "、" in name], "(空)")
        rows[7]["序号"] = "1"
        checked = file.check(as_csv(rows))
        assert [(one.row, one.column, one.kind_zh) for one in checked.refusals] == [
            (3, heading, "文字（6 字）"),
            (5, "所用时间", "文字（2 字）"),
            (7, "", "–"),
            (9, "序号", "数字"),
        ]
        assert not any("不得了" in str(one) for one in checked.refusals)
        assert len(checked.accepted) == 5


def test_few_rows__are_refused_whole(database: Database, config: Config) -> None:
    with database.writing() as session:
        file = Import(session, database, config)
        checked = file.check(as_csv(file.rows(4)))
        assert (checked.accepted, checked.refused_rows) == ([], 4)
        with pytest.raises(NothingToImport):
            file.store(as_csv(file.rows(4)))


def test_more_rows_than_people__are_refused(database: Database, config: Config) -> None:
    with database.writing() as session:
        file = Import(session, database, config)
        checked = file.check(as_csv(file.rows(file.door.headcount + 1)))
        assert checked.accepted == []
        assert {one.zh for one in checked.refusals} == {"连同发出的卡片和纸质问卷，超过这个投放的人数"}


def test_unit_and_stratum_columns__choose_the_door(database: Database, config: Config) -> None:
    with database.writing() as session:
        file = Import(session, database, config)
        others = doors(session, file.campaign, "staff")
        second = next(row for row in others if row.unit_code != file.door.unit_code)
        rows = file.rows(12)
        for at, row in enumerate(rows):
            door = file.door if at % 2 else second
            row |= {"单位": (door.unit_name if at % 3 else door.unit_code) or "", "分层": door.stratum or ""}
        rows[4]["单位"] = "别的单位"
        headings = list(rows[0])
        wanted = Wanted("staff", None, import_rules.suggested(headings, file.questionnaire, {}))
        checked = file.check(as_csv(rows), wanted=wanted)
        assert {one.collector_id for one in checked.accepted} == {file.door.id, second.id}
        assert [(one.row, one.column) for one in checked.refusals] == [(6, "单位")]
        with pytest.raises(WrongColumns):
            file.check(as_csv(file.rows()), wanted=Wanted("staff", None, wanted.columns))


def test_department_rows__of_one_number__are_one_sitting(database: Database, config: Config) -> None:
    with database.writing() as session:
        file = Import(session, database, config)
        every = doors(session, file.campaign, "related_department")
        asked = questionnaire_of(session, file.campaign, "related_department")
        item = next(one for one in asked.repeated_section().items if one.type == "likert")  # type: ignore[union-attr]
        units, first = [unit.code for unit in file.campaign.units], item.choices_in(asked)[0].code
        rows = [
            {"编号": str(at), "部门": every[0].department_name or "", "单位": unit, item.id: first}
            for at in range(every[0].headcount)
            for unit in units
        ]
        rows += [
            row | {"编号": f"x{at}", "部门": every[1].department_code or ""} for at in range(3) for row in rows[:1]
        ]
        wanted = Wanted("related_department", None, import_rules.suggested(list(rows[0]), asked, {}))
        checked = file.check(as_csv(rows), wanted=wanted)
        sittings = [one for one in checked.accepted if one.collector_id == every[0].id]
        assert checked.refusals == []
        assert {len(one.responses) for one in sittings} == {len(units)}
        rows[1]["单位"] = "没有"
        broken = file.check(as_csv(rows), wanted=wanted)
        assert {one.row for one in broken.refusals} >= {2, 3}


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("95", 95),
        ("95秒", 95),
        ("1分35秒", 95),
        ("00:01:35", 95),
        ("1:35", 95),
        ("1小时", 3600),
        ("", None),
        ("久", None),
        ("-5", None),
    ],
)
def test_lengths_of_time__as_files_write_them(cell: str, seconds: float | None) -> None:
    assert import_rules.seconds_of(cell) == seconds


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("甲┋丙", ["a", "c"]),
        ("甲;乙", ["a", "b"]),
        ("a;c", ["a", "c"]),
        ("甲、丙", ["a", "c"]),
        ("A.甲┋C.丙", ["a", "c"]),
        ("乙", ["b"]),
    ],
)
def test_several_choices__joined_by_any_sign(cell: str, codes: list[str]) -> None:
    from survey_app.questionnaire.model import Questionnaire

    asked = Questionnaire.model_validate_json(
        json.dumps(
            {
                "format": 1,
                "id": "q",
                "version": "1",
                "audience": "staff",
                "title": "问卷",
                "sections": [
                    {
                        "id": "s",
                        "items": [
                            {
                                "id": "m",
                                "type": "multiple",
                                "text": "哪些",
                                "choices": [
                                    {"code": "a", "label": "甲"},
                                    {"code": "b", "label": "乙"},
                                    {"code": "c", "label": "丙", "other": True},
                                ],
                            }
                        ],
                    }
                ],
            }
        )
    )
    fields = import_rules.fields_of(asked, import_rules.words_of(asked), {"item:m": cell})
    assert fields["m"] == codes
    said = import_rules.fields_of(asked, import_rules.words_of(asked), {"item:m": "甲┋丙〖别的〗"})
    assert (said["m"], said["m__other"]) == (["a", "c"], ["别的"])


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xff\xff", b"PK\x03\x04broken", b'a,b\n"1,2\n', b"a,a\n1,2\n", b"only headings\n", b"\x00" * 100],
)
def test_hostile_files__are_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        read_table("a.csv", data)
    assert refused.value.findings


def test_staged_file__is_sealed_and_gone_when_used(tmp_path: Path) -> None:
    staging = Staging(tmp_path / "imports")
    ticket = staging.put(b"secret answers")
    assert all(b"secret" not in path.read_bytes() for path in (tmp_path / "imports").iterdir())
    assert staging.get(ticket) == b"secret answers"
    for wrong in ("", "../" + ticket, ticket[:-2] + ("00" if ticket[-2:] != "00" else "11"), ticket.upper() + "g"):
        assert staging.get(wrong) is None
    staging.drop(ticket)
    assert staging.get(ticket) is None


def test_file__goes_through_the_pages(app: Flask) -> None:
    database, _boxes, config = installed(app)
    with database.writing() as session:
        file = Import(session, database, config)
        add_person(session, "anna", (Role.LEAD_EVALUATOR, "c2026"))
        add_person(session, "bert", (Role.ADMINISTRATOR, None))
        session.commit()
        rows = file.rows(8)
        door = file.door.id
    rows[2][next(name for name in rows[0] if name.startswith("1、"))] = "不知所云"
    client = app.test_client()
    sign_in(client, "anna")
    base = "/office/campaigns/c2026/import"
    token = csrf_token(client.get(base))
    form = {"csrf_token": token, "questionnaire": "staff", "collector": str(door)}
    assert client.post(base, data=form).status_code == 422
    page = client.post(base, data=form | {"file": (io.BytesIO(as_csv(rows)), "答卷.csv")}).text
    fields = dict(re_fields(page))
    checked = client.post(f"{base}/check", data=fields)
    assert "可以入库 7 份" in checked.text
    report = client.post(f"{base}/report", data=fields)
    assert "不是这一题的选项" in report.text
    assert "不知所云" not in report.text
    stored = client.post(f"{base}/store", data=fields)
    assert "已入库 7 份" in stored.text
    assert client.post(f"{base}/store", data=fields).status_code == 410
    page = client.get(base).text
    assert "误报 0%" in page and "30、100、300 份分别能发现 0%、100%、100%" in page  # one sentence
    sign_in(other := app.test_client(), "bert")
    assert "时间特征" in page and "时间特征" not in other.get(base).text  # for lead evaluators only


def re_fields(page: str) -> list[tuple[str, str]]:
    import re

    hidden = re.findall(r'<input type="hidden" name="([a-z_0-9]+)" value="([^"]*)"', page)
    chosen = re.findall(r'<select id="(column\d+)".*?</select>', page, re.DOTALL)
    picked = [
        (name, found[1])
        for name in chosen
        if (found := re.search(rf'<select id="{name}"(?:(?!</select>).)*?value="([^"]+)" selected', page, re.DOTALL))
    ]
    return [*hidden, *picked]


def test_command__checks_and_stores(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database, _boxes, config = installed(app)
    with database.writing() as session:
        file = Import(session, database, config)
        session.commit()
        path = tmp_path / "a.csv"
        path.write_bytes(as_csv(file.rows()))
        door = file.door.id
    monkeypatch.setenv("PINGYI_HOME", str(config.home))
    monkeypatch.setenv("PINGYI_SECRET_KEY", "k" * 32)
    monkeypatch.setenv("PINGYI_DATABASE_URL", config.database_url)
    arguments = ["import", "c2026", str(path), "--questionnaire", "staff", "--collector", str(door)]
    report = tmp_path / "refused.csv"
    checked = CliRunner().invoke(main, [*arguments, "--report", str(report)])
    assert checked.exit_code == 0, checked.output
    assert "只作检查" in checked.output
    assert report.read_text(encoding="utf-8-sig").startswith("行 row")
    columns = tmp_path / "columns.json"
    columns.write_text(json.dumps({"没有": "number"}, ensure_ascii=False))
    assert CliRunner().invoke(main, [*arguments, "--columns", str(columns)]).exit_code == 1
    stored = CliRunner().invoke(main, [*arguments, "--store"])
    assert "stored: 6" in stored.output, stored.output
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Response)) == 6
