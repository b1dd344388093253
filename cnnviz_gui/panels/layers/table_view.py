"""How the table of layers looks: numbers aligned, a bar for the share."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.controls.columns import ColumnList
from cnnviz_gui.panels.controls.sorting import CELL, SortHeader
from cnnviz_gui.panels.layers.table_model import ROW, TEXTS, Index, LayerTable
from cnnviz_gui.panels.layers.tree_rows import fitted
from cnnviz_gui.state.layer_columns import COLUMNS, KEYS, Row
from cnnviz_gui.texts import apart, tr

_NAME, _SHARE = KEYS.index("layer"), KEYS.index("share")
_LEAST, _LONGEST = 60, 200
"""Of the bars."""
_PERCENT = 60
"""What stands beside them, with the gap."""
_SHARE_WIDTH = _LEAST + _PERCENT + CELL + theme.PADDING
_MEASURED = 8
"""So many of the texts with most letters are measured for the width of a column."""
_NAME_LEAST = 136
_GIVING_WAY = tuple(KEYS.index(key) for key in ("field", "type", "kernel", "share"))
"""Columns that are left out, one after the other, where the names would have too little room."""
_RIGHT, _LEFT = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft


class LayerList(ColumnList):
    """The table; its rows are drawn by one painter, its header sorts."""

    def __init__(self, table: LayerTable, parent: QWidget | None = None) -> None:
        header = SortHeader(table.columns, _SHARE, tr("Sort the layers by a column"))
        super().__init__(
            tr("Table of the layers"),
            header,
            name=_NAME,
            giving_way=_GIVING_WAY,
            row=theme.ROW,
            parent=parent,
        )
        self.table = table
        self.setModel(table)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)

    def fit_columns(self) -> None:
        """Give each column the width of its widest text; the bars of the share have the rest."""
        self._head.columns = self.table.columns
        texts = [
            sorted(self.table.texts(place), key=len)[-_MEASURED:] for place in range(len(COLUMNS))
        ]
        longest = max((painting.width_of(text, "title") for text in texts[_NAME]), default=0)
        name = max(longest + theme.PADDING + 2 * CELL, _NAME_LEAST)
        self.fit(texts, {_NAME: name, _SHARE: _SHARE_WIDTH}, _NAME_LEAST)

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the ground, then all cells at once: cell by cell it would take three times as long.

        Columns are as wide as their texts, so nothing but a name needs to be measured.
        """
        row: Row = index.data(ROW)
        texts: tuple[str, ...] = index.data(TEXTS)
        selected = self.selectionModel().isRowSelected(index.row(), index.parent())
        self.draw_ground(painter, option.rect, selected=selected)
        quiet = row.layer.operation and not selected
        painter.setFont(theme.font("caption"))
        for place, column in enumerate(COLUMNS):
            if place in (_NAME, _SHARE) or self._head.isSectionHidden(place):
                continue
            faint = quiet or texts[place] == fmt.NONE or place == KEYS.index("type")
            painter.setPen(theme.color(("text3" if quiet else "text2") if faint else "text1"))
            side = _RIGHT if column.number else _LEFT
            align = side | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(self.cell(option.rect, place), align, apart(texts[place]))
        role: theme.FontRole = "title" if selected else "body"
        ink = "text3" if quiet else "text1"
        cell = self.cell(option.rect, _NAME)
        painting.text(painter, cell, fitted(texts[_NAME], role, cell.width()), role, ink)
        if not self._head.isSectionHidden(_SHARE):
            self._draw_share(painter, self.cell(option.rect, _SHARE), row, texts[_SHARE], selected)

    @staticmethod
    def _draw_share(painter: QPainter, rect: QRect, row: Row, text: str, selected: bool) -> None:
        with painting.mirrored(painter, rect):
            length = min(rect.width() - _PERCENT, _LONGEST)
            bar = QRect(rect.left(), rect.center().y() - 1, length, 4).toRectF()
            if row.bar > 0:
                painting.bar(painter, bar, row.bar, "accent" if selected else "text3")
            else:
                painting.box(painter, bar, 2, "track")
            tone = "text2" if row.bar > 0 or selected else "text3"
            beside = QRect(rect.left() + length, rect.top(), _PERCENT, rect.height())
            painting.text(
                painter, beside, text if row.bar > 0 else fmt.NONE, "caption", tone, _RIGHT
            )
