"""How the layers answer to several pictures: the one in use, and all across the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import (
    BusyArc,
    Button,
    ComboBox,
    ElidedLabel,
    FailureCard,
    IconButton,
    Label,
    Notice,
)
from cnnviz_gui.panels.convert import from_qimage
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.panels.layers.activity_card import ActivityCard
from cnnviz_gui.panels.layers.box import LayerBox
from cnnviz_gui.panels.layers.network_plot import NetworkPlot
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.panels.page import show_problem
from cnnviz_gui.state import statistics_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.plan import effective_layer
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.state.statistics_view import ShownActivity

_CONCERNS = frozenset(
    {
        "facts",
        "layer",
        "stage",
        "layer_view",
        "layer_folder",
        "statistics_of",
        "finding.statistics",
    }
)


class StatisticsBox(LayerBox):
    """The layer in use at the left, plots across the network at the right."""

    view = "statistics"
    beside = False

    def __init__(self, state: AppState) -> None:
        super().__init__(state)
        self._kind = ComboBox(tr("Layers of the plot"))
        self._kind.setToolTip(tr("Which layers are plotted"))
        self._kind.setFixedWidth(168)
        self._kind.activated.connect(self._on_kind)
        self.options = self._kind
        self._offered: tuple[tuple[str, str], ...] = ()
        self._source = Button("", "folder-open")
        self._source.setToolTip(tr("Choose a folder of pictures to count over"))
        self._source.clicked.connect(self.folder_wanted)
        self._back = IconButton("x", tr("Count over the pictures at hand again"))
        self._back.clicked.connect(self._on_back)
        self._count = ElidedLabel("", "caption", "text2")
        self._busy = BusyArc()
        self._again_button = IconButton("arrow-clockwise", tr("Look at the pictures again"))
        self._again_button.clicked.connect(self._on_again)
        self._stopped = Notice()
        self._stopped.acted.connect(self._on_again)
        self._failure = FailureCard()
        self._failure.remedied.connect(self._on_remedied)
        self._card = ActivityCard()
        self._card.chosen.connect(self._on_channel)
        self._plot = NetworkPlot()
        self._plot.chosen.connect(self._on_layer)
        self._lay_out()
        state.observe(self._on_state_changed)
        state.observe(self._on_plot_concerned)
        self._draw_head()
        self._draw_plot()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.INSIDE)
        head.addWidget(Label(tr("Statistics"), "title"))
        head.addSpacing(theme.INSIDE)
        head.addWidget(self._source)
        head.addWidget(self._back)
        head.addWidget(self._count, 1)
        head.addWidget(self._busy)
        head.addWidget(self._again_button)
        sides = QHBoxLayout()
        sides.setSpacing(theme.PADDING)
        sides.addWidget(self._card, 2)
        sides.addWidget(self._plot, 5)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        add_layout(column, head)
        column.addWidget(self._failure)
        column.addWidget(self._stopped)
        add_layout(column, sides, 1)

    def export(self) -> Export | None:
        """Return the plot, and of every layer mean, deviation, zeros and dead channels."""
        import numpy as np

        shown = statistics_view.shown_activity(self._state)
        if shown is None or not shown.result.layers:
            return None
        table = [(m.mean, m.std, m.zeros, len(m.dead) / m.channels) for m in shown.result.layers]
        name = stem(self._state.selection.model.name, "statistics")
        picture = from_qimage(self._plot.grab().toImage())
        return Export(name, picture, np.asarray(table, dtype=np.float32), shown.request)

    # What the hand does

    @Slot()
    def _on_kind(self) -> None:
        self._state.show(statistics_of=self._kind.currentData())

    @Slot()
    def _on_back(self) -> None:
        self._state.select(layer_folder="")

    @Slot()
    def _on_again(self) -> None:
        self.again.emit("statistics")

    @Slot()
    def _on_remedied(self) -> None:
        if self._of_folder():
            self.folder_wanted.emit()
        else:
            self.again.emit("statistics")

    def _of_folder(self) -> bool:
        """Tell whether it is the chosen folder that cannot be counted over."""
        problem = self._state.finding("statistics").problem
        chosen = self._state.selection.layer_folder
        return bool(chosen) and problem is not None and not problem.offer

    @Slot(object)
    def _on_layer(self, name: str) -> None:
        self._state.select(layer=name)

    @Slot(object)
    def _on_channel(self, channel: int) -> None:
        self._state.select(channel=channel)

    # Drawing; two observers, so that each has a turn of the event loop to itself.

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self.in_sight():
            self._draw_head()

    def _on_plot_concerned(self, changes: Changes) -> None:
        if changes & _CONCERNS and self.in_sight():
            self._draw_plot()

    def _draw_head(self) -> None:
        state, finding = self._state, self._state.finding("statistics")
        shown = statistics_view.shown_activity(state)
        self._source.setText(statistics_view.source(state))
        self._source.updateGeometry()
        self._back.setVisible(bool(state.selection.layer_folder))
        show_problem(self._failure, finding)
        if finding.problem is not None and self._of_folder():
            problem = finding.problem
            self._failure.set_failure(
                problem.message, problem.advice, problem.details, tr("Choose a folder…")
            )
        working = finding.status in ("loading", "partial", "stale")
        self._busy.start() if working else self._busy.stop()
        self._count.setText("" if shown is None or not shown.current else _said(shown))
        self._count.set_tooltip(_skipped(shown))
        self._stopped.setVisible(finding.halted)
        if finding.halted:
            at = tr("Stopped.")
            if shown is not None:
                looked, total = shown.result.looked_at, shown.result.total
                at = tr("Stopped at {done} of {total}.", done=looked, total=total)
            self._stopped.set_stopped(at)
        self._offer_kinds()
        facts = state.shared.facts
        name = effective_layer(state.selection, facts) if facts is not None else ""
        self._card.show_layer(statistics_view.layer_activity(state), name)
        self._card.set_stale(shown is not None and not shown.current)

    def _offer_kinds(self) -> None:
        facts = self._state.shared.facts
        offered = statistics_view.kinds(facts) if facts is not None else ()
        if offered != self._offered:
            self._offered = offered
            self._kind.clear()
            for value, words in offered:
                self._kind.addItem(words, value)
        # A kind that this network does not have means every layer.
        self._kind.setCurrentIndex(max(0, self._kind.findData(self._state.display.statistics_of)))

    def _draw_plot(self) -> None:
        state, facts = self._state, self._state.shared.facts
        shown = statistics_view.shown_activity(state)
        if shown is None or facts is None:
            self._plot.set_layers(())
            return
        known = {value for value, _ in statistics_view.kinds(facts)}
        kind = state.display.statistics_of
        kind = kind if kind in known else ""
        self._plot.set_layers(statistics_view.plotted(shown.result, facts, kind))
        self._plot.set_current(effective_layer(state.selection, facts))
        self._plot.set_stale(not shown.current)


def _said(shown: ShownActivity) -> str:
    words = statistics_view.said(shown)
    if shown.complete and shown.result.seconds:
        words += f" · {fmt.duration(shown.result.seconds)}"
    return words


def _skipped(shown: ShownActivity | None) -> str:
    skipped = () if shown is None else shown.result.skipped
    return "\n".join(f"{path}: {why}" for path, why in skipped)
