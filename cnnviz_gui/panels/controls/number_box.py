"""An input for a number that keeps what it is given."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QLocale, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QValidator,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSpinBox, QSizePolicy, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.controls.keys import asks_for_escape
from cnnviz_gui.panels.direction import as_data

_MARGINS = 4
"""Of the text within its field."""


def written(number: float, digits: int = 6) -> str:
    """Return a number as fields show it: with the decimal sign of the user's language.

    Only a comma is taken over; files and the command line always have a point.
    """
    sign = "," if QLocale().decimalPoint() == "," else "."
    return fmt.plain(number, digits).replace(".", sign)


class NumberBox(QAbstractSpinBox):
    """A number with its unit at the right end of the field.

    Unlike Qt's own boxes it never rounds what it is given: it shows six digits and keeps all. Point
    and comma both are taken as the decimal sign, whatever the user's language, and the one of that
    language is shown. Nothing separates thousands. The wheel moves the number only while the box
    has the focus.
    """

    chosen = Signal(object)
    """The new number, int or float; only when the user has typed or stepped to another one."""

    def __init__(self, accessible_name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value: int | float = 0
        self._whole = False
        self._low, self._high, self._step = -math.inf, math.inf, 1.0
        self._unit = ""
        self._zero: tuple[str, ...] = ()
        self.setAccessibleName(accessible_name)
        self.lineEdit().setAccessibleName(accessible_name)
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFont(theme.font("body"))
        self.setFixedHeight(theme.CONTROL)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        as_data(self)
        self.editingFinished.connect(self._on_editing_finished)

    def set_scale(
        self, low: float, high: float, step: float, unit: str = "", *, whole: bool = False
    ) -> None:
        """Say what may be typed; the number itself stays as it is."""
        self._low, self._high, self._step = low, high, step
        self._unit, self._whole = unit, whole
        self._place_edit()
        self.update()

    def set_zero(self, *words: str) -> None:
        """Say what stands in the place of 0 while nobody types; nothing for the number itself.

        Of several the first one is shown that has room, else the last.
        """
        if words != self._zero:
            self._zero = words
            self.set_value(self._value)

    def set_value(self, value: int | float) -> None:
        """Show a number; no signal, no rounding, no range check."""
        self._value = value
        self.setProperty("value", value)  # what a screen reader asks for
        self.lineEdit().setText(self._text())
        self.lineEdit().setCursorPosition(0)

    def _text(self) -> str:
        """Return what the field shows of the number that counts."""
        if not self._zero or self._value != 0 or self.hasFocus():
            return written(self._value)
        room = self.lineEdit().width() - _MARGINS
        fitting = (words for words in self._zero if painting.width_of(words, "body") <= room)
        return next(fitting, self._zero[-1])

    def value(self) -> int | float:
        """Return the number as it was given or typed, exact."""
        return self._value

    def stepBy(self, steps: int) -> None:
        """Move by so many steps, within the range."""
        self._commit()
        # Binary fractions would otherwise show up as 0.30000000000000004.
        self._choose(round(self._value + steps * self._step, 10))

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Tell which way there is room to step."""
        flags = QAbstractSpinBox.StepEnabledFlag.StepNone
        if self._value < self._high:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        if self._value > self._low:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        return flags

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Accept what is, or may yet become, a number."""
        allowed = "0123456789-" if self._whole else "0123456789-+.,eE"
        if any(letter not in allowed for letter in text.strip()):
            return QValidator.State.Invalid, text, position
        done = self._parsed(text) is not None
        state = QValidator.State.Acceptable if done else QValidator.State.Intermediate
        return state, text, position

    def fixup(self, text: str) -> str:
        """Put back the number where the text is none."""
        return text if self._parsed(text) is not None else written(self._value)

    def sizeHint(self) -> QSize:
        """Return the size of a control."""
        return QSize(96, theme.CONTROL)

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(64, theme.CONTROL)

    def _place_edit(self) -> None:
        # The style sheet leaves a box that is neither of Qt's own two no room for its text.
        unit = painting.width_of(self._unit, "caption") + 14 if self._unit else 6
        self.lineEdit().setGeometry(8, 2, self.width() - 8 - unit, self.height() - 4)
        if self.lineEdit().text() in self._zero:
            self.lineEdit().setText(self._text())
            self.lineEdit().setCursorPosition(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave room for the unit."""
        super().resizeEvent(event)
        self._place_edit()

    def changeEvent(self, event: QEvent) -> None:
        """Leave room for the unit also after a change of style."""
        super().changeEvent(event)
        self._place_edit()

    def showEvent(self, event: QShowEvent) -> None:
        """Leave room for the unit also once the style is known."""
        super().showEvent(event)
        self._place_edit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel unless the box has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        """Claim Escape, before the shortcuts of the window, while a number is half typed."""
        if asks_for_escape(event) and self._is_touched():
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Escape as a wish to have the number back."""
        if event.key() == Qt.Key.Key_Escape and self._is_touched():
            self.set_value(self._value)
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the number that can be typed over where words stood in its place."""
        super().focusInEvent(event)
        if self._zero and self._value == 0:
            self.set_value(self._value)
            self.lineEdit().selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show the number that counts, however it was typed."""
        super().focusOutEvent(event)
        self.set_value(self._value)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, then its unit."""
        super().paintEvent(event)
        if self._unit:
            token = "text3" if self.isEnabled() else "disabled"
            rect = self.rect().adjusted(0, 0, -10, 0)
            align = Qt.AlignmentFlag.AlignRight
            painting.text(painting.begin(self), rect, self._unit, "caption", token, align)

    def _parsed(self, text: str) -> int | float | None:
        try:
            number = float(text.strip().replace(",", "."))
        except ValueError:
            return None
        if not math.isfinite(number):
            return None
        return round(number) if self._whole else number

    def _on_editing_finished(self) -> None:
        self._commit()

    def _is_touched(self) -> bool:
        return self.lineEdit().text() not in (written(self._value), self._text())

    def _commit(self) -> None:
        if not self._is_touched():  # digits not shown must survive
            return
        number = self._parsed(self.lineEdit().text())
        if number is None:
            self.set_value(self._value)
        else:
            self._choose(number)

    def _choose(self, number: int | float) -> None:
        within = min(max(number, self._low), self._high)
        chosen = round(within) if self._whole else float(within)
        changed = chosen != self._value
        self.set_value(chosen)
        if changed:
            self.chosen.emit(chosen)
