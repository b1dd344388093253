"""Layouts inside of layouts."""

from __future__ import annotations

from PySide6.QtWidgets import QBoxLayout, QGridLayout, QLayout
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


def _forget(layout: QLayout) -> None:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if isinstance(item, QLayout):
            _forget(item)
        else:
            Shiboken.invalidate(item)
