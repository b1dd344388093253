"""A heat map and a perturbation in words: pure functions of the results."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.result import AttackResult
from cnnviz_gui.texts import tr

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
        return tr("Zero everywhere")
    if result.class_free:
        found = tr("{found}, whatever the class", found=found)
    elif not nameless:
        target = result.target
        share = fmt.percent(target.probability)
        found = tr("{found}, for {label}, {share}", found=found, label=target.label, share=share)
    signed, unsigned = tr("{found}; signed", found=found), tr("{found}; not signed", found=found)
    return signed if result.signed else unsigned


@lru_cache(maxsize=8)
def of_perturbation(result: AttackResult) -> str:
    """Return where an attack changed the picture most, in 255ths."""
    change = abs(result.adversarial_image - result.clean_image).max(axis=0) * 255
    found = strongest(change)
    return tr("{found} of 255", found=found) if found else tr("Nothing is changed")


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
    return tr(
        "Strongest at {left:.0f} % from the left and {top:.0f} % from the top, {value}",
        left=left,
        top=top,
        value=fmt.significant(float(values[row, column])),
    )
