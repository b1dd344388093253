"""An adversarial image as a file: rounded inside its ball, read back and classified again."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.files import quantised, save_jpeg, save_png
from cnnviz_gui.core.images import load
from cnnviz_gui.core.picture_names import is_jpeg
from cnnviz_gui.core.preprocess import network_view
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.core.result import AttackResult, ByteArray, FloatArray, Norms, SavedPicture
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.attack_step_results import AttackTrajectory
    from cnnviz_gui.core.models.classifier import Classifier

_TOP = 5


@dataclass(frozen=True, slots=True, eq=False)
class Purpose:
    """What an attack was to do to an image."""

    clean: FloatArray
    """(3, H, W) in [0, 1]."""
    label: int
    """The winner of the clean image."""
    target: int | None

    @classmethod
    def of(cls, result: AttackResult) -> Purpose:
        """Return that of an attack that was run."""
        target = None if result.target is None else result.target.index
        return cls(result.clean_image, result.clean[0].index, target)

    @classmethod
    def on_way(cls, way: AttackTrajectory) -> Purpose:
        """Return that of an attack that was gone step by step, ended or not."""
        target = None if way.target is None else way.target.index
        return cls(way.clean_image, way.label.index, target)

    def reached(self, top: tuple[Score, ...]) -> bool:
        """Tell whether a picture of these classes, best first, serves it."""
        if self.target is None:
            return top[0].index != self.label
        return top[0].index == self.target


def save_adversarial(
    result: AttackResult,
    path: str | os.PathLike[str],
    classifier: Classifier,
    ctx: Context,
    *,
    repair: bool = False,
    carried: bytes = b"",
) -> SavedPicture:
    """Write an adversarial image in 8 bits, read the file back and classify what is in it.

    Rounding respects epsilon: a PNG lies in the same ball as the result. A name that ends in
    ``.jpg`` or ``.jpeg`` asks for a JPEG, whatever compression does to it.

    Parameters
    ----------
    repair
        Where the result succeeds and the rounded picture does not, look for one that does, in the
        ball, and write that. Where there is none, the rounded one stays.
    carried
        What a PNG tells of where it comes from, as ``carried.of`` gives it.

    Raises
    ------
    OutputError
        The file cannot be written.
    RequestError
        A JPEG is to be repaired.
    """
    compressed = is_jpeg(path)
    if compressed and repair:
        raise RequestError(
            tr("What compression does to a JPEG cannot be repaired."), tr("Save it as PNG.")
        )
    rounded = quantised(result)
    if repair and result.success:
        return _repaired(result, path, rounded, classifier, ctx, carried)
    written = save_jpeg(path, rounded) if compressed else save_png(path, rounded, carried)
    saved = judged(written, Purpose.of(result), result.success, classifier, ctx)
    if saved.success or not result.success or compressed:
        return saved
    from cnnviz_gui.core import repair as repairing  # imports torch, which takes its time

    return dataclasses.replace(saved, repairable=repairing.possible(result))


def _repaired(
    result: AttackResult,
    path: str | os.PathLike[str],
    rounded: ByteArray,
    classifier: Classifier,
    ctx: Context,
    carried: bytes,
) -> SavedPicture:
    """Write the rounded picture, or what a repair makes of it: once, when that is known."""
    from cnnviz_gui.core import repair as repairing  # imports torch, which takes its time

    purpose = Purpose.of(result)
    mended: ByteArray | None = None
    if not purpose.reached(classify_pixels(rounded, classifier, ctx)):
        mended = repairing.repaired(result, classifier, ctx)
    taken = rounded if mended is None else mended
    saved = judged(save_png(path, taken, carried), purpose, result.success, classifier, ctx)
    return dataclasses.replace(saved, moved=int((taken != rounded).sum()))


def judged(
    written: Path, purpose: Purpose, exact: bool, classifier: Classifier, ctx: Context
) -> SavedPicture:
    """Read a picture back and say what is in it.

    Parameters
    ----------
    written
        Of the network's input size.
    exact
        Whether the image served its purpose before it was rounded.
    """
    picture = load(ImageRef(path=str(written)), ctx)
    pixels, view = picture.pixels, network_view(picture, classifier.facts)
    top = classify_pixels(pixels, classifier, ctx)
    opened = () if np.array_equal(view, pixels) else classify_pixels(view, classifier, ctx)
    clean = np.rint(purpose.clean.astype(np.float64) * 255).transpose(1, 2, 0)
    change = (pixels - clean) / 255
    norms = Norms(
        linf=float(np.abs(change).max()),
        l2=float(np.sqrt((change**2).sum())),
        l1=float(np.abs(change).sum()),
    )
    return SavedPicture(
        path=str(written),
        success=purpose.reached(top),
        exact_success=exact,
        top=top,
        norms=norms,
        compressed=is_jpeg(written),
        opened=opened,
    )


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
