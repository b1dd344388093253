"""What the view of a layer's filters gives away: a page that names them, and the weights."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from cnnviz_gui.core import filter_picture
from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.save_work import Deferred
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.panels.layers.filter_words import Norms, caption
from cnnviz_gui.panels.overlays import diverging
from cnnviz_gui.state import comparison_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.filter_view import ShownFilters, input_number
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.layer_results import LayerFilters
    from cnnviz_gui.core.result import ByteArray


def given(state: AppState, shown: ShownFilters) -> Export | None:
    """Return the kernels in the order shown, or the matrix a pixel a number; None without any."""
    result = shown.result
    if result.form == "none":
        return None
    part = "" if result.view == "whole" else f"{result.view}-{result.index}"
    name = stem(state.selection.model.name, result.layer, "filters", part)
    if result.matrix is not None:
        picture = filter_picture.sheet(result, diverging())
        return Export(name, picture, result.matrix, shown.request)
    return Export(name, _page(state, shown), result.kernels, shown.request)


def _page(state: AppState, shown: ShownFilters) -> Deferred:
    from cnnviz_gui.core import tile_page

    result, colours = shown.result, diverging()
    assert result.kernels is not None and result.kernel_norms is not None
    common = state.display.map_scale == "common"
    if filter_picture.in_colour(result):
        key, told = None, tr("each to its own maximum, mid grey is 0")
    else:
        bound = float(filter_picture.ranges(result, common=common)[0, 1])
        ends = None if common else (f"{fmt.MINUS}max", "max")
        key = tile_page.Key(colours, -bound, bound, ends)
        told = "" if common else tr("each to its own maximum")
    title = comparison_view.layer_of(state.shared.facts, result.layer)
    form, norms, order = result.kernels.shape[-2:], Norms(result.kernel_norms), shown.order

    def paint(first: int) -> ByteArray:
        return filter_picture.tiles(result, colours, order[:first], common=common)[..., :3]

    def drawn() -> ByteArray:
        return tile_page.page(
            form,
            [(str(_number(result, place)), norms[place]) for place in order.tolist()],
            paint,
            tile_page.Head(title, tuple(filter(None, (caption(result)[0], told))), key),
        )

    return Deferred(functools.cache(drawn))


def _number(result: LayerFilters, place: int) -> int:
    """Return which filter a kernel is, or of which input channel a slice of one."""
    return input_number(result, result.index, place) if result.view == "filter" else place
