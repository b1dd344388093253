"""What the view of a layer's maps gives away: a sheet that names them, and the raw maps."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.save_work import Deferred
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.panels.layers.map_options import ORDERS
from cnnviz_gui.panels.layers.map_tiles import Captions
from cnnviz_gui.state import comparison_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.layer_view import ShownLayer
from cnnviz_gui.texts import ntr, tr


def given(state: AppState, shown: ShownLayer, ranges: tuple[Any, Any]) -> Export:
    """Return the maps in the order shown as a sheet that any thread draws, and all as an array.

    ``ranges`` are the ends of the scale, numbers or arrays (C,).
    """
    from cnnviz_gui.core import map_sheet

    result, ordered = shown.result, shown.ordered
    file = shown.request.image.path.replace("\\", "/").rpartition("/")[2]
    title = f"{file} · {comparison_view.layer_of(state.shared.facts, result.layer)}"
    edits = len(shown.request.edits)
    edited = ntr("1 channel edited", "{count} channels edited", edits, count=fmt.count(edits))
    told = (
        tr("order: {order}", order=ORDERS[ordered.by]),
        key_note(ordered.says, one=np.ndim(ranges[0]) == 0),
        edited if edits else "",
    )
    drawn = functools.partial(
        map_sheet.sheet,
        result.maps,
        ordered.channels,
        Captions(ordered.numbers),
        colours=state.display.map_colours,
        low=ranges[0],
        high=ranges[1],
        title=title,
        told=tuple(filter(None, told)),
    )
    name = stem(file.partition(".")[0], result.layer)
    return Export(name, Deferred(functools.cache(drawn)), result.maps, shown.request)


def key_note(number: str, *, one: bool) -> str:
    """Return what is said beside the colours: how they are scaled, what stands below the maps."""
    if one:
        return tr("one scale · {number} below", number=number)
    return tr("each to its own scale · {number} below", number=number)
