"""A file in place of the built-in spectrum: an array of magnitudes, or a picture that has them.

The rule for a picture: its centre square, made smaller where it is larger than 512 pixels; of that
the decorrelated colours, about their means, under a Hann window, without which the borders would
count as edges across and down; of those the magnitudes of the real transform.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core import images, numbers
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import ImageError, SpectrumError
from cnnviz_gui.core.feature_requests import OpenSpectrum, SpectrumRef
from cnnviz_gui.core.feature_results import OpenedSpectrum
from cnnviz_gui.core.features.canvas import flattened
from cnnviz_gui.core.files import display_name
from cnnviz_gui.core.image_checks import FileBytes, read_file
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.core.result import ByteArray
from cnnviz_gui.core.session import Session, state_of
from cnnviz_gui.texts import tr

_MAGIC = b"\x93NUMPY"
_LEAST, _MOST = 8, 2048
"""Sides of the pictures whose magnitudes are read."""
_SIDE = 512
"""At most, of a picture whose magnitudes are taken."""
_FAINT = 1e-6
_KINDS = tr("A NumPy array of magnitudes (.npy) or a picture can be read.")
_TAKE = tr("Save the absolute values of numpy.fft.rfft2 of square pictures.")


@dataclass(frozen=True, slots=True, eq=False)
class SpectrumFile:
    """What a file of magnitudes holds."""

    magnitude: Tensor
    """float32 (1 or 3, n, n // 2 + 1), at most 1."""
    sha256: str


def run(request: OpenSpectrum, session: Session, ctx: Context) -> OpenedSpectrum:
    """Return what a file of magnitudes is; raises as ``read``."""
    found = read(SpectrumRef(path=request.path), session, ctx)
    return OpenedSpectrum(
        path=request.path, sha256=found.sha256, side=int(found.magnitude.shape[1])
    )


def read(ref: SpectrumRef, session: Session, ctx: Context) -> SpectrumFile:
    """Return the magnitudes of a file, read anew when it has changed.

    Raises
    ------
    SpectrumError
        The array is not one of magnitudes, the picture has none, or the file is another by now.
    ImageError
        There is no such file, or it is neither array nor picture.
    """
    key = ("spectrum", ref.path, state_of(ref.path))
    found = session.recall(key)
    if not isinstance(found, SpectrumFile):
        file = read_file(ref.path, ctx)
        if file.data.startswith(_MAGIC):
            magnitude = _of_array(_array(file), file.name)
        else:
            magnitude = _of_picture(_picture(ref.path, file, ctx), file.name)
        found = SpectrumFile(magnitude, file.sha256)
        session.remember(key, found, magnitude.nbytes)
    if ref.sha256 and ref.sha256 != found.sha256:
        raise SpectrumError(
            tr("{file} has changed on disk.", file=display_name(ref.path)),
            tr("Choose it again to work with what it is now."),
        )
    return found


def _array(file: FileBytes) -> npt.NDArray[Any]:
    """Return the array of a file, of a shape and a type that were looked at before it was read."""
    stream = io.BytesIO(file.data)
    try:
        version = np.lib.format.read_magic(stream)
        header = np.lib.format.read_array_header_1_0
        if version != (1, 0):
            header = np.lib.format.read_array_header_2_0
        shape, _, kind = header(stream)
    except Exception as error:  # of what a header can hold, numpy says much in many ways
        raise SpectrumError(
            tr("{file} is damaged: its header cannot be read.", file=file.name),
            tr("Save the array again."),
        ) from error
    if kind.kind not in "fiu":
        said = tr("{file} holds complex numbers, not magnitudes.", file=file.name)
        if kind.kind != "c":
            said = tr("{file} holds {kind}, not magnitudes.", file=file.name, kind=f"{kind}"[:40])
        raise SpectrumError(said, _TAKE)
    _require_shape(shape, file.name)
    try:
        found: npt.NDArray[Any] = np.load(io.BytesIO(file.data), allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise SpectrumError(
            tr("{file} is cut off.", file=file.name), tr("Save the array again.")
        ) from error
    return found


def _require_shape(shape: tuple[int, ...], name: str) -> None:
    planes = shape if len(shape) == 3 else (1, *shape)
    fits = len(planes) == 3 and planes[0] in (1, 3) and planes[2] == planes[1] // 2 + 1
    if not fits:
        said = tr(
            "{file} is of one number: magnitudes are 3 × n × (n // 2 + 1), or one of the three.",
            file=name,
        )
        if shape:
            said = tr(
                "{file} is {shape}: magnitudes are 3 × n × (n // 2 + 1), or one of the three.",
                file=name,
                shape=numbers.shape(shape[:6]),
            )
        raise SpectrumError(said, _TAKE)
    if not _LEAST <= planes[1] <= _MOST:
        raise SpectrumError(
            tr(
                "{file} is {shape}: n is read from {least} to {most}.",
                file=name,
                shape=numbers.shape(shape),
                least=_LEAST,
                most=_MOST,
            ),
            tr("Save the magnitudes of pictures of {side} × {side}.", side=_SIDE),
        )


def _of_array(array: npt.NDArray[Any], name: str) -> Tensor:
    values = np.array(array, dtype=np.float64).reshape(-1, *array.shape[-2:])
    if not np.isfinite(values).all():
        raise SpectrumError(
            tr("{file} has values that are not numbers.", file=name), tr("Save 0 in their place.")
        )
    if (values < 0).any():
        raise SpectrumError(
            tr("{file} has values below zero, and magnitudes have none.", file=name), _TAKE
        )
    values[:, 0, 0] = 0  # the mean is no wave, and is often the largest by far
    largest = values.max()
    if not largest > 0:
        raise SpectrumError(
            tr("{file} is zero at every frequency.", file=name),
            tr("Choose another file, or natural images."),
        )
    return torch.from_numpy(values / largest).float()


def _picture(path: str, file: FileBytes, ctx: Context) -> ByteArray:
    try:
        ref = ImageRef(path=path, sha256=file.sha256, reduced=True)
        return images.load(ref, ctx).pixels
    except ImageError as error:
        raise ImageError(error.message, _KINDS) from error


def _of_picture(pixels: ByteArray, name: str) -> Tensor:
    side = min(pixels.shape[:2])
    if side < _LEAST:
        raise SpectrumError(
            tr(
                "{file} is {size} pixels: too few for a spectrum.",
                file=name,
                size=numbers.shape(pixels.shape[:2]),
            ),
            tr("Choose a larger picture."),
        )
    top, left = ((length - side) // 2 for length in pixels.shape[:2])
    square = np.ascontiguousarray(pixels[top : top + side, left : left + side])
    picture = torch.tensor(square).permute(2, 0, 1)[None].float() / 255
    small = min(side, _SIDE)
    if small != side:
        picture = functional.interpolate(picture, (small, small), mode="bilinear", antialias=True)
    flat = flattened(picture)
    window = torch.hann_window(small, periodic=False)
    about = flat - flat.mean((2, 3), keepdim=True)
    if float(about.abs().max()) < _FAINT:
        raise SpectrumError(
            tr("{file} has one colour all over and therefore no spectrum.", file=name),
            tr("Choose another picture."),
        )
    magnitude: Tensor = torch.fft.rfft2(about * window[:, None] * window).abs()[0]
    magnitude[:, 0, 0] = 0
    return magnitude / float(magnitude.max())
