"""What every view of the page of heat maps is."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from cnnviz_gui.panels.export import Export
from cnnviz_gui.state.app_state import AppState


class HeatmapBox(QWidget):
    """One view of heat maps; observes the state itself and draws only while it is in sight.

    The page makes a box when its view is chosen first, so a box draws once when it is made. It is
    never told that it comes into sight: ``stage`` and ``heatmap_view`` are changes like others.
    """

    view: ClassVar[str] = ""
    """Its value of ``Display.heatmap_view``."""
    one_map: ClassVar[bool] = True
    """It is about the map of the chosen method, of which the page tells what is to be known."""
    again = Signal(object)
    """The lane to compute again."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        self.options: QWidget | None = None
        """What stands at the right of the page's tools while the box is shown."""

    def in_sight(self) -> bool:
        """Tell whether stage and view are the box's own."""
        state = self._state
        return state.selection.stage == "heatmaps" and state.display.heatmap_view == self.view

    def fit(self) -> None:
        """Show the pictures whole."""

    def export(self) -> Export | None:
        """Return what the box can give away now."""
        return None
