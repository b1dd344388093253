"""How a picture shrinks and its channels grow along a network: pure functions of its facts."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.state.layer_tree import Node, tree
from cnnviz_gui.texts import tr

_FEWEST = 8
"""A network of fewer top rows is shown by what is inside of them."""


@dataclass(frozen=True, slots=True)
class Step:
    """What comes out of a row: the picture itself has none."""

    layer: LayerFacts | None
    side: float
    """Of the maps, in cells; of a sequence of tokens the side of the square they fill."""
    channels: int
    shape: str

    @property
    def said(self) -> str:
        """Name and shape: ``blocks.3: 40 × 28 × 28``."""
        name = self.layer.name if self.layer is not None else tr("The picture")
        return f"{name}: {self.shape}"


def profile(facts: ModelFacts) -> tuple[Step, ...]:
    """Return the picture, then the rows of the network in order of execution."""
    rows = tree(facts)
    while len(rows) < _FEWEST:
        inside = [node for node in rows if _opens(node)]
        if not inside:
            break
        widest = max(inside, key=_rows)
        place = rows.index(widest)
        rows[place : place + 1] = widest.children
    if not rows:
        return ()
    size = (facts.channels, facts.input_size, facts.input_size)
    picture = Step(None, facts.input_size, facts.channels, fmt.shape(size))
    return (picture, *(_step(node.layer) for node in rows))


def at(steps: tuple[Step, ...], facts: ModelFacts, name: str) -> int | None:
    """Return the place of the step in which a layer lies, None where it lies in none."""
    places = {step.layer.name: place for place, step in enumerate(steps) if step.layer is not None}
    above = {layer.name: layer.parent for layer in facts.layers}
    while name:
        if name in places:
            return places[name]
        name = above.get(name, "")
    return None


def height(number: float, largest: float) -> float:
    """Return how tall a bar is, in [0, 1], on a scale on which each doubling is as much.

    A single cell or channel is not nothing, so it has a trace.
    """
    if largest <= 1:
        return 1.0
    return max(0.06, math.log2(max(number, 1.0)) / math.log2(largest))


def _opens(node: Node) -> bool:
    return bool(node.children) and node.layer.role not in ("conv", "depthwise", "linear")


def _rows(node: Node) -> int:
    return 1 + sum(_rows(child) for child in node.children)


def _step(layer: LayerFacts) -> Step:
    shape = layer.output_shape
    side = 1.0
    channels = shape[0]
    if len(shape) == 3:
        side = math.sqrt(shape[1] * shape[2])
    elif len(shape) == 2:
        side, channels = math.sqrt(shape[0]), shape[1]
    return Step(layer, side, channels, fmt.shape(shape))
