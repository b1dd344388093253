"""How near each border is: the smallest epsilons of classes or of attacks as bars."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from cnnviz_gui.core.border_requests import Borders
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.attack.border_chart import BorderChart
from cnnviz_gui.panels.attack.border_tools import BorderTools
from cnnviz_gui.panels.attack.compare_box import CompareBox
from cnnviz_gui.panels.controls import EmptyState, Notice
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.state import border_view, pass_cost
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.border_plan import COMPARED, LANE
from cnnviz_gui.state.border_view import ShownBorders
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.texts import tr

_CONCERNS = frozenset(
    {
        *("facts", "image", "target", "stage", "methods", "attack_method", "attack_parameters"),
        *("attack_view", "borders_by", "border_parameters", "border_attacks", "borders_started"),
        *("borders_with", "borders_norm", "finding.predict", f"finding.{LANE}"),
    }
)
_INVITATION = {
    "classes": tr(
        "See how near the border to each of the likeliest classes is: the smallest"
        " epsilon with which the attack reaches it."
    ),
    "attacks": tr("See which attack finds the nearest border: the smallest epsilon of each."),
}
_STOPPED = tr("Stopped before anything was found.")


class BorderBox(CompareBox):
    """Its own row of choices, the chart, and what it says."""

    view = "borders"
    compared, concerns = COMPARED, _CONCERNS

    def __init__(self, state: AppState) -> None:
        super().__init__(state, border_view.choice)
        self.tools = BorderTools(state)
        self.tools.started.connect(self._on_start)
        self.chart = BorderChart()
        self.chart.chosen.connect(self._on_chosen)
        self.empty = EmptyState("arrows-out-line-horizontal", "")
        self.empty.acted.connect(self._on_start)
        for begins in (self.tools.start, self._failure, self.empty):
            begins.heirs = (self.chart,)
        self.verdict = Notice()
        self._stack = QStackedWidget()
        self._area = QScrollArea()
        self._lay_out()
        self._begin()

    def _lay_out(self) -> None:
        inner = QWidget()
        rows = QVBoxLayout(inner)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.GAP)
        for widget in (self.chart, self.verdict):
            rows.addWidget(widget)
        rows.addStretch(1)
        theme.surface(inner, "window")
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(inner)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._area)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(self.tools)
        column.addWidget(self._left_out)
        column.addWidget(self._failure)
        column.addWidget(self._stack, 1)

    def export(self) -> Export | None:
        """Return the chart as a picture, both ends of each bracket, and the request."""
        import numpy as np

        from cnnviz_gui.panels.convert import from_qimage

        shown = border_view.shown_borders(self._state)
        if shown is None or not shown.current:
            return None
        ends = [
            (row.failed, np.nan if row.reached is None else row.reached)
            for row in shown.result.rows
        ]
        by_class, request = isinstance(shown.request, Borders), shown.request
        image = request.attack.image if isinstance(request, Borders) else request.image
        file = image.path.replace("\\", "/").rpartition("/")[2].partition(".")[0]
        name = stem(file, "borders", shown.result.rows[0].method if by_class else "by-attack")
        picture = from_qimage(self.chart.grab().toImage())
        return Export(name, picture, np.array(ends, np.float32), shown.request)

    @Slot()
    def _on_start(self) -> None:
        """Begin, with the rows there are now whatever attack is looked at later."""
        selection = self._state.selection
        if not selection.borders_started:
            self._state.select(borders_with=selection.attack_method)
        super()._on_start()

    def _draw(self) -> None:
        state, finding = self._state, self._state.finding(LANE)
        shown, started = border_view.shown_borders(state), state.selection.borders_started
        self.tools.draw()
        self._draw_notes()
        self._stack.setCurrentWidget(self.empty if shown is None else self._area)
        verdict = border_view.verdict(state)
        self.verdict.setVisible(bool(verdict))
        if verdict:
            self.verdict.set_notice(verdict)
        if shown is None:
            self._draw_empty(finding, started)
        else:
            self._draw_chart(shown)

    def _draw_chart(self, shown: ShownBorders) -> None:
        state = self._state
        of = tr("Class") if isinstance(shown.request, Borders) else tr("Attack")
        own = all(row.own for row in shown.result.rows)
        heads = of, tr("distance") if own else tr("smallest")
        bars, end = border_view.bars(state, shown), border_view.axis_end(shown)
        title = border_view.axis_title(shown)
        self.chart.set_bars(bars, heads, title, end, stale=not shown.current)

    def _draw_empty(self, finding: Finding, started: bool) -> None:
        said = (_INVITATION[self._state.selection.borders_by], pass_cost.of_borders(self._state))
        sentence = " ".join(filter(None, said))
        if started and finding.problem is None:
            waiting = tr("Looking for the borders…")
            sentence = _STOPPED if COMPARED.halted(self._state) else waiting
        begin = self._invitation(self.tools.start)
        self.empty.set_state("arrows-out-line-horizontal", sentence, begin)
