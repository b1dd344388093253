"""The cuts that a session keeps of its newest network."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnviz_gui.core.models.classifier import Classifier
    from cnnviz_gui.core.models.split import Cut

_MOST_CUTS = 2


class CutMemory:
    """The last cuts of one network; few, since each keeps the graph from its layer to the logits.

    Two are a picture and its adversarial image, side by side at one layer. The graph holds the
    weights too, so a network lives as long as one of its cuts.

    Parameters
    ----------
    classifier
        The network whose cuts are kept; None keeps none until ``serve`` names one.
    """

    def __init__(self, classifier: Classifier | None = None) -> None:
        self._classifier = classifier
        self._cuts: OrderedDict[Hashable, Cut] = OrderedDict()

    def __len__(self) -> int:
        return len(self._cuts)

    @property
    def nbytes(self) -> int:
        """Bytes of the maps and the logits; what the graph saved in between is not counted."""
        return sum(cut.features.nbytes + cut.logits.nbytes for cut in self._cuts.values())

    def serve(self, classifier: Classifier) -> None:
        """Keep cuts of this network from now on; those of another one are dropped."""
        if classifier is not self._classifier:
            self.clear()
            self._classifier = classifier

    def get(self, classifier: Classifier, key: Hashable) -> Cut | None:
        """Return the cut, or None."""
        if classifier is not self._classifier or key not in self._cuts:
            return None
        self._cuts.move_to_end(key)
        return self._cuts[key]

    def put(self, classifier: Classifier, key: Hashable, cut: Cut) -> None:
        """Keep a cut and drop the oldest beyond the bound; one of another network is not kept.

        A job that began before the switch to another network ends after it.
        """
        if classifier is not self._classifier:
            return
        self._cuts[key] = cut
        while len(self._cuts) > _MOST_CUTS:
            self._cuts.popitem(last=False)

    def drop(self) -> None:
        """Drop all cuts; those that come are kept again."""
        self._cuts.clear()

    def clear(self) -> None:
        """Drop everything, the network too."""
        self.drop()
        self._classifier = None
