"""The fast copy of a network: batch norm folded into the convolutions, channels last in memory."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from cnnviz_gui.core.models.trace import Trace

Pairs = tuple[tuple[str, str], ...]


def foldable(trace: Trace) -> Pairs:
    """Return (convolution, batch norm) for each norm that alone reads a convolution's output.

    Both run once, and nothing else, neither another operation nor the result of the network, sees
    what lies between them.
    """
    runs = trace.runs()
    makers = {
        id(call.output): call
        for call in trace.calls
        if isinstance(call.module, nn.Conv2d) and call.output is not None
    }
    pairs = []
    for call in trace.calls:
        if not isinstance(call.module, nn.BatchNorm2d) or not call.given:
            continue
        maker = makers.get(id(call.given[0]))
        if (
            maker is not None
            and runs[maker.path] == runs[call.path] == 1
            and trace.uses[id(maker.output)] == 1
            and call.module.running_var is not None
        ):
            pairs.append((maker.path, call.path))
    return tuple(pairs)


def replaced_outputs(trace: Trace, pairs: Pairs) -> frozenset[tuple[str, int]]:
    """Return (module, run) of everything whose own output a folded copy does not compute."""
    convolutions = {conv for conv, _ in pairs}
    changed = {id(call.output) for call in trace.calls if call.path in convolutions}
    return frozenset(
        (c.path, c.number) for c in trace.calls if id(c.output) in changed and not c.operation
    )


def fast_copy(network: nn.Module, pairs: Pairs) -> nn.Module:
    """Return a copy with ``pairs`` folded and convolution weights in channels-last order.

    Other weights are shared with ``network``, which is not changed; all of them are constants.
    """
    memo: dict[int, Any] = {}
    for tensor in (*network.parameters(), *network.buffers()):
        memo[id(tensor)] = tensor
    twin = copy.deepcopy(network, memo)
    for conv, norm in pairs:
        _fold(twin, conv, norm)
    for module in twin.modules():
        if isinstance(module, nn.Conv2d):
            weight = module.weight.detach().contiguous(memory_format=torch.channels_last)
            module.weight = nn.Parameter(weight, requires_grad=False)
    return twin


def copied_bytes(network: nn.Module, pairs: Pairs) -> int:
    """Return the bytes that ``fast_copy`` will not share with ``network``."""
    folded = {conv for conv, _ in pairs}
    total = 0
    for path, module in network.named_modules():
        if isinstance(module, nn.Conv2d):
            weight, last = module.weight, torch.channels_last
            if path in folded:
                total += (weight.numel() + weight.shape[0]) * weight.element_size()
            elif not weight.is_contiguous(memory_format=last):
                total += weight.nbytes
    return total


def _fold(network: nn.Module, conv_path: str, norm_path: str) -> None:
    conv, norm = network.get_submodule(conv_path), network.get_submodule(norm_path)
    assert isinstance(conv, nn.Conv2d)
    assert isinstance(norm, nn.BatchNorm2d)
    weight, bias = folded(conv, norm)
    conv.weight = nn.Parameter(weight, requires_grad=False)
    conv.bias = nn.Parameter(bias, requires_grad=False)
    parent, _, name = norm_path.rpartition(".")
    setattr(network.get_submodule(parent), name, nn.Identity())


def folded(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Return weight and bias of the one convolution that equals ``norm(conv(x))`` in eval mode.

    Computed in float64, which not every accelerator knows, and rounded once.
    """
    assert norm.running_mean is not None and norm.running_var is not None
    mean, variance = _exact(norm.running_mean), _exact(norm.running_var)
    gain = torch.rsqrt(variance + norm.eps)
    if norm.weight is not None:
        gain = gain * _exact(norm.weight)
    shift = -mean if conv.bias is None else _exact(conv.bias) - mean
    bias = shift * gain
    if norm.bias is not None:
        bias = bias + _exact(norm.bias)
    weight = _exact(conv.weight) * gain.reshape(-1, 1, 1, 1)
    return weight.to(conv.weight), bias.to(conv.weight)


def _exact(tensor: Tensor) -> Tensor:
    return tensor.detach().cpu().double()


def agree(first: nn.Module, second: nn.Module, image: Tensor, tolerance: float = 1e-4) -> bool:
    """Tell whether two networks give the same logits, within ``tolerance`` of the largest."""
    with torch.no_grad():
        a, b = first(image), second(image)
    worst = float((a - b).abs().max())  # NaN compares false
    return worst <= tolerance * max(float(a.abs().max()), torch.finfo(a.dtype).tiny)
