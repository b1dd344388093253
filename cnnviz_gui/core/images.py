"""From an image file to upright 8-bit RGB pixels; nothing but ``ImageError`` ever escapes.

Formats come from an allow-list, chosen by a file's first bytes. The file is read once and decoded
from memory, so that what is hashed is what is shown.
"""

from __future__ import annotations

import dataclasses
import io
import logging
import math
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from cnnviz_gui.core import image_modes, png_text
from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.errors import CnnvizError, ImageError
from cnnviz_gui.core.image_checks import (
    MAX_FRAMES,
    MAX_FULL_PIXELS,
    MAX_REDUCED_PIXELS,
    FileBytes,
    read_file,
    recognise,
    webp_size,
)
from cnnviz_gui.core.image_frames import AGAIN, count_frames, opened, show_frame, title
from cnnviz_gui.core.image_salvage import Remains, salvaged
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.core.result import ByteArray, frozen
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.carried_record import Carried

_log = logging.getLogger(__name__)
# Without a handler of its own, Pillow's messages would be printed by Python's last resort.
logging.getLogger("PIL").addHandler(logging.NullHandler())

_NO_CONTEXT = NullContext()
_REDUCTION = 4  # as JPEG can be decoded at; leaves 3 to 11 megapixels
_ORIENTATION = 0x0112
_BITS_PER_SAMPLE = 258
_PHOTOMETRIC = 262


@dataclass(frozen=True, slots=True)
class Picture:
    """An opened picture."""

    pixels: ByteArray
    """uint8 (H, W, 3), sRGB, upright, read-only."""
    path: str
    sha256: str
    """Of the file's bytes."""
    format: str
    frames: int
    notes: tuple[str, ...]
    """What was done to it, one phrase each: ``16-bit, scaled to 8``."""
    carried: Carried | None = None
    """The request that it says it answers; anybody can have written that."""
    carried_problem: str = ""
    """Why what it says of a request is not used, one sentence."""

    @property
    def width(self) -> int:
        """Pixels across."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels down."""
        return int(self.pixels.shape[0])


def load(ref: ImageRef, ctx: Context = _NO_CONTEXT) -> Picture:
    """Read a picture file.

    Raises
    ------
    ImageError
        It cannot be opened; ``offer`` is ``"partial"`` or ``"reduced"`` where setting the field of
        that name in ``ref`` would help, and ``"reload"`` where the file has changed since.
    Cancelled
        By ``ctx``, asked between chunks of the file.
    """
    file = read_file(ref.path, ctx)
    if ref.sha256 and ref.sha256 != file.sha256:
        raise ImageError(
            tr("{name} has changed on disk.", name=file.name),
            tr("Reload it to work with what it is now."),
            offer="reload",
        )
    kind = recognise(file)
    # Bombs and damage are errors here, with a sentence of ours; a decoder's mutterings help nobody.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    try:
        # A decoder could stumble over the text, whose reading must never cost the picture.
        plain = dataclasses.replace(file, data=png_text.without(file.data))
        picture = _decoded(ref, plain, kind, ctx)
        if plain.data is file.data:
            return picture
        told, problem = _told(file)
        return dataclasses.replace(picture, carried=told, carried_problem=problem)
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        found = re.search(r"\d+", str(error))
        raise _too_many_pixels(file.name, int(found[0]) if found else 0) from error
    except MemoryError as error:
        raise ImageError(
            tr("There is not enough memory to open {name}.", name=file.name),
            tr("Close other programs."),
        ) from error
    except Exception as error:  # decoders raise some twenty classes on damaged files
        _log.info("%s is damaged", file.name, exc_info=True)
        if _is_text_bomb(error):
            raise ImageError(
                tr(
                    "{name} is a damaged or hostile {kind} file: it holds too much text.",
                    name=file.name,
                    kind=title(kind),
                ),
                tr("Do not trust where it came from."),
            ) from error
        raise ImageError(
            tr("{name} is a damaged {kind} file.", name=file.name, kind=title(kind)), AGAIN
        ) from error


def _told(file: FileBytes) -> tuple[Carried | None, str]:
    """Return the request that a picture carries, or why it is of no use."""
    from cnnviz_gui.core import carried  # the methods come with it, and few pictures need them

    try:
        return carried.found_in(file.data), ""
    except CnnvizError as error:
        return None, str(error)
    except Exception:  # written by anybody; the picture is there whatever it is
        _log.info("%s carries what cannot be read", file.name, exc_info=True)
        return None, tr("The request in the picture cannot be read.")


def _is_text_bomb(error: Exception) -> bool:
    return isinstance(error, ValueError) and "too large" in str(error)


def thumbnail(picture: Picture, side: int = 96) -> ByteArray:
    """Return the centre square of a picture, uint8 (side, side, 3), read-only."""
    square = min(picture.width, picture.height)
    top, left = (picture.height - square) // 2, (picture.width - square) // 2
    middle = np.ascontiguousarray(picture.pixels[top : top + square, left : left + square])
    small = Image.fromarray(middle).resize(
        (side, side), Image.Resampling.BILINEAR, reducing_gap=3.0
    )
    return frozen(np.asarray(small))


