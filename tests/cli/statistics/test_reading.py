"""Files as they come: encodings, quotes, line ends, missing cells; and what is refused, with its place."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from survey_app.cli.statistics import source as source_module
from survey_app.cli.statistics.faults import MAX_FAULTS, Refused
from survey_app.cli.statistics.source import Source
from survey_app.cli.statistics.table import answers_of, words_of
from tests.cli.statistics.typed import ATTITUDE, CSV, GOLDEN, codes, errors, file, run, said

ITEMS = ("--items", "a,b,c")


def read(path: Path, *names: str) -> list[list[float | None]]:
    found = answers_of(Source(path), names)
    return [
        [value if there else None for value, there in zip(values, present, strict=True)]
        for values, present in zip(found.values.tolist(), found.present.tolist(), strict=True)
    ]


@pytest.mark.parametrize(
    "content",
    [
        CSV,
        CSV.replace("\n", "\r\n"),
        CSV.replace("\n", "\r"),
        CSV.rstrip("\n"),
        "\ufeff" + CSV,
        "\ufeff\r\n\n" + CSV,
        '"a","b","c"\n"1","2","3"\n2,"2",4\n3,5,4\n4,4,5\n5,3,1\n',
        "a , b,c \n1, 2,3\n 2,2 ,4\n3,5,4\n4,4,5\n5,3,1",
        "a,b,c\n\n1,2,3\n2,2,4\n\n3,5,4\n4,4,5\r\n\r\n5,3,1\n\n",
        'a,b,c,note\n1,2,3,"a\nb, ""c"""\n2,2,4,\n3,5,4,x\n4,4,5,"y,z"\n5,3,1,\n',
        "a,b,c\n1.0,2e0,3\n+2,2,4\n3,5,4.\n4,4,5\n5,3,01\n",
    ],
)
def test_file__however_it_is_written__gives_the_same_numbers(tmp_path: Path, content: str) -> None:
    assert read(file(tmp_path, content), "a", "b", "c") == [[1, 2, 3], [2, 2, 4], [3, 5, 4], [4, 4, 5], [5, 3, 1]]


@pytest.mark.parametrize("cell", ["", "NA", '""', '"NA"', " ", "  NA "])
def test_empty_cell_and_na__are_missing(tmp_path: Path, cell: str) -> None:
    assert read(file(tmp_path, f"a,b\n1,{cell}\n{cell},2\n"), "a", "b") == [[1, None], [None, 2]]


def test_file_of_one_column__blank_line__is_a_missing_answer(tmp_path: Path) -> None:
    assert read(file(tmp_path, "a\n1\n\n2.5\n"), "a") == [[1], [None], [2.5]]


@pytest.mark.parametrize("block", [7, 11, 64])
def test_file__read_in_small_pieces__is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    words = ["甲,单位", 'b"x"', "c\nd", "丁"]
    quoted = ['"甲,单位"', '"b""x"""', '"c\nd"', "丁"]
    content = "w,x\n" + "".join(f"{word},{at}\n" for at, word in enumerate(quoted, start=1))
    monkeypatch.setattr(source_module, "BLOCK_BYTES", block)
    for encoding in ("utf-8", "gb18030"):
        source = Source(file(tmp_path, content.encode(encoding)))
        assert source.encoding == encoding
        blocks = list(source.blocks())
        assert [word for one in blocks for word in words_of(source, one, "w").tolist()] == words
        assert [row for one in blocks for row in one.rows.tolist()] == [1, 2, 3, 4]


def test_numbers__of_any_size__are_read_exactly(tmp_path: Path) -> None:
    written = ["0.1", "-3.141592653589793", "1e-300", "123456789012345", "2147483648", "-999999999999999.9"]
    found = answers_of(Source(file(tmp_path, "a\n" + "\n".join(written))), ["a"])
    assert found.values[:, 0].tolist() == [float(one) for one in written]


def test_numbers__that_no_answer_can_be__are_refused(tmp_path: Path) -> None:
    found = errors("reliability", file(tmp_path, "a,b,c\n1,1e16,3\n-12345678901234567890,2,3\n"), *ITEMS)
    assert [(one["code"], one["row"], one["column"]) for one in found] == [("too_large", 1, "b"), ("too_large", 2, "a")]


def test_whole_numbers__with_missing_ones_among_them__stay_small(tmp_path: Path) -> None:
    assert answers_of(Source(file(tmp_path, "a,b\n1,5\nNA,-100\n")), ["a", "b"]).values.dtype == np.int8
    assert answers_of(Source(file(tmp_path, "a,b\n1,5\nNA,1000\n")), ["a", "b"]).values.dtype == np.int32
    assert answers_of(Source(file(tmp_path, "a,b\n1,5\nNA,0.5\n")), ["a", "b"]).values.dtype == np.float64


