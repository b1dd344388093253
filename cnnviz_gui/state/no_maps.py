"""What is said of layers that give neither maps nor a vector: pure functions."""

from __future__ import annotations

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import LayerFacts, ModelFacts


def has_maps(layer: LayerFacts) -> bool:
    """Tell whether the channels of a layer can be shown: as maps, or as a vector of numbers."""
    return len(layer.output_shape) in (1, 3)


def why(layer: LayerFacts | None) -> str:
    """Return what a layer gives instead of maps; empty where it has them or is not known."""
    if layer is None or has_maps(layer):
        return ""
    if len(layer.output_shape) == 2:
        tokens, size = (fmt.count(number) for number in layer.output_shape)
        what = f"{tokens} tokens of {size} numbers each, in a row and not in a grid"
        return f"{layer.name} gives {what}: there are no maps to show."
    shape = fmt.shape(layer.output_shape)
    return f"{layer.name} gives numbers along several axes ({shape}): there are no maps to show."


def nearest(facts: ModelFacts | None, layer: LayerFacts | None) -> str:
    """Return the last layer with maps before another one, else the first after it, or nothing."""
    if facts is None or layer is None:
        return ""
    names = [row.name for row in facts.layers]
    at = names.index(layer.name) if layer.name in names else 0
    before = [row.name for row in facts.layers[:at] if row.spatial]
    after = [row.name for row in facts.layers[at:] if has_maps(row)]
    return (before[-1:] + after[:1] + [""])[0]
