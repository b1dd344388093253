"""Layouts inside of layouts, and widgets that leave them for good."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QBoxLayout, QGridLayout, QLayout, QWidget
from shiboken6 import Shiboken


def add_layout(outer: QBoxLayout | QGridLayout, inner: QLayout, *where: int) -> None:
    """Put a layout into another one, and let Python know none of its items.

    ``where`` is a stretch, or of a grid the place and the spans, as ``addLayout`` has them.
    Where the inner one is filled, PySide makes a stand-in for each item. Qt frees an item with its
    widget, without a word; what stands for it is then taken for whatever is made at its address
    next, and when that goes the program crashes.
    """
    outer.addLayout(inner, *where)
    _forget(inner)


def drop(layout: QLayout, widgets: Iterable[QWidget]) -> None:
    """Take widgets out of a layout and out of sight at once; they go when nothing is under way.

    One that is only deleted later would stand among what takes its place until then.
    """
    for widget in widgets:
        layout.removeWidget(widget)
        widget.hide()
        widget.deleteLater()


def _forget(layout: QLayout) -> None:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if isinstance(item, QLayout):
            _forget(item)
        else:
            Shiboken.invalidate(item)
