"""The second network in the top bar: its name, and a cross that ends the comparison."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import IconButton, painting
from cnnviz_gui.panels.controls.keys import Keyed
from cnnviz_gui.state import comparison_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.network_title import title_while_opening
from cnnviz_gui.texts import tr

_CONCERNS = frozenset({"facts", "second", "second_facts", "pending_second", "catalogue"})
_WIDEST = 230
_CROSS = 26
_VERSUS = tr("vs {name}", name="")


class SecondChip(QWidget):
    """``vs ResNet-18``; a click on the name chooses another one. Hidden without a second."""

    another_wanted = Signal()
    stop_wanted = Signal()

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._name = _Name()
        self._name.clicked.connect(self.another_wanted)
        self._cross = IconButton("x", tr("Stop comparing"), tr("Stop comparing"))
        self._cross.setFixedSize(_CROSS, _CROSS)
        self._cross.clicked.connect(self.stop_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 4, 0)
        row.setSpacing(0)
        row.addWidget(self._name)
        row.addWidget(self._cross)
        self.setFixedHeight(theme.CONTROL + 4)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        state.observe(self._on_state_changed)
        self._draw()

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS:
            self._draw()

    def _draw(self) -> None:
        shared = self._state.shared
        pending = shared.pending_second
        shown = pending is not None or comparison_view.comparing(self._state)
        self.setVisible(shown)
        if not shown:
            return
        if pending is not None:
            self._name.set_name(title_while_opening(pending, shared), tr("opening"), trained=True)
            return
        facts = shared.second_facts
        trained = facts is not None and facts.trained
        name = comparison_view.names(self._state)[1]
        short = comparison_view.short_names(self._state)[1]
        self._name.set_name(name, "", trained=trained, short=short)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box round name and cross."""
        painting.box(painting.begin(self), self.rect(), self.height() / 2, "raised", "edge")


class _Name(Keyed, QAbstractButton):
    """``vs`` and a name, elided."""

    def __init__(self) -> None:
        super().__init__()
        self._text, self._tone, self._short = "", "text1", ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def set_name(self, name: str, doing: str, *, trained: bool, short: str = "") -> None:
        """Show a name, and perhaps what is done to it; ``short`` where it has no room."""
        said = ", ".join(filter(None, (name, doing)))
        tone = "text3" if doing else "text1" if trained else "warning"
        if (said, tone, short) == (self._text, self._tone, self._short):
            return
        self._text, self._tone, self._short = said, tone, short
        painting.name(
            self,
            tr("Compared with {said}", said=said),
            tr("Compared with {said}. Click for another.", said=said),
        )
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for the whole name, within reason."""
        width = painting.width_of(_VERSUS + self._text, "body") + 20
        return QSize(min(width, _WIDEST), theme.CONTROL)

    def minimumSizeHint(self) -> QSize:
        """Return room for a few letters."""
        return QSize(60, theme.CONTROL)

    def shown_text(self, room: int) -> str:
        """Return the name, or how it differs from that of the first network."""
        whole = painting.width_of(self._text, "body") <= room
        return self._text if whole or not self._short else self._short

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write the name."""
        painter = painting.begin(self)
        if self.hasFocus():
            painting.ring(painter, self.rect().adjusted(2, 2, -2, -2), self.height() / 2)
        rect = self.rect().adjusted(12, 0, -2, 0)
        used = painting.text(painter, rect, _VERSUS, "body", "text3")
        name = QRect(rect.left() + used, 0, rect.width() - used, self.height())
        tone = "accent" if self.underMouse() else self._tone
        painting.text(painter, name, self.shown_text(name.width()), "body", tone)
