"""The pictures of a folder as a table; whoever shows it sorts the rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.folder.records import FileRow
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.controls.columns import ColumnList, heading
from cnnviz_gui.panels.controls.sorting import SortHeader, inner
from cnnviz_gui.state.folder_rows import Column

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_NAME_LEAST = 150
_MEASURED = 200
"""So many rows are measured for the width of a column."""
_NAME = 0


class FolderRows(QAbstractTableModel):
    """Rows in the order in which they were given; the file is the first column."""

    sort_wanted = Signal(object)
    """Key of the column that the user sorts by, and whether the largest comes first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns: tuple[Column[Any], ...] = ()
        self.rows: tuple[FileRow, ...] = ()
        self.quiet = False
        """What is asked for was not asked by the hand."""

    def set_rows(self, columns: Sequence[Column[Any]], rows: Sequence[FileRow]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.columns, self.rows = tuple(columns), tuple(rows)
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Say what the user wants; without a column that is the order of the files."""
        if self.columns and not self.quiet:
            place = max(column, 0)
            falling = column >= 0 and order == Qt.SortOrder.DescendingOrder
            self.sort_wanted.emit((self.columns[place].key, falling))

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return text, alignment or why there is nothing."""
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], self.columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return column.text(row)
            case Qt.ItemDataRole.ToolTipRole:
                return row.problem or row.path
            case Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
        return None

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


class FolderTable(ColumnList):
    """The table; a double click or Return opens a picture."""

    chosen = Signal(object)
    """The path of a picture that the user opens."""
    sort_wanted = Signal(object)
    """As of ``FolderRows``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.table = FolderRows()
        header = SortHeader((), _NAME, "Sort the pictures by a column")
        super().__init__(
            "Table of the folder",
            header,
            name=_NAME,
            giving_way=(),
            row=theme.ROW,
            parent=parent,
        )
        self._stale = False
        self.table.setParent(self)
        self.setModel(self.table)
        self.table.sort_wanted.connect(self.sort_wanted)
        self.submitted.connect(self._on_submitted)

    def set_rows(
        self,
        columns: Sequence[Column[Any]],
        rows: Sequence[FileRow],
        order: tuple[str, bool],
        giving_way: Sequence[str],
    ) -> None:
        """Show rows.

        Parameters
        ----------
        order
            Key of the column by which they are sorted, and whether the largest comes first.
        giving_way
            Keys of the columns that are left out first where there is too little room.
        """
        keys = [column.key for column in columns]
        if rows == self.table.rows and keys == [c.key for c in self.table.columns]:
            self._mark(keys.index(order[0]), falling=order[1])
            return
        current = self.currentIndex().row()
        kept = self.table.rows[current].path if 0 <= current < len(self.table.rows) else ""
        place = self.verticalScrollBar().value()
        self._giving_way = tuple(keys.index(key) for key in giving_way if key in keys)
        self._head.columns = tuple(columns)
        self.table.quiet = True
        self.table.set_rows(columns, rows)
        self._mark(keys.index(order[0]), falling=order[1])
        texts = [{column.text(row) for row in rows[:_MEASURED]} for column in columns]
        self.fit(texts, {}, _NAME_LEAST)
        again = next((n for n, row in enumerate(rows) if kept and row.path == kept), None)
        if again is not None:
            self.setCurrentIndex(self.table.index(again, 0))
        self.verticalScrollBar().setValue(place)

    def _mark(self, place: int, *, falling: bool) -> None:
        """Mark the column by which the rows are sorted."""
        self.table.quiet = True
        directions = Qt.SortOrder
        direction = directions.DescendingOrder if falling else directions.AscendingOrder
        self._head.setSortIndicator(place, direction)
        self.table.quiet = False

    def set_stale(self, stale: bool) -> None:
        """Dim the rows while they answer what was asked before."""
        if stale != self._stale:
            self._stale = stale
            self.viewport().update()

    def _on_submitted(self, index: QModelIndex) -> None:
        self.chosen.emit(self.table.rows[index.row()].path)

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the ground, then all cells at once."""
        rect, row = option.rect, self.table.rows[index.row()]
        selected = self.selectionModel().isRowSelected(index.row(), index.parent())
        self.draw_ground(painter, rect, selected=selected)
        columns = self.table.columns
        for place, column in enumerate(columns):
            if self._head.isSectionHidden(place):
                continue
            left, width = self._head.sectionViewportPosition(place), self._head.sectionSize(place)
            cell = inner(QRect(left, rect.top(), width, rect.height()), place, len(columns))
            text = column.text(row)
            side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
            faint = self._stale or text == fmt.NONE or bool(row.problem)
            shown = painter.fontMetrics().elidedText(
                text, Qt.TextElideMode.ElideMiddle, cell.width()
            )
            painting.text(painter, cell, shown, "caption", "text3" if faint else "text1", side)
