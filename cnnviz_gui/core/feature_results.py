"""What comes back of gradient ascent: read-only numpy arrays and plain values. No torch."""

from __future__ import annotations

from dataclasses import dataclass

from cnnviz_gui.core.result import ByteArray, FloatArray, Result


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenedSpectrum(Result):
    """A file of magnitudes was read."""

    path: str
    sha256: str
    side: int
    """n, of the n × n pictures whose magnitudes they are."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FeaturePictures(Result):
    """Pictures made by gradient ascent, as far as it has come."""

    pictures: FloatArray
    """(N, H, W, 3) in [0, 1]."""
    shown: ByteArray
    """(N, H, W, 3), or (N, H, W, 4) where a part is transparent: the same, to be looked at."""
    opacity: FloatArray | None
    """(N, H, W) in [0, 1]: how much was asked of each pixel; None where nothing is transparent."""
    curve: FloatArray
    """(steps so far,): the objective without penalties, mean over the pictures."""
    steps: int
    """All that are to be done."""
    of: str
    """What they are for: ``channel 5 of blocks.3``."""
    film: ByteArray
    """(F, h, w, 3): the first picture at some of the steps, small; F is 0 until the end."""
    answer: float | None = None
    """The objective for the pictures as they are, without views; None until the end."""
    pace: float = 0.0
    """Seconds that a step took of late; 0 before that is known."""

    @property
    def done(self) -> int:
        """Steps so far."""
        return len(self.curve)

    @property
    def activation(self) -> float:
        """What the pictures are answered with; until the end what the last step's views were."""
        if self.answer is not None:
            return self.answer
        return float(self.curve[-1]) if len(self.curve) else 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SheetOfFeatures(Result):
    """Small pictures of channels, as far as they are done."""

    layer: str
    channels: tuple[int, ...]
    """Those that are done, in the order in which they were asked for."""
    pictures: ByteArray
    """(N, h, w, 3)."""
    activations: FloatArray
    """(N,): what each channel answers to its picture; 0 for one that does not react."""
    total: int
    silent: tuple[int, ...] = ()
    """Those that do not react: they answer 0, and their pictures are plain."""
    unbounded: bool = False
    """The layer ends in a ReLU6: the activations are without its ceiling, most would be at it."""
    pace: float = 0.0
    """Seconds that a step of one channel took; 0 where all were kept on disk."""
