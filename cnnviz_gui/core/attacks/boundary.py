"""Boundary attack: a walk along the border towards the picture; asks only for the class."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.attacks import balls
from cnnviz_gui.core.attacks.aim import Iterate
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import MethodError
from cnnviz_gui.core.params import Params, number
from cnnviz_gui.core.registry import Guide, attack
from cnnviz_gui.texts import tr

_STARTS = 50
_HALVINGS = 20
_ADAPTED_BY = 1.5
_CHECKED_EVERY = 10
"""Of so many proposals one also asks whether its sideways part alone stays beyond the border."""
_PER_STEP = 2
"""Queries that a step may take."""
_REMEMBERED, _JUDGED_FROM = 30, 10
"""Proposals whose success is remembered, and how many tell whether a step is too long."""
_TINY = torch.finfo(torch.float32).tiny
_LEAST_STEP = 1e-7


@dataclass(frozen=True, slots=True)
class BoundaryParams(Params):
    """Parameters of the boundary attack."""

    queries: int = number(
        1000,
        100,
        100000,
        label=tr("Queries"),
        help=tr("How often the network may be asked; the paper allows 25000."),
    )
    sideways: float = number(
        0.01,
        0.0001,
        1.0,
        step=0.005,
        label=tr("Sideways"),
        help=tr("First length of a step along the border, as a share of the distance."),
    )
    nearer: float = number(
        0.01,
        0.0001,
        1.0,
        step=0.005,
        label=tr("Nearer"),
        help=tr("First length of a step towards the picture, as a share of the distance."),
    )
    seed: int = number(
        0, 0, 2**31 - 1, role="seed", label=tr("Seed"), help=tr("Of the start and the proposals.")
    )


@attack(
    "boundary",
    family="decision",
    title="Boundary",
    summary=tr(
        "Walks along the border towards the picture; asks for the class, never for a score."
    ),
    formula="x′ = x̂ + δ ‖x − x̂‖ η⊥ / ‖η⊥‖ + ε (x − x̂), η ~ N(0, 1); kept while argmax f(x′) ≠ y",
    paper="Brendel et al. 2018, Decision-Based Adversarial Attacks, arXiv:1712.04248",
    guide=Guide(
        can=tr(
            "That an adversarial picture can be found by asking for the class alone, and"
            " how near it comes in L2."
        ),
        cannot=tr(
            "The smallest distance: after thousands of queries it still falls. A start is"
            " needed that is already wrong."
        ),
        use=tr("For networks of which only the answer is known. Let it run long, and watch Steps."),
    ),
    params=BoundaryParams,
    targets=False,
)
def boundary(
    classifier: Network,
    image: Tensor,
    label: Tensor,
    target: Tensor | None,
    params: BoundaryParams,
    ctx: Context,
) -> Tensor:
    """Return the nearest image found that another class wins.

    Parameters
    ----------
    image
        float32 (N, 3, H, W) in [0, 1]; not modified. Each sample is walked by itself.
    label
        int64 (N,), the class to leave.
    target
        None: towards a class the walk would need a picture of that class to start from.

    Returns
    -------
    float32 (N, 3, H, W) in [0, 1], at any distance.

    Raises
    ------
    MethodError
        No picture of noise is another class to the network, so the walk has no start.
    """
    total = len(image) * params.queries
    found = []
    for sample in range(len(image)):
        one = slice(sample, sample + 1)
        asked = _Border(classifier, label[one], sample * params.queries, total, ctx)
        walk = _Walk(asked, image[one], classifier.facts.channels == 1, params)
        while asked.count + _PER_STEP <= params.queries:
            walk.go()
            if len(image) == 1:
                ctx.partial(Iterate(walk.here, walk.logits))
        found.append(walk.here)
    return torch.cat(found)


class _Border:
    """Tells on which side an image is; of the logits nothing but the winner is used."""

    def __init__(
        self, classifier: Network, label: Tensor, done: int, total: int, ctx: Context
    ) -> None:
        self.count = 0
        self.logits: Tensor
        """Of the image asked about last: only to be shown."""
        self._classifier = classifier
        self._label = label
        self._done = done
        self._total = total
        self._ctx = ctx

    def beyond(self, image: Tensor) -> bool:
        """Ask whether another class than the label wins."""
        self._ctx.step(min(self._done + self.count, self._total), self._total)
        self.count += 1
        self.logits = self._classifier.logits(image, self._ctx)
        return not bool(self.logits.argmax(1) == self._label)


class _Walk:
    """One picture's walk, in steps whose lengths follow how many succeed."""

    def __init__(self, border: _Border, image: Tensor, grey: bool, params: BoundaryParams) -> None:
        self._border = border
        self._image = image
        self._generator = torch.Generator().manual_seed(params.seed)
        self._colours = 1 if grey else image.shape[1]
        self._sideways, self._nearer = params.sideways, params.nearer
        self._stayed: deque[bool] = deque(maxlen=_REMEMBERED)
        self._succeeded: deque[bool] = deque(maxlen=_REMEMBERED)
        self._gone = 0
        self.here = self._start()
        """The nearest image found, and its logits."""

    def _start(self) -> Tensor:
        """Return a picture blended with noise, as little as still is beyond the border."""
        for _ in range(_STARTS):
            noise = torch.rand((self._colours, *self._image.shape[2:]), generator=self._generator)
            far = noise.to(self._image).expand_as(self._image).contiguous()
            if self._border.beyond(far):
                self.logits = self._border.logits
                break
        else:
            raise MethodError(
                tr(
                    "None of {count} pictures of noise is another class to this network,"
                    " so the walk has no start.",
                    count=_STARTS,
                ),
                tr("Choose Square, or an attack that uses gradients."),
            )
        low, high = 0.0, 1.0
        kept = far
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            mixed = torch.lerp(self._image, far, middle)
            if self._border.beyond(mixed):
                high, kept, self.logits = middle, mixed, self._border.logits
            else:
                low = middle
        return kept

    def go(self) -> None:
        """Propose one step and take it if it stays beyond the border and comes nearer."""
        away = self._image - self.here
        distance = float(balls.size("l2", away))
        if distance == 0:
            self._border.count += 1  # the picture itself is beyond: nothing is left to find
            return
        beside, ahead = self._proposal(away, distance)
        self._gone += 1
        if self._gone % _CHECKED_EVERY == 1:
            self._stayed.append(self._border.beyond(beside))
        nearer = float(balls.size("l2", ahead - self._image)) < distance
        kept = nearer and self._border.beyond(ahead)
        self._succeeded.append(kept)
        if kept:
            self.here, self.logits = ahead, self._border.logits
        self._adapt()

    def _proposal(self, away: Tensor, distance: float) -> tuple[Tensor, Tensor]:
        """Return the image a step sideways on the sphere, and that one moved towards ours."""
        eta = torch.randn((self._colours, *away.shape[2:]), generator=self._generator)
        eta = eta.to(away).expand_as(away)
        ray = away / distance
        eta = eta - (eta * ray).sum() * ray
        eta = eta * (self._sideways * distance / eta.norm().clamp_min(_TINY))
        beside = self._image + (eta - away) / (1 + self._sideways**2) ** 0.5
        beside = beside.clamp(0, 1)
        back = self._image - beside
        length = back.norm()
        step = (self._nearer * distance + length - distance).clamp_min(0)
        ahead = (beside + step / length.clamp_min(_TINY) * back).clamp(0, 1)
        return beside, ahead

    def _adapt(self) -> None:
        """Lengthen what succeeds often, shorten what seldom does."""
        sideways = _factor(self._stayed, 0.2, 0.5)
        nearer = _factor(self._succeeded, 0.1, 0.25)
        self._sideways *= sideways
        self._nearer = max(self._nearer * sideways * nearer, _LEAST_STEP)
        if sideways != 1:
            self._stayed.clear()
        if nearer != 1:
            self._succeeded.clear()


def _factor(tried: deque[bool], seldom: float, often: float) -> float:
    if len(tried) < _JUDGED_FROM:
        return 1.0
    share = sum(tried) / len(tried)
    if share > often:
        return _ADAPTED_BY
    return 1 / _ADAPTED_BY if share < seldom else 1.0
