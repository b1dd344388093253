"""The page of attacks: method and target above, and below them the view in use."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.attack.aim_row import AimRow
from cnnviz_gui.panels.attack.border_box import BorderBox
from cnnviz_gui.panels.attack.box import AttackBox
from cnnviz_gui.panels.attack.defence_box import DefenceBox
from cnnviz_gui.panels.attack.folder_box import FolderBox
from cnnviz_gui.panels.attack.picture_box import PictureBox
from cnnviz_gui.panels.attack.race_box import RaceBox
from cnnviz_gui.panels.attack.steps_box import StepsBox
from cnnviz_gui.panels.controls import Button, FailureCard
from cnnviz_gui.panels.folder.page import FolderPage
from cnnviz_gui.panels.key_tip import key_tip
from cnnviz_gui.panels.method_box import MethodBox
from cnnviz_gui.panels.page import lay_out, show_problem
from cnnviz_gui.state import attack_view, resting
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.choice_words import ATTACK_VIEWS
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.texts import ptr, tr

_BOXES: dict[str, tuple[str, Callable[[AppState], AttackBox]]] = {
    "picture": (ATTACK_VIEWS["picture"], PictureBox),
    "steps": (ATTACK_VIEWS["steps"], StepsBox),
    "borders": (ATTACK_VIEWS["borders"], BorderBox),
    "race": (ATTACK_VIEWS["race"], RaceBox),
    "defences": (ATTACK_VIEWS["defences"], DefenceBox),
    "folder": (ATTACK_VIEWS["folder"], FolderBox),
}
"""How attacks can be looked at, by the value of ``Display.attack_view``: its word, its box."""
_METHOD = 128
_ICON = "lightning"
_SHORT = {tr("Attack again"): tr("Again")}
"""Words of the button where the row is full."""
_UNBOUND = (1 << 24) - 1
"""The width that Qt bounds a widget to which has no bound."""
_CONCERNS = frozenset(
    {
        *("facts", "image", "target", "stage", "methods", "attack_method", "attack_parameters"),
        *("attack_started", "attack_scaled", "attack_view"),
        *("finding.predict", "finding.attack", "finding.sweep", "finding.attack-steps"),
    }
)


class AttackPage(FolderPage[AttackBox]):
    """Method, target, and the view in use."""

    race_wanted = Signal()
    """The user wants the table of a race as a file."""
    steps_wanted = Signal()
    """The user wants the table of an attack's steps as a file."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(state, "attack_view", _BOXES, tr("How attacks are looked at"), parent)
        self._views.chooser.give_way()
        self._views.chooser.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._method = MethodBox(state, "attack", least=_METHOD)
        self._aim = AimRow(state)
        self._start = Button(ptr("button", "Attack"), _ICON, "primary")
        self._start.clicked.connect(self._on_start)
        self._failure = FailureCard()
        self._failure.remedied.connect(self._on_again)
        self._start.setText(resting.button(self._state) or ptr("button", "Attack"))
        tools = (self._views.chooser, self._method, self._aim)
        body = lay_out(self, tools, (self._views.options, self._start))
        body.addWidget(self._failure)
        body.addWidget(self._views, 1)
        self._start.heirs = self._failure.heirs = (self._views,)
        state.observe(self._on_state_changed)
        self._draw()

    @Slot()
    def _on_again(self) -> None:
        self.again.emit("attack")

    @Slot()
    def _on_start(self) -> None:
        """Begin, or go on where the user stopped; what was computed is not computed again."""
        resting.begin(self._state, self.again.emit)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "attack":
            self._draw()

    def _draw(self) -> None:
        state = self._state
        self._aim.draw()
        one = self._views.box.one_attack
        # A race is of attacks that its own list chooses.
        self._method.setVisible(state.display.attack_view != "race")
        started = state.selection.attack_started
        # A heat map alone is no reason: it may not be wanted any more.
        rests = resting.button(state)
        key_tip(self._start, attack_view.button_tip(state), "start")
        self._start.setVisible(one and (bool(rests) or not started))
        show_problem(self._failure, state.finding("attack") if one else Finding())
        self._views.show_chosen()
        self._share_row()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the row of tools anew."""
        super().resizeEvent(event)
        self._share_row()

    def _share_row(self) -> None:
        """Leave the aim its room beside the button to go on: what stands between says less."""
        word, options = resting.button(self._state), self._views.options
        self._start.setText(word or ptr("button", "Attack"))
        self._start.set_icon(_ICON)
        tools = (self._views.chooser, self._method, self._aim, options, self._start)
        room = self.width() - 2 * theme.PADDING - len(tools) * theme.INSIDE
        shown = bool(word) and not self._start.isHidden()
        crowded = shown and sum(tool.sizeHint().width() for tool in tools) > room
        options.setMaximumWidth(options.minimumSizeHint().width() if crowded else _UNBOUND)

        def full() -> bool:
            # the chooser gives way last
            least = sum(tool.minimumSizeHint().width() for tool in tools[1:])
            return shown and self._views.chooser.sizeHint().width() + least > room

        if full():
            self._start.setText(_SHORT.get(word, word))
        if full():
            self._start.set_icon("")

    def _connect(self, box: AttackBox) -> None:
        super()._connect(box)
        if isinstance(box, RaceBox):
            box.table_wanted.connect(self.race_wanted)
        if isinstance(box, StepsBox):
            box.table_wanted.connect(self.steps_wanted)
