"""Cards on paper: what stands on each, and how they lie on A4 sheets of twelve.

Codes pass through here once, from the batch that was just made to the page that is printed; nothing is kept.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from survey_app.admission.operations import Batch
from survey_app.admission.rules import grouped
from survey_app.campaigns.export.symbols import matrices, paths
from survey_app.campaigns.queries.campaigns import CollectorRow

CARDS_A_SHEET = 12
_AUDIENCE_MARKS = {"staff": "工", "service_recipient": "服", "related_department": "部"}


@dataclass(frozen=True)
class Card:
    """One card. `spare` numbers spares from 1 in the order of their activation, None on a card in play."""

    groups: tuple[str, ...]
    symbol: str
    side: int
    spare: int | None


@dataclass(frozen=True)
class Sheet:
    """One A4 page: cards of one door, either all in play or all spare, so that spares can be sealed by themselves."""

    door: CollectorRow
    batch: int
    number: int
    of: int
    spare: bool
    cards: tuple[Card, ...]


def code_groups(code: str) -> tuple[str, ...]:
    """A code in the four groups of four in which it is printed and typed."""
    return tuple(grouped(code).split("-"))


@dataclass(frozen=True)
class PrintedDoor:
    """A door as paper names it. `number` counts places (units, departments) and gives the colour."""

    place: str
    audience: str
    stratum: str | None
    number: int
    mark: str


@dataclass(frozen=True)
class LaidOut:
    """The codes of one sheet; `first` numbers its first card, and with it spares in the order of their activation."""

    codes: Sequence[str]
    number: int
    of: int
    spare: bool
    first: int


def laid_out(codes: Sequence[str], activated: int, cards_a_sheet: int) -> list[LaidOut]:
    """Codes on sheets: first those in play, then the spares, which begin a sheet of their own."""
    parts = [(False, codes[:activated]), (True, codes[activated:])]
    cut = [
        (spare, start + 1, part[start : start + cards_a_sheet])
        for spare, part in parts
        for start in range(0, len(part), cards_a_sheet)
    ]
    return [LaidOut(some, number, len(cut), spare, first) for number, (spare, first, some) in enumerate(cut, start=1)]


def printed_doors(rows: Iterable[CollectorRow]) -> dict[int, PrintedDoor]:
    """How paper names each door of a campaign, by its id. Pass all of them: marks are counted over the campaign."""
    places: dict[tuple[str | None, str | None], int] = {}
    seen: Counter[tuple[int, str]] = Counter()
    found = {}
    for row in rows:
        number = places.setdefault((row.unit_code, row.department_code), len(places))
        seen[number, row.audience] += 1
        # A second stratum or questionnaire of the same people is another pile.
        nth = seen[number, row.audience]
        mark = f"{_AUDIENCE_MARKS[row.audience]}{number + 1:02d}" + (f"-{nth}" if nth > 1 else "")
        found[row.id] = PrintedDoor(row.place, row.audience, row.stratum, number, mark)
    return found


def sheets(door: CollectorRow, batch: Batch, public_url: str) -> Iterator[Sheet]:
    """The sheets of a batch, one at a time: symbols are drawn while the page is being sent."""
    every = laid_out(batch.codes, batch.activated, CARDS_A_SHEET)
    codes = [code for sheet in every for code in sheet.codes]
    drawn = ((path, some.shape[1]) for some in matrices(public_url, codes) for path in paths(some))
    for sheet in every:
        symbols = [next(drawn) for _ in sheet.codes]
        cards = tuple(
            Card(code_groups(code), path, side, sheet.first + position if sheet.spare else None)
            for position, (code, (path, side)) in enumerate(zip(sheet.codes, symbols, strict=True))
        )
        yield Sheet(door, batch.id, sheet.number, sheet.of, sheet.spare, cards)
