"""The activations of a network, and other ways back through its ReLUs than that of the gradient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import torch
from torch import Tensor
from torch.autograd.graph import Node

Rule = Literal["gradient", "guided", "deconvnet"]
"""What passes back through a ReLU: what the gradient says; of that only what is positive; all that
is positive, wherever the ReLU is shut.
"""
RECTIFIERS = frozenset({"ReLU", "ReLU6", "clipped ReLU"})
"""The names of those that a rule is for."""
aten = torch.ops.aten
_NAMES = {
    aten.relu: "ReLU",
    aten.silu: "SiLU",
    aten.gelu: "GELU",
    aten.hardswish: "Hardswish",
    aten.hardsigmoid: "Hardsigmoid",
    aten.sigmoid: "sigmoid",
    aten.tanh: "tanh",
    aten.elu: "ELU",
    aten.celu: "CELU",
    aten.leaky_relu: "leaky ReLU",
    aten.rrelu_with_noise: "leaky ReLU",
    aten._prelu_kernel: "PReLU",
    aten.softplus: "softplus",
    aten.mish: "Mish",
    aten.log_sigmoid_forward: "log-sigmoid",
    aten.glu: "GLU",
}
_IN_PLACE = {
    aten.relu_: aten.relu,
    aten.silu_: aten.silu,
    aten.hardswish_: aten.hardswish,
    aten.hardsigmoid_: aten.hardsigmoid,
    aten.sigmoid_: aten.sigmoid,
    aten.tanh_: aten.tanh,
    aten.elu_: aten.elu,
    aten.celu_: aten.celu,
    aten.leaky_relu_: aten.leaky_relu,
    aten.mish_: aten.mish,
}


def activation(packet: Any, args: Any) -> str:
    """Return the name of the activation that an operator of ATen computes; empty for any other."""
    if packet in (aten.hardtanh, aten.hardtanh_):
        low = args[1] if len(args) > 1 else -1
        high = args[2] if len(args) > 2 else 1
        return "Hardtanh" if low != 0 else "ReLU6" if high == 6 else "clipped ReLU"
    return _NAMES.get(_IN_PLACE.get(packet, packet), "")


def follow(rule: Rule, value: Tensor) -> int:
    """Let what goes back from ``value`` follow a rule at each ReLU and ReLU6 of its graph.

    The graph is altered, not the network: it does not matter whether a ReLU is a module or a call
    in the code of one, or overwrites what it reads.

    Returns
    -------
    How many there are; 0 where the rule is the gradient.
    """
    if rule == "gradient":
        return 0
    found = [node for node in _nodes(value) if _rectifies(node)]
    for node in found:
        if rule == "guided":
            node.register_prehook(_positive)
        else:
            node.register_hook(_instead)
    return len(found)


def _positive(gradients: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(gradient.clamp_min(0) for gradient in gradients)


def _instead(_found: Any, gradients: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return _positive(gradients)


def _rectifies(node: Any) -> bool:
    name = str(node.name())
    if name.startswith("HardtanhBackward"):
        return float(node._saved_min_val) == 0
    return name.startswith("ReluBackward")


def _nodes(value: Tensor) -> Iterator[Node]:
    waiting, seen = [value.grad_fn], set()
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            yield node
            waiting.extend(further for further, _ in node.next_functions)
