"""Heat-map requests."""

from __future__ import annotations

import dataclasses
import math

import torch
from torch import Tensor

from cnnviz_gui.core import contrast, run_attack, subject
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part, Translated
from cnnviz_gui.core.errors import LayerError, MethodError, RequestError
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.heatmap_results import Curve, HeatmapResult, HeatmapValue
from cnnviz_gui.core.rank import spearman
from cnnviz_gui.core.registry import Method, method
from cnnviz_gui.core.request import Attack, Heatmap
from cnnviz_gui.core.result import FloatArray, frozen
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.subject import Subject
from cnnviz_gui.texts import tr


def run(
    request: Heatmap, session: Session, ctx: Context, seen: Subject | None = None
) -> HeatmapResult:
    """Return the heat map of a picture, or of its adversarial image; the remembered one if any.

    Without a target the class is the one predicted for the image that is explained, by the network
    with its channels edited. ``seen`` is what is explained, where one of several maps of it knows.
    """
    chosen = method("heatmap", request.method)
    facts = session.classifier(request.model, ctx).facts
    subject.require(facts, chosen, request.parameters, request.target)
    layer = layer_of(request.layer, chosen, facts)
    key = _key(request, session, ctx)  # now: the file may change meanwhile
    kept = session.recall(key)
    if isinstance(kept, HeatmapResult):
        return kept
    own_seconds = session.stopwatch.start()
    seen = seen or explained(request, session, ctx)
    target = seen.winner if request.target is None else request.target
    named = _key(dataclasses.replace(request, target=target, layer=layer), session, ctx)
    kept = session.recall(named)
    if isinstance(kept, HeatmapResult):  # asked for then without leaving anything open
        return kept

    def result(value: HeatmapValue) -> HeatmapResult:
        return as_result(value, chosen, seen, target, request.against)

    network, place = contrast.about(seen.network, target, request.against)
    shown = Translated(ctx, result)
    value = chosen.run(network, seen.image, place, layer, request.parameters, shown)
    found = result(value)
    likeness = _likeness(request, found, session, ctx)
    found = dataclasses.replace(found, likeness=likeness, seconds=own_seconds())
    for one in {key, named}:
        session.remember(one, found, _nbytes(found))
    return found


def _likeness(
    request: Heatmap, found: HeatmapResult, session: Session, ctx: Context
) -> float | None:
    """Return how like the map of an adversarial image is to that of the picture, if it is kept."""
    if request.attack is None:
        return None
    clean = remembered(dataclasses.replace(request, attack=None), session, ctx)
    correlation = math.nan if clean is None else spearman(clean.map, found.map)
    return None if math.isnan(correlation) else correlation


def remembered(request: Heatmap, session: Session, ctx: Context) -> HeatmapResult | None:
    """Return the heat map if it was computed before and is still kept."""
    kept = session.recall(_key(request, session, ctx))
    return kept if isinstance(kept, HeatmapResult) else None


def explained(request: Heatmap, session: Session, ctx: Context) -> Subject:
    """Return the image that a heat map explains, before the network that it is about."""
    if request.attack is not None:
        return _attacked(request, request.attack, session, ctx)
    return subject.of_picture(session, request.model, request.image, ctx, request.edits)


def exactly(request: Heatmap, session: Session, ctx: Context) -> Heatmap:
    """Return the request with the picture's checksum in it, so that a changed file counts."""
    image, attack = subject.exactly(session, request.image, ctx), request.attack
    if attack is not None and attack.image == request.image:
        attack = dataclasses.replace(attack, image=image)
    return dataclasses.replace(request, image=image, attack=attack)


def _key(request: Heatmap, session: Session, ctx: Context) -> tuple[str, str]:
    return "heatmap", exactly(request, session, ctx).fingerprint()


def _nbytes(found: HeatmapResult) -> int:
    points = None if found.curve is None else found.curve.points
    others = (found.coarse, found.colour, points)
    return found.map.nbytes + sum(one.nbytes for one in others if one is not None)


def layer_of(asked: str, chosen: Method, facts: ModelFacts) -> str:
    """Return the layer that a method looks at where ``asked`` names one or, empty, leaves it open.

    Raises
    ------
    LayerError
        The network has none.
    """
    if not chosen.uses_layer:
        return ""
    layer = asked or facts.recommended_layer
    if not layer:
        raise LayerError(
            tr("{title} has no layer whose output is a stack of maps.", title=facts.title),
            tr("Choose a method that works at the pixels, such as saliency."),
        )
    return layer


def _attacked(request: Heatmap, attack: Attack, session: Session, ctx: Context) -> Subject:
    if (attack.model, attack.image) != (request.model, request.image):
        raise RequestError(
            tr("The heat map and its attack are of different pictures or networks."),
            tr("Give both the same picture and network."),
        )
    result = run_attack.run(attack, session, Part(ctx))
    classifier = session.classifier(request.model, ctx)
    image = torch.tensor(result.adversarial_image, device=classifier.device)[None]
    key = (request.model, run_attack.exact_fingerprint(attack, session, ctx))
    return subject.of_tensor(session, classifier, image, key, ctx, request.edits)


def as_result(
    value: HeatmapValue, chosen: Method, explained: Subject, target: int, other: int | None
) -> HeatmapResult:
    """Return what a method gave as it leaves the worker; ``other`` the target is set against."""
    full = _array(value.map)
    if full.shape != tuple(explained.image.shape[2:]):
        raise MethodError(
            tr(
                "{method!r} gave a map of {shape}, not of the picture's size.",
                method=chosen.name,
                shape=full.shape,
            ),
            tr("This is a fault of the method, please report it."),
        )
    score, against = explained.score(target), None
    label = score.label
    if other is not None:
        against = explained.score(other)
        label = tr("{label} rather than {other}", label=label, other=against.label)
    return HeatmapResult(
        method=chosen.name,
        layer=value.layer,
        target=score,
        against=against,
        class_free=chosen.class_free,
        map=full,
        coarse=None if value.coarse is None else _array(value.coarse),
        signed=value.signed,
        reason=value.reason or _why(full, label, value.layer),
        samples=value.samples,
        expected=value.expected,
        notes=value.notes,
        curve=None if value.curve is None else _curve(value.curve),
        colour=None if value.colour is None else _array(value.colour),
    )


def _curve(curve: Curve) -> Curve:
    return dataclasses.replace(curve, points=_array(curve.points))


def _array(values: Tensor) -> FloatArray:
    return frozen(torch.as_tensor(values).detach().to("cpu", torch.float32, copy=True).numpy())


def _why(full: FloatArray, label: str, layer: str) -> str:
    """Return the reason for a map that is zero everywhere or not finite."""
    values = torch.from_numpy(full.copy())
    if not bool(torch.isfinite(values).all()):
        return tr(
            "This map has values that are not numbers: the gradient overflows on its way."
            " Try another layer or another network."
        )
    if bool(values.any()):
        return ""
    if layer:
        return tr(
            "This map is zero everywhere: nothing in this layer speaks for {label}. Keep"
            " negative values too, or try another layer.",
            label=label,
        )
    return tr(
        "This map is zero everywhere: no pixel changes the score of {label}. Try"
        " another class or another network.",
        label=label,
    )
