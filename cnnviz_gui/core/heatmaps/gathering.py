"""How a method gathers its samples: so many pictures a pass, and now and then a look at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import TypeVar

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.together import Together

_WORK = {"cpu": (3.2e9, 32)}
_MUCH = (64e9, 128)
"""Multiply-adds of a pass, and the most pictures of one; an accelerator takes more of both."""
_SECONDS = 0.15
_Found = TypeVar("_Found")


def at_once(network: Network) -> int:
    """Return how many pictures pass together: so many as make the work of about 50 ms.

    By the network's size and never by the clock: how logits are rounded depends on how many are
    computed together, and a seed is to give the same bits again.
    """
    work, most = _WORK.get(network.device.type, _MUCH)
    return int(min(max(1, work // max(1, network.facts.macs)), most))


def in_passes(
    network: Network,
    samples: range,
    compute: Callable[[Sequence[int]], _Found],
    ctx: Context,
    *,
    count: int = 0,
    total: int = 0,
) -> Iterator[tuple[Sequence[int], _Found]]:
    """Yield the samples in order, a few at a time, with what ``compute`` gives of them.

    Where memory runs out there are fewer at a time from then on.

    Parameters
    ----------
    samples
        Numbered; the number of the next one is what is reported as done.
    count
        How many at a time; ``at_once`` unless told.
    total
        What all of the work counts; as many as the samples end at unless told.
    """
    together = Together(network.device)
    count = count or at_once(network)
    done = samples.start
    while done < samples.stop:
        ctx.step(done, total or samples.stop)
        part = range(done, min(done + count, samples.stop))
        for numbers, found in together.passes(part, compute):
            if len(numbers) < len(part):
                count = len(numbers)
            yield numbers, found
        done = part.stop


class Pace:
    """When to show what there is: often enough to seem alive, too seldom to slow the work."""

    def __init__(self) -> None:
        self._shown = perf_counter()

    def due(self) -> bool:
        """Return whether it is time, and take it that it is shown then."""
        now = perf_counter()
        if now - self._shown < _SECONDS:
            return False
        self._shown = now
        return True
