"""Imports what the pages need while the window already answers."""

from __future__ import annotations

import contextlib
import importlib

from PySide6.QtCore import QThread

MODULES = ("numpy", "PIL.Image")
"""None that knows Qt: PySide makes its classes when they are first asked for, and the window's
thread, which looks them up meanwhile without a lock, crashes now and then."""


class Loader(QThread):
    """Takes some of the imports off the GUI thread, which then finds them done.

    ``finished`` tells when. What cannot be imported is left to whoever needs it: that is where the
    failure is told.
    """

    def run(self) -> None:
        """Import; on this thread."""
        for name in MODULES:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
