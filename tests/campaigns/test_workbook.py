"""The Excel form of a set-up: real files, there and back, and everything that can be wrong with one."""

import io
import struct
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given as any_given
from hypothesis import settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from survey_app.campaigns.export.workbook import example, workbook
from survey_app.campaigns.operations import workbook_cells
from survey_app.campaigns.operations.reading import GivenFile, read_form, read_setup
from survey_app.campaigns.operations.workbook import read_workbook
from survey_app.campaigns.operations.workbook_faults import FAULTS
from survey_app.errors import BadInput
from survey_app.questionnaire.findings import Finding
from survey_app.questionnaire.identity import as_written
from tests.factories.campaign import given, read, setup_document

TEMPLATE = workbook(example())


def changed(change: Callable[[Any], None], data: bytes = TEMPLATE) -> bytes:
    """The workbook after somebody worked on it in a spreadsheet program."""
    book = load_workbook(io.BytesIO(data))
    change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def findings_of(data: bytes) -> list[Finding]:
    with pytest.raises(BadInput) as refused:
        read_setup(GivenFile("轮次.xlsx", data))
    return [finding for finding in refused.value.findings if isinstance(finding, Finding)]


def errors_of(data: bytes) -> list[tuple[str, str]]:
    return [(finding.code, finding.file) for finding in findings_of(data) if finding.is_error]


def test_template__as_downloaded__is_a_set_up_without_errors() -> None:
    found = read_setup(GivenFile("template.xlsx", TEMPLATE))
    assert found.setup.campaign.code == "pg2026"
    assert len(found.setup.units) == 3


def test_template__has_its_sheets_drop_downs_and_a_guide() -> None:
    book = load_workbook(io.BytesIO(TEMPLATE))
    assert book.sheetnames == ["说明", "评估轮次", "单位", "分层人数", "部门", "评价关系"]
    assert book["分层人数"]["A1"].value.splitlines()[0] == "单位代码"
    lists = {rule.formula1 for sheet in book for rule in sheet.data_validations.dataValidation if rule.type == "list"}
    assert lists == {'"是,否"', '"工作人员,管理服务对象,相关部门"', "'单位'!$A$2:$A$5000", "'部门'!$A$2:$A$5000"}


@pytest.mark.parametrize("units", [1, 5, 12])
def test_set_up__written_and_read_again__is_the_same(units: int) -> None:
    setup = read(setup_document(units)).setup
    again = read_setup(GivenFile("again.xlsx", workbook(setup))).setup
    whole, back = as_written(setup), as_written(again)
    assert {name: whole[name] for name in ("campaign", "questionnaires", "plan", "units", "departments")} == {
        name: back[name] for name in ("campaign", "questionnaires", "plan", "units", "departments")
    }


def test_filled_template__becomes_what_was_filled_in() -> None:
    def fill(book: Any) -> None:
        book["评估轮次"]["B2"] = "2027-a"
        book["评估轮次"]["B6"] = "2027年3月1日"
        book["评估轮次"]["B7"] = "2027/3/20"
        book["单位"].append([77, "新设单位", None, "是", "否", None, None])
        book["分层人数"].append([77, "工作人员", None, "38"])

    setup = read_setup(GivenFile("filled.xlsx", changed(fill))).setup
    assert (setup.campaign.code, str(setup.campaign.opens), str(setup.campaign.closes)) == (
        "2027-a",
        "2027-03-01",
        "2027-03-20",
    )
    unit = setup.units[-1]
    assert (unit.code, unit.name, unit.category, unit.audiences) == ("77", "新设单位", "", ("staff",))
    assert [(cell.audience, cell.stratum, cell.size) for cell in unit.frame] == [("staff", None, 38)]


def test_dates_as_spreadsheet_dates__are_days() -> None:
    def fill(book: Any) -> None:
        book["评估轮次"]["B6"].number_format = "yyyy-mm-dd"
        book["评估轮次"]["B6"] = date(2026, 12, 3)

    assert str(read_setup(GivenFile("d.xlsx", changed(fill))).setup.campaign.opens) == "2026-12-03"


