"""How operators of ATen that read one tensor carry its receptive field on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from cnnviz_gui.core.models.axes import LOST, Axis, Field

aten = torch.ops.aten


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
        return Field(None, (2, 3), field.whole)
    vertical, horizontal = (
        axis.window(*numbers)
        for axis, *numbers in zip(field.axes, kernel, stride, padding, dilation, strict=True)
    )
    return Field((vertical, horizontal), (2, 3))


def _convolution(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    weight, transposed = args[1], args[6]
    if out.ndim != 4:
        return LOST
    kernel = (weight.shape[2], weight.shape[3])
    stride, padding, dilation = _pair(args[3]), _pair(args[4]), _pair(args[5])
    if not transposed:
        return _windowed(field, kernel, stride, padding, dilation)
    if stride != (1, 1):  # neighbouring cells read different numbers of cells
        return Field(None, (2, 3), field.whole)
    down, across = (
        (size - 1) * step - edge for size, step, edge in zip(kernel, dilation, padding, strict=True)
    )
    return _windowed(field, kernel, stride, (down, across), dilation)


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


def _pool_of_channels(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    """Keep the field where pooling in three dimensions leaves the last two alone."""
    window = list(args[1][1:])
    stride = args[2] if len(args) > 2 else ()
    alone = window == [1, 1] and list(stride[1:]) in ([], [1, 1])
    return field if alone and field.dims == (3, 4) else field.unknown()


def _adaptive_pool(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    before, after = args[0].shape[-2:], out.shape[-2:]
    if after == before:
        return field
    if tuple(after) == (1, 1):
        return field.mixed((args[0].ndim - 2, args[0].ndim - 1))
    if any(b % a for b, a in zip(before, after, strict=True)):  # windows of several sizes
        return field.unknown()
    kernel = (before[0] // after[0], before[1] // after[1])
    return _windowed(field, kernel, kernel, (0, 0))


def _pad(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    """Shift the field; what is mirrored or repeated lies beyond the edge, as zeros do."""
    for place, amount in enumerate(args[1][::2]):
        field = field.along(out.ndim - 1 - place, partial(Axis.taken, begin=-amount))
    return field


def _slice(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    dim = (args[1] if len(args) > 1 else 0) % out.ndim
    begin = args[2] if len(args) > 2 and args[2] is not None else 0
    step = args[4] if len(args) > 4 else 1
    begin = max(begin + args[0].shape[dim], 0) if begin < 0 else begin
    return field.along(dim, lambda axis: axis.taken(begin, step))


def _split(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    dim = (args[2] if len(args) > 2 else 0) % out.ndim
    before = args[0]
    begin = (out.storage_offset() - before.storage_offset()) // max(before.stride(dim), 1)
    return field.along(dim, lambda axis: axis.taken(begin))


def _roll(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    """Give up on what goes round: its first cells see the far end."""
    dims = args[2] if len(args) > 2 else ()
    over = {dim % out.ndim for dim in dims or range(out.ndim)}
    return field.unknown() if over & set(field.dims or ()) else field


def _flip(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    dims = {dim % out.ndim for dim in args[1]}
    return field.unknown() if dims & set(field.dims or ()) else field


def _nearest(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    """Follow a reduction by whole numbers; enlarged, neighbouring cells see the same."""
    high, wide = (b / a for b, a in zip(args[0].shape[-2:], out.shape[-2:], strict=True))
    if field.dims != (2, 3) or not (high.is_integer() and wide.is_integer()):
        return field.unknown()
    lower = field.along(2, lambda axis: axis.taken(0, int(high)))
    return lower.along(3, lambda axis: axis.taken(0, int(wide)))


def _resized(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    return field if out.shape == args[0].shape else field.unknown()


def _unshuffled(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    return _windowed(field, _pair(args[1]), _pair(args[1]), (0, 0))


def _permute(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    order = [dim % out.ndim for dim in args[1]]
    return field.moved([order.index(dim) for dim in range(out.ndim)])


def _transpose(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    order = list(range(out.ndim))
    first, second = args[1] % out.ndim, args[2] % out.ndim
    order[first], order[second] = order[second], order[first]
    return field.moved(order)


def _turn(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    return field.moved([1, 0]) if out.ndim == 2 else field


def _expand(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    more = out.ndim - args[0].ndim
    field = field.moved([dim + more for dim in range(args[0].ndim)])
    grown = any(args[0].shape[dim - more] != out.shape[dim] for dim in field.dims or ())
    return field.unknown() if grown else field


def _unsqueeze(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    new = args[1] % out.ndim
    return field.moved([dim + (dim >= new) for dim in range(args[0].ndim)])


def _select(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    gone = (args[1] if len(args) > 1 else 0) % args[0].ndim
    return field.moved([None if d == gone else d - (d > gone) for d in range(args[0].ndim)])


def _view(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    before = args[0]
    if out.shape == before.shape or field.dims is None:
        return field
    if out.numel() != before.numel() or not out.numel():
        return LOST
    trailing = (before.ndim - 2, before.ndim - 1)
    if field.dims == trailing and out.ndim > 2 and out.shape[-2:] == before.shape[-2:]:
        return field.moved([dim + out.ndim - before.ndim for dim in range(before.ndim)])
    held = [dim for dim in field.dims if before.shape[dim] > 1]
    if not held:  # a single cell: what it sees all numbers see
        return Field(field.axes, None, field.whole)
    into = dict(_together(before.shape, out.shape))
    if any(dim not in into for dim in held):
        return Field(None, None, field.whole)
    places = [into[dim] for dim in held]
    if places[0] == places[-1]:
        return Field(None, (places[0], places[0]), field.whole)
    alone = all(before.shape[dim] == out.shape[into[dim]] for dim in held)
    return (field if alone else field.unknown()).moved([into.get(d) for d in range(before.ndim)])


def _together(before: Sequence[int], after: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield for each dimension that is not split up the one of ``after`` that it goes into."""
    old = [dim for dim, size in enumerate(before) if size > 1]
    new = [dim for dim, size in enumerate(after) if size > 1]
    while old and new:
        left, right = [old.pop(0)], [new.pop(0)]
        sizes = before[left[0]], after[right[0]]
        while sizes[0] != sizes[1]:
            if sizes[0] < sizes[1]:
                left.append(old.pop(0))
                sizes = sizes[0] * before[left[-1]], sizes[1]
            else:
                right.append(new.pop(0))
                sizes = sizes[0], sizes[1] * after[right[-1]]
        if len(right) == 1:
            yield from ((dim, right[0]) for dim in left)


