"""The parts of the window around the answers: the file, its reading, remarks, the buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from cnnviz_gui.core.result import CheckpointReport
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import (
    BusyArc,
    Button,
    ElidedLabel,
    FailureCard,
    IconLabel,
    Label,
    Notice,
)
from cnnviz_gui.panels.layouts import add_layout, drop
from cnnviz_gui.state.checkpoint_form import file_name, headline, short_hash
from cnnviz_gui.state.finding import Finding, Problem
from cnnviz_gui.texts import tr

_PARTS = 1000
_TROUBLE = tr("What it predicts may mean nothing.")


class FileHead(QFrame):
    """Name, kind and hash of the file."""

    another_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.surface(self, "window")
        self.setFixedHeight(theme.TOP_BAR + 8)
        self._name = ElidedLabel("", "name", "text1", mode=Qt.TextElideMode.ElideMiddle)
        self._line = ElidedLabel("", "caption", "text2")
        self._hash = Label("", "caption", "text3")
        self._hash.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        another = Button(tr("Another file…"), "folder-open", "quiet")
        another.clicked.connect(self.another_wanted)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(self._name)
        below = QHBoxLayout()
        below.setSpacing(theme.GAP)
        below.addWidget(self._line)
        below.addWidget(self._hash)
        below.addStretch(1)
        add_layout(words, below)
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        row.setSpacing(theme.GAP)
        row.addWidget(IconLabel("file", "accent", 24))
        add_layout(row, words, 1)
        row.addWidget(another)

    def show_file(self, path: str, report: CheckpointReport | None) -> None:
        """Show a file, with what is known of it."""
        self._name.setText(file_name(path))
        self._name.set_tooltip(path)
        self._line.setText(headline(report) if report is not None else path)
        self._hash.setText(f"SHA-256 {short_hash(report.sha256)}" if report is not None else "")
        self._hash.setToolTip(report.sha256 if report is not None else "")


class Reading(QWidget):
    """While the file is read, or once that has failed."""

    another_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.surface(self, "panel")
        self._arc = BusyArc(20)
        self._said = Label(tr("Reading the file…"), "body", "text2")
        self._bar = QProgressBar()
        self._bar.setRange(0, _PARTS)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(280)
        self._bar.setAccessibleName(tr("Part of the file that is read"))
        self.failure = FailureCard()
        theme.surface(self.failure, "note")
        self.failure.setFixedWidth(520)
        self.failure.remedied.connect(self.another_wanted)
        line = QHBoxLayout()
        line.setSpacing(theme.INSIDE)
        line.addStretch(1)
        line.addWidget(self._arc)
        line.addWidget(self._said)
        line.addStretch(1)
        column = QVBoxLayout(self)
        column.addStretch(1)
        add_layout(column, line)
        column.addWidget(self._bar, 0, Qt.AlignmentFlag.AlignHCenter)
        add_layout(column, _centred(self.failure))
        column.addStretch(2)

    def show_finding(self, finding: Finding) -> None:
        """Show how far the reading is, or why the file cannot be opened."""
        problem = finding.problem
        stopped = problem is None and finding.status == "empty"
        for widget in (self._arc, self._said):
            widget.setVisible(problem is None)
        self._arc.stop() if problem is not None or stopped else self._arc.start()
        self._said.setText(tr("The reading was stopped.") if stopped else tr("Reading the file…"))
        advance = finding.advance
        known = problem is None and advance is not None and advance.total > 0
        self._bar.setVisible(known)
        if known and advance is not None:
            self._bar.setValue(_PARTS * advance.done // advance.total)
        self.failure.setVisible(problem is not None)
        if problem is not None and problem.message != self.failure.message.text():
            self.failure.set_failure(
                problem.message, problem.advice, problem.details, tr("Choose another file…")
            )


class Remarks(QWidget):
    """What was done to the file while reading it, a line each."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: CheckpointReport | None = None
        self._notices: list[Notice] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)

    def show_remarks(self, report: CheckpointReport) -> None:
        """Show the notes of a report."""
        if report is self._shown:
            return
        self._shown = report
        drop(self._column, self._notices)
        self._notices = [Notice(note) for note in report.notes]
        if report.remembered is not None:
            self._notices.append(Notice(tr("Your answers of last time are filled in.")))
        for notice in self._notices:
            self._column.addWidget(notice)


class Foot(QFrame):
    """What stands in the way, and the buttons."""

    cancelled = Signal()
    submitted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.surface(self, "window")
        self.warning = Notice(kind="warning")
        self.failure = FailureCard()
        theme.surface(self.failure, "note")
        self._arc = BusyArc()
        self._said = Label("", "caption", "text2")
        self._cancel = Button(tr("Cancel"))
        self._cancel.clicked.connect(self.cancelled)
        self.open = Button(tr("Open"), "cube", "primary")
        self.open.clicked.connect(self.submitted)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.INSIDE)
        buttons.addWidget(self.warning, 1)
        buttons.addWidget(self._arc)
        buttons.addWidget(self._said)
        buttons.addStretch(0)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self.open)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.PADDING, theme.GAP, theme.PADDING, theme.GAP)
        column.setSpacing(theme.INSIDE)
        column.addWidget(self.failure)
        add_layout(column, buttons)

    def show_nothing(self) -> None:
        """There is nothing to open yet."""
        self.show_state((), possible=False, opening=False, problem=None)

    def show_state(
        self,
        hindrances: tuple[str, ...],
        *,
        possible: bool,
        opening: bool,
        problem: Problem | None,
        anyway: bool = False,
        useless: bool = False,
    ) -> None:
        """Show whether the file can be opened, and what that would mean.

        ``anyway``: it was refused, but the user may insist; ``useless``: the hindrances say
        already that its predictions mean nothing.
        """
        self.warning.setVisible(bool(hindrances) and possible)
        words = hindrances if useless else (*hindrances, _TROUBLE)
        self.warning.set_notice(" ".join(words), kind="warning")
        self.failure.setVisible(problem is not None)
        if problem is not None:
            self.failure.set_failure(problem.message, problem.advice, problem.details)
        self._said.setText(tr("Opening…") if opening else "")
        self._arc.start() if opening else self._arc.stop()
        self.open.setText(tr("Open anyway") if hindrances or anyway else tr("Open"))
        self.open.setEnabled(possible and not opening)


def _centred(widget: QWidget) -> QHBoxLayout:
    """Put a widget in the middle; an alignment would cut the text that it wraps."""
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(widget)
    row.addStretch(1)
    return row
