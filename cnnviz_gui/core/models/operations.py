"""Calls in the code of a module that are no modules: additions, concatenations, functional pools.

``trace`` finds them; ``watching`` finds them again in a later pass, by the module whose code they
stand in, by their kind, and by which of that kind they are there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from cnnviz_gui.core.facts import Role

Spot = tuple[str, str, int]
"""Dotted name of the module, kind, and which call of that kind within all runs of it, from 1."""
Action = Callable[[Tensor], Tensor | None]

_SAME = {
    "concat": "cat",
    "concatenate": "cat",
    "divide": "div",
    "max_pool2d_with_indices": "max_pool2d",
    "multiply": "mul",
    "radd": "add",
    "rdiv": "div",
    "rmatmul": "matmul",
    "rmul": "mul",
    "rsub": "sub",
    "rtruediv": "div",
    "subtract": "sub",
    "true_divide": "div",
}
_ACTIVATIONS = """
    celu clamp elu gelu glu hardsigmoid hardswish hardtanh leaky_relu log_softmax mish prelu relu
    relu6 selu sigmoid silu softmax softplus tanh
"""
_NORMS = """
    batch_norm group_norm instance_norm layer_norm local_response_norm normalize rms_norm
"""
_POOLS = "adaptive_avg_pool2d adaptive_max_pool2d amax avg_pool2d lp_pool2d max_pool2d mean"
_RESHAPES = """
    channel_shuffle flatten flip moveaxis movedim permute pixel_shuffle pixel_unshuffle reshape roll
    squeeze swapaxes transpose unflatten unsqueeze view
"""
_ROLES: dict[str, Role] = {
    "add": "add",
    "cat": "cat",
    "stack": "cat",
    "mul": "scale",
    "conv2d": "conv",
    "linear": "linear",
    **dict.fromkeys(_ACTIVATIONS.split(), "activation"),
    **dict.fromkeys(_NORMS.split(), "norm"),
    **dict.fromkeys(_POOLS.split(), "pool"),
    **dict.fromkeys(_RESHAPES.split(), "reshape"),
}
MOVING = frozenset({"flip", "moveaxis", "movedim", "permute", "roll", "swapaxes", "transpose"})
"""Reshaping that puts numbers elsewhere even where the shape stays."""
_SILENT = """
    alias alpha_dropout bfloat16 clone contiguous detach double dropout dropout2d expand expand_as
    feature_dropout float get getitem half to type
"""
SILENT = frozenset(_SILENT.split())
"""Kinds that are not worth a row: they change no number, or take a part."""


def kind_of(function: Any) -> str:
    """Return the common name of a function of torch: ``add`` for ``+`` and ``+=``."""
    name = function if isinstance(function, str) else getattr(function, "__name__", "")
    name = name.partition(".")[0].strip("_")
    return _SAME.get(name, name)


def role_of(kind: str) -> Role:
    """Return what an operation is, for the icon."""
    return _ROLES.get(kind, "other")


def has_operations(module: nn.Module) -> bool:
    """Tell whether the code of a module is looked into: of a container, and none of torch's own.

    What has no modules inside is a layer as a whole.
    """
    own = ("torch.nn.modules.module", "torch.nn.modules.container", "torch.nn.modules.transformer")
    ours = ("Block", "Operation", "Program")  # their operations are modules already
    return next(module.children(), None) is not None and not any(
        (kind.__module__.startswith("torch.nn.") and kind.__module__ not in own)
        or (kind.__module__.endswith("models.programs.program") and kind.__name__ in ours)
        for kind in type(module).__mro__
    )


class _Watch(TorchFunctionMode):
    """Follows which module's code runs, and hands over what the wanted calls return.

    It is entered only while a module runs in whose code a wanted call stands: each call of a
    function takes longer then, in all of the network a third of a pass.
    """

    def __init__(self, actions: Mapping[Spot, Action]) -> None:
        super().__init__()
        self.paths = {path for path, _, _ in actions}
        self._stack: list[str] = []
        self._actions = actions
        self._entered_at = -1
        self._seen: Counter[tuple[str, str]] = Counter()

    def enter(self, path: str) -> None:
        """Note that a module begins to run."""
        if self._entered_at < 0 and path in self.paths:
            self._entered_at = len(self._stack)
            self.__enter__()  # type: ignore[no-untyped-call]  # torch
        self._stack.append(path)

    def leave(self) -> None:
        """Note that the module that began last has run."""
        self._stack.pop()
        if self._entered_at == len(self._stack):
            self.stop()

    def stop(self) -> None:
        """Follow no further; after a pass that was cut off, too."""
        if self._entered_at >= 0:
            self._entered_at = -1
            self.__exit__(None, None, None)  # type: ignore[no-untyped-call]  # torch

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        if not self._stack or self._stack[-1] not in self.paths:
            return out
        path, kind = self._stack[-1], kind_of(func)
        self._seen[path, kind] += 1
        action = self._actions.get((path, kind, self._seen[path, kind]))
        instead = action(out) if action is not None else None
        if instead is None:
            return out
        if args and out is args[0]:
            # the code goes on with the tensor that was overwritten, whatever is returned
            return out.copy_(instead)
        return instead


@contextmanager
def watching(network: nn.Module, actions: Mapping[Spot, Action]) -> Iterator[None]:
    """Call the action of each operation with its output, in one pass of ``network``.

    What an action returns is handed on; None leaves the output as it is.
    """
    if not actions:
        yield
        return
    watch = _Watch(actions)
    with ExitStack() as stack:
        stack.callback(watch.stop)
        for path, module in network.named_modules():
            if any(not owner or f"{path}.".startswith(f"{owner}.") for owner in watch.paths):
                stack.enter_context(_followed(module, path, watch))
        yield


@contextmanager
def _followed(module: nn.Module, path: str, watch: _Watch) -> Iterator[None]:
    """Tell when ``module`` runs."""

    def enter(_module: nn.Module, _inputs: Any) -> None:
        watch.enter(path)

    def leave(_module: nn.Module, _inputs: Any, _output: Any) -> None:
        watch.leave()

    # Of two watches the one that entered last must leave first.
    handles = (
        module.register_forward_pre_hook(enter),
        module.register_forward_hook(leave, prepend=True),
    )
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
