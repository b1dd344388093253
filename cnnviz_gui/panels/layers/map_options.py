"""How the maps are drawn: order, scale, colours."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import ComboBox
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes

_CHOICES = (
    ("map_order", "Order of the maps", (("strength", "Strength"), ("index", "Number"))),
    ("map_scale", "Colour scale of the maps", (("common", "One scale"), ("own", "Own scales"))),
    (
        "map_colours",
        "Colour map",
        (("viridis", "Viridis"), ("inferno", "Inferno"), ("grey", "Grey")),
    ),
)


class MapOptions(QWidget):
    """One list for each setting."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.INSIDE)
        self._boxes: dict[str, ComboBox] = {}
        for name, title, choices in _CHOICES:
            box = self._boxes[name] = ComboBox(title)
            box.setToolTip(title)
            for value, word in choices:
                box.addItem(word, value)
            box.setFixedWidth(112)
            box.activated.connect(self._on_activated)
            row.addWidget(box)
        state.observe(self._on_state_changed)
        self._draw()

    @Slot()
    def _on_activated(self) -> None:
        self._state.show(**{name: box.currentData() for name, box in self._boxes.items()})

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & self._boxes.keys():
            self._draw()

    def _draw(self) -> None:
        for name, box in self._boxes.items():
            box.setCurrentIndex(box.findData(getattr(self._state.display, name)))
