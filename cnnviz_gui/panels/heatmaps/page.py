"""The page of heat maps: method, class and layer above, and below them the view in use."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels.controls import Chip, ElidedLabel, FailureCard, Notice
from cnnviz_gui.panels.folder.page import FolderPage
from cnnviz_gui.panels.heatmaps.box import HeatmapBox
from cnnviz_gui.panels.heatmaps.folder_box import FolderBox
from cnnviz_gui.panels.heatmaps.grid_box import GridBox
from cnnviz_gui.panels.heatmaps.map_box import MapBox
from cnnviz_gui.panels.heatmaps.steps_box import StepsBox
from cnnviz_gui.panels.heatmaps.trust_box import TrustBox
from cnnviz_gui.panels.method_box import MethodBox
from cnnviz_gui.panels.page import lay_out, show_problem
from cnnviz_gui.state import heatmap_view, prediction_view, trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.choice_words import HEATMAP_VIEWS
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.plan import effective_layer
from cnnviz_gui.texts import tr

_BOXES: dict[str, tuple[str, Callable[[AppState], HeatmapBox]]] = {
    "map": (HEATMAP_VIEWS["map"], MapBox),
    "grid": (HEATMAP_VIEWS["grid"], GridBox),
    "steps": (HEATMAP_VIEWS["steps"], StepsBox),
    "trust": (HEATMAP_VIEWS["trust"], TrustBox),
    "folder": (HEATMAP_VIEWS["folder"], FolderBox),
}
"""How heat maps can be looked at, by the value of ``Display.heatmap_view``: its word, its box."""
_EAGER, _METHOD = 100, 146
_CONCERNS = frozenset(
    {
        *("facts", "image", "layer", "target", "against", "stage", "heatmap_method", "methods"),
        *("finding.predict", "finding.heatmap", "second_facts", "finding.heatmap-second"),
        "heatmap_view",
    }
)


class HeatmapPage(FolderPage[HeatmapBox]):
    """Tools, what is to be known of the map, and the view in use."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(state, "heatmap_view", _BOXES, tr("How heat maps are looked at"), parent)
        self._views.chooser.give_way()
        self._views.chooser.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._method = MethodBox(state, "heatmap", least=_METHOD)
        self._target = Chip("crosshair", "", "target")
        self._layer = Chip("stack", "")
        self._took = ElidedLabel("", "caption", "text3")
        self.stopped = Notice()
        self.stopped.acted.connect(partial(self.again.emit, "heatmap"))
        self._reason = Notice(kind="warning")
        self._failure = FailureCard()
        self._failure.remedied.connect(self._on_again)
        tools = (self._views.chooser, self._method, self._target, self._layer, self._took)
        body = lay_out(self, tools, (self._views.options,))
        # what is left goes to the method before it goes to nobody
        self._method.parentWidget().layout().setStretchFactor(self._method, _EAGER)
        body.addWidget(self._failure)
        body.addWidget(self._reason)
        body.addWidget(self.stopped)
        body.addWidget(self._views, 1)
        self.stopped.heirs = self._failure.heirs = (self._views,)
        state.observe(self._on_state_changed)
        self._draw()

    @Slot()
    def _on_again(self) -> None:
        problem = self._state.finding("heatmap").problem
        if problem is not None and problem.offer == "saliency":
            self._state.choose_method("heatmap", "saliency")
        else:
            self.again.emit("heatmap")

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "heatmaps":
            self._draw()

    def _draw(self) -> None:
        facts, selection = self._state.shared.facts, self._state.selection
        method = self._state.shared.method("heatmap", selection.heatmap_method)
        if facts is not None:
            self._layer.set_chip("stack", effective_layer(selection, facts) or "–")
        self._layer.setVisible(method is None or method.uses_layer)
        self._draw_target()
        free = method is not None and method.class_free
        self._target.setVisible(not free or self._state.display.heatmap_view != "map")
        one = self._views.box.one_map
        # Where there is too little room it is left out, before the docks would give way.
        self._took.set_texts(heatmap_view.took(self._state) if one else "", "")
        self._draw_stopped(one)
        reason = heatmap_view.why_blank(self._state) if one else ""
        self._reason.setVisible(bool(reason))
        if reason:
            self._reason.set_notice(reason, kind="warning")
        show_problem(self._failure, self._state.finding("heatmap") if one else Finding())
        self._views.show_chosen()

    def _draw_stopped(self, one: bool) -> None:
        """Say where the user stopped the map, and offer to go on."""
        stopped = one and heatmap_view.stopped(self._state)
        self.stopped.setVisible(stopped)
        if stopped:
            shown = heatmap_view.shown_map(self._state)
            said = tr("The map was stopped before there was any.")
            if (
                shown is not None
                and shown.result.expected
                and self._state.finding("heatmap").current
            ):
                done, total = fmt.count(shown.result.samples), fmt.count(shown.result.expected)
                said = tr(
                    "The map was stopped at {done} of {total} samples.", done=done, total=total
                )
            self.stopped.set_stopped(said)
            self._took.setText("")

    def _draw_target(self) -> None:
        facts, target = self._state.shared.facts, self._state.selection.target
        winner = prediction_view.winner(self._state)
        label = facts.labels[target] if facts is not None and target is not None else ""
        if not label and self._state.display.heatmap_view == "folder":
            label = tr("predicted of each")
        said = label or (winner.label if winner and not trust.nameless(facts) else "–")
        against = self._state.selection.against
        meant = target if target is not None else winner.index if winner is not None else against
        if facts is not None and against is not None and meant != against:
            said = tr("{label} rather than {rival}", label=said, rival=facts.labels[against])
        self._target.set_chip("crosshair", said, "target")
