"""Weight files bear the beginning of their SHA-256 in their name: ``resnet50-11ad3fa6.pth``."""

from __future__ import annotations

import hashlib
import re
import threading
from pathlib import Path

from cnnviz_gui.core.context import Context

_CHUNK = 1 << 20
_POLL_SECONDS = 0.02
_PROMISE = re.compile(r"-([0-9a-f]{8,64})(?:\.[^.]+)?$")
_kept: set[tuple[str, int, int, int]] = set()
"""Path, size, time of change and inode of files that were found right."""


def promised(path: Path) -> str:
    """Return the digits in a file's name with which its SHA-256 begins; empty where none are."""
    found = _PROMISE.search(path.name)
    return found[1] if found else ""


class Check:
    """Reads a file on a thread of its own, to see whether it is what its name promises.

    A file without a promise is not. One that was found right and has not changed since is not read
    again. Hashing leaves the interpreter free, so whoever opens the file can go on meanwhile.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._right = False
        self._error: OSError | None = None
        self._unwanted = threading.Event()
        self._thread = threading.Thread(target=self._work, name="checksum", daemon=True)
        self._thread.start()

    def right(self, ctx: Context) -> bool:
        """Wait for the answer.

        Raises
        ------
        OSError
            The file cannot be read.
        Cancelled
            ``ctx`` said so.
        """
        try:
            while self._thread.is_alive():
                self._thread.join(_POLL_SECONDS)
                ctx.check()
        finally:
            self._unwanted.set()
        if self._error is not None:
            raise self._error
        return self._right

    def _work(self) -> None:
        try:
            self._right = _identity(self._path) in _kept or self._reads_right()
        except OSError as error:
            self._error = error

    def _reads_right(self) -> bool:
        digest = hashlib.sha256()
        with self._path.open("rb") as file:
            while (chunk := file.read(_CHUNK)) and not self._unwanted.is_set():
                digest.update(chunk)
        expected = promised(self._path)
        right = bool(expected) and digest.hexdigest().startswith(expected)
        if right:
            trust(self._path)
        return right


def holds(path: Path, ctx: Context) -> bool:
    """Tell whether a file is what its name promises; raises as ``Check.right``."""
    return Check(path).right(ctx)


def trust(path: Path) -> None:
    """Note that a file is right, as it is now."""
    _kept.add(_identity(path))


def _identity(path: Path) -> tuple[str, int, int, int]:
    found = path.stat()
    return str(path), found.st_size, found.st_mtime_ns, found.st_ino
