"""What the sheet of channels gives away: a page that names each, and the pictures alone."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from cnnviz_gui.core.save_work import Deferred
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.panels.features.sheet_words import DEAD, Answers, counted, told
from cnnviz_gui.state import comparison_view, feature_view
from cnnviz_gui.state.app_state import AppState

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
    numbers = dict(zip(result.channels, result.activations.tolist(), strict=True))
    answers = Answers(numbers, result.silent, max(order) + 1)
    head = tile_page.Head(
        comparison_view.layer_of(state.shared.facts, result.layer),
        (told(counted(len(order), len(request.channels)), unbounded=result.unbounded)[0],),
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
