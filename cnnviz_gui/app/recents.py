"""The menu of pictures opened lately."""

from __future__ import annotations

import functools
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMenu

from cnnviz_gui import resources
from cnnviz_gui.app.gallery import Gallery
from cnnviz_gui.app.settings import Settings


class RecentMenu(QObject):
    """Fills a submenu each time it opens; the program's own samples do not count."""

    def __init__(self, parent: QMenu, settings: Settings, gallery: Gallery) -> None:
        super().__init__(parent)
        self._settings = settings
        self._gallery = gallery
        self._menu = QMenu("Open recent", parent)
        before = parent.actions()[2]
        parent.insertMenu(before, self._menu)
        self._menu.aboutToShow.connect(self._fill)

    @Slot(object)
    def add(self, path: str) -> None:
        """Note that a picture was opened."""
        if Path(path) not in resources.samples():
            self._settings.add_recent_image(path)

    @Slot()
    def forget(self) -> None:
        """Empty the list."""
        self._settings.recent_images = []

    @Slot()
    def _fill(self) -> None:
        self._menu.clear()
        for path in self._settings.recent_images:
            action = self._menu.addAction(Path(path).name)
            action.setToolTip(path)
            action.triggered.connect(functools.partial(self._gallery.open_paths, [path]))
        if self._menu.isEmpty():
            self._menu.addAction("No pictures yet").setEnabled(False)
            return
        self._menu.addSeparator()
        self._menu.addAction("Forget these", self.forget)
