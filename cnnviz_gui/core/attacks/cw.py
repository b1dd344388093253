"""Carlini and Wagner's L2 attack: the smallest change, by an optimiser and a search over c."""

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
from cnnviz_gui.core.registry import Guide, attack
from cnnviz_gui.texts import ptr, tr

_INSIDE = 0.999999
"""Black and white have no finite variable: they are moved this far from the ends."""
_FASTER = 10.0
"""While no c has been large enough, the next one is larger by this factor."""


@dataclass(frozen=True, slots=True)
class CwParams(Params):
    """Parameters of Carlini and Wagner's attack."""

    steps: int = number(
        200,
        1,
        10000,
        label=tr("Steps"),
        help=tr("Steps of the optimiser for each c; the paper: 10000."),
    )
    search: int = number(
        5,
        1,
        20,
        label=ptr("rounds", "Search"),
        help=tr("How many values of c are tried; the paper: 9."),
    )
    c: float = number(
        1.0,
        0.0001,
        10000.0,
        step=0.1,
        label=tr("First c"),
        help=tr("Weight of the margin against the change; the paper begins with 0.001."),
    )
    rate: float = number(
        0.01, 0.0001, 1.0, step=0.005, label=tr("Rate"), help=tr("Learning rate of Adam.")
    )
    confidence: float = number(
        0.0,
        0.0,
        100.0,
        label=tr("Confidence"),
        help=tr("By how many logits the class has to lead: κ of the paper."),
    )


@attack(
    "cw",
    family="smallest",
    title="Carlini–Wagner",
    summary=tr("Searches the smallest change in L2: slow, and among the strongest."),
    formula="min ‖δ‖² + c · max(m + κ, 0), x + δ = (tanh w + 1) / 2;  m = z_y − max zₖ;  "
    "towards a target t: m = max zₖ − z_t",
    paper="Carlini and Wagner 2017, Evaluating the Robustness of Neural Networks, arXiv:1608.04644",
    guide=Guide(
        can=tr(
            "A very small L2 perturbation that fools the network by the margin that you ask"
            " for: the tightest upper bound here."
        ),
        cannot=tr(
            "That there is no smaller one. A result depends on steps and search rounds, and"
            " the margin on the logits' scale, which differs between networks."
        ),
        use=tr("Where size matters more than time, towards a target as well."),
    ),
    params=CwParams,
)
def cw(
    classifier: Network,
    image: Tensor,
    label: Tensor,
    target: Tensor | None,
    params: CwParams,
    ctx: Context,
) -> Tensor:
    """Return the nearest image found that reaches the aim, the picture itself where none does.

    Each sample has its own c: ten times as large until an attack succeeds, then halved between the
    largest that failed and the smallest that did not.

    Parameters
    ----------
    image
        float32 (N, 3, H, W) in [0, 1]; not modified.
    label, target
        int64 (N,), the class to leave and, if any, the one to reach.

    Returns
    -------
    float32 (N, 3, H, W) in [0, 1], at any distance.
    """
    aim = Aim(label, target)
    nearest = _Nearest(image, classifier.logits(image, ctx), aim, params.confidence)
    c = torch.full((len(image),), params.c, device=image.device)
    low, high = torch.zeros_like(c), torch.full_like(c, torch.inf)
    for search in range(params.search):
        done = search * params.steps, params.search * params.steps
        reached = _descend(classifier, image, c, nearest, params, done, ctx)
        high = torch.where(reached, c, high)
        low = torch.where(reached, low, c)
        c = torch.where(high.isinf(), c * _FASTER, (low + high) / 2)
    return nearest.image


def _descend(
    classifier: Network,
    image: Tensor,
    c: Tensor,
    nearest: _Nearest,
    params: CwParams,
    done: tuple[int, int],
    ctx: Context,
) -> Tensor:
    """Minimise for one c and offer every image to ``nearest``; return bool (N,): any reached."""
    grey = classifier.facts.channels == 1
    w = ((2 * image - 1) * _INSIDE).atanh()
    origin = _picture(w)
    adam = torch.optim.Adam([w], lr=params.rate)
    ever = torch.zeros(len(image), dtype=torch.bool, device=image.device)
    miss = _miss(nearest.aim, c, params.confidence)
    for step in range(params.steps):
        ctx.step(done[0] + step, done[1])
        moving = _picture(w)
        gradient, logits = classifier.gradient(moving, miss, ctx)
        ever |= nearest.offer(moving, logits)
        ctx.partial(nearest.shown(moving, logits))
        gradient = gradient + 2 * (moving - origin)
        gradient = balls.alike(gradient) if grey else gradient
        w.grad = gradient * 2 * moving * (1 - moving)  # of tanh, by the chain rule
        adam.step()
    return ever


def _picture(w: Tensor) -> Tensor:
    return (w.tanh() + 1) / 2


def _miss(aim: Aim, c: Tensor, confidence: float) -> Callable[[Tensor], Tensor]:
    """Return c times the margin that is still missing (N,), as a function of the logits."""

    def miss(logits: Tensor) -> Tensor:
        return c * (aim.margin(logits) + confidence).clamp_min(0)

    return miss


class _Nearest:
    """The nearest image of each sample that reaches the aim."""

    def __init__(self, image: Tensor, logits: Tensor, aim: Aim, confidence: float) -> None:
        self.image = image.clone()
        self.aim = aim
        self._clean = image
        self._confidence = confidence
        self._logits = logits
        reached = self._reached(logits)
        self._distance = torch.where(reached, 0.0, torch.inf).to(image)

    def _reached(self, logits: Tensor) -> Tensor:
        return self.aim.reached(logits) & (self.aim.margin(logits) <= -self._confidence)

    def offer(self, moving: Tensor, logits: Tensor) -> Tensor:
        """Keep what is nearer than what is kept; return bool (N,): the aim is reached."""
        reached = self._reached(logits)
        distance = balls.size("l2", moving - self._clean).to(self._distance)
        nearer = reached & (distance < self._distance)
        self._distance = torch.where(nearer, distance, self._distance)
        self.image = torch.where(balls.per_sample(nearer), moving, self.image)
        self._logits = torch.where(nearer[:, None], logits, self._logits)
        return reached

    def shown(self, moving: Tensor, logits: Tensor) -> Iterate:
        """Return what there is to see: the nearest one found, before there is one the way there."""
        if bool(self._distance.isinf().all()):
            return Iterate(moving, logits)
        return Iterate(self.image, self._logits, Iterate(moving, logits))
