"""What a file of weights is, told by its first bytes before anything reads it, and its checksum."""

from __future__ import annotations

import codecs
import errno
import hashlib
import io
import os
import stat
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import CheckpointError
from cnnviz_gui.core.files import display_name
from cnnviz_gui.core.models.pickle_names import SAVE_AGAIN, is_plain, refusal
from cnnviz_gui.core.models.pickle_outline import BrokenPickle, outline
from cnnviz_gui.texts import tr

Kind = Literal["safetensors", "zip", "legacy", "exported program"]
"""Of the files that may be read: PyTorch's two ways to save, and what ``torch.export`` saves."""

LEGACY_START = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""The first pickle of a file that PyTorch before 1.6 saved: a number that marks it."""
_FETCH_AGAIN = tr("Fetch it again.")
_CHOOSE = tr("Choose a .safetensors, .pt or .pth file of weights.")
_CHUNK = 1 << 22
_HEAD = 4096

_OTHERS: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"\x89HDF\r\n\x1a\n", tr("an HDF5 file, as Keras writes"), SAVE_AGAIN),
    (0, b"GGUF", tr("a GGUF file, which holds a language model"), _CHOOSE),
    (4, b"TFL3", tr("a TensorFlow Lite file"), _CHOOSE),
    (0, b"\x93NUMPY", tr("a NumPy array"), _CHOOSE),
    (257, b"ustar", tr("a tar archive, as the first versions of PyTorch wrote"), SAVE_AGAIN),
    (0, b"\x1f\x8b", tr("a gzip archive"), tr("Unpack it first.")),
    (0, b"BZh", tr("a bzip2 archive"), tr("Unpack it first.")),
    (0, b"\xfd7zXZ\x00", tr("an xz archive"), tr("Unpack it first.")),
    (0, b"\x28\xb5\x2f\xfd", tr("a Zstandard archive"), tr("Unpack it first.")),
    (0, b"7z\xbc\xaf\x27\x1c", tr("a 7-Zip archive"), tr("Unpack it first.")),
    (0, b"Rar!", tr("a RAR archive"), tr("Unpack it first.")),
    (0, b"PK\x05\x06", tr("an empty ZIP archive"), _FETCH_AGAIN),
    (0, b"\x89PNG", tr("a picture"), _CHOOSE),
    (0, b"\xff\xd8\xff", tr("a picture"), _CHOOSE),
    (0, b"GIF8", tr("a picture"), _CHOOSE),
    (0, b"%PDF", tr("a PDF document"), _CHOOSE),
    (0, b"SQLite format 3", tr("a database"), _CHOOSE),
    (0, b"\x7fELF", tr("a program, not weights"), _CHOOSE),
    (0, b"MZ", tr("a program, not weights"), _CHOOSE),
    (
        0,
        b"version https://git-lfs",
        tr("a Git LFS pointer: the weights themselves were not fetched"),
        tr('Fetch them with "git lfs pull", or from the web page of the repository.'),
    ),
)
_WEB = (b"<!doctype", b"<html", b"<head", b"<?xml", b"<body", b"<script", b"<!--")


@dataclass(frozen=True, slots=True)
class CheckpointFile:
    """A file that may be read."""

    path: str
    name: str
    """As it may stand in a sentence."""
    size: int
    sha256: str
    kind: Kind


def examine(path: str, ctx: Context, expected: str = "") -> CheckpointFile:
    """Look at a file and compute its SHA-256; nothing of its content is interpreted.

    Parameters
    ----------
    expected
        The SHA-256 that it must have; empty for any.

    Raises
    ------
    CheckpointError
        It cannot be read, or is of a kind that is not.
    Cancelled
        By ``ctx``, asked between chunks of 4 MB.
    """
    name = display_name(path)
    try:
        size = _size_of_regular(path, name)
        with Path(path).open("rb") as file:
            kind = _kind(file, name, size, ctx)
            file.seek(0)
            sha256 = _checksum(file, size, ctx)
    except OSError as error:
        raise CheckpointError(*_unreadable(name, error)) from error
    except ValueError as error:  # a NUL in the path
        raise CheckpointError(
            tr("{name!r} is not the name of a file.", name=name), _CHOOSE
        ) from error
    if expected and sha256 != expected:
        raise CheckpointError(
            tr("{name} has changed on disk.", name=name),
            tr("Open it again to see what it is now."),
            offer="reload",
        )
    return CheckpointFile(os.fspath(path), name, size, sha256, kind)


def megabytes(count: int) -> str:
    """Return a size as it may stand in a sentence: ``1.2 MB``."""
    if count < 1e5:
        return tr("{count} bytes", count=count)
    return f"{count / 1e6:.1f} MB" if count < 1e8 else f"{count / 1e6:,.0f} MB"


def incomplete(name: str, here: int, whole: int | None = None) -> CheckpointError:
    """Return the failure of a file that breaks off."""
    said = tr("{name} is cut off: its end is missing.", name=name)
    if whole:
        sizes = {"here": megabytes(here), "whole": megabytes(whole)}
        said = tr("{name} is cut off: {here} of {whole} are here.", name=name, **sizes)
    return CheckpointError(said, _FETCH_AGAIN)


def _size_of_regular(path: str, name: str) -> int:
    """Look before opening: to open a pipe or a device may wait for ever."""
    if not path:
        raise CheckpointError(tr("No file of weights is named."), _CHOOSE)
    found = Path(path).stat()
    if stat.S_ISDIR(found.st_mode):
        raise CheckpointError(
            tr("{name} is a folder.", name=name), tr("Choose the file of weights in it.")
        )
    if not stat.S_ISREG(found.st_mode):
        raise CheckpointError(tr("{name} is a device or a pipe, not a file.", name=name), _CHOOSE)
    if found.st_size == 0:
        raise CheckpointError(tr("The file {name} is empty.", name=name), _FETCH_AGAIN)
    return found.st_size


def _unreadable(name: str, error: OSError) -> tuple[str, str]:
    if isinstance(error, PermissionError):
        return tr("There is no permission to read {name}.", name=name), tr(
            "Ask for it, or copy the file."
        )
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return tr("{name} does not exist any more, or never did.", name=name), tr(
            "Choose another file."
        )
    if error.errno in (errno.ELOOP, errno.ENAMETOOLONG):
        return tr("The path of {name} leads nowhere.", name=name), tr("Choose the file itself.")
    reason = error.strerror or type(error).__name__
    return tr("{name} cannot be read: {reason}.", name=name, reason=reason), tr(
        "See whether its drive is still connected."
    )


def _checksum(file: io.BufferedReader, size: int, ctx: Context) -> str:
    digest, done = hashlib.sha256(), 0
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        done += len(chunk)
        ctx.step(done, max(size, done))
    return digest.hexdigest()


def _kind(file: io.BufferedReader, name: str, size: int, ctx: Context) -> Kind:
    """Tell the kind of an open file, or refuse it with a sentence of its own."""
    head = file.read(_HEAD)
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_zip(file, name, size, ctx)
    if head.startswith(LEGACY_START):
        return "legacy"
    if _looks_like_safetensors(head, name):
        return "safetensors"
    for offset, magic, title, advice in _OTHERS:
        if head[offset:].startswith(magic):
            raise CheckpointError(tr("{name} is {title}.", name=name, title=title), advice)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(_WEB):
        raise CheckpointError(
            tr("{name} is a web page, not a file of weights.", name=name),
            tr("The server sent an error or a log-in page; fetch the file itself."),
        )
    if _is_onnx(head):
        raise CheckpointError(tr("{name} is an ONNX file.", name=name), SAVE_AGAIN)
    _refuse_pickle(file, name, ctx)
    if _is_text(head):
        raise CheckpointError(tr("{name} is a text file, not weights.", name=name), _CHOOSE)
    raise CheckpointError(
        tr("{name} is damaged, or of no kind that is known here.", name=name),
        tr("PyTorch state dicts and safetensors can be opened."),
    )


def _looks_like_safetensors(head: bytes, name: str) -> bool:
    if head[8:9] == b"{" and struct.unpack("<Q", head[:8])[0] < 1 << 40:
        return True
    # whatever bears the suffix is damaged safetensors unless its first bytes say otherwise
    other = any(head[offset:].startswith(magic) for offset, magic, *_ in _OTHERS)
    return name.lower().endswith(".safetensors") and not other and not _is_text(head)


def _is_onnx(head: bytes) -> bool:
    """Tell whether the bytes begin like ONNX: the version of the format, then the producer."""
    if len(head) < 3 or head[0] != 8:
        return False
    return 1 <= head[1] <= 32 and head[2:3] in (b"\x12", b"\x1a", b":", b"B")


def _is_text(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # the last character may be cut
    except UnicodeDecodeError:
        return False
    return not any(byte < 9 or 13 < byte < 32 for byte in head)


def _refuse_pickle(file: io.BufferedReader, name: str, ctx: Context) -> None:
    """Refuse a pickle that no version of ``torch.save`` wrote."""
    file.seek(0)
    try:
        found = outline(file, ctx)
    except BrokenPickle:
        return
    if all(is_plain(asked) for asked in found.names):
        raise CheckpointError(tr("{name} is a pickle without weights.", name=name), _CHOOSE)
    raise refusal(name, found.names)


def _kind_of_zip(file: io.BufferedReader, name: str, size: int, ctx: Context) -> Kind:
    try:
        entries = zipfile.ZipFile(file).namelist()
    except zipfile.BadZipFile:
        raise incomplete(name, size, _announced(file, ctx)) from None
    except Exception as error:  # a damaged directory raises several classes
        raise CheckpointError(
            tr("{name} is a damaged archive.", name=name), _FETCH_AGAIN
        ) from error
    inside = {entry.partition("/")[2] for entry in entries}
    if "constants.pkl" in inside or any(entry.startswith("code/") for entry in inside):
        raise CheckpointError(
            tr("{name} is a TorchScript archive, which is a program; it is not opened.", name=name),
            SAVE_AGAIN,
        )
    if "archive_format" in inside or "serialized_exported_program.json" in entries:
        return "exported program"
    if "data.pkl" in inside:
        return "zip"
    if any(entry.endswith(".weights.h5") for entry in entries):
        raise CheckpointError(tr("{name} is a Keras file.", name=name), SAVE_AGAIN)
    nested = next((e for e in entries if e.endswith((".pt", ".pth", ".safetensors"))), "")
    said = tr("{name} is a ZIP archive without weights of PyTorch.", name=name)
    if nested:
        held = display_name(nested)
        said = tr("{name} is a ZIP archive that holds {held}.", name=name, held=held)
    raise CheckpointError(said, tr("Unpack it first."))


def _announced(file: io.BufferedReader, ctx: Context) -> int | None:
    """Return how large an archive that breaks off would be, from its list of tensors."""
    file.seek(0)
    header = file.read(30)
    if len(header) < 30:
        return None
    lengths = struct.unpack("<HH", header[26:30])
    if not file.read(lengths[0]).endswith(b"/data.pkl"):
        return None
    file.seek(lengths[1], io.SEEK_CUR)
    try:
        found = outline(file, ctx)
    except BrokenPickle:
        return None
    return file.tell() + sum(found.storages.values())
