"""From what is selected to what must be asked: pure functions, no side effects."""

from __future__ import annotations

import dataclasses

from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.params import Params, specs
from cnnviz_gui.core.request import (
    Attack,
    Embed,
    Heatmap,
    ImageRef,
    InspectLayer,
    Nearest,
    Predict,
    Request,
    Sweep,
)
from cnnviz_gui.core.result import AttackResult, SweepResult
from cnnviz_gui.state.channel_plan import channel_requests, edited_prediction
from cnnviz_gui.state.feature_plan import feature_requests
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.heatmap_plan import heatmap_requests
from cnnviz_gui.state.layer_plan import layer_requests
from cnnviz_gui.state.layer_tree import visible
from cnnviz_gui.state.selection import Display, Selection

SWEEP_POINTS = 33
TOP = 5
BEST = 10
"""Classes of the picture in use that count as likely."""
_AS_USUAL = Display()


def plan(
    selection: Selection,
    facts: ModelFacts | None,
    display: Display = _AS_USUAL,
    *,
    layered: bool = True,
    guide: tuple[str, Params] | None = None,
    winner: int | None = None,
    at_hand: tuple[ImageRef, ...] = (),
    channel: int | None = None,
) -> dict[str, Request]:
    """Return, for each lane, the request whose result ought to be on screen.

    ``facts`` are those of the selected network; nothing is asked before they are known.
    ``layered`` says that the heat-map method works at a layer, so that all can be shown; where it
    is too slow for that, ``guide`` is the method that is shown at all of them in its place.
    ``winner`` is the class predicted for the picture; an attack waits until it is known.
    ``at_hand`` are the pictures of the strip, ``channel`` is the one in use, also where none was
    chosen.
    """
    wanted: dict[str, Request] = {}
    image = selection.image
    if facts is None:
        return wanted
    layer = effective_layer(selection, facts)
    wanted |= feature_requests(selection, display, facts, layer, channel, winner)
    if image is None:
        return wanted
    wanted["predict"] = Predict(model=selection.model, image=image, top=BEST)
    edited = edited_prediction(selection, TOP)
    if edited is not None:
        wanted["predict-edited"] = edited
    heatmap = heatmap_request(selection, layer if layered else "", winner)
    if selection.stage == "heatmaps" and heatmap is not None:
        wanted |= heatmap_requests(selection, display, facts, heatmap, layered=layered, guide=guide)
    attack = attack_request(selection, winner)
    row = facts.layer(layer)
    if selection.stage == "layers" and row is not None:
        wanted |= layer_requests(selection, facts, row, display, at_hand, attack)
        wanted |= channel_requests(selection, row, channel)
    elif selection.stage == "layers" and layer:  # the answer says why there is no such layer
        wanted["layer"] = InspectLayer(model=selection.model, image=image, layer=layer)
    if selection.stage == "similar":
        wanted["embed"] = Embed(model=selection.model, image=image)
        if selection.similar_folder:
            folder = selection.similar_folder
            wanted["nearest"] = Nearest(model=selection.model, image=image, folder=folder)
    if selection.stage == "attack" and selection.attack_started and attack is not None:
        wanted["attack"] = attack
        if "epsilon" in attack.parameters.values():
            wanted["sweep"] = _sweep(selection, attack)
        if heatmap is not None:
            plain = dataclasses.replace(heatmap, target=None, against=None)
            wanted["heatmap"] = plain
            wanted["heatmap-attacked"] = dataclasses.replace(plain, attack=attack)
    return wanted


def effective_layer(selection: Selection, facts: ModelFacts) -> str:
    """Return the name of the layer in use, one that has a row in the tree."""
    return visible(facts, selection.layer or facts.recommended_layer)


def attack_request(selection: Selection, winner: int | None) -> Attack | None:
    """Return the attack the selection describes, None while anything it needs is missing.

    Towards the class that wins already there is nowhere to go, so that target means away from it.
    """
    if selection.image is None or selection.attack_parameters is None or winner is None:
        return None
    return Attack(
        model=selection.model,
        image=selection.image,
        method=selection.attack_method,
        parameters=selection.attack_parameters,
        target=None if selection.target == winner else selection.target,
    )


