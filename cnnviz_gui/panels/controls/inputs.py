"""Inputs: a choice from a list, a slider, a search."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QSizePolicy,
    QSlider,
    QStyle,
    QStyleOptionComboBox,
    QStyleOptionSlider,
    QStylePainter,
    QToolTip,
    QWidget,
)

from cnnviz_gui.panels import direction, icons, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.controls.buttons import IconButton
from cnnviz_gui.panels.controls.keys import asks_for_escape
from cnnviz_gui.texts import tr

_SHORTER = Qt.ItemDataRole.UserRole + 7
_ICON_GAP = 4
_RIGHT = (
    Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
)


class ComboBox(QComboBox):
    """A choice from a list; the wheel moves it only while it has the focus.

    Qt's signal ``activated`` tells what the user chose.
    """

    closed = Signal()
    """The list is out of sight again; what was chosen in it is told after that."""

    def __init__(self, accessible_name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(accessible_name)
        self.view().setAccessibleName(accessible_name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFont(theme.font("body"))
        self.setFixedHeight(theme.CONTROL)
        self.setMaxVisibleItems(16)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel unless the box has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def set_shorter(self, index: int, *texts: str) -> None:
        """Tell what the box says instead of an entry that has no room in it, the longest first."""
        self.setItemData(index, texts, _SHORTER)

    def shown_text(self) -> str:
        """Return what there is room for: shorter words, or as many letters as fit and then …."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        box, field = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(box, option, field, self).width() - 2
        room -= 0 if option.currentIcon.isNull() else option.iconSize.width() + _ICON_GAP
        texts = (self.currentText(), *(self.currentData(_SHORTER) or ()))
        metrics = option.fontMetrics
        cut = metrics.elidedText(texts[-1], Qt.TextElideMode.ElideRight, room)
        return next((text for text in texts if metrics.horizontalAdvance(text) <= room), cut)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box; where its text has no room Qt would cut a letter."""
        said = self.shown_text()
        if said == self.currentText():
            super().paintEvent(event)
            return
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = said
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def event(self, event: QEvent) -> bool:
        """Tell the whole entry under the hand where it is not shown whole."""
        said = self.currentText()
        if isinstance(event, QHelpEvent) and self.shown_text() != said:
            words = "\n".join(filter(None, (said, self.toolTip())))
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def hidePopup(self) -> None:
        """Put the list away."""
        super().hidePopup()
        self.closed.emit()


class Slider(QSlider):
    """A horizontal slider: accent up to the knob; a click jumps there."""

    def __init__(
        self, accessible_name: str = "", tooltip: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        painting.name(self, accessible_name, tooltip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(theme.CONTROL)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel unless the slider has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw rail and knob, with a gap between them."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self
        )
        painter = painting.begin(self)
        middle = self.height() / 2
        at = direction.placed(self, handle).center().x() + 0.5
        knob = min(max(at, 8.0), self.width() - 8.0)
        fill = "accent" if self.isEnabled() else "line_strong"
        left = QRectF(0, middle - 2, knob - 8, 4)
        right = QRectF(knob + 8, middle - 2, self.width() - knob - 8, 4)
        for rect, token in ((left, fill), (right, "rail")):
            if rect.width() > 0:
                painting.box(painter, rect, min(2, rect.width() / 2), token)
        painting.dot(painter, QPointF(knob, middle), 12, theme.color(fill))
        if self.hasFocus():
            painting.ring(painter, QRectF(knob - 9, middle - 9, 18, 18), 9)


class SearchBox(QLineEdit):
    """A field to search in, with the lens, a button that clears it and the hint of a shortcut."""

    def __init__(
        self,
        placeholder: str,
        shortcut: str = "",
        accessible_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._shortcut = shortcut
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(accessible_name or placeholder)
        self.setFont(theme.font("body"))
        self.setFixedHeight(theme.CONTROL)
        self._clear = IconButton("x", tr("Clear the search"), parent=self)
        self._clear.setFixedSize(22, 22)
        self._clear.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._clear.setCursor(Qt.CursorShape.ArrowCursor)
        self._clear.hide()
        self._clear.clicked.connect(self._on_clear)
        self.textChanged.connect(self._on_text_changed)
        keycap = painting.width_of(shortcut, "tick") + 16 if shortcut else 0
        before, after = 20, max(20, keycap)
        if direction.mirrored(self):
            before, after = after, before
            self.setAlignment(_RIGHT)
        self.setTextMargins(before, 0, after, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the clear button at the right end."""
        super().resizeEvent(event)
        place = QRect(self.width() - 25, (self.height() - 22) // 2, 22, 22)
        self._clear.setGeometry(direction.placed(self, place))

    def event(self, event: QEvent) -> bool:
        """Claim Escape, before the shortcuts of the window, while there is text to clear."""
        if asks_for_escape(event) and self.text():
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Clear on Escape; an empty field leaves Escape to others."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, the lens and the shortcut as a key."""
        super().paintEvent(event)
        painter = painting.begin(self)
        lens = QRect(9, (self.height() - theme.ICON) // 2, theme.ICON, theme.ICON)
        icons.paint(painter, lens, "magnifying-glass", theme.color("text3"))
        if self._shortcut and not self.text():
            width = painting.width_of(self._shortcut, "tick") + 12
            key = QRect(self.width() - width - 5, (self.height() - 18) // 2, width, 18)
            painting.box(painter, key, 4, "window", "line_strong")
            align = Qt.AlignmentFlag.AlignHCenter
            painting.text(painter, key, self._shortcut, "tick", "text2", align)

    def _on_clear(self) -> None:
        self.clear()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_text_changed(self, text: str) -> None:
        self._clear.setVisible(bool(text))
