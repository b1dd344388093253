"""The attacks on a folder: how many pictures hold, and where each of them gives way."""

from __future__ import annotations

import functools
from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout

from cnnviz_gui.core.attack_folder_results import AttackRow
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.attack.box import AttackBox
from cnnviz_gui.panels.attack.folder_tools import AttackFolderTools
from cnnviz_gui.panels.attack.robust_chart import RobustChart
from cnnviz_gui.panels.controls import ElidedLabel, FailureCard, Label, Notice
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.panels.folder.rows_pane import RowsPane
from cnnviz_gui.panels.folder.tiles import Tile
from cnnviz_gui.panels.page import show_problem
from cnnviz_gui.state import attack_folder_view, folder_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attack_folder_view import LANE, ShownAttacks
from cnnviz_gui.state.bulletin import Changes

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray

_CONCERNS = frozenset(
    {
        *("facts", "model", "stage", "attack_view", "folder", "folder_nested", "attack_folder"),
        *("folder_look", "folder_order", "folder_falling", "folder_words", "folder_class"),
        "epsilon_unit",
        *("methods", "attack_method", "attack_parameters", "target", f"finding.{LANE}"),
    }
)
_INVITATION = (
    "Open a folder of pictures, or drop one here, to see how many of them withstand an attack."
)
_READY = "Nothing is computed before you begin."
_GIVING_WAY = ("after-probability", "l2", "lasting", "probability", "truth", "after")


