"""How much is kept on disk to save time, and clearing it, on a thread of its own."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

from PySide6.QtCore import QObject, Signal


class KeptOnDisk(QObject):
    """Tells sizes in bytes; what is on screen stays, for nothing of it needs these files."""

    measured = Signal(object)
    """How much is kept."""
    cleared = Signal(object)
    """How much is kept no more."""

    def measure(self) -> None:
        """Look how much is kept."""
        threading.Thread(target=self._work, args=(False,), daemon=True).start()

    def clear(self) -> None:
        """Delete all of it."""
        threading.Thread(target=self._work, args=(True,), daemon=True).start()

    def _work(self, clears: bool) -> None:
        from cnnviz_gui.core import feature_cache, patch_cache
        from cnnviz_gui.core.folder import kept

        places = (feature_cache, patch_cache, kept)
        size = left = sum(_size(place.folder()) for place in places)
        if clears:
            for place in places:
                place.clear()
            left = sum(_size(place.folder()) for place in places)
        with contextlib.suppress(RuntimeError):  # the window may be gone by now
            self.measured.emit(left)
            if clears:
                self.cleared.emit(size - left)


def _size(folder: Path) -> int:
    size = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            size += path.stat().st_size if path.is_file() else 0
    return size
