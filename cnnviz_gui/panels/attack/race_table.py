"""The attacks of a race as a table, each with small pictures of what it made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core import render
from cnnviz_gui.panels import picture_paint, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.controls.columns import ColumnList
from cnnviz_gui.panels.controls.sorting import CELL, SortHeader, inner
from cnnviz_gui.panels.convert import to_qimage
from cnnviz_gui.panels.folder.table import FolderRows, Index
from cnnviz_gui.panels.overlays import diverging
from cnnviz_gui.state.folder_rows import Column
from cnnviz_gui.state.race_view import RaceRow

if TYPE_CHECKING:
    from cnnviz_gui.core.race_results import Runner

_ROW, _SIDE, _GAP = 60, 48, 6
_TITLE = 112
_PICTURES = 2 * (_SIDE + _GAP) + _GAP
_LEFT = Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignRight


class RaceRows(FolderRows):
    """Rows in the order in which they were given."""

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return text, alignment, or all that is known."""
        if index.isValid() and role == Qt.ItemDataRole.ToolTipRole:
            return self.rows[index.row()].told
        return super().data(index, role)


class RaceTable(ColumnList):
    """The table; a double click or Return shows an attack large."""

    chosen = Signal(int)
    """The place in the result of the attack that the user opens."""
    sort_wanted = Signal(object)
    """Key of the column that the user sorts by, and whether the largest comes first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.table = RaceRows()
        header = SortHeader((), 1, "Sort the attacks by a column")
        super().__init__(
            "Race of the attacks", header, name=1, giving_way=(), row=_ROW, parent=parent
        )
        self._stale = False
        self._pictures: dict[tuple[int, str], tuple[Runner, QImage]] = {}
        """By row and kind, beside what they were painted from."""
        self.table.setParent(self)
        self.setModel(self.table)
        self.table.sort_wanted.connect(self.sort_wanted)
        self.submitted.connect(self._on_submitted)
        theme.notifier.changed.connect(self._pictures.clear)

    def set_rows(
        self,
        columns: Sequence[Column[RaceRow]],
        rows: Sequence[RaceRow],
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
        place = self.table.rows[at].place if (at := self.currentIndex().row()) >= 0 else -1
        scrolled = self.verticalScrollBar().value()
        self._giving_way = tuple(keys.index(key) for key in giving_way)
        self._head.columns = tuple(columns)
        self.table.quiet = True
        self.table.set_rows(columns, rows)
        direction = Qt.SortOrder.DescendingOrder if order[1] else Qt.SortOrder.AscendingOrder
        self._head.setSortIndicator(keys.index(order[0]), direction)
        self.table.quiet = False
        texts = [{column.text(row) for row in rows} for column in columns]
        least = _PICTURES + _TITLE
        self.fit(texts, {1: least}, least)
        again = next((n for n, row in enumerate(rows) if row.place == place), None)
        if again is not None:
            self.setCurrentIndex(self.table.index(again, 0))
        self.verticalScrollBar().setValue(scrolled)

    def set_stale(self, stale: bool) -> None:
        """Dim the rows while they answer what was asked before."""
        if stale != self._stale:
            self._stale = stale
            self.viewport().update()

    def _on_submitted(self, index: QModelIndex) -> None:
        self.chosen.emit(self.table.rows[index.row()].place)

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the ground, the pictures, then all cells at once."""
        rect, row = option.rect, self.table.rows[index.row()]
        selected = self.selectionModel().isRowSelected(index.row(), index.parent())
        self.draw_ground(painter, rect, selected=selected)
        painter.setOpacity(theme.STALE_OPACITY if self._stale else 1.0)
        cells = {
            column.key: cell
            for place, column in enumerate(self.table.columns)
            if (cell := self._cell(rect, place)) is not None
        }
        self._draw_attack(painter, cells.pop("attack"), row)
        if row.problem:
            left = min(cell.left() for key, cell in cells.items() if key != "rank")
            words = QRect(left, rect.top(), rect.right() - theme.PADDING - left, rect.height())
            painting.text(painter, words, row.problem, "caption", "text2")
        else:
            for column in self.table.columns:
                if column.key in cells:
                    self._draw_cell(painter, cells[column.key], column, row)
        painter.setOpacity(1.0)

    def _cell(self, rect: QRect, place: int) -> QRect | None:
        if self._head.isSectionHidden(place):
            return None
        left, width = self._head.sectionViewportPosition(place), self._head.sectionSize(place)
        cell = QRect(left, rect.top(), width, rect.height())
        return inner(cell, place, len(self.table.columns))

    @staticmethod
    def _draw_cell(painter: QPainter, cell: QRect, column: Column[RaceRow], row: RaceRow) -> None:
        text = column.text(row)
        token = row.token if column.key == "outcome" else "text1"
        token = "text3" if text == fmt.NONE else token
        role: theme.FontRole = "strong" if column.key == "rank" else "caption"
        painting.text(painter, cell, text, role, token, _RIGHT if column.number else _LEFT)

    def _draw_attack(self, painter: QPainter, cell: QRect, row: RaceRow) -> None:
        """Draw the adversarial picture, the perturbation, and whose they are."""
        top = cell.top() + (_ROW - _SIDE) // 2
        for number, kind in enumerate(("picture", "change")):
            place = QRect(cell.left() + number * (_SIDE + _GAP), top, _SIDE, _SIDE)
            image = self._picture(row, kind)
            if image is not None:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(place, image)
            else:
                painting.box(painter, place, theme.R_TILE, "raised")
                if not row.runner.done:
                    picture_paint.hatch(painter, QRectF(place), theme.color("line"))
        words = cell.adjusted(_PICTURES - CELL + _GAP, 0, 0, 0)
        role: theme.FontRole = "title" if row.rank == 1 and row.runner.success else "body"
        named = words.adjusted(0, 12, 0, -30) if row.note else words
        painting.text(painter, named, row.title, role, "text2" if row.problem else "text1")
        if row.note:
            painting.text(painter, words.adjusted(0, 31, 0, -12), row.note, "tick", "text3")

    def _picture(self, row: RaceRow, kind: str) -> QImage | None:
        one = row.runner
        if one.picture is None or one.change is None:
            return None
        kept = self._pictures.get((row.place, kind))
        if kept is None or kept[0] is not one:
            drawn = (
                one.picture
                if kind == "picture"
                else render.apply_colormap(one.change, diverging(), -1, 1)
            )
            kept = self._pictures[row.place, kind] = one, to_qimage(drawn)
        return kept[1]
