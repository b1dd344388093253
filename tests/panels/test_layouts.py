"""Layouts inside of layouts: nothing of Python's outlives what Qt frees."""

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import Shiboken

from cnnviz_gui.panels.layouts import add_layout


def stand_ins():
    """Return how many items of layouts Python knows."""
    known = [one for one in Shiboken.getAllValidWrappers() if isinstance(one, QLayoutItem)]
    return sum(not isinstance(one, QLayout) for one in known)


def test_items_of_a_filled_layout_are_not_known_and_its_widgets_stand_where_they_should(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    outer, inner, deep = QVBoxLayout(made), QHBoxLayout(), QGridLayout()
    first, second, third = (QLabel(text) for text in "abc")
    before = stand_ins()
    inner.addWidget(first)
    inner.addStretch(1)
    deep.addWidget(second, 0, 0)
    add_layout(inner, deep)
    inner.addWidget(third)
    add_layout(outer, inner, 2)
    assert stand_ins() == before
    assert outer.stretch(0) == 2 and inner.count() == 4
    assert [inner.indexOf(one) for one in (first, deep, third)] == [0, 2, 3]
    assert all(one.parentWidget() is made for one in (first, second, third))
    for label in (first, second):
        label.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert inner.count() == 3 and deep.count() == 0
    assert inner.indexOf(third) == 2
    add_layout(made.layout(), QHBoxLayout())
    assert outer.count() == 2
