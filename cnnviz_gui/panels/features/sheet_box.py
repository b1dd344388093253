"""A small picture of every channel of a layer, filling in as they are done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels.controls import EmptyState, Segmented
from cnnviz_gui.panels.features.sheet_words import BEYOND, DEAD, Answers, told
from cnnviz_gui.panels.layers.heading import Heading
from cnnviz_gui.panels.tile_grid import Hover, TileGrid
from cnnviz_gui.state import feature_view, layer_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.choice_words import SHEET_ORDERS
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.feature_requests import FeatureSheet
    from cnnviz_gui.core.result import ByteArray
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
        "finding.feature-kept",
    }
)
_TILE = 96
_HINT = tr("double click opens it")


class SheetBox(QWidget):
    """Heading with the order, tiles below."""

    begun = Signal()
    """The first sheet is wanted."""
    opened = Signal()
    """A channel was chosen by a double click or Enter: its dossier is wanted."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._drawn: tuple[object, ...] = ()
        self._tiles = _Tiles()
        self._answers: dict[int, float] = {}
        self._dead: frozenset[int] = frozenset()
        self.head = Heading(tr("Channels"))
        self.order = Segmented(tuple(SHEET_ORDERS.items()), tr("Order"))
        self.order.setToolTip(tr("Strongest first: by what each channel answers to its picture"))
        self.order.setFixedWidth(220)
        self.order.chosen.connect(self._on_order)
        self.head.add_tool(self.order)
        self.grid = TileGrid(_TILE)
        self.grid.setAccessibleName(tr("Pictures of the channels"))
        self.grid.set_readout(self._readout)
        self.grid.selected.connect(self._on_selected)
        self.grid.activated.connect(self._on_activated)
        self.empty = EmptyState("sparkle", "")
        self.empty.action.setToolTip(tr("Make it"))
        self.empty.acted.connect(self.begun)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.grid)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.head)
        column.addWidget(self._stack, 1)
        state.observe(self._on_state_changed)
        self._draw()

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
            self._show_nothing(feature_view.why_none(self._state) or tr("No layer yet."))
        elif found is not None and found.result.channels:
            self._show_tiles(found)
        elif feature_view.sheet_phase(self._state) in ("running", "paused"):
            self._show_places(wanted)
        else:
            count = fmt.count(len(wanted.channels))
            self._show_nothing(
                tr(
                    "Start makes a small picture of each of the {count} channels."
                    " They come in as they finish.",
                    count=count,
                ),
                tr("Start"),
            )
        self.head.set_title(
            tr("Channels of {layer}", layer=wanted.layer) if wanted is not None else tr("Channels")
        )
        self.head.set_caption(*self._said(found, wanted))
        self.grid.set_current(layer_view.channel_in_use(self._state))

    def _show_nothing(self, said: str, action: str = "") -> None:
        self._drawn = ()
        self.empty.set_state("sparkle", said, action)
        self._stack.setCurrentWidget(self.empty)

    def _show_places(self, wanted: FeatureSheet) -> None:
        """Show where the pictures will be, before the first is there."""
        self._stack.setCurrentWidget(self.grid)
        if self._drawn == (wanted,):
            return
        self._drawn, self._answers, self._dead = (wanted,), {}, frozenset()
        side = wanted.parameters.size
        self._set_tiles(np.zeros((max(wanted.channels) + 1, side, side, 3), np.uint8), wanted, [])

    def _show_tiles(self, found: ShownSheet) -> None:
        result, order = found.result, self._order(found)
        self._stack.setCurrentWidget(self.grid)
        drawn = (result, self._state.display.sheet_order)
        if len(self._drawn) == 2 and self._drawn[0] is drawn[0] and self._drawn[1] == drawn[1]:
            return
        self._drawn = drawn
        self._answers = dict(zip(result.channels, result.activations.tolist(), strict=True))
        self._dead = frozenset(result.silent)
        self._set_tiles(self._tiles.filled(found), found.request, order)

    def _set_tiles(self, tiles: ByteArray, asked: FeatureSheet, order: Sequence[int]) -> None:
        """Show the channels that are done in an order, then the others by number.

        By number each has its place from the beginning.
        """
        shown = list(dict.fromkeys((*order, *asked.channels)))
        if self._state.display.sheet_order == "index":
            shown.sort()
        waiting = {channel: "" for channel in asked.channels if channel not in self._answers}
        self.grid.set_instead(waiting | dict.fromkeys(self._dead, DEAD))
        answers = Answers(self._answers, self._dead, len(tiles))
        self.grid.set_rgb_tiles(tiles, shown, answers)

    def _said(self, found: ShownSheet | None, wanted: FeatureSheet | None) -> tuple[str, ...]:
        phase = feature_view.sheet_phase(self._state)
        if wanted is None or (found is None and phase != "paused"):
            return ("",)
        done, total = len(found.result.channels) if found else 0, len(wanted.channels)
        counted = {"done": fmt.count(done), "total": fmt.count(total)}
        size = tr("{done} of {total}", **counted)
        advance = self._state.finding("feature-sheet").advance
        if phase == "running" and advance is not None and advance.seconds_left is not None:
            return (f"{size} · {fmt.time_left(advance.seconds_left)}", size)
        if phase == "paused":
            return (tr("stopped at {done} of {total}", **counted), size)
        return told(fmt.count(total), unbounded=found is not None and found.result.unbounded)

    def _readout(self, hover: Hover) -> tuple[str, ...]:
        channel = hover[0]
        if channel not in self._answers:
            return (tr("channel {channel}", channel=channel), tr("not made yet"))
        if channel in self._dead:
            return (tr("channel {channel}", channel=channel), DEAD)
        answers = tr("answers {answer}", answer=fmt.significant(self._answers[channel]))
        found = feature_view.shown_sheet(self._state)
        beyond = (BEYOND,) if found is not None and found.result.unbounded else ()
        return (tr("channel {channel}", channel=channel), answers, *beyond, _HINT)


class _Tiles:
    """The pictures by channel: each is copied once, however often others come in after it."""

    def __init__(self) -> None:
        self._of: FeatureSheet | None = None
        self._there: set[int] = set()
        self._tiles: ByteArray

    def filled(self, found: ShownSheet) -> ByteArray:
        """Return uint8 (C, h, w, 3) with what is done, to be looked at only."""
        channels, pictures = found.result.channels, found.result.pictures
        if self._of != found.request or not self._there.issubset(channels):
            self._of, self._there = found.request, set()
            shape = (max(found.request.channels) + 1, *pictures.shape[1:])
            self._tiles = np.zeros(shape, np.uint8)
        new = [place for place, channel in enumerate(channels) if channel not in self._there]
        self._tiles[[channels[place] for place in new]] = pictures[new]
        self._there.update(channels)
        return self._tiles
