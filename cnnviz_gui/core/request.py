"""What can be asked for: frozen, serialisable, complete.

A request holds all that its result depends on: network, image, target, layer, method, parameters
with their seed. ``fingerprint`` names caches and files; ``to_json`` and ``request_json`` carry it
to ``cnnviz run``, which replays it bit for bit on a CPU.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import msgspec

from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.params import Params
from cnnviz_gui.texts import tr

GIVEN = "given:"
"""Begins the names of modules that were given from Python."""
CHECKPOINT_SUFFIXES = (".safetensors", ".pt", ".pth", ".ckpt", ".bin", ".pt2")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRef:
    """A file of weights, and what the file does not say."""

    path: str
    sha256: str = ""
    """Of the file's bytes; when given, a file that has changed is refused."""
    labels: tuple[str, ...] = ()
    """Class names; empty: ImageNet's for an architecture with 1000 classes, else numbers."""
    mean: tuple[float, float, float] | None = None
    """None: that of the architecture, as for ``std``, ``input_size``."""
    std: tuple[float, float, float] | None = None
    input_size: int | None = None
    damaged: bool = False
    """Use it although weights are missing or not numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRef:
    """A network by its catalogue name, perhaps with the user's own weights."""

    name: str
    """Of the architecture; with a checkpoint it may be empty: the one that fits best."""
    untrained: bool = False
    """Random weights from ``seed`` instead of trained ones."""
    seed: int = 0
    checkpoint: CheckpointRef | None = None

    @classmethod
    def parse(cls, text: str, seed: int = 0) -> ModelRef:
        """Read ``NAME``, ``NAME:untrained``, the path of a checkpoint, or ``NAME@PATH``."""
        name, at, path = text.partition("@")
        if at and name.isidentifier():
            return cls(name=name, checkpoint=CheckpointRef(path=path))
        if text.lower().endswith(CHECKPOINT_SUFFIXES) or set(text) & set("/\\"):
            return cls(name="", checkpoint=CheckpointRef(path=text))
        name, _, suffix = text.partition(":")
        if suffix not in ("", "untrained"):
            raise RequestError(
                tr("{text!r} is not the name of a network.", text=text),
                tr("Write NAME, NAME:untrained or the path of a checkpoint."),
            )
        return cls(name=name, untrained=bool(suffix), seed=seed if suffix else 0)

    @property
    def given(self) -> bool:
        """Whether it names a module given from Python, which only this process has."""
        return self.checkpoint is None and self.name.startswith(GIVEN)

    def __str__(self) -> str:
        """Return what ``parse`` reads; what else is known of a checkpoint is not in it."""
        if self.checkpoint is not None:
            return f"{self.name}@{self.checkpoint.path}" if self.name else self.checkpoint.path
        return f"{self.name}:untrained" if self.untrained else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRef:
    """A picture file, and how to read it where there is a choice."""

    path: str
    sha256: str = ""
    """Of the file's bytes; when given, a file that has changed is refused."""
    frame: int = 0
    """Of an animation."""
    partial: bool = False
    """Show what is there of a file that is cut off."""
    reduced: bool = False
    """Decode a very large picture at a smaller size."""
    background: Literal["white", "black", "mean"] = "white"
    """What shows through transparency."""
    levels: Literal["full", "range"] = "full"
    """How more than 8 bits become 8: the full range of the type, or the range that occurs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Base of all that the worker can be given to do: requests, and what is no request."""

    task: ClassVar[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Work):
    """Base of all requests."""

    @property
    def lasting(self) -> bool:
        """Whether the answer will be the same when it is asked once more."""
        return True

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object: ``task`` first, then every field."""
        return {"task": self.task, **msgspec.to_builtins(self)}

    def to_json(self) -> bytes:
        """Return indented JSON, UTF-8."""
        return msgspec.json.format(msgspec.json.encode(self.to_dict()), indent=2) + b"\n"

    def fingerprint(self) -> str:
        """Return 64 hex digits that two requests share only when they are equal."""
        return hashlib.sha256(msgspec.json.encode(self.to_dict(), order="sorted")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenModel(Request):
    """Make a network ready and tell its facts."""

    task: ClassVar[str] = "open-model"
    model: ModelRef
    beside: ModelRef | None = None
    """A network it is compared with; both stay ready, whatever room they take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListNetworks(Request):
    """The catalogue as it is now, with what is on this machine."""

    task: ClassVar[str] = "list-networks"


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectCheckpoint(Request):
    """What a file of weights holds and which architectures it fits; no code in it is run."""

    task: ClassVar[str] = "inspect-checkpoint"
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLabels(Request):
    """Class names from a text, CSV or JSON file."""

    task: ClassVar[str] = "read-labels"
    path: str
    classes: int
    """How many the network has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeNormalisation(Request):
    """The usual normalisations, ranked by how sure each makes the network of a picture."""

    task: ClassVar[str] = "probe-normalisation"
    model: ModelRef
    image: ImageRef


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadWeights(Request):
    """Fetch the published weights of a network into the cache.

    Not among ``TASKS``: a request that was read from a file must not reach the network.
    """

    task: ClassVar[str] = "download-weights"
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UseDevice(Request):
    """Compute on another device from here on.

    Not among ``TASKS``: what a file asks for is computed where the user chose.
    """

    task: ClassVar[str] = "use-device"
    device: str
    """``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``."""
    half: bool = False
    """Compute predictions, embeddings and feature maps in half precision where that pays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenImage(Request):
    """Read a picture and tell what it is; the file must exist and be a picture we accept."""

    task: ClassVar[str] = "open-image"
    image: ImageRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ListImages(Request):
    """The pictures among files and in folders (not deeper), found by their first bytes."""

    task: ClassVar[str] = "list-images"
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchImage(Request):
    """A picture from an https or data address, kept as a file in ``folder``."""

    task: ClassVar[str] = "fetch-image"
    url: str
    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnails(Request):
    """Small pictures of many files, and of those that cannot be read the reason."""

    task: ClassVar[str] = "thumbnails"
    images: tuple[ImageRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEdit:
    """One channel of a layer multiplied by a number while the network looks at a picture."""

    layer: str
    channel: int
    factor: float = 0.0
    """0 silences it; 1 leaves it as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predict(Request):
    """The classes a network sees in a picture, best first."""

    task: ClassVar[str] = "predict"
    model: ModelRef
    image: ImageRef
    top: int = 5
    attack: Attack | None = None
    """Look at the adversarial image of this attack, made on whatever network it names."""
    edits: tuple[ChannelEdit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed(Request):
    """The vector before the classifier."""

    task: ClassVar[str] = "embed"
    model: ModelRef
    image: ImageRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest(Request):
    """The pictures of a folder whose embeddings are most like that of a picture; streams."""

    task: ClassVar[str] = "nearest"
    model: ModelRef
    image: ImageRef
    folder: str
    count: int = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectLayer(Request):
    """The filters of a layer and its feature maps for a picture."""

    task: ClassVar[str] = "inspect-layer"
    model: ModelRef
    image: ImageRef
    layer: str
    attack: Attack | None = None
    """Look at the adversarial image of this attack instead of the picture itself."""
    edits: tuple[ChannelEdit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack(Request):
    """A small change of a picture that changes what the network says."""

    task: ClassVar[str] = "attack"
    model: ModelRef
    image: ImageRef
    method: str
    parameters: Params
    target: int | None = None
    """Class to reach; None to leave the predicted class."""
    scale: float | None = None
    """The picture plus so many times the perturbation found, in [0, 1]; None for what was found."""

    @property
    def place(self) -> float:
        """Where it lies on the axis of its sweep: its scale, else its epsilon."""
        if self.scale is not None:
            return self.scale
        return float(self.parameters.values().get("epsilon", 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Heatmap(Request):
    """Where in a picture the evidence for a class lies, by one method."""

    task: ClassVar[str] = "heatmap"
    model: ModelRef
    image: ImageRef
    method: str
    parameters: Params
    target: int | None = None
    """Class index; None for the predicted class."""
    against: int | None = None
    """Why the target rather than this class; None for the target by itself."""
    layer: str = ""
    """Empty for the recommended layer."""
    attack: Attack | None = None
    """Explain the adversarial image of this attack instead of the picture itself."""
    edits: tuple[ChannelEdit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatmapLayers(Request):
    """The same heat map at each of several layers; streams."""

    task: ClassVar[str] = "heatmap-layers"
    heatmap: Heatmap
    """Its own layer has no meaning here."""
    layers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep(Request):
    """An attack at each of several places on an axis; streams, coarse to fine.

    The axis is epsilon, and the attack is computed anew at each; for an attack with a ``scale`` it
    is that scale, along one perturbation.
    """

    task: ClassVar[str] = "sweep"
    attack: Attack
    maximum: float
    """The axis's end: an epsilon in the unit of the attack's norm, or a scale."""
    points: int = 33
    """Places from 0 to ``maximum``, evenly spaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget(Request):
    """Compute anew from here on: drop what was computed, keep networks and pictures."""

    task: ClassVar[str] = "forget"


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveAdversarial(Request):
    """Write the adversarial image of an attack in 8 bits, read it back and classify what is in it.

    Not among ``TASKS``: a request that was read from a file must not say where to write.
    """

    task: ClassVar[str] = "save-adversarial"
    attack: Attack
    path: str
    """PNG, or JPEG if it ends so; ``.png`` is added where there is no ending of a picture."""
    repair: bool = False
    """Where rounding undoes the attack, look for a picture in the ball that does not."""
