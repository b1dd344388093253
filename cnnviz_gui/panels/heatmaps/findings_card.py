"""What is to be known of the map on screen beside its looks."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Notice
from cnnviz_gui.panels.line_chart import Line, LineChart
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.heatmap_view import shown_map

_CONCERNS = frozenset({"stage", "heatmap_view", "model", "image", "finding.heatmap"})


class NotesCard(Notice):
    """The notes of a map, one sentence each; not there where there are none."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        state.observe(self._on_state_changed)
        self._draw()

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "heatmaps":
            self._draw()

    def _draw(self) -> None:
        shown = shown_map(self._state)
        notes = shown.result.notes if shown is not None else ()
        self.setVisible(bool(notes))
        if notes:
            self.set_notice(" ".join(notes))


class CurveCard(QWidget):
    """The curve of a map: of integrated gradients the score along the path."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.chart = LineChart()
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.PADDING, theme.INSIDE, theme.PADDING, 0)
        column.addWidget(self.chart)
        state.observe(self._on_state_changed)
        self._draw()

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS:
            self._draw()

    def _draw(self) -> None:
        display, shown = self._state.display, shown_map(self._state)
        in_sight = self._state.selection.stage == "heatmaps" and display.heatmap_view == "map"
        curve = shown.result.curve if shown is not None and in_sight else None
        self.setVisible(curve is not None)
        if curve is not None:
            stale = not self._state.finding("heatmap").current
            line = Line(curve.up, curve.points[0], curve.points[1])
            self.chart.set_lines([line], curve.across, curve.up, stale=stale)
