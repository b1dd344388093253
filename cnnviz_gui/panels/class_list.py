"""The classes of a network as a list that can be searched, and how one of them is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import paint_row, painting
from cnnviz_gui.texts import tr

Index = QModelIndex | QPersistentModelIndex
CLASS = Qt.ItemDataRole.UserRole
PROBABILITY = Qt.ItemDataRole.UserRole + 1


class ClassModel(QAbstractListModel):
    """The classes that match what is searched for; before them, while nothing is, "Winner".

    ``none`` is another word for no class of one's own choice.
    """

    def __init__(self, parent: QObject | None = None, none: str = tr("Winner")) -> None:
        super().__init__(parent)
        self._none = none
        self._labels: tuple[str, ...] = ()
        self._folded: tuple[str, ...] = ()
        self._probabilities: tuple[float, ...] | None = None
        self._first: tuple[int, ...] = ()
        self._query = ""
        self._rows: list[int | None] = [None]

    def set_labels(
        self,
        labels: Sequence[str],
        probabilities: Sequence[float] | None = None,
        first: Sequence[int] = (),
    ) -> None:
        """Take the labels of the network, and perhaps what it said of the picture.

        ``first`` stand before the others while nothing is searched for. The same again changes
        nothing: a list that is open keeps its marked row.
        """
        names = tuple(labels)
        shares = None if probabilities is None else tuple(float(share) for share in probabilities)
        before = tuple(index for index in first if index < len(names))
        if (names, shares, before) == (self._labels, self._probabilities, self._first):
            return
        if names != self._labels:
            self._folded = tuple(label.casefold() for label in names)
        self._labels, self._probabilities, self._first = names, shares, before
        self.set_query(self._query)

    def set_query(self, query: str) -> None:
        """Keep the classes whose label contains ``query`` or whose index begins with it.

        The classes that begin with it come first, then those with a word that does.
        """
        self.beginResetModel()
        self._query = wanted = query.strip().casefold()
        if not wanted:
            ordered = dict.fromkeys((*self._first, *range(len(self._labels))))
            self._rows = [None, *ordered]
        else:
            found = [
                (self._rank(index, label, wanted), index)
                for index, label in enumerate(self._folded)
                if wanted in label or str(index).startswith(wanted)
            ]
            self._rows = [index for _, index in sorted(found)]
        self.endResetModel()

    @staticmethod
    def _rank(index: int, label: str, wanted: str) -> int:
        if label == wanted or str(index) == wanted:
            return 0
        if label.startswith(wanted):
            return 1
        return 2 if f" {wanted}" in label else 3

    def row_of(self, index: int | None) -> int:
        """Return the row of a class, -1 where it does not match the search."""
        return self._rows.index(index) if index in self._rows else -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return how many classes match."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what Qt asks of a row."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        shown = self._rows[index.row()]
        if role == CLASS:
            return shown
        if role == PROBABILITY:
            known = self._probabilities
            return None if shown is None or known is None else known[shown]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._none if shown is None else self._labels[shown]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return (
                self._none
                if shown is None
                else tr("{name}, class {index}", name=self._labels[shown], index=shown)
            )
        return None


class ClassDelegate(QStyledItemDelegate):
    """Draws index, label and probability of a class."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of a row."""
        return QSize(200, theme.CONTROL)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a row."""
        with painting.mirrored(painter, option.rect):
            selected = bool(option.state & QStyle.StateFlag.State_Selected)
            over = bool(option.state & QStyle.StateFlag.State_MouseOver)
            rect = option.rect
            paint_row(painter, rect, selected=selected, over=over)
            shown, share = index.data(CLASS), index.data(PROBABILITY)
            dim = "text2" if selected or over else "text3"
            right = Qt.AlignmentFlag.AlignRight
            if shown is None:
                icons.paint(
                    painter,
                    QRect(rect.left() + 22, rect.top() + 7, 14, 14),
                    "crosshair",
                    theme.color("target"),
                )
            else:
                number = QRect(rect.left(), rect.top(), 38, rect.height())
                painting.text(painter, number, str(shown), "tick", dim, right)
            room = rect.width() - 46 - (64 if share is not None else 10)
            name = QRect(rect.left() + 46, rect.top(), room, rect.height())
            painting.text(painter, name, str(index.data()), "body", "text1")
            if share is not None:
                percent = QRect(rect.right() - 62, rect.top(), 54, rect.height())
                painting.text(painter, percent, fmt.percent(share), "caption", dim, right)
