"""Requests for a decision plane as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz_gui.core import carried, plane_figure, plane_words, run_plane
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.files import display_name, save_png
from cnnviz_gui.core.heatmap_results import SavedFigure
from cnnviz_gui.core.map_figure import Caption, unusual
from cnnviz_gui.core.numbers import TIMES
from cnnviz_gui.core.params import specs
from cnnviz_gui.core.plane_requests import Plane, PlaneParams, SavePlane
from cnnviz_gui.core.plane_results import PlaneResult
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.session import Session
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray


def run(request: SavePlane, session: Session, ctx: Context) -> SavedFigure:
    """Write the figure of a plane, which is classified only if it is not remembered.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    result = run_plane.run(request.plane, session, Part(ctx))
    drawn = draw(request.plane, result, session, ctx, request.colours)
    told = carried.of(request.plane, session, ctx)
    return SavedFigure(path=str(save_png(request.path, drawn, told)))


def draw(
    request: Plane, result: PlaneResult, session: Session, ctx: Context, colours: str = "inferno"
) -> ByteArray:
    """Return the figure of a plane, uint8 (H, W, 3)."""
    attack = request.attack
    facts = session.classifier(attack.model, ctx).facts
    chosen = method("attack", attack.method)
    file = display_name(attack.image.path)
    doubt = tr("untrained") if not facts.trained else tr("no classifier") if facts.headless else ""
    target = (
        "" if attack.target is None else tr("towards {label}", label=facts.labels[attack.target])
    )
    side = len(result.classes)
    told = (
        [facts.title, doubt, tr("{size} points", size=f"{side} {TIMES} {side}"), target],
        unusual(chosen.specs, attack.parameters.values()),
        unusual(specs(PlaneParams), request.parameters.values() | {"points": PlaneParams().points}),
    )
    lines = [" · ".join(filter(None, parts)) for parts in told]
    lines += [plane_words.borders(result), plane_words.cut_off(result)]
    caption = Caption(
        tr("{file} along {title}", file=file, title=chosen.title), tuple(filter(None, lines))
    )
    ctx.check()
    titles = plane_words.axes(result, request.parameters.across, chosen.title)
    return plane_figure.figure(result, titles, caption, colours)
