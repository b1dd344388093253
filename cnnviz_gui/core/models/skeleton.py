"""Networks whose weights will all be replaced: made without computing any."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

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
    """Build a network with no values, on the meta device where it allows that.

    Not one of its weights may be used before it is replaced.
    """
    with global_seed(0):
        try:
            with torch.device("meta"), _Unfilled():
                return make(**options)
        except NotImplementedError:  # RegNet computes its widths with tensors
            with _Unfilled():
                return make(**options)


class _Unfilled(TorchFunctionMode):
    """Leaves tensors as they are where initialisers would fill them; for this thread only."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in _FILLING or getattr(func, "__module__", "") == nn.init.__name__:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)
