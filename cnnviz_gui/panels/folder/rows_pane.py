"""What was found of a folder: as tiles, as a table, or why there is nothing to see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from cnnviz_gui.panels.controls import EmptyState
from cnnviz_gui.panels.folder.table import FolderTable
from cnnviz_gui.panels.folder.tiles import FolderTiles, Tile
from cnnviz_gui.state.folder_rows import Column
from cnnviz_gui.texts import tr

_MOST_PLACES = 60
"""Hatched places beyond the pictures that are there: some screens full."""
_NOTHING = tr("No picture fits. Search for something else, or choose all classes.")
_OPEN = tr("Open a folder…")
_WAITING = 12
"""Places while nobody knows how many pictures there are."""


class RowsPane(QStackedWidget):
    """Tiles and table of the same rows; the page says which it shows."""

    chosen = Signal(object)
    """The path of a picture that the user opens."""

    def __init__(
        self, invitation: str, told: Callable[[int], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._invitation = invitation
        self.tiles = FolderTiles(told)
        self.tiles.chosen.connect(self.chosen)
        self.table = FolderTable()
        self.table.chosen.connect(self.chosen)
        self.nothing = EmptyState("magnifying-glass", _NOTHING)
        self.empty = EmptyState("folders", invitation, _OPEN)
        for widget in (self.tiles, self.table, self.nothing, self.empty):
            self.addWidget(widget)

    def set_stale(self, stale: bool) -> None:
        """Dim the rows while they answer what was asked before."""
        self.tiles.set_stale(stale)
        self.table.set_stale(stale)

    def invite(self, sentence: str = "") -> None:
        """Say how to begin: with a folder, or as a sentence says."""
        if sentence:
            self.empty.set_state("folders", sentence)
        else:
            self.empty.set_state("folders", self._invitation, _OPEN)
        self.setCurrentWidget(self.empty)

    def wait(self, waiting: bool, total: int | None = None) -> None:
        """Show that there is nothing yet, with hatched places while ``total`` are waited for."""
        places = _WAITING if total is None else min(total, _MOST_PLACES)
        self.tiles.set_tiles((), None, places if waiting else 0)
        self.setCurrentWidget(self.tiles)

    def set_rows(
        self,
        rows: Sequence[Any],
        tile: Callable[[int], Tile],
        table: tuple[Sequence[Column[Any]], tuple[str, bool], Sequence[str]] | None,
        *,
        missing: int,
    ) -> None:
        """Show rows.

        Parameters
        ----------
        table
            Columns, order and what gives way, as of ``FolderTable``; None for tiles.
        missing
            How many rows are still to come.
        """
        if not rows and not missing:
            self.setCurrentWidget(self.nothing)
        elif table is not None:
            columns, order, giving_way = table
            self.table.set_rows(columns, rows, order, giving_way)
            self.setCurrentWidget(self.table)
        else:
            places = len(rows) + min(missing, _MOST_PLACES)
            self.tiles.set_tiles([row.path for row in rows], tile, places)
            self.setCurrentWidget(self.tiles)
