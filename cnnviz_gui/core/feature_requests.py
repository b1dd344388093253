"""What can be asked of gradient ascent: what a channel, a layer or a class dreams of."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar, Literal

from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.request import ImageRef, ModelRef, Request
from cnnviz_gui.texts import tr

Aim = Literal["excite", "blend", "differ", "direction", "imitate"]
MOST_STAGES = 500
"""So often a picture goes on with other parameters: its request stays a small file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What is to answer: a channel, one of its cells, a whole layer, a class."""

    layer: str = ""
    """Empty for the logits."""
    channel: int | None = None
    """Of the logits the class; None for the whole layer."""
    cell: tuple[int, int] | Literal["centre"] | None = None
    """Row and column among the maps for a picture of the network's size; None for the mean."""
    weight: float = 1.0
    """Negative for what it dislikes."""

    def described(self, labels: tuple[str, ...] = ()) -> str:
        """Return what answers, in words, whatever its weight: ``channel 5 of blocks.3``."""
        if not self.layer:
            index = self.channel or 0
            return labels[index] if index < len(labels) else tr("class {index}", index=index)
        words = (
            self.layer
            if self.channel is None
            else tr("channel {channel} of {layer}", channel=self.channel, layer=self.layer)
        )
        if self.cell is None:
            return words
        if self.cell == "centre":
            return tr("{unit} at the centre", unit=words)
        row, column = self.cell
        return tr("{unit} at cell {row}, {column}", unit=words, row=row, column=column)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpectrumRef:
    """A file whose magnitudes MACO keeps: an array of them (.npy), or a picture that has them."""

    path: str
    sha256: str = ""
    """Of the file's bytes; when given, a file that has changed is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSpectrum(Request):
    """Read a file of magnitudes and tell what it is; it must be one that we accept."""

    task: ClassVar[str] = "open-spectrum"
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature(Request):
    """A picture made by gradient ascent; streams, and goes on where it was stopped."""

    task: ClassVar[str] = "feature"
    model: ModelRef
    units: tuple[Unit, ...]
    """One, or several that are added; of ``blend`` two."""
    parameters: FeatureParams
    aim: Aim = "excite"
    """Excite the units; walk from one to the other; find several pictures of one; exaggerate, or
    rebuild, what the network sees in ``image``, at the layer and cell of the one unit.
    """
    pictures: int = 1
    """How many, for ``blend`` and ``differ``."""
    image: ImageRef | None = None
    """The photograph to begin with, to exaggerate or to rebuild."""
    before: tuple[FeatureParams, ...] = ()
    """The parameters of earlier stages, each with the steps that were done with them; every stage
    begins with the picture that the one before came to.
    """
    spectrum: SpectrumRef | None = None
    """Whose magnitudes MACO keeps; None for those of natural images."""

    @property
    def begin(self) -> Feature | None:
        """What this one goes on from; None where it has a start of its own."""
        if not self.before:
            return None
        return dataclasses.replace(self, parameters=self.before[-1], before=self.before[:-1])

    def then(self, parameters: FeatureParams) -> Feature:
        """Return what goes on, with other parameters, from what this one comes to."""
        return dataclasses.replace(
            self, parameters=parameters, before=(*self.before, self.parameters)
        )


def however_long(parameters: FeatureParams) -> FeatureParams:
    """Return what names an ascent of any number of steps.

    Where the picture grows, the number decides on more than the end.
    """
    return parameters if parameters.grows else dataclasses.replace(parameters, steps=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureSheet(Request):
    """A small picture of every channel of a layer, kept on disk as they are done; streams."""

    task: ClassVar[str] = "feature-sheet"
    model: ModelRef
    layer: str
    channels: tuple[int, ...]
    """In the order in which they are wanted."""
    parameters: FeatureParams
    kept_only: bool = False
    """Read what is on disk and make nothing."""

    @property
    def lasting(self) -> bool:
        """Whether the answer will be the same: more may be kept the next time."""
        return not self.kept_only
