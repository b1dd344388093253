"""What can be asked of the heat maps of all pictures of a folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.place_requests import SHARE
from cnnviz_gui.core.request import ChannelEdit, ModelRef, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatmapFolder(Request):
    """One heat map of each picture of a folder, in figures and as a small picture; streams."""

    task: ClassVar[str] = "heatmap-folder"
    model: ModelRef
    folder: FolderRef
    method: str
    parameters: Params
    target: int | None = None
    """Class index; None for the class predicted of each picture."""
    against: int | None = None
    """Why the target rather than this class; None for the target by itself."""
    layer: str = ""
    """Empty for the recommended layer."""
    share: float = SHARE
    """Of a map's maximum, in (0, 1]: what is at least so high is marked."""
    curves: bool = False
    """Measure deletion and insertion too, some fifty passes more for each picture."""
    edits: tuple[ChannelEdit, ...] = ()
