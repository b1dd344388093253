"""What comes back of several heat maps at once: read-only arrays and plain values. No torch."""

from __future__ import annotations

from dataclasses import dataclass

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.result import Result


@dataclass(frozen=True, slots=True)
class GridColumn:
    """What the maps of a column explain, and where."""

    target: Score
    layer: str
    """As it was asked for; empty for the recommended one."""


@dataclass(frozen=True, slots=True, eq=False)
class GridCell:
    """One map, or why there is none."""

    row: int
    column: int
    result: HeatmapResult | None
    """What the heat map alone gives; of fewer samples than it expects while it is being made."""
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeatmapGridResult(Result):
    """The cells begun so far, row by row."""

    rows: tuple[str, ...]
    """The titles of the methods."""
    columns: tuple[GridColumn, ...]
    cells: tuple[GridCell, ...]

    @property
    def expected(self) -> int:
        """Cells there are in the end."""
        return len(self.rows) * len(self.columns)
