"""How `PingyiSans.otf` was made: `python -m survey_app.campaigns.fonts.build NotoSansCJK-Regular.ttc`.

Kept are the characters of GB 2312, Latin 1, dashes and quotation marks, and characters of place names that GB 2312
lacks; no layout tables, no hints. The family is renamed, so that nobody mistakes the part for the whole. Who needs
another character names another font (`--font`, `PINGYI_FONT`).
"""

import sys
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont

_SIMPLIFIED = 2  # its place in the collection
_PLACES = "浉鄠硚瀍崀垟堽垌洨浐滘漈峃埇堌墈溇滧甪筻邽郯酃镕堃喆昇燊玥煊垚犇"
_NAMES = {1: "Pingyi Sans", 3: "PingyiSans-Regular", 4: "Pingyi Sans Regular", 6: "PingyiSans-Regular"}
_KEPT_NAMES = (0, 1, 2, 3, 4, 5, 6, 13, 14)


def characters() -> set[int]:
    """The code points that the font keeps."""
    rows = bytes(range(0xA1, 0xF8)), bytes(range(0xA1, 0xFF))
    pairs = (bytes((high, low)).decode("gb2312", "ignore") for high in rows[0] for low in rows[1])
    chinese = {ord(sign) for pair in pairs for sign in pair} | {ord(sign) for sign in _PLACES}
    return chinese | set(range(0x20, 0x7F)) | set(range(0xA0, 0x100)) | set(range(0x2010, 0x2027))


def build(source: Path, target: Path) -> None:
    """Write the part of `source`, the collection of all regions, to `target`."""
    font: Any = TTFont(source, fontNumber=_SIMPLIFIED)
    options = subset.Options(hinting=False, notdef_outline=True, layout_features=[])
    options.name_IDs = list(_KEPT_NAMES)
    options.drop_tables += ["BASE", "DSIG", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    for record in font["name"].names:
        record.string = _NAMES.get(record.nameID, record.toUnicode())
    font["CFF "].cff.fontNames = [_NAMES[6]]
    top = font["CFF "].cff[0]
    top.FullName, top.FamilyName = _NAMES[4], _NAMES[1]
    font.save(target)


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(__file__).with_name("PingyiSans.otf"))
