"""The pictures of a folder as a table; whoever shows it sorts the rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.folder.records import FileRow
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.controls.columns import side
from cnnviz_gui.panels.controls.sorting import SortHeader
from cnnviz_gui.panels.row_table import Cells, RowTable
from cnnviz_gui.state.folder_rows import Column
from cnnviz_gui.texts import tr

_NAME_LEAST = 150
_NAME = 0


class FolderTable(RowTable):
    """The file is the first column; a double click or Return opens a picture."""

    chosen = Signal(object)
    """The path of a picture that the user opens."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Table of the folder"),
            SortHeader((), _NAME, tr("Sort the pictures by a column")),
            lambda row: row.problem or row.path,
            row=theme.ROW,
            least=_NAME_LEAST,
            fixed={},
            parent=parent,
        )
        self.submitted.connect(self._on_submitted)

    def set_rows(
        self,
        columns: Sequence[Column[Any]],
        rows: Sequence[FileRow],
        order: tuple[str, bool],
        giving_way: Sequence[str],
    ) -> None:
        """Show rows; of those that are there already, only the order is marked."""
        if rows == self.table.rows and tuple(columns) == self.table.columns:
            self.mark(order)
        else:
            super().set_rows(columns, rows, order, giving_way)

    def identity(self, row: FileRow) -> str:
        """Return the file."""
        return row.path

    def _on_submitted(self, index: QModelIndex) -> None:
        self.chosen.emit(self.table.rows[index.row()].path)

    def draw_cells(self, painter: QPainter, rect: QRect, cells: Cells, row: FileRow) -> None:
        """Write the text of each."""
        middle = Qt.TextElideMode.ElideMiddle
        for column, cell in cells:
            text = column.text(row)
            faint = self._stale or text == fmt.NONE or bool(row.problem)
            shown = painter.fontMetrics().elidedText(text, middle, cell.width())
            token = "text3" if faint else "text1"
            painting.text(painter, cell, shown, "caption", token, side(column))
