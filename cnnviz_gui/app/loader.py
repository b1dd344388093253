"""Imports what the pages need while the window already answers."""

from __future__ import annotations

import contextlib
import importlib

from PySide6.QtCore import QThread

_MODULES = ("numpy", "PIL.Image", "pyqtgraph")


class Loader(QThread):
    """Takes half a second of imports off the GUI thread, which then finds them done.

    ``finished`` tells when. What cannot be imported is left to whoever needs it: that is where the
    failure is told.
    """

    def run(self) -> None:
        """Import; on this thread."""
        for name in _MODULES:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
