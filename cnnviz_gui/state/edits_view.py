"""The channels that are silenced or scaled: pure functions of the selection."""

from __future__ import annotations

from collections.abc import Iterable

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.request import ChannelEdit

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


def silenced(edits: Edits, layer: str, channels: Iterable[int]) -> Edits:
    """Return the edits with more channels silenced."""
    for channel in channels:
        edits = with_factor(edits, layer, channel, 0.0)
    return edits


def words(edits: Edits) -> str:
    """Return how many channels are edited: ``2 channels silenced``, ``1 channel scaled``."""
    what = {edit.factor == 0 for edit in edits}
    verb = "edited" if len(what) > 1 else "silenced" if True in what else "scaled"
    return f"{len(edits)} channel{'s' * (len(edits) != 1)} {verb}"


def said(edit: ChannelEdit) -> str:
    """Return what is done to a channel: ``silenced``, ``× 1.5``."""
    return "silenced" if edit.factor == 0 else f"{fmt.TIMES} {edit.factor:.2f}"
