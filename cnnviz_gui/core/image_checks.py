"""Before any decoder runs: whether it is a file, readable, small enough, and what it is."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import ImageError
from cnnviz_gui.core.files import display_name

MAX_BYTES = 256_000_000
MAX_FULL_PIXELS = 50_000_000
MAX_REDUCED_PIXELS = 178_000_000
MAX_FRAMES = 10_000
"""Frames beyond are not counted: a hostile file can hold millions of empty ones."""

_CHUNK = 1 << 20
_HINT = "PNG, JPEG, WebP, GIF, BMP, TIFF and AVIF can be opened."
_AVIF_BRANDS = (b"avif", b"avis")
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")

_PICTURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II\x2a\x00", "TIFF"),
    (b"MM\x00\x2a", "TIFF"),
    (b"II\x2b\x00", "TIFF"),
    (b"MM\x00\x2b", "TIFF"),
)
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%!PS", "an EPS or PostScript file"),
    (b"\xc5\xd0\xd3\xc6", "an EPS or PostScript file"),
    (b"%PDF", "a PDF document"),
    (b"8BPS", "a Photoshop document (PSD)"),
    (b"SIMPLE  =", "a FITS file"),
    (b"icns", "an icon file (ICNS)"),
    (b"\x00\x00\x01\x00", "an icon file (ICO)"),
    (b"\x0a\x05\x01", "a PCX picture"),
    (b"DDS ", "a DDS texture"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"gimp xcf", "a GIMP document (XCF)"),
    (b"qoif", "a QOI picture"),
    (b"v/1\x01", "an OpenEXR picture"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x89HDF", "an HDF5 file"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"version https://git-lfs", "a Git LFS pointer: the picture itself was not fetched"),
)


@dataclass(frozen=True, slots=True)
class FileBytes:
    """A file's content, read once."""

    name: str
    """As it may stand in a sentence."""
    data: bytes
    sha256: str


def read_file(path: str, ctx: Context) -> FileBytes:
    """Read a regular file of bounded size, cancellable between chunks of 1 MB.

    Raises
    ------
    ImageError
        There is no such file, it may not be read, it is not a regular file, empty or too large.
    """
    name = display_name(path)
    try:
        _require_regular(os.fspath(path), name)
        data, digest = _read(path, name, ctx)
    except OSError as error:
        raise ImageError(*_unreadable(path, name, error)) from error
    except (ValueError, RuntimeError) as error:  # a NUL or an unpaired surrogate in the path
        raise ImageError(f"{name!r} is not the name of a file.", "Choose another file.") from error
    if not data:
        raise ImageError(f"{name} is empty.", "Fetch or save the picture again.")
    return FileBytes(name, data, digest)


def _require_regular(path: str, name: str) -> None:
    """Look before opening: to open a pipe or a device may wait for ever."""
    if not path:
        raise ImageError("No picture is named.", "Choose a file.")
    found = Path(path).stat()
    if stat.S_ISDIR(found.st_mode):
        raise ImageError(f"{name} is a folder.", "Choose a picture in it.")
    if not stat.S_ISREG(found.st_mode):
        raise ImageError(f"{name} is a device or a pipe, not a file.", "Choose a picture file.")
    if found.st_size > MAX_BYTES:
        raise _too_large(name, f"{found.st_size / 1e6:.0f} MB")


def _read(path: str, name: str, ctx: Context) -> tuple[bytes, str]:
    # Were the file replaced by a pipe since the look, opening would still not wait.
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    buffer, digest = io.BytesIO(), hashlib.sha256()
    with os.fdopen(os.open(path, flags), "rb", buffering=0) as file:
        total = os.fstat(file.fileno()).st_size
        while chunk := file.read(_CHUNK):
            buffer.write(chunk)
            digest.update(chunk)
            if buffer.tell() > MAX_BYTES:
                raise _too_large(name, "more and more bytes")
            ctx.step(buffer.tell(), max(total, buffer.tell()))
    return buffer.getvalue(), digest.hexdigest()


def _too_large(name: str, size: str) -> ImageError:
    return ImageError(
        f"{name} has {size}; the limit is {MAX_BYTES / 1e6:.0f} MB.",
        "Save it smaller with another program.",
    )


