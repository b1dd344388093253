"""What is chosen of a folder's attacks, beside what is chosen of every folder; and to begin."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal

from cnnviz_gui.panels.controls import Button, IconButton
from cnnviz_gui.panels.folder.tools import FolderTools
from cnnviz_gui.panels.key_tip import key_tip
from cnnviz_gui.state import attack_folder_view, folder_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.folder_view import Shown
from cnnviz_gui.texts import tr

_FIRST = tr("Attack every picture of the folder, one after the other")
_AGAIN = tr("Attack every picture of the folder, with the attack as it is set now")


class AttackFolderTools(FolderTools):
    """With a button to begin, and whether the pictures are shown as they were."""

    started = Signal()
    """The user wants to begin."""

    def __init__(self, state: AppState) -> None:
        start = Button(tr("Attack them all"), "lightning", "primary")
        clean = IconButton(
            "eye", tr("Show the pictures as they were before the attack"), boxed=True
        )
        super().__init__(state, attack_folder_view, before=(start,), last=(clean,))
        self.start = start
        self.start.clicked.connect(self.started)
        self.clean = clean
        self.clean.setCheckable(True)

    def draw(self, shown: Shown[Any, Any] | None, in_sight: int) -> None:
        """Show what is chosen; what was not begun yet can be begun."""
        super().draw(shown, in_sight)
        state = self._state
        startable = attack_folder_view.startable(state)
        self.start.setVisible(startable)
        key_tip(self.start, _FIRST if shown is None else _AGAIN, "start")
        running = folder_view.running(state, attack_folder_view.LANE)
        self.refresh.setVisible(not running and shown is not None and not startable)
        self.clean.setVisible(state.display.folder_look == "tiles")
        self.table.setVisible(shown is not None)
        self._lower.setVisible(shown is not None)
