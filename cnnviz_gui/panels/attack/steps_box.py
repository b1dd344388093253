"""An attack step by step: its loss, its probabilities, and the pictures on its way."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.save_work import Deferred, Step
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.attack.box import AttackBox
from cnnviz_gui.panels.attack.step_plot import STEPS, StepPlot
from cnnviz_gui.panels.controls import Button, ElidedLabel, FailureCard, IconButton, Label, Notice
from cnnviz_gui.panels.export import Export
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.panels.line_chart import Line, LineChart
from cnnviz_gui.panels.overlays import diverging
from cnnviz_gui.panels.page import same, show_problem
from cnnviz_gui.panels.pane_feed import PaneFeed, age, link_all, pane_state
from cnnviz_gui.panels.pane_row import PaneRow
from cnnviz_gui.panels.pane_title import amplified
from cnnviz_gui.panels.places import keep_splitter
from cnnviz_gui.state import attack_names, attack_view, resting
from cnnviz_gui.state import attack_steps_view as steps_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attack_steps_view import LANE, ShownTrajectory
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.heatmap_view import as_bytes, seen
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.attack_step_results import HalfArray
    from cnnviz_gui.core.result import AttackResult, ByteArray, FloatArray
    from cnnviz_gui.panels.picture_paint import Run

_CONCERNS = frozenset(
    {
        *("facts", "image", "model", "target", "stage", "attack_view", "attack_step"),
        *("attack_method", "attack_parameters", "attack_started", "linked", "amplification"),
        "epsilon_unit",
        *("finding.predict", "finding.attack", f"finding.{LANE}"),
    }
)
_PICTURES, _CHARTS = 400, 350
_LEAST = 180
_INVITATION = tr("Press Attack to follow it step by step.")
_FRAME_MS = 140
_PLAY = tr("Play the attack from here to its end (Space)")
_PAUSE = tr("Stop playing (Space)")


class StepsBox(AttackBox):
    """Three pictures of the step in sight; below them the curves, and what moves along them."""

    view = "steps"
    table_wanted = Signal()
    """The user wants the table of the steps as a file."""

    def __init__(self, state: AppState) -> None:
        super().__init__(state)
        self._shown: ShownTrajectory | None = None
        self._drawn: tuple[object, ...] = ()
        self._clean = PaneFeed(ImagePane(tr("Clean")), state, input_only=True)
        self._perturbation = PaneFeed(ImagePane(tr("Perturbation")), state)
        self._adversarial = PaneFeed(ImagePane(tr("Adversarial")), state)
        self._clean.pane.set_edge("clean")
        self._adversarial.pane.set_edge("adversarial")
        self._panes = (self._clean.pane, self._perturbation.pane, self._adversarial.pane)
        self._perturbation.pane.set_readout(self._readout)
        self._failure = FailureCard()
        self._failure.remedied.connect(partial(self.again.emit, LANE))
        self._stopped = Notice()
        self.play = IconButton("play", _PLAY, tr("Play"))
        self.play.clicked.connect(self._on_play)
        self._step = Label("", "strong", "text1")
        self._told = ElidedLabel("", "caption", "text2")
        self.first = Button("", "flag-banner", "quiet")
        self.first.setToolTip(tr("Go to the first image that succeeds"))
        self.first.clicked.connect(self._on_first)
        self.best = Button("", "check-circle", "quiet")
        self.best.setToolTip(tr("Go to the image that the attack returns"))
        self.best.clicked.connect(self._on_best)
        self.save = IconButton("download-simple", tr("Save the table of the steps as CSV…"))
        self.save.clicked.connect(self.table_wanted)
        self.plot = StepPlot()
        self.plot.moved.connect(self._on_moved)
        self.plot.toggled_play.connect(self._on_play)
        self.loss = LineChart("", tr("The loss that the attack works on, step by step"))
        self._kept = Label("", "caption", "text3")
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._on_frame)
        self._lay_out()
        theme.notifier.changed.connect(self._draw)
        state.observe(self._on_state_changed)
        self._draw()

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(theme.INSIDE)
        line.addWidget(self.play)
        line.addWidget(self._step)
        line.addWidget(self._told, 1)
        line.addWidget(self.first)
        line.addWidget(self.best)
        line.addWidget(self.save)
        charts = QHBoxLayout()
        charts.setSpacing(theme.GAP)
        charts.addWidget(self.plot, 3)
        charts.addWidget(self.loss, 2)
        self._below = QWidget()
        self._below.setMinimumHeight(_LEAST + theme.CONTROL)
        column = QVBoxLayout(self._below)
        column.setContentsMargins(0, theme.GAP, 0, 0)
        column.setSpacing(theme.INSIDE)
        add_layout(column, line)
        column.addWidget(self._kept)
        add_layout(column, charts, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(PaneRow(self._panes))
        split.addWidget(self._below)
        keep_splitter(split, "attack.steps", (_PICTURES, _CHARTS))
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(theme.GAP)
        body.addWidget(self._failure)
        body.addWidget(self._stopped)
        body.addWidget(split, 1)

    def fit(self) -> None:
        """Show the pictures whole."""
        for pane in self._panes:
            pane.surface.fit()

    def export(self) -> Export | None:
        """Return the picture of the step in sight, inside its ball, and the film of all.

        The image that the attack returns is that of the attack itself, as elsewhere.
        """
        shown = self._shown
        if shown is None or not shown.current:
            return None
        result, attack = shown.result, shown.request.attack
        at = steps_view.place(self._state, shown)
        returned = result.result is not None and at == result.best
        step = "" if returned else f"{result.unit}-{int(result.numbers[at])}"
        name = attack_names.file_name(attack, self._state.shared.facts, step)
        drawing = Deferred(partial(steps_view.in_bytes, shown, at))
        return Export(
            name,
            drawing,
            Deferred(partial(steps_view.inside, shown, at)),
            attack if returned else shown.request,
            steps_view.film(shown, self._factor(shown), diverging()) if shown.complete else None,
            step=None if returned else Step(shown.request, result, at, drawing),
        )

    # The hand

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Play and pause by Space, wherever in the view the focus is."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._on_play()
        else:
            super().keyPressEvent(event)

    @Slot(object)
    def _on_moved(self, number: float) -> None:
        self._timer.stop()
        self._state.show(attack_step=round(number))

    @Slot()
    def _on_first(self) -> None:
        self._timer.stop()
        if self._shown is not None and self._shown.result.first_success is not None:
            self._go(self._shown.result.first_success)

    @Slot()
    def _on_best(self) -> None:
        self._timer.stop()
        self._state.show(attack_step=None)
        self._draw()

    @Slot()
    def _on_play(self) -> None:
        """Play from the step in sight, from the first where that is the last; or stop."""
        if self._timer.isActive() or self._shown is None:
            self._timer.stop()
            self._draw()
            return
        kept, chosen = self._shown.kept, self._state.display.attack_step
        if chosen is None or steps_view.place(self._state, self._shown) == kept[-1]:
            self._go(kept[0])
        self._timer.start()
        self._draw()

    @Slot()
    def _on_frame(self) -> None:
        if self._shown is None or not self.in_sight():
            self._timer.stop()
            return
        at = steps_view.place(self._state, self._shown)
        following = steps_view.stepped(self._shown, at, 1)
        if following == self._shown.kept[-1] and not self._state.finding(LANE).at_work:
            self._timer.stop()
        self._go(following)
        self._draw()

    def _go(self, at: int) -> None:
        if self._shown is not None:
            self._state.show(attack_step=int(self._shown.result.numbers[at]))

    # Drawing

    def _on_state_changed(self, changes: Changes) -> None:
        if not self.in_sight():
            self._timer.stop()
        elif changes & _CONCERNS:
            self._draw()

    @Slot()
    def _draw(self) -> None:
        shown = self._shown = steps_view.shown_trajectory(self._state)
        finding = self._state.finding(LANE)
        # what the attack itself cannot do is said above, for all views
        told = self._state.finding("attack").problem is not None
        started = self._state.selection.attack_started
        failed = finding.problem is not None and started and not told
        self._failure.setVisible(failed)
        if failed:
            show_problem(self._failure, finding)
        stopped = steps_view.stopped_text(self._state, shown) if shown is not None else ""
        self._stopped.setVisible(bool(stopped))
        if stopped:
            self._stopped.set_notice(stopped)
        link_all(self._panes, self._state.display.linked)
        self._below.setVisible(shown is not None)
        self.save.setEnabled(shown is not None and shown.current)
        playing = self._timer.isActive()
        self.play.set_icon("pause" if playing else "play")
        self.play.setToolTip(_PAUSE if playing else _PLAY)
        self.play.setAccessibleName(tr("Pause") if playing else tr("Play"))
        if shown is None:
            self._timer.stop()
            self._drawn = ()
            self._draw_nothing()
            return
        at = steps_view.place(self._state, shown)
        self._draw_curves(shown)
        self._draw_step(shown, at)

    def _draw_nothing(self) -> None:
        picture = seen(self._state)
        if picture is None:
            self._clean.clear("loading")
        else:
            self._clean.show("done", same, picture)
            self._clean.pane.set_seen(tr("The picture, not attacked yet"))
        started = self._state.selection.attack_started
        invitation = attack_view.priced(self._state, _INVITATION)
        rests = resting.sentence(self._state)
        state, message = pane_state(self._state.finding(LANE), False, rests=rests)
        for feed in (self._perturbation, self._adversarial):
            feed.clear(state if started else "empty", message if started else invitation)
        for pane in self._panes:
            pane.set_caption("")

    def _draw_curves(self, shown: ShownTrajectory) -> None:
        result = shown.result
        label, other = steps_view.names(self._state, result)
        asked = (result, label, other, shown.current, shown.complete)
        if self._drawn != asked:
            self._drawn = asked
            last = int(result.numbers[-1])
            end = last if shown.complete else result.expected
            self.plot.set_steps(shown.numbers, end, result.unit)
            drawn = steps_view.drawn_places(result)
            numbers = result.numbers[drawn]
            own, rival = result.label_probability[drawn], result.other_probability[drawn]
            rest = (1.0 - own - rival).clip(0.0, 1.0)
            count = len(result.numbers)
            whole = count if shown.complete else max(count, result.expected)
            curves = {label: own, other: rival, tr("all others"): rest}
            self.plot.set_points(numbers, curves, whole)
            self.plot.set_known(count)
            first = result.first_success
            place = None if first is None else float(result.numbers[first])
            self.plot.set_start(steps_view.start_name(result))
            self.plot.set_flip(place, targeted=result.target is not None)
            self.plot.set_best(int(result.numbers[result.best]))
            self.plot.set_stale(not shown.current)
            self.loss.set_lines(
                [Line(tr("loss"), numbers, result.loss[drawn], "accent")],
                STEPS[result.unit],
                steps_view.loss_title(self._state, result),
                whole=True,
                stale=not shown.current,
            )
            self._kept.setText(steps_view.kept_text(shown))
            self._kept.setVisible(bool(steps_view.kept_text(shown)))
            self._draw_jumps(shown)

    def _draw_jumps(self, shown: ShownTrajectory) -> None:
        result = shown.result
        first = result.first_success
        self.first.setText(
            tr("First success: {step}", step=steps_view.full_name(result, first))
            if first is not None
            else ""
        )
        self.first.setVisible(first is not None)
        best = steps_view.full_name(result, result.best)
        self.best.setText(
            tr("Returned: {step}", step=best)
            if shown.complete
            else tr("Best so far: {step}", step=best)
        )

    def _draw_step(self, shown: ShownTrajectory, at: int) -> None:
        result = shown.result
        number = int(result.numbers[at])
        self.plot.set_epsilon(float(number))
        self.loss.set_place(float(number))
        last = fmt.count(int(result.numbers[-1]) if shown.complete else result.expected)
        name = steps_view.step_name(result, at)
        self._step.setText(tr("{step} of {last}", step=name[:1].upper() + name[1:], last=last))
        self._told.set_texts(*steps_view.told(self._state, shown, at))
        factor = self._factor(shown)
        state = age(self._state.finding(LANE), shown.current)
        pixels = steps_view.pixels(shown, at)
        self._clean.show("done", as_bytes, result.clean_image)
        self._clean.pane.set_caption(self._clean_caption(shown))
        self._clean.pane.set_seen("")
        self._perturbation.show(state, steps_view.painted, *pixels, factor, diverging())
        size = steps_view.change_text(self._state, shown, at)
        self._perturbation.pane.set_caption(amplified(size, factor))
        self._adversarial.show(state, _made, *pixels)
        said = steps_view.caption(self._state, result, at)
        self._adversarial.pane.set_caption("" if said is None else _in_colour(said, "adversarial"))

    def _factor(self, shown: ShownTrajectory) -> int:
        """Return by what all perturbations are shown: the factor chosen, else one that suits."""
        return self._state.display.amplification or steps_view.amplification(shown.result)

    def _clean_caption(self, shown: ShownTrajectory) -> str | tuple[Run, ...]:
        if steps_view.caption(self._state, shown.result, 0) is None:
            return ""
        label = shown.result.label
        return _in_colour((label.label, fmt.percent(label.probability)), "clean")

    def _readout(self, x: int, y: int) -> str:
        if self._shown is None:
            return f"x {x}, y {y}"
        at = steps_view.place(self._state, self._shown)
        pixel = steps_view.change(*steps_view.pixels(self._shown, at))[:, y, x]
        red, green, blue = (fmt.significant(float(value) * 255) for value in pixel)
        return tr("R {red}  G {green}  B {blue}, in 255ths", red=red, green=green, blue=blue)


def _made(clean: FloatArray, kept: HalfArray, exact: AttackResult | None) -> ByteArray:
    return as_bytes(steps_view.image(clean, kept, exact))


def _in_colour(said: tuple[str, str], token: str) -> tuple[Run, ...]:
    """Return a caption: the class, and its probability in the picture's colour."""
    return ((said[0], "text2", False), (said[1], token, True))