def test_every_fault__is_listed_at_once_with_sheet_and_cell_and_pointer() -> None:
    def spoil(book: Any) -> None:
        book["单位"]["B2"] = None
        book["分层人数"]["D3"] = "很多"
        book["分层人数"]["B4"] = "群众"
        book["评价关系"]["B2"] = "u99"
        book["评价关系"]["A3"] = "d0"
        book["单位"]["D3"] = "也许"

    found = {
        (finding.code, finding.file, finding.pointer) for finding in findings_of(changed(spoil)) if finding.is_error
    }
    assert found == {
        ("missing", "轮次.xlsx 单位!B2", "/units/0/name"),
        ("workbook_not_a_number", "轮次.xlsx 分层人数!D3", ""),
        ("workbook_unknown_audience", "轮次.xlsx 分层人数!B4", ""),
        ("workbook_unknown_code", "轮次.xlsx 评价关系!B2", ""),
        ("workbook_unknown_code", "轮次.xlsx 评价关系!A3", ""),
        ("workbook_not_yes_or_no", "轮次.xlsx 单位!D3", ""),
    }


def test_meaning_faults__name_the_cell_too() -> None:
    def spoil(book: Any) -> None:
        book["评价关系"]["B2"] = "u99"
        book["评估轮次"]["B7"] = "2020-01-01"
        book["评估轮次"]["B12"] = "defautl"
        book["评估轮次"]["B2"] = "new"

    found = {(finding.code, finding.file) for finding in findings_of(changed(spoil)) if finding.is_error}
    assert {
        ("closes_before_opens", "轮次.xlsx 评估轮次!B7"),
        ("unknown_plan", "轮次.xlsx 评估轮次!B12"),
        ("reserved_campaign_code", "轮次.xlsx 评估轮次!B2"),
        ("workbook_unknown_code", "轮次.xlsx 评价关系!B2"),
    } <= found


def test_findings_of_a_workbook__are_said_in_its_words_and_end_at_the_cell() -> None:
    def spoil(book: Any) -> None:
        book["单位"]["B2"] = None
        book["评估轮次"]["B3"] = None
        book["分层人数"]["D2"] = "很多"

    found = {one.file: one for one in findings_of(changed(spoil))}
    assert str(found["轮次.xlsx 分层人数!D2"]).startswith("轮次.xlsx 分层人数!D2: 错误 error")
    unit, title = found["轮次.xlsx 单位!B2"], found["轮次.xlsx 评估轮次!B3"]
    assert (unit.zh, unit.en) == ("缺少“单位名称”。", "“Unit name” is missing.")
    assert (title.zh, title.en) == ("缺少“轮次名称”。", "“Title” is missing.")


def test_audience__in_a_finding__is_called_by_its_name_in_each_language() -> None:
    def no_staff(book: Any) -> None:
        book["单位"]["D2"] = "否"

    [refused] = [one for one in findings_of(changed(no_staff)) if one.code == "frame_without_audience"]
    assert "不面向工作人员，" in refused.zh
    assert "the audience staff," in refused.en


def test_missing_sheet_column_and_row__are_named() -> None:
    def no_sheet(book: Any) -> None:
        del book["评价关系"]

    def no_column(book: Any) -> None:
        book["分层人数"]["D1"] = "大小"

    def no_row(book: Any) -> None:
        book["评估轮次"].delete_rows(9)

    assert errors_of(changed(no_sheet)) == [("workbook_sheet_missing", "轮次.xlsx 评价关系")]
    assert errors_of(changed(no_column)) == [("workbook_column_missing", "轮次.xlsx 分层人数!1")]
    assert ("workbook_row_missing", "轮次.xlsx 评估轮次") in errors_of(changed(no_row))


def test_blank_rows_extra_columns_and_moved_columns__do_no_harm() -> None:
    def tidy(book: Any) -> None:
        book["单位"].insert_rows(3, 2)
        book["单位"].insert_cols(1)
        book["单位"]["A1"] = "备注"

    before, after = example(), read_setup(GivenFile("t.xlsx", changed(tidy))).setup
    assert after.units == before.units


@pytest.mark.parametrize(
    ("sheet", "cell", "written"),
    [
        ("单位", "A2", "u01 "),
        ("单位", "A2", "ｕ０１"),
        ("单位", "A2", "\u200bu01\u200b"),
        ("单位", "B2", "\u3000云澜市教育局\xa0"),
        ("分层人数", "D2", "１４００"),
        ("分层人数", "D2", " 1400 "),
        ("分层人数", "D2", 1400.0),
        ("评估轮次", "B6", "２０２６年１２月１日"),
        ("评估轮次", "B6", "2026.12.1"),
    ],
)
def test_cell_that_is_clumsy_but_clear__is_understood(sheet: str, cell: str, written: object) -> None:
    def fill(book: Any) -> None:
        book[sheet][cell] = written

    before, after = example(), read_setup(GivenFile("t.xlsx", changed(fill))).setup
    assert (after.units, str(after.campaign.opens)) == (before.units, "2026-12-01")


