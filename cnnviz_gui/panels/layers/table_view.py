"""How the table of layers looks: numbers aligned, a bar for the share."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Tree, painting
from cnnviz_gui.panels.controls.sorting import CELL, SortHeader, inner
from cnnviz_gui.panels.layers.table_model import ROW, TEXTS, Index, LayerTable
from cnnviz_gui.panels.layers.tree_rows import fitted
from cnnviz_gui.state.layer_columns import COLUMNS, KEYS, Row

_NAME, _SHARE = KEYS.index("layer"), KEYS.index("share")
_SHARE_WIDTH = 60 + 8 + 52 + CELL + theme.PADDING
_BAR = 60
_MEASURED = 8
"""So many of the texts with most letters are measured for the width of a column."""
_NAME_LEAST = 136
_GIVING_WAY = tuple(KEYS.index(key) for key in ("field", "type", "kernel", "share"))
"""Columns that are left out, one after the other, where the names would have too little room."""
_RIGHT, _LEFT = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft


class LayerList(Tree):
    """The table; its rows are drawn by one painter, its header sorts."""

    def __init__(self, table: LayerTable, parent: QWidget | None = None) -> None:
        super().__init__("Table of the layers", parent)
        self.table = table
        self._head = SortHeader(table.columns, _NAME, "Sort the layers by a column", self)
        self.setHeader(self._head)
        self.setModel(table)
        self.setHeaderHidden(False)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setItemDelegate(_Height(self))
        self.setAllColumnsShowFocus(False)
        self.setEditTriggers(Tree.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setSortingEnabled(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)

    def fit_columns(self) -> None:
        """Give each column the width of its widest text; the names take what is left."""
        self._head.columns = self.table.columns
        for place, column in enumerate(COLUMNS):
            if place == _NAME:
                continue
            longest = sorted(self.table.texts(place), key=len)[-_MEASURED:]
            widest = max((painting.width_of(text, "caption") for text in longest), default=0)
            title = painting.width_of(column.title, "caption") + 14
            unit = painting.width_of(column.unit, "tick")
            width = _SHARE_WIDTH if place == _SHARE else max(widest, title, unit) + 2 * CELL
            self._head.resizeSection(place, width + 1)
        self._give_way()

    def _give_way(self) -> None:
        """Leave out columns until the names have room; the card shows what they would."""
        header = self._head
        for place in _GIVING_WAY:
            header.showSection(place)
        widths = {place: header.sectionSize(place) for place in range(header.count())}
        left = self.viewport().width() - sum(w for at, w in widths.items() if at != _NAME)
        for place in _GIVING_WAY:
            if left >= _NAME_LEAST:
                break
            left += widths[place]
            header.hideSection(place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See which columns there is room for."""
        super().resizeEvent(event)
        self._give_way()

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
            painter.drawText(self._cell(option.rect, place), align, texts[place])
        role: theme.FontRole = "title" if selected else "body"
        ink = "text3" if quiet else "text1"
        cell = self._cell(option.rect, _NAME)
        painting.text(painter, cell, fitted(texts[_NAME], role, cell.width()), role, ink)
        if not self._head.isSectionHidden(_SHARE):
            self._draw_share(painter, self._cell(option.rect, _SHARE), row, texts[_SHARE], selected)

    @staticmethod
    def _draw_share(painter: QPainter, rect: QRect, row: Row, text: str, selected: bool) -> None:
        bar = QRect(rect.left(), rect.center().y() - 1, _BAR, 4).toRectF()
        if row.bar > 0:
            painting.bar(painter, bar, row.bar, "accent" if selected else "text3")
        else:
            painting.box(painter, bar, 2, "track")
        tone = "text2" if row.bar > 0 or selected else "text3"
        painting.text(painter, rect, text if row.bar > 0 else fmt.NONE, "caption", tone, _RIGHT)

    def _cell(self, rect: QRect, place: int) -> QRect:
        left, width = self._head.sectionViewportPosition(place), self._head.sectionSize(place)
        return inner(QRect(left, rect.top(), width, rect.height()), place, len(COLUMNS))


class _Height(QStyledItemDelegate):
    """Gives the rows their height; ``LayerList`` draws them whole."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of a row."""
        return QSize(40, theme.ROW)
