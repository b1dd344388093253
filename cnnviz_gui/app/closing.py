"""Closing pictures: they leave the strip, what is asked of them ends, the next one is opened."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QObject, Slot

from cnnviz_gui.app.controller import Controller
from cnnviz_gui.app.gallery import Gallery
from cnnviz_gui.core.named_files import files
from cnnviz_gui.core.request import ImageRef, Request
from cnnviz_gui.state import applying
from cnnviz_gui.state.app_state import FOLLOWS, AppState, Notice
from cnnviz_gui.state.bulletin import Changes


class Closing(QObject):
    """Handlers of the actions that close pictures; see ``actions.SPECS``.

    However a picture leaves the strip, what was found of it is forgotten. Its file stays.
    """

    def __init__(
        self, parent: QObject, state: AppState, gallery: Gallery, controller: Controller
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._gallery = gallery
        self._controller = controller
        self._known: frozenset[str] = frozenset()
        """Paths of the pictures of which something may be known."""
        state.observe(self._on_state_changed, at_once=True)

    @Slot()
    def on_close_picture(self) -> None:
        """Close the picture in use."""
        if self._can("close_picture") and self._state.selection.image is not None:
            self.close(self._state.selection.image)

    @Slot()
    def on_close_others(self) -> None:
        """Close all pictures but the one in use."""
        if self._can("close_others"):
            self.close_others(self._state.selection.image)

    def _can(self, action: str) -> bool:
        reason = applying.why_not(self._state)[action]
        if reason:
            self._state.share(notice=Notice(reason))
        return not reason

    @Slot(object)
    def close(self, ref: ImageRef) -> None:
        """Close one picture."""
        self._close({ref.path})

    @Slot(object)
    def close_others(self, ref: ImageRef | None) -> None:
        """Close all pictures but one."""
        kept = None if ref is None else ref.path
        self._close({e.ref.path for e in self._state.shared.strip} - {kept})

    @Slot()
    def forget(self) -> None:
        """Stop and forget everything: another piece of work begins."""
        self._controller.free(lambda request: True)
        self._controller.compute_again()

    def _close(self, paths: Collection[str]) -> None:
        """Close pictures in one step; where the one in use goes, its neighbour is opened."""
        image, strip = self._state.selection.image, self._state.shared.strip
        left = tuple(entry for entry in strip if entry.ref.path not in paths)
        in_use = image is not None and image.path in paths
        if in_use or self._gallery.wanted in paths:
            self._gallery.read_no_more()
        across = self._state.selection.plane_image
        gone = {"plane_image": None} if across is not None and across.path in paths else {}
        if not in_use:
            self._state.share(strip=left)
            self._state.follow(**gone)
            return
        places = [place for place, entry in enumerate(strip) if entry.ref == image]
        readable = tuple(entry for entry in left if not entry.problem) or left
        after = [e for e in strip[places[0] if places else 0 :] if e in readable]
        self._state.select(image=None, **gone)
        self._state.share(FOLLOWS, strip=left)
        if left:
            self._gallery.bring((after or readable[-1:])[0].ref, follows=True)

    def _on_state_changed(self, changes: Changes) -> None:
        if not changes & {"strip", "image"}:
            return
        image = self._state.selection.image
        here = {entry.ref.path for entry in self._state.shared.strip}
        here |= set() if image is None else {image.path}
        gone, self._known = self._known - here, frozenset(here)
        if gone:
            self._controller.free(lambda request: _names(request, gone))


def _names(request: Request, paths: Collection[str]) -> bool:
    return any(isinstance(one, ImageRef) and one.path in paths for one in files(request))
