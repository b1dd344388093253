"""Relevance: how each layer hands what it contributed to a score back to what it was given.

What is passed from layer to layer is not the relevance R of an output z but R / z, the message.
Through all that is a sum, a choice or a product with a constant (pools, ReLUs, sums, reshapes,
norms, channels edited) a message goes as a gradient does, so there autograd does the work. Only
convolutions and linear layers, clipped ReLUs, and what stands before the first layer have a rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.models.hooks import Enough
from cnnviz_gui.core.models.operations import kind_of

_WEIGHING = frozenset({"conv2d", "linear"})
_CLIPPING = frozenset({"relu6", "hardtanh"})
_SCALING = frozenset({"add", "sub", "mul", "div", "batch_norm"})
_Weigh = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Shares:
    """How a layer divides the relevance of an output among its contributions a · w to it.

    Those of the sign of the output are its own, the others oppose it. An output below zero, which
    occurs where no ReLU follows, is divided as one above.

    Attributes
    ----------
    own, opposing
        How often the relevance goes to either, in proportion to their sizes; ``own - opposing`` is
        1 and a bias gets none, so that it is all handed on. Both 0 for all contributions together,
        of which a bias is one, and keeps what it gets.
    favoured
        For all contributions together: how much more its own count.
    stabiliser
        Added to the size of the denominator, in root mean squares of the layer's outputs; takes
        relevance away.
    """

    own: float = 0.0
    opposing: float = 0.0
    favoured: float = 0.0
    stabiliser: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A convolution or a linear layer as it ran."""

    weigh: _Weigh
    """From inputs and weights to outputs without the bias."""
    weight: Tensor


class Propagation(TorchFunctionMode):
    """While it is in force, the gradient of a score to a picture is the picture's relevance.

    It looks at the calls in the network's code; the network is not altered.

    Parameters
    ----------
    convolutions, linear
        How they divide relevance.
    bounds
        Of what the first layer is given, for a black and for a white picture: it divides by the
        rule for bounded inputs. None for that of the other layers.
    """

    def __init__(
        self,
        convolutions: Shares,
        linear: Shares,
        bounds: tuple[Tensor, Tensor] | None,
        ctx: Context,
    ) -> None:
        super().__init__()
        self._shares = {"conv2d": convolutions, "linear": linear}
        self._bounds = bounds
        self._ctx = ctx
        self._before = True

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        kind = kind_of(func)
        given = args[0] if args else None
        if not (torch.is_grad_enabled() and isinstance(given, Tensor) and given.requires_grad):
            return func(*args, **kwargs)
        if kind in _WEIGHING:
            first, self._before = self._before, False
            self._ctx.check()
            return _Weighed.apply(
                given,
                func,
                args[1:],
                kwargs,
                self._shares[kind],
                first,
                self._bounds if first else None,
                self._ctx,
            )
        if kind in _CLIPPING:
            return _Clipped.apply(given, func, args[1:], kwargs)
        if self._before and kind in _SCALING:
            out = func(*args, **kwargs)
            return _Same.apply(given, out.detach()) if out.shape == given.shape else out
        return func(*args, **kwargs)


class FirstInput(TorchFunctionMode):
    """Ends a pass of ``pictures`` at the first layer that weighs, and keeps what that is given."""

    def __init__(self, pictures: Tensor) -> None:
        super().__init__()
        self.found: Tensor | None = None
        self._pictures = pictures
        self._begun = False  # there may be another pass before, of a network made just now

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self._begun = self._begun or any(one is self._pictures for one in args)
        if self._begun and kind_of(func) in _WEIGHING:
            self.found = args[0].detach().clone()
            raise Enough
        return func(*args, **(kwargs or {}))


class _Weighed(torch.autograd.Function):
    """A convolution or a linear layer; backward by its rule."""

    @staticmethod
    def forward(
        made: Any,
        given: Tensor,
        func: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        shares: Shares,
        first: bool,
        bounds: tuple[Tensor, Tensor] | None,
        ctx: Context,
    ) -> Tensor:
        weight, bias, more, named = _arguments(args, kwargs)
        out: Tensor = func(given, weight, bias, *more, **named)
        made.layer = Layer(
            lambda inputs, weights: func(inputs, weights, None, *more, **named), weight
        )
        made.save_for_backward(given, out.clone())  # what follows may overwrite it
        made.shares, made.first, made.bounds, made.ctx = shares, first, bounds, ctx
        return out

    @staticmethod
    def backward(made: Any, message: Tensor) -> tuple[Tensor | None, ...]:
        made.ctx.check()
        given, out = made.saved_tensors
        relevance = out * message
        with torch._C.DisableTorchFunction():  # what is computed here is none of the network's code
            if made.bounds is not None:
                low, high = made.bounds
                found = bounded(made.layer, given, low, high, relevance)
            else:
                found = divided(made.layer, given, out, relevance, made.shares)
                found = given * found if made.first else found
        return found, *(None,) * 7


