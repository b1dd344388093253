"""What is chosen of the grid of heat maps: its rows, its columns, its colour scale."""

from __future__ import annotations

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.class_picker import ClassPopup
from cnnviz_gui.panels.controls import Label, Segmented
from cnnviz_gui.panels.heatmaps.check_menu import CheckMenu, Choice
from cnnviz_gui.panels.method_box import tooltip
from cnnviz_gui.state import grid_plan, grid_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.choice_words import GRID_SCALES
from cnnviz_gui.texts import tr

_WAYS = {"classes": tr("Classes"), "layers": tr("Layers"), "networks": tr("Networks")}
_BEST = tr("The most probable")
_LISTED = 5


class GridTools(QWidget):
    """A row of choices; the box of the grid draws it."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._methods = CheckMenu(tr("Methods"), tr("The quick ones"))
        self._methods.setToolTip(tr("Which methods are the rows"))
        self._methods.toggled_one.connect(self._on_method)
        self._methods.reset.connect(self._on_usual_methods)
        self._classes = CheckMenu(tr("Classes"), _BEST, tr("Another class …"))
        self._classes.setToolTip(tr("Which classes are the columns, beside the target"))
        self._classes.toggled_one.connect(self._on_class)
        self._classes.reset.connect(self._on_usual_classes)
        self._classes.more.connect(self._on_more_classes)
        self._layers = CheckMenu(tr("Layers"), tr("The last at each resolution"))
        self._layers.setToolTip(tr("Which layers are the columns"))
        self._layers.toggled_one.connect(self._on_layer)
        self._layers.reset.connect(self._on_usual_layers)
        self._ways = Segmented((), tr("Columns"))
        self._ways.setToolTip(tr("What the columns are"))
        self._ways.chosen.connect(self._on_way)
        self._offered: tuple[str, ...] = ()
        self._scale = Segmented(tuple(GRID_SCALES.items()), tr("Colour scale"))
        self._scale.setToolTip(
            tr(
                "Own scale: each map reaches the last colour.\nRow scale: the maps of a method"
                " can be compared with one another."
            )
        )
        self._scale.chosen.connect(self._on_scale)
        for choice in (self._ways, self._scale):
            choice.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._popup: ClassPopup | None = None
        self._progress = Label("", "caption", "text2")
        self._choices = _row(self._methods, self._ways, self._classes, self._layers)
        self._choices.layout().addStretch(1)
        self._rest = _row(self._progress, self._scale)
        self._rest.layout().insertStretch(0, 1)
        self._rows = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(theme.INSIDE)
        self._rows.addWidget(self._choices, 1)
        self._rows.addWidget(self._rest)

    def minimumSizeHint(self) -> QSize:
        """Return the least size: that of two rows, so that the docks need not give way."""
        height = self._rows.totalMinimumSize().height()
        parts = (self._choices, self._rest)
        return QSize(max(part.minimumSizeHint().width() for part in parts), height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take a second row where one is too short."""
        super().resizeEvent(event)
        self._break()

    def _break(self) -> None:
        parts = (self._choices, self._rest)
        needed = sum(part.minimumSizeHint().width() for part in parts) + theme.INSIDE
        ways = QBoxLayout.Direction
        self._rows.setDirection(ways.LeftToRight if needed <= self.width() else ways.TopToBottom)

    def draw(self) -> None:
        """Show what is chosen."""
        state, way = self._state, grid_plan.across(self._state)
        offered = grid_plan.ways(state)
        if offered != self._offered:
            self._offered = offered
            self._ways.set_options([(one, _WAYS[one]) for one in offered])
        self._ways.set_value(way)
        self._ways.setVisible(len(offered) > 1)
        self._scale.set_value(state.display.grid_scale)
        self._progress.setText(grid_view.progress(state))
        self._draw_methods()
        # What goes makes room before what comes, or the docks would give way for good.
        lists = {self._classes: way == "classes", self._layers: way == "layers"}
        for choice, visible in sorted(lists.items(), key=lambda one: one[1]):
            choice.setVisible(visible)
        if way == "classes":
            self._draw_classes()
        elif way == "layers":
            self._draw_layers()
        self._break()

    def _draw_methods(self) -> None:
        state, rows = self._state, grid_plan.methods(self._state)
        choices = []
        for method in grid_plan.methods_offered(state):
            reason = grid_plan.why_not(method, state)
            chosen = method in rows
            said = tooltip(method, reason)
            title = method.title
            text = tr("{method} · takes long", method=title) if method.gathers else title
            fixed = bool(reason) and not chosen
            choices.append(Choice(method.name, text, chosen, said, fixed))
        self._methods.set_choices(choices, len(rows), usual=not state.selection.grid_methods)

    def _draw_classes(self) -> None:
        state, facts = self._state, self._state.shared.facts
        shown, target = grid_plan.classes(state), state.selection.target
        best = {score.index: score.probability for score in grid_plan.predicted(state)[:_LISTED]}
        choices = []
        for index in dict.fromkeys((*best, *shown)):
            label = facts.labels[index] if facts is not None else ""
            share = f"   {fmt.percent(best[index])}" if index in best else ""
            fixed = index == target
            said = tr("The target, which is always shown") if fixed else ""
            choices.append(Choice(index, f"{label}{share}", index in shown, said, fixed))
        self._classes.set_choices(choices, len(shown), usual=not state.selection.grid_classes)

    def _draw_layers(self) -> None:
        state, facts = self._state, self._state.shared.facts
        shown = grid_plan.layers(state)
        choices = []
        for name in grid_plan.layers_offered(facts) if facts is not None else ():
            layer = facts.layer(name) if facts is not None else None
            size = "" if layer is None else f"   {fmt.shape(layer.output_shape)}"
            choices.append(Choice(name, f"{name}{size}", name in shown))
        self._layers.set_choices(choices, len(shown), usual=not state.selection.grid_layers)

    @Slot(object)
    def _on_method(self, name: str) -> None:
        self._state.select(grid_methods=grid_plan.with_method(self._state, name))
        self._draw_methods()

    @Slot()
    def _on_usual_methods(self) -> None:
        self._state.select(grid_methods=())

    @Slot(object)
    def _on_class(self, index: int) -> None:
        self._state.select(grid_classes=grid_plan.with_class(self._state, index))
        self._draw_classes()

    @Slot()
    def _on_usual_classes(self) -> None:
        self._state.select(grid_classes=())

    @Slot()
    def _on_more_classes(self) -> None:
        facts = self._state.shared.facts
        if facts is None:
            return
        if self._popup is None:
            self._popup = ClassPopup(self._classes, _BEST)
            self._popup.picked.connect(self._on_class_picked)
        self._popup.model.set_labels(facts.labels)
        self._popup.open_at(self._classes, None)

    @Slot(object)
    def _on_class_picked(self, index: int | None) -> None:
        if index is None:
            self._on_usual_classes()
        elif index not in grid_plan.classes(self._state):
            self._on_class(index)

    @Slot(object)
    def _on_layer(self, name: str) -> None:
        self._state.select(grid_layers=grid_plan.with_layer(self._state, name))
        self._draw_layers()

    @Slot()
    def _on_usual_layers(self) -> None:
        self._state.select(grid_layers=())

    @Slot(object)
    def _on_way(self, way: str) -> None:
        self._state.select(grid_across=way)

    @Slot(object)
    def _on_scale(self, scale: str) -> None:
        self._state.show(grid_scale=scale)


def _row(*widgets: QWidget) -> QWidget:
    """Put controls in a row of their own."""
    part = QWidget()
    row = QHBoxLayout(part)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.INSIDE)
    for widget in widgets:
        row.addWidget(widget)
    return part
