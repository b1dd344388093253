"""Grad-CAM one step after the other, from the maps of a layer to the picture."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core import render
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.colour_bar import ColourBar
from cnnviz_gui.panels.controls import ElidedLabel, FailureCard, Label, Notice, Segmented
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.panels.features.pane_grid import PaneGrid
from cnnviz_gui.panels.heatmaps.box import HeatmapBox
from cnnviz_gui.panels.heatmaps.weight_bars import WeightBars
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.panels.overlays import diverging, laid_over, look
from cnnviz_gui.panels.page import same, show_problem
from cnnviz_gui.panels.pane_feed import PaneFeed, link_all
from cnnviz_gui.panels.pane_row import PaneRow
from cnnviz_gui.state import map_words, steps_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.heatmap_plan import GUIDE
from cnnviz_gui.state.heatmap_view import natural_range, of_class, seen
from cnnviz_gui.state.steps_view import LANE, STEPS, ShownSteps
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import FloatArray

_CONCERNS = frozenset(
    {
        *("facts", "image", "model", "stage", "heatmap_view", "heatmap_step", "opacity"),
        *("methods", "heatmap_method"),
        *("finding.predict", f"finding.{LANE}", "heatmap_colours", "linked"),
        *("photograph", "photograph_signed"),
    }
)
_EVIDENCE = tr("below 0 against the class, above 0 for it")
_IMPORTANCE = tr("how much speaks for the class")


class StepsBox(HeatmapBox):
    """The step in use, in a sentence and in pictures."""

    view = "steps"

    def __init__(self, state: AppState) -> None:
        super().__init__(state)
        self._state = state
        self.steps = Segmented(STEPS, tr("Step"))
        self.steps.setToolTip(tr("Which step of Grad-CAM is shown"))
        self.steps.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.steps.chosen.connect(self._on_step)
        self._formula = ElidedLabel("", "name", "text2")
        self._formula.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._told = Label("", "body", "text2", wrap=True)
        self._failure = FailureCard()
        self._failure.remedied.connect(self._on_again)
        self.elsewhere = Notice()
        self.elsewhere.acted.connect(self._on_method)
        self._stack = QStackedWidget()
        self._nothing = QWidget()
        self._tiles = PaneGrid()
        self._feeds: list[PaneFeed] = []
        self.bars = WeightBars()
        self.bars.chosen.connect(self._on_channel)
        self._sum = PaneFeed(ImagePane(tr("Weighted sum")), state)
        self._positive = PaneFeed(ImagePane(tr("After the ReLU")), state)
        self._photo = PaneFeed(ImagePane(tr("Photograph")), state, input_only=True)
        self._map = PaneFeed(ImagePane("Grad-CAM"), state)
        self._bar = ColourBar(Qt.Orientation.Horizontal)
        self._sums = PaneRow((self._sum.pane, self._positive.pane))
        self._pictures = PaneRow((self._photo.pane, self._map.pane))
        for page in (self._tiles, self.bars, self._sums, self._pictures, self._nothing):
            self._stack.addWidget(page)
        self._lay_out()
        theme.notifier.changed.connect(self._draw)
        state.observe(self._on_state_changed)
        self._draw()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.PADDING)
        head.addWidget(self.steps)
        head.addWidget(self._formula, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        add_layout(column, head)
        column.addWidget(self.elsewhere)
        column.addWidget(self._told)
        column.addWidget(self._failure)
        column.addWidget(self._stack, 1)
        column.addWidget(self._bar)

    def fit(self) -> None:
        """Show the pictures whole."""
        fixed = (self._sum, self._positive, self._photo, self._map)
        for feed in (*fixed, *self._feeds):
            feed.pane.surface.fit()

    def export(self) -> Export | None:
        """Return the map over the picture, the maps of the step, and the request."""
        shown, picture = steps_view.shown_steps(self._state), seen(self._state)
        if shown is None or picture is None:
            return None
        result = shown.result
        low, high = natural_range(result.heatmap)
        laid = laid_over(result.heatmap, picture, look(self._state), low, high)
        name = stem("grad-cam-steps", result.heatmap.layer, of_class(result.heatmap))
        return Export(name, laid, self._arrays(shown), shown.request)

    def _arrays(self, shown: ShownSteps) -> FloatArray:
        result, step = shown.result, self._state.display.heatmap_step
        arrays = {
            "maps": result.maps,
            "gradients": result.gradients,
            "weights": result.weights,
            "sum": result.weighted,
        }
        return arrays.get(step, result.heatmap.map)

    # The hand

    @Slot(object)
    def _on_step(self, step: str) -> None:
        self._state.show(heatmap_step=step)

    @Slot()
    def _on_again(self) -> None:
        problem = self._state.finding(LANE).problem
        if problem is not None and problem.offer == "saliency":
            self._state.choose_method("heatmap", "saliency")
            self._state.show(heatmap_view="map")
        else:
            self.again.emit(LANE)

    @Slot()
    def _on_method(self) -> None:
        self._state.choose_method("heatmap", GUIDE)

    @Slot(int)
    def _on_channel(self, channel: int) -> None:
        self._state.select(channel=channel)

    # Drawing

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self.in_sight():
            self._draw()

    @Slot()
    def _draw(self) -> None:
        step = self._state.display.heatmap_step
        shown = steps_view.shown_steps(self._state)
        self.steps.set_value(step)
        finding = self._state.finding(LANE)
        show_problem(self._failure, finding)
        failed = finding.problem is not None
        told = shown is not None and not failed
        self._bar.setVisible(told and step != "weights")
        sentence, formula = "", ""
        if shown is not None and told:
            sentence, formula = steps_view.told(step, shown)
        self._told.setText(sentence)
        self._told.setVisible(not failed)
        self._formula.setText(formula)
        self._draw_elsewhere()
        if failed:
            # the page stays, empty, so that the card stands at the top in its own height
            self._stack.setCurrentWidget(self._nothing)
        elif step in ("maps", "gradients"):
            self._stack.setCurrentWidget(self._tiles)
            self._draw_tiles(shown, gradients=step == "gradients")
        elif step == "weights":
            self._stack.setCurrentWidget(self.bars)
            self._draw_weights(shown)
        elif step == "sum":
            self._stack.setCurrentWidget(self._sums)
            self._draw_sums(shown)
        else:
            self._stack.setCurrentWidget(self._pictures)
            self._draw_pictures(shown)

    def _draw_elsewhere(self) -> None:
        said = steps_view.elsewhere(self._state)
        self.elsewhere.setVisible(bool(said))
        if said:
            self.elsewhere.set_notice(said, action=tr("Use Grad-CAM"))

    def _draw_tiles(self, shown: ShownSteps | None, *, gradients: bool) -> None:
        if shown is None:
            self._tiles.set_panes(())
            return
        result = shown.result
        maps = result.gradients if gradients else result.maps
        bound = render.signed_range(maps)
        signed = gradients or bool((maps < 0).any())
        low, name = -bound if signed else 0.0, self._colours(signed)
        while len(self._feeds) < len(maps):
            feed = PaneFeed(ImagePane(tr("Channel")), self._state)
            feed.pane.clicked.connect(partial(self._on_pane, len(self._feeds)))
            self._feeds.append(feed)
        feeds = self._feeds[: len(maps)]
        for place, feed in enumerate(feeds):
            channel = result.channels[place]
            feed.pane.set_title(tr("Channel {channel}", channel=channel))
            weight = fmt.significant(float(result.weights[channel]))
            feed.pane.set_caption(f"α {weight}" if gradients else "")
            feed.pane.set_readout(partial(_value, maps[place]))
            feed.show(_state(shown), render.apply_colormap, maps[place], name, low, bound)
            feed.pane.set_seen(map_words.strongest(maps[place]))
        self._tiles.set_panes([feed.pane for feed in feeds])
        link_all(self._tiles.panes(), self._state.display.linked)
        told = tr("below 0 lowers the score, above 0 raises it") if gradients else tr("activation")
        self._bar.set_scale(name, low, bound, note=tr("{what} · one scale for all", what=told))

    @Slot(object)
    def _on_pane(self, place: int, _at: object) -> None:
        shown = steps_view.shown_steps(self._state)
        if shown is not None and place < len(shown.result.channels):
            self._on_channel(shown.result.channels[place])

    def _draw_weights(self, shown: ShownSteps | None) -> None:
        if shown is None:
            self.bars.set_rows((), stale=True)
            return
        result = shown.result
        rows = [
            (channel, float(result.weights[channel]), steps_view.share_text(result, place))
            for place, channel in enumerate(result.channels)
        ]
        self.bars.set_rows(rows, stale=not shown.current)

    def _draw_sums(self, shown: ShownSteps | None) -> None:
        feeds = (self._sum, self._positive)
        link_all((self._sum.pane, self._positive.pane), self._state.display.linked)
        if shown is None:
            _clear(feeds)
            return
        result = shown.result
        coarse = result.heatmap.coarse
        bound = render.signed_range(result.weighted)
        for feed, grid in zip(feeds, (result.weighted, coarse), strict=True):
            if grid is None:
                continue
            feed.pane.set_readout(partial(_value, grid))
            feed.pane.set_caption(fmt.shape(grid.shape))
            feed.show(_state(shown), render.apply_colormap, grid, diverging(), -bound, bound)
            feed.pane.set_seen(map_words.strongest(grid))
        kept = result.heatmap.signed
        self._positive.pane.set_title(
            tr("Negative values are kept") if kept else tr("After the ReLU")
        )
        self._bar.set_scale(diverging(), -bound, bound, note=_EVIDENCE)

    def _draw_pictures(self, shown: ShownSteps | None) -> None:
        feeds = (self._photo, self._map)
        link_all((self._photo.pane, self._map.pane), self._state.display.linked)
        picture = seen(self._state)
        if shown is None or picture is None:
            _clear(feeds)
            return
        heatmap = shown.result.heatmap
        low, high = natural_range(heatmap)
        name, drawn = self._colours(heatmap.signed), look(self._state)
        self._photo.show("done", same, picture)
        self._map.pane.set_title(f"Grad-CAM, {of_class(heatmap)}")
        self._map.pane.set_readout(partial(_value, heatmap.map))
        self._map.show(_state(shown), laid_over, heatmap, picture, drawn, low, high)
        self._map.pane.set_seen(map_words.of_map(heatmap))
        self._bar.set_scale(name, low, high, note=_EVIDENCE if heatmap.signed else _IMPORTANCE)

    def _colours(self, signed: bool) -> str:
        return diverging() if signed else self._state.display.heatmap_colours


def _state(shown: ShownSteps) -> str:
    return "done" if shown.current else "stale"


def _clear(feeds: tuple[PaneFeed, ...]) -> None:
    for feed in feeds:
        feed.clear("loading")


def _value(grid: FloatArray, x: int, y: int) -> str:
    return fmt.significant(float(grid[y, x]))
