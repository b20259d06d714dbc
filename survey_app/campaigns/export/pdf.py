"""A small writer of PDF files for sheets of cards: pages of text, lines and symbols in one embedded font.

Pages leave as they are drawn, so a sheet of ten thousand cards is never whole in memory or on a disk. Of the font the
file holds the characters that it uses. No date, name or program stands in the file: two runs differ in their codes.
"""

import io
import re
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from fontTools import subset
from fontTools.ttLib import TTFont, TTLibError

from survey_app.campaigns.export.symbols import Modules
from survey_app.errors import AppError

MM = 72 / 25.4
A4 = (210.0, 297.0)
_LEVEL = 1  # symbols hardly shrink further, and ten thousand of them take time
_CATALOG, _PAGES, _RESOURCES, _FONT, _FIRST_FREE = 1, 2, 3, 4, 5
_NOT_AT_START = frozenset("，。；：、！？）》」』”’,.;:!?)")
# Modules are drawn four by four, so that viewers that smooth pictures smooth next to nothing; half bytes of a picture
# are then all zeroes or all ones, and the operator that ends it cannot occur inside.
_FINER = 4
_CID = re.compile(r"cid(\d+)")


class NoSuchFont(AppError):
    """The font file cannot be used."""

    code, status = "no_such_font", 422
    zh = "无法使用字体文件 {path}。请指定一个 TrueType 或 OpenType 字体文件（.ttf、.otf、.ttc）。"
    en = "The font file {path} cannot be used. Give a TrueType or OpenType font (.ttf, .otf, .ttc)."


class CharactersMissing(AppError):
    """A name holds characters that the font has not got."""

    code, status = "characters_missing", 422
    zh = "字体里没有这些字：{characters}。请指定含有它们的字体文件（命令行 --font，服务器 PINGYI_FONT），再试一次。"
    en = (
        "The font has not got these characters: {characters}. Name a font file that has them "
        "(--font on the command line, PINGYI_FONT on the server) and try again."
    )


def own_font() -> Path:
    """The font that travels with the program."""
    return Path(__file__).parents[1] / "fonts" / "PingyiSans.otf"


