"""The page of a layer: its name, its views, the chosen channel over the photograph."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QWidget,
)

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import LayerFacts
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import ElidedLabel, EmptyState, FailureCard, Segmented
from cnnviz_gui.panels.export import Export
from cnnviz_gui.panels.layers.box import LayerBox
from cnnviz_gui.panels.layers.cell_card import CellCard
from cnnviz_gui.panels.layers.filters_box import FiltersBox
from cnnviz_gui.panels.layers.maps_box import MapsBox
from cnnviz_gui.panels.layers.picture_side import PictureSide
from cnnviz_gui.panels.layers.statistics_box import StatisticsBox
from cnnviz_gui.panels.layers.table_box import TableBox
from cnnviz_gui.panels.page import lay_out, show_problem
from cnnviz_gui.panels.places import keep_splitter
from cnnviz_gui.state import layer_view, no_maps
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.choice_words import LAYER_VIEWS
from cnnviz_gui.state.layer_words import described, summary
from cnnviz_gui.texts import tr

_BOXES: dict[str, tuple[str, Callable[[AppState], LayerBox]]] = {
    "maps": (LAYER_VIEWS["maps"], MapsBox),
    "filters": (LAYER_VIEWS["filters"], FiltersBox),
    "statistics": (LAYER_VIEWS["statistics"], StatisticsBox),
    "table": (LAYER_VIEWS["table"], TableBox),
}
"""What can be shown of a layer, by the value of ``Display.layer_view``: its word, its box."""
_NAME = 200
"""So much of the name is always seen."""
_CONCERNS = frozenset({"facts", "image", "layer", "stage", "layer_view", "finding.layer"})


class LayerPage(QWidget):
    """Header with the choice of views; below it the view, and the photograph beside it."""

    again = Signal(object)
    """The lane to compute again."""
    folder_wanted = Signal()
    """The user wants to choose the folder of ``Selection.layer_folder``."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._name = ElidedLabel("", "name")
        self._kind = ElidedLabel("", "caption", "text3")
        self._views = Segmented(tuple(LAYER_VIEWS.items()), tr("View"))
        self._views.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._views.setToolTip(tr("What of the layer is shown"))
        self._views.chosen.connect(self._on_view_chosen)
        self._options = QWidget()
        self._failure = FailureCard()
        self._failure.remedied.connect(self._on_again)
        self._stack = QStackedWidget()
        self._none = EmptyState("grid-four", "")
        self._none.acted.connect(self._on_nearest)
        self._stack.addWidget(self._none)
        self._boxes: dict[str, LayerBox] = {}
        self.side = PictureSide(state)
        cell = CellCard(state)
        cell.again.connect(self.again)
        self.side.add_card(cell)
        self.side.pointed.connect(self._on_pointed)
        self._lay_out()
        state.observe(self._on_state_changed)
        self._draw()

    def _lay_out(self) -> None:
        self._split = QSplitter()
        self._split.addWidget(self._stack)
        self._split.addWidget(self.side)
        self._split.setStretchFactor(0, 3)
        self._split.setStretchFactor(1, 2)
        self._split.setChildrenCollapsible(False)
        keep_splitter(self._split, "layers", (640, 400))
        row = QHBoxLayout(self._options)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.INSIDE)
        # At the left, where neither the name nor the options of a view move it under the hand.
        body = lay_out(self, (self._views, self._name, self._kind), (self._options,))
        body.addWidget(self._failure)
        body.addWidget(self._split, 1)

    def fit(self) -> None:
        """Show the photograph whole."""
        self.side.fit()

    def export(self) -> Export | None:
        """Return what the view in sight can give away."""
        return self._box().export()

    @Slot()
    def _on_again(self) -> None:
        self.again.emit("layer")

    @Slot()
    def _on_nearest(self) -> None:
        layer = layer_view.current_layer(self._state)
        self._state.select(layer=no_maps.nearest(self._state.shared.facts, layer))

    @Slot(object)
    def _on_view_chosen(self, view: str) -> None:
        self._state.show(layer_view=view)

    @Slot(object)
    def _on_pointed(self, cell: tuple[int, int] | None) -> None:
        self._box().mark(cell)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "layers":
            self._draw()

    def _draw(self) -> None:
        layer = layer_view.current_layer(self._state)
        why, none = layer_view.why_none(self._state.shared.facts), no_maps.why(layer)
        if why:
            self._failure.set_failure(why, tr("Saliency and the attacks need no layer."))
            self._failure.setVisible(True)
        elif none:
            self._failure.setVisible(False)
        else:
            show_problem(self._failure, self._state.finding("layer"))
        nothing = "" if self._state.shared.facts is None else tr("No layer")
        self._name.setText(layer.name if layer is not None else nothing)
        # The name gives way last: what kind of layer it is, the tree says too.
        self._name.setMinimumWidth(min(self._name.sizeHint().width(), _NAME))
        self._kind.set_texts(*(_said(layer) if layer is not None else ("",)))
        self._show_box(self._box(), none)
        self._split.setVisible(not why)
        self._views.setVisible(not why)
        self._options.setVisible(not why)

    def _box(self) -> LayerBox:
        """Return the box of the view in use, made when it is wanted first."""
        view = self._state.display.layer_view
        if view not in _BOXES:
            view = "maps"
        if view not in self._boxes:
            box = self._boxes[view] = _BOXES[view][1](self._state)
            box.hovered.connect(self.side.show_hover)
            box.again.connect(self.again)
            box.folder_wanted.connect(self.folder_wanted)
            self._stack.addWidget(box)
            if box.options is not None:
                self._options.layout().addWidget(box.options)
        return self._boxes[view]

    def _show_box(self, box: LayerBox, none: str) -> None:
        """Show a box, or why the layer has no maps where the box is that of the maps."""
        self._views.set_value(box.view)
        instead = bool(none) and box.view == "maps"
        if instead:
            near = no_maps.nearest(self._state.shared.facts, layer_view.current_layer(self._state))
            self._none.set_state("grid-four", none, tr("Show {layer}", layer=near) if near else "")
        self._put(self._none if instead else box, beside=box.beside and not none)
        # The old options go first: both at once would ask for room, and the docks would give it.
        for other in sorted(self._boxes.values(), key=lambda other: other is box):
            if other.options is not None:
                other.options.setVisible(other is box and not instead)

    def _put(self, shown: QWidget, *, beside: bool) -> None:
        """Show one part of the stack; those out of sight ask for no room, so that docks keep it."""
        ignored, usual = QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred
        if not beside:
            self.side.setVisible(False)
        parts = [self._stack.widget(place) for place in range(self._stack.count())]
        for part in sorted(parts, key=lambda part: part is shown):
            policy = usual if part is shown else ignored
            part.setSizePolicy(policy, policy)
        self._stack.setCurrentWidget(shown)
        self.side.setVisible(beside)


def _said(layer: LayerFacts) -> tuple[str, ...]:
    """Return type, kind and shape of a layer, then the same with ever less."""
    shape = fmt.shape(layer.output_shape)
    return f"{described(layer)}, {shape}", f"{summary(layer)}, {shape}", shape
