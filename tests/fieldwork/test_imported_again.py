"""Rows that were stored are known again, whatever the file was saved as; a file that waits is forgotten in time."""

import os
import time
from pathlib import Path

from flask import Flask

from survey_app.accounts.rules import Role
from survey_app.config import Config
from survey_app.db import Database
from survey_app.fieldwork.operations.staging import Staging
from tests.factories.accounts import add_person, csrf_token, sign_in
from tests.factories.paper import installed
from tests.fieldwork.test_importing import Import, as_csv, as_xlsx

SAME = "与已导入的一行内容相同；确是另一个人的，请加上“答卷编号”列再导入"


def test_rows_without_numbers__are_known_again_in_another_format(each_database: Database, config: Config) -> None:
    with each_database.writing() as session:
        file = Import(session, each_database, config)
        rows = [{name: cell for name, cell in row.items() if name != "序号"} for row in file.rows(6)]
        # Two people may well say the same at the same time.
        rows += [rows[0], rows[0]]
        assert len(file.store(as_csv(rows)).accepted) == 8
        session.flush()
        for saved in (as_xlsx(rows), as_csv([rows[0], dict.fromkeys(rows[0], ""), *rows[1:]])):
            again = file.check(saved, "a.xlsx" if saved.startswith(b"PK") else "a.csv")
            assert (again.accepted, again.refused_rows) == ([], 8)
            assert {one.zh for one in again.refusals} == {SAME}
        # Five more who say the same, and the five rows of before that are not repeated.
        more = file.check(as_csv([rows[0]] * 8))
        assert (len(more.accepted), more.refused_rows) == (5, 3)


def test_staged_file__older_than_an_hour__is_refused_and_deleted(tmp_path: Path) -> None:
    staging = Staging(tmp_path / "imports")
    ticket = staging.put(b"secret answers")
    age(tmp_path / "imports", 3590)
    assert staging.get(ticket) == b"secret answers"
    age(tmp_path / "imports", 3601)
    assert staging.get(ticket) is None
    assert list((tmp_path / "imports").iterdir()) == []


def test_any_import_page__deletes_what_is_older_than_an_hour(app: Flask) -> None:
    database, _boxes, config = installed(app)
    with database.writing() as session:
        Import(session, database, config)
        add_person(session, "anna", (Role.LEAD_EVALUATOR, "c2026"))
        session.commit()
    client = app.test_client()
    sign_in(client, "anna")
    folder = Path(config.home) / "imports"
    base = "/office/campaigns/c2026/import"
    token = csrf_token(client.get(base))
    for page, status in (("", 422), ("/check", 410)):
        Staging(folder).put(b"left behind")
        age(folder, 3601)
        assert client.post(base + page, data={"csrf_token": token}).status_code == status
        assert list(folder.iterdir()) == []


def age(folder: Path, seconds: int) -> None:
    at = time.time() - seconds
    for path in folder.iterdir():
        os.utime(path, (at, at))
