"""What can be asked of a heat map as a figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cnnviz_gui.core.look import Look
from cnnviz_gui.core.request import Heatmap, Request

_USUAL = Look()


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveFigure(Request):
    """Write a heat map as a figure with its caption, at the photograph's own resolution, as PNG.

    Not among ``TASKS``: a request that was read from a file must not say where to write.
    """

    task: ClassVar[str] = "save-figure"
    heatmap: Heatmap
    path: str
    """``.png`` is added where it is missing; another picture format is refused."""
    look: Look = _USUAL
    ends: tuple[float, float] | None = None
    """Of the colour scale; None for the map's own."""
