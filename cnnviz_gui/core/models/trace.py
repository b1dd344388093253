"""One pass through a network, written down call by call: modules, and functions in their code.

The pass usually runs on meta tensors, which have shapes and no values: even the largest network
takes milliseconds, and the network itself is not touched.
"""

from __future__ import annotations

import copy
import dataclasses
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from cnnviz_gui.core.models import operations, rectifiers, shapes
from cnnviz_gui.core.models.axes import LOST, Field
from cnnviz_gui.core.models.dispatch import Seeing
from cnnviz_gui.core.models.fields import propagate, tensors_in

aten = torch.ops.aten


@dataclass(eq=False, slots=True)
class Call:
    """One run of one module, or one call of a function in its code."""

    module: nn.Module
    path: str
    """Dotted name of the module."""
    number: int
    """Which of the module's runs, from 1; which call of that function in them."""
    parent: Call | None
    depth: int
    given: tuple[Tensor, ...]
    sources: tuple[Call | None, ...]
    """What gave each, the outermost that had ended; None for the picture and for weights."""
    operation: str = ""
    """Kind of the function, such as ``add``; empty for a module."""
    output: Tensor | None = None
    """Of several values the first tensor."""
    parts: int = 0
    """How many tensors it gave."""
    field: Field | None = None
    macs: int = 0
    did: set[Any] = dataclasses.field(default_factory=set)
    """The operators of ATen that its own code called, without those of the calls in it."""
    window: tuple[Any, ...] = ()
    """Kernel, stride and padding of the pooling or convolution that a function does."""
    finished: int = -1
    """Order in which the runs ended."""
    children: list[Call] = dataclasses.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Trace:
    """What happened in the pass; the root is the network's own run."""

    root: Call
    calls: tuple[Call, ...]
    """In the order in which they began, without the root."""
    uses: Counter[int]
    """By identity of a tensor, how many operations read it."""
    kept: tuple[Tensor, ...]
    """All tensors of the pass, so that no identity is used twice."""
    activations: tuple[str, ...]
    """The kinds that ran, by name, in order."""

    def runs(self) -> Counter[str]:
        """Return how often each module ran."""
        return Counter(call.path for call in self.calls if not call.operation)


def trace(network: nn.Module, size: int, channels: int = 3, *, weightless: bool = True) -> Trace:
    """Follow a pass of zeros float32 (1, channels, size, size).

    With ``weightless`` the pass runs on meta tensors; without it computes, in a copy that shares
    the weights.
    """
    twin = _copy(network, "meta" if weightless else None)
    recorder = _Recorder(twin)
    first = next(twin.parameters(), None)
    device = "cpu" if first is None else first.device
    image = torch.zeros(1, channels, size, size, device="meta" if weightless else device)
    recorder.see(image, Field.of_input())
    with torch.no_grad(), recorder, _Functions(recorder):
        twin(image)
    root, *calls = recorder.calls
    kinds = tuple(recorder.activations)
    return Trace(root, tuple(calls), recorder.uses, tuple(recorder.kept), kinds)


def weightless(network: nn.Module) -> nn.Module:
    """Return a copy on the meta device: it has shapes and no values, and computes nothing."""
    return _copy(network, "meta")


def _copy(network: nn.Module, device: str | None) -> nn.Module:
    """Return a copy with its weights on a device, shared where that is None."""
    memo: dict[int, Any] = {}
    for parameter in network.parameters():
        tensor = parameter.detach().to(device)
        memo[id(parameter)] = nn.Parameter(tensor, requires_grad=False)
    for buffer in network.buffers():
        memo[id(buffer)] = buffer.to(device)
    return copy.deepcopy(network, memo)