class Font:
    """One font face: measures and encodes text, remembers what was used, and gives the part of itself that was."""

    def __init__(self, path: Path | None = None) -> None:
        path = path or own_font()
        try:
            self._file = path.read_bytes()
            self._face: Any = TTFont(io.BytesIO(self._file), fontNumber=0, lazy=True)
            self._names: dict[int, str] = self._face.getBestCmap()
        except (OSError, TTLibError):
            raise NoSuchFont(path=path) from None
        self._per_em = self._face["head"].unitsPerEm
        self.is_cff = "CFF " in self._face
        self._by_cid = self.is_cff and hasattr(self._face["CFF "].cff[0], "ROS")
        self._known: dict[str, tuple[int, float]] = {}

    def width(self, text: str, size: float) -> float:
        """How wide a line is, in points."""
        return sum(self._glyph(sign)[1] for sign in text) * size / 1000

    def encoded(self, text: str) -> bytes:
        """The text as a string of the content stream."""
        return b"<" + b"".join(b"%04X" % self._glyph(sign)[0] for sign in text) + b">"

    def require(self, texts: Iterable[str]) -> None:
        """Raises CharactersMissing, which names every missing character, before anything is drawn."""
        missing = {sign for text in texts for sign in text if ord(sign) not in self._names}
        if missing:
            raise CharactersMissing(characters=" ".join(sorted(missing)))

    def wrapped(self, text: str, size: float, width: float) -> list[str]:
        """Lines no wider than `width` points: broken between Chinese characters and between words."""
        lines, line = [], ""
        for piece in re.findall(r"[\x21-\x7e]+ ?|.", text):
            if line and self.width((line + piece).rstrip(), size) > width and piece not in _NOT_AT_START:
                lines.append(line.rstrip())
                line = ""
            line += piece
        return [*lines, line.rstrip()]

    def objects(self) -> list[bytes]:
        """The font dictionary and what it refers to by `%d`: descendant, descriptor, file, map to Unicode."""
        used = sorted(self._known.values())
        name = b"PINGYI+Cards"
        kind = b"/CIDFontType0" if self.is_cff else b"/CIDFontType2"
        widths = b" ".join(b"%d [%d]" % (code, round(width)) for code, width in used)
        head, hhea = self._face["head"], self._face["hhea"]
        box = [
            round(value * 1000 / self._per_em)
            for value in (head.xMin, head.yMin, head.xMax, head.yMax, hhea.ascent, hhea.descent)
        ]
        return [
            b"<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%%d 0 R]/ToUnicode %%d 0 R>>"
            % name,
            b"<</Type/Font/Subtype%s/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
            b"%s/FontDescriptor %%d 0 R/DW 1000/W[%s]>>"
            % (kind, name, b"" if self.is_cff else b"/CIDToGIDMap/Identity", widths),
            b"<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[%d %d %d %d]/ItalicAngle 0/Ascent %d/Descent %d"
            b"/CapHeight 733/StemV 80/%s %%d 0 R>>" % (name, *box, b"FontFile3" if self.is_cff else b"FontFile2"),
            _stream(self._part(), b"/Subtype/CIDFontType0C" if self.is_cff else b""),
            _stream(self._to_unicode()),
        ]

    def _glyph(self, sign: str) -> tuple[int, float]:
        known = self._known.get(sign)
        if known is None:
            name = self._names.get(ord(sign))
            if name is None:
                raise CharactersMissing(characters=sign)
            cid = _CID.fullmatch(name) if self._by_cid else None
            code = int(cid[1]) if cid else self._face.getGlyphID(name)
            known = code, self._face["hmtx"][name][0] * 1000 / self._per_em
            self._known[sign] = known
        return known

    def _part(self) -> bytes:
        options = subset.Options(
            hinting=False, notdef_outline=True, layout_features=[], name_IDs=[], retain_gids=not self._by_cid
        )
        options.drop_tables += ["BASE", "DSIG", "GPOS", "GSUB", "VORG", "vhea", "vmtx", "OS/2", "post", "cmap"]
        face: Any = TTFont(io.BytesIO(self._file), fontNumber=0)
        part = subset.Subsetter(options)
        part.populate(glyphs=[self._names[ord(sign)] for sign in self._known])
        part.subset(face)
        if self.is_cff:
            compiled: bytes = face["CFF "].compile(face)
            return compiled
        target = io.BytesIO()
        face.save(target)
        return target.getvalue()

    def _to_unicode(self) -> bytes:
        pairs = [
            b"<%04X><%s>" % (code, sign.encode("utf-16-be").hex().encode())
            for sign, (code, _width) in sorted(self._known.items())
        ]
        blocks = b"".join(
            b"%d beginbfchar\n%s\nendbfchar\n" % (len(some), b"\n".join(some))
            for some in (pairs[start : start + 100] for start in range(0, len(pairs), 100))
        )
        return (
            b"/CIDInit/ProcSet findresource begin 12 dict begin begincmap/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)"
            b"/Supplement 0>>def/CMapName/Adobe-Identity-UCS def/CMapType 2 def\n"
            b"1 begincodespacerange<0000><FFFF>endcodespacerange\n%s"
            b"endcmap CMapName currentdict/CMap defineresource pop end end" % blocks
        )


class Drawing:
    """What a page or a repeated piece shows. Lengths are millimetres from the top left; sizes of text are points."""

    def __init__(self, font: Font, height: float) -> None:
        self._font, self._height = font, height
        self._parts: list[bytes] = []

    @property
    def content(self) -> bytes:
        """The content stream."""
        return b"\n".join(self._parts)

    def text(
        self, x: float, y: float, text: str, size: float, *, bold: bool = False, middle: bool = False, apart: float = 0
    ) -> None:
        """One line with its foot at `y`; `middle`: x is its middle; `apart`: points between characters."""
        if middle:
            x -= (self._font.width(text, size) + apart * (len(text) - 1)) / 2 / MM
        # The font has one weight: bold letters are drawn with a thin outline.
        weight = b"2 Tr %.2f w " % (size * 0.035) if bold else b"0 Tr "
        self._parts.append(
            b"BT /T %.1f Tf %.2f Tc %s%.2f %.2f Td %s Tj ET"
            % (size, apart, weight, x * MM, (self._height - y) * MM, self._font.encoded(text))
        )

    def paragraph(self, x: float, y: float, text: str, size: float, width: float, *, leading: float) -> float:
        """Lines within `width`, the first with its foot at `y`; returns where the next would stand."""
        for line in self._font.wrapped(text, size, width * MM):
            self.text(x, y, line, size)
            y += leading
        return y

    def line(self, x: float, y: float, to_x: float, to_y: float, *, dashed: bool = False) -> None:
        """A hairline; dashed ones are grey."""
        style = b"[2 2] 0 d 0.6 G" if dashed else b"[] 0 d 0 G"
        ends = (x * MM, (self._height - y) * MM, to_x * MM, (self._height - to_y) * MM)
        self._parts.append(b"q %s 0.35 w %.2f %.2f m %.2f %.2f l S Q" % (style, *ends))

    def box(self, x: float, y: float, width: float, height: float, colour: tuple[int, int, int] | None) -> None:
        """A rectangle filled with a colour, or without one its outline."""
        sides = (x * MM, (self._height - y - height) * MM, width * MM, height * MM)
        if colour is None:
            self._parts.append(b"q 0 G 0.7 w %.2f %.2f %.2f %.2f re S Q" % sides)
        else:
            tone = b" ".join(b"%.3f" % (part / 255) for part in colour)
            self._parts.append(b"q %s rg %.2f %.2f %.2f %.2f re f Q" % (tone, *sides))

    def symbol(self, x: float, y: float, side: float, picture: bytes) -> None:
        """A symbol out of `pictures`."""
        at = (side * MM, side * MM, x * MM, (self._height - y - side) * MM)
        self._parts.append(b"q %.2f 0 0 %.2f %.2f %.2f cm %s Q" % (*at, picture))

    def piece(self, x: float, y: float, name: bytes) -> None:
        """A repeated piece, by the name that `Document.piece` gave it, with its top left corner here."""
        self._parts.append(b"q 1 0 0 1 %.2f %.2f cm /%s Do Q" % (x * MM, -y * MM, name))