class _Clipped(torch.autograd.Function):
    """An activation that ends at a number; all that was above it is responsible too."""

    @staticmethod
    def forward(
        made: Any, given: Tensor, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Tensor:
        out: Tensor = func(given.clone(), *args, **kwargs)
        made.save_for_backward(torch.where(given == 0, 0.0, out / given))
        return out

    @staticmethod
    def backward(made: Any, message: Tensor) -> tuple[Tensor | None, ...]:
        (share,) = made.saved_tensors
        return message * share, None, None, None


class _Same(torch.autograd.Function):
    """Numbers written in another unit, as the normalisation does: each has the same relevance."""

    @staticmethod
    def forward(made: Any, given: Tensor, out: Tensor) -> Tensor:
        return out.clone()

    @staticmethod
    def backward(made: Any, relevance: Tensor) -> tuple[Tensor | None, ...]:
        return relevance, None


def divided(layer: Layer, given: Tensor, out: Tensor, relevance: Tensor, shares: Shares) -> Tensor:
    """Return the message to what a layer was given, of that shape."""
    if not shares.own and not shares.favoured:
        size = out.square().mean().sqrt() * shares.stabiliser
        below = torch.where(out < 0, out - size, out + size)
        with torch.enable_grad():
            leaf = given.detach().requires_grad_()
            whole = layer.weigh(leaf, layer.weight)
        (message,) = torch.autograd.grad(whole, leaf, _ratio(relevance, below))
        return message
    above = out >= 0
    if shares.own and not shares.opposing and not bool((relevance * ~above).any()):
        up = _Contributions(layer, given, (1,))
        return up.message(_ratio(relevance, up.sums[0]))
    both = _Contributions(layer, given, (1, -1))
    up_sum, down_sum = both.sums
    own, opposing = torch.where(above, up_sum, down_sum), torch.where(above, down_sum, up_sum)
    if shares.own:
        to_own = _ratio(torch.where(opposing == 0, 1.0, shares.own) * relevance, own)
        to_opposing = _ratio(-shares.opposing * relevance, opposing)
    else:
        to_opposing = _ratio(relevance, out + shares.favoured * own)
        to_own = (1 + shares.favoured) * to_opposing
    return both.message(
        torch.where(above, to_own, to_opposing), torch.where(above, to_opposing, to_own)
    )


def bounded(layer: Layer, given: Tensor, low: Tensor, high: Tensor, relevance: Tensor) -> Tensor:
    """Return the relevance of inputs between two bounds.

    What an input contributes is how far it is from the bound from which it moved the output up.
    """
    weight = layer.weight
    weights = (weight, -weight.clamp_min(0), -weight.clamp_max(0))
    inputs = (given, low.expand_as(given), high.expand_as(given))
    with torch.enable_grad():
        leaves = [one.detach().clone().requires_grad_() for one in inputs]
        first, second, third = map(layer.weigh, leaves, weights)
        sums = first + second + third
    messages = torch.autograd.grad(sums, leaves, _ratio(relevance, sums.detach()))
    return torch.stack([one * two for one, two in zip(inputs, messages, strict=True)]).sum(0)


class _Contributions:
    """What inputs contribute to outputs, by sign; biases are left out.

    Attributes
    ----------
    sums
        Of each sign asked for, of the outputs' shape.
    """

    def __init__(self, layer: Layer, given: Tensor, signs: tuple[int, ...]) -> None:
        self._below = given < 0
        parts = [given.clamp_min(0)]
        if bool(self._below.any()):
            parts.append(given.clamp_max(0))
        weights = (layer.weight.clamp_min(0), layer.weight.clamp_max(0))
        with torch.enable_grad():
            self._leaves = [part.detach().requires_grad_() for part in parts]
            self._sums = []
            for sign in signs:
                ordered = weights[::sign]
                outs = [layer.weigh(*one) for one in zip(self._leaves, ordered, strict=False)]
                self._sums.append(outs[0] if len(outs) == 1 else outs[0] + outs[1])
        self.sums = [one.detach() for one in self._sums]

    def message(self, *ratios: Tensor) -> Tensor:
        """Return the message to the inputs, for that to the sums of each sign."""
        messages = torch.autograd.grad(self._sums, self._leaves, ratios)
        if len(messages) == 1:
            return messages[0]
        return torch.where(self._below, messages[1], messages[0])


def _ratio(relevance: Tensor, below: Tensor) -> Tensor:
    """Divide; nothing by nothing is nothing."""
    return torch.where(below == 0, 0.0, relevance / below)


def _arguments(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Tensor, Tensor | None, tuple[Any, ...], dict[str, Any]]:
    """Return weight, bias and all else of what a convolution or a linear layer is called with."""
    named = dict(kwargs)
    weight = args[0] if args else named.pop("weight")
    bias = args[1] if len(args) > 1 else named.pop("bias", None)
    return weight, bias, args[2:], named
