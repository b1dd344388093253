"""The choice of the kinds of layers that the tree shows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import ElidedLabel, IconButton
from cnnviz_gui.state.layer_words import Kind
from cnnviz_gui.texts import tr, within

_TIP = tr("Show layers of some kinds only")


class KindFilter(QWidget):
    """A button with a menu of kinds, and a line that says which are shown while not all are."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._menu = QMenu(self)
        self._menu.setAccessibleName(tr("Kinds of layers"))
        self.button = IconButton("funnel", _TIP, tr("Filter by kind"), boxed=True)
        self.button.clicked.connect(self._on_opened)
        self._said = ElidedLabel("", "caption", "text2")
        clear = IconButton("x", tr("Show layers of all kinds"), tr("Show all kinds"))
        clear.setFixedSize(22, 22)
        clear.clicked.connect(self._on_cleared)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 3, 0)
        row.setSpacing(theme.INSIDE)
        row.addWidget(self._said, 1)
        row.addWidget(clear)
        self._kinds: tuple[Kind, ...] = ()
        self._actions: list[QAction] = []
        self.hide()

    def set_kinds(self, kinds: Sequence[tuple[Kind, int]]) -> None:
        """Offer the kinds of a network, each with how many rows it has; none is chosen."""
        self._menu.clear()
        self._kinds = tuple(kind for kind, _ in kinds)
        self._actions = [self._menu.addAction(f"{kind.title}   {number}") for kind, number in kinds]
        for action in self._actions:
            action.setCheckable(True)
            action.toggled.connect(self._on_toggled)
        self.button.setEnabled(bool(kinds))
        self._say()

    def chosen(self) -> tuple[str, ...]:
        """Return the names of the chosen kinds; none means that all are shown."""
        pairs = zip(self._kinds, self._actions, strict=True)
        return tuple(kind.name for kind, action in pairs if action.isChecked())

    def choose(self, names: Sequence[str]) -> None:
        """Choose kinds by name."""
        for kind, action in zip(self._kinds, self._actions, strict=True):
            action.blockSignals(True)
            action.setChecked(kind.name in names)
            action.blockSignals(False)
        self._on_toggled()

    @Slot()
    def _on_opened(self) -> None:
        corner = self.button.rect().bottomLeft()
        self._menu.popup(self.button.mapToGlobal(corner))

    @Slot()
    def _on_cleared(self) -> None:
        self.choose(())

    @Slot()
    def _on_toggled(self) -> None:
        self._say()
        self.changed.emit()

    def _say(self) -> None:
        titles = [kind.title for kind in self._kinds if kind.name in self.chosen()]
        self._said.setText(
            tr("Only {kinds}", kinds=", ".join(map(within, titles))) if titles else ""
        )
        self.button.set_icon("funnel", "accent" if titles else "text2")
        self.setVisible(bool(titles))
