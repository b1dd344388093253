"""One map, or the clean and the adversarial one, as large as there is room, with its numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core import render
from cnnviz_gui.panels import picture_paint, theme
from cnnviz_gui.panels.colour_bar import ColourBar
from cnnviz_gui.panels.controls import IconButton
from cnnviz_gui.panels.controls.keys import asks_for_escape
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.layers.heading import Heading
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.panels.pane_feed import PaneFeed, link_all
from cnnviz_gui.panels.pane_row import PaneRow
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray, FloatArray

_ROOM = 38.0
"""Screen pixels a cell needs for its number."""
Cell = tuple[int, int]


class LargeMap(QWidget):
    """A map with its colour bar; cells that are large enough on the screen bear their values."""

    closed = Signal()
    """Back to all maps."""
    stepped = Signal(int)
    """To the next channel on display, 1, or the one before, -1."""
    hovered = Signal(object)
    """Row and column of the cell under the cursor, or None."""
    chosen = Signal(object)
    """Row and column of the cell clicked."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._head = Heading("")
        self._panes = [ImagePane(tr("Map")), ImagePane(tr("Adversarial"))]
        self._feeds = [PaneFeed(pane, state) for pane in self._panes]
        self._maps: list[FloatArray] = []
        self._mark: Cell | None = None
        self._bar = ColourBar()
        for place, pane in enumerate(self._panes):
            pane.set_smooth(False)
            pane.set_readout(self._reader(place))
            pane.surface.over = self._painter(place)
            pane.hovered.connect(self._on_hovered)
            pane.clicked.connect(self._on_clicked)
        link_all(tuple(self._panes), True)
        back = IconButton("arrow-left", tr("Back to all maps (Esc)"), tr("Back to all maps"))
        back.clicked.connect(self.closed)
        former = IconButton("caret-left", tr("Channel before (Left)"), tr("Channel before"))
        former.clicked.connect(lambda: self.stepped.emit(-1))
        following = IconButton("caret-right", tr("Next channel (Right)"), tr("Next channel"))
        following.clicked.connect(lambda: self.stepped.emit(1))
        self._head.add_tool(former)
        self._head.add_tool(following)
        head = QHBoxLayout()
        head.setSpacing(theme.INSIDE)
        head.addWidget(back)
        head.addWidget(self._head, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.INSIDE)
        add_layout(column, head)
        column.addWidget(PaneRow(self._panes, self._bar), 1)
        self.setFocusProxy(self._panes[0])

    def show_map(
        self,
        channel: int,
        maps: list[FloatArray],
        said: str,
        colours: str,
        low: float,
        high: float,
    ) -> None:
        """Show the maps (h, w) of a channel: the clean one, perhaps the adversarial one."""
        self._maps = maps
        self._head.set_title(tr("Channel {channel}", channel=channel))
        self._head.set_caption(said)
        self._bar.set_scale(colours, low, high)
        self._panes[0].set_title(tr("Clean") if len(maps) > 1 else tr("Map"))
        self._panes[0].set_edge("clean" if len(maps) > 1 else None)
        self._panes[1].set_edge("adversarial")
        self._panes[1].setVisible(len(maps) > 1)
        for feed, values in zip(self._feeds, maps, strict=False):
            feed.show("done", _painted, values, colours, low, high)

    def set_mark(self, cell: Cell | None) -> None:
        """Frame a cell."""
        if cell != self._mark:
            self._mark = cell
            for pane in self._panes:
                pane.surface.viewport().update()

    def _reader(self, place: int) -> Callable[[int, int], str]:
        def read(x: int, y: int) -> str:
            value = float(self._maps[place][y, x])
            return tr(
                "row {row}, column {column}: {value}", row=y, column=x, value=fmt.plain(value)
            )

        return read

    def _painter(
        self, place: int
    ) -> Callable[[QPainter, QRectF, Callable[[float, float], QPointF]], None]:
        def paint(
            painter: QPainter, seen: QRectF, to_screen: Callable[[float, float], QPointF]
        ) -> None:
            if place < len(self._maps):
                _write_values(painter, self._maps[place], seen, to_screen)
            if self._mark is not None:
                row, column = self._mark
                cell = QRectF(to_screen(column, row), to_screen(column + 1, row + 1))
                picture_paint.cell_mark(painter, cell)

        return paint

    @Slot(object)
    def _on_hovered(self, spot: tuple[int, int] | None) -> None:
        self.hovered.emit(spot and (spot[1], spot[0]))

    @Slot(object)
    def _on_clicked(self, spot: tuple[int, int]) -> None:
        self.chosen.emit((spot[1], spot[0]))

    def event(self, event: QEvent) -> bool:
        """Claim Escape before the shortcuts of the window."""
        if asks_for_escape(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back on Escape, to other channels with the arrows while the whole map is seen."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.closed.emit()
        elif key in steps:
            self.stepped.emit(steps[key])
        else:
            super().keyPressEvent(event)


def _painted(values: FloatArray, colours: str, low: float, high: float) -> ByteArray:
    return render.apply_colormap(values, colours, low, high)


def _write_values(
    painter: QPainter,
    values: FloatArray,
    seen: QRectF,
    to_screen: Callable[[float, float], QPointF],
) -> None:
    """Write the number into each cell in sight, if there is room."""
    origin, step = to_screen(0, 0), to_screen(1, 1) - to_screen(0, 0)
    if step.x() < _ROOM:
        return
    height, width = values.shape
    first = max(0, int((seen.left() - origin.x()) / step.x()))
    top = max(0, int((seen.top() - origin.y()) / step.y()))
    last = min(width, int((seen.right() - origin.x()) / step.x()) + 1)
    bottom = min(height, int((seen.bottom() - origin.y()) / step.y()) + 1)
    font = theme.font("tick")
    painter.setFont(font)
    for row in range(top, bottom):
        for column in range(first, last):
            cell = QRectF(to_screen(column, row), to_screen(column + 1, row + 1))
            picture_paint.outlined(painter, cell, fmt.significant(float(values[row, column])))
