"""What is grey in the menus: what would do nothing now, with the reason in the status line.

Only while a menu is open, and while the command palette gathers what can be done: a key of what
would do nothing is still heard, and answered with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Slot
from PySide6.QtGui import QAction, QGuiApplication, QMouseEvent, QStatusTipEvent
from PySide6.QtWidgets import QMenu, QWidget

from cnnviz_gui.app import incoming, primary
from cnnviz_gui.core.request import Attack
from cnnviz_gui.state import applying, resting, unsaved
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.panels.export import Export

_OF_ATTACK = tr("Only what an attack returns is saved as JPEG.")
_NO_FIGURE = tr("There is a figure of a heat map in the view Map, and of a decision plane.")
_NO_FILM = tr("There is no animation of what is in view.")
_NO_CROP = tr("There is a crop once the place of a heat map is shown, as a box or a mask.")
_NO_START = tr("There is nothing in view to start or to go on with.")
_NO_PICTURE = tr("There is no picture in view to fit.")
_NO_CLIPBOARD = tr("There is no picture in the clipboard.")
_UNDONE = {
    "undo": tr("There is no change of the settings to take back."),
    "redo": tr("There is no change of the settings that was taken back."),
}
_REPLAYED = ("save_request", "copy_request", "copy_python", "copy_command")
"""Of them those that need a request which gives just what is in view."""
_GIVEN = (
    *("save_picture", "save_jpeg", "save_figure", "save_array", "save_request", "save_film"),
    *("save_crop", "copy_picture", *_REPLAYED[1:]),
)
"""Actions that need what the page gives away."""
_OWN = frozenset({*_UNDONE, "compare", "swap_networks", "stop_comparing"})
"""Actions that others let follow the state at all times."""


class Menus(QObject):
    """Marks the entries of the menus as they apply, before a menu is seen.

    ``page`` returns the page in view.
    """

    def __init__(
        self,
        menus: Mapping[str, QMenu],
        actions: Mapping[str, QAction],
        state: AppState,
        page: Callable[[], QWidget],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._state = state
        self._page = page
        self._grey: list[QAction] = []
        for menu in menus.values():
            menu.aboutToShow.connect(self.mark)
            menu.aboutToHide.connect(self.free)
            menu.installEventFilter(self)

    @Slot()
    def mark(self) -> None:
        """Let what would do nothing be grey, and say why."""
        self.free()
        self._state.bulletin.deliver_all()  # the page may not have drawn yet what is known
        for name, reason in self.reasons().items():
            action = self._actions[name]
            action.setStatusTip(reason)
            if reason and name not in _OWN:
                action.setEnabled(False)
                self._grey.append(action)

    @Slot()
    def free(self) -> None:
        """Let every key be heard again."""
        for action in self._grey:
            action.setEnabled(True)
        self._grey.clear()
        self._tell("")

    @contextmanager
    def marked(self) -> Iterator[None]:
        """Mark while the context lasts; every key is heard after it, whatever was raised there."""
        try:
            self.mark()
            yield
        finally:
            self.free()

    def _tell(self, text: str) -> None:
        QCoreApplication.sendEvent(self._window, QStatusTipEvent(text))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Say why an entry below the pointer is grey; of the others Qt tells itself."""
        if isinstance(watched, QMenu) and isinstance(event, QMouseEvent):
            action = watched.actionAt(event.position().toPoint())
            if action is not None and not action.isEnabled():
                self._tell(action.statusTip())
        return False

    def reasons(self) -> dict[str, str]:
        """Return, by name, why an action would do nothing now; empty where it would."""
        taken = {
            name: "" if self._actions[name].isEnabled() else why for name, why in _UNDONE.items()
        }
        page = self._page()
        held = QGuiApplication.clipboard().mimeData()  # None while it is empty
        pastes = held is not None and incoming.offered(held)
        starts = bool(resting.in_sight(self._state)) or primary.offers(page)
        return {
            **applying.why_not(self._state),
            **self._of_export(page),
            **taken,
            "paste": "" if pastes else _NO_CLIPBOARD,
            "fit": "" if _pictured(page) else _NO_PICTURE,
            "start": "" if starts else _NO_START,
        }

    def _of_export(self, page: QWidget) -> dict[str, str]:
        """Return the same of what is saved and copied."""
        give = getattr(page, "export", None)
        export: Export | None = give() if give is not None else None
        if export is None:
            return dict.fromkeys(_GIVEN, unsaved.why(self._state))
        return {
            **dict.fromkeys(_GIVEN, ""),
            "save_jpeg": "" if isinstance(export.request, Attack) else _OF_ATTACK,
            "save_array": "" if export.table is None else unsaved.no_array(),
            "save_figure": _NO_FIGURE if export.figure is None else "",
            "save_film": _NO_FILM if export.film is None else "",
            "save_crop": _NO_CROP if export.crop is None else "",
            **dict.fromkeys(_REPLAYED, export.unlike),
        }


def _pictured(page: QWidget) -> bool:
    """Tell whether a page shows a picture that the hand could have moved or enlarged."""
    # the pages come after the first paint
    from cnnviz_gui.panels.heatmaps.heat_grid import HeatGrid
    from cnnviz_gui.panels.image_pane import ImagePane

    panes = (one for one in page.findChildren(ImagePane) if one.image() is not None)
    shown = (*panes, *page.findChildren(HeatGrid))
    return any(one.isVisibleTo(page) for one in shown)
