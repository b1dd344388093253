"""Thousands of small pictures under one another, of which only those in sight cost anything."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from cnnviz_gui.panels import picture_paint, theme, tile_paint
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.dimming import Dimming
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.spoken import tell
from cnnviz_gui.panels.tile_layout import TileLayout
from cnnviz_gui.panels.tile_source import MapTiles, RgbTiles, TileSource
from cnnviz_gui.texts import tr

Hover = tuple[int, int, int, float | None]
"""Channel, row, column, value; no value for tiles in colour."""

_SMALLEST, _LARGEST = 12, 320
_FAINT = 0.3
_TURN_SECONDS = 0.003
"""After this long with new tiles the others wait for the next turn of the event loop."""


class TileGrid(QAbstractScrollArea):
    """A grid of tiles with captions; GUI thread only.

    Click selects, double click or Return activates; arrows, Home, End, Page Up and Page Down move
    the selection; Ctrl and the wheel change the size.
    """

    hovered = Signal(object)
    """A ``Hover``, or None."""
    selected = Signal(object)
    """The channel chosen by hand."""
    pressed = Signal(object)
    """The ``Hover`` that was clicked, after ``selected``."""
    activated = Signal(object)
    """The channel double-clicked."""
    scaled = Signal(int)
    """The width of a tile chosen by hand."""

    def __init__(
        self,
        tile: int = 72,
        gap: int = 8,
        background: str = "stage",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        as_data(self)
        self._behind = background
        self._source: TileSource | None = None
        self._captions: Sequence[str] | None = None
        self._wanted = tile
        self._gap = gap
        self._layout = TileLayout()
        self._current: int | None = None
        self._hover: Hover | None = None
        self._mark: tuple[int, int, int] | None = None
        self._faint: frozenset[int] = frozenset()
        self._instead: Mapping[int, str] = {}
        self._readout: Callable[[Hover], Sequence[str]] | None = None
        self._dimming = Dimming(self)
        self._dimming.changed.connect(self.viewport().update)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self.viewport().update)
        self.setFrameShape(self.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.setAccessibleName(tr("Channels"))
        theme.notifier.changed.connect(self._on_theme_changed)

    # What is shown

    def set_tiles(
        self,
        maps: NDArray[np.floating[Any]],
        order: Sequence[int] | NDArray[np.integer[Any]] | None = None,
        captions: Sequence[str] | None = None,
        colormap: str = "viridis",
        ranges: tuple[float, float] | NDArray[np.floating[Any]] | None = None,
    ) -> None:
        """Show maps, painted when they come into sight.

        Parameters
        ----------
        maps
            float (C, h, w); kept, not copied.
        order
            Which channels, in which order; all by default.
        captions
            What stands at the right under a tile, by channel (C,); None: no captions at all.
        colormap
            One of ``core.render.COLORMAPS``.
        ranges
            ``(low, high)`` for all, or float (C, 2) for a scale of each tile's own; by default from
            the least to the greatest of all numbers.
        """
        self._set_source(MapTiles(maps, order, colormap, ranges), captions)

    def set_rgb_tiles(
        self,
        tiles: NDArray[np.uint8],
        order: Sequence[int] | NDArray[np.integer[Any]] | None = None,
        captions: Sequence[str] | None = None,
    ) -> None:
        """Show pictures, uint8 (C, h, w, 3), such as filters that read colours."""
        self._set_source(RgbTiles(tiles, order), captions)

    def clear(self) -> None:
        """Show nothing."""
        self._set_source(None, None)

    def _set_source(self, source: TileSource | None, captions: Sequence[str] | None) -> None:
        self._source = source
        self._captions = captions
        if source is None or self._current not in source.positions:
            self._current = None
        self._set_hover(None)
        self._lay_out()

    def set_readout(self, readout: Callable[[Hover], Sequence[str]] | None) -> None:
        """Say what the card beside the cursor tells: lines, the first strong. None: no card."""
        self._readout = readout

    def set_stale(self, stale: bool) -> None:
        """Dim the tiles while others are being computed, if that takes longer than a blink."""
        self._dimming.set_stale(stale)

    def set_tile_size(self, side: int) -> None:
        """Choose the width of a tile; it is stretched so that a row fills the place."""
        self._wanted = min(max(side, _SMALLEST), _LARGEST)
        self._lay_out()

    def tile_size(self) -> int:
        """Return the width chosen."""
        return self._wanted

    def current(self) -> int | None:
        """Return the selected channel."""
        return self._current

    def set_current(self, channel: int | None) -> None:
        """Select a channel and bring it into sight, without a signal."""
        known = self._source is not None and channel in self._source.positions
        chosen = channel if known else None
        if chosen == self._current:
            return
        self._current = chosen
        self._show_current()
        self.viewport().update()

    def scroll_to_current(self) -> None:
        """Bring the selected channel into sight."""
        self._show_current()

    def set_faint(self, channels: frozenset[int]) -> None:
        """Let the tiles of some channels recede: they are silenced."""
        if channels != self._faint:
            self._faint = channels
            self.viewport().update()

    def set_instead(self, words: Mapping[int, str]) -> None:
        """Let the tiles of some channels show words, or no word yet, instead of a picture."""
        self._instead = words
        self.viewport().update()

    def set_mark(self, mark: tuple[int, int, int] | None) -> None:
        """Frame a cell, channel, row and column, that is chosen or under the cursor elsewhere."""
        if mark != self._mark:
            self._mark = mark
            self.viewport().update()

    def visible_count(self) -> int:
        """Return how many tiles are wholly or partly in sight."""
        return len(self._layout.visible(self._scroll(), self.viewport().height()))

    # Geometry

    def _lay_out(self) -> None:
        source = self._source
        shape = (1, 1) if source is None else source.shape
        self._layout = TileLayout(
            count=0 if source is None else source.count,
            width=self.viewport().width() - 2 * theme.RING_GAP - 2 * theme.RING,
            wanted=self._wanted,
            aspect=shape[0] / shape[1],
            gap=self._gap,
            caption=tile_paint.CAPTION if self._captions is not None else 0,
            margin=theme.RING + theme.RING_GAP,
        )
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self._layout.height - self.viewport().height()))
        bar.setPageStep(max(1, self.viewport().height()))
        bar.setSingleStep(max(1, self._layout.pitch // 2))
        self.viewport().update()

    def _scroll(self) -> int:
        return int(self.verticalScrollBar().value())

    def height_of(self, rows: int) -> int:
        """Return the height at which so many rows are wholly in sight, or all if there are less."""
        height = rows * self._layout.pitch - self._gap + 2 * self._layout.margin
        return min(height, max(self._layout.height, self._layout.pitch))

    def rows_within(self, height: int) -> int:
        """Return how many rows are wholly in sight at a height, at least one."""
        return max(1, (height + self._gap - 2 * self._layout.margin) // self._layout.pitch)

    def tile_rect(self, channel: int) -> QRect | None:
        """Return where a channel's tile lies in the viewport, None if it is not shown at all."""
        if self._source is None or channel not in self._source.positions:
            return None
        return self._layout.tile(self._source.positions[channel]).translated(0, -self._scroll())

    def _hover_at(self, at: QPointF) -> Hover | None:
        source = self._source
        if source is None:
            return None
        place = QPoint(int(at.x()), int(at.y()) + self._scroll())
        position = self._layout.position_at(place)
        if position is None:
            return None
        tile = self._layout.tile(position)
        height, width = source.shape
        row = min(max((place.y() - tile.top()) * height // tile.height(), 0), height - 1)
        column = min(max((place.x() - tile.left()) * width // tile.width(), 0), width - 1)
        return source.channel(position), row, column, source.value(position, row, column)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles in sight."""
        source = self._source
        if source is None:
            return
        painter = painting.begin(self.viewport())
        scroll = self._scroll()
        positions = self._layout.visible(scroll + event.rect().top(), event.rect().height())
        corners = theme.color(self._behind)
        radius = theme.R_TILE if self._layout.side >= 40 else 3
        tiles = [(p, self._layout.tile(p).translated(0, -scroll)) for p in positions]
        opacity = self._dimming.opacity
        end = time.perf_counter() + _TURN_SECONDS
        for position, rect in tiles:
            faint = source.channel(position) in self._faint
            painter.setOpacity(opacity * _FAINT if faint else opacity)
            if source.channel(position) in self._instead:
                tile_paint.instead(painter, rect, self._instead[source.channel(position)])
            elif source.ready(position) or time.perf_counter() < end:
                painter.drawImage(rect, source.image(position))
            else:
                painter.fillRect(rect, theme.color("raised"))
                self._rest.start(0)
        painter.setOpacity(1.0)
        picture_paint.round_many(painter, [rect for _, rect in tiles], radius, corners)
        if self._captions is not None:
            lines = [(source.channel(p), rect) for p, rect in tiles]
            tile_paint.captions(painter, lines, self._captions, self._current)
        self._paint_marks(painter, radius)

    def _paint_marks(self, painter: QPainter, radius: float) -> None:
        tile = None if self._current is None else self.tile_rect(self._current)
        if tile is not None:
            out = theme.RING + theme.RING_GAP
            painting.ring(painter, tile.adjusted(-out, -out, out, out), radius + out)
        if self._mark is not None:
            self._paint_cell(painter, *self._mark)
        if self._hover is None:
            return
        tile = self._paint_cell(painter, *self._hover[:3])
        if self._readout is not None and tile is not None:
            lines = self._readout(self._hover)
            bounds = QRectF(self.viewport().rect())
            picture_paint.card(painter, lines, tile, bounds)

    def _paint_cell(self, painter: QPainter, channel: int, row: int, column: int) -> QRect | None:
        """Frame a cell, unless its tile is too small to show it; return the tile."""
        tile = self.tile_rect(channel)
        if tile is not None and self._source is not None and self._layout.side >= 40:
            height, width = self._source.shape
            step_x, step_y = tile.width() / width, tile.height() / height
            left, top = tile.left() + column * step_x, tile.top() + row * step_y
            picture_paint.cell_mark(painter, QRectF(left, top, step_x, step_y))
        return tile

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the tiles out anew; the topmost stays in sight."""
        first = self._layout.visible(self._scroll(), 1)
        super().resizeEvent(event)
        self._lay_out()
        if first and self._scroll():
            self.verticalScrollBar().setValue(self._layout.tile(first[0]).top() - self._gap)

    def viewportSizeHint(self) -> QSize:
        """Return a size at which one sees something."""
        return QSize(
            8 * (self._wanted + self._gap), 4 * (self._wanted + self._gap + tile_paint.CAPTION)
        )

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Scroll; the read-out belongs to what was under the cursor."""
        self._set_hover(None)
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what is under the cursor."""
        self._set_hover(self._hover_at(event.position()))

    def viewportEvent(self, event: QEvent) -> bool:
        """Forget the cursor when it leaves."""
        if event.type() == QEvent.Type.Leave:
            self._set_hover(None)
        return bool(super().viewportEvent(event))

    def _set_hover(self, hover: Hover | None) -> None:
        if hover != self._hover:
            self._hover = hover
            self.hovered.emit(hover)
            self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select a tile."""
        hit = self._hover_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and hit is not None:
            self._choose(hit[0])
            self.pressed.emit(hit)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Activate a tile."""
        hit = self._hover_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and hit is not None:
            self._choose(hit[0])
            self.activated.emit(hit[0])

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, or with Ctrl change the size."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.accept()
            notches = event.angleDelta().y() / 120
            self.set_tile_size(round(self._wanted * 1.15**notches + notches))
            self.scaled.emit(self._wanted)
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the selection."""
        source = self._source
        if source is None or not source.count:
            super().keyPressEvent(event)
            return
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current is not None:
            self.activated.emit(self._current)
            return
        now = None if self._current is None else source.positions[self._current]
        place = self._layout.moved(now, key, self.viewport().height())
        if place is None:
            super().keyPressEvent(event)
        else:
            self._choose(source.channel(place))

    def _choose(self, channel: int) -> None:
        changed = channel != self._current
        self.set_current(channel)
        if changed:
            self.selected.emit(channel)

    def _show_current(self) -> None:
        said = ""
        if self._source is not None and self._current is not None:
            position = self._source.positions[self._current]
            at = {"channel": self._current, "place": position + 1, "count": self._source.count}
            said = tr("channel {channel} selected, {place} of {count}", **at)
            top = self._layout.tile(position).top() - theme.RING - theme.RING_GAP
            bottom = top + self._layout.pitch
            bar = self.verticalScrollBar()
            if top < bar.value():
                bar.setValue(top)
            elif bottom > bar.value() + self.viewport().height():
                bar.setValue(bottom - self.viewport().height())
        tell(self, said)

    @Slot()
    def _on_theme_changed(self) -> None:
        self.viewport().update()
