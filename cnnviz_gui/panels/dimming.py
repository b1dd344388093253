"""Old results recede, unless the new ones come within a blink."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from cnnviz_gui.panels import theme


class Dimming(QObject):
    """The opacity of what may be old."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.opacity = 1.0
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(theme.LOADING_AFTER_MS)
        self._patience.timeout.connect(self._on_patience_over)

    def set_stale(self, stale: bool) -> None:
        """Dim after 150 ms, or stop dimming at once."""
        if not stale:
            self._patience.stop()
            self._set(1.0)
        elif self.opacity == 1.0 and not self._patience.isActive():
            self._patience.start()

    @Slot()
    def _on_patience_over(self) -> None:
        self._set(theme.STALE_OPACITY)

    def _set(self, opacity: float) -> None:
        if opacity != self.opacity:
            self.opacity = opacity
            self.changed.emit()
