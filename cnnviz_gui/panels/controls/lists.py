"""Lists, trees and tabs in the language of the window."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyleOptionViewItem,
    QTabBar,
    QToolButton,
    QTreeView,
    QWidget,
)

from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import painting

_INSET = 5


def paint_row(
    painter: QPainter, row: QRect, *, selected: bool, over: bool, focused: bool = False
) -> None:
    """Draw the ground of a row: a tint and an accent edge where selected, a tint under the hand.

    Round the row that has the keys there is the ring.
    """
    if not (selected or over or focused):
        return
    with painting.mirrored(painter, row):
        if selected or over:
            painting.box(painter, row, theme.R_TILE, "selected" if selected else "hover")
        if focused:
            painting.ring(painter, row, theme.R_TILE)
        elif selected:
            edge = QRect(row.left(), row.top() + 4, 3, row.height() - 8)
            painting.box(painter, edge, 1.5, "accent")


class Tree(QTreeView):
    """A tree or a list whose selection is one rounded bar across all columns."""

    submitted = Signal(QModelIndex)
    """A double click on a row, or Return, once each.

    Qt's own ``activated`` differs: macOS has none for Return, some desktops one for every click.
    """

    def __init__(self, accessible_name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("rows", "drawn")
        self.setAccessibleName(accessible_name)
        self.setFont(theme.font("body"))
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(theme.PADDING)
        self.setMouseTracking(True)
        self.setIconSize(QSize(theme.ICON, theme.ICON))
        # The ring is ours: Qt's own frame lies across the row and beyond it, and greys it.
        self.setAllColumnsShowFocus(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.doubleClicked.connect(self.submitted)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Submit the current row on Return."""
        current = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current.isValid():
            self.submitted.emit(current)
            return
        super().keyPressEvent(event)

    def drawRow(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the ground of the row, then what stands on it."""
        selected = self.selectionModel().isRowSelected(index.row(), index.parent())
        self.draw_ground(painter, option.rect, selected=selected)
        super().drawRow(painter, option, index)

    def draw_ground(self, painter: QPainter, rect: QRect, *, selected: bool) -> None:
        """Draw the ground of a row."""
        row = QRect(_INSET, rect.top(), self.viewport().width() - 2 * _INSET, rect.height())
        over = row.contains(self.viewport().mapFromGlobal(self.cursor().pos()))
        over = over and self.underMouse()
        current = self.visualRect(self.currentIndex())
        focused = self.hasFocus() and current.isValid() and current.top() == rect.top()
        paint_row(painter, row, selected=selected, over=over, focused=focused)

    def drawBranches(
        self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the caret of a row that has others below it."""
        if self.model().hasChildren(index):
            name = "caret-down" if self.isExpanded(index) else "caret-right"
            caret = QRect(rect.right() - 13, rect.center().y() - 5, 12, 12)
            selected = self.selectionModel().isRowSelected(index.row(), index.parent())
            with painting.mirrored(painter, rect):
                icons.paint(painter, caret, name, theme.color("text2" if selected else "text3"))


class TabBar(QTabBar):
    """Tabs, 40 px: the current one bold, underlined in accent. All are as wide as they are bold."""

    def __init__(self, accessible_name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(accessible_name)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setFont(theme.font("body"))
        self.setMouseTracking(True)
        for arrow in self.findChildren(QToolButton):  # the tabs themselves take the keys
            arrow.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def tabSizeHint(self, index: int) -> QSize:
        """Return room for the bold word and 14 px either side."""
        return QSize(painting.width_of(self.tabText(index), "title") + 28, theme.HEADER)

    def minimumTabSizeHint(self, index: int) -> QSize:
        """Return the size hint: no tab is cut."""
        return self.tabSizeHint(index)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words and the line under the current one."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("window"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("line"))
        pointer = self.mapFromGlobal(self.cursor().pos())
        for index in range(self.count()):
            rect = self.tabRect(index)
            chosen = index == self.currentIndex()
            lit = chosen or (self.underMouse() and rect.contains(pointer))
            token = "disabled" if not self.isTabEnabled(index) else "text1" if lit else "text2"
            role: theme.FontRole = "title" if chosen else "strong"
            align = Qt.AlignmentFlag.AlignHCenter
            painting.text(painter, rect, self.tabText(index), role, token, align)
            if chosen:
                line = QRect(rect.left() + 14, rect.bottom() - 2, rect.width() - 28, 3)
                painting.box(painter, line, 1.5, "accent")
                if self.hasFocus():
                    painting.ring(painter, rect.adjusted(4, 6, -4, -6), theme.R_CONTROL)
