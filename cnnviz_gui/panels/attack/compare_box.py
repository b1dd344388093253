"""What the views have in common that compare attacks: their list of attacks, begin, go on, open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.attack.box import AttackBox
from cnnviz_gui.panels.controls import Button, FailureCard, Notice
from cnnviz_gui.panels.heatmaps.check_menu import CheckMenu, Choice
from cnnviz_gui.panels.method_box import tooltip
from cnnviz_gui.panels.page import show_problem
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attacks_compared import Compared
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.texts import tr

_SLOW = ("score", "decision")


class AttackMenu(CheckMenu):
    """Which attacks are compared."""

    def __init__(
        self, state: AppState, compared: Compared, usual: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Attacks"), usual, parent=parent)
        self._state, self._compared = state, compared
        self.setToolTip(tr("Which attacks are compared"))
        self.toggled_one.connect(self._on_toggled)
        self.reset.connect(self._on_usual_wanted)

    def draw(self) -> None:
        """Show which are chosen, and why others cannot be."""
        state, compared = self._state, self._compared
        rows, choices = compared.methods(state), []
        for method in compared.offered(state):
            reason = compared.why_not(method, state)
            slow = method.family in _SLOW
            text = tr("{method} · takes long", method=method.title) if slow else method.title
            chosen, said = method in rows, tooltip(method, reason)
            fixed = bool(reason) and not chosen
            choices.append(Choice(method.name, text, chosen, said, fixed))
        self.set_choices(choices, len(rows), usual=not compared.chosen(state))

    @Slot(object)
    def _on_toggled(self, name: str) -> None:
        names = self._compared.toggled(self._state, name)
        self._state.select(**{self._compared.field: names})
        self.draw()

    @Slot()
    def _on_usual_wanted(self) -> None:
        self._state.select(**{self._compared.field: ()})


class CompareBox(AttackBox):
    """A view that compares attacks once it is told to begin."""

    one_attack = False
    compared: ClassVar[Compared]
    concerns: ClassVar[frozenset[str]]
    """Changes after which it looks different."""

    def __init__(self, state: AppState, choice: Callable[[AppState, int], Any]) -> None:
        super().__init__(state)
        self._choice = choice
        self._left_out = Notice()
        self._failure = FailureCard()
        self._failure.remedied.connect(self._on_again)

    def _begin(self) -> None:
        """Follow state and theme from now on; called when all is laid out."""
        theme.notifier.changed.connect(self._on_theme_changed)
        self._state.observe(self._on_state_changed)
        self._draw()

    @Slot()
    def _on_again(self) -> None:
        self.again.emit(self.compared.lane)

    @Slot()
    def _on_start(self) -> None:
        """Begin, or go on where the user stopped."""
        if getattr(self._state.selection, self.compared.started):
            self.again.emit(self.compared.lane)
        self._state.select(**{self.compared.started: True})

    def _invitation(self, button: Button) -> str:
        """Return the word of the button in an empty view: that of ``button``, if it can be used."""
        return button.text() if button.isEnabled() and not button.isHidden() else ""

    @Slot(int)
    def _on_chosen(self, place: int) -> None:
        """Show the pictures of a row, made as it was."""
        changes = self._choice(self._state, place)
        if changes is not None:
            self._state.select(**changes)
            self._state.show(attack_view="picture")

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & self.concerns and self.in_sight():
            self._draw()

    def _draw_notes(self) -> None:
        """Tell what failed, and which attacks are left out."""
        started = getattr(self._state.selection, self.compared.started)
        finding = self._state.finding(self.compared.lane)
        show_problem(self._failure, finding if started else Finding())
        out = self.compared.left_out(self._state)
        self._left_out.setVisible(bool(out))
        if out:
            self._left_out.set_notice(out)

    @Slot()
    def _on_theme_changed(self) -> None:
        self._draw()

    def _draw(self) -> None:
        raise NotImplementedError
