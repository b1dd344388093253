"""DeepFool: to the nearest border, as if all borders were flat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.attacks import balls
from cnnviz_gui.core.attacks.aim import Aim, Iterate
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.params import Params, number
from cnnviz_gui.core.registry import Guide, Values, attack
from cnnviz_gui.texts import tr

_BEYOND = 1e-4
"""Added to each distance, in L2, so that rounding does not end a step before the border."""
_TINY = 1e-8


@dataclass(frozen=True, slots=True)
class DeepFoolParams(Params):
    """Parameters of DeepFool."""

    steps: int = number(
        50, 1, 200, label=tr("Steps"), help=tr("At most so many steps; few are needed.")
    )
    overshoot: float = number(
        0.02,
        0.0,
        1.0,
        step=0.01,
        label=tr("Overshoot"),
        help=tr("How much further than the border the way is gone."),
    )
    candidates: int = number(
        10,
        2,
        1000,
        label=tr("Candidates"),
        help=tr("The most likely classes whose borders are tried, the picture's included."),
    )


def _gradients(values: Values, targeted: bool) -> int:
    return int(values["steps"]) * (1 if targeted else int(values["candidates"]) - 1)


@attack(
    "deepfool",
    family="smallest",
    title="DeepFool",
    summary=tr("Steps to the nearest of the straightened borders: a small change, quickly."),
    formula="x + (1 + overshoot) Σ r;  r = shortest over k of |zₖ − z_y| / ‖∇(zₖ − z_y)‖² · "
    "∇(zₖ − z_y);  towards a target: k is the target, y what leads",
    paper="Moosavi-Dezfooli et al. 2016, DeepFool, arXiv:1511.04599",
    guide=Guide(
        can=tr(
            "About how far the nearest border of the likeliest classes is, or with a target"
            " that class's, in L2: an upper bound that is often close."
        ),
        cannot=tr(
            "The smallest perturbation: borders are taken as flat, and only the likeliest"
            " classes are looked at."
        ),
        use=tr(
            "For a quick distance; Carlini–Wagner refines it, and Borders gives it for each class."
        ),
    ),
    params=DeepFoolParams,
    gradients=_gradients,
    ends_early=True,
)
def deepfool(
    classifier: Network,
    image: Tensor,
    label: Tensor,
    target: Tensor | None,
    params: DeepFoolParams,
    ctx: Context,
) -> Tensor:
    """Return the first image beyond a border; each sample goes on until it is.

    Parameters
    ----------
    image
        float32 (N, 3, H, W) in [0, 1]; not modified.
    label, target
        int64 (N,); with a target each step goes to the border between it and the class that leads.

    Returns
    -------
    float32 (N, 3, H, W) in [0, 1], at any distance.
    """
    aim = Aim(label, target)
    grey = classifier.facts.channels == 1
    logits = classifier.logits(image, ctx)
    rivals = _rivals(logits, label, target, params.candidates)
    moving, total = image.clone(), torch.zeros_like(image)
    for step in range(params.steps):
        ctx.step(step, params.steps)
        open_ = ~aim.reached(logits)
        ctx.partial(Iterate(moving, logits))
        if not bool(open_.any()):
            break
        leader = label if target is None else _leader(logits, target)
        near = _nearest(classifier, moving, leader, rivals, grey, ctx)
        total = torch.where(balls.per_sample(open_), total + near, total)
        moved = (image + (1 + params.overshoot) * total).clamp(0, 1)
        moving = torch.where(balls.per_sample(open_), moved, moving)
        logits = classifier.logits(moving, ctx)
    return moving


def _rivals(logits: Tensor, label: Tensor, target: Tensor | None, candidates: int) -> Tensor:
    """Return the classes (N, R) whose borders are tried."""
    if target is not None:
        return target[:, None]
    others = logits.scatter(1, label[:, None], -torch.inf)
    return others.topk(min(candidates, logits.shape[1]) - 1, dim=1).indices


def _leader(logits: Tensor, target: Tensor) -> Tensor:
    """Return the strongest class (N,) but for the target."""
    return logits.scatter(1, target[:, None], -torch.inf).argmax(1)


def _nearest(
    classifier: Network, moving: Tensor, leader: Tensor, rivals: Tensor, grey: bool, ctx: Context
) -> Tensor:
    """Return the step (N, 3, H, W) to the nearest straightened border."""
    shortest = torch.full((len(moving),), torch.inf, device=moving.device)
    step = torch.zeros_like(moving)
    for rival in rivals.unbind(1):
        ctx.check()
        gradient, logits = classifier.gradient(moving, _lead(rival, leader), ctx)
        gradient = balls.alike(gradient) if grey else gradient
        lead = _lead(rival, leader)(logits).abs()
        length = balls.size("l2", gradient).to(gradient)
        distance = lead / (length + _TINY)
        nearer = distance < shortest
        shortest = torch.where(nearer, distance, shortest)
        there = balls.per_sample((distance + _BEYOND) / (length + _TINY)) * gradient
        step = torch.where(balls.per_sample(nearer), there, step)
    return step


def _lead(rival: Tensor, leader: Tensor) -> Callable[[Tensor], Tensor]:
    """Return by how much the rival's logit (N,) is above the leader's, as a function."""

    def lead(logits: Tensor) -> Tensor:
        above: Tensor = logits.gather(1, rival[:, None]) - logits.gather(1, leader[:, None])
        return above[:, 0]

    return lead
