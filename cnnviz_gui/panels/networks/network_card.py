"""All that is known of one network of the catalogue, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import ElidedLabel, KeyValueRows, Label, window_parts
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.panels.networks.accuracy_plot import LEAST, MOST, AccuracyPlot
from cnnviz_gui.panels.networks.actions_box import ActionsBox
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.catalogue_view import Row, byline, figures, what_is_lacking
from cnnviz_gui.state.network_offer import Act, Offer, offer
from cnnviz_gui.texts import tr

WIDTH = 312
_OTHERS = 430
"""Height that figures and buttons usually take; the plot has what is left."""
_LEAST_TOLD = 60


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
        upper.addWidget(self._works)
        upper.addSpacing(4)
        upper.addWidget(self._figures)
        upper.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(told)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setMinimumHeight(_LEAST_TOLD)
        theme.surface(told, "panel")
        self._foot = QWidget()
        foot = QVBoxLayout(self._foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(0)
        below = QVBoxLayout()
        below.setContentsMargins(theme.PADDING, theme.GAP, theme.PADDING, theme.GAP)
        below.addWidget(self.plot)
        foot.addWidget(window_parts.line())
        add_layout(foot, below)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(scroll, 1)
        column.addWidget(window_parts.line())
        column.addWidget(self._actions)
        column.addWidget(self._foot)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the plot its place at the foot: the card's height decides, never what it shows."""
        super().resizeEvent(event)
        room = self.height() - _OTHERS
        self.plot.setFixedHeight(min(max(room, LEAST), MOST))
        self._give_way()

    def event(self, event: QEvent) -> bool:
        """See what there is room for once the details of a failure are unfolded."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._give_way()
        return super().event(event)

    def _give_way(self) -> None:
        """Leave out the plot on a low card, or where the buttons would leave nothing else."""
        height, actions = self.height(), self._actions.heightForWidth(self.width())
        room = height - actions - self._foot.sizeHint().height()
        self._foot.setVisible(height >= _OTHERS + LEAST and room >= _LEAST_TOLD)

    def show_row(self, row: Row | None) -> None:
        """Show a network; None: none fits what is looked for."""
        self._row = row
        if row is None:
            self._offer = Offer(tr("No network fits the search."))
            self._title.setText(tr("No network"))
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
        """Say what cannot serve the network; of one not in use, as far as that is known."""
        shared = self._state.shared
        facts = shared.second_facts if row.use == "second" else shared.facts
        methods = shared.methods
        if not row.use or facts is None or not methods:
            return what_is_lacking(row.entry, methods)
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


def what_works(methods: tuple[Method, ...], facts: ModelFacts) -> str:
    """Return which methods cannot serve a network, with the reason; one line a reason."""
    silent: dict[str, list[str]] = {}
    for method in methods:
        reason = method.needs(facts)
        if reason:
            silent.setdefault(reason, []).append(method.title)
    if not silent:
        return tr("All methods work with it.")
    return "\n".join(
        tr("Without {methods}: {reason}", methods=", ".join(titles), reason=why)
        for why, titles in silent.items()
    )
