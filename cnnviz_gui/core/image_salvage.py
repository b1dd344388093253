"""What can still be shown of a picture whose decoding failed half-way."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageFile

from cnnviz_gui.core.result import ByteArray
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class Remains:
    """How much of a picture is there."""

    why: Literal["cut off", "damaged"]
    rows: tuple[float, float] | None
    """First and end of the rows that are there, as shares of the height; None where all rows are
    there, but coarse or with gaps."""

    def sentence(self, name: str) -> str:
        """Return what is wrong with the file of that name."""
        share = self._percent
        if self.why == "damaged":
            if self.rows:
                return tr("{name} is damaged after {share}.", name=name, share=share)
            return tr("{name} is damaged.", name=name)
        if self.rows:
            return tr("{name} is cut off after {share}.", name=name, share=share)
        return tr("{name} is cut off.", name=name)

    @property
    def note(self) -> str:
        """What is shown, one phrase."""
        share = self._percent
        if self.why == "damaged":
            if self.rows:
                return tr("damaged, {share} shown", share=share)
            return tr("damaged, shown coarse")
        return (
            tr("cut off, {share} shown", share=share) if self.rows else tr("cut off, shown coarse")
        )

    @property
    def _percent(self) -> str:
        first, end = self.rows or (0.0, 1.0)
        percent = int(100.0 * (end - first))
        return f"{percent} %" if percent else tr("less than 1 %")

    def paint(self, pixels: ByteArray, colour: tuple[int, int, int]) -> None:
        """Fill the rows of (H, W, 3), not yet turned, that are missing."""
        if self.rows:
            first, end = (round(share * len(pixels)) for share in self.rows)
            pixels[:first] = colour
            pixels[end:] = colour


def salvaged(
    image: Image.Image, error: Exception, completed_jpeg: io.BytesIO | None
) -> tuple[Image.Image, Remains] | None:
    """Return what is there of a picture whose ``load`` has raised, or None if that is nothing.

    Pillow's own switch for this is global to the process; here the rows decoded before the error
    are taken from the picture itself.

    Parameters
    ----------
    image
        The picture after the error.
    error
        What ``load`` raised.
    completed_jpeg
        A JPEG with an end mark put after its last byte: of a progressive one this shows the whole
        at a coarser level, where no row is finished.
    """
    why: Literal["cut off", "damaged"] = "cut off" if "runcated" in str(error) else "damaged"
    interlaced = _interlaced(image)
    first, end = _rows_decoded(image)
    if end and (interlaced or end - first < image.height):
        return image, Remains(why, None if interlaced else _shares(first, end, image.height))
    if completed_jpeg is not None:
        try:
            coarse = Image.open(completed_jpeg, formats=["JPEG"])
            coarse.draft(None, image.size)
            coarse.load()
        except Exception:  # as many classes as there are kinds of damage
            return None
        return coarse, Remains(why, None)
    return (image, Remains(why, None)) if end else None


def _shares(first: int, end: int, height: int) -> tuple[float, float]:
    """Return the rows as shares; a picture stored from the bottom up lacks its upper rows."""
    return (first / height, 1.0) if end == height else (0.0, end / height)


def _interlaced(image: Image.Image) -> bool:
    tiles = image.tile if isinstance(image, ImageFile.ImageFile) else []
    of_gif = any(tile[0] == "gif" and isinstance(tile[3], tuple) and tile[3][1] for tile in tiles)
    return of_gif or bool(image.info.get("interlace"))


def _rows_decoded(image: Image.Image) -> tuple[int, int]:
    """Return first and end of the rows that are not all zero; makes the picture usable as is."""
    if not isinstance(image, ImageFile.ImageFile) or image._im is None:
        return 0, 0
    image.tile = []  # nothing left to decode
    try:
        pixels = np.asarray(image)
    except Exception:  # as many classes as there are kinds of damage
        return 0, 0
    filled = np.flatnonzero(pixels.reshape(len(pixels), -1).any(axis=1))
    return (int(filled[0]), int(filled[-1]) + 1) if filled.size else (0, 0)
