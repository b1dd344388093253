"""What can be asked of the place that a heat map marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from cnnviz_gui.core.request import Heatmap, Request

Box = tuple[int, int, int, int]
"""Left, top, right, bottom; the last two are just beyond the last pixel."""
SHARE: Final = 0.2
"""Of the maximum, from which on a pixel belongs to the place: as for CAM, Zhou et al. 2016.

On photographs with boxes drawn by hand it meets them better than the 15 % of Grad-CAM's authors,
by which coarse maps mark nearly everything.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locate(Request):
    """Where a heat map is high: outline, largest part, box; and how well a drawn box is met."""

    task: ClassVar[str] = "locate"
    heatmap: Heatmap
    share: float = SHARE
    """Of the map's maximum, in (0, 1]: what is at least so high belongs to the place."""
    truth: Box | None = None
    """That somebody drew, in pixels of the map."""
