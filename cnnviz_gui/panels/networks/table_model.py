"""The catalogue as Qt's models: one of all networks, one of those that are looked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt

from cnnviz_gui.core.facts import CatalogueEntry
from cnnviz_gui.panels.controls.columns import ColumnTable, Index, side
from cnnviz_gui.panels.controls.sorting import SORT, SortedRows
from cnnviz_gui.state.catalogue_view import COLUMNS, HERE, Row, distance, matches
from cnnviz_gui.texts import tr

ROW = Qt.ItemDataRole.UserRole
"""The ``catalogue_view.Row``."""
TEXTS = Qt.ItemDataRole.UserRole + 2
"""What stands in all columns of the row, a tuple."""
_MARKS = {
    "trained": tr("in use"),
    "untrained": tr("untrained"),
    "checkpoint": tr("own file"),
    "second": tr("compared"),
}
_SAID = _MARKS | {"untrained": tr("in use, untrained"), "checkpoint": tr("in use, own file")}


class NetworkTable(ColumnTable):
    """All networks, in the catalogue's own order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = COLUMNS
        self.rows: tuple[Row, ...] = ()
        self._texts: list[tuple[str, ...]] = []

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these; where the networks are the same, only what changed is drawn anew."""
        new = tuple(rows)
        names = [row.entry.name for row in new]
        if names != [row.entry.name for row in self.rows]:
            self.beginResetModel()
            self.rows = new
            self._texts = [_texts(row) for row in new]
            self.endResetModel()
            return
        old, self.rows = self.rows, new
        for place, row in enumerate(new):
            if row != old[place]:
                self._texts[place] = _texts(row)
                last = self.index(place, len(COLUMNS) - 1)
                self.dataChanged.emit(self.index(place, 0), last)

    def row_of(self, name: str) -> int | None:
        """Return the place of a network, None where it is not listed."""
        places = (at for at, row in enumerate(self.rows) if row.entry.name == name)
        return next(places, None)

    def row(self, place: int) -> Row:
        """Return a row."""
        return self.rows[place]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return text, alignment, sort key or row."""
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], COLUMNS[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._texts[index.row()][index.column()]
            case Qt.ItemDataRole.AccessibleTextRole:
                return said(row) if index.column() == 0 else column.text(row)
            case Qt.ItemDataRole.TextAlignmentRole:
                return side(column) | Qt.AlignmentFlag.AlignVCenter
            case _ if role == ROW:
                return row
            case _ if role == SORT:
                return column.sort(row)
            case _ if role == TEXTS:
                return self._texts[index.row()]
        return None


class FoundNetworks(SortedRows):
    """The networks that fit search, place and family.

    Sorted by a column; without one, the nearest to what is typed come first, else as they come.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.query = ""
        self.only_here = False
        self.family = ""
        self._column, self._order = -1, Qt.SortOrder.AscendingOrder
        """What the user sorts by."""
        self._by_distance = False

    def look_for(self, query: str, *, only_here: bool, family: str) -> None:
        """Show only these; an empty family means all."""
        self.query, self.only_here, self.family = query, only_here, family
        self._arrange()
        self.invalidate()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column, whatever is typed; by none what is typed decides."""
        self._column, self._order = column, order
        self._arrange()

    def _arrange(self) -> None:
        turned = self._by_distance
        self._by_distance = self._column < 0 and bool(self.query.strip())
        if self._by_distance:
            super().sort(0)
        else:
            super().sort(self._column, self._order)
        if turned != self._by_distance:
            self.invalidate()  # Qt does not sort anew by a column it has sorted by

    def lessThan(self, left: Index, right: Index) -> bool:
        """Compare two networks by what is typed, or by a column."""
        if not self._by_distance:
            return super().lessThan(left, right)
        one, other = (distance(index.data(ROW).entry, self.query) for index in (left, right))
        return (one, left.row()) < (other, right.row())

    def entries(self) -> list[CatalogueEntry]:
        """Return the networks that are shown, in order."""
        return [self.index(row, 0).data(ROW).entry for row in range(self.rowCount())]

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        """Tell whether a network fits."""
        source = self.sourceModel()
        assert isinstance(source, NetworkTable)
        entry = source.row(source_row).entry
        return (
            (not self.only_here or entry.weights in HERE)
            and (not self.family or entry.family == self.family)
            and matches(entry, self.query)
        )


def _texts(row: Row) -> tuple[str, ...]:
    return tuple(column.text(row) for column in COLUMNS)


def said(row: Row) -> str:
    """Return what a screen reader says of a network's row."""
    return f"{row.entry.title}, {_SAID[row.use]}" if row.use else row.entry.title


def in_use(row: Row) -> str:
    """Return the mark of a network in use, empty for the others."""
    return _MARKS.get(row.use, "")
