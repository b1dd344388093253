"""The ways past rows of a block: skip connections, branches, everything not read in a row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.state.layer_tree import Node

HEAD = -1
"""The place of the block's own row, which stands for what comes into the block."""
LANES = 2
"""More lines than this beside one another cannot be told apart: they become one."""


@dataclass(frozen=True, slots=True)
class Way:
    """One line beside the rows of a block, by places among them."""

    starts: tuple[int, ...]
    """Rows whose output takes this way, in order; ``HEAD`` for the input of the block."""
    ends: tuple[int, ...]
    """Rows that read it."""
    lane: int = 0
    """Lines that lie beside one another have different ones, from 0."""

    @property
    def first(self) -> int:
        """Where the line begins."""
        return self.starts[0]

    @property
    def last(self) -> int:
        """Where it ends."""
        return self.ends[-1]


def ways(block: Node, facts: ModelFacts) -> tuple[Way, ...]:
    """Return the ways past rows of a block; a row that reads the one above it needs none.

    Lines from one row to several are one, and so are lines from several rows to one.
    """
    edges = sorted(set(_edges(block, facts)))
    targets: dict[int, list[int]] = defaultdict(list)
    for start, end in edges:
        targets[start].append(end)
    made = [Way((start,), tuple(ends)) for start, ends in targets.items() if len(ends) > 1]
    sources: dict[int, list[int]] = defaultdict(list)
    for start, end in edges:
        if len(targets[start]) == 1:
            sources[end].append(start)
    made += [Way(tuple(starts), (end,)) for end, starts in sources.items()]
    return _laned(made)


def _edges(block: Node, facts: ModelFacts) -> Iterable[tuple[int, int]]:
    above = {layer.name: layer.parent for layer in facts.layers}
    places = {node.layer.name: place for place, node in enumerate(block.children)}
    lists = _lists(block, above, places)
    for place, node in enumerate(block.children):
        for name in _inputs(node.layer):
            start = _place(name, above, places | lists)
            if start < place - 1:
                yield start, place


def _inputs(layer: LayerFacts) -> Iterable[str]:
    return (name for name in layer.inputs if name != layer.name)


def _lists(block: Node, above: dict[str, str], places: dict[str, int]) -> dict[str, int]:
    """Return for each plain list inside the block the place of its last member."""
    last: dict[str, int] = {}
    for name, place in places.items():
        enclosing = above.get(name, "")
        while enclosing and enclosing != block.layer.name:
            last[enclosing] = max(place, last.get(enclosing, place))
            enclosing = above.get(enclosing, "")
    return last


def _place(name: str, above: dict[str, str], places: dict[str, int]) -> int:
    """Return the place of the row of the block in which a row lies."""
    while name:
        if name in places:
            return places[name]
        name = above.get(name, "")
    return HEAD


def _laned(made: Sequence[Way]) -> tuple[Way, ...]:
    """Give lines side by side lanes of their own; too many become one line."""
    ends: list[int] = []
    laned: list[Way] = []
    for way in sorted(made, key=lambda way: (way.first, -way.last)):
        lane = next((at for at, end in enumerate(ends) if end < way.first), len(ends))
        if lane == LANES:
            return (_merged(made),)
        ends[lane : lane + 1] = [way.last]
        laned.append(Way(way.starts, way.ends, lane))
    return tuple(laned)


def _merged(made: Sequence[Way]) -> Way:
    starts = sorted({start for way in made for start in way.starts})
    ends = sorted({end for way in made for end in way.ends})
    return Way(tuple(starts), tuple(ends))
