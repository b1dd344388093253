"""A file that is not whole yet: it grows, survives a restart, and has one writer at a time."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from pathlib import Path
from types import TracebackType

from cnnviz_gui.core.context import Context

_CHUNK = 1 << 22
_LOCKED_BYTE = 1 << 62
"""Far behind any content: on Windows a locked byte cannot be read by others."""


class Busy(Exception):
    """Another process is writing the file."""


class PartFile:
    """``NAME.part`` beside the file it will become; use it in a ``with``.

    What is there already is kept and hashed. The lock goes with the file handle, so that a process
    that dies leaves none behind.

    Attributes
    ----------
    size
        Bytes so far.

    Raises
    ------
    Busy
        Another process has it open; when entered.
    OSError
        It cannot be made or read, when entered; or written, later.
    """

    def __init__(self, target: Path, ctx: Context) -> None:
        self.path = target.with_name(target.name + ".part")
        self.size = 0
        self._target = target
        self._ctx = ctx
        self._digest = hashlib.sha256()
        self._descriptor = -1

    def __enter__(self) -> PartFile:
        self._descriptor = _open_alone(self.path)
        try:
            while chunk := os.read(self._descriptor, _CHUNK):
                self._ctx.check()
                self._count(chunk)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self.size and self._descriptor >= 0:
            self.discard()
        self._close()

    @property
    def sha256(self) -> str:
        """Of all bytes so far, 64 hex digits."""
        return self._digest.hexdigest()

    def append(self, data: bytes) -> None:
        """Write at the end."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        self._count(data)

    def restart(self) -> None:
        """Drop what is there and begin again."""
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        self.size = 0
        self._digest = hashlib.sha256()

    def discard(self) -> None:
        """Remove the file."""
        if sys.platform == "win32":  # where an open file cannot be removed
            self._close()
        self.path.unlink(missing_ok=True)
        self._close()

    def complete(self) -> None:
        """Become the file it was meant for, in one step; an old one of that name is replaced."""
        os.fsync(self._descriptor)
        if sys.platform == "win32":
            self._close()
        self.path.replace(self._target)
        self._close()

    def _count(self, data: bytes) -> None:
        self._digest.update(data)
        self.size += len(data)

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _open_alone(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    while True:
        descriptor = os.open(path, flags, 0o666)
        try:
            opened = os.fstat(descriptor)
            if not stat.S_ISREG(opened.st_mode):
                raise FileExistsError(f"{path.name} is not a file")
            _lock(descriptor)
            if _is_still(path, opened):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # between opening and locking it became the whole file: look again


def _is_still(path: Path, opened: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.stat(), opened)
    except FileNotFoundError:
        return False


def _lock(descriptor: int) -> None:
    """Raise ``Busy`` where another has the lock; a file system that knows none does without."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        raise Busy from None
    except OSError:
        if sys.platform == "win32":
            os.lseek(descriptor, 0, os.SEEK_SET)
