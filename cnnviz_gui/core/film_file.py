"""Animations as files."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.files import write_with_suffix
from cnnviz_gui.core.save_work import Film

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_SHOT_MS, _LAST_SHOT_MS = 80, 1500
_TABLE_SIDE = 96
"""Of the part of a picture that its colour table is made of."""
_QUIET = NullContext()


def save_gif(path: str | os.PathLike[str], film: Film, ctx: Context = _QUIET) -> Path:
    """Write an animation that runs for ever and rests on its last picture.

    Parameters
    ----------
    path
        ``.gif`` is added where it is missing.

    Returns
    -------
    The path written.

    Raises
    ------
    OutputError
        The file cannot be written.
    ValueError
        There is no picture, or one is not uint8 (H, W, 3) of the size of the others.
    """
    if not film.shots:
        raise ValueError("a film has at least one picture")
    times = [*[_SHOT_MS] * (len(film.shots) - 1), _LAST_SHOT_MS]
    encoded = _Checked(ctx)
    shots = _reduced(film, ctx)
    next(shots).save(
        encoded, "GIF", save_all=True, append_images=shots, duration=times, loop=0, disposal=1
    )
    ctx.check()
    return write_with_suffix(Path(path), ".gif", encoded.getvalue())


class _Checked(io.BytesIO):
    """What is encoded so far; whoever stops the job stops the encoder."""

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        self._ctx = ctx

    def write(self, data: ReadableBuffer, /) -> int:
        self._ctx.check()
        return super().write(data)


def _reduced(film: Film, ctx: Context) -> Iterator[Image.Image]:
    """Draw the pictures one by one, each in 256 colours of its own."""
    size: tuple[int, ...] = ()
    for place, draw in enumerate(film.shots):
        ctx.step(place, len(film.shots))
        shot = draw()
        if shot.dtype != np.uint8 or shot.ndim != 3 or shot.shape[2] != 3 or not shot.size:
            raise ValueError(f"uint8 (H, W, 3) is wanted, not {shot.dtype} {shot.shape}")
        if size not in ((), shot.shape):
            raise ValueError(f"{shot.shape} is not the size of the others, {size}")
        size = shot.shape
        ctx.check()
        yield _of_256_colours(Image.fromarray(np.ascontiguousarray(shot)))
    ctx.step(len(film.shots), len(film.shots))


def _of_256_colours(shot: Image.Image) -> Image.Image:
    """Return a picture with a colour table of its own: that of the first, noise, would spoil it.

    The table is made of a part of the pixels; of all it takes ten times as long.
    """
    size = (min(shot.width, _TABLE_SIDE), min(shot.height, _TABLE_SIDE))
    part = shot.resize(size, Image.Resampling.NEAREST)
    table = part.quantize(256, Image.Quantize.MEDIANCUT)
    return shot.quantize(palette=table, dither=Image.Dither.FLOYDSTEINBERG)
