"""Ten thousand codes with their hashes, and the printable sheets of ten thousand cards.

The sheets are compared with making the same symbols by qrcode's own SVG path factory alone, without any sheet, on a
sample. `BENCH_CARDS` (10000), `BENCH_SAMPLE` (300).
"""

import os
from statistics import median

import qrcode
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.image.svg import SvgPathImage

from bench.ratios import ratio, turns
from survey_app.admission.rules import code_hash, new_code
from survey_app.campaigns.export.qr import link, matrix, path

CARDS = int(os.environ.get("BENCH_CARDS", "10000"))
SAMPLE = int(os.environ.get("BENCH_SAMPLE", "300"))
_URL = "https://pj.example.cn"


def run() -> None:
    """Take turns on the sample; say what the whole comes to."""
    codes = [new_code() for _ in range(CARDS)]
    sample = [link(_URL, code) for code in codes[:SAMPLE]]
    taken = turns(
        {
            "codes": lambda: [code_hash(new_code()) for _ in range(CARDS)],
            "ours": lambda: [path(matrix(content)) for content in sample],
            "qrcode": lambda: [_by_qrcode(content) for content in sample],
        },
        3,
    )
    made, drawn = median(taken["codes"]), median(taken["ours"]) * CARDS / SAMPLE
    print(f"  {CARDS} codes with hashes against one symbol each: {made / drawn:.5f} of the time")
    print(f"  symbols as SVG / qrcode SvgPathImage, {SAMPLE} of each: {ratio(taken['ours'], taken['qrcode'])}")
    size = len(path(matrix(sample[0]))), len(_by_qrcode(sample[0]))
    print(f"  one symbol: {size[0]} bytes of SVG path, against {size[1]} bytes")


def _by_qrcode(content: str) -> bytes:
    symbol = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=4, image_factory=SvgPathImage)
    symbol.add_data(content)
    image = symbol.make_image()
    drawn: bytes = image.to_string()
    return drawn
