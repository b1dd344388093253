"""What an attack wants of the logits, and the best it has found so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core.attacks.balls import per_sample
from cnnviz_gui.texts import tr

Loss = Literal["cross-entropy", "margin", "dlr"]
LOSSES = {"cross-entropy": tr("Cross-entropy"), "margin": tr("Margin of the logits"), "dlr": "DLR"}
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Aim:
    """Leave ``label`` or, where there is a ``target``, reach it; both int64 (N,)."""

    label: Tensor
    target: Tensor | None
    loss: Loss = "cross-entropy"

    def gain(self, logits: Tensor) -> Tensor:
        """Return (N,) what is to be raised, by the loss that is chosen.

        Cross-entropy: the label's, or minus the target's. Margin: minus ``margin``. DLR: ``dlr``.
        """
        if self.loss == "margin":
            return -self.margin(logits)
        if self.loss == "dlr":
            return self.dlr(logits)
        if self.target is not None:
            return -functional.cross_entropy(logits, self.target, reduction="none")
        return functional.cross_entropy(logits, self.label, reduction="none")

    def margin(self, logits: Tensor) -> Tensor:
        """Return (N,) by how much the logits miss the aim: negative where it is reached.

        Of the label over the strongest other class, or of the strongest other over the target.
        """
        wanted = self.label if self.target is None else self.target
        own = logits.gather(1, wanted[:, None])
        others = logits.scatter(1, wanted[:, None], -torch.inf).amax(1)
        miss = own[:, 0] - others
        return miss if self.target is None else -miss

    def dlr(self, logits: Tensor) -> Tensor:
        """Return (N,) the difference of logits ratio of Croce and Hein 2020, to be raised.

        It does not change with the scale of the logits, so a saturated softmax cannot hide the
        gradient. With fewer classes than it needs (3, or 4 with a target) minus the margin.
        """
        needed = 3 if self.target is None else 4
        if logits.shape[1] < needed:
            return -self.margin(logits)
        best = logits.topk(needed, dim=1).values
        if self.target is None:
            return -self.margin(logits) / (best[:, 0] - best[:, 2] + _TINY)
        rows = torch.arange(len(logits), device=logits.device)
        miss = logits[rows, self.label] - logits[rows, self.target]
        return -miss / (best[:, 0] - (best[:, 2] + best[:, 3]) / 2 + _TINY)

    def reached(self, logits: Tensor) -> Tensor:
        """Return bool (N,)."""
        winner = logits.argmax(1)
        return winner != self.label if self.target is None else winner == self.target


@dataclass(frozen=True, slots=True, eq=False)
class Iterate:
    """An adversarial image on its way, for ``ctx.partial``: (N, 3, H, W) and its logits (N, K)."""

    image: Tensor
    logits: Tensor
    walked: Iterate | None = None
    """Where the way itself has come to, where what would be returned is another image."""


class Best:
    """The best image of each sample so far: success before failure, then the larger gain."""

    def __init__(self, aim: Aim) -> None:
        self.aim = aim
        self._gain: Tensor | None = None
        self._reached: Tensor | None = None
        self._found: Iterate | None = None

    @property
    def found(self) -> Iterate:
        """What was kept; there must have been an offer."""
        assert self._found is not None
        return self._found

    def shown(self, image: Tensor, logits: Tensor) -> Iterate:
        """Return what was kept, and beside it the image (N, 3, H, W) that the way has come to."""
        return Iterate(self.found.image, self.found.logits, Iterate(image, logits))

    def offer(self, image: Tensor, logits: Tensor) -> None:
        """Keep ``image`` (N, 3, H, W) for those samples where it is better than what is kept."""
        gain = self.aim.gain(logits).nan_to_num(nan=-torch.inf)
        reached = self.aim.reached(logits)
        if self._found is None or self._gain is None or self._reached is None:
            self._gain, self._reached, self._found = gain, reached, Iterate(image, logits)
            return
        better = torch.where(reached == self._reached, gain > self._gain, reached)
        self._gain = torch.where(better, gain, self._gain)
        self._reached = reached | self._reached
        self._found = Iterate(
            torch.where(per_sample(better), image, self._found.image),
            torch.where(better.reshape(-1, 1), logits, self._found.logits),
        )
