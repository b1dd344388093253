"""What one pass tells of an architecture. It holds no tensor, and is the same for all weights."""

from __future__ import annotations

import difflib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

from torch import nn

from cnnviz_gui.core.errors import LayerError, ModelError
from cnnviz_gui.core.facts import LayerFacts
from cnnviz_gui.core.models import folding, layers
from cnnviz_gui.core.models.layers import Place
from cnnviz_gui.core.models.pixels import Card
from cnnviz_gui.core.models.trace import Trace, trace
from cnnviz_gui.texts import tr

_FAILURES = (RuntimeError, ValueError, TypeError, AssertionError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class Blueprint:
    """The layers of a network for one input size, and what can be folded."""

    rows: tuple[LayerFacts, ...]
    places: dict[str, Place]
    """For each row's name."""
    runs: Counter[str]
    """How often each module ran."""
    macs: int
    recommended: str
    activations: tuple[str, ...]
    """The kinds that it computes, by name, in order."""
    pairs: folding.Pairs
    """(convolution, batch norm) that become one operation in the fast copy."""
    replaced: frozenset[tuple[str, int]]
    """(module, run) of what a copy with ``pairs`` folded does not compute."""


def settle(network: nn.Module) -> nn.Module:
    """Set a network to evaluation, its weights to constants, its operations not to overwrite.

    Where an operation of a module works in place, the output of the layer before it is lost.
    """
    for module in network.modules():
        if getattr(module, "inplace", False) is True:
            module.inplace = False  # type: ignore[assignment]  # a plain attribute, not a tensor
    return network.eval().requires_grad_(False)


def draw(network: nn.Module, card: Card) -> Blueprint:
    """Follow a pass of one picture; it settles the network and needs none of its values.

    Raises
    ------
    ModelError
        It does not take pictures of that size.
    """
    recorded = _pass(settle(network), card)
    rows, places = layers.table(recorded)
    pairs = folding.foldable(recorded)
    return Blueprint(
        rows=rows,
        places=places,
        runs=recorded.runs(),
        macs=recorded.root.macs,
        recommended=layers.recommended(recorded, rows),
        activations=recorded.activations,
        pairs=pairs,
        replaced=folding.replaced_outputs(recorded, pairs),
    )


def find(
    blueprint: Blueprint, layer: str, network: nn.Module, title: str
) -> tuple[LayerFacts, Place]:
    """Return what is known of a layer, and where it is; the plain name means the last run.

    Raises
    ------
    LayerError
        No such layer.
    """
    name = layer
    if name not in blueprint.places and blueprint.runs.get(name, 0) > 1:
        name = f"{name}#{blueprint.runs[name]}"
    for row in blueprint.rows:
        if row.name == name:
            return row, blueprint.places[name]
    if layer in dict(network.named_modules()):
        raise LayerError(
            tr(
                "{layer!r} takes no part when {title} looks at a picture.", layer=layer, title=title
            ),
            tr("Choose another layer."),
        )
    close = difflib.get_close_matches(layer, list(blueprint.places), n=5, cutoff=0.5)
    advice = (
        tr("Did you mean: {names}?", names=", ".join(close))
        if close
        else tr("List them with: cnnviz layers")
    )
    raise LayerError(tr("{title} has no layer {layer!r}.", title=title, layer=layer), advice)


def unrelated(layer: str) -> LayerError:
    """Return the failure of a layer through which no gradient comes."""
    return LayerError(
        tr("What the network says does not depend on {layer!r}.", layer=layer),
        tr("Choose another layer."),
    )


def _pass(network: nn.Module, card: Card) -> Trace:
    size = card.input_size
    try:
        # a network that looks at values while it runs cannot do without
        with suppress(*_FAILURES):
            return trace(network, size, card.channels)
        return trace(network, size, card.channels, weightless=False)
    except _FAILURES as error:
        raise ModelError(
            tr(
                "{title} cannot take a picture of {size} × {size} pixels.",
                title=card.title,
                size=size,
            ),
            tr("It says: {error}", error=error),
        ) from error
