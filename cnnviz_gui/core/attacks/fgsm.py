"""FGSM: one step along the sign of the gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.attacks import budget
from cnnviz_gui.core.attacks.aim import Aim
from cnnviz_gui.core.attacks.balls import per_sample, radius
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Guide, attack
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class FgsmParams(Params):
    """Parameters of FGSM."""

    epsilon: float = budget.epsilon()


def at_epsilons(
    classifier: Network,
    image: Tensor,
    label: Tensor,
    target: Tensor | None,
    params: FgsmParams,
    ctx: Context,
) -> Callable[[Sequence[float]], Tensor]:
    """Return what gives the images (M, 3, H, W) of one picture at M epsilons, for one gradient."""
    sign = _direction(classifier, image, label, target, ctx)

    def images(epsilons: Sequence[float]) -> Tensor:
        bounds = torch.tensor([radius("linf", epsilon) for epsilon in epsilons]).to(image)
        return (image + per_sample(bounds) * sign).clamp(0, 1)

    return images


def _direction(
    classifier: Network, image: Tensor, label: Tensor, target: Tensor | None, ctx: Context
) -> Tensor:
    """Return the sign of the gradient, which no epsilon changes."""
    ctx.step(0, 1)
    gradient, _ = classifier.gradient(image, Aim(label, target).gain, ctx)
    return gradient.sign()


@attack(
    "fgsm",
    family="one-step",
    title="FGSM",
    summary=tr("One step of size epsilon along the sign of the gradient; the cheapest attack."),
    formula="clip(x + ε · sign(∇ₓ CE(f(x), y)), 0, 1); towards a target: minus",
    paper="Goodfellow et al. 2015, Explaining and Harnessing Adversarial Examples, arXiv:1412.6572",
    guide=Guide(
        can=tr(
            "Whether one linear step already fools the network; it shows how nearly linear"
            " the network is around the picture."
        ),
        cannot=tr(
            "That the picture is safe: if FGSM fails, a few small steps often succeed. A"
            " larger epsilon may fail again, which the axis marks."
        ),
        use=tr(
            "As the quickest look, with the slider that then costs one gradient for all epsilons."
        ),
    ),
    params=FgsmParams,
    at_epsilons=at_epsilons,
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
    return (image + bound * _direction(classifier, image, label, target, ctx)).clamp(0, 1)
