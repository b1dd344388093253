"""Where in the picture the evidence for a class lies."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.colour_bar import ColourBar
from cnnviz_gui.panels.controls import Chip, FailureCard, Label, Notice, Segmented
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.layer_strip import LayerStrip
from cnnviz_gui.panels.map_view import MapView
from cnnviz_gui.panels.method_box import MethodBox
from cnnviz_gui.panels.overlays import colours, laid_over
from cnnviz_gui.panels.page import lay_out, same, show_problem
from cnnviz_gui.panels.pane_feed import PaneFeed, link_all
from cnnviz_gui.panels.pane_row import PaneRow
from cnnviz_gui.state import comparison_view, prediction_view, trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.heatmap_view import ShownMap, enlarged, seen, shown_map
from cnnviz_gui.state.plan import effective_layer

_CONCERNS = frozenset(
    {
        "facts",
        "image",
        "layer",
        "target",
        "stage",
        "heatmap_method",
        "methods",
        "finding.predict",
        "finding.heatmap",
        "second_facts",
        "finding.predict-second",
        "finding.heatmap-second",
        "opacity",
        "heatmap_colours",
        "heatmap_layout",
        "locked_range",
        "linked",
    }
)


class HeatmapPage(QWidget):
    """Method, picture and map."""

    again = Signal(object)
    """The lane to compute again."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._method = MethodBox(state, "heatmap")
        self._target = Chip("crosshair", "", "target")
        self._layer = Chip("stack", "")
        self._took = Label("", "caption", "text3")
        self._layout_choice = Segmented(
            (("overlay", "Overlay"), ("side-by-side", "Side by side")), "How map and picture stand"
        )
        self._layout_choice.setFixedWidth(200)
        self._layout_choice.chosen.connect(self._on_layout_chosen)
        self._photo = PaneFeed(ImagePane("Photograph"), state)
        self._map = MapView(state, "heatmap", "predict")
        self._second = MapView(state, "heatmap-second", "predict-second")
        self._panes = (self._photo.pane, self._map.pane, self._second.pane)
        self._bar = ColourBar()
        self._strip = LayerStrip(state)
        self._reason = Notice(kind="warning")
        self._failure = FailureCard()
        self._failure.remedied.connect(self._on_again)
        self._lay_out()
        theme.notifier.changed.connect(self._draw)
        state.observe(self._on_state_changed)
        self._draw()

    def _lay_out(self) -> None:
        self._pictures = PaneRow(self._panes, self._bar)
        tools = (self._method, self._target, self._layer, self._took)
        body = lay_out(self, tools, (self._layout_choice,))
        body.addWidget(self._failure)
        body.addWidget(self._reason)
        body.addWidget(self._pictures, 1)
        body.addWidget(self._strip)

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
        name = stem(title, shown.result.method, shown.result.target.label)
        opacity, colour = self._state.display.opacity, colours(shown, self._state)
        laid = laid_over(shown.result, picture, opacity, colour, shown.low, shown.high)
        return Export(name, laid, shown.result.map, shown.request)

    @Slot()
    def _on_again(self) -> None:
        problem = self._state.finding("heatmap").problem
        if problem is not None and problem.offer == "saliency":
            self._state.choose_method("heatmap", "saliency")
        else:
            self.again.emit("heatmap")

    @Slot(object)
    def _on_layout_chosen(self, value: str) -> None:
        self._state.show(heatmap_layout=value)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "heatmaps":
            self._draw()

    @Slot()
    def _draw(self) -> None:
        display, facts = self._state.display, self._state.shared.facts
        link_all(self._panes, display.linked)
        self._layout_choice.set_value(display.heatmap_layout)
        self._photo.pane.setVisible(display.heatmap_layout == "side-by-side")
        self._second.pane.setVisible(comparison_view.comparing(self._state))
        picture = seen(self._state)
        if facts is not None:
            self._draw_caption(facts)
            self._layer.set_chip("stack", effective_layer(self._state.selection, facts) or "–")
        method = self._state.shared.method("heatmap", self._state.selection.heatmap_method)
        layered = method is None or method.uses_layer
        impossible = method is not None and facts is not None and bool(method.needs(facts))
        self._layer.setVisible(layered)
        self._strip.setVisible(layered and not impossible)
        self._draw_target()
        if picture is None:
            self._photo.clear("loading")
        else:
            self._photo.show("done", same, picture)
        self._draw_maps()
        show_problem(self._failure, self._state.finding("heatmap"))

    def _draw_caption(self, facts: ModelFacts) -> None:
        """Say what the photograph is, below its title where the maps have such a line."""
        two = comparison_view.comparing(self._state)
        size = f"{facts.input_size} {fmt.TIMES} {facts.input_size}"
        whole = f"{size}, as {facts.title} sees it" if two else f"what the network sees, {size}"
        parts = filter(None, (whole, enlarged(self._state)))
        said = " · ".join(parts)
        self._photo.pane.set_caption("" if two else said)
        self._photo.pane.set_details(said if two else None)

    def _draw_target(self) -> None:
        facts, target = self._state.shared.facts, self._state.selection.target
        winner = prediction_view.winner(self._state)
        label = facts.labels[target] if facts is not None and target is not None else ""
        said = label or (winner.label if winner and not trust.nameless(facts) else "–")
        self._target.set_chip("crosshair", said, "target")

    def _draw_maps(self) -> None:
        shown = self._map.draw()
        second = self._second.draw() if comparison_view.comparing(self._state) else None
        self._took.setText(fmt.duration(shown.result.seconds) if shown is not None else "")
        reason = _reason(shown, second, comparison_view.names(self._state)[1])
        self._reason.setVisible(bool(reason))
        if reason:
            self._reason.set_notice(reason, kind="warning")
        self._bar.setVisible(shown is not None)
        if shown is None:
            return
        same_scale = second is None or (second.low, second.high) == (shown.low, shown.high)
        ends = None if same_scale else ("own min" if shown.low < 0 else "0", "own max")
        self._bar.set_scale(colours(shown, self._state), shown.low, shown.high, ends=ends)


def _reason(first: ShownMap | None, second: ShownMap | None, name: str) -> str:
    """Return why a map is blank, of the first network before the second."""
    if first is not None and first.result.reason:
        return first.result.reason
    if second is not None and second.result.reason:
        return f"{name}: {second.result.reason}"
    return ""
