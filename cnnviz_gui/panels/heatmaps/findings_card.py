"""What is to be known of the map on screen beside its looks."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Notice
from cnnviz_gui.panels.line_chart import Line, LineChart
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.heatmap_view import shown_map

_CONCERNS = frozenset({"stage", "model", "image", "finding.heatmap"})


class FindingsCard(QWidget):
    """The notes of a map, one sentence each, and its curve where it has one."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.notes = Notice()
        self.chart = LineChart()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.INSIDE)
        column.addWidget(self.notes)
        column.addWidget(self.chart)
        state.observe(self._on_state_changed)
        self._draw()

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "heatmaps":
            self._draw()

    def _draw(self) -> None:
        shown = shown_map(self._state)
        notes = shown.result.notes if shown is not None else ()
        curve = shown.result.curve if shown is not None else None
        self.notes.setVisible(bool(notes))
        if notes:
            self.notes.set_notice(" ".join(notes))
        self.chart.setVisible(curve is not None)
        if curve is not None:
            stale = not self._state.finding("heatmap").current
            line = Line(curve.up, curve.points[0], curve.points[1])
            self.chart.set_lines([line], curve.across, curve.up, stale=stale)
        self.setVisible(bool(notes) or curve is not None)
