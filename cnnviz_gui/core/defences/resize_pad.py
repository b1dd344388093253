"""Random resizing and padding: the picture a little smaller, somewhere on black."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core.defences import draws
from cnnviz_gui.core.params import Params, number
from cnnviz_gui.core.registry import Guide, Views, defence
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class ResizePadParams(Params):
    """Parameters of random resizing and padding."""

    least: float = number(
        90,
        30,
        100,
        step=5,
        label=tr("Least size"),
        unit="%",
        help=tr("Smallest side, of the picture's; published: 299 of 331 pixels, or 90 %."),
    )
    views: int = number(
        8, 1, 256, label=tr("Views"), help=tr("Draws whose probabilities are averaged.")
    )
    seed: int = draws.seed()


@defence(
    "resize-pad",
    title=tr("Resize and pad"),
    summary=tr("Shrinks the picture by a random factor and puts it at a random place on black."),
    formula="mean over draws of softmax(f(pad(resize(x, r)))), r ∼ U(r₀, 1)",
    paper="Xie et al. 2018, Mitigating Adversarial Effects Through Randomization, arXiv:1711.01991",
    guide=Guide(
        can=tr("Whether the perturbation depends on the exact grid of pixels."),
        cannot=tr(
            "Robustness: an attack that takes the mean of gradients over draws wins. One"
            " draw says little."
        ),
        use=tr("To see what randomness alone brings, and what averaging over it takes away again."),
    ),
    params=ResizePadParams,
    views=Views(lambda params: params.views, random=True),
)
def resize_pad(image: Tensor, params: ResizePadParams, which: int) -> Tensor:
    """Return (N, 3, H, W), the same draw for all samples; as published, but never enlarged.

    The authors' network takes what is larger than its pictures; most take one size alone.
    """
    generator = draws.generator(params.seed, which)
    least = params.least / 100
    share = least + (1 - least) * float(torch.rand((), generator=generator))
    height, width = image.shape[2:]
    size = (max(1, round(share * height)), max(1, round(share * width)))
    small = functional.interpolate(
        image, size, mode="bilinear", align_corners=False, antialias=True
    ).clamp(0, 1)
    top = int(torch.randint(0, height - size[0] + 1, (), generator=generator))
    left = int(torch.randint(0, width - size[1] + 1, (), generator=generator))
    return functional.pad(small, (left, width - size[1] - left, top, height - size[0] - top))
