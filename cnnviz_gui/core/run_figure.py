"""Requests for a heat map as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz_gui.core import carried, map_figure, preprocess, run_heatmap
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.figure_requests import SaveFigure
from cnnviz_gui.core.files import display_name, save_png
from cnnviz_gui.core.heatmap_results import HeatmapResult, SavedFigure
from cnnviz_gui.core.look import Look
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import Heatmap
from cnnviz_gui.core.session import Session

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray


def run(request: SaveFigure, session: Session, ctx: Context) -> SavedFigure:
    """Write the figure of a heat map, which is computed only if it is not remembered.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    result = run_heatmap.run(request.heatmap, session, Part(ctx))
    drawn = draw(request.heatmap, result, session, ctx, request.look, request.ends)
    told = carried.of(request.heatmap, session, ctx)
    return SavedFigure(path=str(save_png(request.path, drawn, told)))


def draw(
    request: Heatmap,
    result: HeatmapResult,
    session: Session,
    ctx: Context,
    look: Look,
    ends: tuple[float, float] | None = None,
) -> ByteArray:
    """Return the figure of a heat map, uint8 (H, W, 3)."""
    facts = session.classifier(request.model, ctx).facts
    picture = session.picture(request.image, ctx)
    photograph = preprocess.fine_view(picture, facts, map_figure.LEAST, map_figure.MOST)
    told = map_figure.caption(
        result,
        method("heatmap", request.method),
        request.parameters,
        facts,
        file=display_name(request.image.path),
        edits=len(request.edits),
    )
    ctx.check()
    return map_figure.figure(result, photograph, told, look, ends)
