"""Where in the picture the evidence for a class lies."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.place_requests import Box
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.colour_bar import ColourBar
from cnnviz_gui.panels.controls import IconButton
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.panels.heatmaps import place_marks
from cnnviz_gui.panels.heatmaps.box import HeatmapBox
from cnnviz_gui.panels.heatmaps.findings_card import NotesCard
from cnnviz_gui.panels.heatmaps.layer_strip import LayerStrip
from cnnviz_gui.panels.heatmaps.map_view import MapView
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.overlays import laid_over, look
from cnnviz_gui.panels.page import same
from cnnviz_gui.panels.pane_feed import PaneFeed, link_all
from cnnviz_gui.panels.pane_row import PaneRow
from cnnviz_gui.state import comparison_view, place_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.heatmap_view import ShownMap, enlarged, of_class, seen, shown_map
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.figure_requests import SaveFigure
    from cnnviz_gui.core.result import ByteArray

_PLACE = tr("Mark the place: a box round the largest part of what is high; more under Parameters")
_CONCERNS = frozenset(
    {
        *("facts", "image", "layer", "stage", "heatmap_view", "heatmap_method", "methods"),
        *("finding.predict", "finding.heatmap", "second_facts", "finding.predict-second"),
        *("finding.heatmap-second", "opacity", "heatmap_colours", "heatmap_layout"),
        *("photograph", "photograph_signed", "heatmap_in_colour"),
        *("locked_range", "linked", "place_view", "truth", "drawing_box", "finding.place"),
    }
)


class MapBox(HeatmapBox):
    """The photograph, its map, and the same at every layer below."""

    view = "map"

    def __init__(self, state: AppState) -> None:
        super().__init__(state)
        self._photo = PaneFeed(ImagePane(tr("Photograph")), state, input_only=True)
        self._map = MapView(state, "heatmap", "predict")
        self._second = MapView(state, "heatmap-second", "predict-second")
        self._panes = (self._photo.pane, self._map.pane, self._second.pane)
        for pane in self._panes[:2]:
            pane.surface.over = partial(place_marks.paint, state)
            pane.surface.drawn.connect(self._on_drawn)
        self._bar = ColourBar()
        self.place = IconButton("selection", _PLACE, tr("Place"), parent=self)
        self.place.setCheckable(True)
        self.place.clicked.connect(self._on_place)
        self.options = self.place
        self._strip = LayerStrip(state)
        self._strip.again.connect(self.again)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(PaneRow(self._panes, self._bar), 1)
        column.addWidget(NotesCard(state))
        column.addWidget(self._strip)
        theme.notifier.changed.connect(self._draw)
        state.observe(self._on_state_changed)
        self._draw()

    def fit(self) -> None:
        """Show the pictures whole."""
        for pane in self._panes:
            pane.surface.fit()

    def export(self) -> Export | None:
        """Return picture, map and request."""
        shown, picture = shown_map(self._state), seen(self._state)
        if shown is None or picture is None:
            return None
        title = stem(shown.request.image.path.rpartition("/")[2].partition(".")[0])
        name = stem(title, shown.result.method, of_class(shown.result))
        drawn = look(self._state)
        laid = laid_over(shown.result, picture, drawn, shown.low, shown.high)
        film = self._strip.film(picture) if self._strip.isVisibleTo(self) else None
        array = shown.result.colour if drawn.shows_colours(shown.result) else shown.result.map
        crop, figure = self._crop(picture), self._figure(shown)
        return Export(name, laid, array, shown.request, film, crop, figure)

    def _figure(self, shown: ShownMap) -> SaveFigure | None:
        """Return what writes the map as a figure, once it is complete."""
        from cnnviz_gui.core.figure_requests import SaveFigure

        finding = self._state.finding("heatmap")
        if not finding.current or finding.status != "done":
            return None
        ends = (shown.low, shown.high)
        return SaveFigure(heatmap=shown.request, path="", look=look(self._state), ends=ends)

    def _crop(self, picture: ByteArray) -> ByteArray | None:
        """Return what of the picture lies in the box of the map, where that is shown."""
        place = place_view.shown_place(self._state)
        if self._state.display.place_view == "off" or place is None or place.box is None:
            return None
        left, top, right, bottom = place.box
        return picture[top:bottom, left:right]

    @Slot(bool)
    def _on_place(self, checked: bool) -> None:
        self._state.show(place_view="box" if checked else "off")

    @Slot(object)
    def _on_drawn(self, box: Box) -> None:
        self._state.show(drawing_box=False)
        self._state.select(truth=box)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self.in_sight():
            self._draw()

    @Slot()
    def _draw(self) -> None:
        display, facts = self._state.display, self._state.shared.facts
        link_all(self._panes, display.linked)
        self.place.setChecked(display.place_view != "off")
        self._photo.pane.setVisible(display.heatmap_layout == "side-by-side")
        self._second.pane.setVisible(comparison_view.comparing(self._state))
        picture = seen(self._state)
        if facts is not None:
            self._draw_caption(facts)
        method = self._state.shared.method("heatmap", self._state.selection.heatmap_method)
        layered = method is None or method.uses_layer
        impossible = method is not None and facts is not None and bool(method.needs(facts))
        self._strip.setVisible(layered and not impossible)
        if picture is None:
            self._photo.clear("loading")
        else:
            self._photo.show("done", same, picture)
        for pane in self._panes[:2]:
            pane.surface.set_drawing(display.drawing_box)
        self._draw_maps()

    def _draw_caption(self, facts: ModelFacts) -> None:
        """Say what the photograph is, below its title where the maps have such a line."""
        two = comparison_view.comparing(self._state)
        size = f"{facts.input_size} {fmt.TIMES} {facts.input_size}"
        whole = (
            tr("{size}, as {network} sees it", size=size, network=facts.title)
            if two
            else tr("what the network sees, {size}", size=size)
        )
        parts = filter(None, (whole, enlarged(self._state)))
        said = " · ".join(parts)
        self._photo.pane.set_caption("" if two else said)
        self._photo.pane.set_details(said if two else None)

    def _draw_maps(self) -> None:
        shown = self._map.draw()
        second = self._second.draw() if comparison_view.comparing(self._state) else None
        self._bar.setVisible(shown is not None)
        if shown is None:
            return
        same_scale = second is None or (second.low, second.high) == (shown.low, shown.high)
        ends = None if same_scale else (tr("own min") if shown.low < 0 else "0", tr("own max"))
        name = look(self._state).colour_map(shown.result)
        self._bar.set_scale(name, shown.low, shown.high, ends=ends)
