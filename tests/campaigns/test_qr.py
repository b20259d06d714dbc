"""QR symbols: what they hold, and that a reader reads them."""

import io

import pytest
from PIL import Image, ImageDraw
from pyzbar.pyzbar import decode

from survey_app.admission.rules import new_code
from survey_app.campaigns.export import qr


@pytest.mark.parametrize(
    ("public_url", "link", "domain"),
    [
        ("https://pj.example.cn", "HTTPS://PJ.EXAMPLE.CN/Q/0123456789ABCDEF", "pj.example.cn"),
        ("http://127.0.0.1:8000", "HTTP://127.0.0.1:8000/Q/0123456789ABCDEF", "127.0.0.1:8000"),
        # A path tells capitals apart, so nothing of this address is changed.
        ("https://pj.example.cn/Pingyi", "https://pj.example.cn/Pingyi/q/0123456789ABCDEF", "pj.example.cn"),
    ],
)
def test_link__is_in_capitals_where_that_is_the_same_address(public_url: str, link: str, domain: str) -> None:
    assert qr.link(public_url, "0123456789ABCDEF") == link
    assert qr.domain(public_url) == domain


@pytest.mark.parametrize(
    ("public_url", "path"), [("https://pj.example.cn", "/q"), ("https://pj.example.cn/Pingyi", "/Pingyi/q")]
)
def test_typed_address__leads_where_the_symbol_leads(public_url: str, path: str) -> None:
    assert qr.typed_path(public_url) == path
    assert qr.link(public_url, "0123456789ABCDEF").lower().endswith(f"{path}/0123456789ABCDEF".lower())


def test_capitals__save_a_version() -> None:
    code = new_code()
    capitals, small = f"HTTPS://PJ.EXAMPLE.CN/Q/{code}", f"https://pj.example.cn/q/{code}"
    assert len(qr.matrix(capitals)) == 29 + 8
    assert len(qr.matrix(small)) > len(qr.matrix(capitals))


def test_symbol__has_a_quiet_zone_of_four_modules() -> None:
    modules = qr.matrix("HTTPS://PJ.EXAMPLE.CN/Q/0123456789ABCDEF")
    edge = [*modules[:4], *modules[-4:], *([line[:4] for line in modules]), *([line[-4:] for line in modules])]
    assert not any(any(line) for line in edge)
    assert modules[4][4]


def test_path__draws_exactly_the_dark_modules() -> None:
    modules = qr.matrix("HTTPS://PJ.EXAMPLE.CN/Q/0123456789ABCDEF")
    drawn = [[False] * len(modules) for _ in modules]
    for line in qr.path(modules).split("M")[1:]:
        start, *rest = line.split("m")
        place, length = start.split("h")
        column, row = (int(float(number)) for number in place.split())
        for piece in [f"0 0h{length}", *rest]:
            gap, length = piece.split("h")
            column += int(gap.split()[0])
            for _ in range(int(length)):
                drawn[row][column] = True
                column += 1
    assert drawn == modules


@pytest.mark.parametrize("public_url", ["https://pj.example.cn", "http://192.168.1.20:8000", "https://a.cn/survey"])
def test_symbols__are_read_back(public_url: str) -> None:
    for _ in range(20):
        content = qr.link(public_url, new_code())
        (found,) = decode(Image.open(io.BytesIO(qr.png(content))))
        assert found.data.decode() == content


def test_symbol__with_a_coffee_stain__is_still_read() -> None:
    content = qr.link("https://pj.example.cn", new_code())
    picture = Image.open(io.BytesIO(qr.png(content))).convert("L")
    side = picture.width
    ImageDraw.Draw(picture).ellipse([side * 0.52, side * 0.52, side * 0.72, side * 0.72], fill=90)
    (found,) = decode(picture)
    assert found.data.decode() == content
