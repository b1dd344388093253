"""The layer table of a network: tree, shapes, cost, receptive fields, in order of execution."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from cnnviz_gui.core.facts import LayerFacts, Role
from cnnviz_gui.core.models.programs.program import Block, Operation
from cnnviz_gui.core.models.trace import Call, Trace

_NORMS = (
    nn.modules.batchnorm._BatchNorm,
    nn.LayerNorm,
    nn.GroupNorm,
    nn.LocalResponseNorm,
)
_POOLS = "torch.nn.modules.pooling"
_ACTIVATIONS = "torch.nn.modules.activation"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the network a row of the table is."""

    path: str
    """Dotted name of the module."""
    number: int
    """Which of its runs, from 1."""
    channels_end: bool
    """The output is (N, H, W, C)."""
    conv: str
    """Dotted name of the convolution whose filters the row shows; empty where there is none."""


def table(trace: Trace) -> tuple[tuple[LayerFacts, ...], dict[str, Place]]:
    """Return the rows, and for each row's name its place."""
    runs = trace.runs()

    def name(call: Call | None) -> str:
        if call is None or call is trace.root:
            return ""
        return f"{call.path}#{call.number}" if runs[call.path] > 1 else call.path

    shown = [call for call in trace.calls if call.output is not None]
    rows = tuple(_row(call, name(call), name(call.parent)) for call in shown)
    return rows, {name(call): _place(call) for call in shown}


def recommended(trace: Trace, rows: tuple[LayerFacts, ...]) -> str:
    """Return the outermost layer that is last to give a stack of maps; empty where none does.

    Pooling is passed over: what it gives is no new feature.
    """
    shown = [call for call in trace.calls if call.output is not None]
    ends = {row.name: call.finished for row, call in zip(rows, shown, strict=True)}
    for depth in range(max((row.depth for row in rows), default=-1) + 1):
        maps = [row for row in rows if row.depth == depth and row.spatial and row.role != "pool"]
        if maps:
            return max(maps, key=lambda row: ends[row.name]).name
    return ""


def _row(call: Call, name: str, parent: str) -> LayerFacts:
    assert call.output is not None
    conv = _conv_of(call)
    field = call.field
    axes = field.axes if field is not None else None
    axis = max(axes, key=lambda axis: axis.size) if axes is not None else None
    shape = tuple(call.output.shape[1:])
    return LayerFacts(
        name=name,
        type=_type(call.module),
        depth=call.depth,
        parent=parent,
        output_shape=(shape[2], *shape[:2]) if _channels_end(call) else shape,
        parameters=sum(p.numel() for p in call.module.parameters()),
        parameters_formula=_formula(call),
        macs=call.macs,
        receptive_field=None if axis is None else axis.size,
        jump=None if axis is None else axis.jump,
        offset=None if axis is None else axis.start + (axis.size - 1) / 2,
        kernel=None if conv is None else _pair(conv.kernel_size),
        stride=None if conv is None else _pair(conv.stride),
        padding=None if conv is None else _padding(conv),
        groups=conv.groups if isinstance(conv, nn.Conv2d) else None,
        leaf=not call.children,
        role=_role(call),
    )


def _type(module: nn.Module) -> str:
    return module.kind if isinstance(module, Operation | Block) else type(module).__name__


def _place(call: Call) -> Place:
    conv = _conv_call(call)
    return Place(call.path, call.number, _channels_end(call), "" if conv is None else conv.path)


def _channels_end(call: Call) -> bool:
    return (
        call.output is not None
        and call.output.ndim == 4
        and call.field is not None
        and call.field.dims == (1, 2)
    )


def _conv_call(call: Call) -> Call | None:
    """Return the run of the convolution that a row stands for: itself, or that of a unit."""
    if isinstance(call.module, nn.Conv2d):
        return call
    convs = [child for child in call.children if isinstance(child.module, nn.Conv2d)]
    rest = [child for child in call.children if child not in convs]
    plain = all(_role(child) in ("norm", "activation") or _passive(child) for child in rest)
    return convs[0] if len(convs) == 1 and rest and plain and not call.adds_input else None


def _passive(call: Call) -> bool:
    return isinstance(call.module, nn.Identity | nn.Dropout)


def _conv_of(call: Call) -> nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d | None:
    if isinstance(call.module, nn.MaxPool2d | nn.AvgPool2d):
        return call.module
    conv = _conv_call(call)
    return conv.module if conv is not None and isinstance(conv.module, nn.Conv2d) else None


def _role(call: Call) -> Role:
    module = call.module
    conv = _conv_call(call)
    if conv is not None and isinstance(conv.module, nn.Conv2d):
        return "depthwise" if 1 < conv.module.groups == conv.module.in_channels else "conv"
    if isinstance(module, nn.Linear):
        return "linear"
    if isinstance(module, _NORMS):
        return "norm"
    if type(module).__module__ == _POOLS:
        return "pool"
    if call.children:
        if call.adds_input:
            return "residual"
        return "pool" if _pools(call) else "block"
    if type(module).__module__ == _ACTIVATIONS and not isinstance(module, nn.MultiheadAttention):
        return "activation"
    return "other"


def _pools(call: Call) -> bool:
    """Tell whether a container does nothing but pool and reshape."""
    roles = [_role(child) for child in call.children]
    return "pool" in roles and all(
        role == "pool" or isinstance(child.module, nn.Flatten) or _passive(child)
        for role, child in zip(roles, call.children, strict=True)
    )


def _formula(call: Call) -> str:
    module = call.module
    if isinstance(module, nn.Conv2d | nn.Linear):
        product = " · ".join(str(length) for length in module.weight.shape)
        return product if module.bias is None else f"{product} + {module.bias.numel()}"
    if isinstance(module, _NORMS):
        sizes = [parameter.numel() for parameter in module.parameters(recurse=False)]
        return f"{len(sizes)} · {sizes[0]}" if sizes else ""
    if _conv_call(call) is not None:
        return " + ".join(filter(None, (_formula(child) for child in call.children)))
    return ""


def _pair(value: int | tuple[int, ...]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[-1])


def _padding(conv: nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d) -> tuple[int, int] | str:
    return conv.padding if isinstance(conv.padding, str) else _pair(conv.padding)
