"""What the sheet of channels gives away: a page that names each, and the pictures alone."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.save_work import Deferred
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.panels.features.sheet_words import DEAD, Answers, told
from cnnviz_gui.state import comparison_view, feature_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray


def given(state: AppState) -> Export | None:
    """Return the pictures that are done in the order shown, each with its answer below."""
    from cnnviz_gui.core import tile_page

    found = feature_view.shown_sheet(state)
    if found is None or not found.result.channels:
        return None
    request, result = found.request, found.result
    order = feature_view.order(result, state.display.sheet_order == "strength")
    place = {channel: at for at, channel in enumerate(result.channels)}
    shown = np.array([place[channel] for channel in order])
    alive = {
        channel: float(result.activations[at])
        for channel, at in place.items()
        if channel not in result.silent
    }
    answers = Answers(alive, max(order) + 1)
    layer = tr("layer {layer}", layer=result.layer)
    head = tile_page.Head(
        " · ".join((comparison_view.name(state.shared.facts), layer)),
        (told(_counted(len(order), len(request.channels)), unbounded=result.unbounded)[0],),
    )

    def drawn() -> ByteArray:
        return tile_page.page(
            result.pictures.shape[1:3],
            [(str(channel), answers[channel] or DEAD) for channel in order],
            lambda first: result.pictures[shown[:first]],
            head,
        )

    name = stem(str(request.model), request.layer, "channels")
    return Export(name, Deferred(functools.cache(drawn)), result.pictures, request)


def _counted(done: int, total: int) -> str:
    if done == total:
        return fmt.count(total)
    return tr("{done} of {total}", done=fmt.count(done), total=fmt.count(total))
