"""A button that drops a list of which several can be chosen."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

from cnnviz_gui.panels.controls import Button
from cnnviz_gui.texts import tr

_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the list."""

    key: Hashable
    text: str
    chosen: bool
    tooltip: str = ""
    fixed: bool = False
    """It cannot be changed here; the tooltip says why."""


class CheckMenu(Button):
    """Says how many are chosen; the list stays open while one chooses.

    Parameters
    ----------
    word
        What there are several of.
    usual
        What is chosen where the user has not chosen.
    more
        The last line, for what is not listed; empty for none.
    """

    toggled_one = Signal(object)
    """The key of the line that the user chose, or chose no longer."""
    reset = Signal()
    """The user wants what is usual."""
    more = Signal()
    """The user wants what is not listed."""

    def __init__(
        self, word: str, usual: str, more: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(word, "caret-down", parent=parent)
        self._word = word
        self.menu_ = QMenu(self)
        self.menu_.setAccessibleName(word)
        self.menu_.setToolTipsVisible(True)
        self.menu_.setStyleSheet("QMenu { menu-scrollable: 1; }")  # rather than a second column
        self.menu_.installEventFilter(self)
        self._usual = self.menu_.addAction(usual)
        self._usual.setCheckable(True)
        self._usual.triggered.connect(self._on_usual)
        self.menu_.addSeparator()
        self._end = self.menu_.addSeparator()
        self._more = self.menu_.addAction(more)
        self._more.triggered.connect(self.more)
        self._more.setVisible(bool(more))
        self._actions: dict[Hashable, QAction] = {}
        self.clicked.connect(self._on_clicked)

    def set_choices(self, choices: Sequence[Choice], count: int, *, usual: bool) -> None:
        """Show the lines; ``count`` are chosen in all, ``usual`` tells that nobody chose them."""
        keys = [choice.key for choice in choices]
        if keys != list(self._actions):
            for action in self._actions.values():
                self.menu_.removeAction(action)
                action.deleteLater()  # its parent, the menu, would keep it
            self._actions = {key: self._line(key) for key in keys}
        for choice in choices:
            action = self._actions[choice.key]
            action.setText(choice.text.replace("&", "&&"))
            action.setChecked(choice.chosen)
            action.setEnabled(not choice.fixed)
            action.setToolTip(choice.tooltip)
        self._usual.setChecked(usual)
        self.setText(f"{self._word} {count}")
        self.setAccessibleName(tr("{word}: {count} chosen", word=self._word, count=count))
        self.updateGeometry()

    def _line(self, key: Hashable) -> QAction:
        action = QAction(self.menu_)
        action.setCheckable(True)
        action.setData(key)
        action.triggered.connect(self._on_triggered)
        self.menu_.insertAction(self._end, action)
        return action

    @Slot()
    def _on_clicked(self) -> None:
        self.menu_.popup(self.mapToGlobal(self.rect().bottomLeft()))

    @Slot()
    def _on_usual(self) -> None:
        self._usual.setChecked(True)
        self.reset.emit()

    @Slot()
    def _on_triggered(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.toggled_one.emit(action.data())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let a line be chosen without closing the list."""
        chosen = self.menu_.activeAction()
        click = isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonRelease
        pressed = event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
        key = pressed and event.key() in _KEYS
        if (click or key) and chosen is not None and chosen.isCheckable() and chosen.isEnabled():
            chosen.trigger()
            return True
        return super().eventFilter(watched, event)
