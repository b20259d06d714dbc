"""Results for people: tables on the terminal, Chinese beside English, numbers rounded for reading."""

import unicodedata
from collections.abc import Iterator, Sequence

_GAP = "  "


def number(value: float | None, digits: int = 3) -> str:
    """A number rounded for reading; a dash where there is none."""
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.{digits}f}"


def interval(limits: Sequence[float | None], digits: int = 3) -> str:
    """Two limits; a dash where there are none."""
    lo, hi = limits
    return "–" if lo is None or hi is None else f"[{number(lo, digits)}, {number(hi, digits)}]"


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows of cells, columns one under the other; the first column to the left, the others to the right."""
    if not rows:
        return
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell + " " * (space - width(cell)) if at == 0 else " " * (space - width(cell)) + cell
            for at, (cell, space) in enumerate(zip(row, widths, strict=True))
        )
        yield _GAP.join(cells).rstrip()


def width(text: str) -> int:
    """Columns that a terminal needs: Chinese signs take two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
