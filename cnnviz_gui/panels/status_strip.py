"""The line at the bottom: what runs, how far it is, how to stop it; device and memory."""

from __future__ import annotations

import psutil
from PySide6.QtCore import QRectF, QSize, QTimer, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import BusyArc, Button, ElidedLabel, Label, painting
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes

_CONCERNS = frozenset({"activity", "waiting", "device", "starting", "start_problem"})
_MEMORY_EVERY_MS = 2000
_SLOW_MS = 10_000
_MANY = 10_000
"""So many units are bytes or the like; their share says more than their count."""


class StatusStrip(QWidget):
    """Job, progress, time left, cancel, waiting jobs, device, memory."""

    cancelled = Signal()
    """The user wants the job that is shown to stop."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._process = psutil.Process()
        theme.surface(self, "window")
        # The status bar puts 3 px of its own above and below.
        self.setFixedHeight(theme.STATUS - 6)
        self._arc = BusyArc()
        self._arc.start()
        self._job = Label("", "strong")
        self._bar = ProgressLine()
        self._count = Label("", "caption", "text2")
        self._cancel = Button("Cancel")
        self._cancel.setFixedHeight(22)
        self._cancel.setToolTip("Stop this job (Escape)")
        self._cancel.clicked.connect(self.cancelled)
        self._waiting = Label("", "caption", "text3")
        self._idle = ElidedLabel("", "caption", "text3")
        self._device = Label("", "caption", "text2")
        self._memory = Label("", "caption", "text2")
        self._memory.setToolTip("Memory this program uses")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        row.setSpacing(theme.GAP)
        for widget in (self._arc, self._job, self._bar, self._count, self._cancel, self._waiting):
            row.addWidget(widget)
        row.addWidget(self._idle, 1)
        row.addWidget(self._device)
        row.addWidget(self._memory)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(theme.LOADING_AFTER_MS)
        self._patience.timeout.connect(self._draw)
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(_SLOW_MS)
        self._slow.timeout.connect(self._on_slow)
        self._clock = QTimer(self)
        self._clock.setInterval(_MEMORY_EVERY_MS)
        self._clock.timeout.connect(self._on_tick)
        self._clock.start()
        state.observe(self._on_state_changed)
        self._on_tick()
        self._draw()

    def _on_state_changed(self, changes: Changes) -> None:
        if not changes & _CONCERNS:
            return
        self._slow.start()
        if self._state.shared.activity is not None and not self._job.isVisible():
            # What is done before anyone could read its name is not announced.
            if not self._patience.isActive():
                self._patience.start()
        elif not self._patience.isActive() or self._state.shared.activity is None:
            self._draw()

    @Slot()
    def _draw(self) -> None:
        shared, activity = self._state.shared, self._state.shared.activity
        starting = shared.starting and not shared.start_problem
        busy = activity is not None or bool(starting)
        for widget in (self._arc, self._job):
            widget.setVisible(busy)
        for widget in (self._bar, self._count):
            widget.setVisible(activity is not None and activity.total > 0)
        self._cancel.setVisible(activity is not None)
        self._waiting.setVisible(activity is not None)
        self._idle.setText("" if busy else "Ready" if not shared.start_problem else "Not ready")
        self._device.setText(f"{shared.device}  ·" if shared.device else "")
        if activity is None:
            self._slow.stop()
            self._job.setText(shared.starting)
            return
        self._job.setText(activity.text)
        self._bar.set_fraction(activity.done / activity.total if activity.total else 0.0)
        left = activity.seconds_left
        many = activity.total >= _MANY
        share = f"{activity.done / activity.total:.0%}" if many else ""
        parts = [share or f"{activity.done} of {activity.total}"]
        if left is not None:
            parts.append(fmt.time_left(left))
        self._count.setText(", ".join(parts))
        self._waiting.setText(f"{shared.waiting} waiting" if shared.waiting else "")

    @Slot()
    def _on_slow(self) -> None:
        """Say that a job without news still runs."""
        activity = self._state.shared.activity
        if activity is not None:
            self._job.setText(f"{activity.text}: still working")

    @Slot()
    def _on_tick(self) -> None:
        self._memory.setText(fmt.memory(self._process.memory_info().rss))


class ProgressLine(QWidget):
    """A thin bar."""

    def __init__(self) -> None:
        super().__init__()
        self._fraction = 0.0
        self.setAccessibleName("Progress")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def set_fraction(self, fraction: float) -> None:
        """Show how much is done, in [0, 1]."""
        self._fraction = min(1.0, max(0.0, fraction))
        self.setAccessibleDescription(f"{self._fraction:.0%}")
        self.update()

    def sizeHint(self) -> QSize:
        """Return the length of the bar."""
        return QSize(200, theme.STATUS - 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw track and bar."""
        painter = QPainter(self)
        rect = QRectF(0, (self.height() - 6) / 2, self.width(), 6)
        painting.bar(painter, rect, self._fraction, "accent")
