"""What the tables of networks and of layers have in common: columns that fit, a head that says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.controls.lists import Tree
from cnnviz_gui.panels.controls.sorting import CELL, Heading, SortHeader

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_ARROW = 14
"""Room for the arrow of the order beside a title."""


class Column(Heading, Protocol):
    """What a header shows and says of a column."""

    @property
    def help(self) -> str:
        """What it means."""
        ...

    @property
    def largest_first(self) -> bool:
        """Whether the first click puts the largest first."""
        ...


def heading(column: Column, role: int) -> Any:
    """Return a column's title, its help, or which order its first click gives."""
    match role:
        case Qt.ItemDataRole.DisplayRole:
            return column.title
        case Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title}, {column.unit}" if column.unit else column.title
        case Qt.ItemDataRole.ToolTipRole:
            return f"{column.help}\nClick to sort."
        case Qt.ItemDataRole.InitialSortOrderRole:
            order = Qt.SortOrder
            return order.DescendingOrder if column.largest_first else order.AscendingOrder
    return None


def side(column: Heading) -> Qt.AlignmentFlag:
    """Return at which side of its cells a column stands."""
    return Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft


class ColumnTable(QAbstractTableModel):
    """What the models of such tables have in common: so many rows and columns, and their heads."""

    columns: Sequence[Column] = ()
    rows: Sequence[Any] = ()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return a column's title, its help, or which order its first click gives."""
        if orientation != Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        return heading(self.columns[section], role)


class ColumnList(Tree):
    """A list of rows in columns, each as wide as its widest text.

    Where the names would have too little room, columns are left out one after the other.
    """

    def __init__(
        self,
        accessible_name: str,
        header: SortHeader,
        *,
        name: int,
        giving_way: Sequence[int],
        row: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(accessible_name, parent)
        self._head = header
        self._name = name
        self._giving_way = tuple(giving_way)
        self._widths: dict[int, int] = {}
        self._least = 0
        self.setHeader(header)
        self.setHeaderHidden(False)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setItemDelegate(_Height(row, self))
        self.setAllColumnsShowFocus(False)
        self.setEditTriggers(Tree.EditTrigger.NoEditTriggers)
        self.setSortingEnabled(True)

    def fit(
        self,
        texts: Sequence[Collection[str]],
        fixed: Mapping[int, int],
        least: int,
        most: Mapping[int, int] | None = None,
    ) -> None:
        """Give each column the width of its widest text; the widest of the header has the rest.

        Parameters
        ----------
        texts
            What stands in each column.
        fixed
            By place, the least widths of columns that draw something else than text.
        least
            Width that the names keep; others are left out before.
        most
            By place, the width beyond which the texts of a column are cut.
        """
        self._least = least
        wide = {
            place: fixed.get(place) or _width(column, texts[place]) + self._margin(place)
            for place, column in enumerate(self._head.columns)
        }
        self._widths = {
            place: 1 + min(width, (most or {}).get(place, width)) for place, width in wide.items()
        }
        self._give_way()

    def cell(self, rect: QRect, place: int) -> QRect:
        """Return where the text of a column stands in a row."""
        left, width = self._head.sectionViewportPosition(place), self._head.sectionSize(place)
        return self._head.inner(QRect(left, rect.top(), width, rect.height()), place)

    def _margin(self, place: int) -> int:
        """Return what the first and the last column keep beyond what all keep."""
        return theme.PADDING - CELL if place in (0, len(self._head.columns) - 1) else 0

    def _end(self, shown: Collection[int]) -> int:
        """Return what the last column in sight keeps beyond its width, which has no margin yet."""
        made = self._name, len(self._head.columns) - 1  # the names have what is left
        return 0 if max((*shown, self._name)) in made else theme.PADDING - CELL

    def _give_way(self) -> None:
        """Leave out columns until the names have room; the card shows what they would."""
        room = self.viewport().width() - self._least
        others = {place: width for place, width in self._widths.items() if place != self._name}
        for place in self._giving_way:
            if sum(others.values()) + self._end(others) <= room:
                break
            others.pop(place, None)
        for place in reversed(self._giving_way):  # one that went first may have room after all
            if place in self._widths and place not in others:
                more = {**others, place: self._widths[place]}
                others = more if sum(more.values()) + self._end(more) <= room else others
        if others:
            others[max(others)] += self._end(others)
        left = self.viewport().width() - sum(others.values())
        for place in self._widths:
            if place == self._name:
                alone = self._head.wide not in (self._name, *others)
                self._head.resizeSection(place, left if alone else min(self._widths[place], left))
                continue
            self._head.setSectionHidden(place, place not in others)
            if place in others:
                self._head.resizeSection(place, others[place])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See which columns there is room for."""
        super().resizeEvent(event)
        self._give_way()


class _Height(QStyledItemDelegate):
    """Gives the rows their height; a ``ColumnList`` draws them whole."""

    def __init__(self, height: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._height = height

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of a row."""
        return QSize(40, self._height)


def _width(column: Heading, texts: Collection[str]) -> int:
    widest = max((painting.width_of(text, "caption") for text in texts), default=0)
    # That of a number stands between the columns, before the title.
    arrow = 0 if column.number else _ARROW
    title = painting.width_of(column.title, "caption") + arrow
    unit = painting.width_of(column.unit, "tick")
    return max(widest, title, unit) + 2 * CELL
