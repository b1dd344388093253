"""What comes back of the place that a heat map marks: read-only arrays and plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnnviz_gui.core.place_requests import Box
from cnnviz_gui.core.result import Result

if TYPE_CHECKING:
    from cnnviz_gui.core.localisation import Agreement


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarkedPlace(Result):
    """The place of a heat map."""

    size: tuple[int, int]
    """Height and width of the map."""
    threshold: float
    """In the units of the map; 0 where nothing is positive."""
    area: float
    """Share of the pixels that reach the threshold, in [0, 1]."""
    outline: Any
    """int32 (N, 4): lines around all that reaches it; x, y of both ends, in pixels."""
    box: Box | None
    """Of the largest connected part; None where nothing is positive."""
    mask: Any
    """bool (H, W): that part."""
    part: float
    """Share of the pixels in it."""
    agreement: Agreement | None = None
    """With the drawn box, where there is one."""
