"""The line at the bottom: what runs, how far it is, how to stop it; device and memory."""

from __future__ import annotations

from collections.abc import Callable

import psutil
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import BusyArc, Button, ElidedLabel, Label, painting
from cnnviz_gui.panels.controls.keys import Keyed
from cnnviz_gui.panels.key_tip import key_tip
from cnnviz_gui.panels.networks.download_chip import DownloadChip
from cnnviz_gui.panels.notifications.bell import Bell
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.texts import tr

_CONCERNS = frozenset({"activity", "waiting", "device", "computing", "starting", "start_problem"})
_MEMORY_EVERY_MS = 2000
_SLOW_MS = 10_000
_TOLD_MS = 6000
_CARET = 16
_MANY = 10_000
"""So many units are bytes or the like; their share says more than their count."""
_SOUND = 0.1
"""The share of them from which on the time that is left is told; parts of a file differ."""

_SHORTEST = 40
"""Width of the bar where there is little room."""


class StatusStrip(QWidget):
    """Job, progress, time left, cancel, waiting jobs, device, memory."""

    cancelled = Signal()
    """The user wants the job that is shown to stop."""
    restart_wanted = Signal()
    """The user does not want to wait any longer for what gives no sign of life."""
    device_wanted = Signal(object)
    """The user wants another device; the ``QPoint`` on the screen above which to offer them."""

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
        self._cancel = Button(tr("Cancel"))
        self._cancel.setFixedHeight(22)
        key_tip(self._cancel, tr("Stop this job"), "cancel")
        self._cancel.clicked.connect(self.cancelled)
        self.stuck = ""
        """What gives no sign of life; empty for nothing."""
        self._restart = Button(tr("Restart the engine"))
        self._restart.setFixedHeight(22)
        self._restart.setToolTip(tr("Stop waiting: leave this job behind and start anew"))
        self._restart.clicked.connect(self.restart_wanted)
        self._waiting = Label("", "caption", "text3")
        self._idle = ElidedLabel("", "caption", "text3")
        self._told = ""
        self._moment = QTimer(self)
        self._moment.setSingleShot(True)
        self._moment.setInterval(_TOLD_MS)
        self._moment.timeout.connect(self._draw)
        self._device = _DeviceButton()
        self._device.clicked.connect(self._on_device_clicked)
        self._accelerator = Label("", "caption", "text2")
        self._accelerator.setToolTip(
            tr("Memory this program uses on the accelerator, of all it has")
        )
        self._read: Callable[[], tuple[int, int] | None] | None = None
        self._memory = Label("", "caption", "text2")
        self._memory.setToolTip(tr("Memory this program uses"))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        row.setSpacing(theme.GAP)
        for widget in (self._arc, self._job, self._bar, self._count, self._cancel):
            row.addWidget(widget)
        for widget in (self._restart, self._waiting):
            row.addWidget(widget)
        row.addWidget(self._idle, 1)
        self.download = DownloadChip(state)
        self.bell = Bell()
        self.panels = Button(tr("Show panels"))
        """Brings closed docks back; whoever holds the docks shows it."""
        self.panels.setFixedHeight(22)
        self.panels.hide()
        row.addWidget(self.panels)
        for widget in (self.download, self._device, self._accelerator, self._memory, self.bell):
            row.addWidget(widget)
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
        busy = activity is not None or bool(starting or self.stuck)
        for widget in (self._arc, self._job):
            widget.setVisible(busy)
        for widget in (self._bar, self._count):
            widget.setVisible(activity is not None and activity.total > 0)
        self._cancel.setVisible(activity is not None)
        self._restart.setVisible(bool(self.stuck))
        self._waiting.setVisible(activity is not None)
        rest = "" if busy else tr("Ready") if not shared.start_problem else tr("Not ready")
        self._idle.setText(self._told if self._moment.isActive() else rest)
        self._draw_device()
        if activity is None:
            self._slow.stop()
            self._job.setText(_still(self.stuck) if self.stuck else shared.starting)
            return
        self._job.setText(_still(self.stuck) if self.stuck else activity.text)
        self._bar.set_fraction(activity.done / activity.total if activity.total else 0.0)
        many = activity.total >= _MANY
        early = many and activity.done < _SOUND * activity.total
        left = None if early else activity.seconds_left
        share = fmt.share(activity.done / activity.total) if many else ""
        done, total = fmt.count(activity.done), fmt.count(activity.total)
        parts = [share or tr("{done} of {total}", done=done, total=total)]
        if left is not None:
            parts.append(fmt.time_left(left))
        self._count.setText(", ".join(parts))
        self._waiting.setText(
            tr("{waiting} waiting", waiting=shared.waiting) if shared.waiting else ""
        )

    def _draw_device(self) -> None:
        shared = self._state.shared
        self._device.setVisible(bool(shared.device))
        self._device.setText(shared.device)
        note = shared.computing.note if shared.computing is not None else ""
        self._device.setToolTip("\n".join(filter(None, (tr("Where to compute…"), note))))

    @Slot()
    def _on_device_clicked(self) -> None:
        self.device_wanted.emit(self._device.mapToGlobal(QPoint(0, 0)))

    def set_stuck(self, what: str) -> None:
        """Say that something gives no sign of life, and offer not to wait for it; empty: none."""
        if what != self.stuck:
            self.stuck = what
            self._draw()

    @Slot(str)
    def tell(self, what: str) -> None:
        """Say for a moment what was done, beside what is being computed; empty: no longer."""
        self._told = what
        if what:
            self._moment.start()
        else:
            self._moment.stop()
        self._draw()

    def watch_accelerator(self, read: Callable[[], tuple[int, int] | None]) -> None:
        """Show what ``read`` returns, now and then: (used, all) in bytes, None for nothing."""
        self._read = read
        self._on_tick()

    @Slot()
    def _on_slow(self) -> None:
        """Say that a job without news still runs."""
        activity = self._state.shared.activity
        if activity is not None:
            self._job.setText(_still(activity.text))

    @Slot()
    def _on_tick(self) -> None:
        self._memory.setText(fmt.memory(self._process.memory_info().rss))
        held = self._read() if self._read is not None else None
        self._accelerator.setVisible(held is not None)
        if held is not None:
            self._accelerator.setText(
                tr("{used} of {total}  ·", used=fmt.memory(held[0]), total=fmt.memory(held[1]))
            )


