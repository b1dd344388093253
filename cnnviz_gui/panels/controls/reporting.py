"""Where controls that tell of a failure ask for a report on it, whatever they stand in."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Signal


class _Reporting(QObject):
    """Passes on what is wanted; connect a bound method of a ``QObject``."""

    wanted = Signal(object, object, object)
    """A report on a failure is to be copied: the ``QWidget`` that tells of it, the sentence, the
    details."""


reporting: Final = _Reporting()
