"""The filters of a layer: kernels as pictures, matrices that one can go near to, distributions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from cnnviz_gui.core import filter_picture, render
from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.filter_picture import in_colour
from cnnviz_gui.panels import theme, tile_paint
from cnnviz_gui.panels.colour_bar import ColourBar
from cnnviz_gui.panels.controls import (
    EmptyState,
    FailureCard,
    Label,
    NumberBox,
    Segmented,
    painting,
)
from cnnviz_gui.panels.export import Export
from cnnviz_gui.panels.layers import filter_export
from cnnviz_gui.panels.layers.box import LayerBox
from cnnviz_gui.panels.layers.filter_options import FilterOptions
from cnnviz_gui.panels.layers.filter_words import Norms, caption, clipped, readout
from cnnviz_gui.panels.layers.heading import Heading
from cnnviz_gui.panels.layers.matrix_view import MatrixView
from cnnviz_gui.panels.layers.spread import Spread
from cnnviz_gui.panels.layers.whole_rows import WholeRows
from cnnviz_gui.panels.overlays import diverging
from cnnviz_gui.panels.page import show_problem
from cnnviz_gui.panels.tile_grid import Hover, TileGrid
from cnnviz_gui.panels.tile_layout import best_side
from cnnviz_gui.state import filter_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.filter_view import ShownFilters
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.layer_results import LayerFilters

_CONCERNS = frozenset(
    {
        "facts",
        "layer",
        "stage",
        "layer_view",
        "filter_view",
        "filter_order",
        "map_scale",
        "input_channel",
        "channel",
        "finding.filters",
    }
)
_GAP = 8
_TILE, _LARGE = 72, 168
"""Sides of a kernel: room for number and norm under it, and how large few kernels become."""


class FiltersBox(LayerBox):
    """Kernels or a matrix above, the distributions of weights and biases below."""

    view = "filters"

    def __init__(self, state: AppState) -> None:
        super().__init__(state)
        self._options = self.options = FilterOptions(state)
        self._drawn: tuple[object, ...] = ()
        self._sized: tuple[str, int] = ("", 0)
        self._side = 0
        self._shown: ShownFilters | None = None
        self._head = Heading(tr("Filters"))
        self._views = Segmented((), tr("Slices"))
        self._views.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._views.setToolTip(tr("Which slices of the kernels are shown"))
        self._which_of = Label("", "body", "text2")
        self._which = NumberBox(tr("Filter"))
        self._which.setFixedWidth(72)
        self._grid = TileGrid(tile=_TILE, gap=_GAP)
        self._grid.setAccessibleName(tr("Filters"))
        self._matrix = MatrixView()
        self._empty = EmptyState("grid-four", "")
        self._failure = FailureCard()
        self._bar = ColourBar(Qt.Orientation.Horizontal)
        self._weights = Spread(tr("Weights"), "weights")
        self._biases = Spread(tr("Biases"), "biases")
        self._connect()
        self._lay_out()
        state.observe(self._on_state_changed)
        state.observe(self._on_spread_concerned)
        self._redraw()

    def _connect(self) -> None:
        self._views.chosen.connect(self._on_view)
        self._which.chosen.connect(self._on_which)
        self._grid.selected.connect(self._on_kernel)
        self._grid.set_readout(self._readout)
        self._failure.remedied.connect(self._on_again)
        self._matrix.selected.connect(self._on_channel)
        self._matrix.window_wanted.connect(self._on_window)
        theme.notifier.changed.connect(self._redraw)

    def _lay_out(self) -> None:
        self._choice = QWidget()
        choice = QHBoxLayout(self._choice)
        choice.setContentsMargins(0, 0, 0, 0)
        choice.setSpacing(theme.INSIDE)
        choice.addWidget(self._views)
        choice.addStretch(1)
        choice.addWidget(self._which_of)
        choice.addWidget(self._which)
        self._stack = QStackedWidget()
        self._rows = WholeRows(self._grid)
        self._rows.resized.connect(self._on_resized)
        for part in (self._rows, self._matrix, self._empty):
            self._stack.addWidget(part)
        self._spreads = QWidget()
        spreads = QHBoxLayout(self._spreads)
        spreads.setContentsMargins(0, 0, 0, 0)
        spreads.setSpacing(2 * theme.GAP)
        spreads.addWidget(self._weights, 3)
        spreads.addWidget(self._biases, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, theme.GAP, 0)
        column.setSpacing(theme.INSIDE)
        column.addWidget(self._head)
        column.addWidget(self._choice)
        column.addWidget(self._failure)
        column.addWidget(self._stack, 1)
        column.addWidget(self._bar)
        column.addWidget(self._spreads)

    def export(self) -> Export | None:
        """Return the kernels or the matrix in sight, as a picture and as numbers."""
        return None if self._shown is None else filter_export.given(self._state, self._shown)

    # What the hand does

    @Slot(object)
    def _on_view(self, view: str) -> None:
        self._state.select(filter_view=view)

    @Slot(object)
    def _on_which(self, number: float) -> None:
        if self._shown is not None and self._shown.result.view == "filter":
            self._state.select(channel=int(number))
        else:
            self._state.select(input_channel=int(number))

    @Slot(object)
    def _on_kernel(self, number: int) -> None:
        if self._shown is not None and self._shown.result.view == "filter":
            self._state.select(input_channel=number)
        else:
            self._state.select(channel=number)

    @Slot()
    def _on_again(self) -> None:
        self.again.emit("filters")

    @Slot(object)
    def _on_channel(self, channel: int) -> None:
        self._state.select(channel=channel)

    @Slot(object)
    def _on_window(self, window: tuple[int, int, int, int] | None) -> None:
        self._state.select(matrix_window=window)

    # Drawing; two observers, so that each has a turn of the event loop to itself.

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self.in_sight():
            self._draw()

    def _on_spread_concerned(self, changes: Changes) -> None:
        if changes & _CONCERNS and self.in_sight():
            self._draw_spreads()

    @Slot()
    def _redraw(self) -> None:
        self._drawn = ()
        self._draw()
        self._draw_spreads()

    def _draw(self) -> None:
        finding = self._state.finding("filters")
        shown = self._shown = filter_view.shown_filters(self._state)
        show_problem(self._failure, finding)
        stale = finding.value is not None and not finding.current
        self._grid.set_stale(stale)
        # Another part of the same matrix is no reason to dim what is seen of it.
        self._matrix.set_stale(stale and not self._of_layer_in_use(shown))
        if shown is None:
            self._choice.setVisible(False)
            self._bar.setVisible(False)
            self._head.set_caption("")
            self._grid.clear()
            self._stack.setCurrentWidget(self._rows)
            return
        none = shown.result.form == "none"
        self._bar.setVisible(not none)
        self._head.set_caption(*caption(shown.result))
        self._draw_choice(shown)
        own = shown.result.kernels is not None and not in_colour(shown.result)
        self._options.offer_scales(own)
        if none:
            self._empty.set_state("grid-four", filter_view.why_none(self._state))
            self._stack.setCurrentWidget(self._empty)
        elif shown.result.form == "matrix":
            self._draw_matrix(shown)
        else:
            self._draw_kernels(shown)

    def _of_layer_in_use(self, shown: ShownFilters | None) -> bool:
        asked = self._state.finding("filters").asked
        return shown is not None and getattr(asked, "layer", "") == shown.result.layer

    def _draw_choice(self, shown: ShownFilters) -> None:
        result, offered = shown.result, filter_view.views(shown.result)
        self._choice.setVisible(bool(offered))
        if not offered:
            return
        if [button.text() for button in self._views.buttons()] != [word for _, word in offered]:
            self._views.set_options(offered)
        self._views.set_value(result.view)
        whole = result.view == "whole"
        self._which_of.setVisible(not whole)
        self._which.setVisible(not whole)
        of_filter = result.view == "filter"
        word = tr("Filter") if of_filter else tr("Input channel")
        count = result.shape[0 if of_filter else 1]
        self._which_of.setText(word)
        tip = tr("{word} 0 to {last}; the arrow keys step", word=word, last=count - 1)
        painting.name(self._which, word, tip)
        self._which.set_scale(0, count - 1, 1, whole=True)
        if not self._which.hasFocus() or self._which.value() != result.index:
            self._which.set_value(result.index)

    def _draw_matrix(self, shown: ShownFilters) -> None:
        result = shown.result
        bound = result.reach or result.bound
        self._bar.set_scale(diverging(), -bound, bound, note=clipped(result))
        if self._drawn != (result,):
            self._drawn = (result,)
            self._matrix.set_matrix(result)
        self._matrix.set_current(self._state.selection.channel)
        self._stack.setCurrentWidget(self._matrix)

    def _draw_kernels(self, shown: ShownFilters) -> None:
        result, common = shown.result, self._state.display.map_scale == "common"
        assert result.kernels is not None and result.kernel_norms is not None
        drawn = (result, self._state.selection.filter_order, common)
        if drawn != self._drawn:
            self._drawn = drawn
            self._size_tiles(result)
            norms = Norms(result.kernel_norms)
            if in_colour(result):
                pictures = render.filter_pictures(result.kernels)
                self._grid.set_rgb_tiles(pictures, shown.order, norms)
                note = tr("each to its own maximum, mid grey is 0")
                self._bar.set_scale("grey", -1, 1, note=note, ends=(f"{fmt.MINUS}max", "max"))
            else:
                ranges = filter_picture.ranges(result, common=common)
                self._grid.set_tiles(result.kernels, shown.order, norms, diverging(), ranges)
                bound = float(ranges[0, 1])
                ends = None if common else (f"{fmt.MINUS}max", "max")
                note = "" if common else tr("each to its own maximum")
                self._bar.set_scale(diverging(), -bound, bound, note=note, ends=ends)
        of_filter = result.view == "filter"
        chosen = self._state.selection
        self._grid.set_current(chosen.input_channel if of_filter else chosen.channel)
        self._rows.fit()
        self._stack.setCurrentWidget(self._rows)

    def _size_tiles(self, result: LayerFilters) -> None:
        """Give other kernels a size that suits their number; the hand may change it."""
        assert result.kernels is not None
        sized = (result.layer, len(result.kernels))
        if sized == self._sized and self._grid.tile_size() != self._side:
            return  # the hand chose another size
        self._sized = sized
        count, high, wide = len(result.kernels), *result.kernels.shape[-2:]
        margin = 2 * (theme.RING + theme.RING_GAP)
        bar = self._grid.verticalScrollBar().sizeHint().width()
        place = self._rows.width() - margin, self._rows.height() - margin
        spaces = _GAP, tile_paint.CAPTION
        side = best_side(count, place, high / wide, (_TILE, _LARGE), spaces, bar)
        self._grid.set_tile_size(side)
        self._side = self._grid.tile_size()

    @Slot()
    def _on_resized(self) -> None:
        if self._shown is not None and self._shown.result.kernels is not None:
            self._size_tiles(self._shown.result)

    def _readout(self, hover: Hover) -> list[str]:
        return [] if self._shown is None else readout(self._shown.result, hover)

    def _draw_spreads(self) -> None:
        shown = filter_view.shown_filters(self._state)
        weights = shown.result.weights if shown is not None else None
        self._spreads.setVisible(weights is not None)
        if shown is not None:
            self._weights.show_distribution(weights)
            self._biases.setVisible(shown.result.biases is not None)
            self._biases.show_distribution(shown.result.biases)
