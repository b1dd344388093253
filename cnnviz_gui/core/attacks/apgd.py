"""APGD: PGD that chooses its step size itself and goes back to the best point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.attacks import balls, budget
from cnnviz_gui.core.attacks.aim import LOSSES, Aim, Best, Loss
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.params import Params, choice, number
from cnnviz_gui.core.registry import Guide, Values, attack
from cnnviz_gui.texts import tr

_MOMENTUM = 0.75
_RISING = 0.75
"""A window in which fewer of the steps than this raised the loss asks for smaller steps."""
_WINDOWS = (0.22, 0.06, 0.03)
"""Shares of all steps: the first window, the least, by how much each is shorter than the last."""


@dataclass(frozen=True, slots=True)
class ApgdParams(Params):
    """Parameters of APGD."""

    norm: str = budget.norm("linf", "l2")
    epsilon: float = budget.epsilon("linf", "l2")
    loss: str = choice(
        "cross-entropy",
        LOSSES,
        label=tr("Loss"),
        help=tr(
            "DLR is the difference of the two best logits as a share of the best three,"
            " which no scale of the logits hides; with fewer than three classes the margin."
        ),
    )
    steps: int = number(
        100, 1, 1000, label=tr("Steps"), help=tr("Gradient steps; fewer than 50 leave it no time.")
    )
    restarts: int = number(
        1, 1, 50, label=tr("Restarts"), help=tr("Independent starts; the best end is kept.")
    )
    seed: int = number(
        0, 0, 2**31 - 1, role="seed", label=tr("Seed"), help=tr("Of the random starts.")
    )


def _gradients(values: Values, targeted: bool) -> int:
    return (int(values["steps"]) + 1) * int(values["restarts"])


@attack(
    "apgd",
    family="iterative",
    title="APGD",
    summary=tr("PGD that halves its own steps where the loss no longer rises; nothing to tune."),
    formula="xₜ₊₁ = Π(xₜ + ¾ (Π(xₜ + ηₜ · s) − xₜ) + ¼ (xₜ − xₜ₋₁)), η₀ = 2ε;  "
    "s the sign of the gradient, in L2 its direction;  towards a target: minus",
    paper="Croce and Hein 2020, Reliable Evaluation of Adversarial Robustness, arXiv:2003.01690",
    guide=Guide(
        can=tr("The same as PGD, but its step size adapts, so that a failure says more."),
        cannot=tr(
            "A guarantee: no attack gives one. For that, see the certified radius of the"
            " smoothing vote."
        ),
        use=tr(
            "For figures on robustness, where nobody should have tuned a step size. Beside"
            " the cross-entropy try the margin loss."
        ),
    ),
    params=ApgdParams,
    gradients=_gradients,
)
def apgd(
    classifier: Network,
    image: Tensor,
    label: Tensor,
    target: Tensor | None,
    params: ApgdParams,
    ctx: Context,
) -> Tensor:
    """Return the best image of all starts; success goes before failure.

    Parameters
    ----------
    image
        float32 (N, 3, H, W) in [0, 1]; not modified.
    label, target
        int64 (N,); without a target the loss of the label is raised, else that of the target
        lowered.

    Returns
    -------
    float32 (N, 3, H, W) in [0, 1], inside the ball around ``image``.
    """
    grey = classifier.facts.channels == 1
    ball = balls.ball(params.norm, balls.radius(params.norm, params.epsilon), grey)
    if ball.radius == 0:
        return image.clone()
    best = Best(Aim(label, target, cast(Loss, params.loss)))
    generator = torch.Generator().manual_seed(params.seed)
    for restart in range(params.restarts):
        start = ball.random_start(image, generator)
        done = restart * (params.steps + 1), params.restarts * (params.steps + 1)
        climb(classifier, ball, image, start, best, params.steps, done, ctx)
    return best.found.image


def climb(
    classifier: Network,
    ball: balls.Ball,
    image: Tensor,
    start: Tensor,
    best: Best,
    steps: int,
    done: tuple[int, int],
    ctx: Context,
) -> None:
    """Go all steps from ``start`` (N, 3, H, W) and offer every image to ``best``.

    ``done`` is what ``ctx`` is to be told: the steps of former starts, and of all.
    """
    walk = _Walk(ball, image, start, steps)
    for step in range(steps + 1):
        ctx.step(done[0] + step, done[1])
        gradient, logits = classifier.gradient(walk.moving, best.aim.gain, ctx)
        best.offer(walk.moving, logits)
        ctx.partial(best.shown(walk.moving, logits))
        walk.note(best.aim.gain(logits), gradient)
        if step < steps:
            walk.go()


class _Walk:
    """Where one start has come to, for each sample of the batch by itself."""

    def __init__(self, ball: balls.Ball, image: Tensor, start: Tensor, steps: int) -> None:
        self.moving = start
        self._ball = ball
        self._image = image
        self._former = start
        self._length = torch.full((len(image), 1, 1, 1), 2 * ball.radius, device=image.device)
        self._window, self._least, self._less = (max(int(w * steps), 1) for w in _WINDOWS)
        self._gone = 0
        self._since = 0
        self._gains: list[Tensor] = []
        self._summit: tuple[Tensor, Tensor, Tensor] | None = None

    def note(self, gain: Tensor, gradient: Tensor) -> None:
        """Take what the network says of ``moving``; halve the steps where they no longer pay."""
        gain = gain.nan_to_num(nan=-torch.inf)
        self._gradient = self._ball.coloured(gradient)
        self._gains.append(gain)
        if self._summit is None:
            self._summit = gain, self.moving, self._gradient
            self._checked, self._halved = gain, torch.ones_like(gain, dtype=torch.bool)
            return
        self._summit = _where(
            gain > self._summit[0], (gain, self.moving, self._gradient), self._summit
        )
        self._since += 1
        if self._since == self._window:
            self._check()

    def _check(self) -> None:
        """Look back over the window, as the paper's conditions 1 and 2."""
        assert self._summit is not None
        gains = torch.stack(self._gains[-self._window - 1 :])
        rising = (gains[1:] > gains[:-1]).sum(0)
        stands = ~self._halved & (self._checked >= self._summit[0])
        halve = (rising <= _RISING * self._window) | stands
        self._halved, self._checked = halve, self._summit[0]
        self._length = torch.where(balls.per_sample(halve), self._length / 2, self._length)
        now = (self._gains[-1], self.moving, self._gradient)
        _, self.moving, self._gradient = _where(halve, self._summit, now)
        self._since = 0
        self._window = max(self._window - self._less, self._least)

    def go(self) -> None:
        """Take one step with momentum; the first has none."""
        share = _MOMENTUM if self._gone else 1.0
        here, image = self.moving, self._image
        step = self._length * self._ball.steepest(self._gradient)
        ahead = self._ball.project(image, here + step)
        drift = here + share * (ahead - here) + (1 - share) * (here - self._former)
        self.moving, self._former = self._ball.project(image, drift), here
        self._gone += 1


def _where(
    chosen: Tensor, a: tuple[Tensor, Tensor, Tensor], b: tuple[Tensor, Tensor, Tensor]
) -> tuple[Tensor, Tensor, Tensor]:
    """Return ``a`` for the samples that are ``chosen`` (N,), ``b`` for the others."""
    wide = balls.per_sample(chosen)
    return (
        torch.where(chosen, a[0], b[0]),
        torch.where(wide, a[1], b[1]),
        torch.where(wide, a[2], b[2]),
    )
