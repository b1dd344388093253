"""What is said of filters: above them, under them, beside the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core import render
from cnnviz_gui.panels.layers.map_tiles import Captions
from cnnviz_gui.state.filter_view import input_number
from cnnviz_gui.texts import ntr, tr

if TYPE_CHECKING:
    from cnnviz_gui.core.layer_results import LayerFilters
    from cnnviz_gui.core.result import FloatArray
    from cnnviz_gui.panels.tile_grid import Hover

_COLOURS = (tr("red"), tr("green"), tr("blue"))


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
        return tr("dead") if dead else self._written[place]


def caption(result: LayerFilters) -> tuple[str, ...]:
    """Return what is shown, ``144 · 5 × 5, one slice each · norm below``, then ever less of it."""
    if result.form == "none":
        return ("",)
    out, into = result.shape[:2]
    if result.form == "matrix":
        size = f"{fmt.count(out)} {fmt.TIMES} {fmt.count(into)}"
        if result.step == (1, 1):
            return tr("{size} · a row is a filter, a column an input", size=size), size
        down, by = result.step
        block = f"{down} {fmt.TIMES} {by}"
        whole = tr(
            "{size}, filters by inputs · each point the strongest of {block}",
            size=size,
            block=block,
        )
        return whole, tr("{size} · strongest of {block}", size=size, block=block), size
    kernel = f"{result.shape[2]} {fmt.TIMES} {result.shape[3]}"
    said = tr("one slice each") if result.form == "single" else tr("in colour")
    if result.view == "filter":
        said = tr("filter {number}", number=result.index)
    elif result.view == "input" and result.groups > 1:
        said = tr(
            "input channel {number} of {total} in each group", number=result.index, total=into
        )
    elif result.view == "input":
        said = tr("input channel {number} of {total}", number=result.index, total=into)
    by_filter = result.view == "filter"
    count = ntr("{n} slice", "{n} slices", into) if by_filter else f"{out}"
    size = f"{count} · {kernel}"
    return tr("{filters} · norm below", filters=f"{size}, {said}"), f"{size}, {said}", size


def clipped(result: LayerFilters) -> str:
    """Return what the colours of a matrix leave out; empty where they reach to every weight."""
    if not 0 < result.reach < result.bound:
        return ""
    return tr(
        "1 weight in 1000 is stronger, clipped; the strongest {value}",
        value=fmt.significant(result.bound),
    )


def readout(result: LayerFilters, hover: Hover) -> list[str]:
    """Return what is told of the weight under the cursor, line by line."""
    place, row, column, value = hover
    assert result.kernels is not None and result.kernel_norms is not None
    lines = [tr("filter {number}", number=place)]
    if result.view == "filter":
        lines = [
            tr(
                "input channel {number}",
                number=input_number(result, result.index, place),
            )
        ]
    elif result.view == "input":
        lines.append(
            tr(
                "input channel {number}",
                number=input_number(result, place, result.index),
            )
        )
    lines.append(tr("row {row}, column {column}", row=row, column=column))
    if value is None:
        weights = zip(_COLOURS, result.kernels[place, :, row, column], strict=True)
        lines += [f"{word} {fmt.significant(float(weight))}" for word, weight in weights]
    else:
        lines.append(tr("weight {value}", value=fmt.significant(value)))
    return [
        *lines,
        tr("norm {value}", value=fmt.significant(float(result.kernel_norms[place]))),
    ]
