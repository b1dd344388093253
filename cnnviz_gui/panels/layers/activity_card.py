"""How one layer answers: its distribution, its numbers, the channels that never answer."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QScrollArea

from cnnviz_gui.core.layer_results import LayerActivity
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Card, KeyValueRows, Label
from cnnviz_gui.panels.layers.histogram import Histogram
from cnnviz_gui.state.statistics_view import DEAD, rows, without_zeros
from cnnviz_gui.texts import tr

_LEAST = 208
_MOST = 300
"""Numbers of dead channels that are written out."""


class ActivityCard(Card):
    """Statistics of the layer in use; a click on the number of a dead channel chooses it."""

    chosen = Signal(object)
    """The channel chosen by hand."""

    def __init__(self) -> None:
        super().__init__(tr("Layer"), " ")
        self._shown: LayerActivity | None = None
        self._histogram = Histogram("activations")
        self._histogram.setMinimumHeight(100)
        self._histogram.setMaximumHeight(240)
        self._without = Label("", "tick", "text3")
        self._rows = KeyValueRows()
        self._dead_title = Label(tr("Dead channels"), "caps", "text3")
        self._dead = Label("", "body", "text2", wrap=True)
        self._dead.setTextFormat(Qt.TextFormat.RichText)
        flags = Qt.TextInteractionFlag
        by_hand = flags.LinksAccessibleByMouse | flags.LinksAccessibleByKeyboard
        self._dead.setTextInteractionFlags(by_hand)
        self._dead.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._dead.setAccessibleName(tr("Dead channels"))
        self._dead.setToolTip(DEAD)
        self._dead.linkActivated.connect(self._on_link)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._dead)
        self._scroll.setAccessibleName(tr("Dead channels"))
        self.body.addWidget(self._histogram, 2)
        self.body.addWidget(self._without)
        self.body.addWidget(self._rows)
        self.body.addSpacing(theme.INSIDE)
        self.body.addWidget(self._dead_title)
        self.body.addWidget(self._scroll, 1)
        self.body.addStretch(0)
        self.setMinimumWidth(_LEAST)
        self.show_layer(None, "")

    def show_layer(self, layer: LayerActivity | None, name: str) -> None:
        """Show a layer, or the name alone of one of which nothing is known."""
        self.title.setText(name or tr("No layer"))
        self.title.setVisible(True)
        if layer is not None and layer is self._shown:
            return
        self._shown = layer
        dead = () if layer is None else layer.dead
        for part in (self._dead_title, self._scroll):
            part.setVisible(bool(dead))
        if layer is None:
            self._histogram.clear()
            self._rows.set_rows([])
            self._without.setVisible(False)
            return
        ends = (layer.least, layer.most)
        self._histogram.set_distribution(without_zeros(layer), layer.low, layer.high, ends)
        self._without.setText(tr("without the zeros") if layer.zeros else "")
        self._without.setVisible(bool(layer.zeros))
        self._rows.set_rows(rows(layer))
        self._dead.setText(links(dead))

    def set_stale(self, stale: bool) -> None:
        """Let what is old recede, as in the plots beside it."""
        self._histogram.set_stale(stale)
        self._rows.set_stale(stale)
        self._dead.set_tone("text3" if stale else "text2")

    @Slot(str)
    def _on_link(self, channel: str) -> None:
        self.chosen.emit(int(channel))


def links(channels: tuple[int, ...]) -> str:
    """Return the numbers of channels as links, the first hundreds of them."""
    said = " &nbsp; ".join(f'<a href="{channel}">{channel}</a>' for channel in channels[:_MOST])
    more = len(channels) - _MOST
    if more <= 0:
        return said
    rest = tr("and {more} more", more=more)
    return f"{said} &nbsp; {rest}"