def test_file_in_gb18030__is_read_and_said_so(tmp_path: Path) -> None:
    path = file(tmp_path, "题一,题二,单位\n1,2,某局\n2,3,某局\n3,5,某委\n".encode("gb18030"))
    found = said("reliability", path, "--items", "题一,题二")
    assert found["n"] == 3
    assert [caution["code"] for caution in found["cautions"] if caution["code"].startswith("read_as")] == [
        "read_as_gb18030"
    ]


@pytest.mark.parametrize(
    "cell", ["x", "1,5", "１", "nan", "NaN", "inf", "-Infinity", "1e999", "True", "N/A", "na", "1_0"]
)
def test_cell_that_is_no_number__is_named_with_row_column_and_value(tmp_path: Path, cell: str) -> None:
    path = file(tmp_path, f'a,b,c\n1,2,3\n2,"{cell}",4\n3,,5\n')
    found = errors("reliability", path, *ITEMS)
    assert [(one["code"], one["row"], one["column"], one["value"]) for one in found] == [("not_a_number", 2, "b", cell)]
    assert found[0]["file"] == str(path)
    assert "第 2 行“b”列" in found[0]["zh"]


def test_faults__in_many_rows__are_all_counted_and_the_first_listed_in_order(tmp_path: Path) -> None:
    rows = "".join(f"{'x' if at % 2 else at},{'y' if at % 3 == 0 else at},1\n" for at in range(1, 4001))
    result = run("reliability", file(tmp_path, "a,b,c\n" + rows), *ITEMS, "--json")
    assert result.exit_code == 2
    found = json.loads(result.stdout)
    assert found["count"] == 2000 + 1333
    assert len(found["errors"]) == MAX_FAULTS
    places = [(one["row"], one["column"]) for one in found["errors"]]
    assert places[:4] == [(1, "a"), (3, "a"), (3, "b"), (5, "a")]
    assert places == sorted(places)


def test_faults__without_json__are_lines_on_standard_error(tmp_path: Path) -> None:
    result = run("reliability", file(tmp_path, "a,b,c\n1,x,3\n"), *ITEMS)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "第 1 行“b”列：“x”不是数字" in result.stderr
    assert "Row 1, column “b”: “x” is not a number" in result.stderr


def test_faults__too_many_for_a_screen__are_cut_with_a_word_where_to_find_all(tmp_path: Path) -> None:
    result = run("reliability", file(tmp_path, "a,b,c\n" + "x,1,1\n" * 100), *ITEMS)
    assert result.stderr.count("is not a number") == 40
    assert "errors: 100; more with --json" in result.stderr


def test_rows_of_another_width__are_named_however_they_are_quoted(tmp_path: Path) -> None:
    found = errors("reliability", file(tmp_path, 'a,b,c\n1,2\n\n1,"2,2",3,4\n1,2,3\n"1,2",3\n'), *ITEMS)
    assert [(one["code"], one["row"]) for one in found] == [("row_width", 1), ("row_width", 2), ("row_width", 4)]


