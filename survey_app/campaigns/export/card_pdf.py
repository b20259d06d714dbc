"""Cards as a PDF file: a sheet of instructions, then A4 sheets of 12 or 24 cards with cut marks, spares on their own.

What cards of one door share is drawn once and repeated; a card adds its symbol and its code. Every card carries a
mark by which cut cards are put in order: colour and number say whose it is, shape and word which audience.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from survey_app.campaigns.export import qr
from survey_app.campaigns.export.cards import LaidOut, PrintedDoor, code_groups, laid_out
from survey_app.campaigns.export.pdf import A4, MM, Document, Drawing, Font, pictures
from survey_app.campaigns.export.symbols import matrices
from survey_app.web.language import translations

CardsAPage = Literal[12, 24]
Colour = tuple[int, int, int]

_LEFT, _TOP, _COLUMNS, _WIDE, _HIGH = 10.5, 12.0, 3, 63.0, 276.0
# Told apart by people who see no red or no green (Okabe and Ito 2008).
_COLOURS: tuple[Colour, ...] = (
    (0, 114, 178), (230, 159, 0), (0, 158, 115), (204, 121, 167),
    (86, 180, 233), (213, 94, 0), (240, 228, 66), (120, 120, 120),
)  # fmt: skip
_PIECES = {"staff": 1, "service_recipient": 2, "related_department": 3}


@dataclass(frozen=True)
class PrintRun:
    """The codes of one door that are printed together. `label` names the batch on every sheet."""

    door: PrintedDoor
    label: str
    codes: Sequence[str]
    activated: int


@dataclass(frozen=True)
class Occasion:
    """What stands on the sheet of instructions and on every card, whatever its door."""

    title: str
    public_url: str
    language: str = "zh"
    demo: bool = False
    made_on: date | None = None


def card_pdf(
    occasion: Occasion, runs: Sequence[PrintRun], cards_a_page: CardsAPage, font_file: Path | None = None
) -> Iterator[bytes]:
    """The file, page by page. Raises CharactersMissing and NoSuchFont before the first byte."""
    font = Font(font_file)
    font.require([occasion.title, *(text for run in runs for text in (run.door.place, run.door.stratum or ""))])
    return _pages(occasion, runs, _SHAPES[cards_a_page], font)


def _pages(occasion: Occasion, runs: Sequence[PrintRun], shape: "_Shape", font: Font) -> Iterator[bytes]:
    sheet = _Sheet(occasion, shape, font, Document(font))
    yield sheet.document.begin()
    yield sheet.guide(runs)
    for run in runs:
        yield from sheet.run(run)
    yield sheet.document.end()


class _Sheet:
    def __init__(self, occasion: Occasion, shape: "_Shape", font: Font, document: Document) -> None:
        self._occasion, self._shape, self._font, self.document = occasion, shape, font, document
        self._ = translations(occasion.language).gettext
        self._domain = qr.domain(occasion.public_url)
        self._path = qr.typed_path(occasion.public_url)

    def guide(self, runs: Sequence[PrintRun]) -> bytes:
        """The sheet that goes with the cards: how they are cut, sealed, shuffled and drawn."""
        _, page = self._, self._blank()
        cards, spares = sum(len(run.codes) for run in runs), sum(len(run.codes) - run.activated for run in runs)
        y = 24.0
        if self._occasion.demo:
            page.text(20, y, _("演示数据"), 13, bold=True)
            y += 9
        page.text(20, y, _("发卡说明"), 22, bold=True)
        y = page.paragraph(20, y + 11, self._occasion.title, 13, 170, leading=7)
        made = _("共 %(cards)s 张卡片，其中备用 %(spares)s 张。填答码只显示这一次。")
        y = page.paragraph(20, y, made % {"cards": cards, "spares": spares}, 11, 170, leading=6.5) + 4
        for number, step in enumerate(self._steps(), start=1):
            page.text(20, y, f"{number}.", 12)
            y = page.paragraph(28, y, step, 12, 160, leading=7) + 2.5
        page.text(20, y + 4, _("分拣标记"), 13, bold=True)
        pieces = _("色条一段为工作人员，两段为管理服务对象，三段为相关部门。")
        page.paragraph(20, y + 11, _("颜色和数字表示单位或部门，首字表示人群。") + pieces, 11, 170, leading=6.5)
        return self.document.page(page)

    def run(self, run: PrintRun) -> Iterator[bytes]:
        """Every sheet of one door."""
        names = {}
        for spare in (False, True):
            names[spare], sent = self.document.piece(self._shared(run.door, spare=spare))
            yield sent
        for sheet, drawn in _with_symbols(laid_out(run.codes, run.activated, self._shape.cards), self._occasion):
            yield self.document.page(self._page(run, sheet, names[sheet.spare], drawn))

    def _page(self, run: PrintRun, sheet: LaidOut, shared: bytes, drawn: Sequence[bytes]) -> Drawing:
        page, shape = self._blank(), self._shape
        running = [run.door.place, self._audience(run.door), run.door.stratum, run.label, f"{sheet.number}/{sheet.of}"]
        running += [self._("备用")] if sheet.spare else []
        page.text(_LEFT + 1, 8, self._font.wrapped(" · ".join(filter(None, running)), 7.5, 530)[0], 7.5)
        self._cut_marks(page)
        for place, (code, picture) in enumerate(zip(sheet.codes, drawn, strict=True)):
            x, y = _LEFT + place % _COLUMNS * _WIDE, _TOP + place // _COLUMNS * shape.high
            page.piece(x, y, shared)
            page.symbol(x + shape.symbol_at[0], y + shape.symbol_at[1], shape.symbol, picture)
            for line, groups in enumerate(shape.code_lines(code_groups(code))):
                foot = y + shape.code_at[1] + line * shape.code_leading
                page.text(x + shape.code_at[0], foot, groups, shape.code_size, bold=True, middle=True, apart=0.6)
            if sheet.spare:
                number = f"{self._('备用')} {sheet.first + place}"
                page.text(x + shape.spare_at[0], y + shape.spare_at[1], number, 7.5, bold=True)
        return page

    def _shared(self, door: PrintedDoor, *, spare: bool) -> Drawing:
        card, shape, _ = self._blank(), self._shape, self._
        colour = _COLOURS[door.number % len(_COLOURS)]
        pieces = _PIECES[door.audience]
        for piece in range(pieces):
            length = (shape.high - 6) / pieces
            card.box(1.0, 3 + piece * length, 1.6, length - (1.5 if pieces > 1 else 0), colour)
        wide = self._font.width(door.mark, 9) / MM + 2
        card.box(60.5 - wide, 2.5, wide, 4.6, None)
        card.text(60.5 - wide / 2, 5.9, door.mark, 9, bold=True, middle=True)
        y = 5.6
        for line in self._font.wrapped(door.place, 8.5, (55 - wide) * MM)[: shape.name_lines]:
            card.text(3.8, y, line, 8.5, bold=True)
            y += 3.4
        words = [self._audience(door), door.stratum, _("演示数据") if self._occasion.demo else None]
        card.text(3.8, y, self._font.wrapped(" · ".join(filter(None, words)), 7, shape.audience_wide * MM)[0], 7)
        card.text(shape.code_at[0], shape.code_at[1] - shape.label_above, _("填答码"), 7, middle=True)
        if spare:
            card.box(shape.spare_at[0] - 1, shape.spare_at[1] - 3.1, 13, 4.2, None)
        self._address(card)
        line = _("扫码，或打开上面的网址输入填答码。不需要登录，不需要关注；要求登录或关注的都不是本问卷。")
        card.paragraph(3.8, shape.line_at, line, shape.line_size, 57.5, leading=shape.line_size * 0.44)
        return card

    def _address(self, card: Drawing) -> None:
        shape, whole = self._shape, self._domain + self._path
        size = min(shape.domain_size, shape.domain_wide * MM / self._font.width(whole, 1))
        card.text(*shape.domain_at, whole, size, bold=True, middle=True)

    def _cut_marks(self, page: Drawing) -> None:
        right, bottom = _LEFT + _COLUMNS * _WIDE, _TOP + _HIGH
        for column in range(_COLUMNS + 1):
            x = _LEFT + column * _WIDE
            page.line(x, _TOP - 2.8, x, _TOP - 0.6)
            page.line(x, bottom + 0.6, x, bottom + 3.2)
            page.line(x, _TOP, x, bottom, dashed=True)
        for row in range(self._shape.rows + 1):
            y = _TOP + row * self._shape.high
            page.line(_LEFT - 3.2, y, _LEFT - 0.6, y)
            page.line(right + 0.6, y, right + 3.2, y)
            page.line(_LEFT, y, right, y, dashed=True)

    def _audience(self, door: PrintedDoor) -> str:
        return audience_words(self._)[door.audience]

    def _blank(self) -> Drawing:
        return Drawing(self._font, A4[1])

    def _steps(self) -> Iterable[str]:
        _ = self._
        yield _("核对张数，由两人在场沿虚线剪开。")
        yield _("每张卡片装入不透明的同样的信封，封口，信封上不写字。")
        yield _("同一个投放的信封放在一起打乱；不同投放（单位、人群、分层、部门）不能混放。")
        yield _("发放时信封面朝下摆开，由本人自己抽取一个。任何人不得代抽，不得登记谁拿了哪一个。")
        yield _("不得拍照、复印或扫描卡片；不得要求填答人出示、交还卡片或当场填写。")
        yield _("没有发完的信封不拆，当天收回，在“卡片登记”中登记收回张数。")
        yield _("标有“备用”的卡片未启用，另行密封，由专人保管；需要时由一人申请、另一人批准后才能启用。")
        yield _("打印完成并核对后，删除本文件，清空回收站和打印机的作业记录；不得另存、发送。")
        address = _("卡片上的网址是 %(domain)s。填答不需要登录，不需要关注公众号，不收集姓名和电话。")
        yield address % {"domain": self._domain}


def audience_words(_: Callable[[str], str]) -> dict[str, str]:
    """What an audience is called on paper."""
    return {
        "staff": _("工作人员"),
        "service_recipient": _("管理服务对象"),
        "related_department": _("相关部门"),
    }


def _with_symbols(sheets: Iterable[LaidOut], occasion: Occasion) -> Iterator[tuple[LaidOut, list[bytes]]]:
    """Each sheet with its symbols; they are made some hundreds at a time, whatever a sheet holds."""
    every = list(sheets)
    drawn = (
        picture
        for some in matrices(occasion.public_url, [code for sheet in every for code in sheet.codes])
        for picture in pictures(some)
    )
    for sheet in every:
        yield sheet, [next(drawn) for _ in sheet.codes]


@dataclass(frozen=True)
class _Shape:
    """Where things stand on a card of 63 mm by `high`; lengths are millimetres from its top left corner."""

    cards: int
    name_lines: int
    symbol: float
    symbol_at: tuple[float, float]
    code_at: tuple[float, float]  # the middle of the code, the foot of its first line
    code_size: float
    code_leading: float
    groups_a_line: int
    label_above: float
    spare_at: tuple[float, float]
    audience_wide: float
    domain_at: tuple[float, float]  # its middle and foot
    domain_wide: float
    domain_size: float
    line_at: float
    line_size: float

    @property
    def rows(self) -> int:
        return self.cards // _COLUMNS

    @property
    def high(self) -> float:
        return _HIGH / self.rows

    def code_lines(self, groups: Sequence[str]) -> Iterator[str]:
        """The groups of a code as they stand under each other."""
        for start in range(0, len(groups), self.groups_a_line):
            yield " ".join(groups[start : start + self.groups_a_line])


_SHAPES: dict[CardsAPage, _Shape] = {
    12: _Shape(
        cards=12, name_lines=2, symbol=34, symbol_at=(3.2, 14.5), code_at=(48.5, 26), code_size=14, code_leading=6.4,
        groups_a_line=1, label_above=6, spare_at=(43, 16.2), audience_wide=55, domain_at=(32.5, 54.5), domain_wide=57,
        domain_size=14, line_at=60, line_size=7,
    ),
    24: _Shape(
        cards=24, name_lines=1, symbol=21.5, symbol_at=(3.0, 9.3), code_at=(43.2, 19.2), code_size=11.5,
        code_leading=5, groups_a_line=2, label_above=4.6, spare_at=(48.5, 11), audience_wide=42, domain_at=(43.2, 29),
        domain_wide=36, domain_size=10, line_at=31.6, line_size=5,
    ),
}  # fmt: skip
