"""The five best classes as bars, of one network or two, and the class to aim at."""

from __future__ import annotations

import functools

from PySide6.QtCore import QPointF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.result import Prediction
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.class_picker import ClassPicker
from cnnviz_gui.panels.controls import DockHeader, ElidedLabel, Label, painting
from cnnviz_gui.panels.edits_line import EditsLine
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.panels.score_bars import ScoreBars
from cnnviz_gui.panels.second_prediction import Agreement, NetworkHeading, SecondPrediction
from cnnviz_gui.state import attack_steps_view, comparison_view, prediction_view, trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.texts import tr

_CONCERNS = frozenset(
    {
        "facts",
        "second_facts",
        "starting",
        "pending_image",
        "target",
        "stage",
        "image",
        "attack_started",
        "attack_method",
        "attack_parameters",
        "attack_scaled",
        "attack_scale",
        "attack_view",
        "attack_step",
        "edits",
        "finding.predict",
        "finding.predict-edited",
        "finding.attack",
        "finding.contributions",
        "finding.sweep",
        f"finding.{attack_steps_view.LANE}",
    }
)
_PICTURES = {"clean": tr("clean"), "adversarial": tr("adversarial")}
_WHOSE = {
    tr("returned"): tr("Of the image that the attack returns"),
    tr("so far"): tr("Of the best image found before the attack was stopped"),
}
_EMPTY = tr("Drop a photograph to see what the network sees.")


