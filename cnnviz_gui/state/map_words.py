"""A heat map and a perturbation in words: pure functions of the results."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.result import AttackResult

if TYPE_CHECKING:
    from cnnviz_gui.core.result import FloatArray


@lru_cache(maxsize=8)
def of_map(result: HeatmapResult, *, nameless: bool = False) -> str:
    """Return where a heat map is strongest, what it explains, and whether it has two signs.

    ``Strongest at 34 % from the left and 41 % from the top, 0.387, for tiger cat, 38.3 %; signed``.
    ``nameless`` leaves the class out, where its name says nothing.
    """
    found = strongest(result.map)
    if not found:
        return "Zero everywhere"
    whom = "" if nameless else f", for {result.target.label}"
    sure = "" if nameless else f", {fmt.percent(result.target.probability)}"
    return f"{found}{whom}{sure}; {'signed' if result.signed else 'not signed'}"


@lru_cache(maxsize=8)
def of_perturbation(result: AttackResult) -> str:
    """Return where an attack changed the picture most, in 255ths."""
    change = abs(result.adversarial_image - result.clean_image).max(axis=0) * 255
    found = strongest(change)
    return f"{found} of 255" if found else "Nothing is changed"


def strongest(values: FloatArray) -> str:
    """Return where the largest magnitude of (H, W) values lies, and the value there.

    Empty where all is zero or nothing is finite.
    """
    import numpy as np

    size = np.abs(np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0))
    if not size.size or not size.any():
        return ""
    row, column = np.unravel_index(int(size.argmax()), size.shape)
    high, wide = values.shape
    left, top = 100 * (column + 0.5) / wide, 100 * (row + 0.5) / high
    where = f"{left:.0f} % from the left and {top:.0f} % from the top"
    return f"Strongest at {where}, {fmt.significant(float(values[row, column]))}"
