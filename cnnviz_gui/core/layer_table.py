"""The layer table as text: for a spreadsheet, for a document, and in the form that papers print.

The last is "type, patch size/stride, output size, depth, params, ops", as in table 1 of Szegedy et
al. 2015, "Going deeper with convolutions", arXiv:1409.4842: one line for each block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from cnnviz_gui.core import csv_text, receptive
from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import LayerFacts, ModelFacts, Role
from cnnviz_gui.texts import tr

Form = Literal["csv", "markdown", "lecture"]
FORMS: dict[Form, str] = {"csv": "CSV", "markdown": "Markdown", "lecture": tr("lecture's form")}
"""With what each is called in a menu."""
SUFFIXES: dict[Form, str] = {"csv": ".csv", "markdown": ".md", "lecture": ".md"}

_LIST = "Sequential"
_REST = "norms and the rest"
_WITH_WEIGHTS: tuple[Role, ...] = ("conv", "depthwise", "linear")
_UNSAID: tuple[Role, ...] = ("norm", "activation", "reshape", "add", "cat", "scale")
_WORDS: dict[Role, str] = {"conv": "convolution", "depthwise": "depthwise", "linear": "linear"}
_HEADER = (
    "layer",
    "type",
    "kind",
    "inside",
    "output",
    "kernel",
    "stride",
    "padding",
    "groups",
    "parameters",
    "formula",
    "multiply-adds",
    "receptive field",
    "step",
    "inputs",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the lecture's form."""

    layer: str
    """Empty for the rest: what is in no other line."""
    type: str
    """``convolution``, ``max pool``, ``Inception (inception3a)``."""
    patch: str
    """Patch size and stride: ``7×7/2``; empty for a block."""
    output: tuple[int, ...]
    """Height, width, channels; of a sequence its length and their number; empty for the rest."""
    depth: int
    """Convolutions and linear layers one after the other, on the longest way through."""
    parameters: int
    macs: int


def text(facts: ModelFacts, form: Form) -> str:
    """Return the layer table of a network, ending with a line break.

    Parameters
    ----------
    facts
        Of the network.
    form
        ``csv`` with all columns, one line a row; ``markdown`` with the columns that fit a page;
        ``lecture`` with one line a block.
    """
    return {"csv": _csv, "markdown": _markdown, "lecture": _lecture}[form](facts)


def tabbed(rows: Iterable[LayerFacts]) -> str:
    """Return rows with all columns of ``csv``, a tab between cells, as a spreadsheet takes them."""
    return csv_text.text(_HEADER, map(_cells, rows), between="\t")


def lecture(facts: ModelFacts) -> tuple[Line, ...]:
    """Return the lines of the lecture's form: blocks, and layers that stand between them.

    Norms, activations and what only reshapes or joins have none; what they cost, and weights that
    belong to no layer, are one line at the end, so that the lines make up the total.
    """
    rows = {row.name: row for row in facts.layers}
    depths = _depths(facts.layers)
    lines = tuple(_line(row, rows, depths) for row in _outermost(facts.layers))
    parameters = facts.parameters - sum(line.parameters for line in lines)
    macs = facts.macs - sum(line.macs for line in lines)
    if max(parameters, macs) <= 0:  # less than nothing where a layer runs twice
        return lines
    rest = Line("", _REST, "", (), 0, max(parameters, 0), max(macs, 0))
    return (*lines, rest)


def _csv(facts: ModelFacts) -> str:
    return csv_text.text(_HEADER, map(_cells, facts.layers))


def _cells(row: LayerFacts) -> tuple[csv_text.Value, ...]:
    return (
        row.name,
        row.type,
        row.role,
        row.parent,
        _times(row.output_shape),
        _times(row.kernel),
        _times(row.stride),
        row.padding if isinstance(row.padding, str) else _times(row.padding),
        row.groups,
        row.parameters,
        row.parameters_formula,
        row.macs,
        _field(row),
        None if row.jump is None else _sides(row.jump),
        " ".join(row.inputs),
    )


