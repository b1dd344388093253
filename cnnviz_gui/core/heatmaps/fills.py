"""What takes the place of the pixels that are hidden from a network."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core.asked import Network
from cnnviz_gui.texts import tr

FILLS = {"mean": tr("Mean colour"), "black": tr("Black"), "blur": tr("Blurred picture")}
_BLUR = 1 / 20
"""Standard deviation of the blur, in sides of the picture: 11 of 224 pixels."""


def mean_colour(network: Network, image: Tensor) -> Tensor:
    """Return (1, 3, 1, 1): the colour that the network's normalisation makes zero."""
    mean = network.facts.mean
    colours = (mean[0],) * 3 if network.facts.channels == 1 else mean
    return torch.tensor(colours).to(image).reshape(1, 3, 1, 1)


def filling(network: Network, image: Tensor, kind: str) -> Tensor:
    """Return (1, 3, H, W), of one of ``FILLS``, for an image (1, 3, H, W) in [0, 1]."""
    if kind == "blur":
        return blurred(image, _BLUR * image.shape[-1])
    if kind == "black":
        return torch.zeros_like(image)
    return mean_colour(network, image).expand_as(image)


def blurred(image: Tensor, deviation: float) -> Tensor:
    """Return (1, 3, H, W), smoothed by a Gaussian; beyond the border the picture is mirrored."""
    for axis in (2, 3):
        reach = min(int(3 * deviation + 1), image.shape[axis] - 1)
        at = torch.arange(-reach, reach + 1, dtype=torch.float32)
        bell = torch.exp(-at.square() / (2 * deviation**2))
        shape = (1, 1, -1, 1) if axis == 2 else (1, 1, 1, -1)
        kernel = (bell / bell.sum()).to(image).reshape(shape).repeat(3, 1, 1, 1)
        pads = (0, 0, reach, reach) if axis == 2 else (reach, reach, 0, 0)
        padded = functional.pad(image, pads, mode="reflect")
        image = functional.conv2d(padded, kernel, groups=3)
    return image
