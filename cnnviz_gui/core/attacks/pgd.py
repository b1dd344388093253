"""PGD: many small steps, each followed by a projection into the ball."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.attacks import balls, budget
from cnnviz_gui.core.attacks.aim import LOSSES, Aim, Best, Iterate, Loss
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.params import Params, choice, flag, number
from cnnviz_gui.core.registry import Guide, attack
from cnnviz_gui.texts import tr

REACH = 2.5
"""Automatic steps add up to this many radii, so that they can cross the ball."""


@dataclass(frozen=True, slots=True)
class PgdParams(Params):
    """Parameters of PGD."""

    norm: str = budget.norm("linf", "l2", "l1")
    epsilon: float = budget.epsilon("linf", "l2", "l1")
    steps: int = number(
        10, 1, 1000, label=tr("Steps"), help=tr("Gradient steps; the course takes 20.")
    )
    step_size: float = budget.step_size(REACH, "linf", "l2", "l1")
    step_rule: str = choice(
        "steepest",
        {
            "steepest": tr("Steepest"),
            "sign": tr("Sign"),
            "gradient": tr("Gradient"),
            "plain": tr("Plain gradient"),
        },
        label=tr("Step rule"),
        help=tr(
            "Direction of a step: steepest is the sign for L∞, the gradient, scaled to the"
            " step size, for L2, the hundredth of the values with the largest gradient for"
            " L1; plain is the lecture's gradient times the step size."
        ),
    )
    loss: str = choice(
        "cross-entropy",
        LOSSES,
        label=tr("Loss"),
        help=tr(
            "What the steps raise: the label's cross-entropy, how far another class leads,"
            " or that difference as a share of the best logits (DLR), which no scale of the"
            " logits hides."
        ),
    )
    random_start: bool = flag(
        True,
        label=tr("Random start"),
        help=tr("Start from a random point of the ball, not the picture."),
    )
    restarts: int = number(
        1,
        1,
        50,
        when=("random_start", (True,)),
        label=tr("Restarts"),
        help=tr("Independent starts; the best end is kept."),
    )
    keep: str = budget.keep()
    seed: int = number(
        0,
        0,
        2**31 - 1,
        role="seed",
        when=("random_start", (True,)),
        label=tr("Seed"),
        help=tr("Of the random starts."),
    )


@attack(
    "pgd",
    family="iterative",
    title="PGD",
    summary=tr(
        "Repeats a small gradient step and a projection into the ball, from a random start."
    ),
    formula="x₀ = x + U(−ε, ε); xₜ₊₁ = Π(xₜ + α · sign(∇ₓ CE(f(xₜ), y))); towards a target: minus",
    paper="Madry et al. 2018, Towards Deep Learning Models Resistant to Adversarial Attacks, "
    "arXiv:1706.06083",
    guide=Guide(
        can=tr(
            "Whether the ball holds an adversarial picture that first-order steps can find:"
            " if PGD finds one, it exists."
        ),
        cannot=tr(
            "That there is none. A failure may be too few steps, an unlucky start or masked"
            " gradients; more restarts, another loss and a black box tell which."
        ),
        use=tr(
            "As the standard attack, in L∞, L2 and L1. Use 40 steps and some restarts"
            " before calling a picture robust."
        ),
    ),
    params=PgdParams,
)
def pgd(
    classifier: Network,
    image: Tensor,
    label: Tensor,
    target: Tensor | None,
    params: PgdParams,
    ctx: Context,
) -> Tensor:
    """Return the image of the ball that the steps end at, or the best on their way.

    With ``keep="last"``, L∞ and the steepest step this is the textbook's PGD, rounding included.

    Parameters
    ----------
    image
        float32 (N, 3, H, W) in [0, 1]; not modified.
    label, target
        int64 (N,); without a target the loss of the label is raised, else that of the target
        lowered.

    Returns
    -------
    float32 (N, 3, H, W) in [0, 1], inside the ball around ``image``. A sample's result does not
    depend on the others of the batch, but for rounding.
    """
    radius = balls.radius(params.norm, params.epsilon)
    if radius == 0:
        return image.clone()
    best = Best(Aim(label, target, cast(Loss, params.loss)))
    generator = torch.Generator().manual_seed(params.seed)
    restarts = params.restarts if params.random_start else 1
    for restart in range(restarts):
        last = _walk(classifier, image, best, params, generator, restart * params.steps, ctx)
        if params.keep == "last" and restarts == 1:
            return last
        logits = classifier.logits(last, ctx)
        best.offer(last, logits)
        ctx.partial(best.shown(last, logits))
    found = best.found.image
    return found.clone() if found is image else found


def _walk(
    classifier: Network,
    image: Tensor,
    best: Best,
    params: PgdParams,
    generator: torch.Generator,
    done: int,
    ctx: Context,
) -> Tensor:
    """Go all steps from one start; offer every image but the last to ``best``, return the last."""
    grey = classifier.facts.channels == 1
    ball = balls.ball(params.norm, balls.radius(params.norm, params.epsilon), grey)
    automatic = REACH * ball.radius / params.steps
    length = balls.radius(params.norm, params.step_size) or automatic
    total = params.steps * (params.restarts if params.random_start else 1)
    moving = ball.random_start(image, generator) if params.random_start else image
    for step in range(params.steps):
        ctx.step(done + step, total)
        gradient, logits = classifier.gradient(moving, best.aim.gain, ctx)
        if params.keep == "best":
            best.offer(moving, logits)
            ctx.partial(best.shown(moving, logits))
        else:
            ctx.partial(Iterate(moving, logits))
        rule = cast(balls.Rule, params.step_rule)
        moving = ball.project(image, moving + ball.step(gradient, rule, length))
    return moving
