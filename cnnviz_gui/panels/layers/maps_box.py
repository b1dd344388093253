"""The maps of a layer, the filters that made them above."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core import render
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.panels.layers.box import LayerBox
from cnnviz_gui.panels.layers.heading import Heading
from cnnviz_gui.panels.layers.map_options import MapOptions
from cnnviz_gui.panels.overlays import diverging
from cnnviz_gui.panels.tile_grid import TileGrid
from cnnviz_gui.state import layer_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.layer_view import ShownLayer

if TYPE_CHECKING:
    from cnnviz_gui.core.result import FloatArray

_CONCERNS = frozenset(
    {
        "facts",
        "image",
        "layer",
        "stage",
        "layer_view",
        "map_order",
        "map_scale",
        "map_colours",
        "finding.layer",
    }
)


class MapsBox(LayerBox):
    """Filters above, maps below, in one order."""

    view = "maps"

    def __init__(self, state: AppState) -> None:
        super().__init__(state)
        self.options = MapOptions(state)
        self._drawn: tuple[object, ...] = ()
        self._filters_head = Heading("Filters")
        self._filters = TileGrid(tile=34, gap=4)
        self._maps_head = Heading("Feature maps")
        self._maps = TileGrid()
        self._filters.setAccessibleName("Filters")
        self._maps.setAccessibleName("Feature maps")
        for grid in (self._filters, self._maps):
            grid.selected.connect(self._on_channel_selected)
        self._maps.hovered.connect(self.hovered)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, theme.GAP, 0)
        column.setSpacing(theme.INSIDE)
        column.addWidget(self._filters_head)
        column.addWidget(self._filters, 2)
        column.addWidget(self._maps_head)
        column.addWidget(self._maps, 5)
        theme.notifier.changed.connect(self._redraw)
        state.observe(self._on_state_changed)
        state.observe(self._on_channel_concerned)
        self._redraw()

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

    # Two observers, so that each has a turn of the event loop to itself.

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self.in_sight():
            self._draw_grids()

    def _on_channel_concerned(self, changes: Changes) -> None:
        if changes & (_CONCERNS | {"channel"}) and self.in_sight():
            self._draw_channel()

    @Slot()
    def _redraw(self) -> None:
        self._drawn = ()
        self._draw_grids()
        self._draw_channel()

    def _draw_grids(self) -> None:
        shown, display = layer_view.shown_layer(self._state), self._state.display
        finding = self._state.finding("layer")
        for grid in (self._filters, self._maps):
            grid.set_stale(finding.value is not None and not finding.current)
        if shown is not None:
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
        shown = layer_view.shown_layer(self._state)
        if shown is None:
            return
        channel = layer_view.chosen_channel(shown, self._state.selection.channel)
        for grid in (self._filters, self._maps):
            grid.set_current(channel)


class _Captions(Sequence[str]):
    """The mean of each map, written when its tile comes into sight: a layer has thousands."""

    def __init__(self, numbers: FloatArray) -> None:
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, channel: Any) -> Any:
        return fmt.significant(float(self._numbers[channel]), 2)
