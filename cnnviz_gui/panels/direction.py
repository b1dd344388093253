"""Which way the window reads: as its language does.

All that is laid out is mirrored by Qt. What shows data stands as it does everywhere in the field:
pictures, axes, the way through a network, and tables of numbers run from the left to the right.
"""

from __future__ import annotations

import os
from typing import Final, TypeVar

from PySide6.QtCore import QLocale, QRect, Qt
from PySide6.QtWidgets import QApplication, QStyle, QWidget

from cnnviz_gui import texts

FORCED: Final = "CNNVIZ_DIRECTION"
"""Set to ``rtl`` or ``ltr``, this counts more than the language: to try how a window looks."""
_LEFT, _RIGHT = Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft
_Widget = TypeVar("_Widget", bound=QWidget)


def of_language() -> Qt.LayoutDirection:
    """Return which way the language in use is written."""
    forced = {"ltr": _LEFT, "rtl": _RIGHT}.get(os.environ.get(FORCED, "").lower())
    return QLocale(texts.language()).textDirection() if forced is None else forced


def dress(app: QApplication) -> None:
    """Let the window and its sentences run as the language in use does."""
    way = of_language()
    app.setLayoutDirection(way)
    texts.mirror(way == _RIGHT)


def mirrored(widget: QWidget | None = None) -> bool:
    """Tell whether a widget, or the window as a whole, reads from the right to the left."""
    return widget.isRightToLeft() if widget is not None else QApplication.isRightToLeft()


def side(area: Qt.DockWidgetArea) -> Qt.DockWidgetArea:
    """Return where a dock stands that is at ``area`` in English; Qt does not mirror these."""
    left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
    return {left: right, right: left}.get(area, area) if mirrored() else area


def as_data(widget: _Widget) -> _Widget:
    """Let a widget, and all in it, stand from the left to the right in any language."""
    widget.setLayoutDirection(_LEFT)
    return widget


def placed(widget: QWidget, place: QRect) -> QRect:
    """Return where something that is drawn in a widget stands, given where it is in English."""
    return QStyle.visualRect(widget.layoutDirection(), widget.rect(), place)
