"""The menus of pictures, networks and sessions opened lately."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QMenu

from cnnviz_gui import resources
from cnnviz_gui.app.settings import Settings
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.texts import tr


class RecentMenu(QObject):
    """Fills a submenu each time it opens.

    Parameters
    ----------
    parent
        The menu it stands in.
    place
        Its place there, counted from 0.
    title, none
        What it is called, and what it says while there is nothing in it.
    listed
        What to offer, newest first.
    described
        Turns one of those into its entry and the entry's tool tip.
    chosen
        Is called with the one that was chosen.
    forget
        Empties the list.
    """

    def __init__(
        self,
        parent: QMenu,
        place: int,
        title: str,
        none: str,
        *,
        listed: Callable[[], Sequence[str]],
        described: Callable[[str], tuple[str, str]],
        chosen: Callable[[str], None],
        forget: Callable[[], None],
    ) -> None:
        super().__init__(parent)
        self._none = none
        self._listed = listed
        self._described = described
        self._chosen = chosen
        self._forget = forget
        self.menu = QMenu(title, parent)
        self.menu.setToolTipsVisible(True)
        parent.insertMenu(parent.actions()[place], self.menu)
        self.menu.aboutToShow.connect(self._fill)

    @Slot()
    def _fill(self) -> None:
        self.menu.clear()
        for item in self._listed():
            text, tip = self._described(item)
            action = self.menu.addAction(text.replace("&", "&&"))
            action.setToolTip(tip)
            action.triggered.connect(functools.partial(self._on_chosen, item))
        if self.menu.isEmpty():
            self.menu.addAction(self._none).setEnabled(False)
            return
        self.menu.addSeparator()
        self.menu.addAction(tr("Forget these"), self._forget)

    def _on_chosen(self, item: str, checked: bool = False) -> None:
        self._chosen(item)


class Recents(QObject):
    """Keeps the lists and offers them in the menus; the program's own samples do not count."""

    changed = Signal()

    def __init__(
        self,
        menus: dict[str, QMenu],
        state: AppState,
        settings: Settings,
        *,
        open_pictures: Callable[[Sequence[str]], None],
        open_network: Callable[[ModelRef], None],
        open_session: Callable[[str], None],
    ) -> None:
        super().__init__(menus["File"])
        self._state = state
        self._settings = settings
        self._open_network = open_network
        RecentMenu(
            menus["File"],
            2,
            tr("Open recent"),
            tr("No pictures yet"),
            listed=lambda: settings.recent_images,
            described=lambda path: (Path(path).name, path),
            chosen=lambda path: open_pictures([path]),
            forget=self.forget,
        )
        RecentMenu(
            menus["File"],
            _after(menus["File"], "open_session"),
            tr("Recent sessions"),
            tr("No sessions yet"),
            listed=lambda: settings.recent_sessions,
            described=lambda path: (Path(path).name, path),
            chosen=open_session,
            forget=self.forget_sessions,
        )
        RecentMenu(
            menus["Network"],
            1,
            tr("Recent networks"),
            tr("No networks yet"),
            listed=lambda: [name for name in settings.recent_networks if _parsed(name)],
            described=self._network,
            chosen=self._choose_network,
            forget=self.forget_networks,
        )

    @Slot(object)
    def add(self, path: str) -> None:
        """Note that a picture was opened."""
        if Path(path) not in (*resources.samples(), *resources.digits()):
            self._settings.add_recent_image(path)
            self.changed.emit()

    @Slot()
    def forget(self) -> None:
        """Empty the list of pictures."""
        self._settings.recent_images = []
        self.changed.emit()

    @Slot()
    def forget_all(self) -> None:
        """Empty all lists."""
        self.forget()
        self.forget_sessions()
        self.forget_networks()

    @Slot()
    def forget_sessions(self) -> None:
        """Empty the list of sessions."""
        self._settings.recent_sessions = []
        self.changed.emit()

    @Slot()
    def forget_networks(self) -> None:
        """Empty the list of networks but for the one in use, with which the next start begins."""
        model = self._state.selection.model
        in_use = self._state.shared.facts is not None and not model.given
        self._settings.recent_networks = [str(model)] if in_use else []
        self.changed.emit()

    def drop_network(self, model: ModelRef) -> None:
        """Take a network that cannot be opened off the list."""
        names = self._settings.recent_networks
        self._settings.recent_networks = [name for name in names if name != str(model)]
        self.changed.emit()

    def first_network(self) -> ModelRef | None:
        """Return the network used last, None where there is none or it has no valid name."""
        names = self._settings.recent_networks
        return _parsed(names[0]) if names else None

    def _network(self, name: str) -> tuple[str, str]:
        model = _parsed(name) or ModelRef(name=name)
        if model.checkpoint is not None:
            return Path(model.checkpoint.path).name, name
        entries = self._state.shared.catalogue
        title = next((e.title for e in entries if e.name == model.name), model.name)
        return tr("{title}, untrained", title=title) if model.untrained else title, name

    def _choose_network(self, name: str) -> None:
        model = _parsed(name)
        if model is not None:
            self._open_network(model)


def _after(menu: QMenu, name: str) -> int:
    """Return the place in a menu that follows an action."""
    return 1 + [action.objectName() for action in menu.actions()].index(name)


def _parsed(name: str) -> ModelRef | None:
    try:
        return ModelRef.parse(name)
    except RequestError:
        return None
