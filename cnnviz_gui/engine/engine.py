"""The worker thread as the window sees it: the only file of this package that knows Qt."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
import threading
from collections.abc import Iterable

from PySide6.QtCore import QDeadlineTimer, QMetaObject, QObject, Qt, QThread, QTimer, Signal, Slot

from cnnviz_gui.core import garbage
from cnnviz_gui.core.request import Work
from cnnviz_gui.engine.desk import Desk
from cnnviz_gui.engine.events import Ready, StartFailed
from cnnviz_gui.engine.mailbox import Job, Lane, Mailbox
from cnnviz_gui.engine.outbox import Outbox
from cnnviz_gui.engine.runner import Heartbeat, Runner, Start

_STACK_BYTES = 16 << 20
"""macOS gives a thread 512 kB: too little for deep networks and jobs inside jobs."""
_EXIT_MS = 2000
_LOOK_MS = 250
_PATIENCE_S = 0.5
"""Of a worker that wants cycles to be looked for, with a window that may be busy."""


class _Collector(QObject):
    """Looks for reference cycles in the window's thread alone.

    By itself Python does so in whichever thread makes most objects, which is the worker. What it
    finds may be part of the window, and Qt bears it only in its own thread that such a thing goes.
    """

    _wanted = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._done = threading.Event()
        self._mine = False
        """It took over from Python, and looks once the worker has started."""
        self._wanted.connect(self._look_everywhere, Qt.ConnectionType.QueuedConnection)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)

    def begin(self) -> None:
        """Take over, unless another one has done so."""
        if gc.isenabled():
            gc.disable()
            garbage.use(self.collect)
            self._mine = True

    def watch(self) -> None:
        """Look from now on: the imports of the worker's start are over, and left none behind."""
        if self._mine:
            self._timer.start()

    def end(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        if self._mine:
            self._mine = False
            garbage.use()
            gc.enable()

    def collect(self) -> None:
        """Look everywhere, from any thread."""
        if QThread.currentThread() is self.thread():
            gc.collect()
            return
        self._done.clear()
        self._wanted.emit()
        self._done.wait(_PATIENCE_S)

    @Slot()
    def _look_everywhere(self) -> None:
        gc.collect()
        self._done.set()

    @Slot()
    def _look(self) -> None:
        """Look through the oldest generation that Python itself would look through by now."""
        made, most = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if made[generation] > most[generation]:
                gc.collect(generation)
                return


class _Worker(QThread):
    def __init__(self, runner: Runner) -> None:
        super().__init__()  # no parent: nothing but us may destroy it, and not while it runs
        self.setObjectName("engine")
        self.setStackSize(_STACK_BYTES)
        self._runner = runner
        self.hung: tuple[Job, ...] = ()
        """What it was at when it was left to itself."""

    def run(self) -> None:
        self._runner.run_forever()


class Engine(QObject):
    """Takes jobs, runs them on a thread of its own, tells what became of them.

    Every method belongs to the thread that made the engine, the GUI thread; ``happened`` is emitted
    there. The engine stays alive until ``shutdown`` succeeds, whoever forgets it.

    Parameters
    ----------
    start
        Runs first on the worker thread and returns what computes.
    lanes
        Where jobs can be put.
    """

    happened = Signal(object)
    """Carries one of ``engine.events``, known to be still wanted."""
    left = Signal(object)
    """The request of a job that was stopped or replaced before, and that the worker is now off."""
    _woken = Signal()

    def __init__(self, start: Start, lanes: Iterable[Lane], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._start = start
        self._lanes = tuple(lanes)
        self._abandoned: list[_Worker] = []
        """Workers that did not answer any more and were left to themselves."""
        self._collector = _Collector(self)
        self._make()
        self._woken.connect(self._on_woken, Qt.ConnectionType.QueuedConnection)

    def _make(self) -> None:
        self._mailbox = Mailbox(self._lanes)
        outbox = Outbox(self._wake)
        self._desk = Desk(self._mailbox, outbox)
        self._runner = Runner(self._start, self._mailbox, outbox)
        self._thread = _Worker(self._runner)

    def prepare(self) -> None:
        """Let no other thread look for reference cycles any more: the window is being filled."""
        self._collector.begin()

    def start(self) -> None:
        """Start the worker; jobs submitted before wait for it."""
        atexit.register(self._on_exit)
        self.prepare()
        self._thread.start()

    def submit(self, lane: str, request: Work, label: str, *, behind: str = "") -> int:
        """Ask for a job, in place of any other of its lane, and return its ticket.

        Parameters
        ----------
        lane
            Name of a lane.
        label
            What the user calls it, such as ``Grad-CAM``; begins the sentence of a failure.
        behind
            A lane that the job is less urgent than, whatever its own is.
        """
        return self._desk.submit(lane, request, label, behind=behind)

    def cancel(self, lane: str) -> None:
        """Stop the lane's job; ``Stopped`` follows at once, even if the computation is deaf."""
        self._desk.cancel(lane)

    def forget(self, lane: str) -> None:
        """Stop the lane's job without a word: for one whose answer was found elsewhere."""
        self._desk.forget(lane)

    def cancel_all(self) -> None:
        """Stop the jobs of all lanes."""
        self._desk.cancel_all()

    def waiting(self) -> tuple[Job, ...]:
        """Return the jobs that wait, in the order in which they would run."""
        return self._mailbox.waiting()

    def running(self) -> tuple[Job, ...]:
        """Return the jobs the worker is at, the innermost last; a cancelled one until it ends.

        Before them those that a worker hangs at which was left to itself.
        """
        return (*(job for one in self._abandoned for job in one.hung), *self._mailbox.running())

    @property
    def busy(self) -> bool:
        """Whether a job waits or runs."""
        return bool(self._mailbox.waiting() or self._mailbox.running())

    def heartbeat(self) -> Heartbeat | None:
        """Return the worker's last sign of life, None while it has nothing to do.

        After some ten seconds without one the window can say that it is still working.
        """
        return self._runner.heartbeat()

    def restart(self) -> None:
        """Leave a worker that does not answer to itself, and go on with another one.

        Every job is told to have stopped. Of what the old worker still does nothing is heard but
        that it has ``left`` it; it ends, and lets go of its memory, once it comes back from where
        it hangs.
        """
        self._desk.cancel_all()
        events, left = tuple(self._desk.collect()), self._desk.left()
        self._thread.hung = self._mailbox.running()
        self._mailbox.close()
        self._abandoned.append(self._thread)
        self._thread.finished.connect(self._on_came_back, Qt.ConnectionType.QueuedConnection)
        if self._thread.isFinished():  # it may have ended before it was listened to
            QMetaObject.invokeMethod(self, "_on_came_back", Qt.ConnectionType.QueuedConnection)
        self._make()
        self._thread.start()
        for event in events:
            self.happened.emit(event)
        for request in left:
            self.left.emit(request)

    def shutdown(self, timeout_ms: int) -> bool:
        """Cancel everything, wait for the worker and return whether it has stopped.

        No event is emitted any more. After False the engine keeps itself alive and this may be
        called again; a process that must leave now has to use ``os._exit``, because Qt aborts when
        a running thread is destroyed. As a last resort the engine does so itself at exit.
        """
        self._mailbox.close()
        deadline = QDeadlineTimer(timeout_ms)
        stopped = all(one.wait(deadline) for one in (self._thread, *self._abandoned))
        if stopped:
            self._collector.end()
            atexit.unregister(self._on_exit)
        return stopped

    def _on_exit(self) -> None:
        if not self.shutdown(_EXIT_MS):
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(Exception):  # there may be none, or it may be closed
                    stream.flush()
            os._exit(1)

    def _wake(self) -> None:
        # On the worker thread. The connection is queued, so the slot runs in the engine's thread.
        with contextlib.suppress(RuntimeError):  # Qt's half was destroyed: nobody listens any more
            self._woken.emit()

    @Slot()
    def _on_came_back(self) -> None:
        """Tell what workers that were left to themselves have left in turn."""
        back = [one for one in self._abandoned if one.isFinished()]
        self._abandoned = [one for one in self._abandoned if one not in back]
        if self._mailbox.closed:
            return
        for job in (job for one in back for job in one.hung):
            self.left.emit(job.request)

    @Slot()
    def _on_woken(self) -> None:
        for event in self._desk.collect():
            if self._mailbox.closed:
                return
            if isinstance(event, Ready | StartFailed):
                self._collector.watch()
            self.happened.emit(event)
        for request in self._desk.left():
            self.left.emit(request)
