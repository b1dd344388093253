"""The cuts that a session keeps of the network in use, or of the two compared."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnviz_gui.core.models.classifier import Classifier
    from cnnviz_gui.core.models.split import Cut

_MOST_CUTS = 2


class CutMemory:
    """The last cuts of the networks in use; few, since each keeps the graph up to the logits.

    Two a network are a picture and its adversarial image, side by side at one layer. The graph
    holds the weights too, so a network lives as long as one of its cuts.

    Parameters
    ----------
    classifiers
        The networks whose cuts are kept; ``serve`` names others.
    """

    def __init__(self, *classifiers: Classifier) -> None:
        self._cuts: dict[Classifier, OrderedDict[Hashable, Cut]] = {}
        self.serve(*classifiers)

    def __len__(self) -> int:
        return sum(len(cuts) for cuts in self._cuts.values())

    @property
    def nbytes(self) -> int:
        """Bytes of the maps and the logits; what the graph saved in between is not counted."""
        kept = [cut for cuts in self._cuts.values() for cut in cuts.values()]
        return sum(cut.features.nbytes + cut.logits.nbytes for cut in kept)

    def serve(self, *classifiers: Classifier) -> None:
        """Keep cuts of these networks from now on; those of others are dropped."""
        self._cuts = {one: self._cuts.get(one, OrderedDict()) for one in classifiers}

    def get(self, classifier: Classifier, key: Hashable) -> Cut | None:
        """Return the cut, or None."""
        cuts = self._cuts.get(classifier)
        if cuts is None or key not in cuts:
            return None
        cuts.move_to_end(key)
        return cuts[key]

    def put(self, classifier: Classifier, key: Hashable, cut: Cut) -> None:
        """Keep a cut and drop the network's oldest beyond the bound; that of another is not kept.

        A job that began before the switch to another network ends after it.
        """
        cuts = self._cuts.get(classifier)
        if cuts is None:
            return
        cuts[key] = cut
        while len(cuts) > _MOST_CUTS:
            cuts.popitem(last=False)

    def drop(self) -> None:
        """Drop all cuts; those that come are kept again."""
        for cuts in self._cuts.values():
            cuts.clear()

    def clear(self) -> None:
        """Drop everything, the networks too."""
        self._cuts.clear()
