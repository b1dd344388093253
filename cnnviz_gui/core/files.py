"""Writing results so that an old file survives every failure, and naming files in messages."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import secrets
import stat
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, PngImagePlugin

from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.core.level_ball import LevelBall
from cnnviz_gui.core.picture_names import OTHER_THAN_PNG, is_jpeg
from cnnviz_gui.core.png_text import KEYWORD
from cnnviz_gui.core.result import AttackResult, ByteArray
from cnnviz_gui.texts import tr

_NO_NUMBERS = tr("The adversarial image has values that are not numbers.")
# Joiners build emoji; every other invisible character could disguise a name.
_JOINERS = "\u200c\u200d"


def display_name(path: str | os.PathLike[str], limit: int = 48) -> str:
    """Return a file's name as it may stand in a sentence.

    Control characters, text-direction marks and undecodable bytes are escaped; a long name loses
    its middle, so that the suffix stays visible.
    """
    text = os.fspath(path)
    name = "".join(_escaped(c) for c in Path(text).name or text) or tr("(no name)")
    if len(name) <= limit:
        return name
    tail = limit // 3
    return f"{name[: limit - tail - 1]}…{name[-tail:]}"


def _escaped(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Zl", "Zp") or (category[0] == "C" and character not in _JOINERS):
        return character.encode("unicode_escape", "surrogatepass").decode("ascii")
    return character


def write_atomically(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file so that at any moment either the old or the complete new one is there.

    A symbolic link stays a link: what it points to is replaced. Permissions of an old file stay.

    Raises
    ------
    OutputError
        The file cannot be written; an old file of that name is untouched.
    """
    try:
        target = Path(path).resolve()
        mode = _replaceable_mode(target)
        _replace(target, data, mode)
    except (OSError, ValueError, RuntimeError) as error:  # a loop of links is a RuntimeError
        raise _output_error(path, error) from error


def _replaceable_mode(target: Path) -> int | None:
    """Return the permissions of an old file, None where there is none."""
    try:
        found = target.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):
        raise OutputError(
            tr("{name} is a folder.", name=display_name(target)),
            tr("Choose the name of a file."),
        )
    if not stat.S_ISREG(found.st_mode):
        raise OutputError(
            tr(
                "{name} is a device or a pipe, not a file.",
                name=display_name(target),
            ),
            tr("Choose the name of a file."),
        )
    return stat.S_IMODE(found.st_mode)


