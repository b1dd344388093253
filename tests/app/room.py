"""What of the window has too little room, beyond what the walk through all of it looks for."""

from __future__ import annotations

from PySide6.QtWidgets import QDockWidget, QScrollArea, QWidget
from test_whole_window import seen, where

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.form_rows import Row
from cnnviz_gui.panels.page_room import PageRoom

SMALL = (1280, 720)


def short(root: QWidget) -> list[str]:
    """Return names of parameters that end in … although all else is as wide as ever."""
    rows = [one for one in seen(root) if isinstance(one, Row)]
    return [row.label.text() for row in rows if row.label.is_elided()]


def wide(root: QWidget) -> list[str]:
    """Return what is cut at the right, or has to be scrolled sideways."""
    found = []
    for one in seen(root):
        if isinstance(one, PageRoom) and one.horizontalScrollBar().maximum() > 0:
            found.append(f"page, by {one.horizontalScrollBar().maximum()}")
        elif isinstance(one, QScrollArea) and one.widgetResizable():
            bar = one.verticalScrollBar().sizeHint().width()
            usual = theme.RIGHT_DOCK - bar if _in_dock(one) else 0
            over = one.widget().width() - max(one.viewport().width(), usual)
            found += [f"{one.accessibleName()!r}, by {over}: {where(one)}"] * (over > 0)
    return found


def _in_dock(widget: QWidget) -> bool:
    """Tell whether the user can make it wider; too narrow is what is so at the usual width."""
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QDockWidget):
        parent = parent.parentWidget()
    return parent is not None
