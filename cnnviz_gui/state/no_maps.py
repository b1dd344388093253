"""What is said of layers that give neither maps nor a vector: pure functions."""

from __future__ import annotations

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.texts import tr


def has_maps(layer: LayerFacts) -> bool:
    """Tell whether the channels of a layer can be shown: as maps, or as a vector of numbers."""
    return len(layer.output_shape) in (1, 3)


def why(layer: LayerFacts | None, *, channels: bool = False) -> str:
    """Return what a layer gives instead of maps; empty where it has them or is not known.

    It ends with what cannot be done: maps cannot be shown, or ``channels`` not be pictured.
    """
    if layer is None or has_maps(layer):
        return ""
    if len(layer.output_shape) == 2:
        tokens, size = (fmt.count(number) for number in layer.output_shape)
        gives = tr(
            "{layer} gives {tokens} tokens of {size} numbers each, in a row and not in a grid",
            layer=layer.name,
            tokens=tokens,
            size=size,
        )
    else:
        shape = fmt.shape(layer.output_shape)
        gives = tr(
            "{layer} gives numbers along several axes ({shape})", layer=layer.name, shape=shape
        )
    if channels:
        return tr("{gives}: there are no channels to picture.", gives=gives)
    return tr("{gives}: there are no maps to show.", gives=gives)


def nearest(facts: ModelFacts | None, layer: LayerFacts | None) -> str:
    """Return the last layer with maps before another one, else the first after it, or nothing."""
    if facts is None or layer is None:
        return ""
    names = [row.name for row in facts.layers]
    at = names.index(layer.name) if layer.name in names else 0
    before = [row.name for row in facts.layers[:at] if row.spatial]
    after = [row.name for row in facts.layers[at:] if has_maps(row)]
    return (before[-1:] + after[:1] + [""])[0]
