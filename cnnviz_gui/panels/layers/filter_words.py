"""What is said of filters: above them, under them, beside the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.state.filter_view import input_number

if TYPE_CHECKING:
    from cnnviz_gui.core.layer_results import LayerFilters
    from cnnviz_gui.core.result import FloatArray
    from cnnviz_gui.panels.tile_grid import Hover

_COLOURS = ("red", "green", "blue")


class Norms(Sequence[str]):
    """The norm of each kernel, written when its tile comes into sight: a layer has thousands."""

    def __init__(self, numbers: FloatArray) -> None:
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, place: Any) -> Any:
        return fmt.significant(float(self._numbers[place]), 2)


def caption(result: LayerFilters) -> str:
    """Return what is shown in a few words: ``60 of 144 · 5 × 5, one slice each``."""
    if result.form == "none":
        return ""
    out, into = result.shape[:2]
    if result.form == "matrix":
        size = f"{fmt.count(out)} {fmt.TIMES} {fmt.count(into)}"
        if result.step == (1, 1):
            return f"{size} · a row is a filter, a column an input"
        down, by = result.step
        return f"{size}, filters by inputs · each point the strongest of {down} {fmt.TIMES} {by}"
    kernel = f"{result.shape[2]} {fmt.TIMES} {result.shape[3]}"
    below = "norm below"
    if result.view == "filter":
        return f"{into} slices of filter {result.index} · {kernel} · {below}"
    if result.view == "input":
        of = f" of {into}" + (" in each group" if result.groups > 1 else "")
        return f"{out} · {kernel}, input channel {result.index}{of} · {below}"
    said = "one slice each" if result.form == "single" else "in colour"
    return f"{out} · {kernel}, {said} · {below}"


def readout(result: LayerFilters, hover: Hover) -> list[str]:
    """Return what is told of the weight under the cursor, line by line."""
    place, row, column, value = hover
    assert result.kernels is not None and result.kernel_norms is not None
    lines = [f"filter {place}"]
    if result.view == "filter":
        lines = [f"input channel {input_number(result, result.index, place)}"]
    elif result.view == "input":
        lines.append(f"input channel {input_number(result, place, result.index)}")
    lines.append(f"row {row}, column {column}")
    if value is None:
        weights = zip(_COLOURS, result.kernels[place, :, row, column], strict=True)
        lines += [f"{word} {fmt.significant(float(weight))}" for word, weight in weights]
    else:
        lines.append(f"weight {fmt.significant(value)}")
    return [*lines, f"norm {fmt.significant(float(result.kernel_norms[place]))}"]
