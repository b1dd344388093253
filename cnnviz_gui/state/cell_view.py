"""What is shown of one cell of a convolution's map: pure functions of selection and findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import LayerFacts
from cnnviz_gui.core.layer_requests import ExamineCell
from cnnviz_gui.core.layer_results import CellArithmetic, NormArithmetic
from cnnviz_gui.state import edits_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.plan import effective_layer
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_COLOURS = (tr("red"), tr("green"), tr("blue"))
_EXACT = 7
"""Significant digits of what is told on demand; a float32 has no more."""


@dataclass(frozen=True, slots=True, eq=False)
class ShownCell:
    """The arithmetic of a cell, its input channels in order."""

    result: CellArithmetic
    request: ExamineCell
    current: bool
    """It is the cell that is selected."""
    products: npt.NDArray[np.float64]
    """(C, kh, kw): patch times kernel."""
    parts: npt.NDArray[np.float64]
    """(C,): what each input channel adds to the sum."""
    order: npt.NDArray[np.intp]
    """Input channels of the patch, the one that adds or takes most first."""
    factor: float = 1.0
    """What the network multiplies the channel by after all, where it is silenced or scaled."""

    def same(self, other: ShownCell | None) -> bool:
        """Tell whether another one shows the same numbers in the same way."""
        if other is None or other.result is not self.result:
            return False
        return (other.current, other.factor) == (self.current, self.factor)

    def name(self, channel: int) -> str:
        """Return the name of an input channel, counted within the patch."""
        name = self.short_name(channel)
        return name if self._reads_picture else tr("channel {number}", number=name)

    def short_name(self, channel: int) -> str:
        """Return the same without the word: the colour, or the number."""
        channel += self.result.first_channel
        return _COLOURS[channel] if self._reads_picture else str(channel)

    @property
    def _reads_picture(self) -> bool:
        return not self.result.source and len(self.result.patch) == len(_COLOURS)


@dataclass(frozen=True, slots=True)
class CellStep:
    """One step from the sum of products to what the map shows."""

    title: str
    value: float
    how: str
    """The step with its numbers in full."""
    of_map: bool = False
    """It is the value in the map, which the step before ought to equal."""


def shown_cell(state: AppState) -> ShownCell | None:
    """Return the cell whose arithmetic is known, if it is of layer, picture and network in use."""
    import numpy as np

    finding, facts, selection = state.finding("cell"), state.shared.facts, state.selection
    request, result = finding.request, finding.value
    if not isinstance(request, ExamineCell) or not isinstance(result, CellArithmetic):
        return None
    if facts is None or selection.cell is None:
        return None
    in_use = (selection.model, selection.image, effective_layer(selection, facts))
    if (request.model, request.image, request.layer) != in_use:
        return None
    products = result.patch.astype(np.float64) * result.kernel
    parts = products.sum(axis=(1, 2))
    order = np.argsort(-np.abs(parts), kind="stable")
    factor = edits_view.factor_of(selection.edits, request.layer, request.channel)
    return ShownCell(result, request, finding.current, products, parts, order, factor)


def why_none(layer: LayerFacts | None, cell: tuple[int, int] | None) -> str:
    """Return why there is no arithmetic to show; empty where there is or will be."""
    if layer is None:
        return tr("Choose a convolution to see how its numbers come about.")
    if layer.groups is None:
        return tr(
            "{layer} is no convolution: choose one to see how its numbers come about.",
            layer=layer.name,
        )
    return "" if cell is not None else tr("Click a cell of a map to see what it is made of.")


def steps(result: CellArithmetic, factor: float = 1.0) -> tuple[CellStep, ...]:
    """Return the steps from the sum of all products to the value in the map.

    A ``factor`` comes after the map, which shows a silenced channel as it was: one step more says
    what the network goes on with.
    """
    channels, high, wide = result.patch.shape
    how = tr(
        "{count} products ({shape}) add up to {total}",
        count=fmt.count(result.patch.size),
        shape=fmt.shape((channels, high, wide)),
        total=exact(result.sum),
    )
    made = [CellStep(tr("sum"), result.sum, how)]
    value = result.sum
    if result.bias is not None:
        before, value = value, value + result.bias
        how = f"{exact(before)}{_added(result.bias)} = {exact(value)}"
        made.append(CellStep(tr("+ bias"), value, how))
    if result.norm is not None:
        made.append(CellStep(tr("norm"), result.norm.value, _norm(value, result.norm)))
        value = result.norm.value
    if result.activation:
        how = f"{result.activation}({exact(value)}) = {exact(result.value)}"
        made.append(CellStep(result.activation, result.value, how))
    if result.factor != 1:
        scaled = result.value * result.factor
        how = tr(
            "The channel is multiplied by {factor}: {value}",
            factor=exact(result.factor),
            value=exact(scaled),
        )
        made.append(CellStep(f"{fmt.TIMES} {fmt.plain(result.factor, 3)}", scaled, how))
    how = tr("The map shows {value}, not the same up to rounding", value=exact(result.shown))
    if agrees(result):
        how = tr("The map shows {value}, the same up to rounding", value=exact(result.shown))
    made.append(CellStep(tr("map"), result.shown, how, of_map=True))
    if factor != 1:
        left = result.shown * factor
        how = tr("The channel is silenced: the network goes on with {value}", value=exact(left))
        if factor:
            how = tr(
                "The channel is multiplied by {factor}: the network goes on with {value}",
                factor=exact(factor),
                value=exact(left),
            )
        made.append(CellStep(f"{fmt.TIMES} {fmt.plain(factor, 3)}", left, how))
    return tuple(made)


def agrees(result: CellArithmetic) -> bool:
    """Tell whether what was written out is what the network computes, up to rounding."""
    size = max(abs(result.sum), abs(result.value), abs(result.shown), 1e-6)
    return abs(result.value * result.factor - result.shown) <= 1e-3 * size


def exact(number: float) -> str:
    """Return a number in full."""
    return fmt.significant(number, _EXACT)


def place(result: CellArithmetic) -> str:
    """Return where in its map the cell is."""
    return tr("row {row}, column {column}", row=result.row, column=result.column)


def where(result: CellArithmetic) -> str:
    """Return which cell of the layer it is."""
    return tr("channel {channel}, {place}", channel=result.channel, place=place(result))


def strongest(channel_map: npt.NDArray[np.float32]) -> tuple[int, int]:
    """Return row and column of the greatest value of a map (h, w)."""
    row, column = divmod(int(channel_map.argmax()), channel_map.shape[1])
    return row, column


def product(shown: ShownCell, channel: int, row: int, column: int) -> str:
    """Return one product of an input channel in words: ``0.52 × −0.13 = −0.0676``."""
    at = (channel, row, column)
    numbers = (shown.result.patch[at], shown.result.kernel[at], shown.products[at])
    patch, weight, both = (fmt.significant(float(number)) for number in numbers)
    return f"{patch} {fmt.TIMES} {weight} = {both}"


def written_out(shown: ShownCell, channel: int) -> str:
    """Return all products of an input channel and their sum on one line."""
    patch, kernel = shown.result.patch[channel].ravel(), shown.result.kernel[channel].ravel()
    said = ""
    for number, weight in zip(patch, kernel, strict=True):
        sign = fmt.MINUS if number < 0 else "+"
        said += f" {sign} " if said else sign.strip("+")
        said += f"{fmt.significant(abs(float(number)), 2)} · {_bracketed(float(weight))}"
    return f"{said} = {fmt.significant(float(shown.parts[channel]))}"


def _bracketed(number: float, digits: int = 2) -> str:
    text = fmt.significant(number, digits)
    return f"({text})" if number < 0 else text


def rank(shown: ShownCell, number: int) -> str:
    """Return which input channel is shown, ``number`` counted in the order of their parts."""
    count = len(shown.order)
    name = shown.short_name(int(shown.order[number]))
    if count == 1:
        return tr("input {name} alone", name=name)
    return tr(
        "input {name}, {number} of {count} by size", name=name, number=number + 1, count=count
    )


def as_text(shown: ShownCell) -> str:
    """Return the whole arithmetic as text with tabs: a spreadsheet takes it as it is."""
    import numpy as np

    result = shown.result
    lines = [f"{result.layer}, {where(result)}", ""]
    lines += ["input channel\trow\tcolumn\tpatch\tkernel\tproduct"]
    (top, left), (down, right) = result.corner, result.dilation
    for channel in shown.order:
        for row, column in np.ndindex(result.patch.shape[1:]):
            at = (int(channel), row, column)
            trio = (result.patch[at], result.kernel[at], shown.products[at])
            numbers = "\t".join(f"{float(number):.9g}" for number in trio)
            cell = f"{top + row * down}\t{left + column * right}"
            lines.append(f"{result.first_channel + at[0]}\t{cell}\t{numbers}")
    lines += ["", *(f"{step.title}\t{step.value:.9g}" for step in steps(result, shown.factor))]
    return "\n".join(lines) + "\n"


def _norm(value: float, norm: NormArithmetic) -> str:
    root = f"√({exact(norm.variance)} + {exact(norm.eps)})"
    return (
        f"({exact(value)}{_added(-norm.mean)}) / {root} · {_bracketed(norm.weight, _EXACT)}"
        f"{_added(norm.bias)} = {exact(norm.value)}"
    )


def _added(number: float) -> str:
    """Return a further term with its sign."""
    return f" {fmt.MINUS if number < 0 else '+'} {exact(abs(number))}"
