"""The keys of the actions: brought back from the settings, given to the actions, changed."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from cnnviz_gui.app.actions import MENUS, SPECS
from cnnviz_gui.app.settings import Settings
from cnnviz_gui.panels.key_tip import follow_keys
from cnnviz_gui.panels.places import keep_window
from cnnviz_gui.panels.shortcut_window import Entry, ShortcutWindow
from cnnviz_gui.state import key_rules
from cnnviz_gui.state.keys import KEYS
from cnnviz_gui.texts import tr


class Keyboard(QObject):
    """Lets the actions of one window have the keys of the process, and remembers those.

    Attributes
    ----------
    said
        What of the remembered keys had to be put back, a sentence; usually empty.
    """

    changed = Signal()
    """There is something to save."""

    def __init__(self, window: QWidget, settings: Settings) -> None:
        super().__init__(window)
        self._window = window
        self._settings = settings
        self._actions: Mapping[str, QAction] = {}
        self._menus: Mapping[str, QMenu] = {}
        self.table: ShortcutWindow | None = None
        chosen, broken = _checked(settings.keys)
        self.said = _told(broken)
        KEYS.choose(chosen)
        settings.keys = {name: list(keys) for name, keys in KEYS.chosen().items()}
        follow_keys(self._on_changed)

    def take(self, actions: Mapping[str, QAction], menus: Mapping[str, QMenu]) -> None:
        """Let these actions and menus have the keys from here on."""
        self._actions, self._menus = actions, menus
        self._give()

    @Slot()
    def on_show_shortcuts(self) -> None:
        """Show all keys, to be looked up and changed."""
        if self.table is None:
            entries = [Entry(s.handler, MENUS[s.menu], s.title.rstrip("…"), s.icon) for s in SPECS]
            letters = {MENUS[name][0]: MENUS[name] for name in self._menus}
            self.table = ShortcutWindow(entries, letters, self._window)
            keep_window(self.table, "shortcuts")
        self.table.show_now()

    def _on_changed(self) -> None:
        self._settings.keys = {name: list(keys) for name, keys in KEYS.chosen().items()}
        self._give()
        self.changed.emit()

    def _give(self) -> None:
        used = set()
        for name, action in self._actions.items():
            keys = [QKeySequence(key) for key in KEYS.of(name)]
            used |= set(KEYS.of(name))
            if action.shortcuts() != keys:
                action.setShortcuts(keys)
        for name, menu in self._menus.items():
            title = MENUS[name]
            # One key cannot do both: what was chosen by hand counts.
            letter = "" if f"Alt+{title[0]}" in used else "&"
            menu.setTitle(f"{letter}{title}")


def _checked(stored: Mapping[str, list[str]]) -> tuple[dict[str, list[str]], list[str]]:
    """Return the keys that can be used, and the actions whose keys cannot be.

    Actions of another version of the program are passed over.
    """
    good: dict[str, list[str]] = {}
    broken: list[str] = []
    for name, keys in stored.items():
        if name not in KEYS.names():
            continue
        taken = {key for others in good.values() for key in others}
        if all(_usable(name, key) and key not in taken for key in keys):
            good[name] = keys
        else:
            broken.append(name)
    return good, broken


def _usable(name: str, key: str) -> bool:
    read = QKeySequence(key, QKeySequence.SequenceFormat.PortableText)
    whole = read.count() == 1 and read.toString(QKeySequence.SequenceFormat.PortableText) == key
    return whole and not key_rules.refusal(name, key)


def _told(broken: list[str]) -> str:
    if not broken:
        return ""
    titles = ", ".join(tr("“{title}”", title=KEYS.title(name)) for name in broken)
    return tr(
        "The remembered keys of {titles} were not valid: the usual ones are back.", titles=titles
    )
