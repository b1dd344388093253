"""Where the tiles of a grid come from: painted page by page, when they come into sight."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from cnnviz_gui.core import render

_PAGE_PIXELS = 1 << 16
"""Few enough that a page is painted in a millisecond or two."""
_PAGES = 64

Order = Sequence[int] | NDArray[np.integer[Any]] | None


class TileSource(ABC):
    """Tiles in an order; ``position`` counts in that order, ``channel`` in the layer's."""

    def __init__(self, channels: int, shape: tuple[int, int], order: Order) -> None:
        self.shape = shape
        self._order = np.arange(channels) if order is None else np.asarray(order, dtype=np.intp)
        self.positions = {int(channel): place for place, channel in enumerate(self._order)}
        self.count = len(self._order)
        self._page = min(256, max(1, _PAGE_PIXELS // max(1, shape[0] * shape[1])))
        self._pages: OrderedDict[int, list[QImage]] = OrderedDict()

    def channel(self, position: int) -> int:
        """Return the channel at a position."""
        return int(self._order[position])

    def ready(self, position: int) -> bool:
        """Return whether a tile is painted, so that ``image`` costs nothing."""
        return position // self._page in self._pages

    def image(self, position: int) -> QImage:
        """Return a tile at its own size."""
        page, place = divmod(position, self._page)
        if page not in self._pages:
            self._pages[page] = self._cut(self._order[page * self._page : (page + 1) * self._page])
            if len(self._pages) > _PAGES:
                self._pages.popitem(last=False)
        self._pages.move_to_end(page)
        return self._pages[page][place]

    def _cut(self, channels: NDArray[np.intp]) -> list[QImage]:
        height, width = self.shape
        strip = self._paint(channels)
        # One array for the page; each picture looks at its part and keeps the array alive.
        kind = QImage.Format.Format_RGBX8888
        return [QImage(tile.data, width, height, 4 * width, kind) for tile in strip]

    @abstractmethod
    def _paint(self, channels: NDArray[np.intp]) -> NDArray[np.uint8]:
        """Return uint8 (N, h, w, 4), contiguous."""

    @abstractmethod
    def value(self, position: int, row: int, column: int) -> float | None:
        """Return the number behind a cell."""


class MapTiles(TileSource):
    """Maps of numbers, float (C, h, w)."""

    def __init__(
        self,
        maps: NDArray[np.floating[Any]],
        order: Order,
        colormap: str,
        ranges: tuple[float, float] | NDArray[np.floating[Any]] | None,
    ) -> None:
        if maps.ndim != 3:
            raise ValueError(f"Maps (C, h, w) are wanted, not {maps.shape}.")
        super().__init__(maps.shape[0], (maps.shape[1], maps.shape[2]), order)
        self._maps = maps
        self._name = colormap
        bounds = np.asarray(_whole_range(maps) if ranges is None else ranges, dtype=np.float64)
        self._low, self._high = bounds[..., 0], bounds[..., 1]

    def _paint(self, channels: NDArray[np.intp]) -> NDArray[np.uint8]:
        return render.tile_strip(self._maps, self._name, self._low, self._high, channels)

    def value(self, position: int, row: int, column: int) -> float:
        """Return the number behind a cell."""
        return float(self._maps[self._order[position], row, column])


class RgbTiles(TileSource):
    """Pictures, uint8 (C, h, w, 3)."""

    def __init__(self, tiles: NDArray[np.uint8], order: Order) -> None:
        if tiles.ndim != 4 or tiles.shape[3] != 3:
            raise ValueError(f"Pictures (C, h, w, 3) are wanted, not {tiles.shape}.")
        super().__init__(tiles.shape[0], (tiles.shape[1], tiles.shape[2]), order)
        self._tiles = tiles

    def _paint(self, channels: NDArray[np.intp]) -> NDArray[np.uint8]:
        strip = np.full((len(channels), *self.shape, 4), 255, dtype=np.uint8)
        strip[..., :3] = self._tiles[channels]
        return strip

    def value(self, position: int, row: int, column: int) -> None:
        """Return None: a colour is no number."""
        return


def _whole_range(maps: NDArray[np.floating[Any]]) -> tuple[float, float]:
    finite = maps[np.isfinite(maps)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
