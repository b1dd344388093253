"""The view of a folder: choices, tiles or table of its pictures, and what is missing."""

from __future__ import annotations

import functools
from pathlib import PurePath
from typing import Any, ClassVar

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.core.save_work import Deferred
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import ElidedLabel, FailureCard, Notice
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.panels.folder.rows_pane import RowsPane
from cnnviz_gui.panels.folder.tiles import Tile
from cnnviz_gui.panels.folder.tools import FolderTools
from cnnviz_gui.panels.page import show_problem
from cnnviz_gui.panels.view_stack import ViewBox
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.folder_view import FolderView, Shown
from cnnviz_gui.texts import tr

_CONCERNS = frozenset(
    {
        *("facts", "model", "stage", "methods", "folder", "folder_nested"),
        *("folder_look", "folder_order", "folder_falling", "folder_words", "folder_class"),
    }
)


class RowsBox(ViewBox):
    """What is seen of a folder, whatever was asked of its pictures.

    Each page derives its own from it and from what all its views are; that ends its making with
    ``_begin``, and overrides but what is no slot.
    """

    view = "folder"
    known: ClassVar[FolderView]
    """What is shown, and of which lane."""
    concerns: ClassVar[frozenset[str]]
    """Changes after which it looks different, beside those of every folder."""
    invitation: ClassVar[str]
    """How to begin, a sentence."""
    giving_way: ClassVar[tuple[str, ...]]
    """Columns that the table leaves out first, as of ``FolderTable``."""
    long_word: ClassVar[bool] = False
    """As of ``Tile``."""
    folder_wanted = Signal()
    """The user wants to choose a folder."""
    opened = Signal(object)
    """The ``ImageRef`` of a picture to open."""
    halted = Signal(object)
    """The lane to stop."""
    table_wanted = Signal()
    """The user wants the table as a file."""

    def __init__(self, state: AppState, tools: FolderTools) -> None:
        super().__init__(state)
        self._shown: Shown[Any, Any] | None = None
        self._rows: tuple[Any, ...] = ()
        self._given: tuple[tuple[Any, ...], tuple[object, ...], Export] | None = None
        """What was given away last: of which rows, of which columns and request."""
        self._concerns = _CONCERNS | self.concerns | {self.field, f"finding.{self.known.LANE}"}
        self.tools = tools
        self.tools.folder_wanted.connect(self.folder_wanted)
        self.tools.table_wanted.connect(self.table_wanted)
        self.tools.again.connect(self._on_again)
        self.tools.halted.connect(self._on_halted)
        self._failure = FailureCard()
        self._failure.remedied.connect(self._on_again)
        self._stopped = Notice()
        self._stopped.acted.connect(self._on_again)
        self.pane = RowsPane(self.invitation, self._told)
        self.pane.chosen.connect(self._on_chosen)
        self.tiles, self.table = self.pane.tiles, self.pane.table
        self.table.sort_wanted.connect(self._on_sorted)
        self.pane.empty.acted.connect(self.folder_wanted)
        self.tools.stop.heirs = (self._stopped, self.pane)
        for ends in (self.tools.refresh, self._stopped, self._failure, self.pane.empty):
            ends.heirs = (self.tools.stop, self.pane)
        self._skipped = ElidedLabel("", "caption", "text3")

    def _begin(self, *above: QWidget) -> None:
        """Lay out, with ``above`` over the pictures, and follow state and theme from now on."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        for widget in (self.tools, self._failure, self._stopped, *above):
            column.addWidget(widget)
        column.addWidget(self.pane, 1)
        column.addWidget(self._skipped)
        theme.notifier.changed.connect(self._draw)
        self._state.observe(self._on_state_changed)
        self._draw()

    def export(self) -> Export | None:
        """Return the small pictures in sight on one page, their figures, and the request."""
        if self._shown is None or not self._rows:
            return None
        made_of = self.known.columns(self._shown), self._shown.request
        if self._given is None or self._given[0] is not self._rows or self._given[1] != made_of:
            self._given = self._rows, made_of, self._exported(self._shown)
        return self._given[2]

    def _exported(self, shown: Shown[Any, Any]) -> Export:
        import numpy as np

        figures = [column for column in self.known.columns(shown) if column.number]
        array = np.array(
            [[column.sort(row) for column in figures] for row in self._rows], np.float32
        )
        name = stem(PurePath(shown.request.folder.path).name, shown.request.method)
        return Export(name, self._page(shown), array, shown.request)

    def _page(self, shown: Shown[Any, Any]) -> Deferred:
        """Return what draws the page, which takes long: once, and only where it is wanted."""
        from cnnviz_gui.core.folder import sheet

        under = {row.path: self._under(shown, row) for row in self._rows[: sheet.MOST]}
        given = self._rows, lambda row: under[row.path], self._footer(shown)
        return Deferred(functools.cache(functools.partial(sheet.contact_sheet, *given)))

    def _under(self, shown: Shown[Any, Any], row: Any) -> tuple[str, str]:
        """Return the two lines below a picture of the page."""
        word = self.known.label(self._state, row)
        number = self.known.said_under(self._state, shown, row)
        return PurePath(row.path).name, f"{word} {number}".strip()

    def _footer(self, shown: Shown[Any, Any]) -> str:
        """Return what stands below the page."""
        return PurePath(shown.request.folder.path).name

    def _told(self, place: int) -> str:
        return "" if self._shown is None else self.known.told(self._shown, self._rows[place])

    @Slot(object)
    def _on_chosen(self, path: str) -> None:
        """Show a picture large; of one that cannot be read, say what can be done."""
        row = next(row for row in self._rows if row.path == path)
        if row.problem or self._shown is None:
            self.opened.emit(ImageRef(path=path))
        else:
            self._open(self._shown, row)

    def _open(self, shown: Shown[Any, Any], row: Any) -> None:
        """Show large what was found of a picture."""
        raise NotImplementedError

    @Slot(object)
    def _on_sorted(self, order: tuple[str, bool]) -> None:
        self._state.show(folder_order=order[0], folder_falling=order[1])

    @Slot()
    def _on_again(self) -> None:
        self.again.emit(self.known.LANE)

    @Slot()
    def _on_halted(self) -> None:
        self.halted.emit(self.known.LANE)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & self._concerns and self.in_sight():
            self._draw()

    @Slot()
    def _draw(self) -> None:
        state, finding = self._state, self._state.finding(self.known.LANE)
        shown = self._shown = self.known.shown_folder(state)
        self._rows = () if shown is None else self.known.rows_in_sight(state, shown)
        self.tools.setVisible(bool(state.selection.folder))
        self.tools.draw(shown, len(self._rows))
        show_problem(self._failure, finding)
        self._draw_stopped(shown)
        bad = "" if shown is None else self.known.skipped(shown)
        self._skipped.setVisible(bool(bad))
        self._skipped.setText(bad)
        self._draw_above(shown)
        self._draw_rows(shown)

    def _draw_stopped(self, shown: Shown[Any, Any] | None) -> None:
        """Say where the user stopped, and offer to go on."""
        folder, halted = self._state.selection.folder, self._state.finding(self.known.LANE).halted
        if not folder or not halted or self._startable():
            self._stopped.hide()
            return
        said = tr("Stopped before the first picture.")
        if shown is not None and shown.current:  # rows that answer another question do not count
            done, total = len(shown.result.rows), shown.result.total
            said = tr("Stopped at {done} of {total}.", done=done, total=total)
        self._stopped.set_stopped(said)
        self._stopped.show()

    def _startable(self) -> bool:
        """Tell whether a button offers to begin with something else."""
        return False

    def _draw_above(self, shown: Shown[Any, Any] | None) -> None:
        """Draw what stands over the pictures."""

    def _draw_rows(self, shown: Shown[Any, Any] | None) -> None:
        state, known = self._state, self.known
        self.pane.set_stale(shown is not None and not shown.current)
        if shown is None:
            self._draw_beginning()
            return
        partial = state.finding(known.LANE).status == "partial"
        running = not shown.complete and shown.current and partial
        missing = shown.result.total - len(shown.result.rows) if running else 0
        table = None
        if state.display.folder_look == "table":
            order = known.column(state, shown).key, state.display.folder_falling
            table = known.columns(shown), order, self.giving_way
        self.pane.set_rows(self._rows, self._tile, table, missing=missing)

    def _draw_beginning(self) -> None:
        """Wait for the first picture, or say how to begin."""
        if self._state.selection.folder:
            finding = self._state.finding(self.known.LANE)
            known = finding.advance.total if finding.advance is not None else None
            self.pane.wait(finding.at_work, known)
        else:
            self.pane.invite()

    def _tile(self, place: int) -> Tile:
        assert self._shown is not None
        state, row = self._state, self._rows[place]
        return Tile(
            thumbnail=self._small(row),
            name=PurePath(row.path).name,
            word=self.known.label(state, row),
            number=self.known.said_under(state, self._shown, row),
            problem=row.problem,
            long_word=self.long_word,
        )

    def _small(self, row: Any) -> bytes:
        """Return the small picture of a row, as JPEG."""
        return row.thumbnail