def _reduced(place: int) -> Callable[[Field, Sequence[Any], Tensor], Field]:
    """Return the rule of what reads all along the dimensions in an argument, by its place."""

    def rule(field: Field, args: Sequence[Any], out: Tensor) -> Field:
        before = args[0].ndim
        dims = args[place] if len(args) > place else None
        over = [dims] if isinstance(dims, int) else dims or range(before)
        gone = {dim % before for dim in over}
        field = field.mixed(gone)
        if out.ndim == before:
            return field
        left = [dim for dim in range(before) if dim not in gone]
        return field.moved([left.index(d) if d in left else None for d in range(before)])

    return rule


def _layer_norm(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    return field.mixed(range(out.ndim - len(args[1]), out.ndim))


def _group_norm(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    return field.mixed(range(1, out.ndim))


def _batch_norm(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    training = any(arg is True for arg in args)  # also where there are no running statistics
    return field.mixed({*range(out.ndim)} - {1}) if training else field


def _attention(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    mixed = field.mixed((1,))
    return mixed if mixed.whole else LOST


def _same(field: Field, args: Sequence[Any], out: Tensor) -> Field:
    return field


RULES: dict[Any, Callable[[Field, Sequence[Any], Tensor], Field]] = {
    aten.convolution: _convolution,
    aten.avg_pool2d: _pool,
    aten.max_pool2d_with_indices: _max_pool,
    aten.avg_pool3d: _pool_of_channels,
    aten._adaptive_avg_pool2d: _adaptive_pool,
    aten.adaptive_max_pool2d: _adaptive_pool,
    aten.constant_pad_nd: _pad,
    aten.reflection_pad2d: _pad,
    aten.replication_pad2d: _pad,
    aten.slice: _slice,
    aten.split: _split,
    aten.split_with_sizes: _split,
    aten.roll: _roll,
    aten.flip: _flip,
    aten.upsample_nearest2d: _nearest,
    aten.upsample_bilinear2d: _resized,
    aten.upsample_bicubic2d: _resized,
    aten.pixel_unshuffle: _unshuffled,
    aten.permute: _permute,
    aten.transpose: _transpose,
    aten.t: _turn,
    aten.expand: _expand,
    aten.unsqueeze: _unsqueeze,
    aten.squeeze: _view,
    aten.select: _select,
    aten.unbind: _select,
    aten.view: _view,
    aten._unsafe_view: _view,
    aten.native_layer_norm: _layer_norm,
    aten.native_group_norm: _group_norm,
    aten.native_batch_norm: _batch_norm,
    aten._native_batch_norm_legit: _batch_norm,
    aten._native_batch_norm_legit_no_training: _same,
    aten.cudnn_batch_norm: _batch_norm,
    aten._native_multi_head_attention: _attention,
    aten._transformer_encoder_layer_fwd: _attention,
    aten.linalg_vector_norm: _reduced(2),
    **dict.fromkeys(
        (
            aten.amax,
            aten.amin,
            aten.logsumexp,
            aten.max,
            aten.mean,
            aten.min,
            aten.prod,
            aten.std,
            aten.sum,
            aten.var,
            aten.var_mean,
            aten._log_softmax,
            aten._safe_softmax,
            aten._softmax,
        ),
        _reduced(1),
    ),
    **dict.fromkeys((aten.clone, aten._to_copy, aten.alias, aten.detach), _same),
    # number by number, though they have no tag that says so
    **dict.fromkeys(
        (
            aten.hardswish,
            aten.hardswish_,
            aten.log_sigmoid_forward,
            aten.native_dropout,
            aten._prelu_kernel,
            aten.rrelu_with_noise,
        ),
        _same,
    ),
}
"""The field of a result, by the operator: that of the tensor it reads, its arguments, the result.
"""
