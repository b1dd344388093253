"""Square attack: random squares, kept where the score falls; asks only for scores."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.attacks import balls, budget
from cnnviz_gui.core.attacks.aim import Aim, Iterate
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.params import Params, number
from cnnviz_gui.core.registry import Guide, attack
from cnnviz_gui.texts import ptr, tr

_HALVED_AT = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)
"""After so many queries the squares cover half as much."""


@dataclass(frozen=True, slots=True)
class SquareParams(Params):
    """Parameters of the Square attack."""

    epsilon: float = budget.epsilon()
    queries: int = number(
        1000,
        1,
        20000,
        label=tr("Queries"),
        help=tr("How often the network may be asked; published runs allow 5000."),
    )
    share: float = number(
        0.8,
        0.01,
        1.0,
        step=0.05,
        label=ptr("of the picture", "Share"),
        help=tr("Share of the picture that the first squares cover; it falls as queries go on."),
    )
    seed: int = number(
        0, 0, 2**31 - 1, role="seed", label=tr("Seed"), help=tr("Of the stripes and squares.")
    )


@attack(
    "square",
    family="score",
    title="Square",
    summary=tr(
        "Tries random squares at the edge of the ball; asks for scores, never for gradients."
    ),
    formula="x′ = clip(x̂ ± 2ε on a random square); kept if z_y − max zₖ (targeted: CE) falls",
    paper="Andriushchenko et al. 2020, Square Attack, arXiv:1912.00049",
    guide=Guide(
        can=tr(
            "Whether a network can be fooled by its scores alone, so that masked gradients"
            " are no help to it."
        ),
        cannot=tr(
            "How few queries a better attack would need. A failure within the queries says little."
        ),
        use=tr("As the check of a defence: if Square beats PGD, gradients are masked."),
    ),
    params=SquareParams,
)
def square(
    classifier: Network,
    image: Tensor,
    label: Tensor,
    target: Tensor | None,
    params: SquareParams,
    ctx: Context,
) -> Tensor:
    """Return the image with the lowest loss; it stops where every sample has reached its aim.

    All samples get the same draws, so that a result does not depend on the rest of the batch.

    Parameters
    ----------
    image
        float32 (N, 3, H, W) in [0, 1]; not modified.
    label, target
        int64 (N,); without a target the margin of the label falls, else the cross-entropy of the
        target.

    Returns
    -------
    float32 (N, 3, H, W) in [0, 1], each value within epsilon / 255 of the image's.
    """
    radius = balls.radius("linf", params.epsilon)
    if radius == 0:
        return image.clone()
    aim = Aim(label, target, "cross-entropy" if target is not None else "margin")
    ball = balls.LinfBall(radius)
    colours = 1 if classifier.facts.channels == 1 else image.shape[1]
    generator = torch.Generator().manual_seed(params.seed)
    stripes = _signs((colours, 1, image.shape[3]), generator).to(image)
    kept = ball.project(image, image + radius * stripes)
    logits = classifier.logits(kept, ctx)
    gain, reached = aim.gain(logits), aim.reached(logits)
    ctx.partial(Iterate(kept, logits))
    for query in range(1, params.queries):
        ctx.step(query, params.queries)
        if bool(reached.all()):
            break
        rows, columns = _place(image, _share(params.share, query), generator)
        change = torch.zeros_like(image)
        change[..., rows, columns] = 2 * radius * _signs((colours, 1, 1), generator).to(image)
        tried = ball.project(image, kept + change)
        found = classifier.logits(tried, ctx)
        better = (aim.gain(found) > gain) & ~reached
        if not bool(better.any()):
            continue
        kept = torch.where(balls.per_sample(better), tried, kept)
        logits = torch.where(better[:, None], found, logits)
        gain, reached = aim.gain(logits), aim.reached(logits)
        ctx.partial(Iterate(kept, logits))
    return kept


def _signs(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    return torch.randint(0, 2, shape, generator=generator) * 2 - 1


def _share(first: float, query: int) -> float:
    """Return the share of the picture that a square covers."""
    return float(first / 2 ** sum(query > halved for halved in _HALVED_AT))


def _place(image: Tensor, share: float, generator: torch.Generator) -> tuple[slice, slice]:
    """Return the rows and columns of a random square."""
    height, width = image.shape[2:]
    side = min(max(round(math.sqrt(share * height * width)), 1), height, width)
    top = int(torch.randint(0, height - side + 1, (), generator=generator))
    left = int(torch.randint(0, width - side + 1, (), generator=generator))
    return slice(top, top + side), slice(left, left + side)
