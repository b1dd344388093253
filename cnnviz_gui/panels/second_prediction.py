"""What a second network sees in the same picture, and whether the two agree."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import ElidedLabel, IconLabel, Label
from cnnviz_gui.panels.score_bars import ScoreBars
from cnnviz_gui.state import comparison_view, prediction_view, trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.texts import tr

_CONCERNS = frozenset(
    {
        "facts",
        "second",
        "second_facts",
        "target",
        "stage",
        "image",
        "attack_started",
        "attack_parameters",
        "attack_scaled",
        "attack_scale",
        "finding.predict",
        "finding.attack",
        "finding.predict-second",
        "finding.attack-transfer",
    }
)
_UNTRAINED = tr("Random weights: what this network says means nothing.")


class NetworkHeading(QWidget):
    """The name of a network over its classes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ElidedLabel("", "strong", "text1")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 2)
        row.setSpacing(6)
        row.addWidget(IconLabel("cube", "text3"))
        row.addWidget(self._name, 1)

    def set_name(self, name: str, *, trained: bool) -> None:
        """Show a name; that of an untrained network in the colour of a warning."""
        self._name.setText(name)
        self._name.set_tone("text1" if trained else "warning")
        self._name.set_tooltip("" if trained else f"{name}\n{_UNTRAINED}")


class Agreement(QWidget):
    """One line: whether both networks see the same class."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._icon = IconLabel("check-circle", "success", 14)
        self._text = ElidedLabel("", "caption", "text2")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 4)
        row.setSpacing(6)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        state.observe(self._on_state_changed)
        self._draw()

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS:
            self._draw()

    def _draw(self) -> None:
        found = comparison_view.agreement(self._state)
        shown = comparison_view.comparing(self._state) and found is not None
        self.setVisible(shown)
        if not shown or found is None:
            return
        agree, said = found
        self._icon.set_icon(*(("check-circle", "success") if agree else ("info", "text2")))
        self._text.setText(said)


class SecondPrediction(QWidget):
    """Name and bars of the second network; hidden while there is none."""

    chosen = Signal(object)
    """The index of the class the user clicked."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._heading = NetworkHeading()
        self._problem = Label("", "body", "error", wrap=True)
        self._bars = ScoreBars()
        self._bars.set_dense(True)
        self._bars.chosen.connect(self._on_chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.INSIDE, 0, 0)
        column.setSpacing(2)
        for widget in (self._heading, self._problem, self._bars):
            column.addWidget(widget)
        state.observe(self._on_state_changed)
        self._draw()

    @Slot(object)
    def _on_chosen(self, index: int) -> None:
        self.chosen.emit(index)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS:
            self._draw()

    def _draw(self) -> None:
        state = self._state
        facts = state.shared.second_facts
        shown = comparison_view.comparing(state)
        self.setVisible(shown)
        if not shown or facts is None:
            return
        self._heading.set_name(comparison_view.names(state)[1], trained=facts.trained)
        finding = state.finding("predict-second")
        problem = finding.problem
        nameless = trust.nameless(facts)
        said = f"{problem.message} {problem.advice}" if problem else ""
        self._problem.setText(said or (trust.warning(facts) if nameless else ""))
        self._problem.set_tone("error" if said else "warning")
        self._problem.setVisible(bool(said) or nameless)
        known = comparison_view.clickable(state)
        target, winner = state.selection.target, prediction_view.winner(state)
        aimed = target if target is not None else winner.index if winner else None
        stale = finding.status in ("stale", "failed")
        transfer = comparison_view.shown_transfer(state)
        if state.selection.stage == "attack" and transfer is not None:
            stale = not transfer.current
        self._bars.set_clickable(known)
        rows = () if nameless else comparison_view.second_rows(state)
        self._bars.set_rows(rows, target=aimed if known else None, stale=stale)
