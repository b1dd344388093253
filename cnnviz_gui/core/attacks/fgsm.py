"""FGSM: one step along the sign of the gradient."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.attacks import budget
from cnnviz_gui.core.attacks.aim import Aim
from cnnviz_gui.core.attacks.balls import radius
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import attack


@dataclass(frozen=True, slots=True)
class FgsmParams(Params):
    """Parameters of FGSM."""

    epsilon: float = budget.epsilon()


@attack(
    "fgsm",
    family="one-step",
    title="FGSM",
    summary="One step of size epsilon along the sign of the gradient; the cheapest attack.",
    formula="x + ε · sign(∇ₓ CE(f(x), y)); towards a target: minus",
    paper="Goodfellow et al. 2015, Explaining and Harnessing Adversarial Examples, arXiv:1412.6572",
    params=FgsmParams,
)
def fgsm(
    classifier: Network,
    image: Tensor,
    label: Tensor,
    target: Tensor | None,
    params: FgsmParams,
    ctx: Context,
) -> Tensor:
    """Return clip(x + epsilon sign(gradient)).

    Parameters
    ----------
    image
        float32 (N, 3, H, W) in [0, 1]; not modified.
    label, target
        int64 (N,); without a target the cross-entropy of the label is raised, else that of the
        target lowered.

    Returns
    -------
    float32 (N, 3, H, W) in [0, 1], each value within epsilon / 255 of the image's; where the
    gradient is zero the value is unchanged.
    """
    bound = radius("linf", params.epsilon)
    if bound == 0:
        return image.clone()
    ctx.step(0, 1)
    gradient, _ = classifier.gradient(image, Aim(label, target).gain, ctx)
    return (image + bound * gradient.sign()).clamp(0, 1)
