"""What an attack wants of the logits, and the best it has found so far."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Aim:
    """Leave ``label`` or, where there is a ``target``, reach it; both int64 (N,)."""

    label: Tensor
    target: Tensor | None

    def gain(self, logits: Tensor) -> Tensor:
        """Return (N,) what is to be raised: the label's cross-entropy or minus the target's."""
        if self.target is not None:
            return -functional.cross_entropy(logits, self.target, reduction="none")
        return functional.cross_entropy(logits, self.label, reduction="none")

    def reached(self, logits: Tensor) -> Tensor:
        """Return bool (N,)."""
        winner = logits.argmax(1)
        return winner != self.label if self.target is None else winner == self.target


@dataclass(frozen=True, slots=True, eq=False)
class Iterate:
    """An adversarial image on its way, for ``ctx.partial``: (N, 3, H, W) and its logits (N, K)."""

    image: Tensor
    logits: Tensor


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
            torch.where(better.reshape(-1, 1, 1, 1), image, self._found.image),
            torch.where(better.reshape(-1, 1), logits, self._found.logits),
        )
