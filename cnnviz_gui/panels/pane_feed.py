"""Feeding a pane: a picture is made and shown only when what it is made of has changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.panels.image_pane import ImagePane, PaneState
from cnnviz_gui.state.app_state import AppState, Notice


class PaneFeed:
    """Remembers what a pane shows."""

    def __init__(self, pane: ImagePane, state: AppState) -> None:
        self.pane = pane
        self._state = state
        self._key: Hashable = None
        pane.failed.connect(self._on_failed)

    def _on_failed(self, error: OutputError) -> None:
        """Say why the picture could not be saved from its own menu."""
        self._state.share(notice=Notice(str(error), "error"))

    def show(self, state: PaneState, key: Hashable, make: Callable[..., Any], *args: Any) -> None:
        """Show ``make(*args)`` in a state, unless a picture with that key is shown already."""
        if key != self._key:
            self._key = key
            self.pane.set_image(make(*args))
        self.pane.set_state(state)

    def clear(self, state: PaneState = "empty", message: str = "") -> None:
        """Show no picture, perhaps a sentence in its place."""
        if self._key is not None:
            self._key = None
            self.pane.set_image(None)
        self.pane.set_state(state, message)


def link_all(panes: tuple[ImagePane, ...], linked: bool) -> None:
    """Let all panes share zoom and cursor, or none."""
    for place, pane in enumerate(panes):
        if linked:
            pane.link(*panes[place + 1 :])
        else:
            pane.unlink()
