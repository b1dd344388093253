"""The painted maps of a grid: each is painted anew only when what it is made of has changed."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from PySide6.QtGui import QImage

from cnnviz_gui.core.look import Look
from cnnviz_gui.panels.convert import to_qimage
from cnnviz_gui.panels.overlays import laid_over
from cnnviz_gui.panels.pane_feed import alike
from cnnviz_gui.state.grid_view import ShownGrid, scales_of
from cnnviz_gui.state.selection import Display

Place = tuple[int, int]
"""Row and column."""


class GridPictures:
    """Remembers what is painted, and of what."""

    def __init__(self) -> None:
        self._kept: dict[Place, tuple[tuple[Any, ...], QImage]] = {}

    def get(self, place: Place) -> QImage | None:
        """Return the painted map of a tile, if there is one."""
        kept = self._kept.get(place)
        return None if kept is None else kept[1]

    def first(self) -> QImage | None:
        """Return any of them; all are of one size but for those of a second network."""
        return next((image for _, image in self._kept.values()), None)

    def keep(self, shown: ShownGrid | None) -> None:
        """Forget what is no more; what is laid over another photograph must not be seen again."""
        cells = {} if shown is None else shown.cells
        self._kept = {
            place: (key, image)
            for place, (key, image) in self._kept.items()
            if place in cells and key[1] is cells[place].seen
        }

    def make(
        self,
        shown: ShownGrid,
        display: Display,
        look: Look,
        near: Collection[Place],
        seconds: float,
    ) -> bool:
        """Paint the maps that are new, those near first; return whether that is all.

        Parameters
        ----------
        display
            Tells whose scale each map is drawn on.
        look
            How; the same object as long as that stays.
        seconds
            After so many the others are left for the next time.
        """
        end = time.perf_counter() + seconds
        rows = range(len(shown.rows))
        for row in sorted(rows, key=lambda row: all(place[0] != row for place in near)):
            cells = shown.row(row)
            if time.perf_counter() > end:  # to find scales takes time too
                return False
            ends = scales_of(cells, display)
            for column, (cell, (low, high)) in enumerate(zip(cells, ends, strict=True)):
                if cell.result is None or cell.seen is None:
                    self._kept.pop((row, column), None)
                    continue
                key = (cell.result, cell.seen, look, low, high)
                old = self._kept.get((row, column))
                if old is not None and alike(old[0], key):
                    continue
                if time.perf_counter() > end:
                    return False
                self._kept[row, column] = key, to_qimage(laid_over(*key))
        return True
