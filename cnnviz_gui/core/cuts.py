"""The cuts that a session keeps of the network in use, or of the two compared."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import TYPE_CHECKING

from cnnviz_gui.core import shortage

if TYPE_CHECKING:
    from cnnviz_gui.core.facts import ModelFacts
    from cnnviz_gui.core.models.classifier import Classifier
    from cnnviz_gui.core.models.split import Cut

_MOST_CUTS = 2
_ROOM = 256 << 20


def held(cut: Cut, layer: str, facts: ModelFacts) -> int:
    """Return about how many bytes a cut keeps: its maps and all that its graph saved.

    The graph is taken to save the output of everything after the layer. It is a third less where
    operations work in place.
    """
    own = cut.features.nbytes + cut.logits.nbytes
    names = [row.name for row in facts.layers]
    runs = [name for name in names if name == layer or name.split("#")[0] == layer]
    if not runs:
        return own
    inside = facts.inside(runs[-1])
    after = facts.layers[names.index(runs[-1]) + 1 :]
    later = [row for row in after if row.name not in inside]
    return own + shortage.graph_bytes(later, len(cut.logits))


class CutMemory:
    """The last cuts of the networks in use; few, since each keeps the graph up to the logits.

    Two a network are a picture and its adversarial image, side by side at one layer. The graph
    holds the weights too, so a network lives as long as one of its cuts.

    Parameters
    ----------
    classifiers
        The networks whose cuts are kept; ``serve`` names others.
    max_bytes
        Bound of what the cuts keep in all; the newest of each network stays whatever its size.
    """

    def __init__(self, *classifiers: Classifier, max_bytes: int = _ROOM) -> None:
        self._max_bytes = max_bytes
        self._cuts: dict[Classifier, OrderedDict[Hashable, tuple[Cut, int]]] = {}
        self.serve(*classifiers)

    def __len__(self) -> int:
        return sum(len(cuts) for cuts in self._cuts.values())

    @property
    def nbytes(self) -> int:
        """About the bytes of the maps, the logits, and what the graph saved in between."""
        return sum(size for cuts in self._cuts.values() for _, size in cuts.values())

    def serve(self, *classifiers: Classifier) -> None:
        """Keep cuts of these networks from now on; those of others are dropped."""
        self._cuts = {one: self._cuts.get(one, OrderedDict()) for one in classifiers}

    def get(self, classifier: Classifier, key: Hashable) -> Cut | None:
        """Return the cut, or None."""
        cuts = self._cuts.get(classifier)
        if cuts is None or key not in cuts:
            return None
        cuts.move_to_end(key)
        return cuts[key][0]

    def put(self, classifier: Classifier, key: Hashable, cut: Cut, nbytes: int) -> None:
        """Keep a cut and drop the network's oldest beyond a bound; that of another is not kept.

        A job that began before the switch to another network ends after it.
        """
        cuts = self._cuts.get(classifier)
        if cuts is None:
            return
        cuts[key] = cut, nbytes
        cuts.move_to_end(key)
        while len(cuts) > 1 and (len(cuts) > _MOST_CUTS or self.nbytes > self._max_bytes):
            cuts.popitem(last=False)

    def drop(self) -> None:
        """Drop all cuts; those that come are kept again."""
        for cuts in self._cuts.values():
            cuts.clear()

    def clear(self) -> None:
        """Drop everything, the networks too."""
        self._cuts.clear()
