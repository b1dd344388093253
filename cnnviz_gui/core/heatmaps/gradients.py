"""The gradients at many pictures, a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from cnnviz_gui.core import shortage
from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.heatmaps import gathering
from cnnviz_gui.core.models.split import Objective

_WORK = 4e9
"""Multiply-adds forward, of a pass on a CPU: two pictures at once in ResNet-18, of which one alone
takes a third longer.
"""
_PASSES = 2
"""A pass forward and back takes as long as so many forward."""
_MOST = 32
_BYTES = 320 << 20
"""Of the graph of a pass on a CPU: more at once are no faster there."""


def gradients(
    classifier: Network,
    total: int,
    picture: Callable[[int], Tensor],
    objective: Objective,
    ctx: Context,
) -> Iterator[tuple[Sequence[int], Tensor, Tensor]]:
    """Yield numbers of pictures, in order, their gradients (n, 3, H, W) and logits (n, K).

    ``picture`` gives that of a number, (1, 3, H, W), and may be asked twice for it. Where memory
    allows the same pictures pass together each time, so that the same bits come again.
    """

    def compute(numbers: Sequence[int]) -> tuple[Tensor, Tensor]:
        pictures = torch.cat([picture(number) for number in numbers])
        return classifier.gradient(pictures, objective, ctx)

    count = at_once(classifier)
    for numbers, found in gathering.in_passes(classifier, range(total), compute, ctx, count=count):
        yield numbers, *found


def at_once(classifier: Network) -> int:
    """Return how many pictures pass forward and back together: never by the clock, as there."""
    facts = classifier.facts
    if classifier.device.type == "cpu":
        count, room = min(int(_WORK // max(1, facts.macs)), _MOST), _BYTES
    else:
        count = gathering.at_once(classifier) // _PASSES
        room = shortage.free(classifier.device) // 2
    return max(1, min(count, room // max(1, shortage.graph_bytes(facts.layers))))
