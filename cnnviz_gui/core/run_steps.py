"""Requests for Grad-CAM step by step."""

from __future__ import annotations

from cnnviz_gui.core import contrast, run_heatmap
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.heatmaps.grad_cam import GradCamParams
from cnnviz_gui.core.heatmaps.score import objective
from cnnviz_gui.core.result import frozen
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.step_requests import GradCamSteps
from cnnviz_gui.core.step_results import GradCamStepsResult
from cnnviz_gui.texts import tr

METHOD = "grad-cam"


def run(request: GradCamSteps, session: Session, ctx: Context) -> GradCamStepsResult:
    """Return what Grad-CAM computes on its way; a pass that the map has cost costs nothing more.

    Raises
    ------
    RequestError
        The heat map is one of another method, or no channel is asked for.
    """
    asked = request.heatmap
    parameters = asked.parameters
    if asked.method != METHOD or not isinstance(parameters, GradCamParams):
        raise RequestError(tr("Only Grad-CAM is told step by step."), tr("Choose Grad-CAM."))
    if request.channels < 1:
        raise RequestError(tr("No channel is asked for."), tr("Ask for at least one."))
    found = run_heatmap.run(asked, session, Part(ctx))
    seen = run_heatmap.explained(asked, session, ctx)
    target = seen.winner if asked.target is None else asked.target
    network, place = contrast.about(seen.network, target, asked.against)
    cut = network.cut(seen.image, found.layer, ctx)
    gradients = cut.gradient(objective(parameters.score, place), ctx)[0]
    maps = cut.features[0]
    weights = gradients.mean((1, 2))
    shares = weights * maps.mean((1, 2))
    count = min(request.channels, len(shares))
    strongest = shares.abs().topk(count).indices
    return GradCamStepsResult(
        channels=tuple(strongest.tolist()),
        maps=frozen(maps[strongest].float().cpu().numpy()),
        gradients=frozen(gradients[strongest].float().cpu().numpy()),
        weights=frozen(weights.float().cpu().numpy()),
        shares=frozen(shares[strongest].float().cpu().numpy()),
        weighted=frozen((weights[:, None, None] * maps).sum(0).float().cpu().numpy()),
        heatmap=found,
    )
