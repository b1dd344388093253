"""Passes of few pictures recorded as CUDA graphs: one launch in place of one for every operation.

At batch one an accelerator waits for the processor that gives it hundreds of small operations, one
by one. A graph is given to it whole. A network whose passes depend on anything but the pixels must
not be recorded, and a graph that saves no time is not worth its memory: both are found out before
one is used.
"""

from __future__ import annotations

import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

import torch
from torch import Tensor

from cnnviz_gui.core.context import Context

Pass = Callable[[Tensor], Tensor]
"""Takes pixels (N, 3, H, W), returns logits (N, K) that a gradient passes through."""

OFF = "CNNVIZ_CUDA_GRAPHS"
"""Environment variable: with 0 nothing is recorded."""

_DEVICES = ("cuda",)
"""Kinds of devices that record; torch calls those of AMD so too."""
_MOST = 4
"""Pictures of a batch that is recorded; larger ones keep the device busy by themselves."""
_AFTER = 8
"""Passes of one shape before it is recorded, which costs as much as some twenty."""
_TIMED = 5
_GAIN = 0.9
"""The share of the time that a graph must stay below."""
_UNSTEADY = 1e-3
"""A gradient that differs from itself by more than this share is no function of the pixels."""

_log = logging.getLogger(__name__)


class Replay:
    """What was recorded of one network: of the latest shape only; for one thread.

    The network is frozen and in eval mode, and its weights stay where they are in memory. It is
    handed over at each call, as it owns what is recorded of it.

    Parameters
    ----------
    record
        Returns a pass that does what the given one does for the shape of the picture.
    clock
        Seconds once the device has done all that it was given.
    """

    def __init__(
        self,
        record: Callable[[Pass, Tensor], Pass] | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._record = record or _recorded
        self._clock = clock or _seconds
        self._seen: Counter[torch.Size] = Counter()
        self._kept: tuple[torch.Size, Pass] | None = None
        self._given_up: set[torch.Size] = set()
        self._altered = 0

    @contextmanager
    def altered(self) -> Iterator[None]:
        """Replay nothing inside the ``with``: the network computes something else."""
        self._altered += 1
        try:
            yield
        finally:
            self._altered -= 1

    def of(self, network: Pass, x: Tensor, ctx: Context) -> Pass | None:
        """Return the recorded pass for pictures like x, where there is one that pays.

        What it returns lies where its next pass will write: copy the logits and the gradient.
        """
        if self._altered or x.device.type not in _DEVICES or len(x) > _MOST:
            return None
        if x.shape in self._given_up:
            return None
        if self._kept is not None and self._kept[0] == x.shape:
            return self._kept[1]
        self._seen[x.shape] += 1
        if self._seen[x.shape] <= _AFTER or os.environ.get(OFF) == "0":
            return None
        self._kept = None  # its memory is free before another is recorded
        made = self._made(network, x, ctx)
        if made is None:
            self._given_up.add(x.shape)
            return None
        self._seen.clear()  # whatever takes its place has to be asked for as often again
        self._kept = (x.shape, made)
        return made

    def _made(self, network: Pass, x: Tensor, ctx: Context) -> Pass | None:
        try:
            made = self._record(network, x)
            if not _same(network, made, x, ctx):
                _log.debug("A recorded pass is not what the network computes; none is used.")
                return None
            plain, recorded = self._seconds(network, x, ctx), self._seconds(made, x, ctx)
        except Exception as error:  # whatever a network does in a pass that cannot be recorded
            _log.debug("A pass cannot be recorded: %s", error)
            return None
        _log.debug("A pass takes %.2f ms, recorded %.2f ms.", plain * 1000, recorded * 1000)
        return made if recorded < _GAIN * plain else None

    def _seconds(self, once: Pass, x: Tensor, ctx: Context) -> float:
        times = []
        for _ in range(_TIMED):
            ctx.check()
            began = self._clock()
            _both(once, x)
            times.append(self._clock() - began)
        return min(times)


def _same(network: Pass, made: Pass, x: Tensor, ctx: Context) -> bool:
    """Tell whether a recorded pass gives what the network gives, as near as it gives it twice.

    Twice on pictures it was not recorded with: what was taken over as a number shows there.
    """
    for picture in (1 - x, x.flip(-1) * 0.5):
        found = []
        for once in (network, network, made):
            ctx.check()
            found.append(_both(once, picture))
        for one, again, replayed in zip(*found, strict=True):
            scale = float(one.abs().max())
            steady = float((one - again).abs().max())
            if not steady <= _UNSTEADY * scale:  # nor where either is not a number
                return False
            if not float((one - replayed).abs().max()) <= 2 * steady:
                return False
    return True


def _both(once: Pass, x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the logits, and the gradient of their weighted sum, in memory of their own."""
    leaf = x.detach().clone().requires_grad_()
    with torch.enable_grad():
        logits = once(leaf)
        weights = torch.linspace(-1, 1, logits.numel(), device=logits.device)
        (gradient,) = torch.autograd.grad((logits * weights.reshape(logits.shape)).sum(), leaf)
    return logits.detach().clone(), gradient.clone()


def _recorded(once: Pass, x: Tensor) -> Pass:
    sample = x.detach().clone().requires_grad_()
    # Not the module itself: torch would put the recorded pass in the place of its own.
    made = torch.cuda.make_graphed_callables(lambda pixels: once(pixels), (sample,))
    return cast(Pass, made)


def _seconds() -> float:
    torch.cuda.synchronize()
    return time.perf_counter()
