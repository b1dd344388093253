"""One heat map at many layers."""

from __future__ import annotations

import dataclasses

from cnnviz_gui.core import contrast, run_heatmap, subject
from cnnviz_gui.core.asked import Asked
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.cuts import CutMemory
from cnnviz_gui.core.errors import LayerError, MethodError
from cnnviz_gui.core.heatmap_results import HeatmapLayersResult, LayerMap
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import HeatmapLayers
from cnnviz_gui.core.result import frozen
from cnnviz_gui.core.session import Session
from cnnviz_gui.texts import tr


def run(request: HeatmapLayers, session: Session, ctx: Context) -> HeatmapLayersResult:
    """Return the maps of all layers that have one, the last layer first, for it says most.

    Those that were computed before, as by a run that was stopped, are not computed again.

    Raises
    ------
    MethodError
        The method works at no layer, not on its grid, or not on this network.
    """
    asked = request.heatmap
    chosen = method("heatmap", asked.method)
    if not chosen.uses_layer:
        raise MethodError(
            tr("{title} works at no layer.", title=chosen.title), tr("Choose a method that does.")
        )
    classifier = session.classifier(asked.model, ctx)
    subject.require(classifier.facts, chosen, asked.parameters, asked.target)
    seen = subject.of_picture(session, asked.model, asked.image, ctx, asked.edits)
    # With a memory of its own, which keeps nothing: the few cuts that are remembered are for the
    # one layer on screen.
    whole = Asked(classifier, seen.image, "", CutMemory(), asked.edits)
    target = seen.winner if asked.target is None else asked.target
    network, place = contrast.about(whole, target, asked.against)
    exact = run_heatmap.exactly(dataclasses.replace(asked, layer=""), session, ctx)
    key = ("heatmap-layers", exact.fingerprint())
    found: dict[str, LayerMap] = session.recall(key) or {}
    for done, layer in enumerate(reversed(request.layers)):
        ctx.step(done, len(request.layers))
        if layer in found:
            continue
        try:
            value = chosen.run(network, seen.image, place, layer, asked.parameters, Part(ctx))
        except LayerError:
            continue
        if value.coarse is None:
            raise MethodError(
                tr("{title} gives no map on the grid of a layer.", title=chosen.title),
                tr("Choose Grad-CAM."),
            )
        coarse = frozen(value.coarse.detach().cpu().numpy().copy())
        found = found | {layer: LayerMap(layer, coarse, value.signed)}
        session.remember(key, found, sum(one.coarse.nbytes for one in found.values()))
        ctx.partial(_result(request, found))
    return _result(request, found)


def _result(request: HeatmapLayers, found: dict[str, LayerMap]) -> HeatmapLayersResult:
    maps = tuple(found[layer] for layer in request.layers if layer in found)
    return HeatmapLayersResult(maps=maps, expected=len(request.layers))
