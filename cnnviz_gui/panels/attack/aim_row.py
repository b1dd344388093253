"""What an attack leaves and what it is to reach, beside its settings in a line."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Chip, ElidedLabel, IconLabel
from cnnviz_gui.state import attack_view, prediction_view, trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.texts import tr

_EAGER = 100
"""How it takes room."""


class AimRow(QWidget):
    """Chips of both classes and the summary.

    The summary says less before it goes. In a small window all of it is left out, before the docks
    would give way: the predictions and the captions of the pictures name the same classes.
    """

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        self.leaves = Chip("tag", "", "clean")
        self._arrow = IconLabel("arrow-right", "text3")
        self.reaches = Chip("crosshair", "", "target")
        self.summary = ElidedLabel("", "caption", "text2")
        self.summary.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._targeted = False
        self._inside = QWidget(self)
        row = QHBoxLayout(self._inside)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.INSIDE)
        for widget in (self.leaves, self._arrow, self.reaches):
            row.addWidget(widget)
        row.addWidget(self.summary, _EAGER)
        row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def showEvent(self, event: QShowEvent) -> None:
        """Take the room that the other tools leave before it goes to nobody."""
        super().showEvent(event)
        self.parentWidget().layout().setStretchFactor(self, _EAGER)

    def sizeHint(self) -> QSize:
        """Return the room that all of it would take."""
        width = self._chips() + theme.INSIDE + self.summary.sizeHint().width()
        return QSize(width, self._inside.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Ask for no room of its own."""
        return QSize(0, self._inside.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show what there is room for, or nothing."""
        super().resizeEvent(event)
        self._fit()

    def draw(self) -> None:
        """Name the class to leave and, where there is one, the class to reach."""
        state = self._state
        winner = prediction_view.winner(state)
        facts, target = state.shared.facts, state.selection.target
        named = winner is not None and not trust.nameless(facts)
        of_each = state.selection.stage == "attack" and state.display.attack_view == "folder"
        said = tr("class of each") if of_each else winner.label if winner and named else "–"
        self.leaves.set_chip("tag", said, "clean")
        elsewhere = of_each or winner is None or winner.index != target
        self._targeted = facts is not None and target is not None and elsewhere
        reached = facts.labels[target] if self._targeted else ""
        self.reaches.set_chip("crosshair", reached, "target")
        for widget in (self._arrow, self.reaches):
            widget.setVisible(self._targeted)
        self.summary.set_texts(*attack_view.summary(state))
        self.updateGeometry()
        self._fit()

    def _chips(self) -> int:
        """Return the width of the chips in full."""
        shown = (self.leaves, self._arrow, self.reaches) if self._targeted else (self.leaves,)
        return sum(one.sizeHint().width() + theme.INSIDE for one in shown) - theme.INSIDE

    def _fit(self) -> None:
        left = self.width() - self._chips()
        self._inside.setVisible(left >= 0)
        least = self.summary.least_width()
        self.summary.setVisible(least > 0 and left >= theme.INSIDE + least)
        self._inside.setGeometry(self.rect())