class _Recorder(Seeing):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.uses: Counter[int] = Counter()
        self.kept: list[Tensor] = []
        self.activations: dict[str, None] = {}
        self._fields: dict[int, Field] = {}
        self._stack: list[Call] = []
        self._runs: Counter[tuple[str, str]] = Counter()
        self._made: dict[int, Call] = {}
        self._ended = 0
        for path, module in network.named_modules():
            module.register_forward_pre_hook(self._begin(path), with_kwargs=True)
            module.register_forward_hook(self._end)

    def see(self, tensor: Tensor, field: Field) -> None:
        self.kept.append(tensor)
        self._fields[id(tensor)] = field

    def function(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Run a function, as a call of its own where it stands in the code of a container."""
        parent = self._stack[-1] if self._stack else None
        if parent is None or not operations.has_operations(parent.module):
            return func(*args, **kwargs)
        given = [*tensors_in(args), *tensors_in(kwargs)]
        call = self._enter(parent.module, parent.path, given, operations.kind_of(func))
        out = func(*args, **kwargs)
        self._stack.pop()
        if any(id(one) in self._fields for one in given) and any(True for _ in tensors_in(out)):
            self._join(call)
            self._leave(call, out)
        return out

    def _begin(self, path: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(module: nn.Module, args: Any, kwargs: Any) -> None:
            self._join(self._enter(module, path, [*tensors_in(args), *tensors_in(kwargs)]))

        return hook

    def _end(self, _module: nn.Module, _inputs: Any, output: Any) -> None:
        self._leave(self._stack.pop(), output)

    def _enter(
        self, module: nn.Module, path: str, given: list[Tensor], operation: str = ""
    ) -> Call:
        self.kept.extend(given)
        self._runs[path, operation] += 1
        call = Call(
            module,
            path,
            self._runs[path, operation],
            parent=self._stack[-1] if self._stack else None,
            depth=len(self._stack) - 1,
            given=tuple(given),
            sources=tuple(self._made.get(id(one)) for one in given),
            operation=operation,
        )
        self._stack.append(call)
        return call

    def _join(self, call: Call) -> None:
        if call.parent is not None:
            call.parent.children.append(call)
        self.calls.append(call)

    def _leave(self, call: Call, output: Any) -> None:
        call.finished = self._ended
        self._ended += 1
        tensors = list(tensors_in(output))
        if not tensors:
            return
        for tensor in tensors:
            self.kept.append(tensor)
            self._made[id(tensor)] = call
        call.output, call.parts = tensors[0], len(tensors)
        linear = call.operation == "linear" or isinstance(call.module, nn.Linear)
        if linear and call.given[0].ndim == call.output.ndim:
            # addmm sees (N·H·W, C) only; the layer keeps the layout of its input
            field = self._fields.get(id(call.given[0]), LOST)
            self.see(call.output, field.mixed((call.output.ndim - 1,)))
        call.field = self._fields.get(id(call.output))

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = shapes.known(func, args, kwargs)
        if out is None:
            out = func(*args, **(kwargs or {}))
        given = [*tensors_in(args), *tensors_in(kwargs)]
        self.kept.extend(given)
        self.uses.update(id(tensor) for tensor in given)
        self._account(func, args, out)
        sources = [(t, self._fields[id(t)]) for t in given if id(t) in self._fields]
        if sources:
            for tensor in tensors_in(out):
                self.see(tensor, propagate(func, args, sources, tensor))
                maker = self._made.get(id(sources[0][0]))
                if maker is not None:  # until the call ends that this is a step of
                    self._made.setdefault(id(tensor), maker)
        return out

    def _account(self, func: Any, args: Any, out: Any) -> None:
        packet = func.overloadpacket
        if kind := rectifiers.activation(packet, args):
            self.activations[kind] = None
        macs = multiply_adds(packet, args, out)
        if macs:
            for call in self._stack:
                call.macs += macs
        if self._stack:
            self._stack[-1].did.add(packet)
            self._stack[-1].window = _window(packet, args) or self._stack[-1].window


class _Functions(TorchFunctionMode):
    """Shows a recorder the functions of torch as they stand in the code, before they are split."""

    def __init__(self, recorder: _Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return self._recorder.function(func, args, kwargs or {})


def _window(packet: Any, args: Any) -> tuple[Any, ...]:
    """Return kernel, stride and padding of an operator that has them."""
    if packet is aten.convolution:
        return tuple(args[1].shape[2:]), args[3], args[4]
    if packet in (aten.max_pool2d_with_indices, aten.avg_pool2d):
        kernel = args[1]
        stride = args[2] if len(args) > 2 and args[2] else kernel
        return kernel, stride, args[3] if len(args) > 3 else (0, 0)
    return ()


def multiply_adds(packet: Any, args: Any, out: Any) -> int:
    """Return the multiply-adds of an ATen operation, 0 for what only moves or compares numbers."""
    given = list(tensors_in(args))
    if packet is aten.convolution:
        # a transposed one sends each number that it reads through a kernel
        ends = given[0] if args[6] else out
        return int(ends.numel() * given[1][0].numel())
    if packet in (aten.mm, aten.bmm, aten.addmm, aten.baddbmm):
        return int(out.numel() * given[-1].shape[-2])
    if "scaled_dot_product" in packet.__name__:
        query, key, value = given[:3]
        return int(query.numel() // query.shape[-1] * key.shape[-2]) * int(
            query.shape[-1] + value.shape[-1]
        )
    return 0
