"""The parts of the window from the keyboard: from one to the next, and how large each is."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QSplitter, QWidget
from shiboken6 import isValid

from cnnviz_gui.app import focus_order
from cnnviz_gui.panels import direction

STEP: Final = 24
"""Pixels by which a border moves."""
_ACROSS, _DOWN = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


class Areas(QObject):
    """Bars, docks and the page: what the keys are in is the area of these actions."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._left: dict[QWidget, QWidget] = {}
        """What had the focus in an area when it was left."""

    @Slot()
    def on_next_area(self) -> None:
        """Go to the next part of the window."""
        self._go(1)

    @Slot()
    def on_previous_area(self) -> None:
        """Go to the part of the window before this."""
        self._go(-1)

    @Slot()
    def on_area_wider(self) -> None:
        """Give the area more width."""
        self._resize(_ACROSS, STEP)

    @Slot()
    def on_area_narrower(self) -> None:
        """Give the area less width."""
        self._resize(_ACROSS, -STEP)

    @Slot()
    def on_area_taller(self) -> None:
        """Give the area more height."""
        self._resize(_DOWN, STEP)

    @Slot()
    def on_area_lower(self) -> None:
        """Give the area less height."""
        self._resize(_DOWN, -STEP)

    def _go(self, by: int) -> None:
        order = focus_order.controls(self._window)
        areas = list(dict.fromkeys(filter(None, map(self._area, order))))
        if not areas:
            return
        now = QApplication.focusWidget()
        here = self._area(now)
        if now is not None and here is not None:
            self._left[here] = now
        start = areas.index(here) if here in areas else -1 if by > 0 else 0
        area = areas[(start + by) % len(areas)]
        within = [one for one in order if self._area(one) is area]
        last = self._left.get(area)
        known = last is not None and isValid(last) and last in within
        (last if known and last else within[0]).setFocus(Qt.FocusReason.TabFocusReason)

    def _area(self, widget: QWidget | None) -> QWidget | None:
        """Return the bar, dock or page that something is in."""
        while widget is not None and widget.parentWidget() is not self._window:
            widget = widget.parentWidget()
        return widget

    def _resize(self, way: Qt.Orientation, by: int) -> None:
        """Move a border: of the part of a page that has the keys, else of the dock."""
        now = QApplication.focusWidget()
        area = self._area(now)
        if isinstance(area, QDockWidget):
            self._resize_dock(area, way, by)
        elif not _resize_part(now, way, by) and way == _ACROSS:
            # The page has what the docks leave.
            side = direction.side(Qt.DockWidgetArea.RightDockWidgetArea)
            beside = [dock for dock in self._docks() if self._window.dockWidgetArea(dock) == side]
            for dock in (beside or self._docks())[:1]:
                self._resize_dock(dock, way, -by)

    def _docks(self) -> list[QDockWidget]:
        every = self._window.findChildren(QDockWidget)
        return [dock for dock in every if dock.isVisible() and not dock.isFloating()]

    def _resize_dock(self, dock: QDockWidget, way: Qt.Orientation, by: int) -> None:
        size = dock.width() if way == _ACROSS else dock.height()
        self._window.resizeDocks([dock], [max(1, size + by)], way)


def _resize_part(widget: QWidget | None, way: Qt.Orientation, by: int) -> bool:
    """Move the border of the innermost part that has others beside it; say if there is one."""
    while widget is not None:
        split = widget.parentWidget()
        if isinstance(split, QSplitter) and split.orientation() == way:
            sizes, at = split.sizes(), split.indexOf(widget)
            beside = [n for n in (at + 1, at - 1) if 0 <= n < len(sizes) and sizes[n] > 0]
            if at >= 0 and beside:
                by = max(min(by, sizes[beside[0]] - 1), 1 - sizes[at])
                sizes[at] += by
                sizes[beside[0]] -= by
                split.setSizes(sizes)
                split.splitterMoved.emit(split.sizes()[0], 1)  # it is remembered, as of the hand
                return True
        widget = split
    return False
