"""Networks whose weights will all be replaced: made without computing any."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

_ALLOCATING = frozenset({torch.empty, torch.zeros, torch.ones})
_FILLING = frozenset(
    {
        Tensor.uniform_,
        Tensor.normal_,
        Tensor.fill_,
        Tensor.zero_,
        # of the truncated normal distribution
        Tensor.erfinv_,
        Tensor.mul_,
        Tensor.add_,
        Tensor.clamp_,
    }
)


@contextmanager
def global_seed(seed: int) -> Iterator[None]:
    """Seed torch's CPU generator inside the ``with``; initialisers know no other."""
    state = torch.get_rng_state()
    try:
        torch.default_generator.manual_seed(seed)
        yield
    finally:
        torch.set_rng_state(state)


def without_weights(make: Callable[..., nn.Module], **options: Any) -> nn.Module:
    """Build a network whose weights have shapes and no values, on the meta device.

    What it computes for itself, such as the indices of relative positions, is there. Not one of its
    weights may be used before it is replaced.
    """
    with global_seed(0), _WithoutValues():
        return make(**options)


class _WithoutValues(TorchFunctionMode):
    """Gives new tensors no values, and draws none for them; for this thread only.

    Unlike the meta device as the default one, it leaves alone what a network computes with tensors
    while it is made: RegNet its widths, Swin the places of its windows.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in _FILLING or getattr(func, "__module__", "") == nn.init.__name__:
            tensor = args[0] if args else kwargs["tensor"]
            if tensor.is_meta:
                return tensor
        if func in _ALLOCATING:
            kwargs = kwargs | {"device": "meta"}
        return func(*args, **kwargs)
