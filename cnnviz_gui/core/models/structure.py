"""What the calls of a pass are: which are shown, and what blocks their structure makes them.

Blocks are told by what they do, not by the name of their class: a block that adds its input to its
output is residual whoever wrote it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Literal

import torch
from torch import Tensor, nn

from cnnviz_gui.core.facts import Role
from cnnviz_gui.core.models import operations
from cnnviz_gui.core.models.programs.program import Block, Operation
from cnnviz_gui.core.models.trace import Call, Trace

aten = torch.ops.aten
NORMS = (
    nn.modules.batchnorm._BatchNorm,
    nn.LayerNorm,
    nn.GroupNorm,
    nn.LocalResponseNorm,
)
_POOLS = "torch.nn.modules.pooling"
_ACTIVATIONS = "torch.nn.modules.activation"
_SOFTMAX = {aten._softmax, aten._safe_softmax}
_PRODUCTS = {aten.bmm, aten.baddbmm, aten.mm, aten.matmul}
_MOVES = {
    aten.alias,
    aten.clone,
    aten.permute,
    aten.pixel_shuffle,
    aten.squeeze,
    aten.transpose,
    aten.unsqueeze,
    aten.view,
    aten._unsafe_view,
}


class Structure:
    """Answers about the calls of one trace; each is found once."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._readers: dict[Call, list[Call]] = defaultdict(list)
        for call in trace.calls:
            for source in dict.fromkeys(call.sources):
                if source is not None:
                    self._readers[source].append(call)
        self._roles: dict[Call, Role] = {}
        self._silent: dict[Call, bool] = {}

    def shown(self) -> list[Call]:
        """Return the calls that have a row, in the order in which they began.

        Where no module runs in the network, which is one piece then, its operations have none.
        """
        found = [call for call in self._trace.calls if not self.hidden(call)]
        return found if any(not call.operation for call in found) else []

    def children(self, call: Call) -> list[Call]:
        """Return the calls below one that have a row."""
        return [child for child in call.children if not self.hidden(child)]

    def sources(self, call: Call) -> tuple[Call, ...]:
        """Return the calls with a row whose output one reads, in order."""
        found: dict[Call, None] = {}
        for source in call.sources:
            if source is not None and self.hidden(source):
                found.update(dict.fromkeys(self.sources(source)))
            elif source is not None:
                found[source] = None
        return tuple(found)

    def kind(self, call: Call) -> str:
        """Return what an operation is called, empty for a module that is none."""
        if call.operation:
            chain = list(self._chain(call))
            kinds = {one.operation for one in chain}
            if len(chain) > 1 and kinds & operations.MOVING and _keeps_shape(chain):
                return "channel_shuffle"
            return "flatten" if "flatten" in kinds else call.operation
        if isinstance(call.module, Operation):
            return operations.kind_of(call.module.kind)
        return ""

    def hidden(self, call: Call) -> bool:
        """Tell whether a call has no row: it gives nothing, or is a small step of the code."""
        if call not in self._silent:
            self._silent[call] = call.output is None or (
                call.operation != "" and self._is_small(call)
            )
        return self._silent[call]

    def _is_small(self, call: Call) -> bool:
        assert call.output is not None and call.parent is not None
        one_picture = call.output.dim() > 1 and len(call.output) == 1
        if call.parts != 1 or not one_picture or not call.output.is_floating_point():
            return True
        if call.operation in operations.SILENT or attends(call.parent):
            return True
        if operations.role_of(call.operation) != "reshape":
            return False
        if self._next_step(call) is not None:
            return True
        chain = list(self._chain(call))
        moved = {one.operation for one in chain} & operations.MOVING
        return _keeps_shape(chain) and not moved

    def _next_step(self, call: Call) -> Call | None:
        """Return the reshaping that alone reads what a reshaping gives, in the same code."""
        readers = self._readers[call]
        while len(readers) == 1 and readers[0].operation in operations.SILENT:
            readers = self._readers[readers[0]]
        if len(readers) != 1 or readers[0].parent is not call.parent:
            return None
        is_step = operations.role_of(readers[0].operation) == "reshape"
        return readers[0] if is_step and readers[0].parts == 1 else None

    def _chain(self, call: Call) -> Iterator[Call]:
        """Yield a reshaping and those before it that it stands for, the last first."""
        step: Call | None = call
        while step is not None:
            yield step
            source = step.sources[0] if step.sources else None
            while source is not None and source.operation in operations.SILENT:
                source = source.sources[0] if source.sources else None
            small = source is not None and operations.role_of(source.operation) == "reshape"
            step = source if small and source is not None and self._next_step(source) else None

    def conv(self, call: Call) -> Call | None:
        """Return the run of the convolution that a row stands for: itself, or that of a unit."""
        if isinstance(call.module, nn.Conv2d):
            return call
        if call.operation:
            return None
        children = self.children(call)
        convs = [child for child in children if isinstance(child.module, nn.Conv2d)]
        rest = [child for child in children if child not in convs]
        plain = all(self.role(one) in ("norm", "activation") or passive(one) for one in rest)
        return convs[0] if len(convs) == 1 and rest and plain else None

    def role(self, call: Call) -> Role:
        """Return what a call is, for the icon."""
        if call not in self._roles:
            self._roles[call] = self._role(call)
        return self._roles[call]

    def _role(self, call: Call) -> Role:
        module, kind = call.module, self.kind(call)
        if kind:
            role = operations.role_of(kind)
            alone = role == "conv" and len(call.given) > 1 and call.given[1].shape[1] == 1
            return "depthwise" if alone and call.given[0].shape[1] > 1 else role
        conv = self.conv(call)
        if conv is not None and isinstance(conv.module, nn.Conv2d):
            return "depthwise" if 1 < conv.module.groups == conv.module.in_channels else "conv"
        if isinstance(module, nn.Linear):
            return "linear"
        if isinstance(module, NORMS):
            return "norm"
        if isinstance(module, nn.MultiheadAttention) or attends(call):
            return "attention"
        if type(module).__module__ == _POOLS:
            return "pool"
        if self.children(call):
            return self._block(call)
        if type(module).__module__ == _ACTIVATIONS:
            return "activation"
        return "reshape" if call.did and call.did <= _MOVES else "other"

    def _block(self, call: Call) -> Role:
        roles = {self.role(child) for child in self.children(call) if not passive(child)}
        if "pool" in roles and roles <= {"pool", "reshape"}:
            return "pool"
        if _is_list(call):
            return "block"
        if self._scales(call):
            return "scale"
        if self._hands_on(call):
            return "dense"
        if self._joins(call):
            return "branches"
        if self._is_inverted(call):
            return "inverted"
        return "residual" if self.skip(call) == "add" else "block"

    def skip(self, call: Call) -> Literal["", "add", "cat"]:
        """Return how a block joins its input with its output."""
        if call.operation or attends(call):
            return ""
        for operands in self._operands(call, "add"):
            if any(from_input(call, *one) for one in operands) or self._projects(call, operands):
                return "add"
        for operands in self._operands(call, "cat"):
            if any(from_input(call, *one) for one in operands):
                return "cat"
        return ""

    def _operands(self, call: Call, kind: str) -> Iterator[list[tuple[Tensor, Call | None]]]:
        """Yield what each operation of a kind joins, where the block itself made a part of it."""
        for child in self.children(call):
            if self.kind(child) == kind and len(child.given) > 1:
                operands = list(zip(child.given, child.sources, strict=True))
                if any(not from_input(call, *one) and one[1] is not None for one in operands):
                    yield operands

    def _hands_on(self, call: Call) -> bool:
        """Tell whether a concatenation has the whole input of its block in it."""
        return any(
            any(tensor is given for given in call.given)
            for operands in self._operands(call, "cat")
            for tensor, _ in operands
        )

    def _joins(self, call: Call) -> bool:
        """Tell whether a block concatenates what comes from several places."""
        return any(
            self.kind(child) == "cat" and len(self.sources(child)) > 1
            for child in self.children(call)
            if any(source is not None and source.parent is call for source in child.sources)
        )

    def _projects(self, call: Call, operands: list[tuple[Tensor, Call | None]]) -> bool:
        """Tell whether one of two summands is the input after a 1 × 1 convolution at most."""
        short = [source is not None and self._is_short(call, source) for _, source in operands]
        return len(operands) == 2 and sum(short) == 1

    def _is_short(self, block: Call, call: Call) -> bool:
        if call.parent is not block or not call.given or call.operation:
            return False
        convs = [one.module for one in inside(call) if isinstance(one.module, nn.Conv2d)]
        small = len(convs) <= 1 and all(_pixel_wise(conv) for conv in convs)
        return small and any(call.given[0] is given for given in block.given)

    def _scales(self, call: Call) -> bool:
        """Tell whether a block multiplies its input by a number for each channel."""
        return any(
            any(from_input(call, *one) for one in operands)
            and min(tensor.numel() for tensor, _ in operands) < max(t.numel() for t, _ in operands)
            for operands in self._operands(call, "mul")
        )

    def _is_inverted(self, call: Call) -> bool:
        """Tell whether a block widens, filters each channel by itself, and narrows."""
        parts = [one for one in self._unlisted(call) if not passive(one)]
        convs = [found for one in parts if (found := self.conv(one)) is not None]
        others = {self.role(one) for one in parts if self.conv(one) is None}
        if not others <= {"norm", "activation", "scale", "add"} or len(convs) not in (2, 3):
            return False
        *before, middle, last = (one.module for one in convs)
        assert isinstance(middle, nn.Conv2d) and isinstance(last, nn.Conv2d)
        if not 1 < middle.groups == middle.in_channels or last.groups != 1:
            return False
        widens = all(
            isinstance(conv, nn.Conv2d)
            and _pixel_wise(conv)
            and conv.out_channels > conv.in_channels
            for conv in before
        )
        return widens and _pixel_wise(last) and last.out_channels < middle.out_channels

    def _unlisted(self, call: Call) -> Iterator[Call]:
        for child in self.children(call):
            if _is_list(child) and self.conv(child) is None:
                yield from self._unlisted(child)
            else:
                yield child


