"""A grid of maps under its name, and what it tells of the cell under the cursor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core import render
from cnnviz_gui.panels.controls import Label
from cnnviz_gui.panels.tile_grid import Hover, TileGrid
from cnnviz_gui.state import layer_view
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import FloatArray, LayerMaps


class MapTiles(QWidget):
    """The maps of one picture; ``word`` names it where there are two."""

    def __init__(self, word: str, token: str) -> None:
        super().__init__()
        self._result: LayerMaps | None = None
        self.name = Label(word, "strong", token)
        self.grid = TileGrid()
        attacked = token == "adversarial"
        self.grid.setAccessibleName(tr("Attacked feature maps") if attacked else tr("Feature maps"))
        self.grid.set_readout(self._readout)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.name)
        column.addWidget(self.grid, 1)

    def show_maps(
        self,
        result: LayerMaps,
        order: Any,
        said: FloatArray,
        colours: str,
        ranges: tuple[Any, Any],
    ) -> None:
        """Show maps in an order, each with a number; ``ranges`` are numbers or arrays (C,)."""
        self._result = result
        low, high = ranges
        bounds = (low, high) if np.ndim(low) == 0 else np.stack((low, high), axis=1)
        self.grid.set_tiles(result.maps, order, Captions(said), colours, bounds)

    def _readout(self, hover: Hover) -> tuple[str, ...]:
        if self._result is None:
            return (tr("channel {channel}", channel=hover[0]),)
        known = layer_view.statistics(self._result)
        lines = describe(hover, float(known.low[hover[0]]), float(known.high[hover[0]]))
        return (*lines, tr("{share} zeros", share=fmt.percent(float(known.zeros[hover[0]]))))


class Captions(Sequence[str]):
    """A number for each map, written when its tile comes into sight: a layer has thousands.

    All have as many decimals as show three digits of the largest, so that they fit under the tiles
    and stand in line; where even that one is tiny, each is written with its own power of ten.
    """

    def __init__(self, numbers: FloatArray) -> None:
        self._numbers = numbers
        largest = render.signed_range(numbers)
        power = math.floor(math.log10(largest)) if largest > 0 else 0
        self._decimals = max(0, 2 - power) if power > -4 else None

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, channel: Any) -> Any:
        number = float(self._numbers[channel])
        if self._decimals is None or not math.isfinite(number):
            return fmt.significant(number, 2)
        written = f"{number:.{self._decimals}f}"
        zero = not written.strip("-0.")
        return written.lstrip("-") if zero else written.replace("-", fmt.MINUS)


def join_scrolling(first: MapTiles, second: MapTiles) -> None:
    """Let two grids always show the same channels."""
    bars = first.grid.verticalScrollBar(), second.grid.verticalScrollBar()
    bars[0].valueChanged.connect(bars[1].setValue)
    bars[1].valueChanged.connect(bars[0].setValue)
    first.grid.scaled.connect(second.grid.set_tile_size)
    second.grid.scaled.connect(first.grid.set_tile_size)


def describe(hover: Hover, low: float, high: float) -> tuple[str, ...]:
    """Return the usual lines of the card: channel, place, value and the ends of the map."""
    channel, row, column, value = hover
    lines = (
        tr("channel {channel}", channel=channel),
        tr("row {row}, column {column}", row=row, column=column),
    )
    if value is None:
        return lines
    ends = tr(
        "{low} to {high}",
        low=fmt.significant(low),
        high=fmt.significant(high),
    )
    return (*lines, tr("{value}, map {ends}", value=fmt.significant(value), ends=ends))
