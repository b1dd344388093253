"""From logits to classes with probabilities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from cnnviz_gui.core.errors import ModelError
from cnnviz_gui.core.facts import Score
from cnnviz_gui.texts import tr


def as_list(logits: Tensor) -> Tensor:
    """Return one image's logits (1, K) or (K,) as float64 (K,) on the CPU.

    Raises
    ------
    ModelError
        They are not finite, so that there is no predicted class.
    """
    # first to the CPU: not every accelerator knows float64
    flat = logits.detach().reshape(-1).to("cpu", copy=True).to(torch.float64)
    if not bool(torch.isfinite(flat).all()):
        raise ModelError(
            tr("The network answers with values that are not numbers."),
            tr("Its weights are probably damaged: load them anew, or choose another network."),
        )
    return flat


def best(logits: Tensor, count: int) -> list[int]:
    """Return the indices of the ``count`` largest logits (K,), best first, ties by index."""
    indices: list[int] = logits.argsort(descending=True, stable=True)[:count].tolist()
    return indices


def scores(logits: Tensor, indices: Iterable[int], labels: Sequence[str]) -> tuple[Score, ...]:
    """Return the classes of ``indices``, best first; the probability is a softmax over all (K,)."""
    chosen = list(set(indices))
    values, probabilities = logits[chosen].tolist(), logits.softmax(0)[chosen].tolist()
    order = sorted(
        zip(chosen, values, probabilities, strict=True), key=lambda one: (-one[1], one[0])
    )
    return tuple(
        Score(index=index, label=labels[index], probability=probability, logit=logit)
        for index, logit, probability in order
    )
