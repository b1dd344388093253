"""Whether a heat map depends on what a network has learned: maps while its weights become random.

After Adebayo et al. 2018, Sanity Checks for Saliency Maps, arXiv:1810.03292.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from cnnviz_gui.core import contrast, run_heatmap
from cnnviz_gui.core.asked import Asked
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.cuts import CutMemory
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.randomised import Randomised, Stage
from cnnviz_gui.core.rank import spearman
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import Heatmap
from cnnviz_gui.core.result import FloatArray, frozen
from cnnviz_gui.core.run_trust import require_order
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.subject import Subject
from cnnviz_gui.core.trust_requests import Sanity
from cnnviz_gui.core.trust_results import SanityResult, SanityStage

SIDE = 56
"""Of the small maps, at most."""


def run(request: Sanity, session: Session, ctx: Context) -> SanityResult:
    """Return the map of the trained network, and one for each stage of randomisation.

    The network itself is not touched: it is a copy that becomes random.

    Raises
    ------
    CnnvizError
        The heat map cannot be had, it puts no pixel before another, or there is no room for a copy.
    """
    exact = run_heatmap.exactly(request.heatmap, session, ctx)
    key = ("sanity", dataclasses.replace(request, heatmap=exact).fingerprint())
    kept = session.recall(key)
    if isinstance(kept, SanityResult):
        return kept
    own_seconds = session.stopwatch.start()
    result = _compute(request, session, ctx)
    result = dataclasses.replace(result, seconds=own_seconds())
    maps = (result.original, *(stage.map for stage in result.stages))
    session.remember(key, result, sum(one.nbytes for one in maps))
    return result


def _compute(request: Sanity, session: Session, ctx: Context) -> SanityResult:
    asked = request.heatmap
    found = run_heatmap.run(asked, session, Part(ctx))
    require_order(found)
    explained = run_heatmap.explained(asked, session, ctx)
    classifier = session.classifier(asked.model, ctx)
    random = Randomised(classifier, request.parameters.seed)
    plan = random.stages(request.parameters.stages)
    result = SanityResult(
        method=found.method,
        layer=found.layer,
        target=found.target,
        original=_small(found.map, found.coarse),
        signed=found.signed,
        stages=(),
        expected=len(plan),
    )
    for number, stage in enumerate(plan):
        ctx.step(number, len(plan))
        network = random.renew(stage, everything=number == len(plan) - 1)
        part = Part(ctx, (number, len(plan)))
        made = _stage(asked, found, explained, network, stage, part)
        result = dataclasses.replace(result, stages=(*result.stages, made))
        ctx.partial(result)
    return result


def _stage(
    asked: Heatmap,
    found: HeatmapResult,
    explained: Subject,
    network: Classifier,
    stage: Stage,
    ctx: Context,
) -> SanityStage:
    target = found.target.index
    # With a memory of its own, which keeps nothing: this network will not be asked again.
    whole = Asked(network, explained.image, "", CutMemory(), asked.edits)
    about, place = contrast.about(whole, target, asked.against)
    chosen = method("heatmap", asked.method)
    value = chosen.run(about, explained.image, place, found.layer, asked.parameters, ctx)
    values = _array(value.map)
    return SanityStage(
        layer=stage.layer,
        layers=stage.layers,
        absolute=spearman(np.abs(values), np.abs(found.map)),
        signed=spearman(values, found.map),
        map=_small(values, None if value.coarse is None else _array(value.coarse)),
    )


def _array(values: torch.Tensor) -> npt.NDArray[np.float32]:
    return torch.as_tensor(values).detach().to("cpu", torch.float32, copy=True).numpy()


def _small(full: npt.NDArray[np.float32], coarse: npt.NDArray[np.float32] | None) -> FloatArray:
    """Return the layer's own cells where they are few, else means of the pixels."""
    if coarse is not None and max(coarse.shape) <= SIDE:
        return frozen(coarse)
    sides = min(full.shape[0], SIDE), min(full.shape[1], SIDE)
    pooled = functional.adaptive_avg_pool2d(torch.tensor(full)[None], sides)
    return frozen(pooled[0].numpy())
