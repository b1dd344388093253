"""What a second network is asked, beside what the first one is: pure functions."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.feature_requests import Feature
from cnnviz_gui.core.request import Attack, Heatmap, ModelRef, Predict, Request
from cnnviz_gui.state import feature_plan
from cnnviz_gui.state.layer_tree import visible
from cnnviz_gui.state.plan import BEST, TOP
from cnnviz_gui.state.selection import Selection

SECOND_LANES = (
    *("predict-second", "attack-transfer", "heatmap-second", "heatmap-grid-second"),
    "feature-second",
)
"""Lanes whose request is put to the second network."""


def compared(
    selection: Selection,
    facts: ModelFacts | None,
    second: ModelFacts | None,
    wanted: Mapping[str, Request],
    *,
    layered: bool = True,
    winner: int | None = None,
    attacked: bool = False,
) -> dict[str, Request]:
    """Return, for each lane of the second network, the request whose result ought to be on screen.

    Parameters
    ----------
    facts, second
        Of the first and of the second network.
    wanted
        What the first one is asked, from ``plan``.
    layered
        The heat-map method works at a layer.
    winner
        The class the first network predicts.
    attacked
        The attack in use is computed. Only then is the second network asked about it, so that an
        attack the user stopped is not computed for its sake.
    """
    model, image = selection.second, selection.image
    if model is None or facts is None or second is None:
        return {}
    asked: dict[str, Request] = {}
    if image is not None:
        asked["predict-second"] = Predict(model=model, image=image, top=BEST)
    heatmap, attack = wanted.get("heatmap"), wanted.get("attack")
    target = selection.target if selection.target is not None else winner
    known = same_classes(facts, second)
    if (
        selection.stage == "heatmaps"
        and isinstance(heatmap, Heatmap)
        and not (known and target is None)
    ):
        asked["heatmap-second"] = dataclasses.replace(
            heatmap,
            model=model,
            target=target if known else None,
            against=heatmap.against if known else None,
            edits=(),
            layer=second_layer(heatmap.layer, facts, second) if layered else "",
        )
    feature = wanted.get("feature")
    if selection.stage == "features" and isinstance(feature, Feature):
        begin = selection.feature_second_begin
        other = second_feature(feature, model, facts, second, begin)
        if other is not None:
            asked["feature-second"] = other
    if image is not None and attacked and isinstance(attack, Attack):
        asked["attack-transfer"] = Predict(model=model, image=image, top=TOP, attack=attack)
    return asked


def second_feature(
    feature: Feature,
    model: ModelRef,
    facts: ModelFacts,
    second: ModelFacts,
    begin: Feature | None = None,
) -> Feature | None:
    """Return what makes the same picture with the second network; None for a class unknown to it.

    It goes on from a picture of its own, ``begin``: the first one's was never its.
    """
    if any(not unit.layer for unit in feature.units) and not same_classes(facts, second):
        return None
    named = {unit.layer for unit in feature.units if unit.layer}
    layers = {layer: peer(layer, facts, second) for layer in named}
    units = tuple(
        feature_plan.fitted(dataclasses.replace(unit, layer=layers.get(unit.layer, "")), second)
        for unit in feature.units
    )
    return feature_plan.begun_with(dataclasses.replace(feature, model=model, units=units), begin)


def same_classes(facts: ModelFacts, second: ModelFacts) -> bool:
    """Tell whether a class of one network is that class to the other too."""
    return facts.labels == second.labels


def second_layer(layer: str, facts: ModelFacts, second: ModelFacts) -> str:
    """Return the same layer of the same architecture, else the recommended one."""
    return layer if same_layers(facts, second) else visible(second, second.recommended_layer)


def peer(layer: str, facts: ModelFacts, second: ModelFacts) -> str:
    """Return the layer of a second network that is pictured beside one of the first.

    The same one of the same architecture, and the recommended beside the recommended one. Else one
    whose maps are as fine: the one of that name among them, or the last, of that kind if there is.
    """
    row, recommended = facts.layer(layer), visible(facts, facts.recommended_layer)
    maps = [one for one in second.layers if one.spatial]
    if row is None or not row.spatial or layer == recommended or not maps:
        return second_layer(layer, facts, second)
    if same_layers(facts, second):
        return layer
    level = [one for one in maps if one.depth == row.depth] or maps
    apart = {one.name: _apart(row, facts, one, second) for one in level}
    level = [one for one in level if apart[one.name] == min(apart.values())]
    same = [one for one in level if one.role == row.role] or level
    return visible(second, next((one.name for one in level if one.name == layer), same[-1].name))


def same_layers(facts: ModelFacts, second: ModelFacts) -> bool:
    """Tell whether a layer of one network, and a channel of it, is that of the other too."""
    return [one.name for one in facts.layers] == [one.name for one in second.layers]


def _apart(row: LayerFacts, facts: ModelFacts, other: LayerFacts, second: ModelFacts) -> float:
    """Return by which factor the cells of one layer are finer than those of the other."""
    one, two = row.output_shape[1] / facts.input_size, other.output_shape[1] / second.input_size
    return max(one / two, two / one)
