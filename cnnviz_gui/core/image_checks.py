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
from cnnviz_gui.texts import ntr, tr

MAX_BYTES = 256_000_000
MAX_FULL_PIXELS = 50_000_000
MAX_REDUCED_PIXELS = 178_000_000
MAX_FRAMES = 10_000
"""Frames beyond are not counted: a hostile file can hold millions of empty ones."""

_CHUNK = 1 << 20
_HINT = tr("PNG, JPEG, WebP, GIF, BMP, TIFF and AVIF can be opened.")
_KINDS = _HINT + " " + tr("Weights are .pth, .pt or .safetensors, sessions .cnnviz.")
_PROTOCOLS = (b"\x02", b"\x03", b"\x04", b"\x05")
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
    (b"%!PS", tr("an EPS or PostScript file")),
    (b"\xc5\xd0\xd3\xc6", tr("an EPS or PostScript file")),
    (b"%PDF", tr("a PDF document")),
    (b"8BPS", tr("a Photoshop document (PSD)")),
    (b"SIMPLE  =", tr("a FITS file")),
    (b"icns", tr("an icon file (ICNS)")),
    (b"\x00\x00\x01\x00", tr("an icon file (ICO)")),
    (b"\x0a\x05\x01", tr("a PCX picture")),
    (b"DDS ", tr("a DDS texture")),
    (b"\x00\x00\x00\x0cjP  ", tr("a JPEG 2000 picture")),
    (b"\xff\x4f\xff\x51", tr("a JPEG 2000 picture")),
    (b"\x00\x00\x00\x0cJXL ", tr("a JPEG XL picture")),
    (b"\xff\x0a", tr("a JPEG XL picture")),
    (b"gimp xcf", tr("a GIMP document (XCF)")),
    (b"qoif", tr("a QOI picture")),
    (b"v/1\x01", tr("an OpenEXR picture")),
    (b"\x93NUMPY", tr("a NumPy array")),
    (b"\x89HDF", tr("an HDF5 file")),
    (b"PK\x03\x04", tr("a ZIP archive")),
    (b"\x1f\x8b", tr("a gzip archive")),
    (b"\x1aE\xdf\xa3", tr("a video")),
    (b"version https://git-lfs", tr("a Git LFS pointer: the picture itself was not fetched")),
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
        raise ImageError(
            tr("{name!r} is not the name of a file.", name=name), tr("Choose another file.")
        ) from error
    if not data:
        raise ImageError(tr("{name} is empty.", name=name), tr("Fetch or save the picture again."))
    return FileBytes(name, data, digest)


def _require_regular(path: str, name: str) -> None:
    """Look before opening: to open a pipe or a device may wait for ever."""
    if not path:
        raise ImageError(tr("No picture is named."), tr("Choose a file."))
    found = Path(path).stat()
    if stat.S_ISDIR(found.st_mode):
        raise ImageError(tr("{name} is a folder.", name=name), tr("Choose a picture in it."))
    if not stat.S_ISREG(found.st_mode):
        raise ImageError(
            tr("{name} is a device or a pipe, not a file.", name=name), tr("Choose a picture file.")
        )
    if found.st_size > MAX_BYTES:
        raise _too_large(name, found.st_size)


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
                raise _too_large(name)
            ctx.step(buffer.tell(), max(total, buffer.tell()))
    return buffer.getvalue(), digest.hexdigest()


def _too_large(name: str, size: int | None = None) -> ImageError:
    """Return what is said of a file of so many bytes; None of one that grows as it is read."""
    most = MAX_BYTES / 1e6
    if size is None:
        said = tr(
            "{name} has more and more bytes; the limit is {most:.0f} MB.", name=name, most=most
        )
    else:
        said = tr(
            "{name} has {size:.0f} MB; the limit is {most:.0f} MB.",
            name=name,
            size=size / 1e6,
            most=most,
        )
    return ImageError(said, tr("Save it smaller with another program."))


def _unreadable(path: str, name: str, error: OSError) -> tuple[str, str]:
    if isinstance(error, PermissionError):
        owner, advice = _owner(path), tr("Ask for it, or copy it.")
        if not owner:
            return tr("There is no permission to read {name}.", name=name), advice
        return tr(
            "There is no permission to read {name}; its owner is {owner}.", name=name, owner=owner
        ), advice
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return tr("{name} does not exist any more, or never did.", name=name), tr(
            "Choose another file."
        )
    if error.errno == errno.ELOOP:
        return tr("{name} is a link that leads back to itself.", name=name), tr(
            "Choose the picture itself."
        )
    if error.errno == errno.ENAMETOOLONG:
        return tr("The path of {name} is too long for this system.", name=name), tr(
            "Move or rename the file."
        )
    reason = error.strerror or type(error).__name__
    return tr("{name} cannot be read: {reason}.", name=name, reason=reason), tr(
        "See whether its drive is still connected."
    )


def _owner(path: str) -> str:
    try:
        return Path(path).owner()
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
            raise ImageError(
                tr("{name} is {what}, which is not supported.", name=file.name, what=what), _HINT
            )
    text = _text_kind(head)
    if text == "SVG":
        raise ImageError(
            tr("{name} is a vector image (SVG), which is not supported.", name=file.name),
            tr("Save it as PNG."),
        )
    if text:
        raise ImageError(
            tr("{name} contains {text}, not a picture.", name=file.name, text=text),
            tr("Choose another file."),
        )
    if _is_pickle(file):
        raise ImageError(
            tr("{name} is a pickle, which may hold code; it is not opened.", name=file.name),
            tr("Ask for the weights alone, as a state dict (.pth) or as safetensors."),
        )
    raise ImageError(
        tr(
            "{name} is not a readable picture ({size}).",
            name=file.name,
            size=size_text(file.data),
        ),
        _KINDS,
    )


def _is_pickle(file: FileBytes) -> bool:
    """Tell a pickle by its first bytes, those of protocol 2 to 5, and its last."""
    return file.data[:1] == b"\x80" and file.data[1:2] in _PROTOCOLS and file.data.endswith(b".")


def _iso_format(head: bytes, name: str) -> str:
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12]] + [head[i : i + 4] for i in range(16, end, 4)]
    if any(brand in _AVIF_BRANDS for brand in brands):
        return "AVIF"
    if any(brand in _HEIF_BRANDS for brand in brands):
        return "HEIF"
    raise ImageError(tr("{name} is a video, which is not supported.", name=name), _HINT)


def _text_kind(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return tr("text")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"\x00" in head or not start:
        return ""
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return tr("text (HTML)")
    if b"<svg" in start:
        return "SVG"
    if start.startswith(b"<?xml"):
        return tr("text (XML)")
    printable = sum(byte >= 32 or byte in b"\t\n\r\f" for byte in head)
    return tr("text") if printable == len(head) and _decodes(head) else ""


def _decodes(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3  # a character cut by the end of the sample
    return True


def size_text(data: bytes) -> str:
    """Return a size as people read it: ``20 bytes``, ``1.2 MB``."""
    if len(data) < 1000:
        return ntr("{n} byte", "{n} bytes", len(data))
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
