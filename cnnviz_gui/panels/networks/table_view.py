"""How the table of networks looks: aligned numbers, marks for the weights."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.controls.columns import ColumnList
from cnnviz_gui.panels.controls.sorting import SortHeader
from cnnviz_gui.panels.networks.table_model import ROW, TEXTS, Index, in_use
from cnnviz_gui.state.catalogue_view import COLUMNS, KEYS, Row
from cnnviz_gui.texts import apart, tr

_NAME, _STATE = KEYS.index("title"), KEYS.index("state")
_STATE_WIDTH = 108
_NAME_LEAST = 176
_GIVING_WAY = tuple(KEYS.index(key) for key in ("family", "licence", "input", "year", "size"))
"""Columns that are left out, one after the other, where the names would have too little room."""
_QUIET = frozenset({"family", "licence", "year", "input"})
_MARKS = {
    "embedded": ("check-circle", "success"),
    "here": ("check-circle", "success"),
    "download": ("download-simple", "text3"),
    "none": ("minus", "text3"),
}
_RIGHT, _LEFT = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft
_PLAIN = tuple(place for place in range(len(COLUMNS)) if place not in (_NAME, _STATE))
_FLAGS = [
    (_RIGHT if column.number else _LEFT) | Qt.AlignmentFlag.AlignVCenter for column in COLUMNS
]


class NetworkList(ColumnList):
    """The table; its rows are drawn by one painter, its header sorts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Networks"),
            SortHeader(COLUMNS, _NAME, tr("Sort the networks by a column")),
            name=_NAME,
            giving_way=_GIVING_WAY,
            row=theme.ROW + 2,
            parent=parent,
        )

    def fit_columns(self) -> None:
        """Give each column the width of its widest text; the names take what is left."""
        model = self.model()
        rows = [model.index(row, 0).data(TEXTS) for row in range(model.rowCount())]
        texts = [[row[place] for row in rows] for place in range(len(COLUMNS))]
        self.fit(texts, {_STATE: _STATE_WIDTH}, _NAME_LEAST)

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the ground, then all cells at once: cell by cell it would take three times as long.

        Columns are as wide as their texts, so nothing but a name needs to be measured.
        """
        rect, header = option.rect, self.header()
        row: Row = index.data(ROW)
        texts: tuple[str, ...] = index.data(TEXTS)
        selected = self.selectionModel().isRowSelected(index.row(), index.parent())
        self.draw_ground(painter, rect, selected=selected)
        painter.setFont(theme.font("caption"))
        for place in _PLAIN:
            if header.isSectionHidden(place):
                continue
            quiet = COLUMNS[place].key in _QUIET or texts[place] == fmt.NONE
            painter.setPen(theme.color("text2" if quiet else "text1"))
            painter.drawText(self.cell(rect, place), _FLAGS[place], apart(texts[place]))
        _draw_name(painter, self.cell(rect, _NAME), row, selected)
        _draw_state(painter, self.cell(rect, _STATE), row, texts[_STATE], selected)

    def viewportEvent(self, event: QEvent) -> bool:
        """Have no tooltips of cells: the card shows everything in full."""
        return event.type() != QEvent.Type.ToolTip and super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave typing to the search; move and submit as lists do."""
        if event.text().strip() and event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
            return
        super().keyPressEvent(event)


def _draw_name(painter: QPainter, rect: QRect, row: Row, selected: bool) -> None:
    with painting.mirrored(painter, rect):
        mark = in_use(row)
        room = QRect(rect)
        if mark:
            room.setWidth(rect.width() - painting.width_of(mark, "tick") - 8)
        role: theme.FontRole = "title" if selected or mark else "body"
        width = painting.text(painter, room, row.entry.title, role, "text1")
        if mark:
            left = rect.left() + width + 8
            token = "warning" if row.use == "untrained" else "accent"
            place = QRect(left, rect.top() + 1, rect.right() - left + 1, rect.height())
            painting.text(painter, place, mark, "tick", token)


def _draw_state(painter: QPainter, rect: QRect, row: Row, words: str, selected: bool) -> None:
    with painting.mirrored(painter, rect):
        download = row.download
        icon, token = _MARKS[row.entry.weights]
        if download is not None:
            icon, token = {
                "waiting": ("clock", "text3"),
                "running": ("", "text1"),
                "stopped": ("pause", "text3"),
                "failed": ("warning-circle", "error"),
            }[download.phase]
        if selected and token == "text3":
            token = "text2"
        if not icon and download is not None:
            bar = QRect(rect.left(), rect.center().y() - 2, 44, 5)
            painting.bar(painter, bar.toRectF(), download.fraction or 0.0, "accent")
            left = bar.right() + 9
        else:
            glyph = QRect(rect.left(), rect.center().y() - 7, 14, 15)
            icons.paint(painter, glyph, icon, theme.color(token))
            left = glyph.right() + 7
            token = "text1" if row.here and download is None else token
        place = QRect(left, rect.top(), rect.right() - left + 1, rect.height())
        painting.text(painter, place, words, "caption", token)
