"""One pass through a network, written down call by call.

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
from torch.utils._python_dispatch import TorchDispatchMode

from cnnviz_gui.core.models.fields import Field, propagate, tensors_in
from cnnviz_gui.core.models.programs.program import Operation

aten = torch.ops.aten
_LIKE_THEIR_INPUT = frozenset(
    {aten.relu, aten.hardtanh, aten.silu, aten.hardswish, aten.hardsigmoid, aten.gelu, aten.sigmoid}
)


@dataclass(eq=False, slots=True)
class Call:
    """One run of one module."""

    module: nn.Module
    path: str
    """Dotted name of the module."""
    number: int
    """Which of the module's runs, from 1."""
    parent: Call | None
    depth: int
    given: tuple[Tensor, ...]
    output: Tensor | None = None
    field: Field | None = None
    macs: int = 0
    adds_input: bool = False
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

    def runs(self) -> Counter[str]:
        """Return how often each module ran."""
        return Counter(call.path for call in self.calls)


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
    with torch.no_grad(), recorder:
        twin(image)
    root, *calls = recorder.calls
    return Trace(root, tuple(calls), recorder.uses, tuple(recorder.kept))


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


class _Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch
    def __init__(self, network: nn.Module) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch
        self.calls: list[Call] = []
        self.uses: Counter[int] = Counter()
        self.kept: list[Tensor] = []
        self._fields: dict[int, Field] = {}
        self._stack: list[Call] = []
        self._runs: Counter[str] = Counter()
        self._ended = 0
        for path, module in network.named_modules():
            module.register_forward_pre_hook(self._begin(path))
            module.register_forward_hook(self._end)

    def see(self, tensor: Tensor, field: Field) -> None:
        self.kept.append(tensor)
        self._fields[id(tensor)] = field

    def _begin(self, path: str) -> Callable[[nn.Module, Any], None]:
        def hook(module: nn.Module, inputs: Any) -> None:
            self._runs[path] += 1
            parent = self._stack[-1] if self._stack else None
            depth = len(self._stack) - 1
            call = Call(module, path, self._runs[path], parent, depth, tuple(tensors_in(inputs)))
            if parent is not None:
                parent.children.append(call)
            self.calls.append(call)
            self._stack.append(call)

        return hook

    def _end(self, module: nn.Module, inputs: Any, output: Any) -> None:
        call = self._stack.pop()
        call.finished = self._ended
        self._ended += 1
        call.output = next(tensors_in(output), None)
        if call.output is None:
            return
        if isinstance(module, nn.Linear) and call.given[0].ndim == call.output.ndim:
            # addmm sees (N·H·W, C) only; the layer keeps the layout of its input
            self.see(call.output, self._fields.get(id(call.given[0]), Field(None, None)))
        call.field = self._fields.get(id(call.output))

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = _outcome(func, args, kwargs or {})
        given = [*tensors_in(args), *tensors_in(kwargs)]
        self.kept.extend(given)
        self.uses.update(id(tensor) for tensor in given)
        self._account(func, args, given, out)
        sources = [(t, self._fields[id(t)]) for t in given if id(t) in self._fields]
        if sources:
            for tensor in tensors_in(out):
                self.see(tensor, propagate(func, args, sources, tensor))
        return out

    def _account(self, func: Any, args: Any, given: list[Tensor], out: Any) -> None:
        packet = func.overloadpacket
        macs = _macs(packet, given, out)
        if macs:
            for call in self._stack:
                call.macs += macs
        if packet in (aten.add, aten.add_) and self._stack:
            # the addition of a program is a layer of its own within the block that adds
            whole = isinstance(self._stack[-1].module, Operation) and len(self._stack) > 1
            call = self._stack[-2 if whole else -1]
            call.adds_input |= any(a is b for a in given for b in call.given)


def _outcome(func: Any, args: Any, kwargs: Any) -> Any:
    """Call ``func``; without values, the commonest need no call: torch is slow to tell a shape."""
    packet = func.overloadpacket
    if packet in _LIKE_THEIR_INPUT and args[0].is_meta:
        return torch.empty_like(args[0])
    if packet is aten.native_batch_norm and args[0].is_meta:
        empty = args[0].new_empty(0)
        return torch.empty_like(args[0]), empty, empty
    return func(*args, **kwargs)


def _macs(packet: Any, given: list[Tensor], out: Any) -> int:
    if packet is aten.convolution:
        return int(out.numel() * given[1][0].numel())
    if packet in (aten.mm, aten.bmm, aten.addmm, aten.baddbmm):
        return int(out.numel() * given[-1].shape[-2])
    if "scaled_dot_product" in packet.__name__:
        query, key, value = given[:3]
        return int(query.numel() // query.shape[-1] * key.shape[-2]) * int(
            query.shape[-1] + value.shape[-1]
        )
    return 0
