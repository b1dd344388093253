"""Randomised smoothing: what most noisy copies of the picture are said to be."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz_gui.core.defences import draws
from cnnviz_gui.core.params import Params, number
from cnnviz_gui.core.registry import Guide, Views, defence
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class SmoothingParams(Params):
    """Parameters of the smoothing vote."""

    sigma: float = number(
        0.05,
        0.005,
        1.0,
        step=0.01,
        label=tr("Sigma"),
        help=tr(
            "Standard deviation of the noise, of colours in [0, 1]; published networks are"
            " trained with it, and stand 0.25 to 1."
        ),
    )
    copies: int = number(
        64, 8, 10000, step=8, label=tr("Copies"), help=tr("Noisy copies that have a vote.")
    )
    seed: int = draws.seed()


@defence(
    "smoothing",
    title=tr("Smoothing vote"),
    summary=tr("Lets many noisy copies of the picture vote; enough of one mind certify a radius."),
    formula="argmaxₖ P(f(clip(x + N(0, σ²), 0, 1)) = k);  "
    "certified radius σ · Φ⁻¹(p), p ≤ P, 99.9 % sure",
    paper="Cohen et al. 2019, Certified Adversarial Robustness via Randomized Smoothing, "
    "arXiv:1902.02918",
    guide=Guide(
        can=tr(
            "With its certified radius: that no change below it in L2 alters the vote, with"
            " 99.9 % confidence. It is the only proof on this page."
        ),
        cannot=tr(
            "Anything about the network without the noise, or beyond the radius. A network"
            " that was not trained with noise abstains soon."
        ),
        use=tr(
            "For a lower bound beside the attacks' upper bounds. More copies allow a larger radius."
        ),
    ),
    params=SmoothingParams,
    views=Views(lambda params: params.copies, random=True, votes=True),
)
def smoothing(image: Tensor, params: SmoothingParams, which: int) -> Tensor:
    """Return (N, 3, H, W) plus noise, clipped to [0, 1], the same noise for all samples.

    Clipping is a part of the network that is smoothed, so the certificate holds with it.
    """
    generator = draws.generator(params.seed, which)
    noise = torch.randn(image.shape[1:], generator=generator).to(image)
    return (image + params.sigma * noise).clamp(0, 1)
