"""Ten thousand cards: codes stored by their hashes, symbols as SVG, sheets as a page and as a PDF file.

Symbols are compared with qrcode's own SVG path factory, each symbol one by one; the PDF file with reportlab drawing
the same cards from ready symbols, turn by turn on a sample, and for the whole from the sample's time. reportlab is
spared the Chinese words: it cannot embed this kind of font. Symbols that are not those of segno end the run with an
error; a ratio below its goal is only marked. `BENCH_CARDS` (10000), `BENCH_SAMPLE` (300).
"""

import io
import os
import tempfile
from itertools import groupby
from statistics import median
from typing import Any, cast

import numpy as np
import qrcode
import segno
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.image.svg import SvgPathImage
from reportlab.pdfgen.canvas import Canvas

from bench.campaign import make_campaign
from bench.ratios import against, seconds, turns
from survey_app.admission.operations import Batch, make_batch
from survey_app.admission.rules import grouped, new_code
from survey_app.campaigns.export.card_pdf import Occasion, PrintRun, card_pdf
from survey_app.campaigns.export.cards import PrintedDoor, sheets
from survey_app.campaigns.export.qr import link
from survey_app.campaigns.export.symbols import matrices, paths
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.config import Config
from survey_app.db import Database

CARDS = int(os.environ.get("BENCH_CARDS", "10000"))
SAMPLE = int(os.environ.get("BENCH_SAMPLE", "300"))
_URL = "https://pj.example.cn"
_DOOR = PrintedDoor("云澜市公共资源交易中心", "staff", None, 0, "工01")
_MM = 72 / 25.4
_SYMBOLS_GOAL, _PDF_GOAL = 0.1, 0.25


def run() -> None:
    """Samples turn by turn, then all cards once."""
    codes = [new_code() for _ in range(CARDS)]
    sample = [link(_URL, code) for code in codes[:SAMPLE]]
    _symbols(codes[:1])  # the symbols that qrcode makes for an address are made once, as in a server
    taken = turns({"ours": lambda: _symbols(codes), "qrcode": lambda: [_by_qrcode(one) for one in sample]}, 3)
    scaled = [one * CARDS / SAMPLE for one in taken["qrcode"]]
    found = against(_SYMBOLS_GOAL, taken["ours"], scaled, most=True)
    print(f"  {CARDS} symbols as SVG / qrcode SvgPathImage ({SAMPLE} of it, scaled): {found}")
    check_with_segno(codes)
    ready = np.concatenate(list(matrices(_URL, codes[:SAMPLE])))
    taken = turns({"ours": lambda: _pdf(codes), "reportlab": lambda: _by_reportlab(ready, codes)}, 3)
    scaled = [one * CARDS / SAMPLE for one in taken["reportlab"]]
    words = f"{CARDS} cards as PDF, 24 a page, symbols included / reportlab without them ({SAMPLE}, scaled)"
    print(f"  {words}: {against(_PDF_GOAL, taken['ours'], scaled, most=True)}; {_pdf(codes) / 1e6:.1f} MB")
    stored, drawn = _all_cards()
    symbols = median(seconds(lambda: [_by_qrcode(one) for one in sample]) for _ in range(3)) * CARDS / SAMPLE
    print(f"  {CARDS} codes made and stored / as many symbols by qrcode: {stored / symbols:.4f}")
    print(f"  {CARDS} cards on the page to print / as many symbols by qrcode: {drawn / symbols:.3f}")


def check_with_segno(codes: list[str]) -> None:
    """Raises SystemExit where one of our symbols is not equal to segno's."""
    equal = equal_to_segno(codes)
    print(f"  equal to segno's, module by module: {equal} of {len(codes)}")
    if equal != len(codes):
        raise SystemExit(f"MISSED: {len(codes) - equal} of {len(codes)} symbols are not equal to segno's")


def equal_to_segno(codes: list[str]) -> int:
    """How many of our symbols an encoder that shares nothing with qrcode makes too, with the same mask."""
    ours = (one for some in matrices(_URL, codes) for one in some)
    options: dict[str, Any] = {"error": "q", "mask": 3, "boost_error": False, "micro": False}
    theirs = (segno.make(link(_URL, code), **options).matrix_iter(border=4) for code in codes)
    return sum(
        np.array_equal(np.array([list(row) for row in rows], np.bool_), one)
        for one, rows in zip(ours, theirs, strict=True)
    )


def _symbols(codes: list[str]) -> int:
    return sum(len(paths(some)) for some in matrices(_URL, codes))


def _pdf(codes: list[str]) -> int:
    run = PrintRun(_DOOR, "bench", codes, len(codes))
    return sum(len(piece) for piece in card_pdf(Occasion("云澜市评估", _URL), [run], 24))


def _by_reportlab(modules: np.ndarray, codes: list[str]) -> int:
    target = io.BytesIO()
    canvas = Canvas(target, pageCompression=1)
    for place, (one, code) in enumerate(zip(modules.tolist(), codes, strict=False)):
        if place and place % 24 == 0:
            canvas.showPage()
        x, y = (10.5 + 63 * (place % 3)) * _MM, (285 - 34.5 * (place % 24 // 3)) * _MM
        side = 21.5 * _MM / len(one)
        path = canvas.beginPath()
        for row, line in enumerate(one):
            column = 0
            for dark, group in groupby(line):
                length = sum(1 for _ in group)
                if dark:
                    path.rect(x + column * side, y - (row + 1) * side, length * side, side)
                column += length
        canvas.drawPath(path, stroke=0, fill=1)
        canvas.setFont("Helvetica-Bold", 11)
        canvas.drawString(x + 30 * _MM, y - 10 * _MM, grouped(code)[:9])
        canvas.drawString(x + 30 * _MM, y - 15 * _MM, grouped(code)[10:])
        canvas.setFont("Helvetica", 9)
        canvas.drawString(x + 30 * _MM, y - 20 * _MM, "pj.example.cn/q")
    canvas.save()
    return len(target.getvalue())


def _all_cards() -> tuple[float, float]:
    """Seconds of making and committing the codes, and of drawing every sheet."""
    batches: list[Batch] = []
    with tempfile.TemporaryDirectory(prefix="pingyi-bench-") as folder:
        environment = {"PINGYI_HOME": folder}
        doors = make_campaign(environment, codes=0)
        database = Database(Config.from_environment(environment).database_url)

        def store() -> None:
            with database.writing() as session:
                batches.append(make_batch(session, doors.t1, CARDS, CARDS))
                session.commit()

        stored = seconds(store)
        database.engine.dispose()
    door = cast("CollectorRow", None)  # a sheet carries its door; drawing does not look at it
    drawn = seconds(lambda: sum(len(sheet.cards) for sheet in sheets(door, batches[0], _URL)))
    return stored, drawn


def _by_qrcode(content: str) -> bytes:
    symbol = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=4, image_factory=SvgPathImage)
    symbol.add_data(content)
    image = symbol.make_image()
    drawn: bytes = image.to_string()
    return drawn
