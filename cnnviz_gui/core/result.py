"""What comes back: frozen, made of read-only numpy arrays and plain values. No torch.

Results are equal only to themselves: comparing arrays has no single answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnnviz_gui.core.facts import (
    Candidate,
    CatalogueEntry,
    DeviceFacts,
    Expected,
    ModelFacts,
    Score,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from cnnviz_gui.core.carried_record import Carried
    from cnnviz_gui.core.request import CheckpointRef

    FloatArray = npt.NDArray[np.float32]
    ByteArray = npt.NDArray[np.uint8]
else:
    # The window knows these types before its first paint, and numpy only after it.
    FloatArray = ByteArray = Any


def frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a contiguous, read-only array; a copy where the given one could change under us."""
    import numpy as np

    own = np.ascontiguousarray(array)
    if own is array and array.flags.writeable:
        own = array.copy()
    own.setflags(write=False)
    return own


@dataclass(frozen=True, slots=True, weakref_slot=True, kw_only=True, eq=False)
class Result:
    """Base of all results."""

    seconds: float = 0.0
    """Wall time of the computation, without more urgent ones inside it; see ``execute``."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenedModel(Result):
    """A network is ready."""

    facts: ModelFacts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ListedNetworks(Result):
    """The catalogue."""

    entries: tuple[CatalogueEntry, ...]
    problem: str = ""
    """Why torchvision's networks are not among them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CheckpointReport(Result):
    """What a file of weights holds."""

    path: str
    sha256: str
    format: str
    """Such as ``safetensors``, ``PyTorch state dict``, ``exported program``."""
    tensors: int
    """All in the file, counters of batch norm too."""
    parameters: int
    classes: int | None
    """Rows of the classifier of the best candidate; None where there is no classifier."""
    channels: int | None
    """What the first convolution reads."""
    candidates: tuple[Candidate, ...]
    """The best first; empty where nothing fits at all."""
    notes: tuple[str, ...]
    """What was unwrapped, stripped, converted, a sentence each."""
    problems: tuple[str, ...]
    """What makes predictions useless (weights that are not numbers, a missing classifier)."""
    remembered: CheckpointRef | None = None
    """What the user answered for this very file before."""
    architecture: str = ""
    """The architecture the user chose for this very file before."""
    counters: int = 0
    """Tensors in which batch norm counted its steps; nothing else uses them."""
    expected: Expected | None = None
    """What an exported program takes; of other files each candidate has its own."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassNames(Result):
    """Class names from a file."""

    labels: tuple[str, ...]
    """As many as the network has classes; numbers where the file ends early."""
    note: str
    """What does not fit, a sentence; empty where all does."""


@dataclass(frozen=True, slots=True)
class NormalisationGuess:
    """One of the usual normalisations, and how sure it makes the network."""

    title: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    score: Score
    """The best class."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NormalisationProbe(Result):
    """Normalisations, the most confident first: a guess from one picture, and no more."""

    guesses: tuple[NormalisationGuess, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Downloaded(Result):
    """Published weights are in the cache."""

    name: str
    path: str
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeviceInUse(Result):
    """Where jobs are computed from here on."""

    description: str
    """Such as ``CPU, 2 threads``."""
    device: str
    """Its name, as in ``devices``."""
    devices: tuple[DeviceFacts, ...]
    """All of this machine, the CPU first; also those that cannot be used."""
    note: str = ""
    """Why it is not the one that was asked for."""
    half: bool = False
    """Predictions are computed in half precision."""
    half_problem: str = ""
    """Why they cannot be, or why that does not pay here."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenedImage(Result):
    """A picture was read."""

    path: str
    sha256: str
    width: int
    height: int
    """Upright, after the orientation noted in the file."""
    frames: int
    format: str
    thumbnail: ByteArray
    """uint8 (h, w, 3), short side 96, centre square."""
    notes: tuple[str, ...] = ()
    """What was done to it, one phrase each: ``16-bit, scaled to 8``."""
    carried: Carried | None = None
    """The request that it says it answers; anybody can have written that."""
    carried_problem: str = ""
    """Why what it says of a request is not used, one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ListedImages(Result):
    """The pictures that were found, in order."""

    paths: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    """(path, reason) of what is not a picture or cannot be read."""
    truncated: bool
    """There were more than the limit."""
    folders: tuple[str, ...] = ()
    """Those of the given paths that are folders."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FetchedImage(Result):
    """A picture was fetched."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ThumbnailSheet(Result):
    """(path, uint8 (96, 96, 3), caption) of each picture that could be read so far."""

    thumbnails: tuple[tuple[str, ByteArray, str], ...]
    failed: tuple[tuple[str, str], ...] = ()
    """(path, reason) of each that could not."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prediction(Result):
    """The best classes and the picture as the network saw it."""

    scores: tuple[Score, ...]
    seen: ByteArray
    """uint8 (H, W, 3): resized and cropped, before normalisation."""
    enlarged: str = ""
    """``upscaled 224 times`` where the picture is smaller than what the network sees."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Transfer(Prediction):
    """A prediction for the adversarial image of an attack, perhaps one on another network."""

    clean: tuple[Score, ...]
    """Of the attack's clean image, brought to this network in the same way; the same classes."""
    success: bool
    """The network reaches the target or, without one, leaves what it says of the clean image."""
    target: Score | None
    """The class to reach; None also where the networks have different classes."""
    resized: str
    """``resized from 224 × 224 to 240 × 240`` where the networks see different sizes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Embedding(Result):
    """The vector before the classifier."""

    layer: str
    """The classifier: the vector is what it is given, averaged over the cells if it is maps."""
    vector: FloatArray
    """(D,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Neighbour:
    """A picture with its likeness to another."""

    path: str
    similarity: float
    """Cosine of the angle between the embeddings, in [-1, 1]."""
    thumbnail: ByteArray
    """uint8 (160, 160, 3), the centre square."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NearestImages(Result):
    """The most similar pictures of a folder, the nearest first."""

    layer: str
    """As in ``Embedding``."""
    neighbours: tuple[Neighbour, ...]
    looked_at: int
    total: int
    skipped: tuple[tuple[str, str], ...] = ()
    """(path, why)."""
    truncated: bool = False
    """The folder holds more than the limit; the rest was left out."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LayerMaps(Result):
    """Filters and feature maps of a layer."""

    layer: str
    maps: FloatArray
    """(C, h, w); (C, 1, 1) for a layer without space."""
    filters: FloatArray | None
    """(out, in / groups, kh, kw) of a convolution, None for other layers."""
    bias: FloatArray | None


@dataclass(frozen=True, slots=True)
class Norms:
    """Size of a perturbation, in units of [0, 1]."""

    linf: float
    l2: float
    l1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Closeness:
    """How close an adversarial image is to the clean one."""

    ssim: float | None
    """Structural similarity of the luminances, 1 for equal ones: Wang et al. 2004, Image Quality
    Assessment; None where the image is smaller than the window.
    """
    psnr: float | None
    """Peak signal to noise ratio in dB, of a peak of 1; None for equal images."""
    changed: int
    """Pixels of which a colour differs at all."""
    changed_8bit: int
    """Pixels that still differ where both images are rounded to 8 bits."""
    pixels: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AttackResult(Result):
    """An adversarial image and what the network says of it."""

    method: str
    epsilon: float | None
    """In 255ths for Linf, in units of [0, 1] for L2 and L1; None for a method without a budget."""
    norm: str
    target: Score | None
    """The class to reach, with its probability on the adversarial image."""
    clean: tuple[Score, ...]
    adversarial: tuple[Score, ...]
    clean_image: FloatArray
    """(3, H, W) in [0, 1]."""
    adversarial_image: FloatArray
    """(3, H, W) in [0, 1], inside the ball around ``clean_image``."""
    success: bool
    """The target is reached, or, untargeted, the clean winner is left."""
    norms: Norms
    forwards: int
    backwards: int
    closeness: Closeness | None = None
    """None while the attack runs."""

    @property
    def chances(self) -> tuple[float, float, float]:
        """Three probabilities on the adversarial image.

        Of the clean winner; of the target, untargeted of the strongest other class; of the
        strongest class but these.
        """
        winner = self.clean[0].index
        after = {score.index: score.probability for score in self.adversarial}
        other = next(score.index for score in self.adversarial if score.index != winner)
        target = other if self.target is None else self.target.index
        third = [value for index, value in after.items() if index not in (winner, target)]
        return after[winner], after[target], max(third, default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SavedPicture(Result):
    """An adversarial image was written in 8 bits, read back and classified again."""

    path: str
    """The file written."""
    success: bool
    """The file still reaches the target or, untargeted, leaves the clean winner."""
    exact_success: bool
    """So does the image before it was rounded."""
    top: tuple[Score, ...]
    """What the network says of the file, best first."""
    norms: Norms
    """Of what the file differs by from the clean image."""
    compressed: bool = False
    """It is a JPEG, which alters the picture and may leave the ball."""
    moved: int = 0
    """How many values of the rounded picture were moved so that it holds; 0 without a repair."""
    repairable: bool = False
    """It holds no longer, and nobody has tried yet to repair it."""
    opened: tuple[Score, ...] = ()
    """What the network says of the file where it is resized or cropped as photographs are, which
    may undo an attack; empty where that leaves the picture as it is."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SweepPoint:
    """The attack at one place of the axis."""

    epsilon: float
    """Where: an epsilon, or a scale of the perturbation."""
    success: bool
    label_probability: float
    """Of the clean image's winner."""
    target_probability: float
    """Of the target class; of the strongest class but the clean winner when untargeted."""
    result: AttackResult
    other_probability: float = 0.0
    """Of the strongest class but these two; 0 where there is no third."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SweepResult(Result):
    """The points computed so far, by epsilon; a partial result has fewer than ``expected``."""

    points: tuple[SweepPoint, ...]
    expected: int
    maximum: float
    first_flip: float | None = None
    """The first computed place at which the attack succeeds."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forgotten(Result):
    """What was computed before is computed anew when it is asked for again."""
