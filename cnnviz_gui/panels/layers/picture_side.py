"""The chosen channel over the photograph, and its numbers below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz_gui.core import render
from cnnviz_gui.core.resize import resize_nearest
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.channel_card import ChannelCard
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.pane_feed import PaneFeed
from cnnviz_gui.state import layer_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.heatmap_view import seen

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray, FloatArray

_CONCERNS = frozenset(
    {
        "facts",
        "image",
        "layer",
        "channel",
        "stage",
        "map_order",
        "map_colours",
        "opacity",
        "finding.layer",
        "finding.predict",
    }
)


class PictureSide(QWidget):
    """The right part of the page: the photograph above, cards below it."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        self._over = PaneFeed(ImagePane("Channel over the photograph"), state)
        self._channel = ChannelCard()
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GAP, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(self._over.pane, 1)
        column.addWidget(self._channel)
        state.observe(self._on_state_changed)
        self._draw()

    def fit(self) -> None:
        """Show the photograph whole."""
        self._over.pane.surface.fit()

    @Slot(object)
    def show_hover(self, hover: object) -> None:
        """Tell of the cell under the cursor, ``(channel, row, column, value)`` or None."""
        self._channel.show_cell(hover)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "layers":
            self._draw()

    def _draw(self) -> None:
        shown, picture = layer_view.shown_layer(self._state), seen(self._state)
        if shown is None or picture is None:
            none = layer_view.why_none(self._state.shared.facts)
            self._over.clear("empty" if none else "loading")
            self._channel.show_channel(None, 0)
            return
        channel = layer_view.chosen_channel(shown, self._state.selection.channel)
        self._over.pane.set_title(f"Channel {channel} over the photograph")
        display = self._state.display
        stale = "done" if self._state.finding("layer").current else "stale"
        maps, name = shown.result.maps, display.map_colours
        self._over.show(stale, _laid_over, maps, channel, picture, name, display.opacity)
        self._channel.show_channel(shown, channel)


def _laid_over(
    maps: FloatArray, channel: int, picture: ByteArray, name: str, opacity: float
) -> ByteArray:
    """Lay the map of a channel over the picture, cell by cell, from its least to its greatest."""
    heat = resize_nearest(maps[channel], picture.shape[:2])
    low, high = float(heat.min()), float(heat.max())
    if not high > low:
        return picture
    return render.overlay(
        picture, heat, opacity=opacity, name=name, low=low, high=high, signed=False
    )
