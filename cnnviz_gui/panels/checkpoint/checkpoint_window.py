"""The window in which a file of weights becomes a network: what it holds, what it does not say."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnviz_gui.core.request import InspectCheckpoint, ModelRef
from cnnviz_gui.core.result import CheckpointReport, ClassNames, NormalisationProbe
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.checkpoint.candidates import INSET, Candidates
from cnnviz_gui.panels.checkpoint.file_parts import FileHead, Foot, Reading, Remarks
from cnnviz_gui.panels.checkpoint.names_box import NamesBox
from cnnviz_gui.panels.checkpoint.scale_box import ScaleBox
from cnnviz_gui.panels.controls import Label, window_parts
from cnnviz_gui.panels.image_strip import entry_of
from cnnviz_gui.panels.networks.drops import dropped_weights
from cnnviz_gui.state import checkpoint_form
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.checkpoint_form import CheckpointForm, Triple
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.texts import tr

_CONCERNS = frozenset({"pending_model", "finding.model", "image", "strip", "catalogue"})
USUAL = QSize(1000, 720)
_LEAST = QSize(760, 440)
_LEFT = 420


class CheckpointWindow(QDialog):
    """Asks about one file at a time. The network in use stays until the new one is ready."""

    open_wanted = Signal(object)
    """A ``ModelRef`` with the checkpoint and the answers."""
    dropped = Signal(object)
    """The path of another file, dropped on the window."""
    another_wanted = Signal()
    """The user wants to choose another file."""
    names_wanted = Signal(object)
    """Class names are to be read from a file: for so many classes."""
    probe_wanted = Signal(object)
    """The normalisation of this ``ModelRef`` is to be probed on the picture in use."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._report: CheckpointReport | None = None
        self._form = CheckpointForm("")
        self._awaited: ModelRef | None = None
        self._refused = False
        """What was to be opened was refused as damaged, and can be insisted on."""
        self._taken: object = None
        """The latest names or guesses that were taken over."""
        self.setWindowTitle(tr("Open checkpoint"))
        self.setMinimumSize(_LEAST)
        self.setAcceptDrops(True)
        screen = (parent or self).screen() or QGuiApplication.primaryScreen()
        self.resize(USUAL.boundedTo(screen.availableSize() - QSize(60, 60)))
        self._head = FileHead()
        self._head.another_wanted.connect(self.another_wanted)
        self._reading = Reading()
        self._reading.another_wanted.connect(self.another_wanted)
        self.candidates = Candidates()
        self.candidates.chosen.connect(self._on_architecture)
        self.candidates.list.submitted.connect(self._on_submitted)
        self._remarks = Remarks()
        self.names = NamesBox()
        self.names.edited.connect(self._on_names)
        self.names.file_wanted.connect(self._on_names_wanted)
        self.scale = ScaleBox()
        self.scale.sized.connect(self._on_sized)
        self.scale.preset_chosen.connect(self._on_preset)
        self.scale.numbers_chosen.connect(self._on_numbers)
        self.scale.probe_wanted.connect(self._on_probe_wanted)
        self.foot = Foot()
        self.foot.cancelled.connect(self.reject)
        self.foot.submitted.connect(self._on_submitted)
        self._lay_out()
        state.observe(self._on_state_changed)
        self._draw()

    def _lay_out(self) -> None:
        architecture = Label(tr("Architecture"), "caps", "text2")
        architecture.setIndent(theme.PADDING - INSET)
        left = _column(architecture, self.candidates, self._remarks, stretch={1: 1}, inset=INSET)
        right = _column(
            Label(tr("Class names"), "caps", "text2"),
            self.names,
            Label(tr("Picture"), "caps", "text2"),
            self.scale,
            stretch={1: 2, 3: 5},
        )
        left_side, right_side = _scrolled(left), _scrolled(right)
        left_side.setFixedWidth(_LEFT)
        sides = QWidget()
        row = QHBoxLayout(sides)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(left_side)
        row.addWidget(window_parts.line(vertical=True))
        row.addWidget(right_side, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._reading)
        self._pages.addWidget(sides)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self._head, window_parts.line(), self._pages, window_parts.line(), self.foot):
            column.addWidget(part, int(part is self._pages))

    def begin(self, path: str) -> None:
        """Come to the front and wait for what is found out about a file."""
        self._report, self._awaited, self._taken = None, None, None
        self._form = CheckpointForm(path)
        self.names.set_labels(())
        self.names.say("")
        self.scale.show_guesses(())
        self._draw()
        self.show()
        self.raise_()
        self.activateWindow()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a file of weights."""
        event.setAccepted(bool(dropped_weights(event)))

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand over the file that was dropped."""
        self.dropped.emit(dropped_weights(event))

    def form(self) -> CheckpointForm:
        """Return the answers so far."""
        return self._form

    def _on_state_changed(self, changes: Changes) -> None:
        if "finding.checkpoint" in changes:
            self._take_report(self._state.finding("checkpoint"))
        if "finding.labels" in changes:
            self._take_names(self._state.finding("labels"))
        if "finding.probe" in changes:
            self._take_guesses(self._state.finding("probe"))
        if self._awaited is not None and self._state.selection.model == self._awaited:
            self._awaited = None
            self.accept()
        elif changes & _CONCERNS or any(
            name in changes for name in ("finding.checkpoint", "finding.labels", "finding.probe")
        ):
            self._draw()

    def _take_report(self, finding: Finding) -> None:
        report, asked = finding.value, finding.asked
        ours = isinstance(asked, InspectCheckpoint) and asked.path == self._form.path
        if not ours or finding.status != "done" or not isinstance(report, CheckpointReport):
            return
        if report is self._report:
            return
        self._report = report
        self._form = checkpoint_form.begin(report)
        instead, tone = checkpoint_form.without_candidates(report)
        self.candidates.show_candidates(report.candidates, self._form.architecture, instead, tone)
        self.names.set_labels(self._form.labels)
        self.candidates.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take_names(self, finding: Finding) -> None:
        if finding.status == "failed" and finding.problem is not None:
            said = f"{finding.problem.message} {finding.problem.advice}".strip()
            self.names.say(said, "error")
        names = finding.value
        if finding.status == "done" and isinstance(names, ClassNames) and names is not self._taken:
            self._taken = names
            self._form = dataclasses.replace(self._form, labels=names.labels)
            self.names.set_labels(names.labels)
            self.names.say(names.note, "warning")

    def _take_guesses(self, finding: Finding) -> None:
        probe, model = finding.value, getattr(finding.asked, "model", None)
        if model is None or model.name != self._form.architecture:
            return  # another network was probed
        if finding.status == "done" and isinstance(probe, NormalisationProbe):
            if probe is not self._taken:
                self._taken = probe
                self.scale.show_guesses(probe.guesses)
        elif finding.status == "failed" and finding.problem is not None:
            said = f"{finding.problem.message} {finding.problem.advice}".strip()
            self.scale.say_probe(said, "error")

    def _draw(self) -> None:
        finding = self._state.finding("checkpoint")
        asked = finding.asked
        ours = isinstance(asked, InspectCheckpoint) and asked.path == self._form.path
        self._head.show_file(self._form.path, self._report)
        self._pages.setCurrentIndex(0 if self._report is None else 1)
        if self._report is None:
            self._reading.show_finding(finding if ours else Finding("loading"))
            self.foot.show_nothing()
            return
        self._draw_answers(self._report)

    def _draw_answers(self, report: CheckpointReport) -> None:
        form = self._form
        entry = next((e for e in self._state.shared.catalogue if e.name == form.architecture), None)
        expected = checkpoint_form.expected(form, report)
        self.names.set_check(checkpoint_form.check_labels(form.labels, report.classes, entry))
        self.names.setEnabled(report.classes is not None)
        self._remarks.show_remarks(report)
        self.scale.setEnabled(checkpoint_form.openable(report))
        self.scale.expect(expected, program=checkpoint_form.is_program(report))
        self.scale.show_size(form.input_size or (expected.input_size if expected else 224))
        self._draw_picture()
        self.scale.show_normalisation(form.preset, form.mean, form.std)
        probing = self._state.finding("probe").status in ("loading", "stale")
        if probing:
            self.scale.show_probing()
        else:
            picture = self._state.selection.image is not None
            self.scale.let_probe(checkpoint_form.no_probe(report, picture=picture))
        model = self.model()
        pending = self._state.shared.pending_model == model
        opening = self._state.finding("model")
        failed = opening.status == "failed" and getattr(opening.asked, "model", None) == model
        problem = opening.problem if failed else None
        self._refused = problem is not None and problem.offer == "damaged"
        self.foot.show_state(
            checkpoint_form.hindrances(form, report),
            possible=checkpoint_form.openable(report),
            opening=pending,
            problem=problem,
            anyway=self._refused,
            useless=report.classes is None and bool(report.problems),
        )

    def _draw_picture(self) -> None:
        image = self._state.selection.image
        entry = entry_of(self._state, image)
        if entry is not None:
            self.scale.show_picture(entry.title, entry.thumbnail)
        else:
            name = checkpoint_form.file_name(image.path) if image is not None else ""
            self.scale.show_picture(name, None)

    def model(self) -> ModelRef | None:
        """Return the network as it would be opened now, None before the file was read."""
        if self._report is None:
            return None
        return checkpoint_form.model(self._form, self._report)

    @Slot(object)
    def _on_architecture(self, name: str) -> None:
        self.scale.show_guesses(())  # they are of the network chosen before
        self._answer(architecture=name)

    @Slot(object)
    def _on_names(self, labels: tuple[str, ...]) -> None:
        self._answer(labels=labels)

    @Slot(object)
    def _on_sized(self, side: int) -> None:
        self._answer(input_size=side)

    @Slot(object)
    def _on_preset(self, key: str) -> None:
        self._awaited = None
        self._form = checkpoint_form.with_preset(self._form, key)
        self._draw()

    @Slot(object, object)
    def _on_numbers(self, mean: Triple, std: Triple) -> None:
        self._answer(mean=mean, std=std)

    def _answer(self, **changes: object) -> None:
        self._awaited = None  # what is on its way has other answers: it must not close the window
        self._form = dataclasses.replace(self._form, insists=False, **changes)
        self._draw()

    @Slot()
    def _on_names_wanted(self) -> None:
        if self._report is not None and self._report.classes is not None:
            self.names_wanted.emit(self._report.classes)

    @Slot()
    def _on_probe_wanted(self) -> None:
        model = self.model()
        if model is not None:
            self.probe_wanted.emit(model)

    @Slot()
    def _on_submitted(self) -> None:
        if self._refused:
            self._form = dataclasses.replace(self._form, insists=True)
        model = self.model()
        if model is not None and self.foot.open.isEnabled():
            self._awaited = model
            self.open_wanted.emit(model)


def _column(*parts: QWidget, stretch: dict[int, int], inset: int = theme.PADDING) -> QWidget:
    """Stack parts; ``stretch`` says which, by their place, share what room is left, and how."""
    body = QWidget()
    theme.surface(body, "panel")
    column = QVBoxLayout(body)
    column.setContentsMargins(inset, theme.GAP, inset, theme.GAP)
    column.setSpacing(theme.INSIDE)
    for place, part in enumerate(parts):
        if place and isinstance(part, Label):
            column.addSpacing(theme.INSIDE)
        column.addWidget(part, stretch.get(place, 0))
    return body


def _scrolled(body: QWidget) -> QScrollArea:
    scroll = QScrollArea()
    scroll.setWidget(body)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return scroll
