"""QR symbols of respondent links: level Q, quiet zone of four modules, black on white, no logo.

Links come from the installation's public URL, never from a request. Scheme and host are written in capitals where
that is valid: the symbol then needs only the alphanumeric alphabet and becomes a version smaller. The respondent
routes answer to capitals too.
"""

import io
from itertools import groupby
from urllib.parse import urlsplit

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.util import RE_ALPHA_NUM, QRData

QUIET_ZONE = 4
# One fixed mask: choosing the best of eight costs six times the rest, and readers take any of them.
_MASK = 3
_PIXELS_A_MODULE = 24


def link(public_url: str, code: str) -> str:
    """The address that a symbol holds. A public URL with a path keeps its spelling: paths tell capitals apart."""
    if urlsplit(public_url).path.strip("/"):
        return f"{public_url}/q/{code}"
    return f"{public_url.upper()}/Q/{code}"


def domain(public_url: str) -> str:
    """What people compare with the address bar: host, and port where it is not the usual one."""
    return urlsplit(public_url).netloc.lower()


def typed_path(public_url: str) -> str:
    """What follows the domain where the code is typed by hand."""
    return f"{urlsplit(public_url).path.rstrip('/')}/q"


def matrix(content: str) -> list[list[bool]]:
    """The modules of the symbol, quiet zone included; True is dark."""
    data = content.encode()
    return matrix_of_bytes(data, alphanumeric=is_alphanumeric(data))


def is_alphanumeric(data: bytes) -> bool:
    """Whether the short alphabet of the standard is enough."""
    return RE_ALPHA_NUM.match(data) is not None


def matrix_of_bytes(data: bytes, *, alphanumeric: bool) -> list[list[bool]]:
    """The modules of a symbol whose content is one piece in the mode that is given."""
    symbol = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=QUIET_ZONE, mask_pattern=_MASK)
    symbol.add_data(QRData(data, mode=2 if alphanumeric else 4))  # MODE_ALPHA_NUM, MODE_8BIT_BYTE
    symbol.make(fit=True)
    modules: list[list[bool]] = symbol.get_matrix()
    return modules


def path(modules: list[list[bool]]) -> str:
    """The symbol as one SVG path of horizontal strokes one unit wide: a run of dark modules is `h` and its length."""
    drawn = []
    for row, line in enumerate(modules):
        column, pen = 0, None
        for dark, run in groupby(line):
            length = sum(1 for _ in run)
            if dark:
                drawn.append(f"M{column} {row}.5h{length}" if pen is None else f"m{column - pen} 0h{length}")
                pen = column + length
            column += length
    return "".join(drawn)


def png(content: str) -> bytes:
    """The symbol as a two-colour PNG for posters and chat groups."""
    modules = matrix(content)
    side = len(modules)
    image = Image.new("1", (side, side), 1)
    image.putdata([0 if dark else 1 for line in modules for dark in line])
    target = io.BytesIO()
    image.resize((side * _PIXELS_A_MODULE,) * 2, Image.Resampling.NEAREST).save(target, "PNG", optimize=True)
    return target.getvalue()
