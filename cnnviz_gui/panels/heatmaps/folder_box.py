"""The heat maps of a folder: tiles to look through, or a table with all figures."""

from __future__ import annotations

from cnnviz_gui.core.map_folder_results import MapRow
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.panels.folder.rows_box import RowsBox
from cnnviz_gui.panels.heatmaps.box import HeatmapBox
from cnnviz_gui.panels.heatmaps.folder_tools import MapFolderTools
from cnnviz_gui.state import map_folder_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.map_folder_view import ShownFolder
from cnnviz_gui.texts import tr


class FolderBox(RowsBox, HeatmapBox):
    """Choices, tiles or table, and what could not be read."""

    one_map = False
    known = map_folder_view
    concerns = frozenset({"folder_curves", "heatmap_method"})
    invitation = tr(
        "Open a folder of pictures, or drop one here, to see where the network looks in"
        " each of them."
    )
    giving_way = ("peak", "centre", "target", "inside", "marked", "spread", "insertion", "deletion")

    def __init__(self, state: AppState) -> None:
        super().__init__(state, MapFolderTools(state))
        self._begin()

    def _open(self, shown: ShownFolder, row: MapRow) -> None:
        """Show the map of one picture large."""
        self._state.show(heatmap_view="map")
        self.opened.emit(ImageRef(path=row.path, reduced=True))  # as it was read here
