"""Plain facts about networks and pictures: what leaves the worker and the panels draw. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Weights = Literal["embedded", "here", "download", "none"]
Channels = Literal[1, 3, 4]
"""What a network reads: grey, red green blue, or the same with an opaque fourth channel."""
Role = Literal[
    "conv",
    "depthwise",
    "linear",
    "norm",
    "activation",
    "pool",
    "block",
    "residual",
    "inverted",
    "branches",
    "dense",
    "scale",
    "attention",
    "add",
    "cat",
    "reshape",
    "other",
]


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """One layer of a network, in order of execution, for the network's own input size."""

    name: str
    """Dotted module name; a module that runs more than once has ``#1``, ``#2`` per call."""
    type: str
    """``Conv2d``, ``BatchNorm2d``; a block has its class name."""
    depth: int
    """Nesting: 0 for children of the network itself."""
    parent: str
    """Name of the enclosing module's row, empty at the top."""
    output_shape: tuple[int, ...]
    """Without the batch dimension: (C, H, W) or (C,)."""
    parameters: int
    parameters_formula: str
    """``1280 · 320 · 1 · 1``; empty where there are none."""
    macs: int
    receptive_field: tuple[int, int] | None
    """Height and width in input pixels of what one cell sees.

    None once it sees the whole image, and where ``field_known`` says that it is not known.
    """
    jump: tuple[int, int] | None
    """Input pixels between neighbouring cells, down and across; None with the receptive field."""
    offset: tuple[float, float] | None
    """Row and column of the centre of cell (0, 0) on the input; 0 is the centre of a first pixel.
    """
    kernel: tuple[int, int] | None
    stride: tuple[int, int] | None
    padding: tuple[int, int] | str | None
    groups: int | None
    leaf: bool
    """Has no rows below it."""
    role: Role
    """What it is, for the icon: a ``residual`` block adds its input to its output, an ``inverted``
    one widens, filters each channel and narrows, ``branches`` run side by side and are joined, a
    ``dense`` block hands on its input with its output, ``scale`` weighs channels.
    """
    inputs: tuple[str, ...] = ()
    """Rows whose output it reads, in order; empty for what reads the picture."""
    operation: bool = False
    """It is no module but a call in the code of the enclosing one: an addition, a concatenation."""
    skip: Literal["", "add", "cat"] = ""
    """How a block joins its input with its output."""
    field_known: bool = True
    """What a cell sees could be followed; False behind a flattening, windows of attention, or what
    enlarges: neighbouring cells see parts of several sizes.
    """

    @property
    def spatial(self) -> bool:
        """Whether the output is a stack of maps, so that CAM methods apply."""
        return len(self.output_shape) == 3 and self.output_shape[1] * self.output_shape[2] > 1


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """One loaded network."""

    name: str
    title: str
    family: str
    trained: bool
    """False for random weights: whatever the network says is meaningless and is marked so."""
    weights: str
    """Where they came from, one phrase: ``embedded``, ``IMAGENET1K_V1``, ``untrained, seed 0``."""
    input_size: int
    resize_size: int
    interpolation: Literal["bilinear", "bicubic"]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    labels: tuple[str, ...]
    parameters: int
    macs: int
    layers: tuple[LayerFacts, ...]
    recommended_layer: str
    """The last layer whose output is still a stack of maps; empty where there is none."""
    folded: bool
    """Batch norm is folded into the convolutions of the copy that computes gradients."""
    channels: Channels = 3
    """Of the network itself; pictures, gradients and perturbations always have three."""
    sha256: str = ""
    """Of the checkpoint the weights came from, 64 hex digits; empty for the catalogue's own."""
    notes: tuple[str, ...] = ()
    """What was done to the weights, a sentence each: ``The prefix 'module.' was removed.``"""
    headless: bool = False
    """The classifier's weights are missing: features work, predictions mean nothing."""
    hooks: bool = True
    """Layers can be watched; False for a module that runs as one piece, and has no layers here."""
    activations: tuple[str, ...] = ()
    """The kinds that it computes, in order: ``ReLU``, ``ReLU6``, ``SiLU``, ``sigmoid``."""

    def layer(self, name: str) -> LayerFacts | None:
        """Return the layer of that name, or None."""
        return next((layer for layer in self.layers if layer.name == name), None)

    def inside(self, name: str) -> frozenset[str]:
        """Return the names of all rows inside of a row; those of one run where it runs often."""
        found = {name}
        for layer in self.layers:  # a row stands before those inside of it
            if layer.parent in found:
                found.add(layer.name)
        return frozenset(found - {name})


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One network that can be chosen."""

    name: str
    title: str
    family: str
    parameters: int
    weights: Weights
    input_size: int
    accuracy: float | None
    """Top-1 in per cent as published with the weights."""
    macs: float | None
    """Multiply-adds as published with the weights."""
    size: float | None
    """Download in MiB."""
    classes: int = 1000
    year: int | None = None
    """Of the paper that describes it."""
    licence: str = ""
    """Of the weights."""
    file: str = ""
    """Name of the weights file in the cache; empty where there is none."""
    accuracy_on: str = "ImageNet"
    """What ``accuracy`` was measured on."""
    install: str = ""
    """The command that brings the weights where they are a package of their own."""


@dataclass(frozen=True, slots=True)
class Expected:
    """How pictures are made ready for a network."""

    input_size: int
    """Side in pixels."""
    mean: tuple[float, float, float]
    """Subtracted from each colour in [0, 1]; for a network that reads grey all three are equal."""
    std: tuple[float, float, float]
    """What each colour is divided by then."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A tensor that differs from what an architecture has."""

    name: str
    kind: Literal["missing", "unexpected", "shape"]
    wanted: tuple[int, ...] = ()
    found: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An architecture that a checkpoint may be of."""

    name: str
    title: str
    fitting: int
    """Tensors of the architecture whose name and shape are in the file."""
    total: int
    """Tensors of the architecture, counters of batch norm left out."""
    misfits: tuple[Misfit, ...]
    """All that differs once the classifier has the file's number of classes."""
    expected: Expected | None = None
    """What it takes with this file's weights where nothing else is said."""


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """Something that can compute, or could if it worked."""

    name: str
    """As in a request: ``cpu``, ``cuda``, ``cuda:1``, ``mps``."""
    title: str
    problem: str = ""
    """Why it cannot be used, such as ``its driver is too old``; empty where it can."""


@dataclass(frozen=True, slots=True)
class Score:
    """One class of a prediction."""

    index: int
    label: str
    probability: float
    logit: float