@pytest.mark.parametrize(
    ("sheet", "cell", "written", "code"),
    [
        ("单位", "B2", "#REF!", "workbook_cell_error"),
        ("分层人数", "D2", "#N/A", "workbook_cell_error"),
        ("分层人数", "D2", "1,200", "workbook_not_a_number"),
        ("分层人数", "D2", "120人", "workbook_not_a_number"),
        ("分层人数", "D2", 12.5, "workbook_not_a_number"),
        ("分层人数", "D2", True, "workbook_not_a_number"),
        ("分层人数", "D2", 1e300, "workbook_not_a_number"),
        ("分层人数", "D2", date(2026, 1, 1), "workbook_not_a_number"),
        ("分层人数", "B2", None, "workbook_cell_blank"),
        ("评价关系", "B2", None, "workbook_cell_blank"),
        ("部门", "C2", "三人", "workbook_not_a_number"),
        ("评估轮次", "B6", 46357, "date_parsing"),
        ("评估轮次", "B6", "12/1/2026", "date_parsing"),
        ("评估轮次", "B6", "2026-02-31", "date_parsing"),
    ],
)
def test_cell_that_cannot_be_understood__is_named_once(sheet: str, cell: str, written: object, code: str) -> None:
    def spoil(book: Any) -> None:
        book[sheet][cell] = written

    assert errors_of(changed(spoil)) == [(code, f"轮次.xlsx {sheet}!{cell}")]


def test_merged_codes__are_named_row_by_row_with_the_remedy() -> None:
    def merge(book: Any) -> None:
        book["分层人数"].merge_cells("A2:A4")

    found = [finding for finding in findings_of(changed(merge)) if finding.is_error]
    assert [(one.code, one.file) for one in found] == [
        ("workbook_cell_blank", "轮次.xlsx 分层人数!A3"),
        ("workbook_cell_blank", "轮次.xlsx 分层人数!A4"),
    ]
    assert "取消合并" in found[0].remedy_zh


def test_heading_that_stands_twice__is_refused_and_a_stray_blank_in_a_sheets_name_is_not() -> None:
    def twice(book: Any) -> None:
        book["分层人数"]["E1"] = "人数"

    def blank(book: Any) -> None:
        book["单位"].title = "单位 "

    assert errors_of(changed(twice)) == [("workbook_column_twice", "轮次.xlsx 分层人数!1")]
    assert read_setup(GivenFile("t.xlsx", changed(blank))).setup.units == example().units


def test_hundred_thousand_rows__are_refused_before_they_are_judged() -> None:
    def fill(book: Any) -> None:
        book["评价关系"]["A100000"] = " "

    assert errors_of(changed(fill)) == [("workbook_too_many_rows", "轮次.xlsx 评价关系!A20000")]


def test_endless_faults__are_cut_and_counted() -> None:
    def fill(book: Any) -> None:
        for _ in range(600):
            book["评价关系"].append(["d99", "u01"])

    found = findings_of(changed(fill))
    assert (len(found), found[-1].code) == (501, "more_findings")
    assert "100" in found[-1].zh


