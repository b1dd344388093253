"""How the table of networks looks: two-line header, aligned numbers, marks for the weights."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import Tree, painting
from cnnviz_gui.panels.networks.table_model import ROW, TEXTS, Index, in_use
from cnnviz_gui.state.catalogue_view import COLUMNS, KEYS, Row

_HEADER = 46
_CELL = 7
"""Between the edge of a column and its text."""
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


class NetworkList(Tree):
    """The table; its rows are drawn by one painter, its header sorts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Networks", parent)
        self.setHeader(SortHeader(self))
        self.setHeaderHidden(False)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setItemDelegate(_Height(self))
        self.setAllColumnsShowFocus(False)
        self.setEditTriggers(Tree.EditTrigger.NoEditTriggers)
        self.setSortingEnabled(True)

    def fit_columns(self) -> None:
        """Give each column the width of its widest text; the names take what is left."""
        header, model = self.header(), self.model()
        for place, column in enumerate(COLUMNS):
            if place == _NAME:
                continue
            texts = [str(model.index(row, place).data()) for row in range(model.rowCount())]
            widest = max((painting.width_of(text, "caption") for text in texts), default=0)
            title = painting.width_of(column.title, "caption")
            unit = painting.width_of(column.unit, "tick")
            width = _STATE_WIDTH if place == _STATE else max(widest, title, unit) + 2 * _CELL
            header.resizeSection(place, width + 1)
        self._give_way()

    def _give_way(self) -> None:
        """Leave out columns until the names have room; the card shows what they would."""
        header = self.header()
        widths = {place: header.sectionSize(place) for place in range(header.count())}
        for place in _GIVING_WAY:
            if header.isSectionHidden(place):
                header.showSection(place)
                widths[place] = header.sectionSize(place)
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
            cell = _inner(self._cell(rect, place), place)
            painter.drawText(cell, _FLAGS[place], texts[place])
        _draw_name(painter, _inner(self._cell(rect, _NAME), _NAME), row, selected)
        state = _inner(self._cell(rect, _STATE), _STATE)
        _draw_state(painter, state, row, texts[_STATE], selected)

    def _cell(self, rect: QRect, place: int) -> QRect:
        left = self.header().sectionViewportPosition(place)
        return QRect(left, rect.top(), self.header().sectionSize(place), rect.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave typing to the search; move and submit as lists do."""
        if event.text().strip() and event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
            return
        super().keyPressEvent(event)


class SortHeader(QHeaderView):
    """Titles over units; a click sorts, a second turns the order, a third gives the catalogue's.

    With the keyboard: Tab comes here, arrows choose a column, Space or Return sorts by it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._at = 0
        self.setAccessibleName("Sort the networks by a column")
        self.setFixedHeight(_HEADER)
        self.setSectionsClickable(True)
        self.setSortIndicatorClearable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(36)
        self.setStretchLastSection(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.sectionCountChanged.connect(self._on_count_changed)

    def _on_count_changed(self, old: int, new: int) -> None:
        for place in range(new):
            mode = QHeaderView.ResizeMode.Stretch if place == _NAME else self.ResizeMode.Fixed
            self.setSectionResizeMode(place, mode)

    def sizeHint(self) -> QSize:
        """Return room for two lines."""
        return QSize(super().sizeHint().width(), _HEADER)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose a column and sort by it."""
        match event.key():
            case Qt.Key.Key_Left:
                self._at = max(self._at - 1, 0)
            case Qt.Key.Key_Right:
                self._at = min(self._at + 1, self.count() - 1)
            case Qt.Key.Key_Space | Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.sort_by(self._at)
            case _:
                super().keyPressEvent(event)
                return
        self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show which column the keys would sort by."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show it no longer."""
        super().focusOutEvent(event)
        self.viewport().update()

    def sort_by(self, place: int) -> None:
        """Do what a click on the header of a column does."""
        first = self.model().headerData(
            place, Qt.Orientation.Horizontal, Qt.ItemDataRole.InitialSortOrderRole
        )
        other = (
            Qt.SortOrder.AscendingOrder
            if first == Qt.SortOrder.DescendingOrder
            else Qt.SortOrder.DescendingOrder
        )
        if self.sortIndicatorSection() != place:
            self.setSortIndicator(place, first)
        elif self.sortIndicatorOrder() == first:
            self.setSortIndicator(place, other)
        else:
            self.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground, the sections and the line below."""
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), theme.color("panel"))
        for place in range(self.count()):
            left = self.sectionViewportPosition(place)
            self._draw(painter, QRect(left, 0, self.sectionSize(place), self.height()), place)
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("line"))

    def _draw(self, painter: QPainter, rect: QRect, place: int) -> None:
        column = COLUMNS[place]
        sorted_by = self.sortIndicatorSection() == place
        inner = _inner(rect, place)
        align = _RIGHT if column.number else _LEFT
        title = QRect(inner.left(), 6, inner.width(), 18)
        token = "text1" if sorted_by else "text2"
        width = painting.text(painter, title, column.title, "caption", token, align)
        if column.unit:
            unit = QRect(inner.left(), 23, inner.width(), 15)
            painting.text(painter, unit, column.unit, "tick", "text3", align)
        if sorted_by:
            rising = self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
            arrow = QRect(0, title.center().y() - 4, 10, 10)
            if column.number:
                arrow.moveRight(title.right() - width - 1)
            else:
                arrow.moveLeft(title.left() + width + 3)
            icons.paint(
                painter, arrow, "caret-up" if rising else "caret-down", theme.color("accent")
            )
        if self.hasFocus() and self._at == place:
            painting.ring(painter, rect.adjusted(2, 3, -2, -4), theme.R_CONTROL)


class _Height(QStyledItemDelegate):
    """Gives the rows their height; ``NetworkList`` draws them whole."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of a row."""
        return QSize(40, theme.ROW + 2)

    def helpEvent(
        self, event: object, view: object, option: QStyleOptionViewItem, index: QModelIndex
    ) -> bool:
        """Have no tooltips of cells: the card shows everything in full."""
        return False


def _inner(rect: QRect, place: int) -> QRect:
    left = theme.PADDING if place == _NAME else _CELL
    right = theme.PADDING if place == _STATE else _CELL
    return rect.adjusted(left, 0, -right, 0)


def _draw_name(painter: QPainter, rect: QRect, row: Row, selected: bool) -> None:
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