def attends(call: Call) -> bool:
    """Tell whether the code of a module mixes its cells by weights it computes: attention."""
    own = [one for one in call.children if one.operation or isinstance(one.module, Operation)]
    did = call.did.union(*(one.did for one in own))
    fused = any("scaled_dot_product" in packet.__name__ for packet in did)
    return fused or bool(did & _SOFTMAX and did & _PRODUCTS)


def from_input(block: Call, tensor: Tensor, source: Call | None) -> bool:
    """Tell whether a tensor in the code of a block is its input, or a part of that."""
    if any(tensor is given for given in block.given):
        return True
    if source is None or source.parent is not block or not source.operation or not source.given:
        return False
    takes = source.operation in operations.SILENT or source.parts > 1
    return takes and from_input(block, source.given[0], source.sources[0])


def passive(call: Call) -> bool:
    """Tell whether a module does nothing when a picture is looked at."""
    return isinstance(call.module, nn.Identity | nn.modules.dropout._DropoutNd) or (
        not call.children and not call.did
    )


def inside(call: Call) -> Iterator[Call]:
    """Yield a call and all below it."""
    yield call
    for child in call.children:
        yield from inside(child)


def _is_list(call: Call) -> bool:
    plain = isinstance(call.module, Block) and call.module.kind == "Sequential"
    return not call.operation and (type(call.module) is nn.Sequential or plain)


def _pixel_wise(conv: nn.Conv2d) -> bool:
    return tuple(conv.kernel_size) == (1, 1)


def _keeps_shape(chain: list[Call]) -> bool:
    """Tell whether reshapings, the last first, end with the shape that they began with."""
    first, last = chain[-1].given[0], chain[0].output
    return last is not None and first.shape == last.shape
