"""Receptive fields: which rectangle of the input one cell of a tensor sees, carried through ATen.

The arithmetic is that of Araujo, Norris and Sim 2019, doi:10.23915/distill.00021. A tensor that
does not depend on the input is unknown here; one whose cells see the whole input has no axes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

aten = torch.ops.aten


@dataclass(frozen=True, slots=True)
class Axis:
    """Along one axis: the first pixel that cell 0 sees, how many it sees, and the step per cell."""

    start: float
    size: int
    jump: int

    @property
    def centre(self) -> float:
        """The middle of what cell 0 sees; 0 is the middle of the first pixel."""
        return self.start + (self.size - 1) / 2

    def window(self, kernel: int, stride: int, padding: int, dilation: int = 1) -> Axis:
        """Return the field after a sliding window."""
        return Axis(
            self.start - padding * self.jump,
            self.size + (kernel - 1) * dilation * self.jump,
            self.jump * stride,
        )

    def joined(self, other: Axis) -> Axis | None:
        """Return the smallest field that covers both; None where the steps differ."""
        if self.jump != other.jump:
            return None
        start = min(self.start, other.start)
        end = max(self.start + self.size, other.start + other.size)
        return Axis(start, int(end - start), self.jump)


@dataclass(frozen=True, slots=True)
class Field:
    """The field of a tensor's cells, and which of its dimensions are height and width."""

    axes: tuple[Axis, Axis] | None
    dims: tuple[int, int] | None

    @classmethod
    def of_input(cls) -> Field:
        """Return the field of the image itself, (N, C, H, W)."""
        return cls((Axis(0, 1, 1), Axis(0, 1, 1)), (2, 3))

    def everywhere(self) -> Field:
        """Return the same layout, every cell seeing the whole input."""
        return replace(self, axes=None)


LOST = Field(None, None)
_Sources = list[tuple[Tensor, Field]]


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Yield the tensors in nested lists, tuples and dictionaries."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from tensors_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors_in(item)


def _pair(value: Sequence[int] | int, default: Sequence[int] | None = None) -> tuple[int, int]:
    if isinstance(value, int):
        return value, value
    if len(value) == 0 and default is not None:
        return _pair(default)
    return (value[0], value[0]) if len(value) == 1 else (value[0], value[1])


def _windowed(
    field: Field,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[int, int],
    dilation: tuple[int, int] = (1, 1),
) -> Field:
    if field.axes is None or field.dims != (2, 3):
        return Field(None, (2, 3))
    vertical, horizontal = (
        axis.window(*numbers)
        for axis, *numbers in zip(field.axes, kernel, stride, padding, dilation, strict=True)
    )
    return Field((vertical, horizontal), (2, 3))


