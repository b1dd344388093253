"""Whether the adversarial image of one network fools the other too."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Card, ElidedLabel, IconLabel
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.panels.pane_feed import pane_state
from cnnviz_gui.state import attack_view, comparison_view, prediction_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.comparison_view import Verdict
from cnnviz_gui.texts import tr

_CONCERNS = frozenset(
    {
        "stage",
        "attack_view",
        "facts",
        "second_facts",
        "image",
        "target",
        "attack_method",
        "attack_parameters",
        "attack_scaled",
        "attack_scale",
        "attack_started",
        "finding.predict",
        "finding.attack",
        "finding.sweep",
        "finding.attack-transfer",
    }
)
_WAITING = tr("attack it to see")
_LINE = 22


class TransferCard(Card):
    """A line a network: fooled or not, and how far its winners moved. Hidden without a second."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(tr("Transfer"), " ", parent)
        self._state = state
        self._lines = (_Line(), _Line())
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.INSIDE)
        grid.setVerticalSpacing(0)
        for place, line in enumerate(self._lines):
            line.put_into(grid, place)
        self.body.setSpacing(4)
        self.body.setContentsMargins(theme.PADDING, 10, theme.PADDING, 10)
        add_layout(self.body, grid)
        state.observe(self._on_state_changed)
        self._draw()

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and attack_view.in_pictures(self._state):
            self._draw()

    def _draw(self) -> None:
        state = self._state
        self.setVisible(comparison_view.comparing(state))
        if not comparison_view.comparing(state):
            return
        names, short = comparison_view.names(state), comparison_view.short_names(state)
        attack, transfer = (
            prediction_view.attack_on_screen(state),
            comparison_view.shown_transfer(state),
        )
        if attack is None:
            self._lines[0].wait(comparison_view.waiting(names[0], short[0], _WAITING))
        else:
            found = comparison_view.verdict(names[0], attack.result)
            self._lines[0].tell(found, short[0], stale=not attack.current or attack.unfinished)
        if transfer is not None and attack is not None:
            found = comparison_view.verdict(names[1], transfer.result)
            self._lines[1].tell(found, short[1], stale=not transfer.current)
        else:
            why = self._why(attack is not None)
            self._lines[1].wait(comparison_view.waiting(names[1], short[1], why))
        parts = [] if attack is None else [tr("made on {network}", network=names[0])]
        if transfer is not None:
            parts.append(transfer.result.resized)
        if attack is not None and transfer is not None and transfer.result.target is None:
            goal = attack.result.target
            parts.append(
                ""
                if goal is None
                else tr("{network} has no class {label}", network=names[1], label=goal.label)
            )
        self.caption.setText(", ".join(filter(None, parts)) or " ")

    def _why(self, attacked: bool) -> str:
        """Return why nothing is known of the second network."""
        if not attacked:
            return _WAITING
        state, message = pane_state(self._state.finding("attack-transfer"), False)
        return message or ("…" if state == "loading" else "")


class _Line:
    """One network: icon, verdict, and how far the classes that matter moved."""

    def __init__(self) -> None:
        self._icon = IconLabel("info", "text3")
        self._verdict = ElidedLabel("", "strong", "text1")
        self._changes = tuple(ElidedLabel("", "caption", "text2") for _ in range(2))
        for label in self._changes:
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def put_into(self, grid: QGridLayout, row: int) -> None:
        """Take a row of a grid."""
        grid.addWidget(self._icon, row, 0)
        grid.setRowMinimumHeight(row, _LINE)
        for column, label in enumerate((self._verdict, *self._changes), 1):
            grid.addWidget(label, row, column)
        grid.setColumnStretch(1, 1)

    def wait(self, said: tuple[str, ...]) -> None:
        """Say that nothing is known yet."""
        self._icon.set_icon("info", "text3")
        self._verdict.set_texts(*said)
        self._verdict.set_tone("text2")
        for label in self._changes:
            label.setText("")

    def tell(self, found: Verdict, short: str, *, stale: bool) -> None:
        """Say what is known; that of a former epsilon is dimmed."""
        fooled = ("check-circle", "success") if found.fooled else ("x-circle", "text2")
        self._icon.set_icon(fooled[0], "text3" if stale else fooled[1])
        self._verdict.set_texts(*found.sentences(short))
        self._verdict.set_tone("text3" if stale else "text1")
        said = [
            f"{c.label} {fmt.percent(c.before)} → {fmt.percent(c.after)}" for c in found.changes
        ]
        for label, text in zip(self._changes, [*said, ""], strict=False):
            label.setText(text)
        for label in self._changes:
            label.set_tone("text3" if stale else "text2")
