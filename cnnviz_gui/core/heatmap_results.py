"""What comes back of heat maps: read-only numpy arrays and plain values. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.result import FloatArray, Result


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """A curve that belongs to a heat map: the score along the path of integrated gradients."""

    points: Any
    """float (2, n): places along the axis, and the values there."""
    across: str
    """What the places are, in words, for the axis below."""
    up: str
    """What the values are, for the axis beside."""


@dataclass(frozen=True, slots=True)
class HeatmapValue:
    """What a heat-map method returns to ``execute``: arrays or tensors on any device.

    A method that gathers samples shows what it has with ``ctx.partial``.
    """

    map: Any
    """float (H, W) at the network's input size, in its own units."""
    coarse: Any | None = None
    """float (h, w) before up-sampling, of a map that is made on the grid of a layer."""
    signed: bool = False
    """Values below zero speak against the class."""
    layer: str = ""
    reason: str = ""
    """Why the map is zero everywhere or not finite, one sentence; empty when it is neither."""
    samples: int = 0
    """That the map rests on: masks, noisy copies, windows, views; 0 where there is one pass."""
    expected: int = 0
    """Samples there are in the end."""
    notes: tuple[str, ...] = ()
    """What is to be known of this map, one sentence each: how far it adds up to the score."""
    curve: Curve | None = None
    """Its ``points`` are an array or a tensor."""
    colour: Any | None = None
    """float (3, H, W), with signs: what came back to red, green and blue, before it was merged to
    one number a pixel; of methods that papers print so.
    """


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeatmapResult(Result):
    """A heat map; those of methods that gather samples stream."""

    method: str
    layer: str
    target: Score
    against: Score | None = None
    """What the target was set against."""
    class_free: bool = False
    """The method looks at no class, whatever the target is."""
    map: FloatArray
    """(H, W) at the network's input size, in its own units, before any scaling for display."""
    coarse: FloatArray | None
    signed: bool
    reason: str = ""
    samples: int = 0
    """That the map rests on, 0 where there is one pass; fewer than ``expected`` where stopped."""
    expected: int = 0
    notes: tuple[str, ...] = ()
    curve: Curve | None = None
    """Its ``points`` are float32, read-only."""
    colour: FloatArray | None = None
    """(3, H, W), with signs, in the units of the map: what it was merged of; None of most."""
    likeness: float | None = None
    """Of the map of an adversarial image: its rank correlation with that of the picture itself, in
    [-1, 1]; None where that was not computed before, or one of the two is blank.
    """


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SavedFigure(Result):
    """A heat map was written as a figure."""

    path: str
    """The file written."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerMap:
    """A heat map at one layer, on the layer's own grid."""

    layer: str
    coarse: FloatArray
    """(h, w), in its own units."""
    signed: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeatmapLayersResult(Result):
    """The maps computed so far, in the order asked for; layers that cannot serve are left out."""

    maps: tuple[LayerMap, ...]
    expected: int
