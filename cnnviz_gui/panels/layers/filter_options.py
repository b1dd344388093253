"""How the filters are drawn: order and scale."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import ComboBox
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.texts import tr


class FilterOptions(QWidget):
    """Order and scale of the kernels."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        self._order = ComboBox(tr("Order of the filters"))
        self._scale = ComboBox(tr("Colour scale of the filters"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.INSIDE)
        choices = (
            (self._order, (("index", tr("Number")), ("norm", tr("Norm")))),
            (self._scale, (("common", tr("One scale")), ("own", tr("Own scales")))),
        )
        for box, words in choices:
            box.setToolTip(box.accessibleName())
            box.setFixedWidth(112)
            for value, word in words:
                box.addItem(word, value)
            row.addWidget(box)
        self._order.activated.connect(self._on_order)
        self._scale.activated.connect(self._on_scale)
        state.observe(self._on_state_changed)
        self._draw()

    def offer_scales(self, offer: bool) -> None:
        """Let the scale be chosen, or not where it means nothing."""
        self._scale.setVisible(offer)

    @Slot()
    def _on_order(self) -> None:
        # Another order has other rows in the same window.
        self._state.select(filter_order=self._order.currentData(), matrix_window=None)

    @Slot()
    def _on_scale(self) -> None:
        self._state.show(map_scale=self._scale.currentData())

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & {"filter_order", "map_scale"}:
            self._draw()

    def _draw(self) -> None:
        state = self._state
        self._order.setCurrentIndex(self._order.findData(state.selection.filter_order))
        self._scale.setCurrentIndex(self._scale.findData(state.display.map_scale))
