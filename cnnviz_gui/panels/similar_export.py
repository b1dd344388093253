"""What the page of similar pictures gives away: a sheet of what was found, and the embedding."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from cnnviz_gui.core.save_work import Deferred
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.panels.neighbour_grid import OWN, likeness
from cnnviz_gui.state import comparison_view, similar_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.heatmap_view import seen
from cnnviz_gui.state.similar_view import ShownNearest
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray

_NAME = 18
"""Letters of a file's name that have room below a picture; the middle of a longer one is cut."""


def given(state: AppState) -> Export | None:
    """Return the picture in use with those found so far as a sheet, and its embedding.

    None while the embedding is not known; while nothing is found, the picture by itself.
    """
    embedding, picture = similar_view.shown_embedding(state), seen(state)
    request, image = state.finding("embed").request, state.selection.image
    if embedding is None or picture is None or request is None or image is None:
        return None
    name = image.path.replace("\\", "/").rpartition("/")[2].partition(".")[0]
    numbers = stem(name, "embedding")
    shown = similar_view.shown_nearest(state)
    if shown is None or not shown.current or not shown.result.neighbours:
        return Export(numbers, picture, embedding.vector, request)
    drawn = functools.cache(_sheet(state, shown, picture))
    similar = stem(name, "similar")
    return Export(similar, Deferred(drawn), embedding.vector, shown.request, array_stem=numbers)


def _sheet(
    state: AppState, shown: ShownNearest, picture: ByteArray
) -> functools.partial[ByteArray]:
    """Return what draws the pictures that were found; it names no folder but the last of them."""
    from cnnviz_gui.core import neighbour_sheet
    from cnnviz_gui.core.files import display_name

    own = shown.request.image.path
    file = display_name(own)
    found = [
        neighbour_sheet.Named(
            one.thumbnail,
            OWN if one.path == own else display_name(one.path, _NAME),
            likeness(one.similarity),
        )
        for one in shown.result.neighbours
    ]
    parts = (file, comparison_view.name(state.shared.facts), similar_view.folder_name(state))
    told = (similar_view.count(state, shown), tr("cosine of the embeddings"))
    asked = neighbour_sheet.Named(picture, file)
    return functools.partial(
        neighbour_sheet.sheet, asked, found, " · ".join(parts), " · ".join(told)
    )
