"""The tree of layers, with lines beside the rows of a block for what goes past them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSortFilterProxyModel, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Tree, painting
from cnnviz_gui.panels.layers.tree_rows import NODE, Index, RowPainter
from cnnviz_gui.state.layer_tree import Node
from cnnviz_gui.state.layer_ways import HEAD, Way, ways
from cnnviz_gui.texts import tr

INDENT = 18
_LANE, _BETWEEN = 9, 5
"""From the left of a block's column to its first line, and between its lines."""
_TURN = 3.0
"""Radius of the corners of a line."""
_TIP = 3.0


class FoundRows(QSortFilterProxyModel):
    """The rows that are looked for, with those that enclose them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._found: frozenset[str] | None = None
        self.setRecursiveFilteringEnabled(True)

    @property
    def complete(self) -> bool:
        """Whether all rows are there."""
        return self._found is None

    def show_only(self, found: frozenset[str] | None) -> None:
        """Show rows by name; None: all."""
        self._found = found
        self.invalidate()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        """Tell whether a row is looked for."""
        if self._found is None:
            return True
        node: Node = self.sourceModel().index(source_row, 0, source_parent).data(NODE)
        return node.layer.name in self._found


class LayerTree(Tree):
    """Rows of ``FoundRows``; an open block shows the ways past its rows."""

    def __init__(self, rows: FoundRows, parent: QWidget | None = None) -> None:
        super().__init__(tr("Layers, in order of execution"), parent)
        self.rows = rows
        self.painter = RowPainter(self)
        self._facts: ModelFacts | None = None
        self._ways: dict[str, tuple[Way, ...]] = {}
        self.still = False
        """Whether rows stay where they are when the tree gets lower, as for a notice that goes."""
        self.setModel(rows)
        self.setItemDelegate(self.painter)
        self.setEditTriggers(Tree.EditTrigger.NoEditTriggers)
        self.setIndentation(INDENT)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the row that is chosen in sight where it was, unless the rows are to stand still."""
        row = self.visualRect(self.currentIndex())
        shown = row.isValid() and row.top() >= 0 and row.bottom() <= event.oldSize().height()
        super().resizeEvent(event)
        if shown and not self.still:
            self.scrollTo(self.currentIndex())

    def set_facts(self, facts: ModelFacts | None) -> None:
        """Say whose rows these are."""
        self._facts = facts
        self._ways.clear()

    def drawBranches(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """Draw caret and, in the column of each enclosing block, the lines beside its rows."""
        with painting.mirrored(painter, rect):
            super().drawBranches(painter, rect, index)
            if not self.rows.complete or self._facts is None:
                return
            pen = QPen(theme.color("text3"), 1.25)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(pen)
            if self.isExpanded(index) and self.model().hasChildren(index):
                depth = rect.width() // INDENT
                self._draw_head(painter, rect, rect.left() + INDENT * (depth - 1), index)
            column = rect.right() + 1 - INDENT
            own, inner = True, index
            while inner.parent().isValid():
                column -= INDENT
                for way in self._ways_of(inner.parent()):
                    reach = rect.right() + 1 if own else column + INDENT
                    tip = reach - (INDENT - 5 if own and self.model().hasChildren(index) else 1)
                    _draw_way(painter, rect, column, way, inner.row(), own=own, tip=tip)
                own, inner = False, inner.parent()
            painter.restore()

    def _draw_head(self, painter: QPainter, rect: QRect, column: int, index: Index) -> None:
        """Let the lines that begin with what comes into a block leave its caret."""
        for way in self._ways_of(index):
            if way.first == HEAD:
                x = column + _LANE + _BETWEEN * way.lane
                painter.drawLine(QPointF(x, rect.bottom() - 4), QPointF(x, rect.bottom() + 1))

    def _ways_of(self, block: Index) -> tuple[Way, ...]:
        node: Node = block.data(NODE)
        name = node.layer.name
        if name not in self._ways:
            assert self._facts is not None
            self._ways[name] = ways(node, self._facts)
        return self._ways[name]


def _draw_way(
    painter: QPainter, rect: QRect, column: int, way: Way, place: int, *, own: bool, tip: int
) -> None:
    """Draw what a line shows in one row.

    Parameters
    ----------
    painter
        Of the tree, with pen.
    rect
        Left part of the row, in which nothing else is drawn but carets.
    column
        Left edge of the column of the block.
    way
        The line.
    place
        Which row of the block this is, or is inside of.
    own
        It is that row, not one inside of it.
    tip
        How far to the right the line turns.
    """
    x = column + _LANE + _BETWEEN * way.lane + 0.0
    middle = rect.center().y() + 0.5
    above = way.first < place <= way.last if own else False
    below = way.first <= place < way.last
    top, bottom = rect.top() + 0.0, rect.bottom() + 1.0
    if own and place == way.last:
        bottom = middle - _TURN
    if own and place == way.first:
        top = middle + _TURN
    if above or below:
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
    if not own:
        return
    turn = QPainterPath()
    if place in way.ends:
        turn.moveTo(x, middle - _TURN)
        turn.quadTo(x, middle, x + _TURN, middle)
        turn.lineTo(tip, middle)
        turn.moveTo(tip - _TIP, middle - _TIP)
        turn.lineTo(tip, middle)
        turn.lineTo(tip - _TIP, middle + _TIP)
    if place in way.starts:
        turn.moveTo(tip, middle)
        turn.lineTo(x + _TURN, middle)
        turn.quadTo(x, middle, x, middle + _TURN)
    if not turn.isEmpty():
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(turn)
