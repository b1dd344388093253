"""Between arrays and pictures of Qt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

_FORMATS = {3: QImage.Format.Format_RGB888, 4: QImage.Format.Format_RGBA8888}


def to_qimage(pixels: NDArray[np.uint8]) -> QImage:
    """Return a picture that shares no memory with the array.

    Parameters
    ----------
    pixels
        uint8 (H, W, 3) or (H, W, 4), not empty, not premultiplied.

    Returns
    -------
    QImage
        RGB32 for three channels, the format that is painted fastest; RGBA8888 for four.

    Raises
    ------
    ValueError
        The array is no picture.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in _FORMATS:
        raise ValueError(f"An array {pixels.dtype} {pixels.shape} is no picture.")
    if not pixels.size:
        raise ValueError("A picture needs at least one pixel.")
    rows = np.ascontiguousarray(pixels)
    height, width, channels = rows.shape
    # Without the stride Qt assumes rows padded to four bytes and shears odd widths.
    shared = QImage(rows.data, width, height, rows.strides[0], _FORMATS[channels])
    if channels == 3:
        return shared.convertToFormat(QImage.Format.Format_RGB32)
    return shared.copy()


def with_alpha(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a copy as uint8 (H, W, 4), the form that is drawn without conversion.

    Raises
    ------
    ValueError
        The array is no picture.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in _FORMATS:
        raise ValueError(f"An array {pixels.dtype} {pixels.shape} is no picture.")
    out = np.full((*pixels.shape[:2], 4), 255, dtype=np.uint8)
    out[..., : pixels.shape[2]] = pixels
    out.setflags(write=False)
    return out


def from_qimage(picture: QImage) -> NDArray[np.uint8]:
    """Return a picture as uint8 (H, W, 3), in device pixels, without its transparency."""
    plain = picture.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), -1)
    return rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3).copy()
