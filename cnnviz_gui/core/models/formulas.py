"""How the number of a layer's parameters comes about, written out: ``64 · 3 · 7 · 7 + 64``."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import groupby

from torch import nn

from cnnviz_gui.core.models.structure import NORMS, Structure
from cnnviz_gui.core.models.trace import Call


def count(call: Call) -> int:
    """Return the parameters of a module, or of those that a function is given."""
    return sum(one.numel() for one in _parameters(call))


def formula(structure: Structure, call: Call) -> str:
    """Return what the parameters are the sum of; empty where there are none.

    Of a layer the factors are the lengths of its tensors; of a block the summands are the numbers
    of what is in it, in order, a repeated one as a multiple.
    """
    module, total = call.module, count(call)
    if not total:
        return ""
    if call.operation:
        return _tensors(_parameters(call))
    if isinstance(module, nn.Conv2d | nn.Linear):
        product = _product(module.weight.shape)
        if total == module.weight.numel():
            return product
        if module.bias is not None and total == module.weight.numel() + module.bias.numel():
            return f"{product} + {module.bias.numel()}"
    if isinstance(module, NORMS):
        sizes = [math.prod(one.shape) for one in module.parameters(recurse=False)]
        return f"{len(sizes)} · {sizes[0]}" if len(set(sizes)) == 1 else _tensors(_parameters(call))
    children = structure.children(call)
    if not any(count(child) for child in children):
        return _tensors(_parameters(call))
    if structure.conv(call) is not None:
        terms = [formula(structure, child) for child in children if not child.operation]
        if sum(count(child) for child in children) == total:
            return " + ".join(filter(None, terms))
    holding = {id(child.module): child for child in children if count(child)}
    only = next(iter(holding.values()))
    if len(holding) == 1 and count(only) == total:
        return formula(structure, only)
    return _sum(call, children)


def _sum(call: Call, children: Iterable[Call]) -> str:
    """Write the sum over the modules of a block, each once, and what is left."""
    modules = {id(child.module): child for child in children if not child.operation}
    numbers = [number for child in modules.values() if (number := count(child))]
    rest = count(call) - sum(numbers)
    if rest < 0:  # tensors that several modules share
        return ""
    terms = [(number, len(list(same))) for number, same in groupby(numbers)]
    texts = [f"{times} · {number}" if times > 1 else str(number) for number, times in terms]
    return " + ".join([*texts, str(rest)] if rest else texts)


def _tensors(parameters: Iterable[nn.Parameter]) -> str:
    return " + ".join(_product(one.shape) for one in parameters)


def _product(shape: Iterable[int]) -> str:
    return " · ".join(str(length) for length in shape) or "1"


def _parameters(call: Call) -> list[nn.Parameter]:
    if call.operation:
        return [one for one in call.given if isinstance(one, nn.Parameter)]
    return list(call.module.parameters())
