"""What comes back of the heat maps of a folder: plain values. No torch, no numpy."""

from __future__ import annotations

from dataclasses import dataclass

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.folder.records import FileRow, FolderResult
from cnnviz_gui.core.place_requests import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRow(FileRow):
    """A picture's prediction, and its heat map in figures; the thumbnail is of the overlay.

    Figures are None where there is no map, and where it is blank or not finite.
    """

    predicted: Score | None = None
    target: Score | None = None
    """What the map explains."""
    peak: float | None = None
    """The map's largest value, in its own units."""
    marked: float | None = None
    """Share of the pixels that reach the threshold, in [0, 1]."""
    box: Box | None = None
    """Around the largest connected part of them, in pixels as the network sees the picture."""
    inside: float | None = None
    """Share of the evidence that lies in the box, in [0, 1]."""
    spread: float | None = None
    """Share of the pixels that a map with this entropy would fill evenly, in (0, 1]."""
    centre: float | None = None
    """Rank correlation with a blob in the middle, in [-1, 1]."""
    deletion: float | None = None
    """Area under the curve while what is marked most is taken away, in [0, 1]; small is good."""
    insertion: float | None = None
    """Area under the curve while it is put in, in [0, 1]; large is good."""
    note: str = ""
    """Why the map is blank or not finite, a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeatmapFolderResult(FolderResult):
    """The rows so far."""

    method: str
    layer: str
    """Empty for a method that looks at none."""
    rows: tuple[MapRow, ...]