def test_columns_that_stand_twice_or_not_at_all__are_named(tmp_path: Path) -> None:
    assert codes("reliability", file(tmp_path, "a,b,a,b\n1,2,3,4\n"), *ITEMS) == ["duplicate_column"] * 2
    found = errors("reliability", file(tmp_path, CSV), "--items", "a,bb,quality_of_service")
    assert [(one["code"], one["value"]) for one in found] == [
        ("unknown_item", "bb"),
        ("unknown_item", "quality_of_service"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf\n \n", "empty_file"),
        (b",,\n1,2,3\n", "empty_file"),
        (b"PK\x03\x04" + bytes(40), "excel_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "excel_file"),
        ("a,b\n1,2\n".encode("utf-16"), "binary_file"),
        (b"a,b,c\n1,2,\x00\n", "binary_file"),
        (b"a,b,c\n1,2,\xff\xff\n", "encoding"),
        ("甲".encode("gb18030")[:1] + b"", "encoding"),
        (b"a;b;c\n1;2;3\n", "separator"),
        (b"a\tb\tc\n1\t2\t3\n", "separator"),
        ("a，b，c\n1，2，3\n".encode(), "separator"),
        (b'a,b,c\n1,2,"3\n4,5,6\n', "unclosed_quote"),
        (b'"a,b,c\n1,2,3\n', "unclosed_quote"),
    ],
)
def test_file_that_is_no_csv__is_refused_with_the_reason(tmp_path: Path, content: bytes, code: str) -> None:
    assert codes("reliability", file(tmp_path, content), *ITEMS) == [code]


def test_path_that_is_no_file__is_refused(tmp_path: Path) -> None:
    assert codes("reliability", tmp_path, *ITEMS) == ["not_a_file"]
    assert codes("reliability", tmp_path / "nowhere.csv", *ITEMS) == ["unreadable"]


def test_quotes_inside_a_cell_without_quotes__never_shift_cells(tmp_path: Path) -> None:
    path = file(tmp_path, 'a,b,c\n1,2"x,3\n4,5,6"\n7,8,9\n')
    with pytest.raises(Refused):
        answers_of(Source(path), ["a", "b", "c"])


def test_file_with_a_header_only__has_no_responses_and_says_so(tmp_path: Path) -> None:
    found = said("reliability", file(tmp_path, "a,b,c\n"), *ITEMS)
    assert (found["n"], found["k"], found["alpha"]["value"]) == (0, 3, None)
    assert "undefined_no_responses" in [caution["code"] for caution in found["cautions"]]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("reliability", "FILE", "--items", " , "), "items_missing"),
        (("reliability", "FILE", "--items", "a,b,a"), "item_twice"),
        (("reliability", "FILE", "--items", "a,b", "--reverse", "c"), "reverse_not_an_item"),
        (("reliability", "FILE", "--items", "a,b", "--reverse", "b"), "range_needed"),
        (("reliability", "FILE", "--items", "a,b", "--polychoric"), "range_needed"),
        (("reliability", "FILE", "--items", "a,b", "--range", "5,1"), "range_wrong"),
        (("reliability", "FILE", "--items", "a,b", "--range", "1-5"), "range_wrong"),
        (("reliability", "FILE", "--items", "a,b", "--range", "1,inf"), "range_wrong"),
        (("reliability", "FILE", "--items", "a,b", "--range", "1,5.5", "--polychoric"), "range_not_whole"),
        (("reliability", "FILE", "--items", "a,b", "--range", "1,500", "--polychoric"), "range_too_long"),
        (("agreement", "FILE", "--unit", "a", "--items", "b", "--range", "1,2.5"), "range_not_whole"),
        (("agreement", "FILE", "--unit", "a", "--items", "a,b", "--range", "1,5"), "column_is_item"),
        (("agreement", "FILE", "--unit", "z", "--items", "b", "--range", "1,5"), "unknown_column"),
        (("quality", "FILE", "--items", "a,b", "--seconds", "z"), "unknown_column"),
        (("quality", "FILE", "--items", "a,b", "--seconds", "b"), "column_is_item"),
        (("quality", "FILE", "--items", "a,b", "--reverse", "b"), "range_needed"),
        (("reliability", "FILE"), "usage"),
        (("reliability", "--items", "a"), "usage"),
        (("reliability", "FILE", "--items", "a", "--missing", "zero"), "usage"),
        (("ranks", "FILE", "--seed", "x"), "usage"),
        (("raters", "FILE", "--nothing"), "usage"),
        (("agreement", "FILE", "--items", "b", "--range", "1,5"), "usage"),
    ],
)
def test_command_that_does_not_fit__is_refused_like_any_bad_input(
    tmp_path: Path, words: tuple[str, ...], code: str
) -> None:
    path = str(file(tmp_path, CSV))
    typed = [path if word == "FILE" else word for word in words]
    assert code in codes(*typed)
    assert run(*typed).exit_code == 2


@pytest.mark.parametrize(
    "words", [("--range", "1,4"), ("--range", "1,4", "--polychoric"), ("--range", "1,4", "--reverse", "a")]
)
def test_value_outside_the_range__is_bad_input(tmp_path: Path, words: tuple[str, ...]) -> None:
    found = errors("reliability", file(tmp_path, CSV), *ITEMS, *words)
    assert [(one["code"], one["row"], one["column"], one["value"]) for one in found] == [
        ("outside_range", 3, "b", "5"),
        ("outside_range", 4, "c", "5"),
        ("outside_range", 5, "a", "5"),
    ]


def test_polychoric__of_answers_between_two_steps__is_bad_input(tmp_path: Path) -> None:
    found = errors(
        "reliability", file(tmp_path, "a,b\n1,2.5\n2,3\n"), "--items", "a,b", "--range", "1,5", "--polychoric"
    )
    assert [(one["code"], one["row"], one["value"]) for one in found] == [("not_whole", 1, "2.5")]


def test_command__in_a_process_of_its_own__prints_utf8_and_ends_with_the_exit_code(tmp_path: Path) -> None:
    python = [sys.executable, "-m", "survey_app.cli.main"]
    good = [*python, "reliability", str(GOLDEN / "attitude.csv"), "--items", ",".join(ATTITUDE), "--json"]
    done = subprocess.run(good, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    bad = [*python, "ranks", str(file(tmp_path, "unit,score\n甲,1\n")), "--json"]
    done = subprocess.run(bad, capture_output=True, check=False)
    assert done.returncode == 2
    assert "缺少“se”列" in done.stdout.decode("utf-8")


def test_help__of_a_command__loads_no_statistics() -> None:
    script = (
        "import sys; from survey_app.cli.statistics import commands\n"
        "commands.reliability.get_help(commands.click.Context(commands.reliability))\n"
        "print(sorted({'numpy', 'pandas', 'scipy', 'statsmodels'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
