"""Test-time augmentation: the mean prediction of flipped and cropped copies."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core.params import Params, choice, number
from cnnviz_gui.core.registry import Guide, Views, defence
from cnnviz_gui.texts import ptr, tr

_VIEWS = {"flip": 2, "crops": 12}


@dataclass(frozen=True, slots=True)
class AugmentationParams(Params):
    """Parameters of test-time augmentation."""

    copies: str = choice(
        "crops",
        {"flip": ptr("mirror", "Flip"), "crops": tr("Crops")},
        label=tr("Copies"),
        help=tr(
            "Flip: the picture and its mirror image; crops: five crops as well, and their"
            " mirror images."
        ),
    )
    crop: float = number(
        87.5,
        30,
        100,
        step=2.5,
        unit="%",
        when=("copies", ("crops",)),
        label=tr("Crop"),
        help=tr("Side of a crop, of the picture's; published: 224 of 256 pixels, or 87.5 %."),
    )


@defence(
    "augmentation",
    title=tr("Augmentation"),
    summary=tr("Averages the predictions of the picture, its crops and their mirror images."),
    formula="mean over views of softmax(f(t(x)))",
    paper="Krizhevsky et al. 2012, ImageNet Classification with Deep Convolutional Neural "
    "Networks, section 4.1",
    guide=Guide(
        can=tr("Whether the perturbation is tied to one crop of the picture."),
        cannot=tr(
            "Robustness: the mean over the same crops is differentiable, and an attack that"
            " knows them wins."
        ),
        use=tr("As the mildest defence, which often improves the clean answer as well."),
    ),
    params=AugmentationParams,
    views=Views(lambda params: _VIEWS[params.copies]),
)
def augmentation(image: Tensor, params: AugmentationParams, which: int) -> Tensor:
    """Return (N, 3, H, W): of each pair of views the second is mirrored.

    The first pair is the whole picture; the others are the corners and the middle, enlarged.
    """
    which %= _VIEWS[params.copies]
    view = image if which < 2 else _crop(image, params.crop / 100, which // 2 - 1)
    return torch.flip(view, [3]) if which % 2 else view


def _crop(image: Tensor, share: float, place: int) -> Tensor:
    height, width = image.shape[2:]
    size = (max(1, round(share * height)), max(1, round(share * width)))
    room = (height - size[0], width - size[1])
    corners = ((0, 0), (0, room[1]), (room[0], 0), room, (room[0] // 2, room[1] // 2))
    top, left = corners[place]
    part = image[:, :, top : top + size[0], left : left + size[1]]
    return functional.interpolate(
        part, (height, width), mode="bilinear", align_corners=False, antialias=True
    ).clamp(0, 1)