def _still(what: str) -> str:
    return tr("{what}: still working", what=what)


class _DeviceButton(Keyed, QAbstractButton):
    """The device as quiet text, which lights up under the hand."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def setText(self, text: str) -> None:
        """Name another device."""
        super().setText(text)
        self.setAccessibleName(tr("Where to compute: {device}", device=text))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return room for the text and a caret."""
        width = painting.width_of(self.text(), "caption")
        return QSize(width + _CARET + 2 * theme.INSIDE, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text and the caret, and a box under the hand."""
        painter = painting.begin(self)
        lit = self.underMouse() or self.isDown()
        if lit:
            painting.box(painter, self.rect(), theme.R_CONTROL, "hover")
        if self.hasFocus():
            painting.ring(painter, self.rect(), theme.R_CONTROL)
        token = "text1" if lit else "text2"
        room = self.rect().adjusted(theme.INSIDE, 0, -theme.INSIDE, 0)
        painting.text(painter, room.adjusted(0, 0, -_CARET, 0), self.text(), "caption", token)
        caret = QRect(room.right() - 11, (self.height() - 12) // 2, 12, 12)
        icons.paint(painter, caret, "caret-up", theme.color("text1" if lit else "text3"))


class ProgressLine(QWidget):
    """A thin bar."""

    def __init__(self) -> None:
        super().__init__()
        self._fraction = 0.0
        self.setAccessibleName(tr("Progress"))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(_SHORTEST)

    def set_fraction(self, fraction: float) -> None:
        """Show how much is done, in [0, 1]."""
        self._fraction = min(1.0, max(0.0, fraction))
        self.setAccessibleDescription(fmt.share(self._fraction))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the length of the bar."""
        return QSize(200, theme.STATUS - 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw track and bar."""
        painter = painting.begin(self)
        rect = QRectF(0, (self.height() - 6) / 2, self.width(), 6)
        painting.bar(painter, rect, self._fraction, "accent")