class PredictionPanel(QWidget):
    """Bars and the target chooser."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        theme.surface(self, "panel")
        self.header = DockHeader(tr("Prediction"))
        self._untrained = Label("", "caption", "warning", wrap=True)
        self._untrained.setContentsMargins(0, 0, 0, theme.INSIDE)
        self._legend = _Legend()
        self._agreement = Agreement(state, self)
        self._heading = NetworkHeading()
        self._edits = EditsLine(state)
        self._bars = ScoreBars()
        self._second = SecondPrediction(state, self)
        for bars in (self._bars, self._second):
            bars.chosen.connect(self._on_class_clicked)
        self._empty = Label(_EMPTY, "body", "text2", wrap=True)
        self._target = QWidget()
        self._picker = ClassPicker()
        self._picker.chosen.connect(self._on_target_chosen)
        self._lay_out()
        state.observe(self._on_state_changed)
        self._take_labels()
        self._draw()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        body = QVBoxLayout()
        body.setContentsMargins(theme.PADDING, theme.GAP, theme.PADDING, 0)
        body.setSpacing(2)
        for widget in (
            self._untrained,
            self._agreement,
            self._legend,
            self._heading,
            self._edits,
            self._empty,
            self._bars,
        ):
            body.addWidget(widget)
        body.addWidget(self._second)
        add_layout(column, body)
        column.addWidget(self._target)
        column.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        target = QHBoxLayout(self._target)
        target.setContentsMargins(theme.PADDING, 2, theme.PADDING, theme.INSIDE)
        label = Label(tr("Target"), "body", "text2")
        label.setFixedWidth(theme.LABEL_COLUMN)
        label.setBuddy(self._picker)
        target.addWidget(label)
        target.addWidget(self._picker, 1)

    @functools.cached_property
    def foot(self) -> QWidget:
        """The chooser of the target, to be seen however low the dock is; who asks keeps it."""
        self.layout().removeWidget(self._target)
        return self._target

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the chooser end where the bars end, beside a scroll bar too."""
        super().resizeEvent(event)
        held = self._target.parentWidget()
        spare = held.width() - self.width() if held not in (None, self) else 0
        margins = self._target.layout().contentsMargins()
        margins.setRight(theme.PADDING + max(0, spare))
        self._target.layout().setContentsMargins(margins)

    def focus_target(self) -> None:
        """Open the chooser of the target class."""
        self._picker.open()

    @Slot(object)
    def _on_class_clicked(self, index: int) -> None:
        """Take the class as the target; a second click goes back to the winner."""
        chosen = self._state.selection.target
        self._state.select(target=None if chosen == index else index)

    @Slot(object)
    def _on_target_chosen(self, index: int | None) -> None:
        self._state.select(target=index)

    def _on_state_changed(self, changes: Changes) -> None:
        if "facts" in changes:
            self._take_labels()
        if changes & _CONCERNS:
            self._draw()

    def _take_labels(self) -> None:
        facts = self._state.shared.facts
        labels = facts.labels if facts is not None else ()
        self._picker.set_labels(labels)
        self._picker.setEnabled(bool(labels) and not trust.nameless(facts))

    def _draw(self) -> None:
        facts, target = self._state.shared.facts, self._state.selection.target
        finding = self._state.finding("predict")
        edited = self._state.finding("predict-edited") if self._state.selection.edits else Finding()
        problem = finding.problem or edited.problem
        nameless = trust.nameless(facts)
        step = attack_steps_view.step_in_sight(self._state)
        of_step = () if nameless else attack_steps_view.rows(self._state)
        rows = of_step if of_step or nameless else prediction_view.rows(self._state)
        meant = None if nameless else prediction_view.aimed(self._state)
        paired = any(row.adversarial is not None for row in rows)
        self._untrained.setText(trust.warning(facts))
        self._untrained.setVisible(bool(trust.mark(facts)))
        self._legend.setVisible(paired)
        self._empty.setText(f"{problem.message} {problem.advice}" if problem else _EMPTY)
        self._empty.set_tone("error" if problem else "text2")
        shared = self._state.shared
        coming = bool(shared.starting or shared.pending_image) or shared.facts is None or nameless
        coming = coming or self._state.selection.image is not None
        self._empty.setVisible(problem is not None or (not rows and not coming))
        stale = finding.status in ("stale", "failed") or edited.status == "failed"
        shown = prediction_view.attack_on_screen(self._state) if paired else None
        whose = step
        if of_step:
            stale = stale or attack_steps_view.in_sight_is_old(self._state)
        elif shown is not None:
            stale = stale or shown.doubtful or prediction_view.unended(self._state, shown)
            whose = prediction_view.whose(self._state, shown)
        self._legend.set_whose(whose)
        aimed = meant[0].index if target is None and meant is not None else target
        self._bars.set_rows(rows, target=aimed, stale=stale)
        compared = comparison_view.comparing(self._state)
        self._heading.setVisible(compared)
        # Below a warning, or a line of edits beside pairs, all bars are still seen where it is low.
        crowded = paired and bool(self._state.selection.edits)
        self._bars.set_dense(compared or crowded or bool(trust.mark(facts)))
        if compared and facts is not None:
            self._heading.set_name(comparison_view.names(self._state)[0], trained=facts.trained)
        seconds = finding.value.seconds if isinstance(finding.value, Prediction) else None
        caption = "" if seconds is None or paired else fmt.duration(seconds)
        self.header.caption.setText(caption)
        self._picker.set_current(target, *((meant[0].label, meant[1]) if meant else ()))


class _Legend(QWidget):
    """Which bar is which, and what the number at the right means."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 6)
        row.setSpacing(6)
        self._words = {token: Label(word, "caption", "text2") for token, word in _PICTURES.items()}
        for token, word in self._words.items():
            row.addWidget(_Dot(token))
            row.addWidget(word)
            row.addSpacing(6)
        caption = ElidedLabel(tr("change, points"), "caption", "text3")
        caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(caption, 1)

    def set_whose(self, whose: str) -> None:
        """Say which adversarial picture it is: ``step 3``; nothing where it is plain."""
        self._words["adversarial"].setText(whose or _PICTURES["adversarial"])
        step = tr("Of {step} of the attack, the one in sight", step=whose) if whose else ""
        self._words["adversarial"].setToolTip(_WHOSE.get(whose, step))


class _Dot(QWidget):
    """A dot in the colour of a token."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token
        self.setFixedSize(8, theme.CONTROL - 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the dot."""
        painting.dot(QPainter(self), QPointF(4, self.height() / 2), 8, theme.color(self._token))
