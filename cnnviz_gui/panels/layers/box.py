"""What every view of a layer is."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from cnnviz_gui.panels.export import Export
from cnnviz_gui.state.app_state import AppState


class LayerBox(QWidget):
    """One view of a layer; observes the state itself and draws only while it is in sight.

    The page makes a box when its view is chosen first, so a box draws once when it is made. It is
    never told that it comes into sight: ``stage`` and ``layer_view`` are changes like others.
    """

    view: ClassVar[str] = ""
    """Its value of ``Display.layer_view``."""
    beside: ClassVar[bool] = True
    """Whether the chosen channel is shown over the photograph beside it."""
    again = Signal(object)
    """The lane to compute again."""
    folder_wanted = Signal()
    """The user wants to choose the folder of ``Selection.layer_folder``."""
    hovered = Signal(object)
    """``(channel, row, column, value)`` under the cursor, or None."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        self.options: QWidget | None = None
        """What stands at the right of the page's header while the box is shown."""

    def in_sight(self) -> bool:
        """Tell whether stage and view are the box's own."""
        state = self._state
        return state.selection.stage == "layers" and state.display.layer_view == self.view

    def export(self) -> Export | None:
        """Return what the box can give away now."""
        return None

    def mark(self, cell: tuple[int, int] | None) -> None:
        """Show which cell the cursor on the photograph points at; boxes without cells need not."""
