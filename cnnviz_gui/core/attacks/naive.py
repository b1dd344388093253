"""The naive attack: gradient ascent on a class with no budget, to see how far it drifts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.attacks import balls
from cnnviz_gui.core.attacks.aim import Aim, Iterate
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.params import Params, choice, flag, number
from cnnviz_gui.core.registry import Guide, attack
from cnnviz_gui.texts import ptr, tr


@dataclass(frozen=True, slots=True)
class NaiveParams(Params):
    """Parameters of the naive attack."""

    steps: int = number(50, 1, 1000, label=tr("Steps"), help=tr("Gradient steps."))
    step_size: float = number(
        0.5,
        0.001,
        1000.0,
        step=0.1,
        label=tr("Step size"),
        help=tr("Length of a step in L2, or what the plain gradient is multiplied by."),
    )
    step_rule: str = choice(
        "gradient",
        {"gradient": tr("Gradient"), "plain": tr("Plain gradient"), "sign": tr("Sign")},
        label=tr("Step rule"),
        help=tr(
            "Direction of a step: the gradient scaled to the step size, as it is, or its sign."
        ),
    )
    stop: bool = flag(
        False,
        label=ptr("of the ascent", "Stop"),
        help=tr("Stop as soon as the class is reached; else see how far it is driven."),
    )


@attack(
    "naive",
    family="iterative",
    title=tr("Naive ascent"),
    summary=tr("Climbs the class's score and forgets the picture: nothing bounds the change."),
    formula="xₜ₊₁ = clip(xₜ + η · g / ‖g‖₂, 0, 1), g = ∇ₓ log pₖ(xₜ);  without a target: "
    "g = −∇ₓ log p_y(xₜ);  plain: η · g",
    paper="Szegedy et al. 2014, Intriguing Properties of Neural Networks, arXiv:1312.6199",
    guide=Guide(
        can=tr(
            "How far the score of a class can be driven if nothing bounds the change, and"
            " that this needs no resemblance to the class."
        ),
        cannot=tr(
            "Anything about small perturbations: the picture drifts as far as the steps carry it."
        ),
        use=tr("To see why attacks need a ball. Look at the sizes in Parameters."),
    ),
    params=NaiveParams,
)
def naive(
    classifier: Network,
    image: Tensor,
    label: Tensor,
    target: Tensor | None,
    params: NaiveParams,
    ctx: Context,
) -> Tensor:
    """Return the image of the last step.

    It is naive for it says nothing of how much may change: the perturbation grows with every step.

    Parameters
    ----------
    image
        float32 (N, 3, H, W) in [0, 1]; not modified.
    label, target
        int64 (N,); without a target the label's log-probability falls, else the target's rises.

    Returns
    -------
    float32 (N, 3, H, W) in [0, 1], at any distance.
    """
    aim = Aim(label, target)
    free = balls.L2Ball(float("inf"), classifier.facts.channels == 1)
    moving = image.clone()
    for step in range(params.steps):
        ctx.step(step, params.steps)
        gradient, logits = classifier.gradient(moving, aim.gain, ctx)
        ctx.partial(Iterate(moving, logits))
        if params.stop and bool(aim.reached(logits).all()):
            break
        rule = cast(balls.Rule, params.step_rule)
        moving = (moving + free.step(gradient, rule, params.step_size)).clamp(0, 1)
    return moving
