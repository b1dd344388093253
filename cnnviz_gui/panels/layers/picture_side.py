"""The chosen channel over the photograph, with what one of its cells sees; cards below."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz_gui.core import receptive, render
from cnnviz_gui.core.resize import resize_bilinear, resize_nearest
from cnnviz_gui.panels import picture_paint, theme
from cnnviz_gui.panels.convert import to_qimage
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.pane_feed import PaneFeed
from cnnviz_gui.state import layer_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.heatmap_view import seen
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.facts import LayerFacts
    from cnnviz_gui.core.result import ByteArray, FloatArray

_CONCERNS = frozenset(
    {
        "facts",
        "image",
        "layer",
        "channel",
        "cell",
        "stage",
        "layer_view",
        "map_colours",
        "map_upsampling",
        "opacity",
        "finding.layer",
        "finding.predict",
    }
)
_POINT = tr("Point at a cell to see what it sees")
Cell = tuple[int, int]


class PictureSide(QWidget):
    """The right part of the page."""

    pointed = Signal(object)
    """Row and column of the cell that sees the pixel under the cursor, or None."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        self._over = PaneFeed(ImagePane(tr("Receptive field")), state)
        self._pane = self._over.pane
        self._pane.surface.over = self._paint_field
        self._pane.hovered.connect(self._on_hovered)
        self._pane.clicked.connect(self._on_clicked)
        self._picture: ByteArray | None = None
        self._photograph = QImage()
        self._hover: Cell | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.GAP, 0, 0, 0)
        self._column.setSpacing(theme.GAP)
        self._column.addWidget(self._pane, 1)
        self._column.addStretch(0)
        state.observe(self._on_state_changed)
        self._draw()

    def add_card(self, card: QWidget) -> None:
        """Put a card below the photograph."""
        self._column.insertWidget(self._column.count() - 1, card)

    def fit(self) -> None:
        """Show the photograph whole."""
        self._pane.surface.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the cards follow the picture at once: it is square, whatever height there is."""
        super().resizeEvent(event)
        self._pane.setMaximumHeight(self.width() - theme.GAP + self._pane.title_height())

    @Slot(object)
    def show_hover(self, hover: tuple[int, int, int, object] | None) -> None:
        """Show what the cell under the cursor sees; None when the cursor left the maps."""
        self._follow(hover and hover[1:3])

    @Slot(object)
    def _on_hovered(self, spot: tuple[int, int] | None) -> None:
        cell = spot and self._cell_at(*spot)
        self._follow(cell)
        self.pointed.emit(cell)

    def _follow(self, cell: Cell | None) -> None:
        if cell != self._hover:
            self._hover = cell
            self._tell()
            self._pane.surface.viewport().update()

    @Slot(object)
    def _on_clicked(self, spot: tuple[int, int]) -> None:
        cell = self._cell_at(*spot)
        if cell is not None:
            # the channel too: the maps may come in another order
            channel = layer_view.channel_in_use(self._state)
            self._state.select(channel=channel, cell=cell)

    def _cell_at(self, x: int, y: int) -> Cell | None:
        shown = layer_view.shown_layer(self._state)
        if shown is None or self._picture is None:
            return None
        return receptive.cell_at(shown.facts, x, y, self._picture.shape[0])

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "layers":
            if changes & {"layer", "image", "facts"}:
                self._hover = None
            self._draw()

    def _chosen(self) -> int | None:
        shown = layer_view.shown_layer(self._state)
        if shown is None:
            return None
        return layer_view.chosen_channel(shown, self._state.selection.channel)

    def _draw(self) -> None:
        shown, picture = layer_view.shown_layer(self._state), seen(self._state)
        if shown is None or picture is None:
            none = layer_view.why_none(self._state.shared.facts)
            self._over.clear("empty" if none else "loading")
            return
        if picture is not self._picture:
            self._picture = picture
            self._photograph = to_qimage(picture)
        channel = layer_view.chosen_channel(shown, self._state.selection.channel)
        display = self._state.display
        stale = "done" if self._state.finding("layer").current else "stale"
        smooth = display.map_upsampling == "bilinear"
        maps, name = shown.result.maps, display.map_colours
        self._over.show(stale, _laid_over, maps, channel, picture, name, display.opacity, smooth)
        self._tell()
        self._pane.surface.viewport().update()

    def _tell(self) -> None:
        """Write into the line above the photograph what it shows."""
        shown, channel = layer_view.shown_layer(self._state), self._chosen()
        if shown is None or channel is None:
            return
        vector = layer_view.is_vector(shown)
        cell = (0, 0) if vector else self._cell()
        # Of one cell no map is laid over it.
        self._pane.set_caption("" if vector else tr("map of channel {channel}", channel=channel))
        known = cell is not None
        self._pane.set_details(self._sight(shown.facts, cell, vector) if known else _POINT)

    def _sight(self, layer: LayerFacts, cell: Cell, alone: bool) -> str:
        """Say what a cell sees, or that it is not known; one that is ``alone`` has no place."""
        box = receptive.field_box(layer, *cell)
        place = {"row": cell[0], "column": cell[1]}
        whole = (
            tr("Sees the whole picture")
            if alone
            else tr("Row {row}, column {column} sees the whole picture", **place)
        )
        if box is None:
            return whole if layer.field_known else tr("What a cell sees is not known")
        if self._picture is None:
            return ""
        high, wide = self._picture.shape[:2]
        if box[0] <= 0 and box[1] <= 0 and box[2] >= wide and box[3] >= high:
            return whole
        return "" if alone else tr("Row {row}, column {column} sees what is framed", **place)

    def _cell(self) -> Cell | None:
        return self._hover or self._state.selection.cell

    def _paint_field(
        self, painter: QPainter, seen: QRectF, to_screen: Callable[[float, float], QPointF]
    ) -> None:
        """Dim all that the cell does not see, and show what it sees as it is."""
        shown, cell = layer_view.shown_layer(self._state), self._cell()
        box = None if shown is None or cell is None else receptive.field_box(shown.facts, *cell)
        if box is None or self._photograph.isNull():
            return
        field = QRectF(to_screen(box[0], box[1]), to_screen(box[2], box[3]))
        picture_paint.dim_outside(painter, seen, field)
        size = self._photograph.size()
        whole = QRectF(to_screen(0, 0), to_screen(size.width(), size.height()))
        painter.save()
        painter.setClipRect(field.intersected(seen))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(whole, self._photograph)
        painter.restore()
        picture_paint.frame_of(painter, field.intersected(seen).adjusted(1, 1, -1, -1), 2, 2)


def _laid_over(
    maps: FloatArray, channel: int, picture: ByteArray, name: str, opacity: float, smooth: bool
) -> ByteArray:
    """Lay the map of a channel over the picture, from its least to its greatest value."""
    resize = resize_bilinear if smooth else resize_nearest
    heat = resize(maps[channel], picture.shape[:2])
    low, high = float(heat.min()), float(heat.max())
    if not high > low:
        return picture
    return render.overlay(
        picture, heat, opacity=opacity, name=name, low=low, high=high, signed=False
    )
