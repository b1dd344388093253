"""What the commonest operations give for tensors without values, told without calling them.

torch tells the shape of some in Python, and loads its compiler and a library for symbols to do so:
three seconds, before the first picture of the program.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

aten = torch.ops.aten


def known(func: Any, args: Sequence[Any], kwargs: Any) -> Any:
    """Return what an operation of ATen gives for meta tensors, None where it must be called.

    Told is what is certain: numbers of one type in the usual order, sizes that fit. All else is
    left to torch, which refuses what does not fit.
    """
    rule = _RULES.get(func.overloadpacket)
    return rule(*args) if rule is not None and not kwargs and _plain(args) else None


def _plain(args: Sequence[Any]) -> bool:
    tensors = [one for one in args if isinstance(one, Tensor)]
    return bool(tensors) and all(
        one.is_meta and one.is_floating_point() and one.dtype is tensors[0].dtype for one in tensors
    )


def _empty(x: Tensor, shape: Sequence[int]) -> Tensor:
    return torch.empty(shape, dtype=x.dtype, device="meta")  # ``new_empty`` is told in Python


def _like(x: Tensor, *_: Any) -> Tensor | None:
    return _empty(x, x.shape) if x.is_contiguous() else None


def _batch_norm(x: Tensor, *rest: Any) -> tuple[Tensor, Tensor, Tensor] | None:
    channels = x.shape[1:2]
    fits = all(one.shape == channels for one in rest if isinstance(one, Tensor))
    if x.dim() < 2 or not x.is_contiguous() or x.dtype is not torch.float32 or not fits:
        return None
    return _empty(x, x.shape), _empty(x, channels), _empty(x, channels)


def _padded(x: Tensor, widths: Sequence[int], *_: Any) -> Tensor | None:
    if len(widths) % 2 or len(widths) > 2 * x.dim() or not x.is_contiguous():
        return None
    shape = list(x.shape)
    for axis, (before, after) in enumerate(zip(widths[::2], widths[1::2], strict=True), start=1):
        shape[-axis] += before + after
    return _empty(x, shape) if min(shape) > 0 else None


def _convolved(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    transposed: bool,
    _: Sequence[int],
    groups: int,
) -> Tensor | None:
    several = (x.shape[2:], weight.shape[2:], stride, padding, dilation)
    fits = (
        x.dim() == weight.dim() == 4
        and all(len(one) == 2 for one in several)
        and x.shape[1] == weight.shape[1] * groups
        and (bias is None or bias.shape == weight.shape[:1])
    )
    if transposed or not fits or not x.is_contiguous():
        return None
    spans = zip(*several, strict=True)
    sides = [(size - d * (kernel - 1) + 2 * p - 1) // s + 1 for size, kernel, s, p, d in spans]
    return _empty(x, (x.shape[0], weight.shape[0], *sides)) if min(sides) > 0 else None


def _added(x: Any, y: Any) -> Tensor | None:
    both = isinstance(x, Tensor) and isinstance(y, Tensor)
    return _like(x) if both and x.shape == y.shape and y.is_contiguous() else None


def _averaged(x: Tensor, axes: Sequence[int] | None = None, keep: bool = False) -> Tensor | None:
    dims = x.dim()
    gone = {axis % dims for axis in axes or () if -dims <= axis < dims}
    if not axes or len(gone) < len(axes) or not x.is_contiguous():
        return None
    return _empty(
        x, [1 if at in gone else x.shape[at] for at in range(dims) if keep or at not in gone]
    )


def _product(bias: Tensor, x: Tensor, weight: Tensor) -> Tensor | None:
    fits = x.shape[1:] == weight.shape[:1] and bias.shape == weight.shape[1:]
    return _empty(x, (x.shape[0], weight.shape[1])) if fits else None


_RULES: dict[Any, Callable[..., Any]] = {
    **dict.fromkeys((aten.relu, aten.hardtanh, aten.silu, aten.gelu, aten.sigmoid), _like),
    **dict.fromkeys((aten.hardswish, aten.hardsigmoid), _like),
    aten.native_batch_norm: _batch_norm,
    aten.constant_pad_nd: _padded,
    aten.convolution: _convolved,
    aten.add: _added,
    aten.mean: _averaged,
    aten.addmm: _product,
}
