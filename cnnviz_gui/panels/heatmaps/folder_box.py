"""The heat maps of a folder: tiles to look through, or a table with all figures."""

from __future__ import annotations

import functools
from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout

from cnnviz_gui.core.map_folder_results import MapRow
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import ElidedLabel, FailureCard, Notice
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.panels.folder.rows_pane import RowsPane
from cnnviz_gui.panels.folder.tiles import Tile
from cnnviz_gui.panels.heatmaps.box import HeatmapBox
from cnnviz_gui.panels.heatmaps.folder_tools import MapFolderTools
from cnnviz_gui.panels.page import show_problem
from cnnviz_gui.state import map_folder_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.map_folder_view import LANE, ShownFolder

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray

_CONCERNS = frozenset(
    {
        *("facts", "model", "stage", "heatmap_view", "folder", "folder_nested", "folder_curves"),
        *("folder_look", "folder_order", "folder_falling", "folder_words", "folder_class"),
        *("methods", "heatmap_method", f"finding.{LANE}"),
    }
)
_INVITATION = (
    "Open a folder of pictures, or drop one here, to see where the network looks in each of them."
)
_GIVING_WAY = ("peak", "centre", "target", "inside", "marked", "spread", "insertion", "deletion")


class FolderBox(HeatmapBox):
    """Choices, tiles or table, and what could not be read."""

    view = "folder"
    one_map = False
    folder_wanted = Signal()
    """The user wants to choose a folder."""
    opened = Signal(object)
    """The ``ImageRef`` of a picture to open."""
    halted = Signal(object)
    """The lane to stop."""
    table_wanted = Signal()
    """The user wants the table as a file."""

    def __init__(self, state: AppState) -> None:
        super().__init__(state)
        self._shown: ShownFolder | None = None
        self._rows: tuple[MapRow, ...] = ()
        self._given: tuple[tuple[MapRow, ...], Export] | None = None
        """What was given away last, of which rows."""
        self.tools = MapFolderTools(state)
        self.tools.folder_wanted.connect(self.folder_wanted)
        self.tools.table_wanted.connect(self.table_wanted)
        self.tools.again.connect(self._on_again)
        self.tools.halted.connect(self._on_halted)
        self._failure = FailureCard()
        self._failure.remedied.connect(self._on_again)
        self._stopped = Notice()
        self._stopped.acted.connect(self._on_again)
        self.pane = RowsPane(_INVITATION, self._told)
        self.pane.chosen.connect(self._on_chosen)
        self.tiles, self.table = self.pane.tiles, self.pane.table
        self.table.sort_wanted.connect(self._on_sorted)
        self.pane.empty.acted.connect(self.folder_wanted)
        self._skipped = ElidedLabel("", "caption", "text3")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        for widget in (self.tools, self._failure, self._stopped):
            column.addWidget(widget)
        column.addWidget(self.pane, 1)
        column.addWidget(self._skipped)
        theme.notifier.changed.connect(self._draw)
        state.observe(self._on_state_changed)
        self._draw()

    def export(self) -> Export | None:
        """Return the small pictures in sight on one page, their figures, and the request."""
        if self._shown is None or not self._rows:
            return None
        if self._given is None or self._given[0] is not self._rows:
            self._given = self._rows, self._exported(self._shown)
        return self._given[1]

    def _exported(self, shown: ShownFolder) -> Export:
        import numpy as np

        columns = map_folder_view.columns(shown)
        figures = [column for column in columns if column.number]
        array = np.array(
            [[column.sort(row) for column in figures] for row in self._rows], np.float32
        )
        name = stem(PurePath(shown.request.folder.path).name, shown.request.method)
        page = functools.cache(functools.partial(self._page, shown, self._rows))
        return Export(name, page, array, shown.request)

    def _page(self, shown: ShownFolder, rows: tuple[MapRow, ...]) -> ByteArray:
        """Draw the page, which takes long: once, and only where it is wanted."""
        from cnnviz_gui.core.folder import sheet

        def under(row: MapRow) -> tuple[str, str]:
            number = map_folder_view.said_under(self._state, shown, row)
            word = map_folder_view.label(self._state, row)
            return PurePath(row.path).name, f"{word} {number}".strip()

        return sheet.contact_sheet(rows, under, PurePath(shown.request.folder.path).name)

    def _told(self, place: int) -> str:
        return "" if self._shown is None else map_folder_view.told(self._shown, self._rows[place])

    @Slot(object)
    def _on_chosen(self, path: str) -> None:
        """Show the map of one picture large; of one that cannot be read, say what can be done."""
        row = next(row for row in self._rows if row.path == path)
        if row.problem:
            self.opened.emit(ImageRef(path=path))
        else:
            self._state.show(heatmap_view="map")
            self.opened.emit(ImageRef(path=path, reduced=True))  # as it was read here

    @Slot(object)
    def _on_sorted(self, order: tuple[str, bool]) -> None:
        self._state.show(folder_order=order[0], folder_falling=order[1])

    @Slot()
    def _on_again(self) -> None:
        self.again.emit(LANE)

    @Slot()
    def _on_halted(self) -> None:
        self.halted.emit(LANE)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self.in_sight():
            self._draw()

    @Slot()
    def _draw(self) -> None:
        state, finding = self._state, self._state.finding(LANE)
        shown = self._shown = map_folder_view.shown_folder(state)
        self._rows = () if shown is None else map_folder_view.rows_in_sight(state, shown)
        self.tools.setVisible(bool(state.selection.folder))
        self.tools.draw(shown, len(self._rows))
        show_problem(self._failure, finding)
        stopped = finding.status == "stopped" and shown is not None
        self._stopped.setVisible(stopped)
        if stopped and shown is not None:
            at = f"at {len(shown.result.rows)} of {shown.result.total}"
            # rows that answer what was asked before do not count
            said = f"Stopped {at if shown.current else 'before the first picture'}."
            self._stopped.set_notice(said, action="Continue")
        bad = "" if shown is None else map_folder_view.skipped(shown)
        self._skipped.setVisible(bool(bad))
        self._skipped.setText(bad)
        self._draw_rows(shown)

    def _draw_rows(self, shown: ShownFolder | None) -> None:
        state = self._state
        self.pane.set_stale(shown is not None and not shown.current)
        if not state.selection.folder:
            self.pane.invite()
            return
        if shown is None:
            self.pane.wait(state.finding(LANE).at_work)
            return
        running = not shown.complete and shown.current and state.finding(LANE).status == "partial"
        missing = shown.result.total - len(shown.result.rows) if running else 0
        table = None
        if state.display.folder_look == "table":
            order = map_folder_view.column(state, shown).key, state.display.folder_falling
            table = map_folder_view.columns(shown), order, _GIVING_WAY
        self.pane.set_rows(self._rows, self._tile, table, missing=missing)

    def _tile(self, place: int) -> Tile:
        assert self._shown is not None
        state, shown, row = self._state, self._shown, self._rows[place]
        return Tile(
            thumbnail=row.thumbnail,
            name=PurePath(row.path).name,
            word=map_folder_view.label(state, row),
            number=map_folder_view.said_under(state, shown, row),
            problem=row.problem,
        )
