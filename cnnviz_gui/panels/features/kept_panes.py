"""The panes of kept pictures: what they are never changes, so they never dim."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from cnnviz_gui.panels.features import pixels
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.pane_feed import PaneFeed
from cnnviz_gui.state import kept_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.texts import tr


class KeptPane(ImagePane):
    """A picture whose menu also leads back to its settings."""

    back_wanted = Signal()
    drop_wanted = Signal()

    def menu(self) -> QMenu:
        """Return the menu of the picture."""
        menu = super().menu()
        menu.addSeparator()
        menu.addAction(tr("Take its settings back"), self.back_wanted.emit)
        menu.addAction(tr("Keep it no longer"), self.drop_wanted.emit)
        return menu


class KeptPanes(QObject):
    """Makes the panes of what is kept as they are needed, and draws them."""

    back_wanted = Signal()
    """The settings of what is kept are to be those in use again."""
    drop_wanted = Signal()

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._feeds: list[PaneFeed] = []

    def draw(self) -> tuple[ImagePane, ...]:
        """Draw what is kept; return its panes, none where nothing is."""
        kept = self._state.shared.kept_features
        drawn: list[ImagePane] = []
        for part in kept.parts if kept is not None else ():
            title = kept_view.title(self._state, part)
            told = kept_view.told_of_kept(self._state, part)
            for place in range(len(part.result.pictures)):
                feed = self._feed(len(drawn))
                pane = feed.pane
                feed.show("done", pixels.one, part.result, place)
                pane.set_title(f"{title}, {place + 1}" if place else title)
                pane.set_caption("" if place else pixels.reached(part.result))
                pane.set_details("" if place else told)
                pane.setToolTip(told)
                drawn.append(pane)
        for feed in self._feeds[len(drawn) :]:
            feed.clear()  # what is kept no longer takes up no room
        return tuple(drawn)

    def _feed(self, place: int) -> PaneFeed:
        while len(self._feeds) <= place:
            pane = KeptPane(tr("Kept"))
            pane.back_wanted.connect(self.back_wanted)
            pane.drop_wanted.connect(self.drop_wanted)
            self._feeds.append(PaneFeed(pane, self._state))
        return self._feeds[place]
