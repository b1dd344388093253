"""Receptive fields: which rectangle of the input one cell of a tensor sees, carried through ATen.

The arithmetic is that of Araujo, Norris and Sim 2019, doi:10.23915/distill.00021. What it cannot
follow, such as enlarging, where neighbouring cells see parts of several sizes, is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from cnnviz_gui.core.models.axes import LOST, Axis, Field
from cnnviz_gui.core.models.field_rules import RULES

aten = torch.ops.aten
_PRODUCTS = {aten.mm: 0, aten.bmm: 0, aten.addmm: 1, aten.baddbmm: 1}
"""Products of matrices, with the place of the first in the arguments."""
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


def propagate(func: Any, args: Sequence[Any], sources: _Sources, out: Tensor) -> Field:
    """Return the field of ``out``, the result of the ATen overload ``func``.

    Parameters
    ----------
    sources
        The tensors among the arguments that depend on the input, with their fields; at least one.
    """
    field = _result(func, args, sources, out)
    if all(source.whole for _, source in sources):  # whatever is made of what sees all sees all
        return field.everywhere()
    return field


def _result(func: Any, args: Sequence[Any], sources: _Sources, out: Tensor) -> Field:
    packet = func.overloadpacket
    rule = RULES.get(packet)
    if rule is not None:
        return rule(sources[0][1], args, out)
    if packet is aten.cat:
        return _concatenated(sources, args, out)
    if packet in _PRODUCTS:
        first = _PRODUCTS[packet]
        return _product(_of(args[first], sources), _of(args[first + 1], sources), out.ndim)
    if "scaled_dot_product" in packet.__name__:
        return _attention(sources, args)
    return _merged(sources, out) if _pointwise(func) else LOST


def _pointwise(func: Any) -> bool:
    if torch.Tag.pointwise in func.tags:
        return True
    name = func.overloadpacket.__name__.rstrip("_")
    return hasattr(aten, name) and any(
        torch.Tag.pointwise in getattr(getattr(aten, name), overload).tags
        for overload in getattr(aten, name).overloads()
    )


def _merged(sources: _Sources, out: Tensor) -> Field:
    first = sources[0][1]
    if first.dims is None and all(field == first for _, field in sources):
        return first
    whole = any(field.whole for _, field in sources)
    shaped = [(t, f) for t, f in sources if t.ndim == out.ndim and f.dims is not None]
    if not shaped:
        return Field(None, None, whole)
    dims = next((f.dims for t, f in shaped if t.shape == out.shape), shaped[0][1].dims)
    joined: tuple[Axis, Axis] | None = None
    for tensor, field in sources:
        same_size = (
            dims is not None
            and tensor.ndim == out.ndim
            and all(tensor.shape[dim] == out.shape[dim] for dim in dims)
        )
        if field.axes is None or field.dims != dims or not same_size:
            return Field(None, dims, whole)
        if joined is None:
            joined = field.axes
            continue
        pair = [a.joined(b) for a, b in zip(joined, field.axes, strict=True)]
        if pair[0] is None or pair[1] is None:
            return Field(None, dims, whole)
        joined = (pair[0], pair[1])
    return Field(joined, dims)


def _concatenated(sources: _Sources, args: Sequence[Any], out: Tensor) -> Field:
    dim = (args[1] if len(args) > 1 else 0) % out.ndim
    dims = next((field.dims for _, field in sources if field.dims is not None), None)
    one_after_another = dims is None or dim in dims
    return Field(None, dims) if one_after_another else _merged(sources, out)


def _of(value: Any, sources: _Sources) -> Field | None:
    return next((field for tensor, field in sources if tensor is value), None)


def _product(first: Field | None, second: Field | None, ndim: int) -> Field:
    """Return the field of a product of matrices; None for one that does not depend on the input.

    Each number reads a row of the first and a column of the second.
    """
    row, column = first and first.mixed((ndim - 1,)), second and second.mixed((ndim - 2,))
    if row is None or column is None:
        return row or column or LOST
    if row.whole or column.whole:
        return (row if row.whole else column).everywhere()
    return Field(None, column.dims) if column.dims == (ndim - 1, ndim - 1) else LOST


def _attention(sources: _Sources, args: Sequence[Any]) -> Field:
    """Return the field of what reads all tokens, if keys or values are all tokens there are."""
    read = [_of(tensor, sources) for tensor in args[1:3]]
    mixed = [one.mixed((args[1].ndim - 2,)) for one in read if one is not None]
    return next((one for one in mixed if one.whole), LOST)