def _unreadable(path: str, name: str, error: OSError) -> tuple[str, str]:
    if isinstance(error, PermissionError):
        return f"There is no permission to read {name}{_owner(path)}.", "Ask for it, or copy it."
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return f"{name} does not exist any more, or never did.", "Choose another file."
    if error.errno == errno.ELOOP:
        return f"{name} is a link that leads back to itself.", "Choose the picture itself."
    if error.errno == errno.ENAMETOOLONG:
        return f"The path of {name} is too long for this system.", "Move or rename the file."
    reason = error.strerror or type(error).__name__
    return f"{name} cannot be read: {reason}.", "See whether its drive is still connected."


def _owner(path: str) -> str:
    try:
        return f"; its owner is {Path(path).owner()}"
    except (OSError, KeyError, RuntimeError, NotImplementedError):
        return ""


def recognise(file: FileBytes) -> str:
    """Return Pillow's name of the format, by the first bytes alone, whatever the suffix says.

    Raises
    ------
    ImageError
        None of the formats accepted; says what it is instead.
    """
    head = file.data[:4096]
    for magic, kind in _PICTURES:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return _iso_format(head, file.name)
    for magic, what in _OTHERS:
        if head.startswith(magic):
            raise ImageError(f"{file.name} is {what}, which is not supported.", _HINT)
    text = _text_kind(head)
    if text == "SVG":
        raise ImageError(
            f"{file.name} is a vector image (SVG), which is not supported.", "Save it as PNG."
        )
    if text:
        raise ImageError(f"{file.name} contains {text}, not a picture.", "Choose another file.")
    raise ImageError(f"{file.name} is not a readable picture ({size_text(file.data)}).", _HINT)


def _iso_format(head: bytes, name: str) -> str:
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12]] + [head[i : i + 4] for i in range(16, end, 4)]
    if any(brand in _AVIF_BRANDS for brand in brands):
        return "AVIF"
    if any(brand in _HEIF_BRANDS for brand in brands):
        return "HEIF"
    raise ImageError(f"{name} is a video, which is not supported.", _HINT)


def _text_kind(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"\x00" in head or not start:
        return ""
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "text (HTML)"
    if b"<svg" in start:
        return "SVG"
    if start.startswith(b"<?xml"):
        return "text (XML)"
    printable = sum(byte >= 32 or byte in b"\t\n\r\f" for byte in head)
    return "text" if printable == len(head) and _decodes(head) else ""


def _decodes(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3  # a character cut by the end of the sample
    return True


def size_text(data: bytes) -> str:
    """Return a size as people read it: ``20 bytes``, ``1.2 MB``."""
    if len(data) < 1000:
        return f"{len(data)} byte{'' if len(data) == 1 else 's'}"
    return f"{len(data) / 1e3:.3g} kB" if len(data) < 1e6 else f"{len(data) / 1e6:.3g} MB"


def gif_frames(data: bytes) -> int:
    """Count the frames of a GIF by its blocks, without decoding; at most ``MAX_FRAMES``."""
    position = 13 + _table_size(data, 10)
    count = 0
    while position < len(data) and count < MAX_FRAMES:
        if data[position] == 0x21:
            position = _after_blocks(data, position + 2)
        elif data[position] == 0x2C:
            count += 1
            position = _after_blocks(data, position + 11 + _table_size(data, position + 9))
        else:
            break
    return max(count, 1)


def _table_size(data: bytes, flags_at: int) -> int:
    flags = data[flags_at] if flags_at < len(data) else 0
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, position: int) -> int:
    while position < len(data) and data[position]:
        position += data[position] + 1
    return position + 1


def webp_size(data: bytes) -> tuple[int, int]:
    """Return (width, height) of a WebP file; its decoder fills the canvas before anyone can ask.

    (0, 0) where the header is not one.
    """
    kind, body = data[12:16], data[20:30].ljust(10, b"\0")
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L":
        sizes = int.from_bytes(body[1:5], "little")
        return (sizes & 0x3FFF) + 1, (sizes >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = int.from_bytes(body[6:8], "little"), int.from_bytes(body[8:10], "little")
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0
