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

    Only shape, type and device of the outcome are those of torch; its strides may differ.
    """
    rule = _RULES.get(func.overloadpacket)
    return rule(*args) if rule is not None and not kwargs and _plain(args) else None


def _plain(args: Sequence[Any]) -> bool:
    """Tell whether all tensors are meta and of one type, so that nothing is converted."""
    tensors = [one for one in args if isinstance(one, Tensor)]
    return bool(tensors) and all(one.is_meta and one.dtype is tensors[0].dtype for one in tensors)


def _empty(x: Tensor, shape: Sequence[int]) -> Tensor:
    return torch.empty(shape, dtype=x.dtype, device="meta")  # ``new_empty`` is told in Python


def _like(x: Tensor, *_: Any) -> Tensor:
    return _empty(x, x.shape)


def _batch_norm(x: Tensor, *_: Any) -> tuple[Tensor, Tensor, Tensor]:
    return _like(x), _empty(x, x.shape[1:2]), _empty(x, x.shape[1:2])


def _padded(x: Tensor, widths: Sequence[int], *_: Any) -> Tensor:
    shape = list(x.shape)
    for axis, (before, after) in enumerate(zip(widths[::2], widths[1::2], strict=True), start=1):
        shape[-axis] += before + after
    return _empty(x, shape)


def _convolved(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    transposed: bool,
    *_: Any,
) -> Tensor | None:
    if transposed or x.dim() != weight.dim():
        return None
    spans = zip(x.shape[2:], weight.shape[2:], stride, padding, dilation, strict=True)
    sides = [(size + 2 * p - d * (kernel - 1) - 1) // s + 1 for size, kernel, s, p, d in spans]
    return _empty(x, (x.shape[0], weight.shape[0], *sides)) if min(sides) > 0 else None


def _added(x: Any, y: Any) -> Tensor | None:
    both = isinstance(x, Tensor) and isinstance(y, Tensor)
    return _like(x) if both and x.shape == y.shape else None


def _averaged(x: Tensor, axes: Sequence[int] | None = None, keep: bool = False) -> Tensor | None:
    if not axes or not x.is_floating_point():
        return None
    gone = {axis % x.dim() for axis in axes}
    sides = (
        (1 if at in gone else size) for at, size in enumerate(x.shape) if keep or at not in gone
    )
    return _empty(x, tuple(sides))


def _product(bias: Tensor, x: Tensor, weight: Tensor) -> Tensor:
    return _empty(x, (x.shape[0], weight.shape[1]))


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
