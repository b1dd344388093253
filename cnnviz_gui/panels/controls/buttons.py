"""Buttons: with text, with an icon alone, a switch, an exclusive choice."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Literal

from PySide6.QtCore import (
    QEasingCurve,
    QEvent,
    QPoint,
    QPointF,
    QRect,
    QSize,
    Qt,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import QEnterEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.controls.keys import Keyed
from cnnviz_gui.panels.layouts import drop

Kind = Literal["normal", "primary", "quiet"]


def _leave_field(button: QWidget) -> None:
    """Take the focus from a field; a button leaves it to a picture, whose keys go on to work."""
    if isinstance(QApplication.focusWidget(), QLineEdit | QAbstractSpinBox):
        button.setFocus(Qt.FocusReason.MouseFocusReason)


class Button(Keyed, QPushButton):
    """A button with text and perhaps an icon: ``normal``, ``primary`` (one a panel), ``quiet``."""

    def __init__(
        self, text: str, icon: str = "", kind: Kind = "normal", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self._icon = icon
        self._kind: Kind = kind
        self.begins = kind == "primary"
        """Pressing it is what its page is there for; the key for that presses it, too."""
        self.goes_on = False
        """Pressing it goes on with what the user stopped; the same key does, if nothing begins."""
        self._elided = False
        self.icon_replaced = False
        """Something else stands in the place of the icon, which is not drawn."""
        self.setFont(theme.font("strong"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)

    def let_elide(self) -> None:
        """Let the text end in … where there is no room: for names that others have given."""
        self._elided = True
        self.updateGeometry()

    def set_icon(self, icon: str) -> None:
        """Show another icon, or none."""
        self._icon = icon
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of icon, text and padding."""
        icon = theme.ICON + 8 if self._icon else 0
        return QSize(painting.width_of(self.text(), "strong") + icon + 26, theme.CONTROL)

    def minimumSizeHint(self) -> QSize:
        """Return the size hint: a button's text is not cut, unless it is a name of any length."""
        icon = theme.ICON + 8 if self._icon else 0
        least = QSize(painting.width_of("…", "strong") + icon + 26, theme.CONTROL)
        return least if self._elided else self.sizeHint()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Let a field that is typed in take its value before what the button does begins."""
        _leave_field(self)
        super().mousePressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that the hand is over the button."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box, the icon and the text."""
        painter = painting.begin(self)
        rect = self.rect()
        if self.hasFocus():
            painting.ring(painter, rect, theme.R_CONTROL)
            rect = painting.inside_ring(rect)
        fill, edge, ink = self._colours()
        radius = theme.R_CONTROL - (3 if self.hasFocus() else 0)
        if fill:
            painting.box(painter, rect, radius, fill, edge)
        said, glyph = self.shown_text(), self.glyph()
        if self._icon and not self.icon_replaced:
            icons.paint(painter, glyph, self._icon, theme.color(ink))
        left = glyph.right() + 9 if self._icon else glyph.left()
        painting.text(painter, QRect(left, 0, self._text() + 2, self.height()), said, "strong", ink)

    def glyph(self) -> QRect:
        """Return where the icon stands, alone or before the text; without one, the text's start."""
        gap = 8 if self.shown_text() else 0
        icon = theme.ICON + gap if self._icon else 0
        left = (self.width() - self._text() - icon) // 2
        return QRect(left, (self.height() - theme.ICON) // 2, theme.ICON, theme.ICON)

    def _text(self) -> int:
        """Return the width of the text."""
        width = painting.width_of(self.shown_text(), "strong")
        icon = theme.ICON + 8 if self._icon else 0
        return max(0, min(width, self.width() - icon - 18)) if self._elided else width

    def shown_text(self) -> str:
        """Return what is written on the button."""
        return self.text()

    def _colours(self) -> tuple[str, str, str]:
        down, over = self.isDown() or self.isChecked(), self.underMouse() and self.isEnabled()
        if not self.isEnabled():
            return ("" if self._kind == "quiet" else "raised"), "edge", "disabled"
        if self._kind == "primary":
            fill = "accent_pressed" if down else "accent_hover" if over else "accent"
            return fill, fill, "on_accent"
        if self._kind == "quiet":
            return ("hover" if self.isDown() or over else ""), "", "text1" if over else "text2"
        return ("line_strong" if down else "hover" if over else "raised"), "edge", "text1"


class IconButton(Keyed, QToolButton):
    """An icon alone, with the tooltip and the name it needs; ``boxed`` stands beside an input."""

    def __init__(
        self,
        icon: str,
        tooltip: str,
        accessible_name: str = "",
        *,
        token: str = "text2",
        boxed: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon = icon
        self._token = token
        self._boxed = boxed
        painting.name(self, accessible_name or tooltip, tooltip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(theme.CONTROL, theme.CONTROL)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Let a field that is typed in take its value before what the button does begins."""
        _leave_field(self)
        super().mousePressEvent(event)

    def set_icon(self, icon: str, token: str = "text2") -> None:
        """Show another icon."""
        self._icon, self._token = icon, token
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the icon, and a box under the hand."""
        painter = painting.begin(self)
        over = self.underMouse() and self.isEnabled()
        fill = "hover" if over or self.isDown() else "raised" if self._boxed else ""
        if fill:
            painting.box(painter, self.rect(), theme.R_CONTROL, fill, "edge" if self._boxed else "")
        if self.hasFocus():
            painting.ring(painter, self.rect(), theme.R_CONTROL)
        token = "accent" if self.isChecked() else "text1" if over else self._token
        glyph = QRect(0, 0, theme.ICON, theme.ICON)
        glyph.moveCenter(self.rect().center())
        glyph.moveTopLeft(
            QPoint((self.width() - theme.ICON) // 2, (self.height() - theme.ICON) // 2)
        )
        colour = theme.color(token if self.isEnabled() else "disabled")
        icons.paint(painter, glyph, self._icon, colour)


class Toggle(QCheckBox):
    """A switch without text; its label stands beside it as a buddy."""

    chosen = Signal(object)
    """The new position, a bool; only when the user moves it."""

    def __init__(
        self, accessible_name: str = "", tooltip: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        painting.name(self, accessible_name, tooltip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(32, theme.CONTROL)
        self._place = 0.0
        self._motion = QVariantAnimation(self)
        self._motion.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._motion.valueChanged.connect(self._on_moved)
        self.toggled.connect(self._on_toggled)
        self.clicked.connect(self._on_clicked)

    def _on_clicked(self, checked: bool) -> None:
        self.chosen.emit(checked)

    def _on_toggled(self, checked: bool) -> None:
        self._motion.stop()
        duration = theme.duration(theme.BAR_MS) if self.isVisible() else 0
        if not duration:
            self._on_moved(float(checked))
            return
        self._motion.setDuration(duration)
        self._motion.setStartValue(self._place)
        self._motion.setEndValue(float(checked))
        self._motion.start()

    def _on_moved(self, place: float) -> None:
        self._place = place
        self.update()

    def hitButton(self, position: QPoint) -> bool:
        """Take a click anywhere on the switch."""
        return self.rect().contains(position)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw track and knob."""
        painter = painting.begin(self)
        track = QRect(0, (self.height() - 18) // 2, 32, 18)
        knob = 12.0
        if self.hasFocus():
            outer = track.adjusted(0, -1, 0, 1)
            painting.ring(painter, outer, 10)
            track, knob = painting.inside_ring(outer), 8.0
        fill, ink = "accent" if self.isChecked() else "field", "on_accent"
        if not self.isEnabled():
            fill, ink = "track", "disabled"
        painting.box(painter, track, track.height() / 2, fill)
        run = track.width() - track.height()
        centre = QPointF(
            track.left() + track.height() / 2 + run * self._place, track.top() + track.height() / 2
        )
        painting.dot(painter, centre, knob, theme.color(ink))


class _Segment(QRadioButton):
    """One setting of a segmented choice; the arrow keys move between them."""

    def sizeHint(self) -> QSize:
        """Return the size of the text and its padding."""
        return QSize(painting.width_of(self.text(), "strong") + 20, theme.CONTROL)

    def minimumSizeHint(self) -> QSize:
        """Return the least size: the text is never cut."""
        return QSize(painting.width_of(self.text(), "strong") + 8, theme.CONTROL)

    def hitButton(self, position: QPoint) -> bool:
        """Take a click anywhere on the segment."""
        return self.rect().contains(position)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the chosen segment as a raised box."""
        painter = painting.begin(self)
        rect = self.rect().adjusted(2, 2, -2, -2)
        if self.isChecked():
            painting.box(painter, rect, theme.R_CONTROL - 2, "segment", "field")
        if self.hasFocus():
            painting.ring(painter, self.rect(), theme.R_CONTROL)
        lit = self.isChecked() or self.underMouse()
        token = "disabled" if not self.isEnabled() else "text1" if lit else "text2"
        role: theme.FontRole = "strong" if self.isChecked() else "body"
        painting.text(painter, rect, self.text(), role, token, Qt.AlignmentFlag.AlignHCenter)


class Segmented(QWidget):
    """An exclusive choice among two to four short words, in one rounded box."""

    chosen = Signal(object)
    """The value chosen by the user."""

    def __init__(
        self,
        options: Sequence[tuple[Hashable, str]] = (),
        accessible_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(accessible_name)
        self.setFixedHeight(theme.CONTROL)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._segments: dict[Hashable, _Segment] = {}
        self.set_options(options)

    def set_options(self, options: Sequence[tuple[Hashable, str]]) -> None:
        """Offer other values, each with its word; none is chosen yet."""
        drop(self._row, self._segments.values())
        self._segments = {value: _Segment(word, self) for value, word in options}
        for segment in self._segments.values():
            segment.setAccessibleName(f"{self.accessibleName()}: {segment.text()}".lstrip(": "))
            segment.setFont(theme.font("body"))
            segment.clicked.connect(self._on_clicked)
            self._row.addWidget(segment, 1)

    def give_way(self) -> None:
        """Let the words stand closer together where there is little room; they are never cut."""
        for segment in self._segments.values():
            segment.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            self._row.setStretchFactor(segment, 0)  # each by its word, not all alike

    def set_value(self, value: Hashable) -> None:
        """Show a value as chosen; no signal."""
        if value in self._segments:
            self._segments[value].setChecked(True)
            if any(segment.hasFocus() for segment in self._segments.values()):
                self._segments[value].setFocus()  # else the ring would tell of a former choice
            for segment in self._segments.values():  # Qt would let Tab come to the first
                focus = Qt.FocusPolicy
                chosen = segment.isChecked()
                segment.setFocusPolicy(focus.StrongFocus if chosen else focus.ClickFocus)

    def value(self) -> Hashable:
        """Return the chosen value, None before there is one."""
        return next((v for v, s in self._segments.items() if s.isChecked()), None)

    def buttons(self) -> list[QAbstractButton]:
        """Return the segments in order."""
        return list(self._segments.values())

    def _on_clicked(self) -> None:
        self.chosen.emit(self.value())

    def changeEvent(self, event: QEvent) -> None:
        """Repaint the trough when the colours change."""
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the trough."""
        painting.box(painting.begin(self), self.rect(), theme.R_CONTROL, "trough", "line")
