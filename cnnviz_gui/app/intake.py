"""Opening what is dropped on the window or pasted: pictures, addresses, weights, sessions."""

from __future__ import annotations

import functools

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from cnnviz_gui.app import incoming
from cnnviz_gui.app.gallery import Gallery
from cnnviz_gui.app.networks import Networks, is_checkpoint
from cnnviz_gui.app.sessions import is_session
from cnnviz_gui.panels import question
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.texts import tr


class Intake(QObject):
    """Sends each thing where it belongs."""

    session_wanted = Signal(object)
    """The path of a session."""

    def __init__(
        self,
        window: QWidget,
        state: AppState,
        gallery: Gallery,
        spool: incoming.Spool,
        networks: Networks,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._state = state
        self._gallery = gallery
        self._spool = spool
        self._networks = networks
        spool.kept.connect(self._on_kept)
        spool.failed.connect(self._on_spool_failed)

    def paste(self) -> None:
        """Take what is in the clipboard."""
        offer = incoming.read(QGuiApplication.clipboard().mimeData())
        if not offer.anything:
            self._state.share(notice=Notice(tr("There is no picture in the clipboard.")))
            return
        self.take(offer)

    def take(self, offer: incoming.Offer) -> None:
        """Open what was dropped or pasted; an address is fetched only when the user agrees."""
        if offer.paths:
            self._take_files(offer.paths)
        elif offer.data or offer.image is not None:
            self._spool.keep(offer.data, offer.image)
        elif offer.url.startswith("data:"):
            self._gallery.fetch(offer.url)
        elif offer.url:
            # Later: a question inside a drop would hold up the program it comes from.
            QTimer.singleShot(0, self, functools.partial(self._fetch_if_agreed, offer.url))
        else:
            self._state.share(notice=Notice(tr("That is no picture, file or address."), "warning"))

    def _take_files(self, paths: tuple[str, ...]) -> None:
        """Open pictures and folders; of files of weights, and of sessions, the first."""
        weights = [path for path in paths if is_checkpoint(path)]
        sessions = [path for path in paths if is_session(path)]
        self._gallery.open_paths([path for path in paths if path not in weights + sessions])
        if sessions:
            # Later: a question inside a drop would hold up the program it comes from.
            QTimer.singleShot(0, self, functools.partial(self.session_wanted.emit, sessions[0]))
        if weights:
            self._networks.open_checkpoint(weights[0])

    def _fetch_if_agreed(self, url: str) -> None:
        if self._agreed(url):
            self._gallery.fetch(url)

    def _agreed(self, url: str) -> bool:
        return question.agreed(
            self._window,
            tr("Fetch a picture"),
            tr("Fetch the picture from {host}?", host=incoming.host(url)),
            tr("Fetch"),
            more=tr("The program uses the network only when you ask it to."),
            eager=True,
        )

    @Slot(object)
    def _on_kept(self, path: str) -> None:
        self._gallery.open_paths([path])

    @Slot(object)
    def _on_spool_failed(self, sentence: str) -> None:
        self._state.share(notice=Notice(sentence, "error"))
