"""Whatever is attached to a network, attached for the length of a ``with`` and never longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.models.fields import tensors_in


class Enough(BaseException):
    """Ends a forward pass whose rest is not needed; private to the core.

    Like ``Cancelled`` not an ``Exception``, so that no network can swallow it.
    """


@contextmanager
def on_output(module: nn.Module, action: Callable[[int, Tensor], Tensor | None]) -> Iterator[None]:
    """Call ``action(call, output)`` after each run of ``module``; what it returns is handed on.

    ``call`` counts the runs inside the ``with`` from 1; None leaves the output as it is. Of several
    values the first tensor is the output.
    """
    calls = 0

    def hook(_module: nn.Module, _inputs: Any, output: Any) -> Any:
        nonlocal calls
        calls += 1
        with torch._C.DisableTorchFunction():  # what it computes is none of the network's code
            if isinstance(output, Tensor):
                return action(calls, output)
            first = next(tensors_in(output), None)
            instead = None if first is None else action(calls, first)
        if instead is None:
            return None
        return with_tensors(output, lambda tensor: instead if tensor is first else tensor)

    handle = module.register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def with_tensors(value: Any, function: Callable[[Tensor], Tensor]) -> Any:
    """Return the same lists, tuples and dictionaries with each tensor in them replaced."""
    if isinstance(value, Tensor):
        return function(value)
    if isinstance(value, dict):
        parts = {name: with_tensors(part, function) for name, part in value.items()}
        return parts if type(value) is dict else type(value)(**parts)
    if isinstance(value, list | tuple):
        made = [with_tensors(part, function) for part in value]
        return type(value)(*made) if hasattr(value, "_fields") else type(value)(made)
    return value


@contextmanager
def on_input(module: nn.Module, action: Callable[[int, Tensor], None]) -> Iterator[None]:
    """Call ``action(call, input)`` before each run of ``module``, counted as in ``on_output``."""
    calls = 0

    def hook(_module: nn.Module, inputs: Any) -> None:
        nonlocal calls
        calls += 1
        action(calls, inputs[0])

    handle = module.register_forward_pre_hook(hook)
    try:
        yield
    finally:
        handle.remove()


class Watch:
    """Whom the gradient hooks of a kept graph ask; settable, since the graph outlives the call."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    def __call__(self, _gradient: Tensor) -> None:
        """Serve as the hook of a tensor."""
        self.ctx.check()

    @contextmanager
    def asking(self, ctx: Context) -> Iterator[None]:
        """Ask ``ctx`` inside the ``with``, and nobody after it."""
        self.ctx = ctx
        try:
            yield
        finally:
            self.ctx = NullContext()


def layers_to_ask_at(network: nn.Module) -> tuple[nn.Module, ...]:
    """Return the modules with parameters of their own, where the time of a pass is spent."""
    return tuple(
        module
        for module in network.modules()
        if any(parameter is not None for parameter in module._parameters.values())
    )


@contextmanager
def cancellable(layers: Sequence[nn.Module], ctx: Context) -> Iterator[Watch]:
    """Call ``ctx.check()`` before each of ``layers`` and, on its way back, the gradient.

    This bounds the time to notice a cancel by the slowest single layer, not by the pass. The tensor
    hooks of a graph made inside ask the yielded ``Watch``; they live and die with that graph.
    """
    watch = Watch(ctx)

    def before(_module: nn.Module, _inputs: Any) -> None:
        watch.ctx.check()

    def after(_module: nn.Module, _inputs: Any, output: Any) -> None:
        if isinstance(output, Tensor) and output.requires_grad:
            output.register_hook(watch)  # type: ignore[no-untyped-call]  # torch

    handles: list[RemovableHandle] = []
    try:
        for layer in () if isinstance(ctx, NullContext) else layers:
            handles.append(layer.register_forward_pre_hook(before))
            if torch.is_grad_enabled():
                handles.append(layer.register_forward_hook(after))
        yield watch
    finally:
        for handle in handles:
            handle.remove()


def count_hooks(network: nn.Module) -> int:
    """Return how many hooks hang on the network's modules."""
    kinds = (
        "_forward_hooks",
        "_forward_pre_hooks",
        "_backward_hooks",
        "_backward_pre_hooks",
    )
    return sum(len(getattr(module, kind)) for module in network.modules() for kind in kinds)
