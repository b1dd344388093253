"""Keys that a control takes before the window does, and where they go when it is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractButton as _Base
else:  # Qt has its button once already, in the class that stands behind
    _Base = object

_RETURN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


def asks_for_escape(event: QEvent) -> bool:
    """Tell whether Qt asks the control in focus for Escape before a shortcut of the window."""
    return (
        event.type() == QEvent.Type.ShortcutOverride
        and isinstance(event, QKeyEvent)
        and event.key() == Qt.Key.Key_Escape
    )


class Keyed(_Base):
    """What every button shares: Return presses it as Space does, and it may have heirs.

    Stands before the class of Qt that a button is.
    """

    heirs: tuple[QWidget, ...] = ()
    """What gets the focus, the first that is there, when the button goes with the focus on it.

    Where the button has none, those of what it is in.
    """
    by_mouse = False
    """The button has the focus because it was clicked."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Note whether it came by the mouse; a click is not to move a ring to somewhere else."""
        self.by_mouse = event.reason() == Qt.FocusReason.MouseFocusReason
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press the button with Return, too."""
        if event.key() not in _RETURN or event.modifiers() not in _PLAIN:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.click()
