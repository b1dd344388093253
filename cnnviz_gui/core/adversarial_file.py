"""An adversarial image as a file: rounded inside its ball, read back and classified again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.files import quantised, save_png
from cnnviz_gui.core.images import load
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.core.result import AttackResult, ByteArray

if TYPE_CHECKING:
    from cnnviz_gui.core.models.classifier import Classifier

_TOP = 5


@dataclass(frozen=True, slots=True)
class SavedAdversarial:
    """An adversarial picture as it lies in a file, and what the network says of that file."""

    path: Path
    success: bool
    """The file, read back, still reaches the target or, untargeted, leaves the clean winner."""
    top: tuple[Score, ...]


def save_adversarial(
    result: AttackResult, path: str | os.PathLike[str], classifier: Classifier, ctx: Context
) -> SavedAdversarial:
    """Write an adversarial image in 8 bits, read the file back and classify what is in it.

    Rounding respects epsilon: the file lies in the same ball as the result.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    written = save_png(path, quantised(result))
    pixels = load(ImageRef(path=str(written)), ctx).pixels
    top = classify_pixels(pixels, classifier, ctx)
    if result.target is None:
        success = top[0].index != result.clean[0].index
    else:
        success = top[0].index == result.target.index
    return SavedAdversarial(written, success, top)


def classify_pixels(pixels: ByteArray, classifier: Classifier, ctx: Context) -> tuple[Score, ...]:
    """Return the five best classes of a picture that already has the network's input size.

    Parameters
    ----------
    pixels
        uint8 (H, W, 3); neither resized nor cropped.
    """
    import torch

    from cnnviz_gui.core import scores

    # Divided by torch, as every input is: numpy may round the last bit differently.
    image = torch.tensor(pixels).permute(2, 0, 1)[None].to(classifier.device, torch.float32) / 255
    logits = scores.as_list(classifier.logits(image.contiguous(), ctx))
    return scores.scores(logits, scores.best(logits, _TOP), classifier.facts.labels)
