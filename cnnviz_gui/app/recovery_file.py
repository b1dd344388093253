"""The file in which the work of a running program is safe: its own, whole at any moment."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import threading
from pathlib import Path

from PySide6.QtCore import QLockFile

_FILE, _LEFT, _LOCK = "session.cnnviz", "left.cnnviz", "lock"
"""What is in use, what was left in order, and what says that its process lives."""
_MOST_KEPT = 20
"""Of runs that ended unexpectedly; of older ones nothing is offered any more."""


class RecoveryFile:
    """A folder of this process: a lock while it lives, and the file once there is something.

    Two programs at the same time have one each. Nothing is raised: where the folder cannot be
    written the program works all the same, without a net.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / f"{os.getpid()}-{secrets.token_hex(4)}"
        self._lock: QLockFile | None = None
        self._writing = threading.Lock()
        self._over = False

    @property
    def path(self) -> Path:
        """Of the file, which need not be there."""
        return self._folder / _FILE

    def write(self, data: bytes) -> bool:
        """Replace what is in the file, in one go, and return whether that was possible."""
        # numpy comes with it, which the first paint does not wait for
        from cnnviz_gui.core.errors import OutputError
        from cnnviz_gui.core.files import write_atomically

        with self._writing:
            if self._over:
                return False
            try:
                self._hold()
                write_atomically(self.path, data)
            except (OSError, OutputError):
                return False
            return True

    def _hold(self) -> None:
        """Say that this process lives."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._lock is None:
            lock = QLockFile(str(self._folder / _LOCK))
            lock.setStaleLockTime(0)  # it is held as long as its process lives
            if lock.tryLock(0):
                self._lock = lock

    def close(self, *, keep: bool = False) -> None:
        """Remove the file: the program ends as it should; ``keep`` what is in no other one."""
        with self._writing:
            if keep and not self._over:
                with contextlib.suppress(OSError):
                    self.path.replace(self.path.with_name(_LEFT))
            self._over = True
            if self._lock is not None:
                self._lock.unlock()
                self._lock = None
            if not self.path.with_name(_LEFT).exists():
                remove(self.path)
            elif self.path.exists():
                self.path.unlink()


def set_aside(folder: Path, data: bytes) -> Path | None:
    """Write what another piece of work replaces, to be offered; None where that fails."""
    from cnnviz_gui.core.errors import OutputError
    from cnnviz_gui.core.files import write_atomically

    path = folder / f"{os.getpid()}-{secrets.token_hex(4)}" / _LEFT
    try:
        path.parent.mkdir(parents=True)
        write_atomically(path, data)
    except (OSError, OutputError):
        return None
    return path


def in_order(path: Path) -> bool:
    """Tell whether a file was left on purpose, by a program that ended as it should."""
    return path.name == _LEFT


def left(folder: Path) -> tuple[Path, ...]:
    """Return the files of processes that are gone, the newest first; remove what is empty."""
    found = []
    with contextlib.suppress(OSError):
        for entry in sorted(folder.iterdir()):
            if entry.is_dir() and not entry.is_symlink() and _is_gone(entry):
                files = [entry / name for name in (_FILE, _LEFT) if (entry / name).is_file()]
                found += files[:1]
                if not files:
                    remove(entry / _FILE)
    found.sort(key=when, reverse=True)
    for path in found[_MOST_KEPT:]:
        remove(path)
    return tuple(found[:_MOST_KEPT])


def remove(path: Path) -> None:
    """Remove the file of a process that is gone, with its folder."""
    shutil.rmtree(path.parent, ignore_errors=True)


def _is_gone(folder: Path) -> bool:
    """Tell whether the process of a folder lives no more."""
    if not (folder / _LOCK).exists():
        # Without either it is being made.
        return (folder / _FILE).exists() or (folder / _LEFT).exists()
    lock = QLockFile(str(folder / _LOCK))
    lock.setStaleLockTime(0)
    if not lock.tryLock(0):
        return False
    lock.unlock()
    return True


def when(path: Path) -> float:
    """Return when a file was written, in seconds since the epoch; 0 if it is gone."""
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0
