"""What is said of a layer: its kind in a few words, the rows of its card, its tooltip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import LayerFacts, ModelFacts, Role

Measure = Literal["parameters", "macs"]
"""What the share of a layer is a share of."""
MEASURES: Mapping[Measure, str] = {"parameters": "parameters", "macs": "multiply-adds"}
_WORDS: Mapping[Role, str] = {
    "conv": "convolution",
    "depthwise": "depthwise",
    "linear": "linear",
    "norm": "normalisation",
    "activation": "activation",
    "pool": "pooling",
    "block": "block",
    "residual": "residual block",
    "inverted": "inverted residual",
    "branches": "branches",
    "dense": "dense block",
    "scale": "channel scaling",
    "attention": "self-attention",
    "add": "addition",
    "cat": "concatenation",
    "reshape": "reshaping",
}
_JOINS = {"add": "adds its input to its output", "cat": "hands on its input with its output"}
_READ = 4
"""So many of the rows that a layer reads are named."""
_FORMULA = 24
"""So many characters of a formula fit beside its name; a longer one is in the tooltip."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Layers that are looked for together."""

    name: str
    title: str
    roles: frozenset[Role]


KINDS = (
    Kind("block", "Blocks", frozenset({"block", "residual", "inverted", "branches", "dense"})),
    Kind("conv", "Convolutions", frozenset({"conv", "depthwise"})),
    Kind("linear", "Linear layers", frozenset({"linear"})),
    Kind("attention", "Attention and scaling", frozenset({"attention", "scale"})),
    Kind("norm", "Normalisations", frozenset({"norm"})),
    Kind("activation", "Activations", frozenset({"activation"})),
    Kind("pool", "Pooling", frozenset({"pool"})),
    Kind("join", "Additions, concatenations", frozenset({"add", "cat"})),
    Kind("other", "Reshaping and others", frozenset({"reshape", "other"})),
)
"""Every role belongs to one of them."""


def summary(layer: LayerFacts) -> str:
    """Return the kind of a layer in a few words: ``convolution 3 × 3``, ``depthwise 5 × 5``."""
    return word(layer) if layer.kernel is None else f"{word(layer)} {fmt.shape(layer.kernel)}"


def described(layer: LayerFacts) -> str:
    """Return type and kind, once where they are the same: ``Conv2d, convolution 3 × 3``."""
    kind = summary(layer)
    return kind if layer.type.casefold() == kind.casefold() else f"{layer.type}, {kind}"


def word(layer: LayerFacts) -> str:
    """Return the kind of a layer without numbers: ``convolution``."""
    if layer.role == "inverted" and layer.skip != "add":
        return "inverted block"
    return _WORDS.get(layer.role, layer.type)


def said(layer: LayerFacts) -> str:
    """Return what a search looks through: name, type, kind."""
    return f"{layer.name} {layer.type} {summary(layer)}"


def geometry(layer: LayerFacts) -> str:
    """Return ``5 × 5, 2``: kernel and stride; empty where there are none."""
    if layer.kernel is None or layer.stride is None:
        return ""
    return f"{fmt.shape(layer.kernel)}, {even(layer.stride)}"


def even(pair: tuple[int, int] | str) -> str:
    """Return ``2`` for the same number twice, ``1 × 7`` for two; words as they are."""
    if isinstance(pair, str):
        return pair
    return str(pair[0]) if pair[0] == pair[1] else fmt.shape(pair)


def field(layer: LayerFacts) -> str:
    """Return the receptive field: ``35 px, step 8``, ``159 × 255 px, step 16``."""
    if not layer.field_known:
        return "not known"
    if layer.receptive_field is None or layer.jump is None:
        return "whole image"
    return f"{fmt.sides(layer.receptive_field)} px, step {fmt.sides(layer.jump)}"


def share(layer: LayerFacts, facts: ModelFacts, measure: Measure) -> float:
    """Return the part of the network's parameters or multiply-adds that lies in a layer."""
    whole = facts.parameters if measure == "parameters" else facts.macs
    return float(getattr(layer, measure)) / whole if whole else 0.0