def _convolution(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    weight, transposed = args[1], args[6]
    if transposed or out.ndim != 4:
        return LOST
    kernel = (weight.shape[2], weight.shape[3])
    return _windowed(field, kernel, _pair(args[3]), _pair(args[4]), _pair(args[5]))


def _pool(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    kernel = _pair(args[1])
    stride = _pair(args[2], kernel) if len(args) > 2 else kernel
    padding = _pair(args[3]) if len(args) > 3 else (0, 0)
    return _windowed(field, kernel, stride, padding)


def _max_pool(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    kernel = _pair(args[1])
    stride = _pair(args[2], kernel) if len(args) > 2 else kernel
    padding = _pair(args[3]) if len(args) > 3 else (0, 0)
    dilation = _pair(args[4]) if len(args) > 4 else (1, 1)
    return _windowed(field, kernel, stride, padding, dilation)


def _adaptive_pool(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    before, after = args[0].shape[-2:], out.shape[-2:]
    if after == before:
        return field
    if tuple(after) == (1, 1) or any(b % a for b, a in zip(before, after, strict=True)):
        return field.everywhere()
    kernel = (before[0] // after[0], before[1] // after[1])
    return _windowed(field, kernel, kernel, (0, 0))


def _pad(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    if field.axes is None or field.dims is None:
        return field
    amounts, last = args[1], out.ndim - 1
    axes = list(field.axes)
    for index, dim in enumerate(field.dims):
        position = 2 * (last - dim)
        if position < len(amounts):
            axis = axes[index]
            axes[index] = replace(axis, start=axis.start - amounts[position] * axis.jump)
    return replace(field, axes=(axes[0], axes[1]))


def _slice(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    dim = (args[1] if len(args) > 1 else 0) % out.ndim
    if field.axes is None or field.dims is None or dim not in field.dims:
        return field
    begin = args[2] if len(args) > 2 and args[2] is not None else 0
    step = args[4] if len(args) > 4 else 1
    begin = max(begin + args[0].shape[dim], 0) if begin < 0 else begin
    axes = list(field.axes)
    index = field.dims.index(dim)
    axis = axes[index]
    axes[index] = Axis(axis.start + begin * axis.jump, axis.size, axis.jump * step)
    return replace(field, axes=(axes[0], axes[1]))


def _permute(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    if field.dims is None:
        return field
    order = [dim % out.ndim for dim in args[1]]
    return replace(field, dims=(order.index(field.dims[0]), order.index(field.dims[1])))


def _transpose(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    order = list(range(out.ndim))
    first, second = args[1] % out.ndim, args[2] % out.ndim
    order[first], order[second] = order[second], order[first]
    return _permute(field, (args[0], order), out)


def _view(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    before = args[0]
    if out.shape == before.shape:
        return field
    trailing = (before.ndim - 2, before.ndim - 1)
    if field.dims == trailing and out.ndim > 2 and out.shape[-2:] == before.shape[-2:]:
        return replace(field, dims=(out.ndim - 2, out.ndim - 1))
    return LOST


def _mean(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    return field.everywhere() if out.ndim == args[0].ndim else LOST


def _layer_norm(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    first = args[0].ndim - len(args[1])
    return field.everywhere() if field.dims is None or max(field.dims) >= first else field


def _batch_norm(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    training = any(arg is True for arg in args)  # also where there are no running statistics
    return field.everywhere() if training else field


def _same(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    return field


_Rule = Callable[[Field, Sequence[Any], Tensor], Field]
_RULES: dict[Any, _Rule] = {
    aten.convolution: _convolution,
    aten.avg_pool2d: _pool,
    aten.max_pool2d_with_indices: _max_pool,
    aten._adaptive_avg_pool2d: _adaptive_pool,
    aten.adaptive_max_pool2d: _adaptive_pool,
    aten.constant_pad_nd: _pad,
    aten.slice: _slice,
    aten.permute: _permute,
    aten.transpose: _transpose,
    aten.view: _view,
    aten._unsafe_view: _view,
    aten.mean: _mean,
    aten.native_layer_norm: _layer_norm,
    aten.native_batch_norm: _batch_norm,
    aten._native_batch_norm_legit: _batch_norm,
    aten._native_batch_norm_legit_no_training: _same,
    aten.cudnn_batch_norm: _batch_norm,
    aten.roll: _same,
    aten.split: _same,
    aten.split_with_sizes: _same,
    aten.clone: _same,
    aten._to_copy: _same,
    aten.alias: _same,
    aten.detach: _same,
}


def _pointwise(func: Any) -> bool:
    if torch.Tag.pointwise in func.tags:
        return True
    name = func.overloadpacket.__name__.rstrip("_")
    return hasattr(aten, name) and any(
        torch.Tag.pointwise in getattr(getattr(aten, name), overload).tags
        for overload in getattr(aten, name).overloads()
    )


def _merged(sources: _Sources, out: Tensor) -> Field:
    whole = [(t, f) for t, f in sources if t.ndim == out.ndim and f.dims is not None]
    if not whole:
        return LOST
    dims = next((f.dims for t, f in whole if t.shape == out.shape), whole[0][1].dims)
    joined: tuple[Axis, Axis] | None = None
    for tensor, field in sources:
        same_size = (
            dims is not None
            and tensor.ndim == out.ndim
            and all(tensor.shape[dim] == out.shape[dim] for dim in dims)
        )
        if field.axes is None or field.dims != dims or not same_size:
            return Field(None, dims)
        if joined is None:
            joined = field.axes
            continue
        pair = [a.joined(b) for a, b in zip(joined, field.axes, strict=True)]
        if pair[0] is None or pair[1] is None:
            return Field(None, dims)
        joined = (pair[0], pair[1])
    return Field(joined, dims)


def propagate(func: Any, args: Sequence[Any], sources: _Sources, out: Tensor) -> Field:
    """Return the field of ``out``, the result of the ATen overload ``func``.

    Parameters
    ----------
    sources
        The tensors among the arguments that depend on the input, with their fields; at least one.
    """
    packet = func.overloadpacket
    rule = _RULES.get(packet)
    if rule is not None:
        return rule(sources[0][1], args, out)
    if packet is aten.cat:
        field = _merged_channels(sources, args, out)
        return LOST if field is None else field
    return _merged(sources, out) if _pointwise(func) else LOST


def _merged_channels(sources: _Sources, args: Sequence[Any], out: Tensor) -> Field | None:
    dim = (args[1] if len(args) > 1 else 0) % out.ndim
    dims = sources[0][1].dims
    return None if dims is None or dim in dims else _merged(sources, out)
