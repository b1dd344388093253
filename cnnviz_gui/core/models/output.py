"""What a network returns, read as logits: a tensor, the first of several, probabilities, one value.

The networks of the catalogue return logits. What is brought along may return anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from cnnviz_gui.core import shortage
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import Cancelled, CnnvizError, ModelError
from cnnviz_gui.core.models.dispatch import Seeing
from cnnviz_gui.texts import tr

Kind = Literal["logits", "probabilities", "scores", "logit", "probability"]
_NOTES: dict[Kind, str] = {
    "logits": "",
    "probabilities": tr("It gives probabilities; their logarithm serves as logits."),
    "scores": tr(
        "It gives a score from 0 to 1 for each class on its own; their log-odds serve as logits, "
        "so that the probabilities shown are shares among the classes."
    ),
    "logit": tr("It gives one logit; it is shown as two classes."),
    "probability": tr("It gives one probability; it is shown as two classes."),
}
PICTURES = 2
"""So many are looked at to find out what a network returns."""
_SMALLEST = 1e-38
_SUM_TOLERANCE = 1e-4
_MOVING = ("View", "UnsafeView", "Reshape", "Squeeze", "Unsqueeze", "Clone", "ToCopy", "Permute")
"""Beginnings of the names of operations that only move numbers, as autograd calls them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How to make logits (N, K) of what a network returns."""

    kind: Kind = "logits"

    def __call__(self, output: Any) -> Tensor:
        """Return logits (N, K), K at least 2."""
        values = first_tensor(output)
        if self.kind == "logits" and values.dim() == 2:
            return values
        values = values.reshape(len(values), -1).float()
        if self.kind == "probabilities":
            return values.clamp_min(_SMALLEST).log()
        if self.kind in ("scores", "probability"):
            values = torch.logit(values, eps=torch.finfo(values.dtype).eps)
        if self.kind in ("logit", "probability"):
            return torch.cat((torch.zeros_like(values), values), 1)
        return values


LOGITS = Reading()
"""Of a network that returns logits, alone or before others."""


def first_tensor(output: Any) -> Tensor:
    """Return a tensor, or the ``logits`` or the first tensor among several.

    Raises
    ------
    ModelError
        There is none.
    """
    if isinstance(output, Tensor):
        return output
    # a network with auxiliary heads gives a tuple whose first part is the answer
    named = output if isinstance(output, Mapping) else getattr(output, "__dict__", {})
    for name in ("logits", "out"):
        value = named.get(name)
        if isinstance(value, Tensor):
            return value
    parts = named.values() if named else output if isinstance(output, list | tuple) else ()
    for part in parts:
        if isinstance(part, Tensor | list | tuple):
            return first_tensor(part)
    raise ModelError(
        tr("The network returns a value of type {kind}, not logits.", kind=type(output).__name__),
        tr("Its forward must return a tensor with one number per class."),
    )


class _Asking(Seeing):
    """Asks before every operation whether to go on: what is brought along may have no modules."""

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        self._ctx = ctx

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self._ctx.check()
        return func(*args, **(kwargs or {}))


@dataclass(frozen=True, slots=True)
class Examined:
    """What a few pictures of noise told of a network."""

    reading: Reading
    classes: int
    notes: tuple[str, ...]


def examine(network: nn.Module, channels: int, size: int, ctx: Context) -> Examined:
    """Run a network on noise and find out what it returns.

    Raises
    ------
    ModelError
        It does not take such pictures, or does not return one number per class.
    """
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(PICTURES, channels, size, size, generator=generator)
    with torch.enable_grad(), _Asking(ctx):
        leaf = noise.clone().requires_grad_()
        output = _run(network, leaf, size)
    values = first_tensor(output)
    with torch.no_grad(), _Asking(ctx):
        again = first_tensor(_run(network, noise, size))
    classes = _classes(values, len(noise))
    reading = Reading(_kind(values))
    notes = [_NOTES[reading.kind]]
    if not isinstance(output, Tensor):
        notes.append(tr("It returns several values; the first is used."))
    if not torch.equal(values.nan_to_num(), again.nan_to_num()):
        notes.append(
            tr("Two runs differ: it draws random numbers, so no result can be reproduced.")
        )
    if not bool(torch.isfinite(values).all()):
        notes.append(tr("It gives values that are not numbers."))
    if not values.requires_grad:
        notes.append(tr("No gradient passes through it, which heat maps and attacks need."))
    return Examined(reading, max(classes, 2), tuple(note for note in notes if note))


def _run(network: nn.Module, noise: Tensor, size: int) -> Any:
    try:
        return network(noise)
    except (CnnvizError, Cancelled):
        raise
    except Exception as error:  # anything may go wrong in code that is not ours
        if shortage.explain(error, noise.device) is not None:
            raise
        said = str(error).splitlines()[0] if str(error) else ""
        channels = noise.shape[1]
        raise ModelError(
            tr(
                "The network cannot take a picture of {channels} × {size} × {size}.",
                channels=channels,
                size=size,
            ),
            tr("It says: {kind}: {said:.300}", kind=type(error).__name__, said=said),
        ) from error


def _classes(values: Tensor, pictures: int) -> int:
    shape = tuple(values.shape)
    if not values.is_floating_point():
        raise ModelError(
            tr("The network returns whole numbers, not logits."),
            tr("Its forward must return the numbers from which the class is chosen."),
        )
    if not shape or shape[0] != pictures:
        raise ModelError(
            tr(
                "The network returns {shape} numbers for {pictures} pictures.",
                shape=_times(shape),
                pictures=pictures,
            ),
            tr("Its forward must return one row for each picture."),
        )
    if len(shape) > 2 and any(length != 1 for length in shape[2:]):
        raise ModelError(
            tr(
                "The network returns {shape} numbers for a picture, not one per class.",
                shape=_times(shape[1:]),
            ),
            tr("Only classifiers can be shown."),
        )
    return shape[1] if len(shape) > 1 else 1


def _kind(values: Tensor) -> Kind:
    """Tell what values (N, K) are: by their sum, or by the operation that made them."""
    rows = values.detach().reshape(len(values), -1).float()
    sigmoid = _made_by(values) == "SigmoidBackward0"
    if rows.shape[1] == 1:
        return "probability" if sigmoid else "logit"
    off = (rows.sum(1) - 1).abs()
    if bool((rows >= 0).all()) and bool((off < _SUM_TOLERANCE).all()):
        return "probabilities"
    return "scores" if sigmoid else "logits"


def _made_by(values: Tensor) -> str:
    """Return the name of the last operation that did more than move numbers; empty if unknown."""
    node = values.grad_fn
    while node is not None and node.name().startswith(_MOVING):
        node = node.next_functions[0][0]
    return "" if node is None else node.name()


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) or "no"
