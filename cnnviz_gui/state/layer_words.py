"""What is said of a layer: its kind in a few words, the rows of its card, its tooltip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import LayerFacts, ModelFacts, Role
from cnnviz_gui.texts import ntr, tr

Measure = Literal["parameters", "macs"]
"""What the share of a layer is a share of."""
MEASURES: Mapping[Measure, str] = {"parameters": tr("parameters"), "macs": tr("multiply-adds")}
_WORDS: Mapping[Role, str] = {
    "conv": tr("convolution"),
    "depthwise": tr("depthwise"),
    "linear": tr("linear"),
    "norm": tr("normalisation"),
    "activation": tr("activation"),
    "pool": tr("pooling"),
    "block": tr("block"),
    "residual": tr("residual block"),
    "inverted": tr("inverted residual"),
    "branches": tr("branches"),
    "dense": tr("dense block"),
    "scale": tr("channel scaling"),
    "attention": tr("self-attention"),
    "add": tr("addition"),
    "cat": tr("concatenation"),
    "reshape": tr("reshaping"),
}
_JOINS = {
    "add": tr("Skip connection: it adds its input to its output"),
    "cat": tr("Skip connection: it hands on its input with its output"),
}
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
    Kind("block", tr("Blocks"), frozenset({"block", "residual", "inverted", "branches", "dense"})),
    Kind("conv", tr("Convolutions"), frozenset({"conv", "depthwise"})),
    Kind("linear", tr("Linear layers"), frozenset({"linear"})),
    Kind("attention", tr("Attention and scaling"), frozenset({"attention", "scale"})),
    Kind("norm", tr("Normalisations"), frozenset({"norm"})),
    Kind("activation", tr("Activations"), frozenset({"activation"})),
    Kind("pool", tr("Pooling"), frozenset({"pool"})),
    Kind("join", tr("Additions, concatenations"), frozenset({"add", "cat"})),
    Kind("other", tr("Reshaping and others"), frozenset({"reshape", "other"})),
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
        return tr("inverted block")
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
        return tr("not known")
    if layer.receptive_field is None or layer.jump is None:
        return tr("whole image")
    return tr(
        "{field} px, step {step}",
        field=fmt.sides(layer.receptive_field),
        step=fmt.sides(layer.jump),
    )


def share(layer: LayerFacts, facts: ModelFacts, measure: Measure) -> float:
    """Return the part of the network's parameters or multiply-adds that lies in a layer."""
    whole = facts.parameters if measure == "parameters" else facts.macs
    return float(getattr(layer, measure)) / whole if whole else 0.0


def figures(layer: LayerFacts, facts: ModelFacts) -> list[tuple[str, ...]]:
    """Return what the card says of a layer: name, value, all of it for the tooltip.

    A value that may have no room is followed by shorter words for it.
    """
    rows: list[tuple[str, ...]] = [(tr("Output"), fmt.shape(layer.output_shape), "")]
    if layer.stride is not None:
        rows.append((tr("Stride, padding"), f"{even(layer.stride)}, {_padding(layer)}", ""))
    if layer.groups is not None and layer.groups > 1:
        each = layer.output_shape[0] // layer.groups
        what = ntr(
            "{groups}, {n} channel each", "{groups}, {n} channels each", each, groups=layer.groups
        )
        rows.append((tr("Groups"), what, tr("Each group reads channels of its own")))
    rows.append((tr("Parameters"), *_counted(layer, facts, "parameters")))
    rows.append((tr("Multiply-adds"), *_counted(layer, facts, "macs")))
    rows.append((tr("Receptive field"), field(layer), _seen(layer)))
    if len(layer.inputs) > 1:
        rows.append((tr("Reads"), _read(layer, _READ), _read(layer, len(layer.inputs))))
    return rows


def tooltip(layer: LayerFacts, facts: ModelFacts) -> str:
    """Return everything that is known of a layer, a line each."""
    lines = [layer.name, described(layer)]
    if layer.operation:
        kind = lines[1]
        lines[1] = tr("{kind}, in the code of the network", kind=kind)
        if layer.parent:
            lines[1] = tr("{kind}, in the code of {layer}", kind=kind, layer=layer.parent)
    if layer.skip:
        lines.append(_JOINS[layer.skip])
    lines.append(tr("Output {shape}", shape=fmt.shape(layer.output_shape)))
    if layer.kernel is not None and layer.stride is not None:
        lines.append(
            tr(
                "Kernel {kernel}, stride {stride}, padding {padding}, groups {groups}",
                kernel=fmt.shape(layer.kernel),
                stride=even(layer.stride),
                padding=_padding(layer),
                groups=layer.groups or 1,
            )
        )
    if layer.parameters:
        formula = layer.parameters_formula
        equals = f"{formula} = " if formula else ""
        part = fmt.percent(share(layer, facts, "parameters"))
        number = f"{equals}{fmt.count(layer.parameters)}"
        lines.append(tr("Parameters {number} ({share})", number=number, share=part))
    if layer.macs:
        part = fmt.percent(share(layer, facts, "macs"))
        lines.append(
            tr("Multiply-adds {number} ({share})", number=fmt.count(layer.macs), share=part)
        )
    lines.append(tr("Receptive field: {field}", field=field(layer)))
    if layer.inputs:
        lines.append(tr("Reads {layers}", layers=_read(layer, _READ)))
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
        return tr("What one of its cells sees of the picture cannot be followed through the layers")
    return tr("Every cell sees all of the picture") if layer.receptive_field is None else ""


def _padding(layer: LayerFacts) -> str:
    return even(layer.padding if layer.padding is not None else (0, 0))


def _counted(layer: LayerFacts, facts: ModelFacts, measure: Measure) -> tuple[str, ...]:
    """Return a number with its part of the whole, and the same with all digits and formula.

    A short formula comes instead of the part, which follows for where that has no room.
    """
    number = int(getattr(layer, measure))
    if not number:
        return tr("none"), ""
    part = fmt.percent(share(layer, facts, measure))
    exact = fmt.count(number)
    shown = f"{fmt.compact(number) if measure == 'parameters' else fmt.short(number)} · {part}"
    formula = layer.parameters_formula if measure == "parameters" else ""
    exact = f"{formula} = {exact}" if formula else exact
    whole = tr("{number}, {share} of the network's multiply-adds", number=exact, share=part)
    if measure == "parameters":
        whole = tr("{number}, {share} of the network's parameters", number=exact, share=part)
    return (exact, whole, shown) if formula and len(exact) <= _FORMULA else (shown, whole)


def _read(layer: LayerFacts, most: int) -> str:
    names = ", ".join(name.removeprefix(f"{layer.parent}.") for name in layer.inputs[:most])
    rest = len(layer.inputs) - most
    return tr("{names} and {n} more", names=names, n=rest) if rest > 0 else names
