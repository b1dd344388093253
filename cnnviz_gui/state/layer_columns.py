"""The layers as a table: which rows it has, what stands in which column, what sorts before what."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.receptive import short
from cnnviz_gui.state.layer_tree import order, units
from cnnviz_gui.state.layer_words import Measure, field, geometry, share, word
from cnnviz_gui.texts import ntr, tr

SortKey = float | str


@dataclass(frozen=True, slots=True)
class Row:
    """One layer with its share."""

    layer: LayerFacts
    share: float
    """Part of the whole network's parameters or multiply-adds, in [0, 1]."""
    bar: float
    """The same relative to the row that has most, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column; numbers stand at the right, in the unit that the header names."""

    key: str
    title: str
    unit: str
    text: Callable[[Row], str]
    sort: Callable[[Row], SortKey | None]
    """None for what is missing: it comes last in either order."""
    help: str
    number: bool = True
    largest_first: bool = True
    """The first click on the header puts the largest first."""


COLUMNS: tuple[Column, ...] = (
    Column(
        "layer",
        tr("Layer"),
        tr("in order of execution"),
        lambda row: row.layer.name,
        lambda row: _natural(row.layer.name),
        tr("Name of the layer, as the network's code has it."),
        number=False,
        largest_first=False,
    ),
    Column(
        "type",
        tr("Type"),
        "",
        lambda row: word(row.layer),
        lambda row: word(row.layer).casefold(),
        tr("What the layer does."),
        number=False,
        largest_first=False,
    ),
    Column(
        "output",
        tr("Output"),
        "C × H × W",
        lambda row: fmt.shape(row.layer.output_shape),
        lambda row: math.prod(row.layer.output_shape),
        tr("Channels, height and width of what comes out; sorted by how many numbers that is."),
    ),
    Column(
        "kernel",
        tr("Kernel, stride"),
        tr("in cells"),
        lambda row: geometry(row.layer) or fmt.NONE,
        lambda row: _geometry(row.layer),
        tr("Size of the window that moves over the maps, and by how far it moves."),
    ),
    Column(
        "parameters",
        tr("Parameters"),
        tr("numbers"),
        lambda row: fmt.compact(row.layer.parameters) if row.layer.parameters else fmt.NONE,
        lambda row: row.layer.parameters or None,
        tr("Weights and biases, learned or kept."),
    ),
    Column(
        "macs",
        tr("Multiply-adds"),
        tr("for one picture"),
        lambda row: fmt.short(row.layer.macs) if row.layer.macs else fmt.NONE,
        lambda row: row.layer.macs or None,
        tr("Multiplications with addition."),
    ),
    Column(
        "field",
        tr("Field"),
        tr("pixels"),
        lambda row: short(row.layer),
        lambda row: _seen(row.layer),
        tr(
            "Receptive field: side of the square of the picture that one cell sees, or"
            " height and width; sorted by how many pixels that is."
        ),
    ),
    Column(
        "share",
        tr("Share"),
        "",
        lambda row: fmt.percent(row.share),
        lambda row: row.share or None,
        tr("Part of the whole network."),
        number=False,
    ),
)
KEYS = tuple(column.key for column in COLUMNS)


def rows(facts: ModelFacts, measure: Measure, *, whole: bool = False) -> tuple[Row, ...]:
    """Return the rows in order of execution.

    Parameters
    ----------
    facts
        Of the network.
    measure
        What shares are shares of.
    whole
        Every row of the tree, blocks and what they are made of; else a layer once: a convolution
        with its norm and activation, and no blocks.
    """
    names = set(order(facts))
    shown = [layer for layer in facts.layers if layer.name in names] if whole else units(facts)
    most = max((int(getattr(layer, measure)) for layer in shown), default=0) or 1
    return tuple(
        Row(layer, share(layer, facts, measure), getattr(layer, measure) / most) for layer in shown
    )


def in_order(shown: Sequence[Row], column: Column | None, falling: bool = False) -> tuple[Row, ...]:
    """Return rows sorted by a column, or as they come.

    What is missing comes last either way, and what is equal stays as it was.
    """
    if column is None:
        return tuple(shown)
    keys = [(column.sort(row), row) for row in shown]
    known = [pair for pair in keys if pair[0] is not None]
    known.sort(key=operator.itemgetter(0), reverse=falling)
    return (*(row for _, row in known), *(row for key, row in keys if key is None))


_WHOLES: dict[Measure, tuple[str, str]] = {
    "parameters": (tr("of parameters"), tr("Part of the whole network's parameters.")),
    "macs": (tr("of multiply-adds"), tr("Part of the whole network's multiply-adds.")),
}
"""Of what the share is: the unit of its column, and its tooltip."""


def headings(measure: Measure) -> tuple[Column, ...]:
    """Return the columns with the unit of the share."""
    last = COLUMNS[-1]
    named = Column(
        last.key,
        last.title,
        _WHOLES[measure][0],
        last.text,
        last.sort,
        _WHOLES[measure][1],
        last.number,
    )
    return (*COLUMNS[:-1], named)


def totals(facts: ModelFacts, shown: Sequence[Row]) -> str:
    """Return what stands over the table: ``53 layers · 4.65 M parameters · 385 M multiply-adds``.

    The sums are those of the network: what is shown may be in one another.
    """
    layers = [row for row in shown if not row.layer.operation]
    parts = [ntr("{n} layer", "{n} layers", len(layers))]
    if len(shown) > len(layers):
        others = len(shown) - len(layers)
        parts.append(ntr("{n} operation", "{n} operations", others))
    parts.append(tr("{count} parameters", count=fmt.compact(facts.parameters)))
    parts.append(tr("{count} multiply-adds", count=fmt.short(facts.macs)))
    return " · ".join(parts)


def said(row: Row) -> str:
    """Return what a screen reader says of a row."""
    return ", ".join((row.layer.name, word(row.layer), field(row.layer)))


def _geometry(layer: LayerFacts) -> float | None:
    if layer.kernel is None or layer.stride is None:
        return None
    return math.prod(layer.kernel) + math.prod(layer.stride) / 1e4


def _seen(layer: LayerFacts) -> float | None:
    if not layer.field_known:
        return None
    return math.inf if layer.receptive_field is None else math.prod(layer.receptive_field)


def _natural(name: str) -> str:
    """Return what sorts ``blocks.9`` before ``blocks.10``."""
    return re.sub(r"\d+", lambda number: number[0].zfill(6), name.casefold())
