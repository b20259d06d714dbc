"""Cards as a PDF file, as a printer gets it: rasterised by poppler, cut along its marks, read by zbar."""

import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from pyzbar.pyzbar import decode

from survey_app.admission.rules import draw
from survey_app.campaigns.export import qr
from survey_app.campaigns.export.archive import symbol_files, zipped
from survey_app.campaigns.export.card_pdf import CardsAPage, Occasion, PrintRun, card_pdf
from survey_app.campaigns.export.cards import PrintedDoor
from survey_app.campaigns.export.pdf import CharactersMissing, NoSuchFont

_DPI = 130
URL = "https://pj.example.cn"
STAFF = PrintedDoor("云澜市公共资源交易中心", "staff", None, 0, "工01")
FIRMS = PrintedDoor("云澜市文化市场综合行政执法支队直属第三大队（筹）", "service_recipient", "个体工商户", 3, "服04")
OCCASION = Occasion("云澜市公益类事业单位2026年度第三方评估", URL)


def run_of(door: PrintedDoor, cards: int, activated: int) -> PrintRun:
    return PrintRun(door, "制卡 ab12cd34", draw(cards, activated), activated)


def written(folder: Path, runs: list[PrintRun], cards_a_page: CardsAPage, **how: object) -> Path:
    path = folder / "cards.pdf"
    path.write_bytes(b"".join(card_pdf(OCCASION, runs, cards_a_page, **how)))  # type: ignore[arg-type]
    return path


def told(program: str, *arguments: str) -> str:
    found = shutil.which(program)
    assert found, f"{program} is missing: apt-get install poppler-utils"
    result = subprocess.run([found, *arguments], check=True, capture_output=True, text=True)
    assert result.stderr == ""
    return result.stdout


def cut(pdf: Path, page: int, cards_a_page: int) -> list[list[str]]:
    """What zbar reads on each card of a page."""
    told("pdftoppm", "-r", str(_DPI), "-gray", "-f", str(page), "-l", str(page), "-singlefile", str(pdf), str(pdf))
    picture, millimetre = Image.open(f"{pdf}.pgm"), _DPI / 25.4
    high = 276 / (cards_a_page // 3)
    found = []
    for place in range(cards_a_page):
        left, top = 10.5 + 63 * (place % 3), 12 + high * (place // 3)
        box = [round(edge * millimetre) for edge in (left, top, left + 63, top + high)]
        card = picture.crop((box[0], box[1], box[2], box[3]))
        found.append([symbol.data.decode() for symbol in decode(card)])
    return found


@pytest.mark.parametrize("cards_a_page", [12, 24])
def test_every_card__holds_its_own_symbol_and_code__and_spares_begin_a_sheet(
    tmp_path: Path, cards_a_page: CardsAPage
) -> None:
    runs = [run_of(STAFF, 20, 14), run_of(FIRMS, 3, 3)]
    pdf = written(tmp_path, runs, cards_a_page)
    sheets = {12: [(0, 0, 12), (0, 12, 14), (0, 14, 20), (1, 0, 3)], 24: [(0, 0, 14), (0, 14, 20), (1, 0, 3)]}
    for page, (run, start, stop) in enumerate(sheets[cards_a_page], start=2):
        codes = runs[run].codes[start:stop]
        links = [[qr.link(URL, code)] for code in codes]
        assert cut(pdf, page, cards_a_page) == links + [[]] * (cards_a_page - len(codes))
        text = told("pdftotext", "-f", str(page), "-l", str(page), "-raw", str(pdf), "-")
        for code in codes:
            assert code in text.replace(" ", "").replace("\n", "")
        assert text.count(runs[run].door.mark) == len(codes)
        assert ("备用 1" in text) == (start == 14 and run == 0)
        assert "pj.example.cn/q" in text
        assert "不需要登录" in text.replace("\n", "")
    assert f"Pages:           {len(sheets[cards_a_page]) + 1}" in told("pdfinfo", str(pdf))


def test_first_page__says_how_cards_are_sealed_shuffled_and_drawn(tmp_path: Path) -> None:
    pdf = written(tmp_path, [run_of(STAFF, 5, 4)], 12)
    guide = told("pdftotext", "-l", "1", str(pdf), "-").replace("\n", "")
    for step in ("封口", "打乱", "本人自己抽取", "备用", "删除本文件", "5 张", "一段为工作人员"):
        assert step in guide, step


def test_font__is_embedded_and_only_the_characters_that_are_used(tmp_path: Path) -> None:
    pdf = written(tmp_path, [run_of(STAFF, 5, 5)], 12)
    (line,) = told("pdffonts", str(pdf)).splitlines()[2:]
    assert line.split()[-5:-2] == ["yes", "yes", "yes"]  # embedded, a part, with its map to Unicode
    assert pdf.stat().st_size < 100_000
    words = [bytes("云澜市", "utf-8"), b"CreationDate", b"Producer"]
    assert not any(word in pdf.read_bytes() for word in words)


def test_thousand_cards__are_small_and_stream_page_by_page() -> None:
    pieces = list(card_pdf(OCCASION, [run_of(STAFF, 1000, 1000)], 24))
    assert len(pieces) > 1000 // 24
    assert sum(map(len, pieces)) < 1_000_000


def test_characters_that_the_font_lacks__are_named_before_anything_is_made() -> None:
    rare = PrintedDoor("𠮷野家𪚥", "staff", None, 0, "工01")
    with pytest.raises(CharactersMissing) as refused:
        card_pdf(OCCASION, [run_of(rare, 1, 1)], 12)
    assert "𠮷 𪚥" in refused.value.message("zh")
    assert "--font" in refused.value.message("en")


def test_font_file_that_is_none__is_said(tmp_path: Path) -> None:
    (tmp_path / "font.otf").write_bytes(b"no font")
    for name in ("font.otf", "nothing.ttf"):
        with pytest.raises(NoSuchFont):
            card_pdf(OCCASION, [run_of(STAFF, 1, 1)], 12, tmp_path / name)


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_archive__has_a_picture_for_every_card__and_says_nothing_of_time(tmp_path: Path, kind: str) -> None:
    run = run_of(STAFF, 5, 3)
    path = tmp_path / "symbols.zip"
    path.write_bytes(b"".join(zipped(symbol_files([run], URL, kind))))  # type: ignore[arg-type]
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        names = [f"工01/0000{n}.{kind}" for n in (1, 2, 3)] + [f"工01-备用/0000{n}.{kind}" for n in (1, 2)]
        assert archive.namelist() == [*names, "cards.csv"]
        rows = archive.read("cards.csv").decode("utf-8-sig").split()
        for name, code, row in zip(names, run.codes, rows[1:], strict=True):
            assert row.startswith(f"{name},{code[:4]}-")
        if kind == "png":
            (found,) = decode(Image.open(io.BytesIO(archive.read(names[4]))))
            assert found.data.decode() == qr.link(URL, run.codes[4])
        else:
            assert archive.read(names[0]).count(b"<path") == 2
