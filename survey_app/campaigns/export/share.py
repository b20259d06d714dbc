"""The picture of an open link for chat groups: who asks about what, a large domain, and that nothing asks for a login.

A picture is looked at on a phone, a third of its size: no line is smaller than 30 pixels of 1080.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from survey_app.campaigns.export import qr
from survey_app.campaigns.export.pdf import Font, own_font
from survey_app.web.language import translations

WIDTH, HEIGHT = 1080, 1500
_SYMBOL, _MARGIN = 620, 70


@dataclass(frozen=True)
class OpenLink:
    """What an open link says of itself."""

    title: str
    office: str
    place: str
    link: str
    public_url: str
    groups: Sequence[str]
    closes: date
    demo: bool = False


def share_png(shown: OpenLink, language: str = "zh", font_file: Path | None = None) -> bytes:
    """The picture. Raises CharactersMissing and NoSuchFont."""
    canvas = _Canvas(font_file)
    _ = translations(language).gettext
    canvas.require(shown.title, shown.office, shown.place)
    if shown.demo:
        canvas.lines(_("演示数据"), 32, most=1)
    canvas.lines(shown.title, 36)
    canvas.lines(shown.place, 56, bold=True)
    canvas.lines(_("请您为这个单位的工作打分"), 38, most=1)
    canvas.symbol(shown.link)
    canvas.fitting(qr.domain(shown.public_url) + qr.typed_path(shown.public_url), 72)
    canvas.lines(f"{_('填答码')}  {' '.join(shown.groups)}", 38, most=1)
    canvas.lines(_("不需要登录，不需要关注公众号，不收集姓名和电话。要求登录或关注的都不是本问卷。"), 34)
    colon = _("：")
    last = f"{_('委托方')}{colon}{shown.office}    {_('截止日期')}{colon}{shown.closes.isoformat()}"
    canvas.lines(last, 30)
    return canvas.png()


class _Canvas:
    def __init__(self, font_file: Path | None) -> None:
        self._measure = Font(font_file)
        self._file = str(font_file or own_font())
        self._image = Image.new("L", (WIDTH, HEIGHT), 255)
        self._draw = ImageDraw.Draw(self._image)
        self._y = 60

    def require(self, *texts: str) -> None:
        self._measure.require(texts)

    def lines(self, text: str, size: int, *, most: int = 2, bold: bool = False) -> None:
        """Centred lines, broken where they do not fit; what needs more than `most` is set smaller."""
        found = self._measure.wrapped(text, size, WIDTH - 2 * _MARGIN)
        while len(found) > most:
            size -= 2
            found = self._measure.wrapped(text, size, WIDTH - 2 * _MARGIN)
        for line in found:
            self._line(line, size, bold=bold)
        self._y += round(size * 0.35)

    def fitting(self, text: str, size: int) -> None:
        """One line, as large as it fits."""
        size = min(size, int((WIDTH - 2 * _MARGIN) / self._measure.width(text, 1)))
        self._line(text, size, bold=True)
        self._y += 16

    def symbol(self, link: str) -> None:
        """The symbol in the middle, its modules whole pixels."""
        modules = qr.matrix(link)
        side = len(modules)
        small = Image.new("L", (side, side), 255)
        small.putdata([0 if dark else 255 for line in modules for dark in line])
        whole = side * (_SYMBOL // side)
        self._image.paste(small.resize((whole, whole), Image.Resampling.NEAREST), ((WIDTH - whole) // 2, self._y))
        self._y += whole

    def png(self) -> bytes:
        """The picture, cut below its last line."""
        target = io.BytesIO()
        self._image.crop((0, 0, WIDTH, min(HEIGHT, self._y + 40))).save(target, "PNG", optimize=True)
        return target.getvalue()

    def _line(self, text: str, size: int, *, bold: bool) -> None:
        font = ImageFont.truetype(self._file, size)
        width = self._draw.textlength(text, font=font)
        thick = round(size * 0.016) if bold else 0
        self._draw.text(((WIDTH - width) / 2, self._y), text, font=font, fill=0, stroke_width=thick, stroke_fill=0)
        self._y += round(size * 1.35)
