"""A page that can be looked at in several ways, one of them that of a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from cnnviz_gui.panels.export import Export
from cnnviz_gui.panels.folder.rows_box import RowsBox
from cnnviz_gui.panels.view_stack import Box, ViewStack
from cnnviz_gui.state.app_state import AppState


class FolderPage(QWidget, Generic[Box]):
    """What its views want of the program, and what the view in use can do.

    Parameters are those of ``ViewStack``.
    """

    again = Signal(object)
    """The lane to compute again."""
    halted = Signal(object)
    """The lane to stop."""
    folder_wanted = Signal()
    """The user wants to open a folder."""
    opened = Signal(object)
    """The ``ImageRef`` of a picture to open."""
    table_wanted = Signal()
    """The user wants the table of the folder as a file."""

    def __init__(
        self,
        state: AppState,
        field: str,
        boxes: Mapping[str, tuple[str, Callable[[AppState], Box]]],
        tip: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._views: ViewStack[Box] = ViewStack(state, field, boxes, self._connect, tip)

    def fit(self) -> None:
        """Show the pictures whole."""
        self._views.box.fit()

    def export(self) -> Export | None:
        """Return what the view in sight can give away."""
        return self._views.box.export()

    def _connect(self, box: Box) -> None:
        """Hand on what a view wants; called once for each."""
        box.again.connect(self.again)
        if isinstance(box, RowsBox):
            box.halted.connect(self.halted)
            box.folder_wanted.connect(self.folder_wanted)
            box.opened.connect(self.opened)
            box.table_wanted.connect(self.table_wanted)