def heatmap_request(selection: Selection, layer: str, winner: int | None) -> Heatmap | None:
    """Return what makes the map that is selected, as if no channel were edited.

    Against itself no class is set, nor against another one before it is known which it is.
    """
    if selection.image is None or selection.heatmap_parameters is None:
        return None
    target = winner if selection.target is None else selection.target
    against = None if selection.against == target else selection.against
    return Heatmap(
        model=selection.model,
        image=selection.image,
        method=selection.heatmap_method,
        parameters=selection.heatmap_parameters,
        target=selection.target,
        against=against if target is not None else None,
        layer=layer,
    )


def _sweep(selection: Selection, attack: Attack) -> Sweep:
    """Epsilon is the sweep's axis, so the sweep is the same wherever the slider stands."""
    return Sweep(
        attack=dataclasses.replace(attack, parameters=with_epsilon(attack.parameters, 0.0)),
        maximum=selection.sweep_maximum,
        points=SWEEP_POINTS,
    )


def with_epsilon(parameters: Params, epsilon: float) -> Params:
    """Return the parameters with another epsilon."""
    return dataclasses.replace(parameters, **{"epsilon": epsilon})


def sweep_maximum(parameters: Params, at_least: float = 0.0) -> float:
    """Return a right end for the epsilon axis: the default epsilon, doubled until it suffices."""
    values = parameters.values()
    spec = next((s for s in specs(type(parameters)) if s.name == "epsilon"), None)
    if spec is None:
        return 0.0
    scaled = spec.scaled(values)
    maximum = float(scaled.default) or scaled.maximum
    while maximum < min(at_least, scaled.maximum):
        maximum *= 2
    return min(maximum, scaled.maximum)


@dataclasses.dataclass(frozen=True, slots=True)
class ShownAttack:
    """The attack that is on screen: the exact one, or the nearest computed point of the sweep."""

    result: AttackResult
    exact: bool
    """It is what the selection asks for, complete."""
    current: bool
    """It differs from that at most in epsilon, and little."""


def shown_attack(attack: Finding, sweep: Finding, wanted: Attack | None) -> ShownAttack | None:
    """Return what to draw for the epsilon under the hand without waiting for its own result."""
    if wanted is None:
        return None
    if isinstance(attack.value, AttackResult) and attack.request == wanted:
        return ShownAttack(attack.value, attack.status == "done", True)
    near = _nearest(sweep, wanted)
    if near is not None:
        return near
    former = attack.request
    if (
        isinstance(attack.value, AttackResult)
        and isinstance(former, Attack)
        and (former.model, former.image) == (wanted.model, wanted.image)
    ):
        return ShownAttack(attack.value, False, False)
    return None


def _nearest(sweep: Finding, wanted: Attack) -> ShownAttack | None:
    request, value = sweep.request, sweep.value
    if not isinstance(request, Sweep) or not isinstance(value, SweepResult) or not value.points:
        return None
    epsilon = float(wanted.parameters.values().get("epsilon", 0.0))
    if (
        dataclasses.replace(wanted, parameters=with_epsilon(wanted.parameters, 0.0))
        != request.attack
    ):
        return None
    point = min(value.points, key=lambda p: abs(p.epsilon - epsilon))
    return ShownAttack(point.result, point.epsilon == epsilon, True)


def stepped_epsilon(selection: Selection, by: int) -> float:
    """Return epsilon moved by so many points of the sweep, on the axis."""
    parameters = selection.attack_parameters
    epsilon = float(parameters.values().get("epsilon", 0.0)) if parameters is not None else 0.0
    step = selection.sweep_maximum / (SWEEP_POINTS - 1)
    return min(max(epsilon + by * step, 0.0), selection.sweep_maximum)
