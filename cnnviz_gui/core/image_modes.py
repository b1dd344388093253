"""From what a decoder delivers to 8-bit RGB: an explicit rule for every mode.

Pillow's ``convert("RGB")`` clips 16-bit and float pictures, drops alpha and brings hidden colours
to light. Here a mode without a rule is an error.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from cnnviz_gui.core.result import ByteArray
from cnnviz_gui.texts import ntr, tr

Levels = Literal["full", "range"]
Background = Literal["white", "black", "mean"]

_BACKGROUNDS: dict[Background, tuple[int, int, int]] = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "mean": (124, 116, 104),  # of ImageNet: what networks read as zero
}
_LAID_ON: dict[Background, str] = {
    "white": tr("transparent, on white"),
    "black": tr("transparent, on black"),
    "mean": tr("transparent, on the mean colour"),
}
_PLAIN = {"1": "L", "L": "L", "RGB": "RGB", "RGBX": "RGB", "YCbCr": "RGB", "HSV": "RGB"}
_WITH_ALPHA = {"LA": "LA", "La": "LA", "PA": "RGBA", "RGBA": "RGBA", "RGBa": "RGBA"}
_NAMES = {"1": tr("1-bit"), "LAB": tr("Lab colours"), "YCbCr": tr("YCbCr colours")}
_MAGENTA = (255, 0, 255)
_MAX_PROFILE_BYTES = 8_000_000
_BLOCK = 1 << 20


def colour(background: Background) -> tuple[int, int, int]:
    """Return what shows through transparency."""
    return _BACKGROUNDS[background]


def eight_bit(
    image: Image.Image, levels: Levels, bits: int, *, white_is_zero: bool = False
) -> tuple[Image.Image, list[str]]:
    """Return a loaded picture as L, LA, RGB, RGBA, CMYK or LAB, and notes of what was done.

    Parameters
    ----------
    image
        Loaded, of any mode a decoder delivers.
    levels
        How more than 8 bits become 8: the full range of the type, or the range that occurs.
    bits
        Of one sample in the file, 0 where unknown; decoders cut 16-bit colours to 8 themselves.
    white_is_zero
        As a TIFF may say of its greys; decoders heed it for 8 bits, but not for 16.

    Raises
    ------
    ValueError
        There is no rule for the mode.
    """
    mode = image.mode
    if mode.startswith("I;16"):
        return _from_16_bit(image, levels, bits, white_is_zero)
    if mode == "I":
        return _from_integers(image, levels)
    if mode == "F":
        return _from_floats(image, levels)
    notes = [_NAMES[mode]] if mode in _NAMES else []
    if bits > 8:
        notes.append(tr("{bits}-bit, scaled to 8", bits=bits))
    if mode in ("CMYK", "LAB"):
        return image, notes
    if mode == "P" or (mode in _PLAIN and "transparency" in image.info):
        return image.convert("RGBA" if image.has_transparency_data else "RGB"), notes
    target = (_PLAIN | _WITH_ALPHA).get(mode)
    if target is None:
        raise ValueError(f"no rule for pictures of mode {mode}")
    return (image if mode == target else image.convert(target)), notes


def _from_16_bit(
    image: Image.Image, levels: Levels, bits: int, white_is_zero: bool
) -> tuple[Image.Image, list[str]]:
    values = np.asarray(image)
    bits = bits if 8 < bits < 16 else 16
    full = (1 << bits) - 1
    low, high = int(values.min()), int(values.max())
    if levels == "range":
        notes = [tr("{bits}-bit, {low} to {high} scaled to 8", bits=bits, low=low, high=high)]
    else:
        notes = [tr("{bits}-bit, scaled to 8", bits=bits)]
        if high < full // 4 and not white_is_zero:
            notes.append(tr("dark: values reach {high} of {full}", high=high, full=full))
        low, high = 0, full
    table = _scaled(np.arange(1 << 16, dtype=np.float64), low, high)
    grey = Image.fromarray((255 - table if white_is_zero else table)[values])
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        grey.putalpha(Image.fromarray(np.where(values == transparent, 0, 255).astype(np.uint8)))
    return grey, notes


def _from_integers(image: Image.Image, levels: Levels) -> tuple[Image.Image, list[str]]:
    values = np.asarray(image)
    low, high = int(values.min()), int(values.max())
    if levels == "full" and low >= 0 and high <= 65535:
        low, high, notes = 0, 65535, [tr("32-bit, read as 16-bit, scaled to 8")]
    else:
        notes = [tr("32-bit, {low} to {high} scaled to 8", low=low, high=high)]
    grey = np.empty(values.shape, np.uint8)
    for rows in _row_blocks(values.shape):
        grey[rows] = _scaled(values[rows].astype(np.float64), low, high)
    return Image.fromarray(grey), notes


def _from_floats(image: Image.Image, levels: Levels) -> tuple[Image.Image, list[str]]:
    values = np.asarray(image)
    finite = np.isfinite(values)
    broken = values.size - int(finite.sum())
    low = float(values.min(where=finite, initial=np.inf))
    high = float(values.max(where=finite, initial=-np.inf))
    if broken == values.size or (levels == "full" and low >= 0.0 and high <= 1.0):
        low, high, notes = 0.0, 1.0, [tr("float, 0 to 1 scaled to 8-bit")]
    else:
        notes = [tr("float, {low:.3g} to {high:.3g} scaled to 8-bit", low=low, high=high)]
    grey = np.empty(values.shape, np.uint8)
    for rows in _row_blocks(values.shape):
        block = np.where(finite[rows], values[rows], low).astype(np.float64)
        grey[rows] = _scaled(block, low, high)
    if not broken:
        return Image.fromarray(grey), notes
    notes.append(
        ntr(
            "{n} value not finite, painted magenta",
            "{n} values not finite, painted magenta",
            broken,
        )
    )
    painted = np.repeat(grey[..., None], 3, 2)
    painted[~finite] = _MAGENTA
    return Image.fromarray(painted), notes


def _scaled(values: npt.NDArray[np.float64], low: float, high: float) -> ByteArray:
    share = (values - low) / ((high - low) or 1)
    return np.rint(np.clip(share, 0.0, 1.0) * 255.0).astype(np.uint8)


def _row_blocks(shape: tuple[int, ...]) -> Iterator[slice]:
    """Cut a large array into slices of rows, so that 64-bit intermediates stay small."""
    rows = max(1, _BLOCK // shape[1])
    return (slice(first, first + rows) for first in range(0, shape[0], rows))


def to_srgb(image: Image.Image, profile: object) -> tuple[Image.Image, list[str]]:
    """Return L, RGB, CMYK or LAB as RGB.

    CMYK goes by the file's colour profile if that is usable. Grey and RGB keep their numbers
    whatever the profile says: that is what networks are trained on and what everybody else feeds
    them, so converting would make every prediction differ from theirs. A note says so.
    """
    if image.mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        return _transformed(image, ImageCms.ImageCmsProfile(lab)), []
    cmyk = image.mode == "CMYK"
    without = [tr("CMYK, converted without a profile")] if cmyk else []
    if not isinstance(profile, bytes) or not profile:
        return image.convert("RGB"), without
    try:
        if len(profile) > _MAX_PROFILE_BYTES:
            raise ValueError("colour profile too large")
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = opened.profile.xcolor_space.strip()
        if image.mode in ("L", "RGB"):
            plain = space == "GRAY" or _is_srgb(opened)
            notes = [] if plain else [tr("colour profile not applied, as in training")]
            return image.convert("RGB"), notes
        if image.mode != space:
            raise ValueError("colour profile of another kind")
        note = (
            tr("CMYK, converted with its colour profile")
            if cmyk
            else tr("converted with its colour profile")
        )
        return _transformed(image, opened), [note]
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image.convert("RGB"), [*without, tr("colour profile unusable, sRGB assumed")]


def _transformed(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    transform = ImageCms.buildTransform(
        profile,
        ImageCms.createProfile("sRGB"),
        image.mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    converted = ImageCms.applyTransform(image, transform)
    if converted is None:
        raise ValueError("the colour transform gave nothing")
    return converted


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    """Tell by trying: profiles of sRGB differ in name and bytes, and pixels should stay as is."""
    steps = np.linspace(0, 255, 9).astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(27, 27, 3)
    moved = np.asarray(_transformed(Image.fromarray(cube), profile))
    return int(np.abs(moved.astype(int) - cube).max()) <= 2


def flattened(
    image: Image.Image, profile: object, background: Background
) -> tuple[ByteArray, list[str]]:
    """Return L, LA, RGB, RGBA, CMYK or LAB as writable uint8 (H, W, 3), and notes.

    Transparency is composited on ``background``; colours hidden under it do not show.
    """
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    if alpha is not None:
        image = image.convert(image.mode[:-1])
    rgb, notes = to_srgb(image, profile)
    lowest: Any = alpha.getextrema()[0] if alpha is not None else 255
    if alpha is not None and lowest < 255:
        below = Image.new("RGB", rgb.size, _BACKGROUNDS[background])
        below.paste(rgb, mask=alpha)
        rgb = below
        notes.append(_LAID_ON[background])
    return np.array(rgb), notes


def upright(pixels: ByteArray, orientation: int) -> ByteArray:
    """Turn (H, W, 3) by the EXIF orientation 1 to 8; other values are ignored."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels
