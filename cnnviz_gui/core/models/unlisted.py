"""What is assumed of a network that no catalogue describes: its size, normalisation and classes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cnnviz_gui.core.errors import ModelError
from cnnviz_gui.core.facts import Channels, Expected
from cnnviz_gui.core.models import imagenet
from cnnviz_gui.core.models.output import Examined
from cnnviz_gui.core.models.pixels import LUMA, Card
from cnnviz_gui.texts import tr

USUAL_SIZE = 224
SIZES = range(8, 2049)
"""Sides of pictures that are accepted, in pixels."""
_CROPPED = 128
Triple = tuple[float, float, float]


def card(
    *,
    name: str,
    title: str,
    family: str,
    weights: str,
    examined: Examined,
    channels: Channels,
    size: int,
    resize: int | None = None,
    labels: Sequence[str] = (),
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    sha256: str = "",
    notes: Sequence[str] = (),
) -> Card:
    """Return a card whose gaps are filled.

    Without labels, a network of 1000 classes gets ImageNet's, another one numbers. Without a
    normalisation it is ImageNet's. Pictures for small networks are not cropped but for being made
    square; for others their middle is taken as torchvision does, 224 of 256 pixels.

    Raises
    ------
    ModelError
        There are more or fewer labels than classes, or the normalisation is none.
    """
    classes = examined.classes
    if labels and len(labels) != classes:
        raise ModelError(
            tr(
                "{title} has {classes} classes, but {given} labels are given.",
                title=title,
                classes=classes,
                given=len(labels),
            ),
            tr("Give one label per class, in the order of the network's outputs."),
        )
    if not labels:
        known = imagenet.labels() if classes == 1000 else ()
        labels = known or [str(index) for index in range(classes)]
    return Card(
        name=name,
        title=title,
        family=family,
        trained=True,
        weights=weights,
        input_size=size,
        resize_size=resize or (round(size * 256 / 224) if size >= _CROPPED else size),
        interpolation="bilinear",
        mean=_triple("mean", mean, imagenet.MEAN, channels),
        std=_triple("std", std, imagenet.STD, channels),
        labels=tuple(map(str, labels)),
        channels=channels,
        sha256=sha256,
        notes=tuple(notes),
    )


def expected(size: int, channels: Channels) -> Expected:
    """Return how pictures are made ready where nothing is said of that: as ImageNet's are."""
    return Expected(
        size,
        _triple("mean", None, imagenet.MEAN, channels),
        _triple("std", None, imagenet.STD, channels),
    )


def _triple(what: str, given: Sequence[float] | None, usual: Triple, channels: Channels) -> Triple:
    """Return a number per colour; grey is the luma of ImageNet's where none is given."""
    if given is None and channels == 1:
        grey = sum(share * value for share, value in zip(LUMA, usual, strict=True))
        return grey, grey, grey
    values = tuple(map(float, usual if given is None else given))
    if len(values) == 1:
        values *= 3
    finite = all(math.isfinite(value) and (what == "mean" or value > 0) for value in values)
    if len(values) != 3 or not finite:
        raise ModelError(
            tr("The {what} {triple} is no normalisation.", what=what, triple=tuple(given or ())),
            tr("Give a number for each of red, green and blue, or one for grey; std is above 0."),
        )
    return values[0], values[1], values[2]
