"""List files as agencies send them: every encoding and separator, and everything that can be wrong with one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.errors import BadInput
from survey_app.fieldwork.operations.list_file import FAULTS, read_list
from survey_app.invitations.rules.lists import MOST_INVITED, ListRow
from survey_app.questionnaire.findings import Finding
from tests.factories.named_lists import csv_file, xlsx_file


def faults(data: bytes, name: str = "名单.csv") -> list[tuple[str, str]]:
    with pytest.raises(BadInput) as refused:
        read_list(name, data)
    found = [one for one in refused.value.findings if isinstance(one, Finding)]
    assert all(one.zh and one.en and one.remedy_zh and one.remedy_en for one in found)
    return [(one.code, one.file) for one in found]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "，"])
def test_text_file__in_any_usual_encoding_and_separator__is_read(encoding: str, separator: str) -> None:
    text = csv_file(11).decode().replace(",", separator)
    rows = read_list("a.csv", text.encode(encoding))
    assert rows[0] == ListRow("受邀人001", "13800000001", "处长")
    assert len(rows) == 11


def test_workbook__is_read_from_its_first_sheet_whatever_stands_beside() -> None:
    rows = [("编号", "姓名", "电话"), (1, " 张三 ", 13800000001), (None, None, None), (2, "李四", None)]
    assert read_list("名单.xlsx", xlsx_file(rows)) == [ListRow("张三", "13800000001"), ListRow("李四")]


def test_quoted_cells__may_hold_separators_and_rows_keep_their_numbers() -> None:
    data = '姓名,备注\n"张三","甲,乙"\n\n李四,\n,缺名\n'.encode()
    assert faults(data) == [("list_name_blank", "A5")]
    assert read_list("a.csv", data.replace(",缺名\n".encode(), b"")) == [ListRow("张三", note="甲,乙"), ListRow("李四")]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", [("list_name_column_missing", "A1")]),
        ("姓名\n".encode(), [("list_empty", "")]),
        ("人员,电话\n张三,1\n".encode(), [("list_name_column_missing", "A1")]),
        ("姓名,name\n张三,李四\n".encode(), [("list_column_twice", "B1")]),
        ("姓名,电话\n张三,1\n李四,2\n张三,1\n".encode(), [("list_person_twice", "A4")]),
        (("姓名\n" + "名" * 201 + "\n").encode(), [("list_too_long", "A2")]),
        ("姓名,电话\n张\x01三,1\n".encode(), [("list_control_character", "A2")]),
        ("姓名,电话\n张三\0,1\n".encode(), [("list_control_character", "A2")]),
        ('姓名\n张三\n"李四\n'.encode(), [("list_damaged", "A3")]),
        (b"\xff\xff\xff\x80", [("list_encoding", "")]),
        (b"a" * (10 * 1024 * 1024 + 1), [("list_too_large", "")]),
        (b"\xd0\xcf\x11\xe0rest", [("workbook_old_or_encrypted", "")]),
        (b"PK\x03\x04broken", [("workbook_unreadable", "")]),
    ],
)
def test_file_with_a_fault__names_its_place(data: bytes, expected: list[tuple[str, str]]) -> None:
    assert faults(data) == expected


def test_every_fault__is_reported_at_once_and_the_rest_counted() -> None:
    data = ("姓名,电话\n" + ",1\n" * 700).encode()
    found = faults(data)
    assert len(found) == 501
    assert found[-1][0] == "more_findings"


def test_list_that_is_too_long__is_refused() -> None:
    rows = "".join(f"人{number}\n" for number in range(MOST_INVITED + 1))
    assert faults(("姓名\n" + rows).encode()) == [("list_too_many", "")]


def test_every_sentence__is_filled_in() -> None:
    assert len(FAULTS) == 11
    for entry in FAULTS.values():
        assert entry.severity == "error"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.xlsx", "a.txt"]))
def test_any_bytes__are_people_or_faults_never_a_crash(data: bytes, name: str) -> None:
    try:
        rows = read_list(name, data)
    except BadInput as refused:
        assert refused.findings
    else:
        assert all(row.name.strip() for row in rows)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_under_a_heading__is_people_or_faults(text: str) -> None:
    try:
        rows = read_list("a.csv", ("姓名,联系方式\n" + text).encode("utf-8", "replace"))
    except BadInput as refused:
        assert refused.findings
    else:
        assert rows