def _markdown(facts: ModelFacts) -> str:
    header = (
        "layer",
        "type",
        "output",
        "kernel/stride",
        "parameters",
        "multiply-adds",
        "receptive field",
    )
    body = [
        (
            row.name,
            row.type,
            fmt.shape(row.output_shape),
            _patch(row.kernel, row.stride),
            fmt.count(row.parameters),
            fmt.count(row.macs),
            receptive.short(row),
        )
        for row in facts.layers
    ]
    total = ("**total**", "", "", "", fmt.count(facts.parameters), fmt.count(facts.macs), "")
    return _table(header, [*body, total], "lllrrrr")


def _lecture(facts: ModelFacts) -> str:
    header = ("type", "patch size/stride", "output size", "depth", "params", "ops")
    lines = lecture(facts)
    body = [
        (
            line.type,
            line.patch,
            "×".join(map(str, line.output)),
            str(line.depth),
            fmt.short(line.parameters) if line.parameters else "",
            fmt.short(line.macs) if line.macs else "",
        )
        for line in lines
    ]
    depth = max(_depths(facts.layers).values(), default=0)
    whole = (fmt.short(facts.parameters), fmt.short(facts.macs))
    return _table(header, [*body, ("**total**", "", "", str(depth), *whole)], "llrrrr")


def _outermost(rows: Sequence[LayerFacts]) -> Iterator[LayerFacts]:
    """Yield the rows that have a line: a plain list is only its members."""
    opened = {""}
    for row in rows:
        if row.parent not in opened:
            continue
        if row.type == _LIST and row.role == "block":
            opened.add(row.name)
        elif row.role not in _UNSAID:
            yield row


def _line(row: LayerFacts, rows: dict[str, LayerFacts], depths: dict[str, int]) -> Line:
    before = max((depths[name] for name in row.inputs), default=0)
    return Line(
        layer=row.name,
        type=_type(row),
        patch=_patch(row.kernel, row.stride) or _pooled(row, rows),
        output=_channels_last(row.output_shape),
        depth=depths[row.name] - before,
        parameters=row.parameters,
        macs=row.macs,
    )


def _channels_last(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (
        (1, 1, *shape) if len(shape) == 1 else shape if len(shape) == 2 else (*shape[1:], shape[0])
    )


def _type(row: LayerFacts) -> str:
    if row.role in _WORDS:
        return _WORDS[row.role]
    if row.role == "pool":
        return "max pool" if "max" in row.type.lower() else "avg pool"
    return row.type.lower() if row.leaf else f"{row.type} ({row.name})"


def _pooled(row: LayerFacts, rows: dict[str, LayerFacts]) -> str:
    """Return the patch of pooling over all there is, which is as large as its input."""
    if row.role != "pool" or not row.inputs or row.output_shape[1:] not in ((), (1, 1)):
        return ""
    before = rows[row.inputs[0]].output_shape
    return f"{before[1]}×{before[2]}/1" if len(before) == 3 else ""


def _depths(rows: Sequence[LayerFacts]) -> dict[str, int]:
    """Return for each row the layers with weights on the longest way from the picture to its end.

    A row of a block is that of the deepest row in it.
    """
    depths: dict[str, int] = {}
    parents = {row.name: row.parent for row in rows}
    for row in rows:
        here = max((depths.get(name, 0) for name in row.inputs), default=0)
        depths[row.name] = here + (row.leaf and row.role in _WITH_WEIGHTS)
        name = row.parent
        while name:
            depths[name] = max(depths[name], depths[row.name])
            name = parents[name]
    return depths


def _patch(kernel: tuple[int, int] | None, stride: tuple[int, int] | None) -> str:
    if kernel is None:
        return ""
    return f"{kernel[0]}×{kernel[1]}/{_sides(stride or (1, 1))}"


def _field(row: LayerFacts) -> str:
    if row.receptive_field is not None:
        return _sides(row.receptive_field)
    return "all" if row.field_known else ""


def _sides(pair: tuple[int, int]) -> str:
    """Return ``7`` for a square, ``1×7`` for other heights and widths."""
    return str(pair[0]) if pair[0] == pair[1] else _times(pair)


def _times(numbers: Sequence[int] | None) -> str:
    return "" if numbers is None else "×".join(map(str, numbers))


def _table(header: Sequence[str], body: Sequence[Sequence[str]], sides: str) -> str:
    rule = ["---" if side == "l" else "---:" for side in sides]
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in (header, rule, *body)]
    return "".join(f"| {' | '.join(row)} |\n" for row in escaped)
