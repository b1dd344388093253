"""The channels that are silenced or scaled: pure functions of the selection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.request import ChannelEdit
from cnnviz_gui.state import layer_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.texts import ntr, tr

Edits = tuple[ChannelEdit, ...]
MOST = 2.0
"""The largest factor the slider gives."""


def factor_of(edits: Edits, layer: str, channel: int) -> float:
    """Return what a channel is multiplied by: 1 where it is left alone."""
    found = (e.factor for e in edits if (e.layer, e.channel) == (layer, channel))
    return next(found, 1.0)


def with_factor(edits: Edits, layer: str, channel: int, factor: float) -> Edits:
    """Return the edits with another factor for one channel, in its place; 1 takes it out."""
    edit = ChannelEdit(layer=layer, channel=channel, factor=factor)
    here = [(e.layer, e.channel) for e in edits]
    changed = [edit if key == (layer, channel) else e for e, key in zip(edits, here, strict=True)]
    if (layer, channel) not in here:
        changed.append(edit)
    return tuple(e for e in changed if e.factor != 1)


def here(state: AppState) -> tuple[str, int] | None:
    """Return layer and channel in use; None before they are known."""
    layer, channel = layer_view.current_layer(state), layer_view.channel_in_use(state)
    return None if layer is None or channel is None else (layer.name, channel)


def multiplied(state: AppState, factor: float) -> dict[str, Any]:
    """Return what to select so that the channel in use is multiplied by a factor.

    The channel is chosen too: the maps may come in another order now.
    """
    place = here(state)
    if place is None:
        return {}
    edits = with_factor(state.selection.edits, *place, factor)
    return {"edits": edits, "channel": place[1], "flip_wanted": False}


def toggled(state: AppState) -> dict[str, Any]:
    """Return what to select so that the channel in use is silent, or no longer is."""
    place = here(state)
    silent = place is not None and factor_of(state.selection.edits, *place) == 0
    return multiplied(state, 1.0 if silent else 0.0)


def silenced(edits: Edits, layer: str, channels: Iterable[int]) -> Edits:
    """Return the edits with more channels silenced."""
    for channel in channels:
        edits = with_factor(edits, layer, channel, 0.0)
    return edits


def words(edits: Edits) -> str:
    """Return how many channels are edited: ``2 channels silenced``, ``1 channel scaled``."""
    what = {edit.factor == 0 for edit in edits}
    number = len(edits)
    if len(what) > 1:
        return ntr("{n} channel edited", "{n} channels edited", number)
    if True in what:
        return ntr("{n} channel silenced", "{n} channels silenced", number)
    return ntr("{n} channel scaled", "{n} channels scaled", number)


def said(edit: ChannelEdit) -> str:
    """Return what is done to a channel: ``silenced``, ``× 1.5``."""
    return tr("silenced") if edit.factor == 0 else f"{fmt.TIMES} {edit.factor:.2f}"
