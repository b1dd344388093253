"""What a heat map needs of a network, and the reason it is not offered where that is missing."""

from __future__ import annotations

from collections.abc import Sequence

from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.models.rectifiers import RECTIFIERS
from cnnviz_gui.texts import tr

_GATES = frozenset({"sigmoid", "Hardsigmoid"})
"""Weigh channels beside the ReLUs, and let through whatever comes back."""


def maps(facts: ModelFacts) -> str:
    """Return why no layer's maps can be had; empty where they can."""
    if not facts.hooks:
        return tr(
            "{network} runs as one piece: none of its layers can be watched.", network=facts.title
        )
    if not facts.recommended_layer:
        return tr("{network} has no layer whose output is a stack of maps.", network=facts.title)
    if _on_tokens(facts) > 0.5:
        return tr(
            "{network} computes on tokens (patches of the picture in a row) after {layer!r}: no"
            " layer near its end gives feature maps.",
            network=facts.title,
            layer=facts.recommended_layer,
        )
    return ""


def rectifiers(facts: ModelFacts) -> str:
    """Return why no rule for ReLUs can be followed; empty where it can."""
    kinds = facts.activations
    if not kinds:
        return tr(
            "{network} has no ReLU, and this method has a rule for ReLUs alone.",
            network=facts.title,
        )
    shut = [kind for kind in kinds if kind in RECTIFIERS]
    others = [kind for kind in kinds if kind not in RECTIFIERS | _GATES]
    if not others and shut:
        return ""
    named = _listed(others or kinds)
    if shut:
        return tr(
            "{network} computes with {activations} beside {rectifiers}; this method has a rule for"
            " ReLUs alone, which are open or shut.",
            network=facts.title,
            activations=named,
            rectifiers=_listed(shut),
        )
    return tr(
        "{network} computes with {activations}; this method has a rule for ReLUs alone, which are"
        " open or shut.",
        network=facts.title,
        activations=named,
    )


def maps_and_rectifiers(facts: ModelFacts) -> str:
    """Return why there are no maps, or no rule for ReLUs can be followed."""
    return maps(facts) or rectifiers(facts)


def _listed(names: Sequence[str]) -> str:
    *firsts, last = names
    return tr("{one} and {other}", one=", ".join(firsts), other=last) if firsts else last


def _on_tokens(facts: ModelFacts) -> float:
    """Return the share of the multiply-adds that follow the last maps and give (tokens, C)."""
    names = [layer.name for layer in facts.layers]
    total, inside = 0, ""
    for layer in facts.layers[names.index(facts.recommended_layer) + 1 :]:
        if inside and layer.name.startswith(inside):
            continue
        if len(layer.output_shape) == 2:
            total += layer.macs
            inside = f"{layer.name}."
    return total / max(1, facts.macs)
