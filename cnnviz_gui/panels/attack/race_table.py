"""The attacks of a race as a table, each with small pictures of what it made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QRect, QRectF, Signal
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core import render
from cnnviz_gui.panels import picture_paint, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.controls.columns import side
from cnnviz_gui.panels.controls.sorting import CELL, SortHeader
from cnnviz_gui.panels.convert import to_qimage
from cnnviz_gui.panels.overlays import diverging
from cnnviz_gui.panels.row_table import Cells, RowTable
from cnnviz_gui.state.folder_rows import Column
from cnnviz_gui.state.race_view import RaceRow
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.race_results import Runner

_ROW, _SIDE, _GAP = 60, 48, 6
_TITLE = 112
_PICTURES = 2 * (_SIDE + _GAP) + _GAP
_LEAST = _PICTURES + _TITLE
_NAME, _RESULT = 1, 2
_RESULT_MOST = 176
"""Longer names of classes are cut: the figures have more to tell."""


class RaceTable(RowTable):
    """A double click or Return shows an attack large."""

    chosen = Signal(int)
    """The place in the result of the attack that the user opens."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Race of the attacks"),
            SortHeader((), _NAME, tr("Sort the attacks by a column")),
            lambda row: row.told,
            row=_ROW,
            least=_LEAST,
            fixed={_NAME: _LEAST},
            most={_RESULT: _RESULT_MOST},
            parent=parent,
        )
        self._pictures: dict[tuple[int, str], tuple[Runner, QImage]] = {}
        """By row and kind, beside what they were painted from."""
        self.submitted.connect(self._on_submitted)
        theme.notifier.changed.connect(self._pictures.clear)

    def identity(self, row: RaceRow) -> int:
        """Return the place in the result."""
        return row.place

    def _on_submitted(self, index: QModelIndex) -> None:
        self.chosen.emit(self.table.rows[index.row()].place)

    def draw_cells(self, painter: QPainter, rect: QRect, cells: Cells, row: RaceRow) -> None:
        """Draw the pictures, then what is told, or why there is nothing."""
        painter.setOpacity(theme.STALE_OPACITY if self._stale else 1.0)
        places = {column.key: cell for column, cell in cells}
        named = places.pop("attack")
        self._draw_attack(painter, named, row)
        if row.problem:
            left = min(cell.left() for key, cell in places.items() if key != "rank")
            end = named.left() if named.left() > left else rect.right() - theme.PADDING
            words = QRect(left, rect.top(), end - left, rect.height())
            painting.text(painter, words, row.problem, "caption", "text2")
        else:
            for column, cell in cells:
                if column.key in places:
                    self._draw_cell(painter, cell, column, row)
        painter.setOpacity(1.0)

    @staticmethod
    def _draw_cell(painter: QPainter, cell: QRect, column: Column[RaceRow], row: RaceRow) -> None:
        text = column.text(row)
        token = row.token if column.key == "outcome" else "text1"
        token = "text3" if text == fmt.NONE else token
        role: theme.FontRole = "strong" if column.key == "rank" else "caption"
        if column.key == "outcome" and row.where:
            cell = _two_lines(painter, cell, row.where)
        painting.text(painter, cell, text, role, token, side(column))

    def _draw_attack(self, painter: QPainter, cell: QRect, row: RaceRow) -> None:
        """Draw the adversarial picture, the perturbation, and whose they are."""
        with painting.mirrored(painter, cell):
            top = cell.top() + (_ROW - _SIDE) // 2
            for number, kind in enumerate(("picture", "change")):
                place = QRect(cell.left() + number * (_SIDE + _GAP), top, _SIDE, _SIDE)
                image = self._picture(row, kind)
                if image is not None:
                    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                    painting.picture(painter, place, image)
                else:
                    painting.box(painter, place, theme.R_TILE, "raised")
                    if not row.runner.done:
                        picture_paint.hatch(painter, QRectF(place), theme.color("line"))
            words = cell.adjusted(_PICTURES - CELL + _GAP, 0, 0, 0)
            role: theme.FontRole = "title" if row.rank == 1 and row.runner.success else "body"
            named = _two_lines(painter, words, row.note) if row.note else words
            painting.text(painter, named, row.title, role, "text2" if row.problem else "text1")

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


def _two_lines(painter: QPainter, cell: QRect, below: str) -> QRect:
    """Write the second line of a cell and return where the first one stands."""
    painting.text(painter, cell.adjusted(0, 31, 0, -12), below, "tick", "text3")
    return cell.adjusted(0, 12, 0, -30)