def pictures(modules: Modules) -> list[bytes]:
    """Symbols as one-colour pictures inside the content stream."""
    side = modules.shape[1] * _FINER
    fine = np.repeat(np.repeat(modules, _FINER, axis=1), _FINER, axis=2)
    packed = np.packbits(fine, axis=2)
    head = b"BI /W %d /H %d /IM true /D [1 0] ID " % (side, side)
    return [head + one.tobytes() + b"\nEI" for one in packed]


class Document:
    """The file, object by object. Every method gives the bytes to send next; `end` gives the last of them."""

    def __init__(self, font: Font) -> None:
        self._font = font
        self._sent = 0
        self._places: dict[int, int] = {}
        self._next = _FIRST_FREE
        self._kids: list[int] = []
        self._pieces: list[int] = []

    def begin(self) -> bytes:
        """The first line; its second one says that this is no text."""
        return self._out(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")

    def piece(self, drawing: Drawing) -> tuple[bytes, bytes]:
        """A piece that pages repeat: its name, and the bytes to send. It has the size of a page."""
        number = self._number()
        self._pieces.append(number)
        box = b"/Type/XObject/Subtype/Form/BBox[0 0 %.2f %.2f]/Resources %d 0 R" % (A4[0] * MM, A4[1] * MM, _RESOURCES)
        return b"P%d" % number, self._object(number, _stream(drawing.content, box))

    def page(self, drawing: Drawing) -> bytes:
        """An A4 page."""
        content, page = self._number(), self._number()
        self._kids.append(page)
        return self._object(content, _stream(drawing.content)) + self._object(
            page,
            b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 %.2f %.2f]/Resources %d 0 R/Contents %d 0 R>>"
            % (_PAGES, A4[0] * MM, A4[1] * MM, _RESOURCES, content),
        )

    def end(self) -> bytes:
        """The font, the lists of pages and pieces, and the table of places."""
        font, descendant, descriptor, file, unicode = self._font.objects()
        numbers = [self._number() for _ in range(4)]
        pieces = b"".join(b"/P%d %d 0 R" % (number, number) for number in self._pieces)
        kids = b" ".join(b"%d 0 R" % number for number in self._kids)
        out = b"".join(
            (
                self._object(_FONT, font % (numbers[0], numbers[3])),
                self._object(numbers[0], descendant % numbers[1]),
                self._object(numbers[1], descriptor % numbers[2]),
                self._object(numbers[2], file),
                self._object(numbers[3], unicode),
                self._object(_RESOURCES, b"<</Font<</T %d 0 R>>/XObject<<%s>>>>" % (_FONT, pieces)),
                self._object(_PAGES, b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(self._kids), kids)),
                self._object(_CATALOG, b"<</Type/Catalog/Pages %d 0 R>>" % _PAGES),
            )
        )
        places = b"".join(b"%010d 00000 n \n" % self._places[number] for number in range(1, self._next))
        table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (self._next, places)
        trailer = b"trailer<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (self._next, _CATALOG, self._sent)
        return out + table + trailer

    def _number(self) -> int:
        self._next += 1
        return self._next - 1

    def _object(self, number: int, body: bytes) -> bytes:
        self._places[number] = self._sent
        return self._out(b"%d 0 obj\n%s\nendobj\n" % (number, body))

    def _out(self, data: bytes) -> bytes:
        self._sent += len(data)
        return data


def _stream(content: bytes, entries: bytes = b"") -> bytes:
    packed = zlib.compress(content, _LEVEL)
    return b"<<%s/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (entries, len(packed), packed)
