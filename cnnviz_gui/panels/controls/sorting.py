"""Tables that sort: a header of two lines, and rows of which what is missing comes last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.texts import tr

Index = QModelIndex | QPersistentModelIndex
SORT = Qt.ItemDataRole.UserRole + 1
"""Number or text to sort by, None for what is missing."""
CELL = 7
"""Between the edge of a column and its text."""
_HEADER = 46
_KEY_WIDTH = 8
"""Pixels by which a key makes a column wider."""
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_RIGHT, _LEFT = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft


class Heading(Protocol):
    """What a header shows of a column."""

    @property
    def key(self) -> str:
        """Its name, the same in every version."""
        ...

    @property
    def title(self) -> str:
        """First line."""
        ...

    @property
    def unit(self) -> str:
        """Second line."""
        ...

    @property
    def number(self) -> bool:
        """Whether it stands at the right."""
        ...


class SortedRows(QSortFilterProxyModel):
    """Rows sorted by a column, or as they come."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setDynamicSortFilter(True)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; by none the rows stay as they come, never turned round."""
        super().sort(column, order if column >= 0 else Qt.SortOrder.AscendingOrder)

    def lessThan(self, left: Index, right: Index) -> bool:
        """Compare two values of a column.

        In either order what is missing comes last, and what is equal stays as it was.
        """
        falling = self.sortOrder() == Qt.SortOrder.DescendingOrder
        one, other = left.data(SORT), right.data(SORT)
        if one is not None and other is not None and one != other:
            return bool(one < other)
        # For a falling order Qt asks the other way round: whether the right one is smaller.
        first, last = (right, left) if falling else (left, right)
        return _rank(first) < _rank(last)


class SortHeader(QHeaderView):
    """Titles over units; a click sorts, a second turns the order, a third sorts by nothing.

    The column ``wide`` takes the room that the others leave. With the keyboard: Tab comes here,
    arrows choose a column, Space or Return sorts by it, Shift with arrows gives it another width,
    Page Up and Page Down move it.
    """

    def __init__(
        self,
        columns: Sequence[Heading],
        wide: int,
        accessible_name: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.columns = columns
        """What it shows; to be set anew where a unit changes."""
        self.wide = wide
        self._at = 0
        self._shown: list[int] | None = None
        self.setAccessibleName(accessible_name)
        self.setAccessibleDescription(
            tr(
                "Arrows choose a column, Space sorts by it, Shift with arrows gives it another"
                " width, Page Up and Page Down move it."
            )
        )
        self.setFixedHeight(_HEADER)
        self.setSectionsClickable(True)
        self.setSortIndicatorClearable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(36)
        self.setStretchLastSection(False)
        self.setSectionsMovable(True)
        self.setFirstSectionMovable(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for changed in (self.sectionCountChanged, self.sectionMoved, self.sectionResized):
            changed.connect(self._on_columns_changed)
        self.sectionCountChanged.connect(self._on_count_changed)

    def _on_columns_changed(self) -> None:
        self._shown = None

    def _on_count_changed(self, old: int, new: int) -> None:
        for place in range(new):
            modes = QHeaderView.ResizeMode
            mode = modes.Stretch if place == self.wide else modes.Interactive
            self.setSectionResizeMode(place, mode)

    def sizeHint(self) -> QSize:
        """Return room for two lines."""
        return QSize(super().sizeHint().width(), _HEADER)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose a column and sort by it."""
        backward = Qt.Key.Key_Right if self.isRightToLeft() else Qt.Key.Key_Left
        by = -1 if event.key() == backward else 1
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Right if _SHIFT & event.modifiers():
                self._widen(by)
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                self._step(by)
            case Qt.Key.Key_PageUp:
                self._move(-1)
            case Qt.Key.Key_PageDown:
                self._move(1)
            case Qt.Key.Key_Space | Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.sort_by(self._at)
            case _:
                super().keyPressEvent(event)
                return
        self.viewport().update()

    def _widen(self, by: int) -> None:
        """Give the column another width; the wide one has what the others leave."""
        if self._at != self.wide:
            size = self.sectionSize(self._at) + by * _KEY_WIDTH
            self.resizeSection(self._at, max(size, self.minimumSectionSize()))

    def _move(self, by: int) -> None:
        """Let the column change places with its neighbour in sight; the first one stays."""
        shown = self.shown()
        at = shown.index(self._at) if self._at in shown else 0
        if at and 0 < at + by < len(shown):
            self.moveSection(self.visualIndex(self._at), self.visualIndex(shown[at + by]))

    def _step(self, by: int) -> None:
        """Go to the next column in sight, as they stand."""
        shown = self.shown()
        at = shown.index(self._at) + by if self._at in shown else 0
        if shown:
            self._at = shown[min(max(at, 0), len(shown) - 1)]

    def shown(self) -> list[int]:
        """Return the columns in sight from the left, each by its place in the model."""
        if self._shown is None:
            order = (self.logicalIndex(n) for n in range(self.count()))
            self._shown = [place for place in order if not self.isSectionHidden(place)]
        return self._shown

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show which column the keys would sort by."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show it no longer."""
        super().focusOutEvent(event)
        self.viewport().update()

    def inner(self, rect: QRect, place: int) -> QRect:
        """Return where the text of a cell stands: the columns at the ends keep a margin.

        Those in sight count: one that is left out ends no row.
        """
        shown = self.shown()
        before = theme.PADDING if place == shown[0] else CELL
        after = theme.PADDING if place == shown[-1] else CELL
        left, right = (after, before) if self.isRightToLeft() else (before, after)
        return rect.adjusted(left, 0, -right, 0)

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
            if self.isSectionHidden(place):
                continue
            left = self.sectionViewportPosition(place)
            self._draw(painter, QRect(left, 0, self.sectionSize(place), self.height()), place)
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("line"))

    def paintSection(self, painter: QPainter, rect: QRect, place: int) -> None:
        """Draw a column that is dragged as it stands in its place."""
        painter.fillRect(rect, theme.color("hover"))
        self._draw(painter, rect, place)

    def _draw(self, painter: QPainter, rect: QRect, place: int) -> None:
        with painting.mirrored(painter, rect):
            column = self.columns[place]
            sorted_by = self.sortIndicatorSection() == place
            cell = self.inner(rect, place)
            align = _RIGHT if column.number else _LEFT
            title = QRect(cell.left(), 6, cell.width(), 18)
            token = "text1" if sorted_by else "text2"
            width = painting.text(painter, title, column.title, "caption", token, align)
            if column.unit:
                unit = QRect(cell.left(), 23, cell.width(), 15)
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


def _rank(index: Index) -> tuple[bool, int]:
    return index.data(SORT) is None, index.row()
