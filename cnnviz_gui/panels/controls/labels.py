"""Text: labels in the colours of the theme, headers, chips, rows of names and values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cnnviz_gui import texts
from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.layouts import add_layout

_CHIP_LEAST = 88


class Label(QLabel):
    """Text in a role of type and a token of colour."""

    def __init__(
        self,
        text: str = "",
        role: theme.FontRole = "body",
        tone: str = "text1",
        *,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(theme.font(role))
        self.setProperty("tone", tone)
        self.setWordWrap(wrap)
        self._said = ""
        Label.setText(self, text)

    def setText(self, text: str) -> None:
        """Change the text; where it wraps, no number is parted from its unit."""
        self._said = text
        super().setText(texts.apart(fmt.unbroken(text) if self.wordWrap() else text))

    def text(self) -> str:
        """Return the text as it was given."""
        return self._said

    def set_tone(self, tone: str) -> None:
        """Change the colour."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)


class ElidedLabel(Label):
    """One line that gives way: ends in … where there is no room, and then has a tooltip.

    With shorter words to fall back on it is never cut.
    """

    def __init__(
        self,
        text: str = "",
        role: theme.FontRole = "body",
        tone: str = "text1",
        *,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, role, tone, parent=parent)
        self._role: theme.FontRole = role
        self._mode = mode
        self._tooltip = ""
        self._shorter: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_tooltip(self, tooltip: str) -> None:
        """Set a tooltip of its own; where the text is cut, it is shown whole before that."""
        self._tooltip = tooltip
        self._refresh_tooltip()

    def setText(self, text: str) -> None:
        """Change the text."""
        self.set_texts(text)

    def set_texts(self, text: str, *shorter: str) -> None:
        """Change the text, with what is said instead where it has no room, the longest first."""
        self._shorter = shorter
        super().setText(text)
        self._refresh_tooltip()
        self.update()

    def shown_text(self) -> str:
        """Return what there is room for."""
        room = self.contentsRect().width()
        if not self._shorter:
            return self.fontMetrics().elidedText(self.text(), self._mode, room)
        texts = (self.text(), *self._shorter)
        return next((text for text in texts if painting.width_of(text, self._role) <= room), "")

    def least_width(self) -> int:
        """Return the width of the shortest words that say something; 0 where there are none."""
        said = [text for text in (self.text(), *self._shorter) if text]
        return min((painting.width_of(text, self._role) for text in said), default=0)

    def is_elided(self) -> bool:
        """Tell whether there is too little room for the text."""
        return painting.width_of(self.text(), self._role) > self.contentsRect().width()

    def minimumSizeHint(self) -> QSize:
        """Return room for an ellipsis."""
        return QSize(painting.width_of("…", self._role), super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """Return room for the whole text."""
        return QSize(painting.width_of(self.text(), self._role) + 1, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See again whether the text fits."""
        super().resizeEvent(event)
        self._refresh_tooltip()

    def _refresh_tooltip(self) -> None:
        cut_off = self.is_elided() and self.text() not in self._tooltip
        parts = (self.text() if cut_off else "", self._tooltip)
        self.setToolTip("\n".join(part for part in parts if part))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of the text as fits."""
        painter = QPainter(self)
        rect = self.contentsRect()
        token = str(self.property("tone")) if self.isEnabled() else "disabled"
        painter.setPen(theme.color(token))
        painter.drawText(rect, self.alignment(), texts.apart(self.shown_text()))


class SectionHeader(QWidget):
    """Small capitals over a section; tool buttons or a caption stand at the right.

    ``level`` 1 is the header of a dock or of a section of one, 40 px, with lines; 2 stands inside
    a section, 36 px, with a line above.
    """

    def __init__(
        self,
        title: str,
        caption: str = "",
        *,
        level: Literal[1, 2] = 1,
        top_line: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._level = level
        self._top_line = top_line
        self.setFixedHeight(theme.HEADER if level == 1 else 36)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.title = Label(title, "caps", "text2" if level == 1 else "text3")
        self.caption = ElidedLabel(caption, "caption", "text3")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        self._row.setSpacing(4)
        self._row.addWidget(self.title)
        self._row.addStretch(1)
        self._row.addWidget(self.caption)

    def sizeHint(self) -> QSize:
        """Return the height it has; a dock lays its panel over all of a title bar below that."""
        return QSize(super().sizeHint().width(), self.maximumHeight())

    def add_tool(self, tool: QWidget) -> None:
        """Put a tool button at the right end, its icon on the column's edge."""
        self._row.setContentsMargins(theme.PADDING, 0, theme.PADDING - 6, 0)
        self._row.addWidget(tool)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines."""
        painter = QPainter(self)
        colour = theme.color("line")
        if self._level == 2:
            painter.fillRect(theme.PADDING, 0, self.width() - 2 * theme.PADDING, 1, colour)
            return
        painter.fillRect(0, self.height() - 1, self.width(), 1, colour)
        if self._top_line:
            painter.fillRect(0, 0, self.width(), 1, colour)


class DockHeader(SectionHeader):
    """The title bar of a dock: ``dock.setTitleBarWidget(DockHeader("Layers"))``."""


class Chip(QWidget):
    """A rounded tag with an icon and a word in the colour of its role."""

    def __init__(
        self, icon: str = "", text: str = "", token: str = "text1", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon, self._text, self._token = icon, text, token
        self._icon_token = "text2" if token == "text1" else token
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._name()

    def set_chip(self, icon: str, text: str, token: str = "text1") -> None:
        """Show something else."""
        if (icon, text, token) == (self._icon, self._text, self._token):
            return
        self._icon, self._text, self._token = icon, text, token
        self._icon_token = "text2" if token == "text1" else token
        self._name()
        self.updateGeometry()
        self.update()

    def _name(self) -> None:
        self.setAccessibleName(self._text)
        self.setToolTip(self._text)

    def text(self) -> str:
        """Return the word."""
        return self._text

    def sizeHint(self) -> QSize:
        """Return the size of icon, word and padding."""
        icon = 20 if self._icon else 0
        return QSize(18 + icon + painting.width_of(self._text, "caption") + 1, 24)

    def minimumSizeHint(self) -> QSize:
        """Return room for the icon and a few letters, so that a long word widens no window."""
        return QSize(min(self.sizeHint().width(), _CHIP_LEAST), 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tag."""
        painter = painting.begin(self)
        painting.box(painter, self.rect(), self.height() / 2, "raised")
        left = 9
        if self._icon:
            glyph = QRect(left, (self.height() - 14) // 2, 14, 14)
            icons.paint(painter, glyph, self._icon, theme.color(self._icon_token))
            left += 20
        rect = QRect(left, 0, self.width() - left - 8, self.height())
        painting.text(painter, rect, self._text, "caption", self._token)


class Card(QFrame):
    """A panel on the stage: a title at the left, a caption at the right, and a body.

    ``head`` is the row of title and caption, ``body`` the column that begins with it. A caption
    that ``gives_way`` never widens the card.
    """

    def __init__(
        self,
        title: str = "",
        caption: str = "",
        parent: QWidget | None = None,
        *,
        gives_way: bool = False,
    ) -> None:
        super().__init__(parent)
        theme.surface(self, "card")
        self.title = Label(title, "title")
        kind = ElidedLabel if gives_way else Label
        self.caption = kind(caption, "caption", "text3")
        self.caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.head = QHBoxLayout()
        self.head.addWidget(self.title)
        self.head.addStretch(0 if gives_way else 1)
        self.head.addWidget(self.caption, 1 if gives_way else 0)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(theme.PADDING, 12, theme.PADDING, theme.PADDING)
        self.body.setSpacing(theme.INSIDE)
        add_layout(self.body, self.head)
        for label in (self.title, self.caption):
            label.setVisible(bool(label.text()))


class KeyValueRows(QWidget):
    """Names at the left, values at the right, one pair a line of 24 px."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.GAP)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        self._pairs: list[tuple[ElidedLabel, ElidedLabel]] = []
        self._rows: list[tuple[str, ...]] = []

    def set_rows(self, rows: Sequence[tuple[str, ...]]) -> None:
        """Show names with values.

        A row is a name, a value, a tooltip with the exact value, and shorter words for the value
        where it has no room; the last two may be left out.
        """
        if list(rows) == self._rows:
            return
        self._rows = list(rows)
        while len(self._pairs) < len(rows):
            self._add_pair()
        for place, pair in enumerate(self._pairs):
            for label in pair:
                label.setVisible(place < len(rows))
        for (name, value), row in zip(self._pairs, rows, strict=False):
            name.setText(row[0])
            value.set_tooltip(row[2] if len(row) > 2 else "")
            self._say(name, value, row[1], *row[3:])
        self.updateGeometry()

    def set_value(self, place: int, text: str) -> None:
        """Show another value in a row, counted from 0; the other rows stay as they are."""
        self._rows = []
        self._say(*self._pairs[place], text)

    @staticmethod
    def _say(name: ElidedLabel, value: ElidedLabel, text: str, *shorter: str) -> None:
        value.set_texts(text, *shorter)
        value.setAccessibleName(f"{name.text()}: {text}")

    def set_stale(self, stale: bool) -> None:
        """Show the values as those of an old result."""
        for _, value in self._pairs:
            value.set_tone("text3" if stale else "text1")
            value.update()

    def _add_pair(self) -> None:
        name = ElidedLabel("", "caption", "text3")
        value = ElidedLabel("", "caption", "text1")
        name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        name.setMinimumWidth(72)
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = len(self._pairs)
        for column, label in enumerate((name, value)):
            label.setFixedHeight(24)
            self._grid.addWidget(label, row, column)
        self._pairs.append((name, value))
