"""Operations of an exported program as torch's own modules, so that they are layers like others.

A convolution that is a ``nn.Conv2d`` shows its filters, can be folded with the norm after it, and
can be watched. Whatever does not fit stays a plain operation with the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from cnnviz_gui.core.models.programs.program import Ref, named
from cnnviz_gui.core.models.programs.steps import Draft

_META = torch.device("meta")
Pair = tuple[int, int]


class Unfit(Exception):
    """An operation is none that a module of torch does."""


@dataclass(frozen=True, slots=True)
class Bench:
    """An operation and what is known about its values."""

    draft: Draft
    shapes: Mapping[str, tuple[int, ...]]
    weights: Mapping[str, Tensor]
    transposed: Mapping[str, str]
    """Values that are a weight with its two axes swapped, and the name of the weight."""

    def any(self, name: str) -> Any:
        """Return an argument, its default where it is not given."""
        arguments = self.draft.arguments
        assert isinstance(arguments, dict)
        return arguments.get(name, self.draft.operator.defaults.get(name))

    def number(self, name: str) -> Any:
        """Return an argument that is a plain number, text or None."""
        value = self.any(name)
        if not (value is None or isinstance(value, int | float | str)):
            raise Unfit
        return value

    def pair(self, name: str) -> Pair:
        """Return an argument of one or two whole numbers."""
        value = self.any(name)
        if not isinstance(value, list) or not 1 <= len(value) <= 2:
            raise Unfit
        if not all(isinstance(one, int) and not isinstance(one, bool) for one in value):
            raise Unfit
        return value[0], value[-1]

    def weight(self, name: str) -> Tensor | None:
        """Return an argument that is a weight or None."""
        value = self.any(name)
        if value is None:
            return None
        if not isinstance(value, Ref) or value.name not in self.weights:
            raise Unfit
        return self.weights[value.name]

    def input(self, name: str, least: int, most: int = 99) -> str:
        """Return the name of an input of so many axes that is computed."""
        value = self.any(name)
        if not isinstance(value, Ref) or value.name in self.weights:
            raise Unfit
        if not least <= len(self.shapes.get(value.name, ())) <= most:
            raise Unfit
        return value.name


def module_for(bench: Bench) -> tuple[nn.Module, str]:
    """Return the module that does an operation, and the name of its one input.

    Raises
    ------
    Unfit
        No module of torch does it.
    """
    draft = bench.draft
    make = _MAKERS.get(draft.operator.name)
    if make is None or not isinstance(draft.arguments, dict):
        raise Unfit
    if not set(named(draft.outputs)[1:]) <= set(draft.last):  # statistics, indices
        raise Unfit
    module, name = make(bench)
    return module.eval().requires_grad_(False), name


def _conv(bench: Bench) -> tuple[nn.Module, str]:
    name = bench.input("input", 4, 4)
    weight, bias = bench.weight("weight"), bench.weight("bias")
    groups = bench.number("groups")
    if weight is None or weight.dim() != 4 or bench.any("transposed") or groups < 1:
        raise Unfit
    padding = bench.any("padding")
    conv = nn.Conv2d(
        weight.shape[1] * groups,
        weight.shape[0],
        (weight.shape[2], weight.shape[3]),
        bench.pair("stride"),
        padding if isinstance(padding, str) else bench.pair("padding"),
        bench.pair("dilation"),
        groups,
        bias=bias is not None,
        device=_META,
    )
    _give(conv, weight=weight, bias=bias)
    return conv, name


def _batch_norm(bench: Bench) -> tuple[nn.Module, str]:
    name = bench.input("input", 4, 4)
    mean, variance = bench.weight("running_mean"), bench.weight("running_var")
    weight, bias = bench.weight("weight"), bench.weight("bias")
    if mean is None or variance is None or (weight is None) != (bias is None):
        raise Unfit
    norm = nn.BatchNorm2d(len(mean), bench.number("eps"), affine=weight is not None, device=_META)
    norm.running_mean, norm.running_var = mean, variance
    norm.num_batches_tracked = torch.tensor(0)
    _give(norm, weight=weight, bias=bias)
    return norm, name


def _linear(bench: Bench) -> tuple[nn.Module, str]:
    if bench.draft.operator.name == "addmm":
        name = bench.input("mat1", 2, 2)
        turned = bench.any("mat2")
        if not isinstance(turned, Ref) or turned.name not in bench.transposed:
            raise Unfit
        if (bench.any("beta"), bench.any("alpha")) != (1, 1):
            raise Unfit
        weight, bias = bench.weights[bench.transposed[turned.name]], bench.weight("self")
    else:
        name = bench.input("input", 2)
        given, bias = bench.weight("weight"), bench.weight("bias")
        if given is None:
            raise Unfit
        weight = given
    if weight.dim() != 2 or (bias is not None and bias.shape != weight.shape[:1]):
        raise Unfit
    linear = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None, device=_META)
    _give(linear, weight=weight, bias=bias)
    return linear, name


def _layer_norm(bench: Bench) -> tuple[nn.Module, str]:
    shape = bench.any("normalized_shape")
    if not isinstance(shape, list) or not all(isinstance(length, int) for length in shape):
        raise Unfit
    name = bench.input("input", len(shape) + 1)
    weight, bias = bench.weight("weight"), bench.weight("bias")
    if weight is None and bias is not None:
        raise Unfit
    norm = nn.LayerNorm(
        shape,
        bench.number("eps"),
        elementwise_affine=weight is not None,
        bias=bias is not None,
        device=_META,
    )
    _give(norm, weight=weight, bias=bias)
    return norm, name


def _group_norm(bench: Bench) -> tuple[nn.Module, str]:
    name = bench.input("input", 4, 4)
    weight, bias = bench.weight("weight"), bench.weight("bias")
    if weight is None or bias is None:
        raise Unfit
    norm = nn.GroupNorm(bench.number("num_groups"), len(weight), bench.number("eps"), device=_META)
    _give(norm, weight=weight, bias=bias)
    return norm, name


def _max_pool(bench: Bench) -> tuple[nn.Module, str]:
    kernel = bench.pair("kernel_size")
    pool = nn.MaxPool2d(
        kernel,
        bench.pair("stride") if bench.any("stride") else kernel,
        bench.pair("padding"),
        bench.pair("dilation"),
        ceil_mode=bench.number("ceil_mode"),
    )
    return pool, bench.input("self", 4, 4)


def _average_pool(bench: Bench) -> tuple[nn.Module, str]:
    kernel = bench.pair("kernel_size")
    pool = nn.AvgPool2d(
        kernel,
        bench.pair("stride") if bench.any("stride") else kernel,
        bench.pair("padding"),
        bench.number("ceil_mode"),
        bench.number("count_include_pad"),
        bench.number("divisor_override"),
    )
    return pool, bench.input("self", 4, 4)


def _adaptive_pool(bench: Bench) -> tuple[nn.Module, str]:
    return nn.AdaptiveAvgPool2d(bench.pair("output_size")), bench.input("self", 4, 4)


def _flatten(bench: Bench) -> tuple[nn.Module, str]:
    start, end = bench.number("start_dim"), bench.number("end_dim")
    if start < 1:
        raise Unfit
    return nn.Flatten(start, end), bench.input("self", 2)


def _hardtanh(bench: Bench) -> tuple[nn.Module, str]:
    low, high = bench.number("min_val"), bench.number("max_val")
    relu6 = (low, high) == (0, 6)
    return nn.ReLU6() if relu6 else nn.Hardtanh(low, high), bench.input("self", 1)


def _dropout(bench: Bench) -> tuple[nn.Module, str]:
    return nn.Dropout(bench.number("p")), bench.input("input", 1)


def _activation(kind: Callable[..., nn.Module], *names: str) -> Callable[[Bench], Any]:
    def make(bench: Bench) -> tuple[nn.Module, str]:
        return kind(*(bench.number(name) for name in names)), bench.input("self", 1)

    return make


def _elu(bench: Bench) -> tuple[nn.Module, str]:
    if (bench.any("scale"), bench.any("input_scale")) != (1, 1):
        raise Unfit
    return nn.ELU(bench.number("alpha")), bench.input("self", 1)


def _gelu(bench: Bench) -> tuple[nn.Module, str]:
    return nn.GELU(approximate=bench.number("approximate")), bench.input("self", 1)


def _give(module: nn.Module, **weights: Tensor | None) -> None:
    """Put weights into a module that was made without; their shapes must be those it wants."""
    for name, weight in weights.items():
        if weight is None:
            continue
        if getattr(module, name).shape != weight.shape:
            raise Unfit
        parameter = weight if isinstance(weight, nn.Parameter) else nn.Parameter(weight, False)
        setattr(module, name, parameter)


_MAKERS: dict[str, Callable[[Bench], tuple[nn.Module, str]]] = {
    "conv2d": _conv,
    "convolution": _conv,
    "batch_norm": _batch_norm,
    "_native_batch_norm_legit_no_training": _batch_norm,
    "linear": _linear,
    "addmm": _linear,
    "layer_norm": _layer_norm,
    "native_layer_norm": _layer_norm,
    "group_norm": _group_norm,
    "max_pool2d": _max_pool,
    "max_pool2d_with_indices": _max_pool,
    "avg_pool2d": _average_pool,
    "adaptive_avg_pool2d": _adaptive_pool,
    "_adaptive_avg_pool2d": _adaptive_pool,
    "flatten": _flatten,
    "dropout": _dropout,
    "hardtanh": _hardtanh,
    "relu": _activation(nn.ReLU),
    "relu6": _activation(nn.ReLU6),
    "silu": _activation(nn.SiLU),
    "hardswish": _activation(nn.Hardswish),
    "hardsigmoid": _activation(nn.Hardsigmoid),
    "sigmoid": _activation(nn.Sigmoid),
    "tanh": _activation(nn.Tanh),
    "mish": _activation(nn.Mish),
    "selu": _activation(nn.SELU),
    "leaky_relu": _activation(nn.LeakyReLU, "negative_slope"),
    "softplus": _activation(nn.Softplus, "beta", "threshold"),
    "elu": _elu,
    "gelu": _gelu,
}
