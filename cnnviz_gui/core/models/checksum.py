"""Weight files bear the beginning of their SHA-256 in their name: ``resnet50-11ad3fa6.pth``."""

from __future__ import annotations

import hashlib
import re
import threading
from pathlib import Path

from cnnviz_gui.core.background import Background
from cnnviz_gui.core.context import Context

_CHUNK = 1 << 20
_PROMISE = re.compile(r"-([0-9a-f]{8,64})(?:\.[^.]+)?$")
_kept: set[tuple[str, int, int, int]] = set()
"""Path, size, time of change and inode of files that were found right."""


def promised(path: Path) -> str:
    """Return the digits in a file's name with which its SHA-256 begins; empty where none are."""
    found = _PROMISE.search(path.name)
    return found[1] if found else ""


def check(path: Path) -> Background[bool]:
    """Begin to see whether a file is what its name promises; one without a promise is not.

    A file that was found right and has not changed since is not read again. The result may be an
    ``OSError``: the file cannot be read.
    """

    def right(unwanted: threading.Event) -> bool:
        if _identity(path) in _kept:
            return True
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while (chunk := file.read(_CHUNK)) and not unwanted.is_set():
                digest.update(chunk)
        expected = promised(path)
        if not expected or not digest.hexdigest().startswith(expected):
            return False
        trust(path)
        return True

    return Background(right)


def holds(path: Path, ctx: Context) -> bool:
    """Tell whether a file is what its name promises.

    Raises
    ------
    OSError
        It cannot be read.
    Cancelled
        ``ctx`` said so.
    """
    return check(path).result(ctx)


def trust(path: Path) -> None:
    """Note that a file is right, as it is now."""
    _kept.add(_identity(path))


def _identity(path: Path) -> tuple[str, int, int, int]:
    found = path.stat()
    return str(path), found.st_size, found.st_mtime_ns, found.st_ino
