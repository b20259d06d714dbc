"""Ten thousand cards: their codes made and stored by their hashes, their sheets drawn.

What a sheet needs is compared with making the same symbols by qrcode's own SVG path factory alone, without any sheet:
turn by turn on a sample, and for the whole from the sample's time. `BENCH_CARDS` (10000), `BENCH_SAMPLE` (300).
"""

import os
import tempfile
from statistics import median
from typing import cast

import qrcode
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.image.svg import SvgPathImage

from bench.campaign import make_campaign
from bench.ratios import ratio, seconds, turns
from survey_app.admission.operations import Batch, make_batch
from survey_app.admission.rules import new_code
from survey_app.campaigns.export.cards import sheets
from survey_app.campaigns.export.qr import link, matrix, path
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.config import Config
from survey_app.db import Database

CARDS = int(os.environ.get("BENCH_CARDS", "10000"))
SAMPLE = int(os.environ.get("BENCH_SAMPLE", "300"))
_URL = "https://pj.example.cn"


def run() -> None:
    """The sample turn by turn, then all cards once."""
    sample = [link(_URL, new_code()) for _ in range(SAMPLE)]
    taken = turns(
        {
            "ours": lambda: [path(matrix(content)) for content in sample],
            "qrcode": lambda: [_by_qrcode(content) for content in sample],
        },
        3,
    )
    print(f"  symbols as SVG / qrcode SvgPathImage, {SAMPLE} of each: {ratio(taken['ours'], taken['qrcode'])}")
    size = len(path(matrix(sample[0]))), len(_by_qrcode(sample[0]))
    print(f"  one symbol: {size[0]} bytes of SVG path, against {size[1]} bytes")
    stored, drawn = _all_cards()
    symbols = median(taken["qrcode"]) * CARDS / SAMPLE
    print(f"  {CARDS} codes made and stored / as many symbols by qrcode: {stored / symbols:.4f}")
    print(f"  {CARDS} cards on sheets / as many symbols by qrcode: {drawn / symbols:.3f}")


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
