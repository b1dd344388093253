"""All that is known of one network of the catalogue, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import ElidedLabel, KeyValueRows, Label
from cnnviz_gui.panels.networks.accuracy_plot import LEAST, AccuracyPlot
from cnnviz_gui.panels.networks.actions_box import ActionsBox
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.catalogue_view import Row, byline, figures
from cnnviz_gui.state.network_offer import Act, Offer, offer

WIDTH = 312


class NetworkCard(QWidget):
    """Title, figures, what works with it, where it stands among the others, and buttons."""

    open_wanted = Signal(object)
    """A ``ModelRef``."""
    second_wanted = Signal(object)
    """A ``ModelRef`` to be shown beside the one in use; None to stop comparing."""
    fetch_wanted = Signal(object, bool)
    """The name of a network whose weights are wanted, and whether to open it then."""
    cancel_wanted = Signal(object)
    """The name of a network whose download is to stop."""
    copy_wanted = Signal(object)
    """Text for the clipboard."""
    settings_wanted = Signal()

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._row: Row | None = None
        self._offer = Offer()
        self.setFixedWidth(WIDTH)
        theme.surface(self, "panel")
        self._title = ElidedLabel("", "name", "text1")
        self._byline = ElidedLabel("", "caption", "text3")
        self._figures = KeyValueRows()
        self._works = Label("", "caption", "text2", wrap=True)
        self.plot = AccuracyPlot()
        self._actions = ActionsBox()
        self._actions.acted.connect(self._on_act)
        self._actions.untrained_wanted.connect(self._on_untrained)
        self._lay_out()

    def _lay_out(self) -> None:
        told = QWidget()
        upper = QVBoxLayout(told)
        upper.setContentsMargins(theme.PADDING, theme.GAP, theme.PADDING, theme.GAP)
        upper.setSpacing(0)
        upper.addWidget(self._title)
        upper.addWidget(self._byline)
        upper.addSpacing(theme.INSIDE)
        upper.addWidget(self._figures)
        upper.addSpacing(theme.INSIDE)
        upper.addWidget(self._works)
        upper.addSpacing(theme.INSIDE)
        upper.addStretch(1)
        upper.addWidget(self.plot, 100)
        scroll = _Upper(told, self.plot)
        theme.surface(told, "panel")
        line = QFrame()
        line.setFixedHeight(1)
        theme.surface(line, "line")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(scroll, 1)
        column.addWidget(line)
        column.addWidget(self._actions)

    def show_row(self, row: Row | None) -> None:
        """Show a network; None: none fits what is looked for."""
        self._row = row
        if row is None:
            self._offer = Offer("No network fits the search.")
            self._title.setText("No network")
            self._byline.setText("")
            self._figures.set_rows([])
            self._works.hide()
        else:
            self._offer = offer(self._state, row)
            self._title.setText(row.entry.title)
            self._byline.setText(byline(row.entry))
            self._figures.set_rows(figures(row))
            said = self._what_works(row)
            self._works.setText(said)
            self._works.setVisible(bool(said))
        self.plot.set_current("" if row is None else row.entry.name)
        self._actions.show_offer(row, self._offer)

    def _what_works(self, row: Row) -> str:
        """Say what the network in use cannot serve; of the others nothing is known yet."""
        facts, methods = self._state.shared.facts, self._state.shared.methods
        if not row.use or facts is None or not methods:
            return ""
        return "\n".join([*facts.notes, what_works(methods, facts)])

    def submit(self) -> bool:
        """Do what the first button says, and tell whether there was anything to do."""
        if self._offer.first is None:
            return False
        self._on_act(self._offer.first.act)
        return True

    @Slot(object)
    def _on_act(self, act: Act) -> None:
        if self._row is None:
            return
        entry = self._row.entry
        match act:
            case "open":
                self.open_wanted.emit(ModelRef(name=entry.name))
            case "second":
                self.second_wanted.emit(ModelRef(name=entry.name))
            case "alone":
                self.second_wanted.emit(None)
            case "fetch-open" | "fetch":
                self.fetch_wanted.emit(entry.name, act == "fetch-open")
            case "cancel":
                self.cancel_wanted.emit(entry.name)
            case "copy":
                self.copy_wanted.emit(entry.install)
            case "settings":
                self.settings_wanted.emit()

    @Slot(object)
    def _on_untrained(self, seed: int) -> None:
        if self._row is not None:
            self.open_wanted.emit(ModelRef(name=self._row.entry.name, untrained=True, seed=seed))


class _Upper(QScrollArea):
    """The upper part of the card, which gives way to the lower: first the plot, then it scrolls."""

    def __init__(self, told: QWidget, plot: QWidget) -> None:
        super().__init__()
        self._plot = plot
        self.setWidget(told)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def fit(self) -> None:
        """Show the plot where there is room for it."""
        wanted = self.widget().minimumSizeHint().height()
        if not self._plot.isVisibleTo(self.widget()):
            wanted += LEAST
        self._plot.setVisible(self.viewport().height() >= wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See whether there is room for the plot."""
        super().resizeEvent(event)
        self.fit()


def what_works(methods: tuple[Method, ...], facts: ModelFacts) -> str:
    """Return which methods cannot serve a network, with the reason; one line a reason."""
    silent: dict[str, list[str]] = {}
    for method in methods:
        reason = method.needs(facts)
        if reason:
            silent.setdefault(reason, []).append(method.title)
    if not silent:
        return "All methods work with it."
    return "\n".join(f"Without {', '.join(titles)}: {why}" for why, titles in silent.items())
