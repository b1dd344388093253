"""What comes back of the inside of a network: read-only numpy arrays and plain values. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.result import ByteArray, FloatArray, Prediction, Result

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    IntArray = npt.NDArray[np.int64]
else:
    IntArray = Any


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChannelContributions(Result):
    """How much each channel speaks for a class; negative against it."""

    layer: str
    target: Score
    values: FloatArray
    """(C,): the logit's gradient times the activation, summed over the cells."""


@dataclass(frozen=True, slots=True, eq=False)
class NormArithmetic:
    """A batch norm at one channel: (sum - mean) / sqrt(variance + eps) * weight + bias."""

    mean: float
    variance: float
    eps: float
    weight: float
    bias: float
    value: float
    """After it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellArithmetic(Result):
    """One cell of a convolution's map, from the numbers it is made of."""

    layer: str
    channel: int
    row: int
    column: int
    source: str
    """Name of the layer whose maps the convolution reads; empty for the picture."""
    patch: FloatArray
    """(C, kh, kw): what the kernel lies on, zeros where it reaches beyond the edge."""
    kernel: FloatArray
    """(C, kh, kw), with as many channels as the patch."""
    first_channel: int
    """Of the patch, among the channels that the layer reads; not 0 in a grouped convolution."""
    corner: tuple[int, int]
    """Row and column of the patch's first cell among those that the layer reads; may be < 0."""
    dilation: tuple[int, int]
    sum: float
    """Of patch times kernel, without bias."""
    bias: float | None
    norm: NormArithmetic | None
    activation: str
    """``ReLU6``; empty where none follows."""
    value: float
    """What the steps give."""
    factor: float
    """What the value is multiplied by where the channel itself is silenced or scaled, else 1."""
    shown: float
    """The same cell of the layer's map as the network computes it."""


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """How numbers are spread."""

    counts: FloatArray
    """(B,): share of the numbers in each of B equal intervals from ``low`` to ``high``."""
    low: float
    high: float
    mean: float
    std: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LayerFilters(Result):
    """The weights of a layer, as much of them as is shown."""

    layer: str
    form: Literal["none", "colour", "slices", "single", "matrix"]
    """Without weights that can be shown; (3, kh, kw) a filter; several slices a filter; one slice a
    filter; a 1 × 1 convolution or a linear layer.
    """
    shape: tuple[int, ...] = ()
    """(out, in / groups, kh, kw), or (out, in) of a linear layer."""
    groups: int = 1
    view: Literal["whole", "filter", "input"] = "whole"
    """What of it is here; ``whole`` only for ``colour``, ``single`` and ``matrix``."""
    index: int = 0
    kernels: FloatArray | None = None
    """(N, 3, kh, kw) of ``colour``, (N, kh, kw) of ``slices`` and ``single``."""
    kernel_norms: FloatArray | None = None
    """(N,): L2 norm of each."""
    matrix: FloatArray | None = None
    """(r, c): the weight of largest magnitude of each block of ``step`` rows and columns."""
    window: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Top, left, bottom, right of what ``matrix`` covers."""
    step: tuple[int, int] = (1, 1)
    rows: IntArray | None = None
    """(out,): which filter each row of the whole matrix is."""
    norms: FloatArray | None = None
    """(out,): L2 norm of each filter."""
    bound: float = 0.0
    """Largest finite magnitude in the whole layer."""
    reach: float = 0.0
    """Magnitude that one weight in a thousand exceeds: few outliers must not pale all others."""
    weights: Distribution | None = None
    """Counted over every n-th filter where the weights are many millions."""
    bias: FloatArray | None = None
    """(out,)."""
    biases: Distribution | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LayerActivity:
    """How one layer answers to several pictures."""

    layer: str
    counts: FloatArray
    """(B,): share of the activations in each of B equal intervals from ``low`` to ``high``; of a
    large layer of an evenly spread sample, while all that follows counts every one.
    """
    low: float
    high: float
    """Where the intervals begin and end; ``least`` and ``most`` lie in the first and the last."""
    least: float
    most: float
    """Of all activations that are finite."""
    mean: float
    std: float
    zeros: float
    """Share of the activations that are exactly 0, in [0, 1]."""
    dead: tuple[int, ...]
    """Channels that are exactly 0 at every cell of every picture."""
    channels: int
    channel_means: FloatArray
    """(C,)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkActivity(Result):
    """Every layer's answer to several pictures, in order of execution."""

    layers: tuple[LayerActivity, ...]
    looked_at: int
    total: int
    skipped: tuple[tuple[str, str], ...] = ()
    """Pictures that could not be read, with the reason."""
    truncated: bool = False
    """The folder holds more than the limit; the rest was left out."""


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """The part of a picture that one cell sees."""

    path: str
    value: float
    """Of the cell, the largest of the channel's map."""
    row: int
    column: int
    box: tuple[int, int, int, int]
    """Left, top, right, bottom in pixels of the network's input; may reach beyond it."""
    pixels: ByteArray
    """uint8 (h, w, 3), the box cut to the input."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChannelPatches(Result):
    """The patches that excite a channel most, best first, one of each picture."""

    layer: str
    channel: int
    patches: tuple[Patch, ...]
    looked_at: int
    total: int
    skipped: tuple[tuple[str, str], ...] = ()
    truncated: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Push:
    """How much a channel moves the logit of a class."""

    index: int
    label: str
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PushedClasses(Result):
    """The classes that a channel speaks for and against, strongest first."""

    layer: str
    channel: int
    how: Literal["head", "gradient"]
    """Exact weights of a linear head, or the gradient at the present picture."""
    up: tuple[Push, ...]
    down: tuple[Push, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EditedPrediction(Prediction):
    """What a network says of a picture with some of its channels edited.

    Both lists have the same classes: the best after the edits, and the winner of before.
    """

    before: tuple[Score, ...]
    """Without the edits, best first."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FlippingChannels(Result):
    """Channels that, silenced together, change the predicted class; streams while it is sought."""

    layer: str
    channels: tuple[int, ...]
    """In the order in which they were found to matter; empty while none is found."""
    tried: int
    """Sets that were put to the network."""
    before: tuple[Score, ...]
    after: tuple[Score, ...]
    found: bool
