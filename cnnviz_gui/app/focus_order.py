"""Where Tab goes in the window: the parts as they stand, not as they were made.

Pages, views of a layer and forms are made when they are wanted first. Qt would put each of them
last, behind the docks that were there before.
"""

from __future__ import annotations

import operator

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QLayout,
    QMainWindow,
    QScrollArea,
    QSplitter,
    QStatusBar,
    QToolBar,
    QWidget,
)

from cnnviz_gui.panels import direction

_LAST = 10_000
"""Behind all that a layout places."""


def go_on(window: QMainWindow, *, back: bool, start: QWidget | None = None) -> bool:
    """Give the focus to the next control, or the one before; say whether there is one.

    ``start`` is where to go on from, if that is not what has the focus.
    """
    order = controls(window)
    if not order:
        return False
    now = start or QApplication.focusWidget()
    if now in order:
        place = order.index(now) + (-1 if back else 1)
    else:
        place = _beside(window, order, now, back=back)
    chosen = order[place % len(order)]
    reason = Qt.FocusReason.BacktabFocusReason if back else Qt.FocusReason.TabFocusReason
    chosen.setFocus(reason)
    _bring_in_sight(chosen)
    return True


def controls(window: QMainWindow) -> list[QWidget]:
    """Return all that Tab can reach, in order."""
    everywhere = QGuiApplication.styleHints().tabFocusBehavior()
    every = everywhere == Qt.TabFocusBehavior.TabFocusAllControls
    wanted = Qt.FocusPolicy.TabFocus if every else Qt.FocusPolicy.StrongFocus
    places: dict[QWidget, tuple[int, ...]] = {window: ()}
    reached = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & wanted == wanted
        and widget.isVisible()
        and widget.isEnabled()
        and widget.focusProxy() is None
        and widget.window() is window
    ]
    return sorted(reached, key=lambda widget: _path(widget, places))


def _beside(window: QMainWindow, order: list[QWidget], now: QWidget | None, *, back: bool) -> int:
    """Return where to go on from what Tab does not reach, such as a page as a whole."""
    if now is None or not window.isAncestorOf(now):
        return -1 if back else 0
    places: dict[QWidget, tuple[int, ...]] = {window: ()}
    here = _path(now, places)
    before = sum(_path(widget, places) < here for widget in order)
    return before - 1 if back else before


def _path(widget: QWidget, places: dict[QWidget, tuple[int, ...]]) -> tuple[int, ...]:
    """Return the place of a widget among its siblings, after those of all that it is in."""
    if widget not in places:
        parent = widget.parentWidget()
        places[widget] = (*_path(parent, places), _place(widget, parent))
    return places[widget]


def _place(widget: QWidget, parent: QWidget) -> int:
    if isinstance(parent, QMainWindow):
        return _part(widget, parent)
    if isinstance(parent, QDockWidget):
        return 0 if widget is parent.titleBarWidget() else 1
    if isinstance(parent, QSplitter):
        return parent.indexOf(widget)
    layout = parent.layout()
    order = _laid_out(layout) if layout is not None else []
    return order.index(widget) if widget in order else _LAST


def _part(widget: QWidget, window: QMainWindow) -> int:
    """Return bars, docks where a line begins, the middle, docks where it ends, the status line."""
    if isinstance(widget, QToolBar):
        return 0
    if isinstance(widget, QStatusBar):
        return 4 * _LAST
    if isinstance(widget, QDockWidget):
        first = direction.side(Qt.DockWidgetArea.LeftDockWidgetArea)
        return (1 if window.dockWidgetArea(widget) == first else 3) * _LAST + widget.y()
    return 2 * _LAST


def _laid_out(layout: QLayout) -> list[QWidget]:
    """Return the widgets of a layout in order.

    Its items are not asked for: the object that stands for one in Python outlives it, and is then
    taken for whatever comes to lie at its address, until something is freed twice.
    """
    near = Qt.FindChildOption.FindDirectChildrenOnly
    widgets = layout.parentWidget().findChildren(QWidget, options=near)
    layouts = layout.findChildren(QLayout, options=near)
    parts = [(layout.indexOf(part), part) for part in (*widgets, *layouts)]
    order: list[QWidget] = []
    for place, part in sorted(parts, key=operator.itemgetter(0)):
        if place >= 0:
            order += [part] if isinstance(part, QWidget) else _laid_out(part)
    return order


def _bring_in_sight(widget: QWidget) -> None:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(widget)
        parent = parent.parentWidget()
