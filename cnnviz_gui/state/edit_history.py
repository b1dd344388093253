"""Edits of channels can be taken back, and made again."""

from __future__ import annotations

import time
from collections.abc import Callable

from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.edits_view import Edits

_MOST = 100
_PAUSE = 1.0
"""Seconds after which the slider's next move counts as another edit."""


class EditHistory:
    """The edits there were, of the network in use; it watches the state itself.

    A drag of the slider is one edit. Another network has other channels, so nothing of the former
    one is brought back.
    """

    def __init__(self, state: AppState, clock: Callable[[], float] = time.monotonic) -> None:
        self._state = state
        self._clock = clock
        self._now: Edits = state.selection.edits
        self._before: list[Edits] = []
        self._after: list[Edits] = []
        self._moved = ("", -1)
        """Layer and channel whose slider moved last."""
        self._when = 0.0
        state.observe(self._on_state_changed, at_once=True)

    def can_undo(self) -> bool:
        """Tell whether there is an edit to take back."""
        return bool(self._before)

    def can_redo(self) -> bool:
        """Tell whether there is an edit to make again."""
        return bool(self._after)

    def undo(self) -> None:
        """Take the last edit back."""
        if self._before:
            self._after.append(self._now)
            self._go(self._before.pop())

    def redo(self) -> None:
        """Make again what was taken back last."""
        if self._after:
            self._before.append(self._now)
            self._go(self._after.pop())

    def _go(self, edits: Edits) -> None:
        self._now, self._moved = edits, ("", -1)
        self._state.select(edits=edits, flip_wanted=False)

    def _on_state_changed(self, changes: Changes) -> None:
        edits = self._state.selection.edits
        if "model" in changes:
            self._before, self._after, self._now = [], [], edits
            self._moved = ("", -1)
        elif edits != self._now:
            moved, when = _one(self._now, edits), self._clock()
            goes_on = moved is not None and moved == self._moved and when - self._when < _PAUSE
            if not goes_on:
                self._before = [*self._before[1 - _MOST :], self._now]
            self._moved, self._when = moved or ("", -1), when
            self._now, self._after = edits, []


def _one(before: Edits, after: Edits) -> tuple[str, int] | None:
    """Return layer and channel where only one factor differs, and neither end silences it."""
    old, new = ({(e.layer, e.channel): e.factor for e in edits} for edits in (before, after))
    keys = [key for key in {**old, **new} if old.get(key, 1.0) != new.get(key, 1.0)]
    if len(keys) != 1 or 0.0 in (old.get(keys[0], 1.0), new.get(keys[0], 1.0)):
        return None
    return keys[0]
