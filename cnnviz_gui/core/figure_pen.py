"""Writing and colour bars on the white page of a figure."""

from __future__ import annotations

import bisect

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cnnviz_gui import resources
from cnnviz_gui.core import render
from cnnviz_gui.core.ticks import tick_texts, ticks

PAPER, INK, PALE, EMPTY = (255, 255, 255), (22, 24, 27), (98, 105, 115), (243, 244, 245)
GAP, LINE = 8, 20
_SIZE, _SMALL, _BAR = 15, 13, 12
Point = tuple[int, int]


class Pen:
    """Writes on a page.

    Parameters
    ----------
    scale
        Of all sizes; 1 for pictures of some 200 pixels.
    """

    def __init__(self, page: Image.Image, scale: float = 1.0) -> None:
        self._page, self._scale = page, scale
        self._draw = ImageDraw.Draw(page)
        self._strong, self._small = fonts(scale)

    def line(self, at: Point, text: str, width: int, *, strong: bool = False) -> None:
        """Write one line, cut with … where it has no room."""
        font = self._strong if strong else self._small
        colour = INK if strong else PALE
        self._draw.text(at, fitted(text, font, width), fill=colour, font=font)

    def wrapped(self, at: Point, text: str, width: int, height: int) -> None:
        """Write a few lines, in the middle of a height."""
        lines = broken(text, self._strong, width)
        line = self.sized(LINE)
        top = at[1] + (height - len(lines) * line) // 2
        for place, said in enumerate(lines):
            self.line((at[0], top + place * line), said, width, strong=True)

    def empty(self, corner: Point, side: int) -> None:
        """Draw the place of a picture."""
        self._draw.rectangle((*corner, corner[0] + side - 1, corner[1] + side - 1), fill=EMPTY)

    def sentence(self, corner: Point, side: int, text: str) -> None:
        """Write in the middle of the place of a picture."""
        gap, line = self.sized(GAP), self.sized(LINE)
        lines = broken(text, self._small, side - 2 * gap)[: (side - gap) // line]
        top = corner[1] + (side - len(lines) * line) // 2
        for place, said in enumerate(lines):
            where = (corner[0] + gap, top + place * line)
            self._draw.text(where, said, fill=PALE, font=self._small)

    def chip(self, corner: Point, side: int, text: str) -> None:
        """Write at the lower end of a picture, on a ground of its own."""
        gap = self.sized(GAP)
        where = corner[0] + gap, corner[1] + side - gap
        box = self._draw.textbbox(where, text, font=self._small, anchor="lb")
        self._draw.rectangle((box[0] - 4, box[1] - 3, box[2] + 4, box[3] + 3), fill=INK)
        self._draw.text(where, text, fill=PAPER, font=self._small, anchor="lb")

    def pair(self, at: Point, width: int, left: str, right: str) -> None:
        """Write a name, cut where it has no room, and at the other end of a line its number."""
        room = width - round(self._small.getlength(right)) - (GAP if right else 0)
        self._draw.text(at, fitted(left, self._small, room), fill=INK, font=self._small)
        self._draw.text((at[0] + width, at[1]), right, fill=PALE, font=self._small, anchor="ra")

    def lying_bar(
        self,
        corner: Point,
        width: int,
        name: str,
        low: float,
        high: float,
        said: tuple[str, str] | None = None,
    ) -> None:
        """Draw a colour map from left to right, with the numbers at its ends, or words, below."""
        thick = self.sized(_BAR // 2)
        self._paste(render.colormap(name)[np.newaxis], corner, (width, thick))
        below = corner[1] + thick + self.sized(3)
        first, last = said or tick_texts([low, high])
        self._draw.text((corner[0], below), first, fill=PALE, font=self._small)
        end = (corner[0] + width, below)
        self._draw.text(end, last, fill=PALE, font=self._small, anchor="ra")

    def upright_bar(self, corner: Point, height: int, name: str, low: float, high: float) -> None:
        """Draw a colour map from bottom to top, with its ticks at the right."""
        thick = self.sized(_BAR)
        self._paste(render.colormap(name)[::-1, np.newaxis], corner, (thick, height))
        marks = ticks(low, high, signed=low < 0 < high)
        for mark, text in zip(marks, tick_texts(marks), strict=True):
            share = (mark - low) / (high - low) if high > low else 0.5
            y = corner[1] + round((1 - share) * (height - 1))
            right = corner[0] + thick + self.sized(4)
            self._draw.line((corner[0] + thick, y, right, y), fill=PALE)
            anchor = "la" if share > 0.98 else "ls" if share < 0.02 else "lm"
            at = (right + self.sized(4), y)
            self._draw.text(at, text, fill=PALE, font=self._small, anchor=anchor)

    def sized(self, pixels: int) -> int:
        """Return a length on this page."""
        return round(pixels * self._scale)

    def _paste(self, colours: np.ndarray, corner: Point, size: Point) -> None:
        bar = Image.fromarray(np.ascontiguousarray(colours))
        self._page.paste(bar.resize(size, Image.Resampling.BILINEAR), corner)


def fonts(scale: float = 1.0) -> tuple[ImageFont.FreeTypeFont, ImageFont.FreeTypeFont]:
    """Return the fonts of titles and of all else."""
    strong, small = (
        ImageFont.truetype(str(resources.path(f"fonts/Inter-{weight}.otf")), size * scale)
        for weight, size in (("SemiBold", _SIZE), ("Regular", _SMALL))
    )
    return strong, small


def fitted(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """Return as much of a text as has room, with … where it was cut."""
    if font.getlength(text) <= width:
        return text
    lengths = range(1, len(text))
    room = bisect.bisect(lengths, float(width), key=lambda end: font.getlength(f"{text[:end]}…"))
    return f"{text[:room].rstrip()}…"


def broken(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Return lines that fit, broken between words."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
