"""MI-FGSM: signed steps along a decaying sum of gradients, which carries over to other networks."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.attacks import balls, budget
from cnnviz_gui.core.attacks.aim import Aim, Best, Iterate
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.params import Params, number
from cnnviz_gui.core.registry import Guide, attack
from cnnviz_gui.texts import tr

_TINY = torch.finfo(torch.float32).tiny


@dataclass(frozen=True, slots=True)
class MiFgsmParams(Params):
    """Parameters of MI-FGSM."""

    epsilon: float = budget.epsilon()
    steps: int = number(10, 1, 1000, label=tr("Steps"), help=tr("Gradient steps."))
    step_size: float = budget.step_size(1.0)
    decay: float = number(
        1.0,
        0.0,
        2.0,
        step=0.1,
        label=tr("Decay"),
        help=tr("How much of the former gradients is kept at each step; 0 is BIM."),
    )
    keep: str = budget.keep()


@attack(
    "mi-fgsm",
    family="iterative",
    title="MI-FGSM",
    summary=tr("BIM with momentum: its pictures fool other networks more often."),
    formula="gₜ₊₁ = μ gₜ + ∇ₓ CE / mean|∇ₓ CE|; xₜ₊₁ = clip(xₜ + α · sign(gₜ₊₁), x ± ε); "
    "towards a target: −CE",
    paper="Dong et al. 2018, Boosting Adversarial Attacks with Momentum, arXiv:1710.06081",
    guide=Guide(
        can=tr(
            "Whether a perturbation carries over to other networks: momentum keeps to"
            " directions that they share."
        ),
        cannot=tr("More about this network than PGD does; its success here is often lower."),
        use=tr("Together with a second network, where the page says whether it is fooled as well."),
    ),
    params=MiFgsmParams,
)
def mi_fgsm(
    classifier: Network,
    image: Tensor,
    label: Tensor,
    target: Tensor | None,
    params: MiFgsmParams,
    ctx: Context,
) -> Tensor:
    """Return the image of the last step, or the best on the way.

    The gradient is divided by its mean size, the paper's L1 norm but for a constant that no sign
    shows.

    Parameters
    ----------
    image
        float32 (N, 3, H, W) in [0, 1]; not modified.
    label, target
        int64 (N,); without a target the cross-entropy of the label is raised, else that of the
        target lowered.

    Returns
    -------
    float32 (N, 3, H, W) in [0, 1], each value within epsilon / 255 of the image's.
    """
    grey = classifier.facts.channels == 1
    ball = balls.LinfBall(balls.radius("linf", params.epsilon), grey)
    if ball.radius == 0:
        return image.clone()
    best = Best(Aim(label, target))
    length = balls.radius("linf", params.step_size) or ball.radius / params.steps
    moving, momentum = image, torch.zeros_like(image)
    for step in range(params.steps):
        ctx.step(step, params.steps)
        gradient, logits = classifier.gradient(moving, best.aim.gain, ctx)
        best.offer(moving, logits)
        here = Iterate(moving, logits)
        ctx.partial(best.shown(moving, logits) if params.keep == "best" else here)
        gradient = ball.coloured(gradient)
        usual = gradient.abs().mean(dim=(1, 2, 3), keepdim=True).clamp_min(_TINY)
        momentum = params.decay * momentum + gradient / usual
        moving = ball.project(image, moving + length * momentum.sign())
    if params.keep == "last":
        return moving
    logits = classifier.logits(moving, ctx)
    best.offer(moving, logits)
    ctx.partial(best.shown(moving, logits))
    found = best.found.image
    return found.clone() if found is image else found
