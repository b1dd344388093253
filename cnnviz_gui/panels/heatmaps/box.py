"""What every view of the page of heat maps is."""

from __future__ import annotations

from typing import ClassVar

from cnnviz_gui.panels.view_stack import ViewBox
from cnnviz_gui.state.selection import Stage


class HeatmapBox(ViewBox):
    """One view of heat maps."""

    stage: ClassVar[Stage] = "heatmaps"
    field: ClassVar[str] = "heatmap_view"
    one_map: ClassVar[bool] = True
    """It is about the map of the chosen method, of which the page tells what is to be known."""
