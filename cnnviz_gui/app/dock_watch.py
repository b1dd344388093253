"""What the arrangement of the docks asks for: a way back to closed ones, each title once."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QDockWidget, QMainWindow

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import DockHeader


class Dock(QDockWidget):
    """A dock that is told from what it floats over."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the edge in the margin that a floating dock has; a style sheet cannot."""
        super().paintEvent(event)
        if self.isFloating():
            painter = QPainter(self)
            painter.setPen(theme.color("field"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class DockWatch(QObject):
    """Shows a button while all docks are closed, and no title below a tab that bears it.

    Parameters
    ----------
    window
        That holds the docks.
    back
        Brings all docks back.
    """

    def __init__(self, window: QMainWindow, back: QAbstractButton) -> None:
        super().__init__(window)
        self._window = window
        self._back = back
        self._docks: list[QDockWidget] = []
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._look)
        back.hide()
        back.clicked.connect(self._on_back)

    def add(self, dock: QDockWidget) -> None:
        """Watch a dock from here on."""
        self._docks.append(dock)
        for told in (dock.visibilityChanged, dock.topLevelChanged, dock.dockLocationChanged):
            told.connect(self._on_moved)

    @Slot()
    def _on_moved(self) -> None:
        self._soon.start(0)  # by then all of one move is done

    @Slot()
    def _look(self) -> None:
        self._back.setVisible(all(dock.isHidden() for dock in self._docks))
        for dock in self._docks:
            header = dock.titleBarWidget()
            if isinstance(header, DockHeader):
                header.title.setVisible(not self._window.tabifiedDockWidgets(dock))

    @Slot()
    def _on_back(self) -> None:
        for dock in self._docks:
            dock.show()
