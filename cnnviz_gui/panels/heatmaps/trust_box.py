"""How far a heat map is to be trusted: deletion, insertion, and maps of random weights."""

from __future__ import annotations

import math
from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from cnnviz_gui.core.trust_results import TrustResult
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Button, FailureCard, Label, Notice
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.panels.heatmaps.box import HeatmapBox
from cnnviz_gui.panels.heatmaps.sanity_strip import SanityStrip
from cnnviz_gui.panels.key_tip import key_tip
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.panels.line_chart import Line, LineChart, round_ends
from cnnviz_gui.panels.page import show_problem
from cnnviz_gui.state import trust_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.trust_view import LANE, SANITY_LANE
from cnnviz_gui.texts import tr

_CONCERNS = frozenset(
    {
        *("model", "image", "stage", "heatmap_view", "sanity_of", "heatmap_colours"),
        *("finding.heatmap", f"finding.{LANE}", f"finding.{SANITY_LANE}"),
    }
)
_CHART = 230
_ACROSS = {
    "deletion": tr("Share of the pixels taken away"),
    "insertion": tr("Share of the pixels put in"),
}
_HEADS = (tr("This map"), tr("Random"), tr("Centre"))
_NUMBER = 64


class TrustBox(HeatmapBox):
    """Two charts, a table and a sentence; below them the check against random weights."""

    view = "trust"
    one_map = True

    def __init__(self, state: AppState) -> None:
        super().__init__(state)
        self.deletion = LineChart(
            tr("Deletion"), tr("The probability while what the map marks most is taken away first")
        )
        self.insertion = LineChart(
            tr("Insertion"), tr("The probability while what the map marks most is put in first")
        )
        self._progress = Label("", "caption", "text3")
        self._table = QGridLayout()
        self._cells: list[list[Label]] = []
        self.verdict = Notice()
        self._failure = FailureCard()
        self._failure.remedied.connect(partial(self.again.emit, LANE))
        self.header = Label(tr("Random weights"), "title")
        self.check = Button(tr("Check against random weights"), "shuffle")
        key_tip(
            self.check,
            tr(
                "Make the weights of a copy of the network random, layer by layer from the top,"
                " and see how the map changes"
            ),
            "start",
        )
        self.check.begins = True
        self.check.clicked.connect(self._on_check)
        self.strip = SanityStrip()
        self._sanity = Notice()
        self._sanity_failure = FailureCard()
        self._sanity_failure.remedied.connect(partial(self.again.emit, SANITY_LANE))
        self._lay_out()
        theme.notifier.changed.connect(self._draw)
        state.observe(self._on_state_changed)
        self._draw()

    def _lay_out(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, theme.INSIDE, 0)
        column.setSpacing(theme.GAP)
        charts = QHBoxLayout()
        charts.setSpacing(theme.GAP)
        for chart in (self.deletion, self.insertion):
            chart.setMinimumHeight(_CHART)
            chart.setMaximumHeight(2 * _CHART)
        charts.addWidget(self.deletion)
        charts.addWidget(self.insertion)
        self._table.setHorizontalSpacing(theme.PADDING)
        for number in range(1, 1 + len(_HEADS)):
            self._table.setColumnMinimumWidth(number, _NUMBER)
        # an empty column takes what is left, so that the numbers stand by their names
        self._table.setColumnStretch(1 + len(_HEADS), 1)
        below = QHBoxLayout()
        below.addWidget(self.header, 1)
        below.addWidget(self.check)
        column.addWidget(self._failure)
        add_layout(column, charts, 1)
        column.addWidget(self._progress)
        add_layout(column, self._table)
        column.addWidget(self.verdict)
        add_layout(column, below)
        column.addWidget(self._sanity_failure)
        column.addWidget(self.strip)
        column.addWidget(self._sanity)
        column.addStretch()  # has only what the charts do not take
        area = QScrollArea()
        area.setAccessibleName(tr("How far the map can be trusted"))
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        theme.surface(inner, "window")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)

    def export(self) -> Export | None:
        """Return the view as a picture, the curves, and the request."""
        from cnnviz_gui.panels.convert import from_qimage

        found = trust_view.shown_trust(self._state)
        request = self._state.finding(LANE).request
        if found is None or request is None:
            return None
        name = stem("trust", found.method, found.target.label)
        return Export(name, from_qimage(self.grab().toImage()), found.map.deletion, request)

    @Slot()
    def _on_check(self) -> None:
        self._state.select(sanity_of=trust_view.complete_map(self._state))

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self.in_sight():
            self._draw()

    @Slot()
    def _draw(self) -> None:
        state = self._state
        found = trust_view.shown_trust(state)
        show_problem(self._failure, state.finding(LANE))
        stale = not state.finding(LANE).current
        top, watched = _top(found), trust_view.watched(state)
        for chart, name in ((self.deletion, "deletion"), (self.insertion, "insertion")):
            chart.set_lines(
                _lines(found, name), _ACROSS[name], watched,
                ends=(0.0, top), shares=True, stale=stale,
            )  # fmt: skip
        progress, verdict = trust_view.progress(state), trust_view.verdict(state)
        self._progress.setText(progress)
        self._progress.setVisible(bool(progress))
        self._draw_table(found)
        self.verdict.setVisible(bool(verdict))
        if verdict:
            self.verdict.set_notice(verdict)
        self._draw_sanity()

    def _draw_table(self, found: TrustResult | None) -> None:
        head = (trust_view.watched(self._state), *_HEADS)
        rows = [head, *trust_view.numbers(found)] if found is not None else []
        while len(self._cells) < len(rows):
            place = len(self._cells)
            token = "text3" if not place else "text1"
            made = [Label("", "caption" if not place else "body", token) for _ in head]
            for column, label in enumerate(made):
                align = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
                self._table.addWidget(label, place, column, align)
            self._cells.append(made)
        for place, labels in enumerate(self._cells):
            texts = rows[place] if place < len(rows) else ("",) * len(head)
            for label, text in zip(labels, texts, strict=True):
                label.setText(text)
                label.setVisible(bool(rows))

    def _draw_sanity(self) -> None:
        state = self._state
        asked = trust_view.complete_map(state)
        wanted = asked is not None and state.selection.sanity_of == asked
        problem = state.finding(SANITY_LANE)
        if wanted:
            show_problem(self._sanity_failure, problem)
        else:
            self._sanity_failure.hide()
        found = trust_view.shown_sanity(state)
        self.strip.set_result(found, state.display.heatmap_colours, stale=not problem.current)
        self.strip.setVisible(found is not None)
        self.check.setEnabled(asked is not None and not wanted)
        said = trust_view.sanity_verdict(state)
        self._sanity.setVisible(bool(said))
        if said:
            self._sanity.set_notice(said)


def _top(found: TrustResult | None) -> float:
    """Return the end of both axes: round, and no lower than the highest probability."""
    if found is None:
        return 1.0
    parts = (found.map, found.random, found.centre)
    values = [float(v) for one in parts for v in (one.deletion[1].max(), one.insertion[1].max())]
    return min(1.0, round_ends(0.0, max(values) or 1.0)[1])


def _lines(found: TrustResult | None, name: str) -> list[Line]:
    """Return the curves; of one on its way nothing while only its two ends are known."""
    if found is None:
        return []
    parts = (
        (tr("this map"), found.map, "accent", False),
        (tr("random map"), found.random, "text2", True),
        (tr("blob in the centre"), found.centre, "target", True),
    )
    lines = [
        Line(word, *getattr(one, name), token, dashed, _figure(getattr(one, f"{name}_area")))
        for word, one, token, dashed in parts
    ]
    return [line for line in lines if found.complete or len(line.across) > 2]


def _figure(area: float) -> str:
    """Return what a curve amounts to: all of a chart end at the same value."""
    return "–" if math.isnan(area) else tr("area {value}", value=f"{area:.3f}")
