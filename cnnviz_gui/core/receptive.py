"""Which part of the picture a cell of a map sees, and which cell sees a pixel."""

from __future__ import annotations

from cnnviz_gui.core import numbers
from cnnviz_gui.core.facts import LayerFacts
from cnnviz_gui.texts import ptr

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the network's input; may reach beyond it."""


def short(layer: LayerFacts) -> str:
    """Return the size of a field for a table: ``35``, ``159 × 255``, ``all``, a dash if unknown."""
    if layer.receptive_field is not None:
        return numbers.sides(layer.receptive_field)
    return ptr("receptive field", "all") if layer.field_known else numbers.NONE


def field_box(layer: LayerFacts, row: int, column: int) -> Box | None:
    """Return the receptive field of a cell; None for all of the picture, and if unknown."""
    if layer.receptive_field is None or layer.jump is None or layer.offset is None:
        return None
    (high, wide), (down, across) = layer.receptive_field, layer.jump
    top = layer.offset[0] + down * row - (high - 1) / 2
    left = layer.offset[1] + across * column - (wide - 1) / 2
    return left, top, left + wide, top + high


def cell_at(layer: LayerFacts, x: int, y: int, size: int) -> tuple[int, int] | None:
    """Return row and column of the cell nearest to pixel (x, y) of an input of side ``size``.

    None where the layer has no maps.
    """
    if len(layer.output_shape) != 3:
        return None
    _, high, wide = layer.output_shape
    if layer.jump is None or layer.offset is None:
        row, column = y * high / size - 0.5, x * wide / size - 0.5
    else:
        row = (y - layer.offset[0]) / layer.jump[0]
        column = (x - layer.offset[1]) / layer.jump[1]
    return min(max(round(row), 0), high - 1), min(max(round(column), 0), wide - 1)
