"""Ten thousand symbols at once are the symbols that qrcode makes, and those of an encoder that knows nothing of it."""

import io
import random

import numpy as np
import pytest
import segno
from PIL import Image
from pyzbar.pyzbar import decode

from survey_app.admission.rules import new_code
from survey_app.campaigns.export import archive, qr, symbols

# An even and an odd number of characters before the code, digits, and a path, which needs the alphabet of bytes.
ADDRESSES = [
    "https://pj.example.cn",
    "https://pj2.example.cn",
    "http://192.168.1.20:8000",
    "https://a.cn/survey",
]


def drawn(public_url: str, codes: list[str]) -> symbols.Modules:
    return np.concatenate(list(symbols.matrices(public_url, codes)))


@pytest.mark.parametrize("public_url", ADDRESSES)
def test_symbols__are_those_of_qrcode(public_url: str) -> None:
    codes = ["0" * 16, "Z" * 16, *(new_code() for _ in range(40))]
    for code, modules in zip(codes, drawn(public_url, codes), strict=True):
        assert modules.tolist() == qr.matrix(qr.link(public_url, code)), code


@pytest.mark.parametrize("public_url", ADDRESSES[:3])
def test_all_symbols__are_those_of_an_independent_encoder(public_url: str) -> None:
    # segno fills up symbols whose bits end with a byte in another way, which readers never see; links in capitals
    # do not end there.
    codes = [new_code() for _ in range(700)]
    for code, modules in zip(codes, drawn(public_url, codes), strict=True):
        own = segno.make(qr.link(public_url, code), error="q", mask=3, boost_error=False, micro=False)
        assert np.array_equal(np.array([list(row) for row in own.matrix_iter(border=4)], np.bool_), modules), code


@pytest.mark.parametrize("public_url", ADDRESSES)
def test_paths__are_those_of_one_symbol(public_url: str) -> None:
    modules = drawn(public_url, [new_code() for _ in range(5)])
    assert symbols.paths(modules) == [qr.path(one.tolist()) for one in modules]


def test_symbols_that_differ_from_qrcode__are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_differs(field: object, contents: np.ndarray) -> np.ndarray:
        return np.zeros((len(contents), len(field.bits)), np.float32)  # type: ignore[attr-defined]

    monkeypatch.setattr(symbols._Field, "differing", nothing_differs)
    with pytest.raises(symbols.SymbolsDiffer):
        list(symbols.matrices("https://only-here.example.cn", [new_code()]))


def test_set__whose_own_codes_differ_after_good_ones__leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    address = "https://good-at-first.example.cn"
    drawn(address, [new_code()])
    basis = symbols._basis(address)
    monkeypatch.setattr(basis, "_base", ~basis._base)
    with pytest.raises(symbols.SymbolsDiffer):
        next(symbols.matrices(address, [new_code() for _ in range(600)]))


def test_a_sample__is_read_back() -> None:
    codes = [new_code() for _ in range(600)]
    modules = drawn(ADDRESSES[0], codes)
    chosen = random.Random(4).sample(range(600), 25)
    for number, picture in zip(chosen, archive._drawn(modules[chosen], "png"), strict=True):
        (found,) = decode(Image.open(io.BytesIO(picture)))
        assert found.data.decode() == qr.link(ADDRESSES[0], codes[number])
