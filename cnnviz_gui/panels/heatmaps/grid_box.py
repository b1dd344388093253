"""Many heat maps of one picture at once: methods against classes, layers or networks."""

from __future__ import annotations

import functools

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.save_work import Deferred
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import EmptyState, FailureCard
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.panels.heatmaps.box import HeatmapBox
from cnnviz_gui.panels.heatmaps.grid_key import GridKey
from cnnviz_gui.panels.heatmaps.grid_layout import Part
from cnnviz_gui.panels.heatmaps.grid_tools import GridTools
from cnnviz_gui.panels.heatmaps.heat_grid import HeatGrid
from cnnviz_gui.panels.method_box import tooltip
from cnnviz_gui.panels.overlays import look
from cnnviz_gui.panels.page import show_problem
from cnnviz_gui.state import comparison_view, grid_plan, prediction_view, trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.grid_view import ColumnHead, ShownGrid, shown_grid
from cnnviz_gui.texts import tr

_CONCERNS = frozenset(
    {
        *("facts", "second_facts", "image", "layer", "target", "against", "edits", "stage"),
        *("methods", "heatmap_view", "heatmap_method", "heatmap_parameters", "opacity"),
        *("photograph", "photograph_signed", "heatmap_in_colour", "locked_range"),
        *("heatmap_colours", "grid_across", "grid_methods", "grid_classes", "grid_layers"),
        *("grid_scale", "finding.predict", "finding.predict-edited", "finding.predict-second"),
        *(f"finding.{lane}" for lane in grid_plan.LANES),
    }
)
_NONE = tr("None of these methods can be done here. Choose others under Methods.")


class GridBox(HeatmapBox):
    """Its own row of choices, and the table of maps."""

    view = "grid"
    one_map = False

    def __init__(self, state: AppState) -> None:
        super().__init__(state)
        self._shown: ShownGrid | None = None
        self._tools = GridTools(state)
        self._failure = FailureCard()
        self._failure.remedied.connect(self._on_again)
        self._grid = HeatGrid(self._words)
        self._grid.picked.connect(self._on_picked)
        self._grid.opened.connect(self._on_opened)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._grid)
        self._empty = EmptyState("grid-four", _NONE)
        self._stack.addWidget(self._empty)
        self._key = GridKey()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(self._tools)
        column.addWidget(self._failure)
        column.addWidget(self._stack, 1)
        column.addWidget(self._key)
        theme.notifier.changed.connect(self._draw)
        state.observe(self._on_state_changed)
        self._draw()

    def fit(self) -> None:
        """Show the pictures whole."""
        self._grid.fit()

    def export(self) -> Export | None:
        """Return the figure with its heads, the raw maps by row and column, the request."""
        shown = self._shown
        if shown is None or not any(cell.result is not None for cell in shown.cells.values()):
            return None
        from cnnviz_gui.core import grid_figure

        display, request = self._state.display, shown.requests[0]
        ends = shown.scales(display)
        tiles = {
            place: grid_figure.Tile(cell.result, cell.seen, cell.said, ends[place])
            for place, cell in shown.cells.items()
            if cell.seen is not None and cell.state != "stale"
        }
        file = request.image.path.replace("\\", "/").rpartition("/")[2]
        figure = functools.partial(
            grid_figure.figure,
            [", ".join(filter(None, (row.title, row.caption))) for row in shown.rows],
            [(head.title, head.caption) for head in shown.columns],
            tiles,
            scale=display.grid_scale,
            look=look(self._state),
            footer=self._footer(file),
        )
        maps = {place: tile.result for place, tile in tiles.items()}
        size = len(shown.rows), len(shown.columns)
        name = stem(file.partition(".")[0], "heat-maps")
        drawn = Deferred(functools.cache(figure))
        return Export(name, drawn, grid_figure.stacked(size, maps), request)

    def _footer(self, file: str) -> str:
        """Return picture and network, and the class where the columns do not say it."""
        state, facts, aim = self._state, self._state.shared.facts, grid_plan.aim(self._state)
        way = grid_plan.across(state)
        label = ""
        if way == "layers" and aim is not None and facts is not None:
            label = "" if trust.nameless(facts) else facts.labels[aim]
        network = "" if way == "networks" else comparison_view.name(facts)
        return " · ".join(filter(None, (file, network, label)))

    @Slot()
    def _on_again(self) -> None:
        for lane in grid_plan.LANES:
            if self._state.finding(lane).problem is not None:
                self.again.emit(lane)

    @Slot(object)
    def _on_picked(self, part: Part) -> None:
        """Use the method, the class or the layer of a head."""
        kind, row, column = part
        if self._shown is None:
            return
        if kind == "row":
            self._state.choose_method("heatmap", self._shown.rows[row].method)
        else:
            self._use(self._shown.columns[column])

    def _use(self, head: ColumnHead) -> None:
        if head.layer:
            self._state.select(layer=head.layer)
        elif head.target is not None:
            self._state.select(target=None if head.target == self._winner() else head.target)

    def _winner(self) -> int | None:
        """Return the class that is meant where no target is chosen."""
        meant = prediction_view.aimed(self._state)
        return None if meant is None else meant[0].index

    @Slot(object)
    def _on_opened(self, place: tuple[int, int]) -> None:
        """Show one map large."""
        if self._shown is not None:
            row, column = place
            self._state.choose_method("heatmap", self._shown.rows[row].method)
            self._use(self._shown.columns[column])
            self._state.show(heatmap_view="map")

    def _words(self, part: Part) -> str:
        """Return what is to be known of what is under the cursor."""
        kind, row, column = part
        shown = self._shown
        if shown is None:
            return ""
        if kind == "row":
            method = self._state.shared.method("heatmap", shown.rows[row].method)
            said = "" if method is None else tooltip(method, grid_plan.why_not(method, self._state))
            return said + "\n" + tr("Click to use this method.")
        head = shown.columns[column]
        heading = ", ".join(filter(None, (head.title, head.caption)))
        if kind == "column":
            click = tr("Click to choose this layer.") if head.layer else ""
            click = tr("Click to make it the target.") if head.target is not None else click
            return f"{heading}\n{click}".strip()
        cell = shown.cells[row, column]
        lines = [f"{shown.rows[row].title}, {head.title}", shown.rows[row].caption, cell.said]
        if cell.result is not None:
            lines += [
                cell.result.reason,
                tr("took {duration}", duration=fmt.duration(cell.result.seconds)),
            ]
            lines.append(tr("Double-click to see it large."))
        return "\n".join(filter(None, lines))

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self.in_sight():
            self._draw()

    @Slot()
    def _draw(self) -> None:
        state, display = self._state, self._state.display
        shown = self._shown = shown_grid(state)
        self._tools.draw()
        findings = [state.finding(lane) for lane in grid_plan.LANES]
        failed = next((finding for finding in findings if finding.problem is not None), Finding())
        show_problem(self._failure, failed if shown is not None else Finding())
        none = bool(state.shared.methods) and not grid_plan.methods(state)
        self._stack.setCurrentWidget(self._empty if none else self._grid)
        drawn = look(state)
        self._grid.set_grid(shown, display, drawn)
        self._key.set_grid(None if none else shown, display, drawn)
