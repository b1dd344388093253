"""JPEG: what compression throws away may be what the attack put in."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from cnnviz_gui.core.params import Params, number
from cnnviz_gui.core.registry import Guide, Views, defence
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class JpegParams(Params):
    """Parameters of JPEG."""

    quality: int = number(
        75,
        1,
        100,
        step=5,
        label=tr("Quality"),
        help=tr("Of the file; 75 is usual, 100 loses least."),
    )


@defence(
    "jpeg",
    title="JPEG",
    summary=tr("Compresses the picture as a file would be and reads it again."),
    formula="decode(encode(x, quality))",
    paper="Das et al. 2017, Keeping the Bad Guys Out: Protecting and Vaccinating Deep Learning "
    "with JPEG Compression, arXiv:1705.02900",
    guide=Guide(
        can=tr(
            "Whether the perturbation survives what happens to nearly every picture on its way."
        ),
        cannot=tr(
            "Robustness: an attack that knows the compression wins. High qualities keep"
            " most perturbations."
        ),
        use=tr("To learn whether an adversarial file would survive being shared."),
    ),
    params=JpegParams,
    views=Views(lambda params: 1, straight_through=True),
)
def jpeg(image: Tensor, params: JpegParams, which: int) -> Tensor:
    """Return (N, 3, H, W): rounded to 8 bits, written as JPEG with halved colours, read again."""
    levels = (image.detach() * 255).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
    read = np.stack([_through_file(picture, params.quality) for picture in levels])
    return torch.from_numpy(read).permute(0, 3, 1, 2).to(image).contiguous() / 255


def _through_file(picture: np.ndarray, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality, subsampling="4:2:0")
    with Image.open(file) as read:
        return np.asarray(read.convert("RGB"))