def _replace(target: Path, data: bytes, mode: int | None) -> None:
    temporary = target.with_name(f".cnnviz-{secrets.token_hex(8)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(temporary, flags, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can open folders."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _output_error(path: str | os.PathLike[str], error: Exception) -> OutputError:
    name = display_name(path)
    folder = display_name(Path(path).parent) if Path(path).parent.name else ""
    number = error.errno if isinstance(error, OSError) else None
    if isinstance(error, PermissionError):
        reason, advice = (
            tr("there is no permission, or another program has it open"),
            tr("Choose another folder, or close the other program."),
        )
    elif isinstance(error, FileNotFoundError | NotADirectoryError):
        reason = (
            tr("{folder} does not exist", folder=folder)
            if folder
            else tr("the folder does not exist")
        )
        advice = tr("Choose another folder.")
    elif number in (errno.ENOSPC, errno.EDQUOT):
        reason, advice = tr("the disk is full"), tr("Free some space, or choose another disk.")
    elif number == errno.EROFS:
        reason, advice = tr("the disk is read-only"), tr("Choose another folder.")
    elif number == errno.ENAMETOOLONG:
        reason, advice = tr("the name is too long"), tr("Choose a shorter name.")
    else:
        detail = error.strerror if isinstance(error, OSError) else str(error)
        reason, advice = detail or type(error).__name__, tr("Choose another name or folder.")
    return OutputError(tr("{name} cannot be written: {reason}.", name=name, reason=reason), advice)


def save_png(
    path: str | os.PathLike[str], pixels: npt.NDArray[np.uint8], carried: bytes = b""
) -> Path:
    """Write a picture as PNG, which keeps every value.

    Parameters
    ----------
    path
        ``.png`` is added where it is missing.
    pixels
        uint8 (H, W), (H, W, 3) or (H, W, 4).
    carried
        What it tells of where it comes from, as ``carried.of`` gives it; empty for nothing.

    Returns
    -------
    The path written.

    Raises
    ------
    OutputError
        The file cannot be written, or its name promises another format.
    ValueError
        Not a picture of that kind.
    """
    array = np.ascontiguousarray(pixels)
    kinds = ((), (1,), (3,), (4,))
    if array.dtype != np.uint8 or array.ndim < 2 or array.shape[2:] not in kinds or not array.size:
        raise ValueError(f"uint8 (H, W[, 3 or 4]) is wanted, not {array.dtype} {array.shape}")
    target = Path(path)
    if target.suffix.lower() in OTHER_THAN_PNG:
        raise OutputError(
            tr(
                "{name} cannot be written: pictures are saved as PNG, which alters no pixel.",
                name=display_name(target),
            ),
            tr("Choose a name that ends in .png."),
        )
    buffer = io.BytesIO()
    told = PngImagePlugin.PngInfo()
    if carried:
        told.add_itxt(KEYWORD, carried.decode())
    picture = Image.fromarray(array.squeeze(2) if array.shape[2:] == (1,) else array)
    picture.save(buffer, "PNG", pnginfo=told)
    return write_with_suffix(target, ".png", buffer.getvalue())


def save_jpeg(path: str | os.PathLike[str], pixels: npt.NDArray[np.uint8]) -> Path:
    """Write uint8 (H, W, 3) as JPEG, as little altered as is usual: it alters pixels all the same.

    Quality 95, colours as fine as brightness (4:4:4); ``.jpg`` is added where no ending says JPEG.

    Returns
    -------
    The path written.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    target = Path(path)
    suffix = target.suffix.lower() if is_jpeg(target) else ".jpg"
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "JPEG", quality=95, subsampling=0)
    return write_with_suffix(target, suffix, buffer.getvalue())


def save_npy(path: str | os.PathLike[str], array: npt.NDArray[Any]) -> Path:
    """Write an array in NumPy's format; ``.npy`` is added where it is missing.

    Returns
    -------
    The path written.

    Raises
    ------
    OutputError
        The file cannot be written.
    ValueError
        The array holds Python objects.
    """
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return write_with_suffix(Path(path), ".npy", buffer.getvalue())


def save_npz(path: str | os.PathLike[str], arrays: Mapping[str, npt.NDArray[Any]]) -> Path:
    """Write arrays under their names in NumPy's format; ``.npz`` is added where it is missing.

    Returns
    -------
    The path written.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    buffer = io.BytesIO()
    named: dict[str, Any] = dict(arrays)
    np.savez_compressed(buffer, **named)
    return write_with_suffix(Path(path), ".npz", buffer.getvalue())


def write_with_suffix(target: Path, suffix: str, data: bytes) -> Path:
    """Write a file whole or not at all; ``suffix`` is added where it is missing.

    Returns
    -------
    The path written.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    if target.suffix.lower() != suffix:
        target = target.with_name(target.name + suffix) if target.name else target
    write_atomically(target, data)
    return target


def quantised(result: AttackResult) -> ByteArray:
    """Return an adversarial image in 8 bits, uint8 (H, W, 3), inside the ball it was made for."""
    return in_levels(
        result.adversarial_image, result.clean_image, result.norm.lower(), result.epsilon
    )


def in_levels(
    image: npt.NDArray[np.floating[Any]],
    clean: npt.NDArray[np.floating[Any]],
    norm: str,
    epsilon: float | None,
) -> ByteArray:
    """Round an image to 8 bits, uint8 (H, W, 3); what lies in the ball around another stays in it.

    Parameters
    ----------
    image, clean
        float (3, H, W) in [0, 1]; the clean one is a multiple of 1/255.
    epsilon
        In 255ths for Linf, in units of [0, 1] for L2 and L1; None for no bound.

    Raises
    ------
    OutputError
        A value is not finite.
    """
    if not np.isfinite(image).all():
        raise OutputError(_NO_NUMBERS, tr("Run the attack again."))
    levels = np.rint(clean.astype(np.float64) * 255)
    change = LevelBall.around(clean, norm, epsilon).rounded(255 * image.astype(np.float64) - levels)
    rounded: ByteArray = (levels + change).astype(np.uint8)
    return np.ascontiguousarray(rounded.transpose(1, 2, 0))
