"""The decision plane: classes around a picture, the loss beside them, the picture at a point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Button, ElidedLabel, FailureCard, KeyValueRows, Label
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.method_box import MethodBox
from cnnviz_gui.panels.page import lay_out, same, show_problem
from cnnviz_gui.panels.pane_feed import PaneFeed, link_all, pane_state
from cnnviz_gui.panels.plane_legend import PlaneLegend
from cnnviz_gui.panels.plane_paint import Rgb, class_picture, loss_picture, marks
from cnnviz_gui.state import attack_view, plane_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.plane_view import LANE, POINT_LANE, ShownPlane

if TYPE_CHECKING:
    from cnnviz_gui.core.plane_results import PlaneResult
    from cnnviz_gui.core.result import ByteArray

_CONCERNS = frozenset(
    {
        "facts",
        "image",
        "target",
        "stage",
        "methods",
        "strip",
        "attack_method",
        "attack_parameters",
        "plane_parameters",
        "plane_started",
        "plane_point",
        "linked",
        "heatmap_colours",
        "finding.predict",
        f"finding.{LANE}",
        f"finding.{POINT_LANE}",
    }
)
_WIDE, _NARROW = 620, 300
_ENLARGED = 8
"""Pixels of a saved picture to a point of the plane."""
_INVITATION = "Classify the pictures around this one, along the attack and across it."
_POINT_INVITATION = "Click a point of the plane to see the picture there."


class PlanePage(QWidget):
    """The attack, the plane, its loss, its classes, one of its pictures."""

    again = Signal(object)
    """The lane to compute again."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._method = MethodBox(state, "attack")
        self._summary = ElidedLabel("", "caption", "text2")
        self._count = Label("", "caption", "text3")
        self._start = Button("Classify", "lightning", "primary")
        self._start.setToolTip("Classify the points of the plane, coarse to fine")
        self._start.clicked.connect(self._on_start)
        self._failure = FailureCard()
        self._failure.remedied.connect(self._on_again)
        self._classes = PaneFeed(ImagePane("Decision plane"), state)
        self._loss = PaneFeed(ImagePane("Loss"), state)
        self._point = PaneFeed(ImagePane("Picture"), state)
        self._planes = (self._classes.pane, self._loss.pane)
        for pane in self._planes:
            pane.set_smooth(False)
            pane.set_readout(self._readout)
            pane.clicked.connect(self._on_clicked)
        self._drawn: PlaneResult | None = None
        self._legend = PlaneLegend()
        self._scores = KeyValueRows()
        self._lay_out()
        theme.notifier.changed.connect(self._draw)
        state.observe(self._on_state_changed)
        self._draw()

    def _lay_out(self) -> None:
        body = lay_out(self, (self._method, self._summary), (self._count, self._start))
        body.addWidget(self._failure)
        left = QWidget()
        main = QVBoxLayout(left)
        main.setContentsMargins(0, 0, 0, 0)
        main.setSpacing(theme.GAP)
        main.addWidget(self._classes.pane, 1)
        main.addWidget(self._legend)
        right = QWidget()
        side = QVBoxLayout(right)
        side.setContentsMargins(theme.GAP, 0, 0, 0)
        side.setSpacing(theme.GAP)
        side.addWidget(self._loss.pane, 1)
        side.addWidget(self._point.pane, 1)
        side.addWidget(self._scores)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(right)
        split.setSizes([_WIDE, _NARROW])
        row = QHBoxLayout()
        row.addWidget(split)
        body.addLayout(row, 1)

    def fit(self) -> None:
        """Show the pictures whole."""
        for pane in (*self._planes, self._point.pane):
            pane.surface.fit()

    def export(self) -> Export | None:
        """Return the plane, each point enlarged, and the probabilities behind it."""
        shown = plane_view.shown_plane(self._state)
        if shown is None or not shown.current or plane_view.progress(self._state):
            return None
        small = _painted(shown.result, theme.current().name)
        picture = small.repeat(_ENLARGED, axis=0).repeat(_ENLARGED, axis=1)
        image = shown.request.attack.image.path.rpartition("/")[2].partition(".")[0]
        name = stem(image, "plane", shown.request.attack.method)
        return Export(name, picture, shown.result.confidence, shown.request)

    @Slot()
    def _on_again(self) -> None:
        self.again.emit(LANE)

    @Slot()
    def _on_start(self) -> None:
        """Begin, or go on where the user stopped."""
        if self._state.selection.plane_started:
            self.again.emit(LANE)
        self._state.select(plane_started=True)

    @Slot(object)
    def _on_clicked(self, spot: tuple[int, int]) -> None:
        if self._drawn is not None:
            self._state.select(plane_point=plane_view.at(self._drawn, *spot))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the next point with the arrows, which pan a picture only when it is enlarged."""
        steps = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, 1),
            Qt.Key.Key_Down: (0, -1),
        }
        key = Qt.Key(event.key())
        if key not in steps or self._drawn is None:
            super().keyPressEvent(event)
            return
        point = self._state.selection.plane_point or (0.0, 0.0)
        self._state.select(plane_point=plane_view.stepped(self._drawn, point, *steps[key]))

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "plane":
            self._draw()

    @Slot()
    def _draw(self) -> None:
        state = self._state
        finding, shown = state.finding(LANE), plane_view.shown_plane(state)
        started = state.selection.plane_started
        self._summary.setText(attack_view.summary(state))
        self._count.setText(plane_view.progress(state))
        halted = started and finding.status == "stopped"
        self._start.setText("Continue" if halted else "Classify")
        self._start.setVisible(halted or not started)
        link_all(self._planes, True)
        show_problem(self._failure, finding if started else Finding())
        self._legend.set_rows(plane_view.legend(shown.result) if shown is not None else [])
        self._drawn = shown.result if shown is not None else None
        if shown is None:
            status, message = pane_state(finding, False)
            self._classes.clear(status if started else "empty", message if started else _INVITATION)
            self._classes.pane.set_caption("")
            self._loss.clear(status if started else "empty")
            self._loss.pane.set_title("Loss")
        else:
            self._draw_plane(shown)
        self._draw_point()

    def _draw_plane(self, shown: ShownPlane) -> None:
        state, result = self._state, shown.result
        method = state.shared.method("attack", shown.request.attack.method)
        names = plane_view.axes(shown, method.title if method else shown.request.attack.method)
        over = marks(result, names, plane_view.end(result), state.selection.plane_point)
        look = "done" if shown.current else "stale"
        self._classes.show(look, _painted, result, theme.current().name)
        colours = state.display.heatmap_colours
        self._loss.show(look, _painted_loss, result, colours, theme.current().name)
        for pane in self._planes:
            pane.surface.over = over
            pane.surface.viewport().update()
        lengths = " · ".join(
            f"{axis} = {fmt.significant(length)}"
            for axis, length in zip("ab", result.lengths, strict=True)
        )
        self._classes.pane.set_caption(f"L2 of {lengths}")
        self._loss.pane.set_title(f"Loss of {result.label.label}")

    def _draw_point(self) -> None:
        state, shown = self._state, plane_view.shown_point(self._state)
        chosen = state.selection.plane_point is not None
        self._scores.setVisible(shown is not None)
        if shown is None:
            failed = state.finding(LANE).problem is not None
            status, message = pane_state(state.finding(LANE if failed else POINT_LANE), False)
            self._point.clear(
                status if chosen else "empty", message if chosen else _POINT_INVITATION
            )
            self._point.pane.set_caption("")
            return
        self._point.show("done", same, shown.result.picture)
        self._point.pane.set_caption(
            f"a {fmt.significant(shown.along)}, b {fmt.significant(shown.across)}"
        )
        rows = [(s.label, fmt.percent(s.probability)) for s in shown.result.scores[:3]]
        if shown.result.clipped:
            rows.append(("Cut off at black or white", fmt.percent(shown.result.clipped)))
        self._scores.set_rows(rows)

    def _readout(self, x: int, y: int) -> str:
        # Of what is drawn: the state may know of a finer one already.
        return plane_view.readout(self._drawn, x, y) if self._drawn is not None else ""


def _painted(result: PlaneResult, scheme: str) -> ByteArray:
    """Return the classes in the colours of the theme in use, whose name is ``scheme``."""
    tokens = plane_view.tokens(result)
    return class_picture(result, {i: _rgb(token) for i, token in tokens.items()}, _rgb("panel"))


def _painted_loss(result: PlaneResult, name: str, scheme: str) -> ByteArray:
    return loss_picture(result, name, _rgb("panel"))


def _rgb(token: str) -> Rgb:
    colour = theme.color(token)
    return colour.red(), colour.green(), colour.blue()
