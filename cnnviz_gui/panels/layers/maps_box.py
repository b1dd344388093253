"""The maps of a layer, clean or clean and adversarial, with the filters that made them above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.colour_bar import ColourBar
from cnnviz_gui.panels.export import Export
from cnnviz_gui.panels.layers.box import LayerBox
from cnnviz_gui.panels.layers.filter_strip import FilterStrip
from cnnviz_gui.panels.layers.heading import Heading
from cnnviz_gui.panels.layers.large_map import LargeMap
from cnnviz_gui.panels.layers.map_export import given, key_note
from cnnviz_gui.panels.layers.map_options import MapOptions, PictureSwitch
from cnnviz_gui.panels.layers.map_tiles import Captions, MapTiles, join_scrolling
from cnnviz_gui.panels.layers.vector_list import VectorList
from cnnviz_gui.panels.pane_feed import alike
from cnnviz_gui.panels.tile_grid import Hover
from cnnviz_gui.state import layer_view, map_orders
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.layer_view import ShownLayer
from cnnviz_gui.texts import ntr, tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import LayerMaps

_CONCERNS = frozenset(
    {
        "facts",
        "image",
        "layer",
        "stage",
        "layer_view",
        "map_order",
        "maps_beside",
        "attack_started",
        "map_scale",
        "map_colours",
        "finding.layer",
        "finding.layer-attacked",
        "finding.contributions",
    }
)
_CHANNEL = frozenset({"channel", "cell", "edits"})
_VALUES = (tr("mean"), tr("largest value"))
"""What an order goes by where it is, for a single number, that number."""
_ROOM_FOR_FILTERS = 560
"""Below this height the maps need it all; the filters have a view of their own."""
_ROOM_FOR_A_ROW = 400
"""The same where the filters are so few that they take a single row."""


class MapsBox(LayerBox):
    """All maps in a grid, or one of them large."""

    view = "maps"

    def __init__(self, state: AppState) -> None:
        super().__init__(state)
        self._options = self.options = MapOptions(state)
        self._drawn: tuple[object, ...] = ()
        self._pointed: tuple[int, int] | None = None
        self._filtered = False
        self._scroll = False
        """The maps or their order are new: the channel in use must be brought into sight."""
        self._filters = FilterStrip()
        self._filters.selected.connect(self._on_selected)
        self._head = Heading(tr("Feature maps"))
        self._head.add_tool(PictureSwitch(state))
        self._clean = MapTiles(tr("Clean"), "clean")
        self._attacked = MapTiles(tr("Adversarial"), "adversarial")
        self._both = (self._clean, self._attacked)
        join_scrolling(*self._both)
        for tiles in self._both:
            tiles.grid.selected.connect(self._on_selected)
            tiles.grid.pressed.connect(self._on_pressed)
            tiles.grid.activated.connect(self._on_activated)
        self._clean.grid.hovered.connect(self._on_clean_hovered)
        self._attacked.grid.hovered.connect(self._on_attacked_hovered)
        self._bar = ColourBar(Qt.Orientation.Horizontal)
        self._vector = VectorList()
        self._vector.selected.connect(self._on_selected)
        self._vector.pressed.connect(self._on_pressed)
        self._vector.hovered.connect(self.hovered)
        self._large = LargeMap(state)
        self._large.closed.connect(self._on_closed)
        self._large.stepped.connect(self.step)
        self._large.hovered.connect(self._on_cell_hovered)
        self._large.chosen.connect(self._on_cell_chosen)
        self._lay_out()
        theme.notifier.changed.connect(self._redraw)
        state.observe(self._on_state_changed)
        state.observe(self._on_channel_concerned)
        self._redraw()

    def _lay_out(self) -> None:
        self._pair = QWidget()
        pair = QHBoxLayout(self._pair)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.setSpacing(theme.GAP)
        pair.addWidget(self._clean)
        pair.addWidget(self._attacked)
        self._forms = QStackedWidget()
        self._forms.addWidget(self._pair)
        self._forms.addWidget(self._vector)
        grids = QWidget()
        column = QVBoxLayout(grids)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.INSIDE)
        column.addWidget(self._filters)
        column.addWidget(self._head)
        column.addWidget(self._forms, 1)
        column.addWidget(self._bar)
        self._stack = QStackedWidget()
        self._stack.addWidget(grids)
        self._stack.addWidget(self._large)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, theme.GAP, 0)
        whole.addWidget(self._stack)

    def export(self) -> Export | None:
        """Return the maps in the order shown as one picture, and all as an array."""
        shown = layer_view.shown_layer(self._state)
        return None if shown is None else given(self._state, shown, self._ranges(shown, None))

    def mark(self, cell: tuple[int, int] | None) -> None:
        """Frame the cell of the channel in use that the photograph's cursor points at."""
        self._pointed = cell
        self._draw_marks()

    @Slot(int)
    def step(self, by: int) -> None:
        """Choose a channel further on in the order of display."""
        self._state.select(channel=layer_view.next_channel(self._state, by))

    # What the hand does

    @Slot(object)
    def _on_selected(self, channel: int | None) -> None:
        self._state.select(channel=channel)

    @Slot(object)
    def _on_pressed(self, hover: Hover) -> None:
        self._state.select(channel=hover[0], cell=(hover[1], hover[2]))

    @Slot(object)
    def _on_activated(self, channel: int) -> None:
        self._state.select(channel=channel)
        self._stack.setCurrentWidget(self._large)
        self._draw_large()
        self._large.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_closed(self) -> None:
        self._stack.setCurrentIndex(0)
        self._clean.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(object)
    def _on_clean_hovered(self, hover: Hover | None) -> None:
        self._follow(hover, self._attacked)

    @Slot(object)
    def _on_attacked_hovered(self, hover: Hover | None) -> None:
        self._follow(hover, self._clean)

    def _follow(self, hover: Hover | None, other: MapTiles) -> None:
        """Mark the same cell in the other grid, and tell the page."""
        if hover is None:
            self._draw_marks()
        else:
            other.grid.set_mark(hover[:3])
        self.hovered.emit(hover)

    @Slot(object)
    def _on_cell_hovered(self, cell: tuple[int, int] | None) -> None:
        shown = layer_view.shown_layer(self._state)
        if shown is None or cell is None:
            self.hovered.emit(None)
            return
        channel = layer_view.chosen_channel(shown, self._state.selection.channel)
        self.hovered.emit((channel, *cell, float(shown.result.maps[channel][cell])))

    @Slot(object)
    def _on_cell_chosen(self, cell: tuple[int, int]) -> None:
        # the channel too: the maps may come in another order
        channel = layer_view.channel_in_use(self._state)
        self._state.select(channel=channel, cell=cell)

    # Drawing: two observers, so that each has a turn of the event loop to itself.

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self.in_sight():
            self._draw_grids()

    def _on_channel_concerned(self, changes: Changes) -> None:
        if changes & (_CONCERNS | _CHANNEL) and self.in_sight():
            self._draw_channel()

    @Slot()
    def _redraw(self) -> None:
        self._drawn = ()
        self._draw_grids()
        self._draw_channel()

    def _draw_grids(self) -> None:
        shown, display = layer_view.shown_layer(self._state), self._state.display
        finding = self._state.finding("layer")
        for tiles in self._both:
            tiles.grid.set_stale(finding.value is not None and not finding.current)
        self._vector.set_stale(finding.value is not None and not finding.current)
        if shown is None:
            return
        attacked = self._beside()
        numbers, missing = shown.ordered.numbers, self._missing(shown)
        drawn: tuple[Any, ...] = (shown.result, attacked, numbers, missing, display.map_order)
        drawn += (display.map_scale, display.map_colours)
        if alike(drawn, self._drawn):
            return
        if not self._drawn or self._drawn[0] is not shown.result or self._drawn[2] is not numbers:
            self._filtered = self._filters.show_filters(shown)
            self._make_room()
        self._drawn = drawn
        vector = layer_view.is_vector(shown)
        self._options.offer_pictures(not vector)
        self._forms.setCurrentWidget(self._vector if vector else self._pair)
        self._bar.setVisible(not vector)
        if vector:
            self._stack.setCurrentIndex(0)
            texts = self._draw_vector(shown, attacked)
        else:
            texts = self._draw_maps(shown, attacked)
        self._head.set_caption(*([f"{missing} {texts[0]}", missing] if missing else []), *texts)
        self._scroll = True

    def _beside(self) -> LayerMaps | None:
        """Return the attacked maps where they are wanted beside the clean ones."""
        if not (self._state.display.maps_beside and self._state.selection.attack_started):
            return None
        return map_orders.attacked_layer(self._state)

    def _missing(self, shown: ShownLayer) -> str:
        """Return why something that was chosen is not shown; empty where all is."""
        wanted = self._state.display.maps_beside and self._state.selection.attack_started
        late = map_orders.why_not_attacked(self._state) if wanted else ""
        return shown.ordered.missing or late

    def _draw_maps(self, shown: ShownLayer, attacked: LayerMaps | None) -> list[str]:
        """Draw the grids and the key to them; return what else is said of them."""
        colours, ordered = self._state.display.map_colours, shown.ordered
        ranges = self._ranges(shown, attacked)
        self._clean.show_maps(shown.result, ordered.channels, ordered.numbers, colours, ranges)
        self._clean.name.setVisible(attacked is not None)
        self._attacked.setVisible(attacked is not None)
        if attacked is not None:
            self._attacked.show_maps(attacked, ordered.channels, ordered.numbers, colours, ranges)
        self._head.set_title(tr("Feature maps"))
        maps = shown.result.maps
        self._draw_bar(ranges, ordered.says)
        return [tr("{n} of {shape}", n=len(maps), shape=fmt.shape(maps.shape[1:]))]

    def _draw_bar(self, ranges: tuple[Any, Any], number: str) -> None:
        """Draw the key to the colours, and say what the numbers below the maps are."""
        name, note = self._state.display.map_colours, key_note(number, one=self._common())
        if self._common():
            self._bar.set_scale(name, *ranges, note=note)
            return
        self._bar.set_scale(name, 0.0, 1.0, note=note, ends=(tr("own min"), tr("own max")))

    def _draw_vector(self, shown: ShownLayer, attacked: LayerMaps | None) -> list[str]:
        values, ordered = shown.result.maps[:, 0, 0], shown.ordered
        other = None if attacked is None else attacked.maps[:, 0, 0]
        names = layer_view.names(self._state, shown.facts)
        self._vector.set_values(values, ordered.channels, Captions(ordered.numbers), names, other)
        self._head.set_title(tr("Values"))
        known = layer_view.statistics(shown.result)
        low, high = (fmt.significant(float(end)) for end in (known.low.min(), known.high.max()))
        size = ntr("{n} number", "{n} numbers", len(values))
        texts = [tr("{size} · {low} to {high}", size=size, low=low, high=high), size]
        if ordered.says not in _VALUES:
            told = tr("{number} at the right", number=ordered.says)
            texts = [f"{texts[0]} · {told}", f"{size} · {told}", told, size]
        return texts

    def _common(self) -> bool:
        return self._state.display.map_scale == "common"

    def _ranges(self, shown: ShownLayer, attacked: LayerMaps | None) -> tuple[Any, Any]:
        """Return the ends of the scale, one for all or (C,); the same for clean and attacked."""
        known = layer_view.statistics(shown.result)
        low, high = known.low, known.high
        if attacked is not None:
            other = layer_view.statistics(attacked)
            low, high = np.minimum(low, other.low), np.maximum(high, other.high)
        if not self._common() and not layer_view.is_vector(shown):  # which has one number each
            return low, high
        return float(low.min()), float(high.max())

    def _draw_channel(self) -> None:
        shown = layer_view.shown_layer(self._state)
        if shown is None:
            return
        channel = layer_view.chosen_channel(shown, self._state.selection.channel)
        silent = layer_view.silenced(self._state, shown.result.layer)
        self._filters.grid.set_current(channel)
        self._vector.set_current(channel)
        self._vector.set_faint(silent)
        if self._scroll and self._state.selection.channel is None:
            self._vector.verticalScrollBar().setValue(0)
        elif self._scroll:
            self._vector.scroll_to_current()
        for tiles in self._both:
            tiles.grid.set_current(channel)
            tiles.grid.set_faint(silent)
            if self._scroll and self._state.selection.channel is not None:
                tiles.grid.scroll_to_current()
            elif self._scroll:
                tiles.grid.verticalScrollBar().setValue(0)
        self._scroll = False
        self._draw_marks()
        self._draw_large()

    def _draw_marks(self) -> None:
        channel, cell = self._clean.grid.current(), self._cell()
        mark = None if channel is None or cell is None else (channel, *cell)
        for tiles in self._both:
            tiles.grid.set_mark(mark)
        self._large.set_mark(cell)

    def _cell(self) -> tuple[int, int] | None:
        """Return the cell under the cursor elsewhere, or the chosen one, if these maps have it."""
        cell = self._pointed or self._state.selection.cell
        shown = layer_view.shown_layer(self._state)
        if shown is None or cell is None:
            return None
        high, wide = shown.result.maps.shape[1:]
        return cell if cell[0] < high and cell[1] < wide else None

    def _draw_large(self) -> None:
        shown = layer_view.shown_layer(self._state)
        if shown is None or self._stack.currentWidget() is not self._large:
            return
        channel = layer_view.chosen_channel(shown, self._state.selection.channel)
        attacked = self._beside()
        low, high = self._ranges(shown, attacked)
        if not self._common():
            low, high = float(low[channel]), float(high[channel])
        maps = [one.maps[channel] for one in (shown.result, attacked) if one is not None]
        known = layer_view.statistics(shown.result)
        least, most, mean = (
            fmt.significant(float(one[channel])) for one in (known.low, known.high, known.mean)
        )
        said = tr("{low} to {high}, mean {mean}", low=least, high=most, mean=mean)
        if attacked is not None:
            distance = float(map_orders.moved(shown.result, attacked)[channel])
            said = tr("{said}, moved by {distance}", said=said, distance=fmt.significant(distance))
        self._large.show_map(channel, maps, said, self._state.display.map_colours, low, high)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave all room to the maps where there is little."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        one_row = self._filters.is_one_row(self.width() - theme.GAP)
        least = _ROOM_FOR_A_ROW if one_row else _ROOM_FOR_FILTERS
        self._filters.setVisible(self._filtered and self.height() >= least)
