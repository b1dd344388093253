"""The rows of the layer tree: pure functions of a network's facts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from cnnviz_gui.core.facts import LayerFacts, ModelFacts, Role
from cnnviz_gui.state.layer_words import KINDS, Kind, Measure, said, summary

__all__ = [
    "Node",
    "count",
    "found",
    "kinds",
    "most",
    "order",
    "strip_layers",
    "summary",
    "tree",
    "units",
    "visible",
]

_LIST = "Sequential"
_MOST = 20
_STRIP: frozenset[Role] = frozenset(
    {"conv", "depthwise", "block", "residual", "inverted", "branches", "dense", "attention"}
)


@dataclass(slots=True)
class Node:
    """A row and the rows below it."""

    layer: LayerFacts
    name: str
    """As shown: without the part the enclosing row already says."""
    children: list[Node] = field(default_factory=list)


def tree(facts: ModelFacts) -> list[Node]:
    """Return the top rows in order of execution.

    A plain Sequential is only a list, so its members stand in its place under their full names.
    """
    parents = {layer.name: layer.parent for layer in facts.layers}
    nodes: dict[str, Node] = {}
    top: list[Node] = []
    for layer in facts.layers:
        if layer.type == _LIST:
            continue
        above = _enclosing(layer, parents, nodes)
        prefix = f"{above.layer.name.split('#')[0]}." if above is not None else ""
        node = Node(layer, layer.name.removeprefix(prefix))
        (above.children if above is not None else top).append(node)
        nodes[layer.name] = node
    return top


def _enclosing(layer: LayerFacts, parents: dict[str, str], nodes: dict[str, Node]) -> Node | None:
    """Return the nearest enclosing row that is shown."""
    name = layer.parent
    while name:
        if name in nodes:
            return nodes[name]
        name = parents.get(name, "")
    return None


def most(nodes: Collection[Node], measure: Measure) -> int:
    """Return how many parameters or multiply-adds the largest of the rows has, at least 1."""
    return max((getattr(node.layer, measure) for node in nodes), default=0) or 1


def units(facts: ModelFacts) -> list[LayerFacts]:
    """Return the layers in order, a convolution with its norm and activation being one."""
    whole = _whole(facts)
    return [
        layer
        for layer in facts.layers
        if layer.name in whole or (layer.leaf and layer.parent not in whole)
    ]


def _whole(facts: ModelFacts) -> dict[str, Role]:
    """Return the rows that stand for a convolution with all that follows it, with their role."""
    return {
        layer.name: layer.role
        for layer in facts.layers
        if not layer.leaf
        and layer.type != _LIST  # it has no row of its own
        and layer.role in ("conv", "depthwise", "linear")
    }


def count(facts: ModelFacts) -> int:
    """Return how many layers there are, a convolution with its norm and activation being one.

    What is no module, such as an addition, is not counted.
    """
    return sum(1 for layer in units(facts) if not layer.operation)


def kinds(facts: ModelFacts) -> list[tuple[Kind, int]]:
    """Return the kinds of layers that a network has, with how many of each."""
    roles = [layer.role for layer in _distinct(facts)]
    numbers = [(kind, sum(role in kind.roles for role in roles)) for kind in KINDS]
    return [(kind, number) for kind, number in numbers if number]


def _distinct(facts: ModelFacts) -> list[LayerFacts]:
    """Return the rows without those that only repeat what the enclosing row stands for."""
    whole = _whole(facts)
    return [
        layer
        for layer in facts.layers
        if layer.type != _LIST and whole.get(layer.parent) != layer.role
    ]


def found(facts: ModelFacts, query: str, chosen: Collection[str] = ()) -> frozenset[str]:
    """Return the names of the rows that are looked for.

    Parameters
    ----------
    facts
        Of the network.
    query
        All of its words must occur in name, type or kind of a row, or of one that encloses it.
    chosen
        Names of ``KINDS``; none means all.
    """
    words = query.casefold().split()
    fitting: set[str] = set()
    for layer in facts.layers:  # an enclosing row comes before those in it
        text = said(layer).casefold()
        if layer.parent in fitting or all(word in text for word in words):
            fitting.add(layer.name)
    if chosen:
        roles = {role for kind in KINDS if kind.name in chosen for role in kind.roles}
        fitting &= {layer.name for layer in _distinct(facts) if layer.role in roles}
    return frozenset(fitting)


def order(facts: ModelFacts) -> list[str]:
    """Return the names of the rows in order of execution, as the tree shows them."""
    return [layer.name for layer in facts.layers if layer.type != _LIST]


def visible(facts: ModelFacts, name: str) -> str:
    """Return the row that stands for a layer: for a plain list that of its last member."""
    layer = facts.layer(name)
    if layer is None or layer.type != _LIST:
        return name
    inside = [row.name for row in facts.layers if row.parent == name]
    return visible(facts, inside[-1]) if inside else name


def strip_layers(facts: ModelFacts) -> tuple[str, ...]:
    """Return the layers of which heat maps are shown in a row: top rows whose output has space.

    The recommended layer is always among them, whatever it is. Of more than 20 an even choice is
    taken that ends with the last. Those of the latest network are remembered, for they are asked
    for at every change. GUI thread only.
    """
    global _latest
    if _latest is None or _latest[0] is not facts:
        _latest = facts, _strip_layers(facts)
    return _latest[1]


def _strip_layers(facts: ModelFacts) -> tuple[str, ...]:
    top = {
        node.layer.name for node in tree(facts) if node.layer.spatial and node.layer.role in _STRIP
    }
    recommended = visible(facts, facts.recommended_layer)
    names = [layer.name for layer in facts.layers if layer.name in top | {recommended}]
    if len(names) <= _MOST:
        return tuple(names)
    last = len(names) - 1
    places = [round(place * last / (_MOST - 1)) for place in range(_MOST)]
    if recommended in names and (kept := names.index(recommended)) not in places:
        nearest = min(range(_MOST), key=lambda place: abs(places[place] - kept))
        places[nearest] = kept
    return tuple(names[place] for place in places)


_latest: tuple[ModelFacts, tuple[str, ...]] | None = None