def figures(layer: LayerFacts, facts: ModelFacts) -> list[tuple[str, ...]]:
    """Return what the card says of a layer: name, value, all of it for the tooltip.

    A value that may have no room is followed by shorter words for it.
    """
    rows: list[tuple[str, ...]] = [("Output", fmt.shape(layer.output_shape), "")]
    if layer.stride is not None:
        rows.append(("Stride, padding", f"{even(layer.stride)}, {_padding(layer)}", ""))
    if layer.groups is not None and layer.groups > 1:
        each = layer.output_shape[0] // layer.groups
        what = f"{each} channel{'s' if each != 1 else ''} each"
        rows.append(("Groups", f"{layer.groups}, {what}", "Each group reads channels of its own"))
    rows.append(("Parameters", *_counted(layer, facts, "parameters")))
    rows.append(("Multiply-adds", *_counted(layer, facts, "macs")))
    rows.append(("Receptive field", field(layer), _seen(layer)))
    if len(layer.inputs) > 1:
        rows.append(("Reads", _read(layer, _READ), _read(layer, len(layer.inputs))))
    return rows


def tooltip(layer: LayerFacts, facts: ModelFacts) -> str:
    """Return everything that is known of a layer, a line each."""
    lines = [layer.name, described(layer)]
    if layer.operation:
        lines[1] += f", in the code of {layer.parent or 'the network'}"
    if layer.skip:
        lines.append(f"Skip connection: it {_JOINS[layer.skip]}")
    lines.append(f"Output {fmt.shape(layer.output_shape)}")
    if layer.kernel is not None and layer.stride is not None:
        lines.append(
            f"Kernel {fmt.shape(layer.kernel)}, stride {even(layer.stride)}, "
            f"padding {_padding(layer)}, groups {layer.groups or 1}"
        )
    if layer.parameters:
        formula = layer.parameters_formula
        equals = f"{formula} = " if formula else ""
        part = fmt.percent(share(layer, facts, "parameters"))
        lines.append(f"Parameters {equals}{fmt.count(layer.parameters)} ({part})")
    if layer.macs:
        part = fmt.percent(share(layer, facts, "macs"))
        lines.append(f"Multiply-adds {fmt.count(layer.macs)} ({part})")
    lines.append(f"Receptive field: {field(layer)}")
    if layer.inputs:
        lines.append(f"Reads {_read(layer, _READ)}")
    return "\n".join(lines)


def short_name(name: str) -> str:
    """Return the last part of a name, with those before while all of them are only numbers."""
    parts = name.split(".")
    first = len(parts) - 1
    while first and all(part.partition("#")[0].isdecimal() for part in parts[first:]):
        first -= 1
    return ".".join(parts[first:])


def _seen(layer: LayerFacts) -> str:
    if not layer.field_known:
        return "What one of its cells sees of the picture cannot be followed through the layers"
    return "Every cell sees all of the picture" if layer.receptive_field is None else ""


def _padding(layer: LayerFacts) -> str:
    return even(layer.padding if layer.padding is not None else (0, 0))


def _counted(layer: LayerFacts, facts: ModelFacts, measure: Measure) -> tuple[str, ...]:
    """Return a number with its part of the whole, and the same with all digits and formula.

    A short formula comes instead of the part, which follows for where that has no room.
    """
    number = int(getattr(layer, measure))
    if not number:
        return "none", ""
    part = fmt.percent(share(layer, facts, measure))
    exact = fmt.count(number)
    shown = f"{fmt.compact(number) if measure == 'parameters' else fmt.short(number)} · {part}"
    formula = layer.parameters_formula if measure == "parameters" else ""
    exact = f"{formula} = {exact}" if formula else exact
    whole = f"{exact}, {part} of the network's {MEASURES[measure]}"
    return (exact, whole, shown) if formula and len(exact) <= _FORMULA else (shown, whole)


def _read(layer: LayerFacts, most: int) -> str:
    names = ", ".join(name.removeprefix(f"{layer.parent}.") for name in layer.inputs[:most])
    rest = len(layer.inputs) - most
    return f"{names} and {rest} more" if rest > 0 else names
