"""A table whose rows whoever shows it sorts, and whose columns come with the rows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, QRect, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from cnnviz_gui.panels.controls.columns import ColumnList, ColumnTable, Index, side
from cnnviz_gui.panels.controls.sorting import SortHeader
from cnnviz_gui.state.folder_rows import Column

Cells = Sequence[tuple[Column[Any], QRect]]
_MEASURED = 200
"""So many rows are measured for the width of a column."""


class Rows(ColumnTable):
    """Rows in the order in which they were given; ``told`` is all that is known of one."""

    sort_wanted = Signal(object)
    """Key of the column that the user sorts by, and whether the largest comes first."""

    def __init__(self, told: Callable[[Any], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._told = told
        self.columns: tuple[Column[Any], ...] = ()
        self.rows: tuple[Any, ...] = ()
        self.quiet = False
        """What is asked for was not asked by the hand."""

    def set_rows(self, columns: Sequence[Column[Any]], rows: Sequence[Any]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.columns, self.rows = tuple(columns), tuple(rows)
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Say what the user wants; without a column that is the order of the first."""
        if self.columns and not self.quiet:
            place = max(column, 0)
            falling = column >= 0 and order == Qt.SortOrder.DescendingOrder
            self.sort_wanted.emit((self.columns[place].key, falling))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return text, alignment or what is told."""
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], self.columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return column.text(row)
            case Qt.ItemDataRole.ToolTipRole:
                return self._told(row)
            case Qt.ItemDataRole.TextAlignmentRole:
                return side(column) | Qt.AlignmentFlag.AlignVCenter
        return None


class RowTable(ColumnList):
    """The table; each kind says what makes a row itself, and draws its cells.

    Parameters
    ----------
    header
        Without columns yet, wide where the names are.
    told
        From a row to what the mouse that rests on it is told.
    row, least
        Pixels: the height of a row, and the width that the names keep.
    fixed, most
        As of ``fit``.
    """

    sort_wanted = Signal(object)
    """As of ``Rows``."""

    def __init__(
        self,
        accessible_name: str,
        header: SortHeader,
        told: Callable[[Any], str],
        *,
        row: int,
        least: int,
        fixed: Mapping[int, int],
        most: Mapping[int, int] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        self.table = Rows(told)
        super().__init__(
            accessible_name, header, name=header.wide, giving_way=(), row=row, parent=parent
        )
        self._names_least, self._fixed, self._most = least, fixed, most
        self._stale = False
        self.table.setParent(self)
        self.setModel(self.table)
        self.table.sort_wanted.connect(self.sort_wanted)

    def set_rows(
        self,
        columns: Sequence[Column[Any]],
        rows: Sequence[Any],
        order: tuple[str, bool],
        giving_way: Sequence[str],
    ) -> None:
        """Show rows; the current one stays so wherever it is then.

        Parameters
        ----------
        order
            Key of the column by which they are sorted, and whether the largest comes first.
        giving_way
            Keys of the columns that are left out first where there is too little room.
        """
        keys = [column.key for column in columns]
        at = self.currentIndex().row()
        kept = self.identity(self.table.rows[at]) if 0 <= at < len(self.table.rows) else None
        scrolled = self.verticalScrollBar().value()
        self._giving_way = tuple(keys.index(key) for key in giving_way if key in keys)
        self._head.columns = tuple(columns)
        self.table.quiet = True
        self.table.set_rows(columns, rows)
        self.mark(order)
        texts = [{column.text(row) for row in rows[:_MEASURED]} for column in columns]
        self.fit(texts, self._fixed, self._names_least, self._most)
        again = (n for n, row in enumerate(rows) if kept is not None and self.identity(row) == kept)
        place = next(again, None)
        if place is not None:
            self.setCurrentIndex(self.table.index(place, 0))
        self.verticalScrollBar().setValue(scrolled)

    def mark(self, order: tuple[str, bool]) -> None:
        """Mark the column by which the rows are sorted."""
        place = [column.key for column in self.table.columns].index(order[0])
        directions = Qt.SortOrder
        self.table.quiet = True
        self._head.setSortIndicator(
            place, directions.DescendingOrder if order[1] else directions.AscendingOrder
        )
        self.table.quiet = False

    def set_stale(self, stale: bool) -> None:
        """Dim the rows while they answer what was asked before."""
        if stale != self._stale:
            self._stale = stale
            self.viewport().update()

    def identity(self, row: Any) -> Hashable:
        """Return what stays of a row when it is told anew; not None."""
        raise NotImplementedError

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the ground, then all cells at once."""
        rect, row = option.rect, self.table.rows[index.row()]
        selected = self.selectionModel().isRowSelected(index.row(), index.parent())
        self.draw_ground(painter, rect, selected=selected)
        in_sight = [
            (column, self.cell(rect, place))
            for place, column in enumerate(self.table.columns)
            if not self._head.isSectionHidden(place)
        ]
        self.draw_cells(painter, rect, in_sight, row)

    def draw_cells(self, painter: QPainter, rect: QRect, cells: Cells, row: Any) -> None:
        """Draw a row: its columns in sight, with the place of each."""
        raise NotImplementedError