@pytest.mark.parametrize("name", ["单位.xlsx", "单位.XLS"])
def test_text_under_an_excel_name__is_spoken_of_as_excel(name: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_setup(GivenFile(name, "单位代码,单位名称\nu01,某局\n".encode("gbk")))
    assert [one.code for one in refused.value.findings if isinstance(one, Finding)] == ["workbook_unreadable"]


def test_workbook_with_macros__is_read_without_them() -> None:
    plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    kinds = zipfile.ZipFile(io.BytesIO(TEMPLATE)).read("[Content_Types].xml")
    data = with_part(
        "[Content_Types].xml", kinds.replace(plain, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    )
    assert read_setup(GivenFile("轮次.xlsm", data)).setup.units == example().units


def with_part(name: str, content: bytes) -> bytes:
    """The template with one part of the archive replaced."""
    target = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(TEMPLATE))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in source.namelist():
            archive.writestr(part, content if part == name else source.read(part))
    return target.getvalue()


def bomb() -> bytes:
    """A workbook of under 100 kB whose second sheet unpacks to 60 MB."""
    return with_part("xl/worksheets/sheet2.xml", b" " * 60 * 1024 * 1024)


def test_zip_bomb__is_refused_before_anything_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(*_arguments: object, **_names: object) -> None:
        raise AssertionError("parsed")

    monkeypatch.setattr(workbook_cells, "load_workbook", parse)
    data = bomb()
    assert len(data) < 200_000
    assert errors_of(data) == [("workbook_too_large", "轮次.xlsx")]


def test_zip_bomb__that_lies_about_its_size__is_never_read_beyond_the_lie() -> None:
    data = bytearray(bomb())
    place = data.index(b"xl/worksheets/sheet2.xml", struct.unpack_from("<I", data, data.rfind(b"PK\x05\x06") + 16)[0])
    # 46 bytes of the central directory stand before a name; the unpacked size is at byte 24.
    assert struct.unpack_from("<I", data, place - 46 + 24)[0] == 60 * 1024 * 1024
    struct.pack_into("<I", data, place - 46 + 24, 10)
    assert errors_of(bytes(data)) == [("workbook_unreadable", "轮次.xlsx")]


def test_workbook_over_ten_megabytes__is_refused() -> None:
    assert errors_of(b"PK" + bytes(10 * 1024 * 1024)) == [("workbook_too_large", "轮次.xlsx")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04 not really", "workbook_unreadable"),
        (b"PK", "workbook_unreadable"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "workbook_old_or_encrypted"),
        (TEMPLATE[: len(TEMPLATE) // 2], "workbook_unreadable"),
    ],
)
def test_file_that_is_no_workbook__is_refused_in_words(data: bytes, code: str) -> None:
    assert errors_of(data) == [(code, "轮次.xlsx")]


@pytest.mark.parametrize(
    "name", ["xl/workbook.xml", "xl/worksheets/sheet2.xml", "xl/sharedStrings.xml", "[Content_Types].xml"]
)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<x/>",
        b"<not closed",
        b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><b>&b;</b>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
    ],
)
def test_part_that_is_broken_or_hostile__is_a_finding(name: str, content: bytes) -> None:
    assert errors_of(with_part(name, content))[0][0].startswith("workbook_")


@settings(max_examples=60, deadline=None)
@any_given(st.data())
def test_workbook_with_damaged_bytes__is_read_or_refused_but_never_crashes(data: st.DataObject) -> None:
    damaged = bytearray(TEMPLATE)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    made = read_workbook(bytes(damaged))
    assert made.document or made.faults


def test_form__takes_the_campaign_from_the_fields_and_places_from_the_workbook() -> None:
    facts = setup_document(1)["campaign"] | {"code": "by-form"}
    campaign = {"campaign": facts, "questionnaires": ["staff", "service_recipient", "related_department"]}
    found = read_form(campaign | {"plan": "default"}, GivenFile("单位.xlsx", TEMPLATE))
    assert found.setup.campaign.code == "by-form"
    assert found.setup.units == example().units
    with pytest.raises(BadInput):
        read_form(campaign | {"plan": "default"}, given(setup_document(1)))


def test_every_fault__has_words_in_both_languages() -> None:
    for name, entry in FAULTS.items():
        for words in (entry.zh, entry.remedy_zh):
            assert any("一" <= sign <= "鿿" for sign in words), name
        assert entry.en and entry.remedy_en, name


def test_named_list__stands_in_its_column_and_old_workbooks_without_it_are_read() -> None:
    document = setup_document(1)
    document["units"][0]["frame"][0]["named_list"] = True
    wanted = [cell.get("named_list", False) for cell in document["units"][0]["frame"]]
    there = workbook(read(document).setup)
    back = read_setup(GivenFile("轮次.xlsx", there)).setup
    assert [cell.named_list for cell in back.units[0].frame] == wanted

    def without_the_column(book: Any) -> None:
        book["分层人数"].delete_cols(5)

    old = read_setup(GivenFile("轮次.xlsx", changed(without_the_column, there))).setup
    assert not any(cell.named_list for cell in old.units[0].frame)

    def wrong(book: Any) -> None:
        book["分层人数"]["E2"] = "也许"

    assert errors_of(changed(wrong, there)) == [("workbook_not_yes_or_no", "轮次.xlsx 分层人数!E2")]
