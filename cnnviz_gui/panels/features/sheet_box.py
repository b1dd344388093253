"""A small picture of every channel of a layer, filling in as they are done."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core import render
from cnnviz_gui.panels.controls import EmptyState, Segmented
from cnnviz_gui.panels.layers.heading import Heading
from cnnviz_gui.panels.layers.map_tiles import Captions
from cnnviz_gui.panels.tile_grid import Hover, TileGrid
from cnnviz_gui.state import feature_view, layer_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray, FloatArray
    from cnnviz_gui.state.feature_view import ShownSheet

_CONCERNS = frozenset(
    {
        "facts",
        "stage",
        "layer",
        "channel",
        "feature_view",
        "sheet_order",
        "sheet_started",
        "finding.feature-sheet",
    }
)
_TILE = 96
_INVITATION = "Start makes a small picture of each of the {} channels. They come in as they finish."


class SheetBox(QWidget):
    """Heading with the order, tiles below."""

    opened = Signal()
    """A channel was chosen by a double click: its dossier is wanted."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._drawn: tuple[object, ...] = ()
        self._answers: dict[int, float] = {}
        self.head = Heading("Channels")
        self.order = Segmented((("index", "By number"), ("strength", "Strongest first")), "Order")
        self.order.setToolTip("Strongest first: by what each channel answers to its picture")
        self.order.setFixedWidth(220)
        self.order.chosen.connect(self._on_order)
        self.head.add_tool(self.order)
        self.grid = TileGrid(_TILE)
        self.grid.setAccessibleName("Pictures of the channels")
        self.grid.set_readout(self._readout)
        self.grid.selected.connect(self._on_selected)
        self.grid.activated.connect(self._on_activated)
        self._empty = EmptyState("sparkle", "")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.grid)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.head)
        column.addWidget(self._stack, 1)
        state.observe(self._on_state_changed)
        self._draw()

    def pixels(self) -> ByteArray | None:
        """Return the sheet as one picture, in the order shown."""
        found = feature_view.shown_sheet(self._state)
        if found is None or not found.result.channels:
            return None
        place = {channel: at for at, channel in enumerate(found.result.channels)}
        shown = [place[channel] for channel in self._order(found)]
        colours = found.result.pictures[shown]
        opaque = np.full((*colours.shape[:3], 1), 255, np.uint8)
        tiles = np.concatenate((colours, opaque), axis=3)
        return render.atlas(tiles, math.ceil(math.sqrt(len(tiles))), gap=1)

    @Slot(object)
    def _on_order(self, value: str) -> None:
        self._state.show(sheet_order=value)

    @Slot(object)
    def _on_selected(self, channel: int) -> None:
        self._state.select(channel=channel)

    @Slot(object)
    def _on_activated(self, channel: int) -> None:
        self._state.select(channel=channel)
        self.opened.emit()

    def _on_state_changed(self, changes: Changes) -> None:
        in_sight = self._state.selection.stage == "features"
        if changes & _CONCERNS and in_sight and self._state.display.feature_view == "sheet":
            self._draw()

    def _order(self, found: ShownSheet) -> list[int]:
        return feature_view.order(found.result, self._state.display.sheet_order == "strength")

    @Slot()
    def _draw(self) -> None:
        self.order.set_value(self._state.display.sheet_order)
        found = feature_view.shown_sheet(self._state)
        wanted = feature_view.wanted_sheet(self._state)
        if wanted is None:
            self._show_nothing(feature_view.why_none(self._state) or "No layer yet.")
        elif found is None or not found.result.channels:
            running = feature_view.sheet_phase(self._state) == "running"
            count = len(wanted.channels)
            said = "The first pictures come in a moment." if running else ""
            self._show_nothing(said or _INVITATION.format(fmt.count(count)))
        else:
            self._show_tiles(found)
        self.head.set_title(f"Channels of {wanted.layer}" if wanted is not None else "Channels")
        self.head.set_caption(*self._said(found))
        self.grid.set_current(layer_view.channel_in_use(self._state))

    def _show_nothing(self, said: str) -> None:
        self._drawn = ()
        self._empty.set_state("sparkle", said)
        self._stack.setCurrentWidget(self._empty)

    def _show_tiles(self, found: ShownSheet) -> None:
        result, order = found.result, self._order(found)
        self._stack.setCurrentWidget(self.grid)
        drawn = (result, self._state.display.sheet_order)
        if self._drawn and self._drawn[0] is drawn[0] and self._drawn[1] == drawn[1]:
            return
        self._drawn = drawn
        count = max(len(found.request.channels), max(result.channels) + 1)
        tiles = np.zeros((count, *result.pictures.shape[1:]), np.uint8)
        answers: FloatArray = np.zeros(count, np.float32)
        done = list(result.channels)
        tiles[done], answers[done] = result.pictures, result.activations
        self._answers = dict(zip(done, result.activations.tolist(), strict=True))
        self.grid.set_rgb_tiles(tiles, order, Captions(answers))

    def _said(self, found: ShownSheet | None) -> tuple[str, ...]:
        if found is None or not found.result.channels:
            return ("",)
        done, total = len(found.result.channels), found.result.total
        phase = feature_view.sheet_phase(self._state)
        size = f"{fmt.count(done)} of {fmt.count(total)}"
        advance = self._state.finding("feature-sheet").advance
        if phase == "running" and advance is not None and advance.seconds_left is not None:
            return (f"{size} · {fmt.time_left(advance.seconds_left)}", size)
        if phase == "paused":
            return (f"stopped at {size}", size)
        return (f"{fmt.count(total)} · its answer below each", fmt.count(total))

    def _readout(self, hover: Hover) -> tuple[str, ...]:
        channel = hover[0]
        if channel not in self._answers:
            return (f"channel {channel}",)
        answer = self._answers[channel]
        if not answer:
            return (f"channel {channel}", "does not react")
        return (f"channel {channel}", f"answers {fmt.significant(answer)}")
