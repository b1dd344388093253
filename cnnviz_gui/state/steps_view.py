"""Grad-CAM step by step: what is asked for it and what is shown of it. Pure functions."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.request import Request
from cnnviz_gui.core.step_requests import GradCamSteps
from cnnviz_gui.core.step_results import GradCamStepsResult
from cnnviz_gui.state import prediction_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.heatmap_plan import GUIDE
from cnnviz_gui.state.heatmap_view import of_class
from cnnviz_gui.state.plan import effective_layer, heatmap_request
from cnnviz_gui.state.selection import Step
from cnnviz_gui.texts import tr

LANE = "grad-cam-steps"
STEPS: tuple[tuple[Step, str], ...] = (
    ("maps", tr("1 Maps")),
    ("gradients", tr("2 Gradients")),
    ("weights", tr("3 Weights")),
    ("sum", tr("4 Sum")),
    ("picture", tr("5 Picture")),
)


@dataclass(frozen=True, slots=True, eq=False)
class ShownSteps:
    """The steps for what is selected, or for what was selected before."""

    result: GradCamStepsResult
    request: GradCamSteps
    current: bool


def steps_requests(state: AppState) -> dict[str, Request]:
    """Return the request for the steps; none while the view is another one."""
    selection, facts = state.selection, state.shared.facts
    in_sight = selection.stage == "heatmaps" and state.display.heatmap_view == "steps"
    method = state.shared.method("heatmap", GUIDE)
    if not in_sight or method is None or facts is None:
        return {}
    chosen = dataclasses.replace(
        selection, heatmap_method=GUIDE, heatmap_parameters=state.last_parameters(method)
    )
    best = prediction_view.winner(state)
    winner = best.index if best is not None else None
    heatmap = heatmap_request(chosen, effective_layer(selection, facts), winner)
    if heatmap is None:
        return {}
    return {LANE: GradCamSteps(heatmap=dataclasses.replace(heatmap, edits=selection.edits))}


def shown_steps(state: AppState) -> ShownSteps | None:
    """Return the steps of the picture and network in use."""
    finding = state.finding(LANE)
    request, value = finding.request, finding.value
    if not isinstance(request, GradCamSteps) or not isinstance(value, GradCamStepsResult):
        return None
    asked = request.heatmap
    if (asked.model, asked.image) != (state.selection.model, state.selection.image):
        return None
    return ShownSteps(value, request, finding.current)


def elsewhere(state: AppState) -> str:
    """Return that the steps are not those of the method chosen; empty where they are."""
    chosen = state.shared.method("heatmap", state.selection.heatmap_method)
    if chosen is None or chosen.name == GUIDE or state.shared.method("heatmap", GUIDE) is None:
        return ""
    return tr(
        "These are the steps of Grad-CAM. The parameters are those of {method}.",
        method=chosen.title,
    )


def told(step: Step, shown: ShownSteps) -> tuple[str, str]:
    """Return what happens in a step, in a sentence, and its formula."""
    result = shown.result
    heatmap, count = result.heatmap, len(result.weights)
    label, layer = of_class(heatmap), heatmap.layer
    few = len(result.channels)
    most = tr("The {few} of {count} that weigh most are shown.", few=few, count=fmt.count(count))
    grid = " × ".join(str(side) for side in result.weighted.shape)
    if step == "maps":
        said = tr("What the channels of {layer} answer, and where.", layer=layer)
        return f"{said} {most}", "Aₖ"
    if step == "gradients":
        said = tr("How much the score of {label} rises with each of their cells.", label=label)
        return f"{said} {most}", "∂y / ∂Aₖ"
    if step == "weights":
        up = int((result.weights > 0).sum())
        return (
            tr(
                "The mean of its gradient is the weight of a channel. {up} of {count} channels"
                " speak for it. The {few} that change the sum most are shown, first the one that"
                " changes it most.",
                up=fmt.count(up),
                count=fmt.count(count),
                few=few,
            ),
            tr("αₖ = mean over the cells of ∂y / ∂Aₖ"),
        )
    if step == "sum":
        return (
            tr(
                "All {count} maps, each times its weight, are added; what speaks against {label} is"
                " then left out.",
                count=fmt.count(count),
                label=label,
            ),
            "ReLU(Σₖ αₖ Aₖ)",
        )
    return tr(
        "The {grid} cells are enlarged to the size of the picture and laid over it.", grid=grid
    ), ""


def share_text(result: GradCamStepsResult, place: int) -> str:
    """Return what a channel adds to the mean of the sum: ``+12 %``; empty where that is 0."""
    whole = float(abs(result.weighted.mean()))
    if not whole:
        return ""
    share = float(result.shares[place]) / whole
    return f"{'+' if share >= 0 else ''}{fmt.share(share)}"
