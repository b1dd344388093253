"""The button in the status strip that opens the list of notifications, with what is new in it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.controls.keys import Keyed
from cnnviz_gui.state.chronicle import Level
from cnnviz_gui.texts import ntr, tr

_GLYPH = 14
_MOST = 99
_TOKENS: dict[Level, str] = {"info": "text2", "warning": "warning", "error": "error"}


class Bell(Keyed, QAbstractButton):
    """A bell, and how many warnings and errors came since the list was looked at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self._level: Level = "info"
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._name()

    def set_new(self, count: int, level: Level) -> None:
        """Show how many are new, in the colour of the worst."""
        if (count, level) == (self._count, self._level):
            return
        before = self.sizeHint()
        self._count, self._level = count, level
        self._name()
        if self.sizeHint() != before:
            self.updateGeometry()
        self.update()

    def said(self) -> str:
        """Return the count as it is written; empty for none."""
        return "" if not self._count else f"{self._count}" if self._count <= _MOST else f"{_MOST}+"

    def _name(self) -> None:
        named = tr("Notifications: nothing new")
        if self._count:
            named = ntr("Notifications: {n} new", "Notifications: {n} new", self._count)
        painting.name(self, named, named)

    def sizeHint(self) -> QSize:
        """Return room for the bell and the count."""
        said = self.said()
        width = painting.width_of(said, "caption") + 6 if said else 0
        return QSize(2 * theme.INSIDE + _GLYPH + width, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bell and the count, and a box under the hand."""
        painter = painting.begin(self)
        if self.underMouse() or self.isDown():
            painting.box(painter, self.rect(), theme.R_CONTROL, "hover")
        if self.hasFocus():
            painting.ring(painter, self.rect(), theme.R_CONTROL)
        token = _TOKENS[self._level]
        glyph = QRect(theme.INSIDE, (self.height() - _GLYPH) // 2, _GLYPH, _GLYPH)
        icons.paint(painter, glyph, "bell", theme.color(token))
        left = glyph.right() + 7
        room = QRect(left, 0, self.width() - left, self.height())
        painting.text(painter, room, self.said(), "caption", token)
