"""Files in one zip archive, sent while they are being drawn: nothing waits in memory or on a disk.

Symbols are named by the mark of their pile and a number on it. The server knows marks but no such numbers: what it
stores has no order that a number could be compared with.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import Literal

import numpy as np
from PIL import Image

from survey_app.admission.rules import grouped
from survey_app.campaigns.export.card_pdf import PrintRun
from survey_app.campaigns.export.symbols import Modules, matrices, paths

Picture = Literal["svg", "png"]
# Entries carry no time of their own: it would say when a card was made.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_PIXELS_A_MODULE = 12


def zipped(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The archive, piece by piece."""
    sent = _Sent()
    with zipfile.ZipFile(sent, "w") as archive:
        for name, data in files:
            kind = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, data, compress_type=kind)
            yield sent.taken()
    yield sent.taken()


def symbol_files(runs: Iterable[PrintRun], public_url: str, kind: Picture) -> Iterator[tuple[str, bytes]]:
    """Every symbol as a picture, and a table for those who put pictures and codes together in a layout program."""
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(["file", "code", "place", "audience", "stratum", "spare"])
    for run in runs:
        drawn = (one for some in matrices(public_url, run.codes) for one in _drawn(some, kind))
        for place, (code, picture) in enumerate(zip(run.codes, drawn, strict=True)):
            is_spare = place >= run.activated
            number = place - run.activated + 1 if is_spare else place + 1
            name = f"{run.door.mark}{'-备用' if is_spare else ''}/{number:05d}.{kind}"
            door = [run.door.place, run.door.audience, run.door.stratum or ""]
            rows.writerow([name, grouped(code), *door, number if is_spare else ""])
            yield name, picture
    # With the mark by which Excel knows UTF-8.
    yield "cards.csv", b"\xef\xbb\xbf" + table.getvalue().encode()


def svg(path: str, side: int) -> bytes:
    """One symbol as a whole SVG file."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="40mm" height="40mm" '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
        f'<path stroke="#000" d="{path}"/></svg>\n'
    ).encode()


def _drawn(modules: Modules, kind: Picture) -> Iterator[bytes]:
    if kind == "svg":
        yield from (svg(path, modules.shape[1]) for path in paths(modules))
        return
    fine = np.repeat(np.repeat(~modules, _PIXELS_A_MODULE, axis=1), _PIXELS_A_MODULE, axis=2)
    for one in np.packbits(fine, axis=2):
        picture = Image.frombytes("1", (modules.shape[1] * _PIXELS_A_MODULE,) * 2, one.tobytes())
        target = io.BytesIO()
        picture.save(target, "PNG")
        yield target.getvalue()


class _Sent(io.RawIOBase):
    """Takes what zipfile writes, forwards only, and gives it on."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # zipfile writes bytes only
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        whole = b"".join(self._parts)
        self._parts.clear()
        return whole
