"""What a convolution reads and what is done to its output, written down while it is done.

The functions that a module calls are seen themselves, so that padding of any kind, a weight that is
computed on the way and an activation that is no module are as exact as everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import LayerError
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.fields import tensors_in
from cnnviz_gui.core.models.hooks import Enough, cancellable, layers_to_ask_at
from cnnviz_gui.texts import tr

_HANDED_ON = frozenset({"clone", "contiguous", "detach", "dropout", "permute", "to"})
"""They change no value in evaluation."""
_ACTIVATIONS = {
    "relu": "ReLU",
    "hardtanh": "Hardtanh",
    "relu6": "ReLU6",
    "silu": "SiLU",
    "hardswish": "Hardswish",
    "hardsigmoid": "Hardsigmoid",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "gelu": "GELU",
    "elu": "ELU",
    "selu": "SELU",
    "celu": "CELU",
    "mish": "Mish",
    "softplus": "Softplus",
    "leaky_relu": "LeakyReLU",
    "prelu": "PReLU",
}


@dataclass(frozen=True, slots=True, eq=False)
class Norm:
    """A norm with constants: one mean, variance, weight and bias a channel."""

    mean: Tensor
    variance: Tensor
    eps: float
    weight: Tensor | None
    bias: Tensor | None

    def at(self, channel: int, row: int, column: int) -> tuple[float, float]:
        """Return mean and variance at a cell."""
        return float(self.mean[channel]), float(self.variance[channel])


@dataclass(frozen=True, slots=True, eq=False)
class LayerNorm:
    """A norm whose mean and variance are those of what it is given: all channels of one cell."""

    given: Tensor
    """(C, h, w)."""
    eps: float
    weight: Tensor | None
    bias: Tensor | None

    def at(self, channel: int, row: int, column: int) -> tuple[float, float]:
        """Return mean and variance at a cell."""
        values = self.given[:, row, column].double()
        return float(values.mean()), float(values.var(correction=0))


@dataclass(frozen=True, slots=True, eq=False)
class GroupNorm(LayerNorm):
    """The same of all cells of a group of channels."""

    groups: int = 1

    def at(self, channel: int, row: int, column: int) -> tuple[float, float]:
        """Return mean and variance at a cell."""
        size = len(self.given) // self.groups
        first = channel // size * size
        values = self.given[first : first + size].double()
        return float(values.mean()), float(values.var(correction=0))


@dataclass(frozen=True, slots=True, eq=False)
class Activation:
    """A function of one number, which may differ by channel."""

    name: str
    apply: Callable[[Tensor, int], Tensor]
    """Of a tensor of one number, and the channel."""


Step = Norm | LayerNorm | Activation


@dataclass(frozen=True, slots=True, eq=False)
class ConvSteps:
    """One run of a convolution, or of a unit around one, on one picture; nothing is differentiable.

    Everything but ``shown`` belongs to the network or is a copy.
    """

    given: Tensor
    """(C, h, w): what the convolution reads, with what was laid around it beforehand."""
    around: tuple[int, int]
    """Rows above and columns left of it that were laid around it."""
    weight: Tensor
    """(K, C / groups, kh, kw)."""
    bias: Tensor | None
    stride: tuple[int, int]
    padding: tuple[int, int]
    """Rows above and columns left that the convolution itself takes for zeros."""
    dilation: tuple[int, int]
    groups: int
    steps: tuple[Step, ...]
    """What follows within the unit."""
    shown: Tensor
    """(K, h, w): what the row shows."""

    @property
    def nbytes(self) -> int:
        """Bytes of all tensors."""
        held = [self.given, self.weight, self.shown]
        held += [step.given for step in self.steps if isinstance(step, LayerNorm)]
        return sum(tensor.nbytes for tensor in held)


def watch(classifier: Classifier, x: Tensor, layer: str, ctx: Context) -> ConvSteps:
    """Pass x float32 (1, 3, S, S) through the network up to ``layer`` and write it down.

    Raises
    ------
    LayerError
        The layer is no convolution, or what follows in its unit is not understood.
    """
    place = classifier.place(layer)
    if not place.conv:
        raise LayerError(
            tr("{layer!r} is no convolution.", layer=layer),
            tr("Choose a convolution, or a unit of one and its norm."),
        )
    ctx.check()
    unit = classifier.module(layer)
    recorder = _Recorder(layer)
    conv = unit.get_submodule(place.conv[len(place.path) :].lstrip("."))
    with (
        torch.no_grad(),
        _watched(unit, conv, place.number, recorder),
        cancellable(layers_to_ask_at(classifier.stock), ctx),
        recorder,
        suppress(Enough),
    ):
        classifier.stock(x)
    classifier.forwards += len(x)
    return recorder.written()


@contextmanager
def _watched(unit: nn.Module, conv: nn.Module, number: int, recorder: _Recorder) -> Iterator[None]:
    """Let the recorder see run ``number`` of a unit, and the first run of its convolution in it."""
    runs = 0

    def unit_begins(_module: nn.Module, _inputs: Any) -> None:
        nonlocal runs
        runs += 1
        recorder.inside = runs == number

    def unit_ends(_module: nn.Module, _inputs: Any, output: Any) -> None:
        if recorder.inside:
            recorder.end(next(tensors_in(output)))
            raise Enough

    def conv_begins(_module: nn.Module, _inputs: Any) -> None:
        recorder.in_conv = recorder.inside

    def conv_ends(_module: nn.Module, _inputs: Any, _output: Any) -> None:
        recorder.in_conv = False

    handles = [
        unit.register_forward_pre_hook(unit_begins),
        conv.register_forward_pre_hook(conv_begins),
        conv.register_forward_hook(conv_ends),
        unit.register_forward_hook(unit_ends),
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


class _Recorder(TorchFunctionMode):
    """Follows the tensor that comes out of the convolution from function to function."""

    def __init__(self, layer: str) -> None:
        super().__init__()
        self.inside = False
        self.in_conv = False
        self._layer = layer
        self._padded: tuple[Tensor, tuple[int, ...]] | None = None
        self._conv: dict[str, Any] | None = None
        self._steps: list[Step] = []
        self._flow: Tensor | None = None
        self._shown: Tensor | None = None

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if not self.inside:
            return func(*args, **kwargs)
        name = _name(func)
        if self.in_conv:
            return self._convolve(func, name, args, kwargs)
        return self._follow(func, name, args, kwargs)

    def _convolve(self, func: Any, name: str, args: Any, kwargs: Any) -> Any:
        out = func(*args, **kwargs)
        if name == "pad":
            self._padded = out, tuple(args[1] if len(args) > 1 else kwargs["pad"])
        elif name == "conv2d" and self._conv is None:
            names = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
            given = {**dict(zip(names, args, strict=False)), **kwargs}
            self._conv = {**given, "input": given["input"][0].clone()}
            if self._padded is None or self._padded[0] is not given["input"]:
                self._padded = None
            self._flow = out
        elif isinstance(out, Tensor) and any(given is self._flow for given in tensors_in(args)):
            raise self._unclear(name)
        return out

    def _follow(self, func: Any, name: str, args: Any, kwargs: Any) -> Any:
        before = self._flow
        reads = before is not None and any(t is before for t in tensors_in((args, kwargs)))
        step = self._step(name, args, kwargs) if reads else None
        out = func(*args, **kwargs)
        if reads and isinstance(out, Tensor):
            if step is not None:
                self._steps.append(step)
            elif name not in _HANDED_ON:
                raise self._unclear(name)
            self._flow = out
        return out

    def _step(self, name: str, args: Any, kwargs: Any) -> Step | None:
        """Return what a function does to the flow, before it may overwrite it."""
        if name == "batch_norm":
            names = ("input", "running_mean", "running_var", "weight", "bias")
            norm = {**dict(zip(names, args, strict=False)), **kwargs}
            eps = args[7] if len(args) > 7 else kwargs.get("eps", 1e-5)
            if norm["running_mean"] is None:
                return None
            return Norm(
                norm["running_mean"],
                norm["running_var"],
                float(eps),
                norm.get("weight"),
                norm.get("bias"),
            )
        names = ("input", "size", "weight", "bias", "eps")
        norm = {**dict(zip(names, args, strict=False)), **kwargs}
        weight, bias, eps = norm.get("weight"), norm.get("bias"), float(norm.get("eps", 1e-5))
        if name == "layer_norm" and len(args[1]) == 1:
            maps = args[0][0].permute(2, 0, 1).clone()
            return LayerNorm(maps, eps, weight, bias)
        if name == "group_norm":
            return GroupNorm(args[0][0].clone(), eps, weight, bias, int(args[1]))
        return _activation(name, args, kwargs)

    def end(self, output: Tensor) -> None:
        """Take what the unit gives; nothing is followed any more."""
        self.inside = False
        if self._flow is None or output is not self._flow:
            raise self._unclear("something")
        self._shown = output[0].clone()

    def written(self) -> ConvSteps:
        """Return what was seen."""
        if self._conv is None or self._shown is None:
            raise self._unclear("nothing")
        conv, weight = self._conv, self._conv["weight"]
        dilation = _pair(conv.get("dilation", 1))
        pads = (0, 0) if self._padded is None else _above_and_left(self._padded[1])
        return ConvSteps(
            given=conv["input"],
            around=pads,
            weight=weight.detach(),
            bias=None if conv.get("bias") is None else conv["bias"].detach(),
            stride=_pair(conv.get("stride", 1)),
            padding=_padding(conv.get("padding", 0), weight.shape[2:], dilation),
            dilation=dilation,
            groups=int(conv.get("groups", 1)),
            steps=tuple(self._steps),
            shown=self._shown,
        )

    def _unclear(self, name: str) -> LayerError:
        return LayerError(
            tr(
                "The arithmetic of {layer!r} cannot be written out: {name!r} is part of it.",
                layer=self._layer,
                name=name,
            ),
            tr("Choose the convolution itself, or another layer."),
        )


def _activation(name: str, args: Any, kwargs: Any) -> Activation | None:
    title = _ACTIVATIONS.get(name)
    if title is None:
        return None
    rest, options = args[1:], {k: v for k, v in kwargs.items() if k not in ("input", "inplace")}
    function = getattr(functional, name, None) or getattr(torch, name)
    if name == "hardtanh" and (*rest, *options.values())[:2] == (0.0, 6.0):
        title = "ReLU6"
    if name in ("silu", "hardswish", "hardsigmoid", "relu", "relu6", "mish", "selu"):
        rest = ()  # nothing but ``inplace`` can be there
    elif rest and isinstance(rest[-1], bool):
        rest = rest[:-1]

    def apply(value: Tensor, channel: int) -> Tensor:
        if name == "prelu":
            slopes = rest[0] if rest else options["weight"]
            slope = slopes[channel if slopes.numel() > 1 else 0].double()
            return torch.where(value >= 0, value, slope * value)
        return function(value, *rest, **options)  # type: ignore[no-any-return]  # torch

    return Activation(title, apply)


def _name(func: Any) -> str:
    """Return the plain name of a function: that of ``aten.relu_.default`` is ``relu``."""
    name: str = getattr(func, "__name__", "")
    if name == "default" or "." in name:
        name = name.split(".")[0]
    return name.rstrip("_") if not name.startswith("__") else name


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[-1]))


def _padding(value: Any, kernel: Any, dilation: tuple[int, int]) -> tuple[int, int]:
    """Return the rows above and the columns left; of an odd number the rest is on the far side."""
    if value == "same":
        high, wide = (step * (size - 1) // 2 for step, size in zip(dilation, kernel, strict=True))
        return high, wide
    return (0, 0) if value == "valid" else _pair(value)


def _above_and_left(pads: tuple[int, ...]) -> tuple[int, int]:
    """Return these of the amounts as ``functional.pad`` takes them, the last axis first."""
    return (pads[2] if len(pads) > 2 else 0), pads[0]