def _decoded(ref: ImageRef, file: FileBytes, kind: str, ctx: Context) -> Picture:
    if kind == "WEBP":
        _reduction(webp_size(file.data), ref, file.name)
    image = opened(file, kind, ctx)
    frames = count_frames(image, file, kind, ctx)
    if kind != "TIFF":  # all frames share one size: refuse before any is decoded
        _reduction(image.size, ref, file.name)
    show_frame(image, ref.frame, file.name, frames, ctx)
    size = image.size
    factor = _reduction(size, ref, file.name)
    if factor > 1:
        image.draft(None, (math.ceil(size[0] / factor), math.ceil(size[1] / factor)))
    turned_by_decoder = kind == "TIFF" and _orientation(image) > 1
    image, cut = _loaded(image, ref, file, kind, ctx)
    ctx.check()
    bits, white_is_zero = _bits(image, file, kind), _tag(image, _PHOTOMETRIC, kind) == 0
    base, notes = image_modes.eight_bit(image, ref.levels, bits, white_is_zero=white_is_zero)
    left = round(factor * base.width / size[0])  # what draft has not already done
    if left > 1:
        base = base.reduce(left)
    ctx.check()
    pixels, more = image_modes.flattened(base, image.info.get("icc_profile"), ref.background)
    notes += more
    if cut is not None:
        cut.paint(pixels, image_modes.colour(ref.background))
    orientation = _orientation(image)
    if turned_by_decoder or 1 < orientation <= 8:
        notes.append(tr("turned upright"))
    pixels = image_modes.upright(pixels, orientation)
    if frames > 1:
        counted = f"{frames}+" if frames == MAX_FRAMES else f"{frames}"
        notes.append(tr("frame {number} of {frames}", number=ref.frame + 1, frames=counted))
    if factor > 1:
        notes.append(
            tr("opened reduced, {before} to {after}", before=_times(size), after=_times(base.size))
        )
    if cut is not None:
        notes.append(cut.note)
    return Picture(frozen(pixels), ref.path, file.sha256, title(kind), frames, tuple(notes))


def _reduction(size: tuple[int, int], ref: ImageRef, name: str) -> int:
    """Return by what whole number a picture is made smaller; 1 for all but very large ones."""
    pixels = size[0] * size[1]
    if pixels > MAX_REDUCED_PIXELS:
        raise _too_many_pixels(name, pixels)
    if pixels <= MAX_FULL_PIXELS:
        return 1
    if not ref.reduced:
        small = (math.ceil(size[0] / _REDUCTION), math.ceil(size[1] / _REDUCTION))
        raise ImageError(
            tr(
                "{name} has {pixels:.0f} megapixels; up to {most:.0f} are opened in full.",
                name=name,
                pixels=pixels / 1e6,
                most=MAX_FULL_PIXELS / 1e6,
            ),
            tr("Open it reduced to {size}.", size=_times(small)),
            offer="reduced",
        )
    return _REDUCTION


def _too_many_pixels(name: str, pixels: int) -> ImageError:
    return ImageError(
        tr(
            "{name} has {pixels:.0f} megapixels; the limit is {most:.0f}. It is not opened.",
            name=name,
            pixels=pixels / 1e6,
            most=MAX_REDUCED_PIXELS / 1e6,
        ),
        tr("Save it smaller with another program."),
    )


def _loaded(
    image: Image.Image, ref: ImageRef, file: FileBytes, kind: str, ctx: Context
) -> tuple[Image.Image, Remains | None]:
    try:
        image.load()
        return image, None
    except (Image.DecompressionBombError, MemoryError):
        raise
    except Exception as error:
        if _is_text_bomb(error):
            raise
        _log.info("%s is cut off or damaged", file.name, exc_info=True)
        complete = io.BytesIO(file.data + b"\xff\xd9") if kind == "JPEG" else None
        found = salvaged(image, error, complete)
        if found is None:
            raise ImageError(
                tr("{name} is cut off or damaged; nothing of it can be shown.", name=file.name),
                AGAIN,
            ) from error
        rest, cut = found
        if not ref.partial:
            raise ImageError(
                cut.sentence(file.name),
                tr("Open what is there, or fetch the picture again."),
                offer="partial",
            ) from error
        return rest, cut


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # damaged notes of the camera must not cost the picture
        _log.info("EXIF data cannot be read", exc_info=True)
        return 1


def _bits(image: Image.Image, file: FileBytes, kind: str) -> int:
    """Return the bits of one sample as the file has it, 0 where unknown."""
    if kind == "PNG":
        return file.data[24]
    return _tag(image, _BITS_PER_SAMPLE, kind) or 0


def _tag(image: Image.Image, tag: int, kind: str) -> int | None:
    """Return a number from a TIFF's header, None for other files."""
    tags = getattr(image, "tag_v2", {}) if kind == "TIFF" else {}
    found = tags.get(tag)
    first = found[0] if isinstance(found, tuple) and found else found
    return first if isinstance(first, int) else None


def _times(size: tuple[int, int]) -> str:
    return f"{size[0]} × {size[1]}"
