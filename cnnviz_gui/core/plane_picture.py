"""The two pictures of a plane: classes as colours, confidence as their depth; the loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from cnnviz_gui.core import render
from cnnviz_gui.core.plane_results import OTHERS, PlaneResult

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray

_LEAST = 0.25
"""How strong the colour is where the network is not sure at all."""
Rgb = tuple[int, int, int]
_Colour = TypeVar("_Colour")


def colours(
    result: PlaneResult, own: _Colour, others: Sequence[_Colour], rest: _Colour
) -> dict[int, _Colour]:
    """Return the colour of each class: the picture's own, the next by how much they cover."""
    covering = [index for index, _ in result.names if index != result.label.index]
    coloured = dict(zip(covering, others, strict=False))
    return {OTHERS: rest, result.label.index: own} | dict.fromkeys(covering, rest) | coloured


def class_picture(result: PlaneResult, coloured: Mapping[int, Rgb], ground: Rgb) -> ByteArray:
    """Return uint8 (F, F, 3), the top row at the largest b."""
    classes, confidence = result.drawing.classes, result.drawing.confidence
    present = np.unique(classes)
    table = np.array([coloured[index] for index in present.tolist()], dtype=np.float32)
    depth = (_LEAST + (1 - _LEAST) * confidence)[..., np.newaxis]
    behind = np.array(ground, dtype=np.float32)
    picture = behind + depth * (table[np.searchsorted(present, classes)] - behind)
    return np.ascontiguousarray(picture.round().astype(np.uint8)[::-1])


def loss_picture(result: PlaneResult, name: str) -> ByteArray:
    """Return uint8 (F, F, 3) of the loss in a colour map, the top row at the largest b."""
    picture = render.apply_colormap(result.drawing.loss, name, *loss_range(result))
    return np.ascontiguousarray(picture[::-1])


def loss_range(result: PlaneResult) -> tuple[float, float]:
    """Return the ends of the colours of the loss."""
    loss = result.drawing.loss
    low, high = float(loss.min()), float(loss.max())
    return low, max(high, low + 1e-6)


def arrays(result: PlaneResult) -> dict[str, np.ndarray]:
    """Return the numbers behind a plane by name; row 0 is at the least b, column 0 at the least a.

    ``classes`` (S, S), ``probabilities`` (S, S) of the class that wins, ``loss`` (S, S) in nats;
    ``a``, ``b`` (S,) in lengths of the two directions and ``units`` (2,) how long these are on the
    axes; ``names`` (C,) of the ``indices`` (C,) of all classes; ``ball`` and ``path`` (M, 2).
    """
    places = np.linspace(-result.reach, result.reach, len(result.classes))
    return {
        "classes": result.classes,
        "probabilities": result.confidence,
        "loss": result.loss,
        "a": places,
        "b": places,
        "units": np.array(result.units),
        "indices": np.array([index for index, _ in result.names]),
        "names": np.array([name for _, name in result.names]),
        "ball": result.ball,
        "path": result.path,
    }
