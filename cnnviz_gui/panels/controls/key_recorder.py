"""A field that takes the next key pressed, whatever that does elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QKeyCombination, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.texts import tr

_HELD = frozenset(
    {Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr}
)
_MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.ShiftModifier
    | Qt.KeyboardModifier.MetaModifier
)
_WIDTH = 250
_TEXT = 34
"""Where the words begin."""


class KeyRecorder(QWidget):
    """Listens while it has the focus: Escape ends that, Backspace clears, any other key is told."""

    pressed = Signal(str)
    """A key, as ``Ctrl+Shift+S``."""
    cleared = Signal()
    ended = Signal()
    """By Escape."""

    def __init__(self, question: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._question = question
        self._said = ""
        self._holds = False
        """Whether what is said are the modifiers that are held."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(theme.CONTROL)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(question)
        self.setAccessibleDescription(tr("Escape ends, Backspace clears"))
        self.setToolTip(tr("Escape ends, Backspace clears"))

    def begin(self) -> None:
        """Listen for a key."""
        self.say("")
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def say(self, key: str) -> None:
        """Show a key, or with an empty one what is waited for."""
        self._said, self._holds = key, False
        self.setAccessibleName(f"{self._question}: {key}" if key else self._question)
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for the question."""
        return QSize(_WIDTH, theme.CONTROL)

    def event(self, event: QEvent) -> bool:
        """Take every key before shortcuts, the focus or a dialog do."""
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._take(event)
                return True
            if event.type() == QEvent.Type.KeyRelease:
                if self._holds:
                    self._hold(event)
                return True
        return super().event(event)

    def _take(self, event: QKeyEvent) -> None:
        held, key = event.modifiers(), Qt.Key(event.key())
        if event.isAutoRepeat():
            return
        if key in _HELD:
            self._hold(event)
        elif key == Qt.Key.Key_Escape and not held:
            self.ended.emit()
        elif key == Qt.Key.Key_Backspace and not held:
            self.cleared.emit()
        elif (said := _text(event)) != "":
            self.pressed.emit(said)

    def _hold(self, event: QKeyEvent) -> None:
        """Show the modifiers that are held, as this system writes them; the question without."""
        held = event.modifiers() & _MODIFIERS
        sequence = QKeySequence(QKeyCombination(held, Qt.Key.Key_K))
        written = sequence.toString(QKeySequence.SequenceFormat.NativeText)
        self._said, self._holds = written.removesuffix("K"), True
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that it listens."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that it listens no more."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, the icon and the key or the question."""
        painter = painting.begin(self)
        listens = self.hasFocus()
        painting.box(painter, self.rect(), theme.R_CONTROL, "raised", "edge")
        if listens:
            painting.ring(painter, self.rect(), theme.R_CONTROL)
        glyph = self.rect()
        glyph.setRect(9, (self.height() - theme.ICON) // 2, theme.ICON, theme.ICON)
        icons.paint(painter, glyph, "keyboard", theme.color("accent" if listens else "text3"))
        words = self.rect().adjusted(_TEXT, 0, -8, 0)
        said, token = (self._said, "text1") if self._said else (self._question, "text2")
        painting.text(painter, words, said, "body", token)


def _text(event: QKeyEvent) -> str:
    """Return the key of an event as portable text; empty where Qt has no name for it."""
    held, key = event.modifiers(), Qt.Key(event.key())
    held &= ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.GroupSwitchModifier)
    typed = event.text()
    # Shift that only reaches a symbol, as for ? or !, is part of the symbol.
    if typed and typed.isprintable() and not typed.isalnum() and not typed.isspace():
        held &= ~Qt.KeyboardModifier.ShiftModifier
    if key == Qt.Key.Key_Enter:
        key = Qt.Key.Key_Return
    if key == Qt.Key.Key_unknown:
        return ""
    sequence = QKeySequence(QKeyCombination(held, key))
    return sequence.toString(QKeySequence.SequenceFormat.PortableText)
