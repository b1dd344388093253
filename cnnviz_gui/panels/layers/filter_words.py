"""What is said of filters: above them, under them, beside the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core import render
from cnnviz_gui.panels.layers.map_tiles import Captions
from cnnviz_gui.state.filter_view import input_number

if TYPE_CHECKING:
    from cnnviz_gui.core.layer_results import LayerFilters
    from cnnviz_gui.core.result import FloatArray
    from cnnviz_gui.panels.tile_grid import Hover

_COLOURS = ("red", "green", "blue")


class Norms(Sequence[str]):
    """The norm of each kernel, written when its tile comes into sight: a layer has thousands.

    In even decimals; of a kernel next to nothing beside the strongest no digits are written.
    """

    def __init__(self, numbers: FloatArray) -> None:
        self._numbers = numbers
        self._written = Captions(numbers)
        self._least = render.DEAD * render.signed_range(numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, place: Any) -> Any:
        dead = float(self._numbers[place]) <= self._least
        return "dead" if dead else self._written[place]


def caption(result: LayerFilters) -> tuple[str, ...]:
    """Return what is shown, ``144 · 5 × 5, one slice each · norm below``, then ever less of it."""
    if result.form == "none":
        return ("",)
    out, into = result.shape[:2]
    if result.form == "matrix":
        size = f"{fmt.count(out)} {fmt.TIMES} {fmt.count(into)}"
        if result.step == (1, 1):
            return f"{size} · a row is a filter, a column an input", size
        down, by = result.step
        block = f"strongest of {down} {fmt.TIMES} {by}"
        return f"{size}, filters by inputs · each point the {block}", f"{size} · {block}", size
    kernel = f"{result.shape[2]} {fmt.TIMES} {result.shape[3]}"
    said = "one slice each" if result.form == "single" else "in colour"
    if result.view == "filter":
        said = f"filter {result.index}"
    elif result.view == "input":
        of = f" of {into}" + (" in each group" if result.groups > 1 else "")
        said = f"input channel {result.index}{of}"
    count = f"{into} slices" if result.view == "filter" else f"{out}"
    size = f"{count} · {kernel}"
    return f"{size}, {said} · norm below", f"{size}, {said}", size


def clipped(result: LayerFilters) -> str:
    """Return what the colours of a matrix leave out; empty where they reach to every weight."""
    if not 0 < result.reach < result.bound:
        return ""
    return f"1 weight in 1000 is stronger, clipped; the strongest {fmt.significant(result.bound)}"


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
