"""Leads the keyboard to a control, wherever it stands."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QScrollArea, QWidget


def named(window: QWidget, name: str) -> QWidget | None:
    """Return the control in sight that has an accessible name, None where there is none."""
    within = (one for one in window.findChildren(QWidget) if one.accessibleName() == name)
    return next((one for one in within if one.isVisibleTo(window)), None)


def point_to(control: QWidget) -> None:
    """Bring a control into sight, give it the keyboard, and let its ring tell which it is."""
    takes = [control, *control.findChildren(QWidget)]
    takes = [one for one in takes if one.focusPolicy() & Qt.FocusPolicy.TabFocus]
    above: QWidget | None = control.parentWidget()
    while above is not None:
        if isinstance(above, QDockWidget):
            above.show()
            above.raise_()
        elif isinstance(above, QScrollArea):
            above.ensureWidgetVisible(control)
        above = above.parentWidget()
    if takes:
        takes[0].setFocus(Qt.FocusReason.TabFocusReason)
