"""What is chosen of the borders: classes or attacks, which attacks; and to begin."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from cnnviz_gui.core.race_requests import NORMS
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.attack.compare_box import AttackMenu
from cnnviz_gui.panels.controls import Button, ElidedLabel, Segmented
from cnnviz_gui.panels.key_tip import key_tip
from cnnviz_gui.state import border_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.border_plan import COMPARED
from cnnviz_gui.state.choice_words import BORDER_WAYS
from cnnviz_gui.texts import tr

_NORMS = tuple(NORMS.items())


class BorderTools(QWidget):
    """A row of choices; the box of the borders draws it."""

    started = Signal()
    """The user wants to begin, or to go on."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.ways = Segmented(tuple(BORDER_WAYS.items()), tr("What the bars are"))
        self.ways.setToolTip(
            tr(
                "Classes: how near each of the likeliest classes is to the attack in use."
                "\nAttacks: how near each attack brings the border."
            )
        )
        self.ways.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.ways.chosen.connect(self._on_way)
        self.attacks = AttackMenu(state, COMPARED, tr("The quick ones"))
        self.attacks.reset.connect(self._on_usual_wanted)
        self.norms = Segmented(_NORMS, tr("Norm in which the attacks are compared"))
        self.norms.setToolTip(tr("How the perturbations of all attacks are measured"))
        self.norms.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.norms.chosen.connect(self._on_norm)
        self._progress = ElidedLabel("", "caption", "text2")
        self.start = Button(tr("Find the borders"), "magnifying-glass", "primary")
        key_tip(
            self.start, tr("Find the smallest epsilon of each row by doubling and halving"), "start"
        )
        self.start.clicked.connect(self.started)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.INSIDE)
        for widget in (self.ways, self.attacks, self.norms):
            row.addWidget(widget)
        row.addWidget(self._progress, 1)
        row.addWidget(self.start)
        self.setFixedHeight(theme.CONTROL)

    def draw(self) -> None:
        """Show what is chosen, and how far the search is."""
        state = self._state
        self.ways.set_value(state.selection.borders_by)
        for widget in (self.attacks, self.norms):
            widget.setVisible(state.selection.borders_by == "attacks")
        self.norms.set_value(state.selection.borders_norm)
        self.attacks.draw()
        self._progress.setText(border_view.progress(state))
        started, halted = state.selection.borders_started, COMPARED.halted(state)
        self.start.setText(tr("Continue") if halted else tr("Find the borders"))
        self.start.setVisible(halted or not started)

    @Slot(object)
    def _on_way(self, way: str) -> None:
        if way != self._state.selection.borders_by:
            self._state.select(borders_by=way, borders_with=self._state.selection.attack_method)

    @Slot(object)
    def _on_norm(self, norm: str) -> None:
        self._state.select(borders_norm=norm)

    @Slot()
    def _on_usual_wanted(self) -> None:
        """Take the attack in use among the usual ones as it is now."""
        self._state.select(borders_with=self._state.selection.attack_method)
