"""The numbers of the selected layer, below the tree."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import ElidedLabel, KeyValueRows, Label, window_parts
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.state.layer_words import figures, short_name, summary, tooltip
from cnnviz_gui.texts import tr

_NONE = tr("Choose a layer to see its numbers.")


class FactsCard(QWidget):
    """Name, kind and numbers of a layer."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("layer-facts")
        theme.surface(self, "panel")
        self._name = ElidedLabel("", "name")
        self._kind = Label("", "caption", "text3")
        self._rows = KeyValueRows()
        self._empty = Label(_NONE, "body", "text2", wrap=True)
        head = QHBoxLayout()
        head.addWidget(self._name, 1)
        head.addWidget(self._kind)
        column = QVBoxLayout()
        column.setContentsMargins(theme.PADDING, theme.GAP, theme.PADDING, theme.GAP)
        column.setSpacing(theme.INSIDE)
        add_layout(column, head)
        column.addWidget(self._empty)
        column.addWidget(self._rows)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(window_parts.line())
        add_layout(whole, column)

    def show_layer(self, layer: LayerFacts | None, facts: ModelFacts | None, why: str = "") -> None:
        """Show the numbers of a layer, or why there is none."""
        shown = layer is not None and facts is not None
        self._empty.setText(why or _NONE)
        self._empty.setVisible(not shown)
        self._rows.setVisible(shown)
        if layer is None or facts is None:
            self._name.setText(tr("No layer"))
            self._name.set_tooltip("")
            self._kind.setText("")
            return
        self._name.setText(short_name(layer.name))
        self._name.set_tooltip(tooltip(layer, facts))
        self._kind.setText(summary(layer))
        self._rows.set_rows(figures(layer, facts))
