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

from cnnviz_gui.panels.layouts import add_layout, drop


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


def test_what_is_dropped_is_out_of_sight_at_once_and_gone_later(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    column = QVBoxLayout(made)
    labels = [QLabel(text) for text in "abc"]
    for label in labels:
        column.addWidget(label)
    made.show()
    drop(column, labels[:2])
    assert [column.indexOf(one) for one in labels] == [-1, -1, 0]
    assert [one.isVisible() for one in labels] == [False, False, True]
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert [Shiboken.isValid(one) for one in labels] == [False, False, True]
