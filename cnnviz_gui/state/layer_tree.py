"""The rows of the layer tree: pure functions of a network's facts."""

from __future__ import annotations

from dataclasses import dataclass, field

from cnnviz_gui.core.facts import LayerFacts, ModelFacts

_LIST = "Sequential"
_MOST = 20
_STRIP = ("conv", "depthwise", "block", "residual")


@dataclass(slots=True)
class Node:
    """A row and the rows below it."""

    layer: LayerFacts
    name: str
    """As shown: without the part the enclosing row already says."""
    share: float
    """Parameters relative to the row that has most."""
    children: list[Node] = field(default_factory=list)


def tree(facts: ModelFacts) -> list[Node]:
    """Return the top rows in order of execution.

    A plain Sequential is only a list, so its members stand in its place under their full names.
    """
    shown = [layer for layer in facts.layers if layer.type != _LIST]
    most = max((layer.parameters for layer in shown if layer.depth <= 1), default=0) or 1
    parents = {layer.name: layer.parent for layer in facts.layers}
    nodes: dict[str, Node] = {}
    top: list[Node] = []
    for layer in shown:
        above = _enclosing(layer, parents, nodes)
        prefix = f"{above.layer.name.split('#')[0]}." if above is not None else ""
        node = Node(layer, layer.name.removeprefix(prefix), min(1.0, layer.parameters / most))
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


def count(facts: ModelFacts) -> int:
    """Return how many layers there are, a convolution with its norm and activation being one."""
    units = {
        layer.name
        for layer in facts.layers
        if not layer.leaf and layer.role in ("conv", "depthwise", "linear")
    }
    leaves = sum(1 for layer in facts.layers if layer.leaf and layer.parent not in units)
    return leaves + len(units)


def summary(layer: LayerFacts) -> str:
    """Return the kind of a layer in a few words: ``convolution 3 × 3``, ``depthwise 5 × 5``."""
    words = {
        "conv": "convolution",
        "depthwise": "depthwise",
        "linear": "linear",
        "norm": "normalisation",
        "activation": "activation",
        "pool": "pooling",
        "residual": "residual block",
        "block": "block",
        "other": layer.type,
    }
    if layer.kernel is not None:
        return f"{words[layer.role]} {layer.kernel[0]} × {layer.kernel[1]}"
    return words[layer.role]


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

    Of more than 20 an even choice is taken that ends with the last. Those of the latest network
    are remembered, for they are asked for at every change. GUI thread only.
    """
    global _latest
    if _latest is None or _latest[0] is not facts:
        _latest = facts, _strip_layers(facts)
    return _latest[1]


def _strip_layers(facts: ModelFacts) -> tuple[str, ...]:
    names = [
        node.layer.name for node in tree(facts) if node.layer.spatial and node.layer.role in _STRIP
    ]
    if len(names) <= _MOST:
        return tuple(names)
    last = len(names) - 1
    return tuple(names[round(place * last / (_MOST - 1))] for place in range(_MOST))


_latest: tuple[ModelFacts, tuple[str, ...]] | None = None
