"""A page that can be looked at in several ways: its views, each made when it is wanted first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Segmented
from cnnviz_gui.panels.export import Export
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.selection import Stage
from cnnviz_gui.texts import tr


class ViewBox(QWidget):
    """One view of a page; observes the state itself and draws only while it is in sight.

    The page makes a box when its view is chosen first, so a box draws once when it is made. It is
    never told that it comes into sight: ``stage`` and the field of the views are changes like
    others.
    """

    stage: ClassVar[Stage]
    field: ClassVar[str]
    """Of ``Display``: which view of the page is in use."""
    view: ClassVar[str] = ""
    """Its value of that field."""
    again = Signal(object)
    """The lane to compute again."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        self.options: QWidget | None = None
        """What stands at the right of the page's tools while the box is shown."""

    def in_sight(self) -> bool:
        """Tell whether stage and view are the box's own."""
        state = self._state
        return state.selection.stage == self.stage and getattr(state.display, self.field) == (
            self.view
        )

    def fit(self) -> None:
        """Show the pictures whole."""

    def export(self) -> Export | None:
        """Return what the box can give away now."""
        return None


Box = TypeVar("Box", bound=ViewBox)


class ViewStack(QStackedWidget, Generic[Box]):
    """The views of a page, what chooses between them, and their options.

    Parameters
    ----------
    field
        Of ``Display``: which view is in use.
    boxes
        Of each view its word and what makes its box.
    connect
        Is given each box once, when it is made.
    """

    def __init__(
        self,
        state: AppState,
        field: str,
        boxes: Mapping[str, tuple[str, Callable[[AppState], Box]]],
        connect: Callable[[Box], None],
        tip: str,
    ) -> None:
        super().__init__()
        self._state, self._field = state, field
        self._makers, self._connect = boxes, connect
        self._made: dict[str, Box] = {}
        self.chooser = Segmented(
            tuple((view, word) for view, (word, _) in boxes.items()), tr("View")
        )
        self.chooser.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.chooser.setToolTip(tip)
        self.chooser.chosen.connect(self._on_chosen)
        self.options = QWidget()
        row = QHBoxLayout(self.options)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.INSIDE)

    @property
    def box(self) -> Box:
        """The box of the view in use."""
        view = getattr(self._state.display, self._field)
        if view not in self._made:
            box = self._made[view] = self._makers[view][1](self._state)
            self._connect(box)
            self.addWidget(box)
            if box.options is not None:
                self.options.layout().addWidget(box.options)
        return self._made[view]

    def show_chosen(self) -> None:
        """Show the view in use; those out of sight ask for no room, so that docks keep it."""
        box = self.box
        self.chooser.set_value(box.view)
        ignored, usual = QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred
        for other in sorted(self._made.values(), key=lambda other: other is box):
            policy = usual if other is box else ignored
            other.setSizePolicy(policy, policy)
            if other.options is not None:
                other.options.setVisible(other is box)
        self.setCurrentWidget(box)

    def _on_chosen(self, view: object) -> None:
        self._state.show(**{self._field: view})
