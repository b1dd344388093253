"""The layer table of a network: tree, shapes, cost, receptive fields, in order of execution."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from torch import nn

from cnnviz_gui.core.errors import LayerError
from cnnviz_gui.core.facts import LayerFacts
from cnnviz_gui.core.models import formulas
from cnnviz_gui.core.models.axes import Axis, Field
from cnnviz_gui.core.models.programs.program import Block, Operation
from cnnviz_gui.core.models.structure import Structure
from cnnviz_gui.core.models.trace import Call, Trace
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the network a row of the table is."""

    path: str
    """Dotted name of the module; of an operation that in whose code it stands."""
    number: int
    """Which of its runs, from 1; of an operation which of that kind in all of them."""
    channels_end: bool
    """The output is (N, H, W, C)."""
    conv: str
    """Dotted name of the convolution whose filters the row shows; empty where there is none."""
    operation: str = ""
    """Kind of a function that is no module: ``add``; empty for a module."""


def table(trace: Trace) -> tuple[tuple[LayerFacts, ...], dict[str, Place]]:
    """Return the rows, and for each row's name its place."""
    structure = Structure(trace)
    shown = structure.shown()
    names = _names(trace, structure, shown)
    rows = tuple(_row(call, structure, names) for call in shown)
    return rows, {names[call]: _place(call, structure) for call in shown}


def recommended(trace: Trace, rows: tuple[LayerFacts, ...]) -> str:
    """Return the outermost layer that is last to give a stack of maps; empty where none does.

    Pooling is passed over: what it gives is no new feature. So is what is no module.
    """
    shown = Structure(trace).shown()
    ends = {row.name: call.finished for row, call in zip(rows, shown, strict=True)}
    rows = tuple(row for row in rows if row.spatial and row.role != "pool" and not row.operation)
    for depth in range(max((row.depth for row in rows), default=-1) + 1):
        maps = [row for row in rows if row.depth == depth]
        if maps:
            return max(maps, key=lambda row: ends[row.name]).name
    return ""


def _names(trace: Trace, structure: Structure, shown: list[Call]) -> dict[Call, str]:
    """Name each call: a module by its path, an operation by its kind within that of the module.

    What occurs several times has ``#1``, ``#2``.
    """
    runs = trace.runs()
    modules = {path for path, _ in trace.root.module.named_modules()}

    def plain(call: Call) -> str:
        if not call.operation:
            return call.path
        name = f"{call.path}.{structure.kind(call)}".removeprefix(".")
        return f"{name}_call" if name in modules else name

    times = Counter(plain(call) for call in shown if call.operation)
    seen: Counter[str] = Counter()
    names = {trace.root: ""}
    for call in shown:
        name, number, most = plain(call), call.number, runs[call.path]
        if call.operation:
            seen[name] += 1
            number, most = seen[name], times[name]
        names[call] = f"{name}#{number}" if most > 1 else name
    return names


def _row(call: Call, structure: Structure, names: dict[Call, str]) -> LayerFacts:
    assert call.output is not None
    window = _window_of(call, structure)
    field = call.field
    axes = _axes(field)
    shape = tuple(call.output.shape[1:])
    return LayerFacts(
        name=names[call],
        type=_type(call, structure),
        depth=call.depth,
        parent=names[call.parent] if call.parent is not None else "",
        output_shape=(shape[2], *shape[:2]) if _channels_end(call) else shape,
        parameters=formulas.count(call),
        parameters_formula=formulas.formula(structure, call),
        macs=call.macs,
        receptive_field=None if axes is None else (axes[0].size, axes[1].size),
        jump=None if axes is None else (axes[0].jump, axes[1].jump),
        offset=None if axes is None else (axes[0].centre, axes[1].centre),
        kernel=_pair(window[0]) if window else None,
        stride=_pair(window[1]) if window else None,
        padding=_padding(window[2]) if window else None,
        groups=_groups(call, structure),
        leaf=not structure.children(call),
        role=structure.role(call),
        inputs=tuple(names[source] for source in structure.sources(call)),
        operation=call.operation != "" or isinstance(call.module, Operation),
        skip=structure.skip(call),
        field_known=axes is not None or (field is not None and field.whole),
    )


def _axes(field: Field | None) -> tuple[Axis, Axis] | None:
    """Return what cells see down and across; None also where rows run across the picture."""
    if field is None or (field.dims is not None and field.dims[0] > field.dims[1]):
        return None
    return field.axes


def _type(call: Call, structure: Structure) -> str:
    if call.operation:
        return structure.kind(call)
    module = call.module
    return module.kind if isinstance(module, Operation | Block) else type(module).__name__


def _place(call: Call, structure: Structure) -> Place:
    conv = structure.conv(call)
    filters = "" if conv is None else conv.path
    return Place(call.path, call.number, _channels_end(call), filters, call.operation)


def _channels_end(call: Call) -> bool:
    return (
        call.output is not None
        and call.output.ndim == 4
        and call.field is not None
        and call.field.dims == (1, 2)
    )


def _window_of(call: Call, structure: Structure) -> tuple[Any, Any, Any] | None:
    """Return kernel, stride and padding of what slides a window over its input."""
    if call.operation:
        kernel, stride, padding = call.window or (None, None, None)
        return None if kernel is None else (kernel, stride, padding)
    conv = structure.conv(call)
    module = call.module if conv is None else conv.module
    if isinstance(module, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
        return module.kernel_size, module.stride, module.padding
    return None


def _groups(call: Call, structure: Structure) -> int | None:
    conv = structure.conv(call)
    return conv.module.groups if conv is not None and isinstance(conv.module, nn.Conv2d) else None


def _pair(value: int | tuple[int, ...]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[-1])


def _padding(value: int | str | tuple[int, ...]) -> tuple[int, int] | str:
    return value if isinstance(value, str) else _pair(value)


def require_maps(row: LayerFacts) -> None:
    """Refuse a layer whose output is neither maps nor a vector.

    Raises
    ------
    LayerError
        With its shape.
    """
    if len(row.output_shape) not in (1, 3):
        shape = " × ".join(map(str, row.output_shape))
        what = (
            tr("a sequence of tokens")
            if len(row.output_shape) == 2
            else tr("a stack of several axes")
        )
        raise LayerError(
            tr(
                "{name!r} gives {what} ({shape}), not maps or a vector.",
                name=row.name,
                what=what,
                shape=shape,
            ),
            tr("Choose a layer with an output of the form C × H × W."),
        )
