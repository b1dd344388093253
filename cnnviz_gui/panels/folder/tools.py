"""What is chosen of a folder: which one, which of its pictures are shown, and in which order."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import (
    BusyArc,
    Button,
    ComboBox,
    ElidedLabel,
    IconButton,
    SearchBox,
    Segmented,
)
from cnnviz_gui.state import folder_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.choice_words import FOLDER_LOOKS
from cnnviz_gui.state.folder_view import FolderView, Shown
from cnnviz_gui.texts import tr, within

_CHOOSE = tr("Choose another folder; it can be dropped on the window too")
_TYPED_MS = 150
_SEARCH_LEAST = 110


class FolderTools(QWidget):
    """Two rows of choices about what ``view`` knows; the box of the folder draws it.

    ``beside`` stands behind what is chosen of the folder, ``before`` in front of the button of the
    table, ``last`` behind how they are shown.
    """

    folder_wanted = Signal()
    """The user wants to choose a folder."""
    again = Signal()
    """Look through the folder again."""
    halted = Signal()
    """Stop looking through it."""
    table_wanted = Signal()
    """The user wants the table as a file."""

    def __init__(
        self,
        state: AppState,
        view: FolderView,
        *,
        beside: tuple[QWidget, ...] = (),
        before: tuple[QWidget, ...] = (),
        last: tuple[QWidget, ...] = (),
    ) -> None:
        super().__init__()
        self._state, self._view = state, view
        self._folder = Button("", "folder-open")
        self._folder.let_elide()
        self._folder.clicked.connect(self.folder_wanted)
        self._nested = IconButton("tree-structure", tr("With the pictures in the folders in it"))
        self._nested.setCheckable(True)
        self._nested.clicked.connect(self._on_nested)
        self._busy = BusyArc()
        self._count = ElidedLabel("", "caption", "text2")
        self.stop = IconButton("stop", tr("Stop; what was found stays"))
        self.stop.clicked.connect(self.halted)
        self.refresh = IconButton("arrow-clockwise", tr("Look for new and changed pictures"))
        self.refresh.clicked.connect(self.again)
        self.table = Button(tr("Save the table…"), "table")
        self.table.setToolTip(tr("The rows in sight, with their figures, as CSV for a spreadsheet"))
        self.table.clicked.connect(self.table_wanted)
        self.search = SearchBox(tr("Name or class"), accessible_name=tr("Search the pictures"))
        self.search.setToolTip(tr("Only pictures whose name or class has these words"))
        self.search.setMinimumWidth(_SEARCH_LEAST)
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.timeout.connect(self._on_searched)
        self.search.textChanged.connect(self._on_typed)
        self.classes = ComboBox(tr("Class of the pictures"))
        self.classes.setToolTip(tr("Only pictures in which the network sees this class"))
        self.classes.activated.connect(self._on_class)
        # later: what was chosen is told by its place in the list that was in sight
        self.classes.closed.connect(self._on_list_closed, Qt.ConnectionType.QueuedConnection)
        self._offered: list[tuple[int, str, int]] | None = None
        self.order = ComboBox(tr("Order of the pictures"))
        self.order.setToolTip(tr("By which figure the pictures are sorted"))
        self.order.activated.connect(self._on_order)
        self._falling = IconButton("sort-ascending", tr("Turn the order round"), boxed=True)
        self._falling.clicked.connect(self._on_turned)
        self._look = Segmented(tuple(FOLDER_LOOKS.items()), tr("How they are shown"))
        self._look.setToolTip(tr("Pictures with a word, or all figures in columns"))
        self._look.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._look.chosen.connect(self._on_look)
        upper = (self._folder, self._nested, *beside, self._busy, self._count)
        self._upper = _row(*upper, None, *before, self.stop, self.refresh, self.table)
        lower = (self.search, self.classes, self.order, self._falling, self._look)
        self._lower = _row(*lower, *last)
        self._upper.layout().setStretchFactor(self._count, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.INSIDE)
        column.addWidget(self._upper)
        column.addWidget(self._lower)

    def draw(self, shown: Shown[Any, Any] | None, in_sight: int) -> None:
        """Show what is chosen."""
        state, selection, display = self._state, self._state.selection, self._state.display
        self._folder.setText(PurePath(selection.folder).name or selection.folder)
        self._folder.setToolTip(f"{selection.folder}\n{_CHOOSE}".strip())
        self._nested.setChecked(selection.folder_nested)
        running = folder_view.running(state, self._view.LANE)
        self._busy.setVisible(running)
        self._busy.start() if running else self._busy.stop()
        self.stop.setVisible(running)
        self.refresh.setVisible(not running)
        said = "" if shown is None else self._view.count(state, shown, in_sight)
        self._count.setText(said)
        self.table.setEnabled(in_sight > 0)
        self._lower.setEnabled(shown is not None)
        if not self._typed.isActive() and self.search.text() != display.folder_words:
            self.search.blockSignals(True)
            self.search.setText(display.folder_words)
            self.search.blockSignals(False)
        self._look.set_value(display.folder_look)
        self._draw_orders(shown)
        self._draw_classes(shown)

    def _draw_orders(self, shown: Shown[Any, Any] | None) -> None:
        columns = () if shown is None else self._view.columns(shown)
        if [self.order.itemData(n) for n in range(self.order.count())] != [c.key for c in columns]:
            self.order.clear()
            for column in columns:
                self.order.addItem(tr("By {figure}", figure=within(column.title)), column.key)
        self.order.setCurrentIndex(max(0, self.order.findData(self._state.display.folder_order)))
        falling = self._state.display.folder_falling
        self._falling.set_icon("sort-descending" if falling else "sort-ascending")

    def _draw_classes(self, shown: Shown[Any, Any] | None) -> None:
        if self.classes.view().isVisible():  # it is not changed under the hand
            return
        found = [] if shown is None else self._view.classes(self._state, shown)
        chosen = self._state.display.folder_class
        if found != self._offered:
            self._offered = found
            self.classes.clear()
            self.classes.addItem(tr("All classes"), None)
            for index, label, number in found:
                self.classes.addItem(f"{label}   {number}", index)
        self.classes.setCurrentIndex(max(0, self.classes.findData(chosen)))

    @Slot()
    def _on_list_closed(self) -> None:
        self._draw_classes(self._view.shown_folder(self._state))

    @Slot()
    def _on_nested(self) -> None:
        self._state.select(folder_nested=self._nested.isChecked())

    @Slot(str)
    def _on_typed(self, text: str) -> None:
        self._typed.start(_TYPED_MS)

    @Slot()
    def _on_searched(self) -> None:
        self._state.show(folder_words=self.search.text())

    @Slot(int)
    def _on_class(self, place: int) -> None:
        self._state.show(folder_class=self.classes.itemData(place))

    @Slot(int)
    def _on_order(self, place: int) -> None:
        key = self.order.itemData(place)
        shown = self._view.shown_folder(self._state)
        if shown is not None:
            largest = next(c.largest_first for c in self._view.columns(shown) if c.key == key)
            self._state.show(folder_order=key, folder_falling=largest)

    @Slot()
    def _on_turned(self) -> None:
        self._state.show(folder_falling=not self._state.display.folder_falling)

    @Slot(object)
    def _on_look(self, look: str) -> None:
        self._state.show(folder_look=look)


def _row(*widgets: QWidget | None) -> QWidget:
    """Return widgets in a row, None being what takes the room that is left."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.INSIDE)
    for widget in widgets:
        row.addStretch(1) if widget is None else row.addWidget(widget)
    return made
