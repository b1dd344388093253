"""Feeding a pane: a picture is made and shown only when what it is made of has changed."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.panels import take_out
from cnnviz_gui.panels.image_pane import ImagePane, PaneState
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.finding import Finding, stopped
from cnnviz_gui.texts import tr

GO_ON = tr("Stopped. Press Continue.")
_PLAIN = (str, int, float, bool)


class PaneFeed:
    """Remembers what a pane shows.

    ``kept`` pictures are not made again: as many as a slider goes to and fro between. What they
    were made of is not kept for it. A pane of the ``input_only`` shows a photograph as it came: the
    picture that leaves the window is no answer to what the page asks, and tells of none.
    """

    def __init__(
        self, pane: ImagePane, state: AppState, *, kept: int = 1, input_only: bool = False
    ) -> None:
        self.pane = pane
        self._state = state
        self._input_only = input_only
        self._key: tuple[object, ...] | None = None
        self._made: deque[tuple[tuple[Callable[[], object], ...], Any]] = deque(maxlen=kept)
        pane.told = self._told
        pane.of = self._photograph
        pane.failed.connect(self._on_failed)
        pane.save_wanted.connect(self._on_save_wanted)

    def _told(self) -> bytes:
        return b"" if self._input_only else self._state.writer.told()

    def _photograph(self) -> str:
        """Return the name of the photograph in use, which feature pictures are not made of."""
        image = self._state.selection.image
        made_of_it = image is not None and self._state.selection.stage != "features"
        return PurePath(image.path).stem if made_of_it else ""

    def _on_failed(self, error: OutputError) -> None:
        """Say why the picture could not leave the window."""
        self._state.share(notice=Notice(str(error), "error"))

    def _on_save_wanted(self, title: str) -> None:
        take_out.save_as(self.pane, self._state, self.pane.image(), title, self._told())

    def show(self, state: PaneState, make: Callable[..., Any], *args: Any) -> None:
        """Show ``make(*args)`` in a state, unless it was made of the same things already."""
        if self._key is None or not alike(self._key, args):
            self._key = args
            self.pane.set_image(self._picture(make, args))
        self.pane.set_state(state)

    def _picture(self, make: Callable[..., Any], args: tuple[object, ...]) -> Any:
        for place, (key, picture) in enumerate(self._made):
            if alike(tuple(held() for held in key), args):
                del self._made[place]
                self._made.append((key, picture))  # the one used last goes last
                return picture
        picture = make(*args)
        self._made.append((tuple(map(_held, args)), picture))
        return picture

    def clear(self, state: PaneState = "empty", message: str = "") -> None:
        """Show no picture, perhaps a sentence in its place."""
        if self._key is not None:
            self._key = None
            self._made.clear()
            self.pane.set_image(None)
        self.pane.set_state(state, message)


def _held(value: object) -> Callable[[], object]:
    """Return what gives a value back as long as somebody else has it, if it can be told."""
    try:
        return weakref.ref(value)
    except TypeError:  # a number, a text, a record
        return lambda: value


def alike(old: tuple[object, ...], new: tuple[object, ...]) -> bool:
    """Compare plain values by value and all else by identity: arrays have no single answer."""
    return len(old) == len(new) and all(
        a is b or (isinstance(a, _PLAIN) and isinstance(b, _PLAIN) and a == b)
        for a, b in zip(old, new, strict=True)
    )


def age(finding: Finding, current: bool) -> PaneState:
    """Return the state of a picture that is there: nothing is to come once the user stopped it."""
    if current:
        return "done"
    return "stopped" if finding.halted else "stale"


def pane_state(finding: Finding, shown: bool, *, rests: str = "") -> tuple[PaneState, str]:
    """Return the state of a pane, and the sentence in the place of a picture it does not have.

    ``shown`` says that there is something of this picture and network to show, ``rests`` how to go
    on where the user stopped.
    """
    if finding.problem is not None:
        return "failed", "" if shown else finding.problem.message
    if shown:
        return age(finding, finding.current), ""
    if finding.halted:
        return "empty", rests or stopped()
    return "loading", ""


def link_all(panes: tuple[ImagePane, ...], linked: bool) -> None:
    """Let all panes share zoom and cursor, or none."""
    for place, pane in enumerate(panes):
        if linked:
            pane.link(*panes[place + 1 :])
        else:
            pane.unlink()
