"""The decision plane: classes around a picture, the loss beside them, the picture at a point."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.attack.aim_row import AimRow
from cnnviz_gui.panels.controls import (
    Button,
    EmptyState,
    FailureCard,
    KeyValueRows,
    Label,
    Segmented,
)
from cnnviz_gui.panels.dimming import Dimming
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.panels.image_pane import TITLE_ROW, ImagePane
from cnnviz_gui.panels.key_tip import key_tip
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.panels.method_box import MethodBox
from cnnviz_gui.panels.page import lay_out, same, show_problem
from cnnviz_gui.panels.pane_feed import GO_ON, PaneFeed, link_all, pane_state
from cnnviz_gui.panels.plane_legend import PlaneLegend
from cnnviz_gui.panels.plane_paint import Marks, lines, marked
from cnnviz_gui.panels.plane_plots import Axes, PlanePlots
from cnnviz_gui.panels.plane_surface import PlaneSurface
from cnnviz_gui.state import pass_cost, plane_view, trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.plane_view import LANE, POINT_LANE, ShownPlane
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from PySide6.QtGui import QPainterPath

    from cnnviz_gui.core.plane_picture import Rgb
    from cnnviz_gui.core.plane_requests import Plane
    from cnnviz_gui.core.plane_results import PlaneResult
    from cnnviz_gui.core.result import ByteArray

_CONCERNS = frozenset(
    {
        *("facts", "image", "target", "stage", "methods", "strip"),
        *("attack_method", "attack_parameters"),
        *("plane_parameters", "plane_class", "plane_image", "plane_started", "plane_point"),
        *("linked", "heatmap_colours"),
        *("finding.predict", f"finding.{LANE}", f"finding.{POINT_LANE}"),
    }
)
_BELOW, _NOTES = 146, 32
"""Heights that legend and picture, and two lines of notes, have at least."""
_METHOD = 146
_INVITATION = tr("Classify the pictures around this one, along the attack and across it.")
_POINT_INVITATION = tr("Click a point of the plane.")
_TITLES = (tr("Decision plane"), tr("Loss"))


class PlanePage(QWidget):
    """The attack, the plane, its loss, its classes, one of its pictures."""

    again = Signal(object)
    """The lane to compute again."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._method = MethodBox(state, "attack", least=_METHOD)
        self._aim = AimRow(state)
        self._count = Label("", "caption", "text3")
        self._start = Button(tr("Classify"), "lightning", "primary")
        key_tip(self._start, tr("Classify the points of the plane, coarse to fine"), "start")
        self._start.clicked.connect(self._on_start)
        self._failure = FailureCard()
        self._failure.remedied.connect(self._on_again)
        self._classes, self._loss = (PaneFeed(ImagePane(title), state) for title in _TITLES)
        self._point = PaneFeed(ImagePane(tr("Picture")), state)
        self._planes = (self._classes.pane, self._loss.pane)
        for pane in self._planes:
            pane.set_readout(_nothing)  # a chip would cover what is marked on the plane
            pane.hovered.connect(self._on_hovered)
            pane.clicked.connect(self._on_clicked)
        self._look = Segmented((("map", tr("Loss map")), ("surface", tr("Surface"))), tr("Loss"))
        self._look.setToolTip(tr("Show the loss as a map, or as a surface that the hand turns"))
        self._look.set_value("map")
        self._look.chosen.connect(self._on_look)
        self._surface = PlaneSurface()
        self._plots = PlanePlots(*self._planes, self._surface)
        self.empty = EmptyState("grid-four", _INVITATION, tr("Classify"))
        self.empty.acted.connect(self._on_start)
        self._drawn: PlaneResult | None = None
        self._answers: Plane | None = None
        self._borders: QPainterPath | None = None
        self._contours: QPainterPath | None = None
        self._legend = PlaneLegend()
        self._notes = Label("", "caption", "text2", wrap=True)
        self._told = Label("", "caption", "text1", wrap=True)
        self._under = QStackedWidget()
        self._under.setMinimumHeight(_NOTES)  # the planes stay as large when there are more
        for label in (self._notes, self._told):
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
            self._under.addWidget(label)
        self._pointed: tuple[int, int] | None = None
        self._dimming = Dimming(self)
        self._dimming.changed.connect(self._on_dimmed)
        self._scores = KeyValueRows()
        self._lay_out()
        theme.notifier.changed.connect(self._draw)
        state.observe(self._on_state_changed)
        self._draw()

    def _lay_out(self) -> None:
        self._start.heirs = self._failure.heirs = self.empty.heirs = self._planes
        body = lay_out(self, (self._method, self._aim), (self._count, self._look, self._start))
        body.addWidget(self._failure)
        body.addWidget(self._plots)
        body.addWidget(self._under)
        left = QVBoxLayout()
        left.setSpacing(theme.GAP)
        left.addWidget(self._legend)
        left.addStretch(1)
        numbers = QVBoxLayout()
        numbers.addSpacing(TITLE_ROW)
        numbers.addWidget(self._scores)
        numbers.addStretch(1)
        self._below = _Rest()
        row = QHBoxLayout(self._below)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.PADDING)
        add_layout(row, left, 2)
        row.addWidget(self._point.pane, 1)
        add_layout(row, numbers, 1)
        body.addWidget(self._below, 1)
        body.addWidget(self.empty, 1)

    def fit(self) -> None:
        """Show the pictures whole."""
        for pane in (*self._planes, self._point.pane):
            pane.surface.fit()

    def export(self) -> Export | None:
        """Return the plane with its borders and marks, the numbers behind it, the request."""
        from cnnviz_gui.core.plane_picture import arrays
        from cnnviz_gui.core.plane_requests import SavePlane

        shown = plane_view.shown_plane(self._state)
        if shown is None or not shown.current or plane_view.progress(self._state):
            return None
        image = shown.request.attack.image.path.rpartition("/")[2].partition(".")[0]
        name = stem(image, "plane", shown.request.attack.method)
        colours = self._state.display.heatmap_colours
        figure = SavePlane(plane=shown.request, path="", colours=colours)
        numbers = arrays(shown.result)
        drawn = functools.partial(self._picture, shown.result)
        return Export(name, drawn, numbers, shown.request, figure=figure)

    def _picture(self, result: PlaneResult) -> ByteArray:
        """Return a whole plane as it is drawn, whatever part of it is seen."""
        drawn = lines(result, result.drawing.borders)
        point = self._state.selection.plane_point
        marks = Marks(result, drawn, plane_view.names(result), plane_view.end(result), point)
        return marked(_painted(result, theme.current().name), marks)

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
    def _on_look(self, look: str) -> None:
        self._look.set_value(look)
        self._draw()

    @Slot(object)
    def _on_hovered(self, spot: tuple[int, int] | None) -> None:
        """Tell of the point under the cursor in place of the notes."""
        self._pointed = spot
        self._draw_told()

    @Slot(object)
    def _on_clicked(self, spot: tuple[int, int]) -> None:
        plane = self._in_use()
        if plane is not None:
            self._state.select(plane_point=plane_view.at(plane, *spot))

    def _in_use(self) -> PlaneResult | None:
        """Return the plane that is drawn, unless the selection asks for another by now.

        The points of another lie elsewhere.
        """
        return self._drawn if self._answers == plane_view.plane_request(self._state) else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the next point with the arrows, which pan a picture only when it is enlarged."""
        steps = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, 1),
            Qt.Key.Key_Down: (0, -1),
        }
        key = Qt.Key(event.key())
        plane = self._in_use()
        if key not in steps or plane is None:
            super().keyPressEvent(event)
            return
        point = self._state.selection.plane_point or (0.0, 0.0)
        self._state.select(plane_point=plane_view.stepped(plane, point, *steps[key]))

    @Slot()
    def _on_dimmed(self) -> None:
        """Let what is said of an old plane recede with its pictures."""
        self._legend.set_opacity(self._dimming.opacity)
        self._plots.set_opacity(self._dimming.opacity)
        self._notes.set_tone("text2" if self._dimming.opacity == 1.0 else "text3")

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "plane":
            self._draw()

    @Slot()
    def _draw(self) -> None:
        state = self._state
        finding, shown = state.finding(LANE), plane_view.shown_plane(state)
        started = state.selection.plane_started
        self._aim.draw()
        self._count.setText(plane_view.progress(state))
        halted = started and finding.halted
        self._start.setText(tr("Continue") if halted else tr("Classify"))
        self._start.setVisible(halted or not started)
        link_all(self._planes, True)
        show_problem(self._failure, finding if started else Finding())
        self._draw_legend(None if shown is None else shown.result)
        doubt = trust.warning(state.shared.facts)
        notes = plane_view.notes(shown.result, doubt) if shown is not None else []
        self._notes.setText(" ".join(notes))
        self._dimming.set_stale(shown is not None and not shown.current)
        idle = shown is None and not started
        self.empty.setVisible(idle)
        for part in (self._plots, self._under, self._below):
            part.setVisible(not idle)
        if shown is None:
            self._draw_none(finding, started)
        else:
            self._draw_plane(shown)
        self._draw_point()
        self._draw_told()

    def _draw_told(self) -> None:
        said = self._readout(*self._pointed) if self._pointed is not None else ""
        self._told.setText(said)
        self._under.setCurrentWidget(self._told if said else self._notes)

    def _draw_legend(self, result: PlaneResult | None) -> None:
        if result is None:
            self._legend.set_rows([], [])
            return
        marks = plane_view.marks(result, self._state.selection.plane_point is not None)
        self._legend.set_rows(plane_view.legend(result), marks)

    def _draw_none(self, finding: Finding, started: bool) -> None:
        self._drawn = self._answers = None
        invitation = " ".join(filter(None, (_INVITATION, pass_cost.of_plane(self._state))))
        self.empty.set_state("grid-four", invitation, tr("Classify"))
        status, message = pane_state(finding, False, rests=GO_ON)
        self._classes.clear(status, message)
        self._loss.clear(status)
        self._classes.pane.set_caption("")
        self._loss.pane.set_title(tr("Loss") if started and status == "loading" else "")
        self._plots.set_axes(None)
        self._plots.show_surface(False)
        self._look.hide()

    def _draw_plane(self, shown: ShownPlane) -> None:
        from cnnviz_gui.core import plane_picture

        state, result = self._state, shown.result
        self._answers = shown.request
        if result is not self._drawn:
            self._drawn = result
            self._borders = lines(result, result.drawing.borders)
            self._contours = lines(result, result.drawing.contours)
        look = "done" if shown.current else "stale"
        colours = state.display.heatmap_colours
        self._classes.show(look, _painted, result, theme.current().name)
        self._loss.show(look, plane_picture.loss_picture, result, colours)
        for over_loss, pane in enumerate(self._planes):
            pane.surface.over = self._marks(result, over_loss=bool(over_loss)).paint
            pane.surface.viewport().update()
        method = state.shared.method("attack", shown.request.attack.method)
        title = method.title if method else shown.request.attack.method
        ends = (result.reach * result.units[0], result.reach * result.units[1])
        axes = Axes(plane_view.axes(shown, title), ends)
        in_space = self._look.value() == "surface"
        self._look.show()
        self._plots.show_surface(in_space)
        if in_space:
            marks = self._marks(result, over_loss=True)
            self._surface.show_loss(marks, colours, axes, stale=not shown.current)
        self._plots.bar.set_scale(colours, *plane_picture.loss_range(result), note="nats")
        self._plots.set_axes(axes)
        self._classes.pane.set_caption(trust.mark(state.shared.facts))
        self._classes.pane.set_seen(self._legend.accessibleDescription())
        self._loss.pane.set_title(tr("Loss of {label}, in nats", label=result.label.label))

    def _marks(self, result: PlaneResult, *, over_loss: bool) -> Marks:
        drawn = self._contours if over_loss else self._borders
        assert drawn is not None
        names = {} if over_loss else plane_view.names(result)
        point = self._state.selection.plane_point
        return Marks(result, drawn, names, plane_view.end(result), point)

    def _draw_point(self) -> None:
        state, shown = self._state, plane_view.shown_point(self._state)
        chosen = state.selection.plane_point is not None
        self._scores.setVisible(shown is not None)
        begun = chosen or state.selection.plane_started or self._drawn is not None
        self._point.pane.setVisible(begun)
        self._point.pane.set_title(tr("Picture") if chosen or self._drawn is not None else "")
        if shown is None:
            failed = state.finding(LANE).problem is not None
            invitation = _POINT_INVITATION if self._drawn is not None else ""
            status, message = pane_state(state.finding(LANE if failed else POINT_LANE), False)
            self._point.clear(status if chosen else "empty", message if chosen else invitation)
            return
        self._point.show("done", same, shown.result.picture)
        rows = [(s.label, fmt.percent(s.probability)) for s in shown.result.scores[:3]]
        plane = self._in_use()
        if plane is not None:
            rows += plane_view.coordinates(plane, shown.along, shown.across)
        if shown.result.clipped:
            rows.append((tr("Cut off"), fmt.percent(shown.result.clipped)))
        self._scores.set_rows(rows)

    def _readout(self, x: int, y: int) -> str:
        # Of what is drawn: the state may know of a finer one already.
        if self._drawn is None:
            return ""
        return " · ".join(plane_view.readout(self._drawn, x, y))


class _Rest(QWidget):
    """Takes the height that is left of the planes, however much its sentences ask for."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(_BELOW)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)

    def hasHeightForWidth(self) -> bool:
        """Return that it does not matter."""
        return False


def _nothing(x: int, y: int) -> str:
    return ""


def _painted(result: PlaneResult, scheme: str) -> ByteArray:
    """Return the classes in the colours of the theme in use, whose name is ``scheme``."""
    from cnnviz_gui.core.plane_picture import class_picture

    tokens = plane_view.tokens(result)
    return class_picture(result, {i: _rgb(token) for i, token in tokens.items()}, _rgb("panel"))


def _rgb(token: str) -> Rgb:
    colour = theme.color(token)
    return colour.red(), colour.green(), colour.blue()
