"""Which channel the dossier is of: its map, its kernel, the numbers that tell it from others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz_gui.core import render
from cnnviz_gui.panels import picture_paint, theme
from cnnviz_gui.panels.controls import ElidedLabel, KeyValueRows, Label
from cnnviz_gui.panels.controls.painting import name
from cnnviz_gui.panels.convert import to_qimage
from cnnviz_gui.panels.dimming import Dimming
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.panels.overlays import diverging
from cnnviz_gui.state import dossier_view, layer_view, map_orders
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.no_maps import has_maps
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray, FloatArray
    from cnnviz_gui.state.dossier_view import Dossier

_CONCERNS = frozenset(
    {
        "facts",
        "image",
        "stage",
        "layer",
        "channel",
        "edits",
        "map_order",
        "map_colours",
        "map_scale",
        "finding.layer",
        "finding.contributions",
    }
)
_SIDE = 48
"""So that in a low window all that is done with a channel is still seen below."""
_EMPTY = tr("What a channel is made of and what it does stands here once its map is known.")


class Thumb(QWidget):
    """A small picture of cells, drawn without smoothing."""

    def __init__(self, title: str, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self._dimming = Dimming(self)
        self._dimming.changed.connect(self.update)
        self.setFixedSize(side, side)
        self.setAccessibleName(title)

    def set_pixels(self, pixels: ByteArray | None, said: str) -> None:
        """Show uint8 (h, w, 3 or 4), or nothing."""
        self._image = QImage() if pixels is None else to_qimage(pixels)
        name(self, said, said)
        self.update()

    def set_stale(self, stale: bool) -> None:
        """Dim the picture while another is being computed."""
        self._dimming.set_stale(stale)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture as large as it fits."""
        painter = QPainter(self)
        if self._image.isNull():
            painter.fillRect(self.rect(), theme.color("raised"))
        else:
            size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRect(0, 0, max(1, size.width()), max(1, size.height()))
            place.moveCenter(self.rect().center())
            painter.setOpacity(self._dimming.opacity)
            painter.drawImage(place, self._image)
            painter.setOpacity(1.0)
        ground = theme.color("panel")
        picture_paint.round_corners(painter, QRectF(self.rect()), theme.R_TILE, ground)

    def sizeHint(self) -> QSize:
        """Return the fixed size."""
        return self.size()


class ChannelHead(QWidget):
    """Map at the left; name, numbers and kernel at the right."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.map = Thumb(tr("Feature map"), _SIDE)
        self.kernel = Thumb(tr("Kernel"), _SIDE)
        self._kernel_said = Label("", "caption", "text3", wrap=True)
        self.title = ElidedLabel("", "title", mode=Qt.TextElideMode.ElideMiddle)
        self._empty = Label(_EMPTY, "caption", "text2", wrap=True)
        self.rows = KeyValueRows()
        self._drawn: tuple[object, ...] = ()
        self._lay_out()
        theme.notifier.changed.connect(self._redraw)
        state.observe(self._on_state_changed)
        self._draw()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.INSIDE)
        for part in (self.map, self.kernel):
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._kernel_said, 100, Qt.AlignmentFlag.AlignTop)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.PADDING, theme.GAP, theme.PADDING, 0)
        column.setSpacing(theme.INSIDE)
        column.addWidget(self.title)
        column.addWidget(self._empty)
        add_layout(column, row)
        column.addWidget(self.rows)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "layers":
            self._draw()

    @Slot()
    def _redraw(self) -> None:
        self._drawn = ()
        self._draw()

    def _draw(self) -> None:
        found = dossier_view.dossier(self._state)
        for part in (self.rows, self.map):
            part.setVisible(found is not None)
        self._empty.setVisible(False)
        if found is None:
            self._drawn = ()
            layer = layer_view.current_layer(self._state)
            none = layer is not None and not has_maps(layer)
            self.title.setText(
                tr("{name}, no channels", name=layer.name) if none else tr("No channel yet")
            )
            self._empty.setVisible(not none)
            self.map.set_pixels(None, tr("Feature map, not known yet"))
            self._show_kernel(None, "")
            return
        self.title.setText(dossier_view.title(self._state, found))
        self.rows.set_rows(dossier_view.numbers(self._state, found))
        self.rows.set_stale(not found.current)
        self.map.set_stale(not found.current)
        display = self._state.display
        drawn = (found.shown.result, found.channel, display.map_colours, display.map_scale)
        if drawn != self._drawn:
            self._drawn = drawn
            self._draw_pictures(found)

    def _draw_pictures(self, found: Dossier) -> None:
        known, display = map_orders.statistics(found.shown.result), self._state.display
        values = found.map
        low, high = float(known.low.min()), float(known.high.max())
        if display.map_scale == "own":
            low, high = float(values.min()), float(values.max())
        pixels = render.apply_colormap(values, display.map_colours, low, high)
        self.map.set_pixels(pixels, tr("Feature map of channel {channel}", channel=found.channel))
        kernel = dossier_view.kernel(found)
        if kernel is None:
            self._show_kernel(None, "")
        else:
            self._show_kernel(_kernel_pixels(kernel[0]), kernel[1])

    def _show_kernel(self, pixels: ByteArray | None, said: str) -> None:
        self.kernel.setVisible(pixels is not None)
        self._kernel_said.setVisible(pixels is not None)
        self.kernel.set_pixels(pixels, said)
        self._kernel_said.setText(said)


def _kernel_pixels(kernel: FloatArray) -> ByteArray:
    if kernel.ndim == 3:
        pictures: ByteArray = render.filter_pictures(kernel[None])
        return pictures[0]
    bound = float(np.abs(kernel).max()) or 1.0
    return render.apply_colormap(kernel, diverging(), -bound, bound)
