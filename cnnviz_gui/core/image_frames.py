"""Opening a recognised file with the one decoder it needs, and finding the frame asked for."""

from __future__ import annotations

import importlib
import io
import struct

from PIL import Image

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import ImageError
from cnnviz_gui.core.image_checks import MAX_FRAMES, FileBytes, gif_frames, size_text
from cnnviz_gui.texts import ntr, tr

AGAIN = tr("Fetch or save the picture again.")


class _WatchedBytes(io.BytesIO):
    """A file in memory that lets the job be cancelled while a decoder reads from it."""

    def __init__(self, data: bytes, ctx: Context) -> None:
        super().__init__(data)
        self._ctx = ctx
        self._total = len(data)

    def read(self, size: int | None = -1, /) -> bytes:
        chunk = super().read(size)
        self._ctx.step(min(self.tell(), self._total), self._total)
        return chunk


def opened(file: FileBytes, kind: str, ctx: Context) -> Image.Image:
    """Open a file as the format ``kind`` and no other; nothing is decoded yet.

    Raises
    ------
    ImageError
        Its header is damaged, or the package for HEIC is missing.
    """
    if kind == "HEIF":
        _require_heif(file.name)
    try:
        return Image.open(_WatchedBytes(file.data, ctx), formats=[kind])
    except (OSError, SyntaxError, struct.error) as error:  # includes UnidentifiedImageError
        declared = int.from_bytes(file.data[4:8], "little") + 8
        if kind == "WEBP" and declared > len(file.data):
            percent = 100 * len(file.data) / declared
            raise ImageError(
                tr("{name} is cut off after {percent:.0f} %.", name=file.name, percent=percent),
                AGAIN,
            ) from error
        raise ImageError(
            tr(
                "{name} is not a readable picture ({size}): its {kind} header is damaged"
                " or cut off.",
                name=file.name,
                size=size_text(file.data),
                kind=title(kind),
            ),
            AGAIN,
        ) from error


def title(kind: str) -> str:
    """Return a format's name as people write it."""
    return {"WEBP": "WebP", "HEIF": "HEIC"}.get(kind, kind)


def _require_heif(name: str) -> None:
    try:
        heif = importlib.import_module("pillow_heif")
    except ImportError as error:
        raise ImageError(
            tr("{name} is a HEIC picture, which needs one more package.", name=name),
            tr("Install it: {command}", command='pip install "cnnviz-gui[heif]"'),
        ) from error
    heif.register_heif_opener()


def count_frames(image: Image.Image, file: FileBytes, kind: str, ctx: Context) -> int:
    """Count the frames or pages of a file, at most ``MAX_FRAMES``."""
    if kind == "GIF":
        return gif_frames(file.data)
    if kind == "TIFF":
        return _tiff_frames(opened(file, kind, ctx), ctx)
    # The further pictures in a JPEG are depth maps and the like.
    found = 1 if kind == "JPEG" else getattr(image, "n_frames", 1)
    return max(1, min(int(found), MAX_FRAMES))


def _tiff_frames(image: Image.Image, ctx: Context) -> int:
    for frame in range(1, MAX_FRAMES):
        ctx.step(frame, MAX_FRAMES)
        try:
            image.seek(frame)
        except Exception:  # the end, or a damaged page, which ends what can be shown
            return frame
    return MAX_FRAMES


def show_frame(image: Image.Image, frame: int, name: str, frames: int, ctx: Context) -> None:
    """Go to a frame, one after the other, as animations build on what came before.

    Raises
    ------
    ImageError
        There is no such frame, or it or one before it is damaged.
    """
    if not 0 <= frame < frames:
        raise ImageError(
            ntr(
                "{name} has one frame; there is no frame {frame}.",
                "{name} has {n} frames; there is no frame {frame}.",
                frames,
                name=name,
                frame=frame + 1,
            ),
            tr("Choose frame 1.")
            if frames == 1
            else tr("Choose a frame from 1 to {last}.", last=frames),
        )
    for number in range(1, frame + 1):
        ctx.step(number, frame)
        try:
            image.seek(number)
        except (Image.DecompressionBombError, MemoryError):
            raise
        except Exception as error:
            raise ImageError(
                tr(
                    "{name} is damaged: frame {number} cannot be read.",
                    name=name,
                    number=number + 1,
                ),
                tr("Choose frame 1.")
                if number == 1
                else tr("Choose a frame from 1 to {last}.", last=number),
            ) from error
