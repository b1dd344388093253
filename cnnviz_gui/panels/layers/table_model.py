"""The layers of a network as Qt's table model."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Qt

from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.panels.controls.columns import ColumnTable, Index, side
from cnnviz_gui.state.layer_columns import Column, Row, headings, in_order, rows, said
from cnnviz_gui.state.layer_words import Measure, tooltip

ROW = Qt.ItemDataRole.UserRole
"""The ``layer_columns.Row``."""
TEXTS = Qt.ItemDataRole.UserRole + 1
"""What stands in all columns of the row, a tuple."""


class LayerTable(ColumnTable):
    """All rows, in order of execution or sorted by a column."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._facts: ModelFacts | None = None
        self.columns: tuple[Column, ...] = headings("parameters")
        self.rows: tuple[Row, ...] = ()
        self._natural: tuple[Row, ...] = ()
        self._sorted_by = (-1, False)
        self._written: dict[str, tuple[str, ...]] = {}
        self._places: dict[str, int] = {}

    def show_network(self, facts: ModelFacts | None, measure: Measure, *, whole: bool) -> None:
        """Show a network, or none."""
        self.beginResetModel()
        self._facts = facts
        self.columns = headings(measure)
        self._natural = rows(facts, measure, whole=whole) if facts is not None else ()
        self._written = {
            row.layer.name: tuple(column.text(row) for column in self.columns)
            for row in self._natural
        }
        self._arrange()
        self.endResetModel()

    def texts(self, column: int) -> set[str]:
        """Return all that stands in a column."""
        return {texts[column] for texts in self._written.values()}

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; by none, the rows stand in order of execution.

        Here and not in a proxy, which would ask for two numbers at a time: 0.2 s for 1000 rows.
        """
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        names = [self.rows[index.row()].layer.name for index in old]
        self._sorted_by = column, order == Qt.SortOrder.DescendingOrder
        self._arrange()
        new = [
            self.index(self._places[name], index.column())
            for name, index in zip(names, old, strict=True)
        ]
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def _arrange(self) -> None:
        column, falling = self._sorted_by
        self.rows = in_order(self._natural, self.columns[column] if column >= 0 else None, falling)
        self._places = {row.layer.name: place for place, row in enumerate(self.rows)}

    def place_of(self, name: str) -> int | None:
        """Return the place of a layer, None where it has no row."""
        return self._places.get(name)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return text, alignment, tooltip or row."""
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], self.columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._written[row.layer.name][index.column()]
            case Qt.ItemDataRole.AccessibleTextRole:
                return said(row) if index.column() == 0 else column.text(row)
            case Qt.ItemDataRole.ToolTipRole:
                return tooltip(row.layer, self._facts) if self._facts is not None else None
            case Qt.ItemDataRole.TextAlignmentRole:
                return side(column) | Qt.AlignmentFlag.AlignVCenter
            case _ if role == ROW:
                return row
            case _ if role == TEXTS:
                return self._written[row.layer.name]
        return None
