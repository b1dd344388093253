"""Filters and feature maps of the selected layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core import render
from cnnviz_gui.core.resize import resize_nearest
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.channel_card import ChannelCard
from cnnviz_gui.panels.controls import FailureCard, Label
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.overlays import diverging
from cnnviz_gui.panels.page import lay_out, show_problem
from cnnviz_gui.panels.pane_feed import PaneFeed
from cnnviz_gui.panels.tile_grid import TileGrid
from cnnviz_gui.state import layer_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.heatmap_view import seen
from cnnviz_gui.state.layer_tree import summary
from cnnviz_gui.state.layer_view import ShownLayer

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray, FloatArray

_CONCERNS = frozenset(
    {
        "facts",
        "image",
        "layer",
        "stage",
        "map_order",
        "map_scale",
        "map_colours",
        "finding.layer",
        "finding.predict",
    }
)


class LayerPage(QWidget):
    """Filters above, maps below, the chosen channel over the photograph at the right."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._drawn: tuple[object, ...] = ()
        self._name = Label("", "name")
        self._kind = Label("", "caption", "text3")
        self._filters_head = _Heading("Filters")
        self._filters = TileGrid(tile=34, gap=4)
        self._maps_head = _Heading("Feature maps")
        self._maps = TileGrid()
        self._over = PaneFeed(ImagePane("Channel over the photograph"), state)
        self._channel = ChannelCard()
        self._failure = FailureCard()
        self._filters.setAccessibleName("Filters")
        self._maps.setAccessibleName("Feature maps")
        for grid in (self._filters, self._maps):
            grid.selected.connect(self._on_channel_selected)
        self._maps.hovered.connect(self._on_hovered)
        self._lay_out()
        theme.notifier.changed.connect(self._redraw)
        state.observe(self._on_state_changed)
        state.observe(self._on_grids_concerned)
        state.observe(self._on_channel_concerned)
        self._redraw()

    def _lay_out(self) -> None:
        grids = QWidget()
        left = QVBoxLayout(grids)
        left.setContentsMargins(0, 0, theme.GAP, 0)
        left.setSpacing(theme.INSIDE)
        left.addWidget(self._filters_head)
        left.addWidget(self._filters, 2)
        left.addWidget(self._maps_head)
        left.addWidget(self._maps, 5)
        side = QWidget()
        right = QVBoxLayout(side)
        right.setContentsMargins(theme.GAP, 0, 0, 0)
        right.setSpacing(theme.GAP)
        right.addWidget(self._over.pane, 1)
        right.addWidget(self._channel)
        split = QSplitter()
        split.addWidget(grids)
        split.addWidget(side)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setChildrenCollapsible(False)
        body = lay_out(self, (self._name, self._kind))
        body.addWidget(self._failure)
        body.addWidget(split, 1)

    def fit(self) -> None:
        """Show the photograph whole."""
        self._over.pane.surface.fit()

    def export(self) -> Export | None:
        """Return all maps as one picture and as an array."""
        shown = layer_view.shown_layer(self._state)
        if shown is None:
            return None
        low, high = self._ranges(shown)
        strip = render.tile_strip(
            shown.result.maps, self._state.display.map_colours, low, high, shown.order
        )
        picture = render.atlas(strip, math.ceil(math.sqrt(len(strip))), gap=1)
        title = shown.request.image.path.rpartition("/")[2].partition(".")[0]
        return Export(stem(title, shown.result.layer), picture, shown.result.maps, shown.request)

    @Slot(object)
    def _on_channel_selected(self, channel: int | None) -> None:
        self._state.select(channel=channel)

    @Slot(object)
    def _on_hovered(self, cell: object) -> None:
        self._channel.show_cell(cell)

    # Three observers, so that each has a turn of the event loop to itself.

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "layers":
            self._draw_head()

    def _on_grids_concerned(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "layers":
            self._draw_grids()

    def _on_channel_concerned(self, changes: Changes) -> None:
        if changes & (_CONCERNS | {"channel"}) and self._state.selection.stage == "layers":
            self._draw_channel()

    @Slot()
    def _redraw(self) -> None:
        self._drawn = ()
        self._draw_head()
        self._draw_grids()
        self._draw_channel()

    def _draw_head(self) -> None:
        layer = layer_view.current_layer(self._state)
        finding = self._state.finding("layer")
        why = layer_view.why_none(self._state.shared.facts)
        if why:
            self._failure.set_failure(why, "Saliency and the attacks need no layer.")
            self._failure.setVisible(True)
        else:
            show_problem(self._failure, finding)
        self._name.setText(layer.name if layer is not None else "No layer")
        self._kind.setText(
            f"{layer.type}, {summary(layer)}, {fmt.shape(layer.output_shape)}" if layer else ""
        )
        stale = finding.value is not None and not finding.current
        for grid in (self._filters, self._maps):
            grid.set_stale(stale)

    def _draw_grids(self) -> None:
        shown, display = layer_view.shown_layer(self._state), self._state.display
        none = bool(layer_view.why_none(self._state.shared.facts))
        for part in (self._maps_head, self._maps):
            part.setVisible(not none)
        if none:
            self._drawn = ()
            self._filters_head.setVisible(False)
            self._filters.setVisible(False)
        elif shown is not None:
            drawn = (shown.result, display.map_order, display.map_scale, display.map_colours)
            if drawn != self._drawn:
                self._drawn = drawn
                self._draw_filters(shown)
                self._draw_maps(shown)

    def _draw_filters(self, shown: ShownLayer) -> None:
        weight = shown.result.filters
        visible = weight is not None
        self._filters_head.setVisible(visible)
        self._filters.setVisible(visible)
        if weight is None:
            return
        out, into, high, wide = weight.shape
        kernel = f"{high} {fmt.TIMES} {wide}"
        if into == 3:
            self._filters.set_rgb_tiles(render.filter_pictures(weight), shown.order)
            said = f"{kernel}, in colour"
        else:
            slices = render.filter_slices(weight)
            bound = render.signed_range(slices) or 1.0
            ranges = (-bound, bound)
            self._filters.set_tiles(slices, shown.order, None, diverging(), ranges)
            said = (
                f"{kernel}, one per channel"
                if into == 1
                else f"{kernel}, input channel 0 of {into}"
            )
        self._filters_head.set_caption(f"{out} · {said}, in the order of the maps")

    def _draw_maps(self, shown: ShownLayer) -> None:
        maps = shown.result.maps
        low, high = self._ranges(shown)
        captions = _Captions(shown.strength)
        colours = self._state.display.map_colours
        ranges = (low, high) if self._common() else np.stack((low, high), axis=1)
        self._maps.set_tiles(maps, shown.order, captions, colours, ranges)
        scale = "each to its own scale"
        if self._common():
            scale = f"one scale, {fmt.significant(float(low))} to {fmt.significant(float(high))}"
        size = fmt.shape(maps.shape[1:])
        self._maps_head.set_caption(f"{len(maps)} · {size} · {scale} · mean below")

    def _common(self) -> bool:
        return self._state.display.map_scale == "common"

    def _ranges(self, shown: ShownLayer) -> tuple[object, object]:
        known = layer_view.statistics(shown.result)
        if not self._common():
            return known.low, known.high
        return float(known.low.min()), float(known.high.max())

    def _draw_channel(self) -> None:
        shown, picture = layer_view.shown_layer(self._state), seen(self._state)
        chosen = self._state.selection.channel
        if shown is None or picture is None:
            none = layer_view.why_none(self._state.shared.facts)
            self._over.clear("empty" if none else "loading")
            self._channel.show_channel(None, 0)
            return
        channel = int(shown.order[0]) if chosen is None else min(chosen, len(shown.strength) - 1)
        for grid in (self._filters, self._maps):
            grid.set_current(channel)
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


class _Captions(Sequence[str]):
    """The mean of each map, written when its tile comes into sight: a layer has thousands."""

    def __init__(self, numbers: FloatArray) -> None:
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, channel: Any) -> Any:
        return fmt.significant(float(self._numbers[channel]), 2)


class _Heading(QWidget):
    """Title at the left, what is shown at the right."""

    def __init__(self, title: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self._caption = Label("", "caption", "text3")
        row.addWidget(Label(title, "title"))
        row.addStretch(1)
        row.addWidget(self._caption)

    def set_caption(self, text: str) -> None:
        """Say what is shown."""
        self._caption.setText(text)
