"""Gradients that pass a ReLU that is shut, or at its ceiling, where plain ones would end."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn


class _Redirected(torch.autograd.Function):
    """Forward as given; backward as of the ReLU, or past it where that gives a picture nothing.

    Past it only what raises a value below zero, or lowers one above six, goes on: the rest would
    lead further away (Lucid's ``redirected_relu_grad``).
    """

    @staticmethod
    def forward(ctx: Any, before: Tensor, after: Tensor, ceiling: float) -> Tensor:
        ctx.save_for_backward(before)
        ctx.ceiling = ceiling
        return after.detach()  # unlike view_as it keeps the strides, which say channels last

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (before,) = ctx.saved_tensors
        (gradient,) = gradients
        plain = torch.ops.aten.hardtanh_backward(gradient, before, 0.0, ctx.ceiling)
        # One by one: several times as fast as along all axes but the first. The sum is fastest.
        if torch.stack([picture.sum() for picture in plain]).all():
            return plain, None, None
        silent = torch.stack([picture.abs().amax() == 0 for picture in plain])
        low, high = before <= 0, before >= ctx.ceiling
        away = (low & (gradient < 0)) | (high & (gradient > 0))
        shape = (-1, *(1 for _ in gradient.shape[1:]))
        past = gradient.masked_fill(away, 0)
        return torch.where(silent.reshape(shape), past, plain), None, None


@contextmanager
def redirected(network: nn.Module) -> Iterator[None]:
    """Redirect the gradients of all modules ReLU and ReLU6 for the pass inside the ``with``.

    Gradients are those of something that is to grow.
    """
    with ExitStack() as stack:
        for module in network.modules():
            if isinstance(module, nn.ReLU | nn.ReLU6):
                stack.enter_context(_one(module))
        yield


@contextmanager
def without_ceiling(module: nn.Module) -> Iterator[None]:
    """Let the ReLU6 that a module ends in, where it does, answer beyond six inside the ``with``.

    Where all cells are at six no gradient is left, and the picture stays as faint as it then is.
    """
    last = _last(module)
    if not isinstance(last, nn.ReLU6):
        yield
        return
    ceiling, last.max_val = last.max_val, math.inf
    try:
        yield
    finally:
        last.max_val = ceiling


def has_ceiling(module: nn.Module) -> bool:
    """Tell whether a module ends in a ReLU6."""
    return isinstance(_last(module), nn.ReLU6)


def _last(module: nn.Module) -> nn.Module:
    while isinstance(module, nn.Sequential) and len(module):
        module = module[-1]
    return module


@contextmanager
def _one(module: nn.Module) -> Iterator[None]:
    ceiling = module.max_val if isinstance(module, nn.ReLU6) else math.inf

    def hook(_module: nn.Module, inputs: Any, output: Tensor) -> Any:
        return _Redirected.apply(inputs[0], output.detach(), ceiling)

    handle = module.register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()
