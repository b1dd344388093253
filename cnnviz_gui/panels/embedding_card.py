"""The embedding of the picture in use: its numbers as cells, and a button that saves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels.controls import Button, Card, ElidedLabel
from cnnviz_gui.panels.vector_strip import VectorStrip
from cnnviz_gui.state import similar_view
from cnnviz_gui.texts import ntr, tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import Embedding


class EmbeddingCard(Card):
    """All numbers of an embedding, a few that sum it up, and a button that saves it."""

    def __init__(self) -> None:
        super().__init__(tr("Embedding"), " ")
        self._strip = VectorStrip()
        self._numbers = ElidedLabel("", "caption", "text2")
        self.save = Button(tr("Save the embedding…"), "export")
        self.save.setToolTip(tr("The numbers as a NumPy array (.npy)"))
        for widget in (self._strip, self._numbers, self.save):
            self.body.addWidget(widget)

    def show_embedding(self, embedding: Embedding | None, *, stale: bool) -> None:
        """Show an embedding, or that it is being computed."""
        self.save.setEnabled(embedding is not None)
        self._strip.set_stale(stale and embedding is not None)
        if embedding is None:
            self._strip.set_vector(None)
            for label in (self.caption, self._numbers):
                label.setText(" ")
            return
        self._strip.set_vector(embedding.vector)
        known = similar_view.measures(embedding)
        count = len(embedding.vector)
        self.caption.setText(
            ntr("{count} number", "{count} numbers", count, count=fmt.count(count))
        )
        low, high = fmt.significant(known.low), fmt.significant(known.high)
        self._numbers.setText(
            tr("given to {layer} · {low} to {high}", layer=embedding.layer, low=low, high=high)
        )
        self._numbers.set_tooltip(
            tr("Colours up to the 99th percentile; point at a cell for its number")
        )
