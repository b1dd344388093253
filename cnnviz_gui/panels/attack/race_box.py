"""A race: several attacks under one budget as a table."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.attack.compare_box import CompareBox
from cnnviz_gui.panels.attack.race_table import RaceTable
from cnnviz_gui.panels.attack.race_tools import RaceTools
from cnnviz_gui.panels.controls import EmptyState
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.state import race_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.race_plan import COMPARED, LANE
from cnnviz_gui.texts import tr

_CONCERNS = frozenset(
    {
        *("facts", "image", "target", "stage", "methods", "attack_method", "attack_parameters"),
        *("attack_view", "race_parameters", "race_attacks", "race_started"),
        *("race_order", "race_falling", "finding.predict", f"finding.{LANE}"),
    }
)
_ICON = "trophy"
_INVITATION = tr(
    "Let attacks run under one budget, and compare what they reach, how far they go"
    " and what they cost."
)


class RaceBox(CompareBox):
    """Its own row of choices, and the table."""

    view = "race"
    compared, concerns = COMPARED, _CONCERNS
    table_wanted = Signal()
    """The user wants the table as a file."""

    def __init__(self, state: AppState) -> None:
        super().__init__(state, race_view.choice)
        self.tools = RaceTools(state)
        self.tools.started.connect(self._on_start)
        self.tools.table_wanted.connect(self.table_wanted)
        self.table = RaceTable()
        self.table.chosen.connect(self._on_chosen)
        self.table.sort_wanted.connect(self._on_sorted)
        self.empty = EmptyState(_ICON, _INVITATION)
        self.empty.acted.connect(self._on_start)
        for begins in (self.tools.start, self._failure, self.empty):
            begins.heirs = (self.table,)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        for widget in (self.tools, self._left_out, self._failure):
            column.addWidget(widget)
        column.addWidget(self._stack, 1)
        self._begin()

    def export(self) -> Export | None:
        """Return the table as a picture, its numbers, and the request."""
        import numpy as np

        from cnnviz_gui.panels.convert import from_qimage

        shown = race_view.ready(self._state)
        if shown is None:
            return None
        columns = race_view.columns(self._state, shown)
        figures = [column for column in columns if column.number]
        rows = race_view.rows(self._state, shown)
        numbers = [[_or_nan(column.sort(row)) for column in figures] for row in rows]
        file = shown.request.image.path.replace("\\", "/").rpartition("/")[2].partition(".")[0]
        picture = from_qimage(self.table.grab().toImage())
        return Export(stem(file, "race"), picture, np.array(numbers, np.float32), shown.request)

    @Slot(object)
    def _on_sorted(self, order: tuple[str, bool]) -> None:
        self._state.show(race_order=order[0], race_falling=order[1])

    def _draw(self) -> None:
        state, finding = self._state, self._state.finding(LANE)
        shown, started = race_view.shown_race(state), state.selection.race_started
        self.tools.draw()
        self._draw_notes()
        self._stack.setCurrentWidget(self.empty if shown is None else self.table)
        if shown is not None:
            order = race_view.column(state, shown).key, state.display.race_falling
            self.table.set_stale(not shown.current)
            columns, rows = race_view.columns(state, shown), race_view.rows(state, shown)
            self.table.set_rows(columns, rows, order, race_view.giving_way(shown))
            return
        sentence = _INVITATION
        if started and finding.problem is None:
            waiting = tr("Getting ready…")
            sentence = tr("Stopped before the start.") if COMPARED.halted(state) else waiting
        self.empty.set_state(_ICON, sentence, self._invitation(self.tools.start))


def _or_nan(value: object) -> float:
    return float("nan") if value is None else float(str(value))