class FolderBox(AttackBox):
    """Choices, the curve, tiles or table, and what was not attacked."""

    view = "folder"
    one_attack = False
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
        self._shown: ShownAttacks | None = None
        self._rows: tuple[AttackRow, ...] = ()
        self._given: tuple[tuple[AttackRow, ...], Export] | None = None
        """What was given away last, of which rows."""
        self.tools = AttackFolderTools(state)
        self.tools.folder_wanted.connect(self.folder_wanted)
        self.tools.table_wanted.connect(self.table_wanted)
        self.tools.started.connect(self._on_start)
        self.tools.again.connect(self._on_again)
        self.tools.halted.connect(self._on_halted)
        self.tools.clean.clicked.connect(self._draw)
        self._failure = FailureCard()
        self._failure.remedied.connect(self._on_again)
        self._stopped = Notice()
        self._stopped.acted.connect(self._on_again)
        self.chart = RobustChart()
        self.verdict = Label("", "body", "text1", wrap=True)
        self.pane = RowsPane(_INVITATION, self._told)
        self.pane.chosen.connect(self._on_chosen)
        self.pane.table.sort_wanted.connect(self._on_sorted)
        self.pane.empty.acted.connect(self.folder_wanted)
        self._skipped = ElidedLabel("", "caption", "text3")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        for widget in (self.tools, self._failure, self._stopped, self.chart, self.verdict):
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

    def _exported(self, shown: ShownAttacks) -> Export:
        import numpy as np

        figures = [column for column in attack_folder_view.columns(shown) if column.number]
        array = np.array(
            [[column.sort(row) for column in figures] for row in self._rows], np.float32
        )
        name = stem(PurePath(shown.request.folder.path).name, shown.request.method)
        page = functools.cache(functools.partial(self._page, shown, self._rows))
        return Export(name, page, array, shown.request)

    def _page(self, shown: ShownAttacks, rows: tuple[AttackRow, ...]) -> ByteArray:
        """Draw the page, which takes long: once, and only where it is wanted."""
        from cnnviz_gui.core.folder import sheet

        def under(row: AttackRow) -> tuple[str, str]:
            word, number = (
                attack_folder_view.label(self._state, row),
                attack_folder_view.said_under(self._state, shown, row),
            )
            return PurePath(row.path).name, f"{word} {number}".strip()

        footer = f"{PurePath(shown.request.folder.path).name} · {attack_folder_view.verdict(shown)}"
        return sheet.contact_sheet(rows, under, footer)

    def _told(self, place: int) -> str:
        return (
            "" if self._shown is None else attack_folder_view.told(self._shown, self._rows[place])
        )

    @Slot(object)
    def _on_chosen(self, path: str) -> None:
        """Show one attack large, with the epsilon at which the picture gave way."""
        row = next(row for row in self._rows if row.path == path)
        if row.problem or self._shown is None:
            self.opened.emit(ImageRef(path=path))
            return
        self._state.select(**attack_folder_view.opening(self._shown, row))
        self._state.show(attack_view="picture")
        self.opened.emit(self._state.selection.attack_awaited)

    @Slot(object)
    def _on_sorted(self, order: tuple[str, bool]) -> None:
        self._state.show(folder_order=order[0], folder_falling=order[1])

    @Slot()
    def _on_start(self) -> None:
        if not attack_folder_view.startable(self._state):
            self.again.emit(LANE)
            return
        self._state.select(attack_folder=attack_folder_view.wanted(self._state))

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
        shown = self._shown = attack_folder_view.shown_folder(state)
        self._rows = () if shown is None else attack_folder_view.rows_in_sight(state, shown)
        self.tools.setVisible(bool(state.selection.folder))
        self.tools.draw(shown, len(self._rows))
        show_problem(self._failure, finding)
        stopped = (
            finding.status == "stopped"
            and shown is not None
            and not attack_folder_view.startable(state)
        )
        self._stopped.setVisible(stopped)
        if stopped and shown is not None:
            at = f"at {len(shown.result.rows)} of {shown.result.total}"
            # rows that answer what was asked before do not count
            said = f"Stopped {at if shown.current else 'before the first picture'}."
            self._stopped.set_notice(said, action="Continue")
        bad = "" if shown is None else attack_folder_view.skipped(shown)
        self._skipped.setVisible(bool(bad))
        self._skipped.setText(bad)
        self._draw_curve(shown)
        self._draw_rows(shown)

    def _draw_curve(self, shown: ShownAttacks | None) -> None:
        points = () if shown is None else attack_folder_view.curve(shown)
        for widget in (self.chart, self.verdict):
            widget.setVisible(bool(points))
        if shown is not None and points:
            self.chart.set_points(
                points,
                attack_folder_view.title(self._state, shown),
                attack_folder_view.keeps(shown),
                attack_folder_view.axis(shown),
                stale=not shown.current,
            )
            self.verdict.setText(attack_folder_view.verdict(shown))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave room for the pictures."""
        self.chart.fit_into(self.height())
        super().resizeEvent(event)

    def _draw_rows(self, shown: ShownAttacks | None) -> None:
        state = self._state
        self.pane.set_stale(shown is not None and not shown.current)
        if shown is None:
            self._draw_beginning()
            return
        running = not shown.complete and shown.current and state.finding(LANE).status == "partial"
        missing = shown.result.total - len(shown.result.rows) if running else 0
        table = None
        if state.display.folder_look == "table":
            order = attack_folder_view.column(state, shown).key, state.display.folder_falling
            table = attack_folder_view.columns(shown), order, _GIVING_WAY
        self.pane.set_rows(self._rows, self._tile, table, missing=missing)

    def _draw_beginning(self) -> None:
        """Say how to begin, or wait for the first picture."""
        folder = self._state.selection.folder
        if folder and folder_view.running(self._state, LANE):
            self.pane.wait(True)
            return
        if folder:
            said = f"{attack_folder_view.plan_of(self._state)} {_READY}"
            self.pane.empty.set_state("folders", said)
        else:
            self.pane.empty.set_state("folders", _INVITATION, "Open a folder…")
        self.pane.invite()

    def _tile(self, place: int) -> Tile:
        assert self._shown is not None
        row = self._rows[place]
        clean = self.tools.clean.isChecked() and row.clean
        return Tile(
            thumbnail=row.clean if clean else row.thumbnail,
            name=PurePath(row.path).name,
            word=attack_folder_view.label(self._state, row),
            number=attack_folder_view.said_under(self._state, self._shown, row),
            problem=row.problem,
            long_word=True,
        )
