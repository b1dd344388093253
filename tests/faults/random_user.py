"""A user who does anything: random events on the real program, and what must hold all the while.

Run by hand for as long as one likes::

    python tests/faults/random_user.py --events 20000 --seed 1

Clicks, drags, wheels, keys, drops, actions of the menus, sizes of the window and docks that are
moved fall on whatever is in sight, on menus and dialogs too, while the worker computes. Dialogs for
files answer by themselves. An exception, a critical message of Qt, a worker that does not answer
any more, a window that does not close, a thread or a timer that is left are errors; the last line
printed is a JSON object. Where it hangs it prints the stack of every thread and ends without one.
``--log`` prints every event, to find the one that did it, with the milliseconds that the window's
thread computed between the one before and this one, and while this one was sent.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import gc
import json
import math
import os
import random
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
SAMPLES = Path(__file__).parents[2] / "resources"
PATIENCE = 400.0
"""Seconds after which a worker that has a heat map to compute counts as dead."""
STILL = 460.0
"""Seconds without an event, or after which what is waited for is not even missed: it hangs."""
BUSY = 0.02
"""Seconds that the window is left alone now and then, so that results come in."""
LEFT_OUT = {"close_window", "full_screen"}
"""Actions that end the program, or do nothing without a screen."""
KEYS = (
    *("Key_Tab", "Key_Backtab", "Key_Return", "Key_Space", "Key_Escape", "Key_Delete"),
    *("Key_Left", "Key_Right", "Key_Up", "Key_Down", "Key_Home", "Key_End"),
    *("Key_PageUp", "Key_PageDown", "Key_Backspace", "Key_F2", "Key_Menu", "Key_Plus", "Key_Minus"),
    *("Key_A", "Key_C", "Key_T", "Key_Z", "Key_0", "Key_3", "Key_8", "Key_Slash", "Key_Comma"),
)


class Watch:
    """What went wrong, from wherever it comes."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.doing = "start"

    def tell(self, text: str) -> None:
        self.errors.append(f"[{self.doing}] {text}")
        print(self.errors[-1], file=sys.stderr, flush=True)

    def listen(self) -> None:
        """Hear of exceptions of all threads and of Qt's messages, before the program does."""
        from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

        def on_exception(kind: type[BaseException], error: BaseException, where: Any) -> None:
            self.tell("".join(traceback.format_exception(kind, error, where)))

        def on_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
            if kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg) or "QThread" in text:
                self.tell(f"Qt: {text}")

        sys.excepthook = on_exception
        threading.excepthook = lambda said: on_exception(
            said.exc_type, said.exc_value or Exception(), said.exc_traceback
        )
        qInstallMessageHandler(on_message)


def plant(folder: Path) -> list[str]:
    """Write files that a user could have, good ones and others; return their paths."""
    for path in [
        *(SAMPLES / "samples").glob("*.*g"),
        *(SAMPLES / "digits").glob("digit-[0-3].png"),
    ]:
        shutil.copy(path, folder)
    whole = (SAMPLES / "samples" / "chelsea.png").read_bytes()
    (folder / "cut.png").write_bytes(whole[:5000])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.png").write_text("not a picture", encoding="utf-8")
    (folder / "weights.pt").write_bytes(b"\x80\x02cposix\nsystem\n.")
    (folder / "weights.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{}      ")
    (folder / "request.json").write_text('{"task": "heatmap"}', encoding="utf-8")
    (folder / "work.cnnviz").write_text("{", encoding="utf-8")
    return [str(path) for path in sorted(folder.iterdir())]


class Hand:
    """The events, each drawn from one generator."""

    def __init__(self, explorer: Any, files: list[str], out: Path, seed: int) -> None:
        self._explorer = explorer
        self._files = files
        self._out = out
        self._random = random.Random(seed)
        self._kinds: list[tuple[int, Callable[[], str]]] = [
            (40, self.click),
            (6, self.click_right),
            (6, self.click_twice),
            (10, self.drag),
            (8, self.wheel),
            (20, self.press),
            (12, self.act),
            (3, self.drop),
            (2, self.size),
            (2, self.dock),
            (3, self.cancel),
        ]
        self._answer_dialogs()

    def go(self) -> str:
        """Do one thing and say what it was."""
        weights, kinds = zip(*self._kinds, strict=True)
        return self._random.choices(kinds, weights)[0]()

    def _answer_dialogs(self) -> None:
        from PySide6.QtGui import QDesktopServices
        from PySide6.QtWidgets import QFileDialog

        def one(*_: object, **__: object) -> tuple[str, str]:
            return self._random.choice([*self._files, ""]), ""

        def several(*_: object, **__: object) -> tuple[list[str], str]:
            return self._random.sample(self._files, self._random.randint(0, 3)), ""

        def folder(*_: object, **__: object) -> str:
            return self._random.choice([str(Path(self._files[0]).parent), ""])

        def target(*arguments: Any, **__: object) -> tuple[str, str]:
            suggested = Path(str(arguments[2]) if len(arguments) > 2 else "file.png").name
            return self._random.choice([str(self._out / suggested), ""]), ""

        QFileDialog.getOpenFileName = one
        QFileDialog.getOpenFileNames = several
        QFileDialog.getExistingDirectory = folder
        QFileDialog.getSaveFileName = target
        QDesktopServices.openUrl = lambda url: True

    # where it happens

    def _top(self) -> Any:
        """Return what the user can reach: an open menu, a dialog that blocks, or a window."""
        from PySide6.QtWidgets import QApplication

        over = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if over is not None:
            return over
        windows = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        main = self._explorer.window
        return main if self._random.random() < 0.8 or not windows else self._random.choice(windows)

    def _place(self) -> tuple[Any, Any]:
        """Return a widget and a point in it."""
        from PySide6.QtCore import QPoint
        from PySide6.QtWidgets import QWidget

        top = self._top()
        widget, inside = top, top.findChildren(QWidget)
        for _ in range(len(inside)):  # to ask all of them costs more than what follows
            drawn = self._random.choice(inside)
            if drawn.isVisible() and drawn.window() is top:
                widget = drawn
                break
        x = self._random.randrange(max(widget.width(), 1))
        y = self._random.randrange(max(widget.height(), 1))
        return widget, QPoint(x, y)

    # what happens

    def click(self) -> str:
        return self._click("LeftButton")

    def click_right(self) -> str:
        """Click, and ask for the menu of the place, as a window system does."""
        from PySide6.QtGui import QContextMenuEvent
        from PySide6.QtWidgets import QApplication

        done = self._click("RightButton")
        widget, point = self._place()
        place = widget.mapToGlobal(point)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, place)
        QApplication.sendEvent(widget, event)
        return f"{done}, menu of {_name(widget)}"

    def _click(self, button: str) -> str:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        widget, point = self._place()
        held = self._random.choice(("NoModifier",) * 8 + ("ControlModifier", "ShiftModifier"))
        said = f"{button} {held} at {point.x()}, {point.y()} on {_name(widget)}"
        QTest.mouseClick(widget, Qt.MouseButton[button], Qt.KeyboardModifier[held], point)
        return said

    def click_twice(self) -> str:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        widget, point = self._place()
        said = f"double click at {point.x()}, {point.y()} on {_name(widget)}"
        QTest.mouseDClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0), point)
        return said

    def drag(self) -> str:
        from PySide6.QtCore import QEvent, QPoint

        widget, point = self._place()
        said = f"drag from {point.x()}, {point.y()} on {_name(widget)}"
        self._mouse(widget, QEvent.Type.MouseButtonPress, point)
        for _ in range(self._random.randint(1, 8)):
            by = QPoint(self._random.randint(-80, 80), self._random.randint(-30, 30))
            point = point + by
            if _alive(widget):
                self._mouse(widget, QEvent.Type.MouseMove, point)
        if _alive(widget):
            self._mouse(widget, QEvent.Type.MouseButtonRelease, point)
        return said

    def _mouse(self, widget: Any, kind: Any, point: Any) -> None:
        from PySide6.QtCore import QEvent, QPointF, Qt
        from PySide6.QtGui import QMouseEvent
        from PySide6.QtWidgets import QApplication

        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        changed = none if kind == QEvent.Type.MouseMove else left
        held = none if kind == QEvent.Type.MouseButtonRelease else left
        place = QPointF(widget.mapToGlobal(point))
        event = QMouseEvent(kind, QPointF(point), place, changed, held, Qt.KeyboardModifier(0))
        QApplication.sendEvent(widget, event)

    def wheel(self) -> str:
        from PySide6.QtCore import QPoint, QPointF, Qt
        from PySide6.QtGui import QWheelEvent
        from PySide6.QtWidgets import QApplication

        widget, point = self._place()
        said = f"wheel on {_name(widget)}"
        event = QWheelEvent(
            QPointF(point),
            QPointF(widget.mapToGlobal(point)),
            QPoint(),
            QPoint(0, self._random.choice((-240, -120, 120, 240))),
            Qt.MouseButton.NoButton,
            self._random.choice((Qt.KeyboardModifier(0), Qt.KeyboardModifier.ControlModifier)),
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(widget, event)
        return said

    def press(self) -> str:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        key = self._random.choice(KEYS)
        held = self._random.choice(("NoModifier",) * 5 + ("ShiftModifier", "AltModifier"))
        top = self._top()
        widget = top.focusWidget() or top
        said = f"{key} {held} on {_name(widget)}"
        QTest.keyClick(widget, Qt.Key[key], Qt.KeyboardModifier[held])
        return said

    def act(self) -> str:
        from PySide6.QtWidgets import QApplication

        if QApplication.activePopupWidget() or QApplication.activeModalWidget():
            return self.press()
        actions = self._explorer.commands.actions
        name = self._random.choice(sorted(set(actions) - LEFT_OUT))
        actions[name].trigger()
        return f"action {name}"

    def drop(self) -> str:
        from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
        from PySide6.QtGui import QDragEnterEvent, QDropEvent
        from PySide6.QtWidgets import QApplication

        if QApplication.activePopupWidget() or QApplication.activeModalWidget():
            return self.press()
        chosen = self._random.sample(self._files, self._random.randint(1, 4))
        if self._random.random() < 0.2:
            chosen = [str(Path(self._files[0]).parent)]
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(path) for path in chosen])
        window, left = self._explorer.window, Qt.MouseButton.LeftButton
        none, copy = Qt.KeyboardModifier(0), Qt.DropAction.CopyAction
        point = window.rect().center()
        QApplication.sendEvent(window, QDragEnterEvent(QPoint(point), copy, mime, left, none))
        QApplication.sendEvent(window, QDropEvent(QPointF(point), copy, mime, left, none))
        return f"drop {', '.join(Path(path).name for path in chosen)}"

    def size(self) -> str:
        width, height = self._random.randint(900, 2000), self._random.randint(600, 1300)
        self._explorer.window.resize(width, height)
        return f"size {width} x {height}"

    def dock(self) -> str:
        from PySide6.QtCore import Qt

        docks = self._explorer.window.docks
        name = self._random.choice(sorted(docks))
        dock, way = docks[name], self._random.choice(("float", "hide", "show", "left", "right"))
        if way == "float":
            dock.setFloating(not dock.isFloating())
        elif way in ("left", "right"):
            area = Qt.DockWidgetArea[f"{way.title()}DockWidgetArea"]
            self._explorer.window.addDockWidget(area, dock)
        else:
            dock.setVisible(way == "show")
        return f"dock {name} {way}"

    def cancel(self) -> str:
        self._explorer.commands.on_cancel_all()
        return "cancel all"


def _name(widget: Any) -> str:
    said = widget.accessibleName() or widget.objectName()
    return f"{type(widget).__name__} {said}".strip()


class Turns:
    """Has one thing after another done, each in a turn of its own, in the loop of a dialog too.

    Such a loop runs inside ours, which does not go on before the dialog is closed. After the last
    thing nobody is left who would close it: whoever is in one then, or gets into one later, is led
    out of it.

    Parameters
    ----------
    things
        How many are done.
    do
        Does the next.
    lead_out
        Closes what is open, and returns whether that could be done.
    """

    def __init__(self, things: int, do: Callable[[], object], lead_out: Callable[[], bool]) -> None:
        from PySide6.QtCore import QTimer

        self.left = things
        self.done = 0
        self._do = do
        self._lead_out = lead_out
        self._last = math.inf
        self._timer = QTimer(singleShot=True)
        self._timer.timeout.connect(self._take)

    def begin(self, seconds: float = math.inf) -> None:
        """Do the first thing soon, and no other one after so many seconds."""
        self._last = time.perf_counter() + seconds
        self._soon()

    def _soon(self) -> None:
        self._timer.start(1 + int(1e3 * BUSY) * (self.left % 10 == 0))

    def end(self) -> None:
        """Lead nobody out any more."""
        self._timer.stop()

    def until(self, what: Callable[[], bool], patience: float) -> bool:
        """Let events happen until something holds; return whether it does in so many seconds."""
        from PySide6.QtCore import QEventLoop
        from PySide6.QtWidgets import QApplication

        end = time.perf_counter() + patience
        while not what():
            if time.perf_counter() > end:
                return False
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        return True

    def _take(self) -> None:
        from PySide6.QtCore import QThread

        self._soon()
        if time.perf_counter() > self._last:
            self.left = 0
        if self.left > 0:
            self.left -= 1
            self.done += 1
            self._do()
        elif QThread.currentThread().loopLevel() > 0 and not self._lead_out():
            self.end()


def _tell_where_it_hangs() -> None:
    """End the process with the stacks of all threads, unless this is called again in time."""
    faulthandler.dump_traceback_later(STILL, exit=True)


class _DeadError(Exception):
    """What was waited for does not come; there is no point in waiting for more."""


class Session:
    """One program from its start to its end under the hand."""

    def __init__(self, events: int, seed: int, folder: Path, *, log: bool) -> None:
        from PySide6.QtWidgets import QApplication

        from cnnviz_gui.app.explorer import Explorer
        from cnnviz_gui.core import device

        device.prepare_process()
        os.environ["QT_API"] = "pyside6"
        self.app = QApplication([])
        self.app.setQuitOnLastWindowClosed(False)
        self.watch = Watch()
        self.watch.listen()
        for name in ("files", "out"):
            (folder / name).mkdir()
        self.explorer = Explorer(folder / "settings.json", folder / "cache", guest=True)
        self.explorer.settings.offline = True
        ask = self.explorer.window.may_close
        # Who wants to quit is asked all that is to be asked, and thinks better of it.
        self.explorer.window.may_close = lambda: ask() and False
        files = plant(folder / "files")
        self._hand = Hand(self.explorer, files, folder / "out", seed)
        self._turns = Turns(events, self._do, self._put_away)
        self._log = log
        self._spent = self._seconds = 0.0

    def run(self, seconds: float) -> dict[str, Any]:
        """Do all events, or those that there is time for; return what was seen."""
        with contextlib.suppress(_DeadError):
            self._live(seconds)
        took, done = round(self._seconds, 1), self._turns.done
        return {"events": done, "seconds": took, "errors": self.watch.errors}

    def _live(self, seconds: float) -> None:
        self.explorer.show()
        self._until("start", lambda: self.explorer.complete and self._explained())
        began = time.perf_counter()
        self._turns.begin(seconds)
        self._until("events", lambda: self._turns.left <= 0, patience=math.inf)
        self._seconds = time.perf_counter() - began
        self.watch.doing = "explain once more"
        self._put_away()
        self._explain()
        self.watch.doing = "rest"
        self.explorer.commands.on_cancel_all()
        self._until("rest", lambda: not self.explorer.engine.running())
        if items := _items_known():
            self.watch.tell(f"Python knows {items} items of layouts")
        self.watch.doing = "close"
        self._turns.end()
        self._close()

    def _do(self) -> None:
        left, before = self._turns.left, time.thread_time()
        if left % 10 == 0:  # it costs the start of a thread
            _tell_where_it_hangs()
        try:
            self.watch.doing = self._hand.go()
        except Exception:
            self.watch.tell(traceback.format_exc())
        if self._log:
            after = time.thread_time()
            times = f"{1e3 * (before - self._spent):.0f} + {1e3 * (after - before):.0f} ms"
            print(f"{left} {times} {self.watch.doing}", file=sys.stderr, flush=True)
            self._spent = after

    def _until(self, name: str, what: Callable[[], bool], patience: float = PATIENCE) -> None:
        """Let the program run until something holds, and tell where it does not in time."""
        _tell_where_it_hangs()
        if not self._turns.until(what, patience):
            shared, engine = self.explorer.state.shared, self.explorer.engine
            said = f"activity {shared.activity}, busy {engine.busy}, notice {shared.notice}"
            self.watch.tell(f"{name}: not within {patience:.0f} s; {said}")
            raise _DeadError

    def _put_away(self) -> bool:
        """Let go of the mouse, close menus and dialogs, as a user would who has had enough.

        Return whether all did.
        """
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            if self.app.mouseButtons() & button:  # what it was pressed on is gone
                QTest.mouseRelease(self.explorer.window, button)
        for _ in range(50):
            over = self.app.activePopupWidget() or self.app.activeModalWidget()
            if over is None:
                return True
            over.close()
            self.app.processEvents()
        self.watch.tell("a dialog does not close")
        return False

    def _explained(self) -> bool:
        return self.explorer.state.finding("heatmap").status == "done"

    def _explain(self) -> None:
        """Ask for a Grad-CAM of a sample: the proof that everything still works."""
        from cnnviz_gui.core.request import ImageRef
        from cnnviz_gui.state.selection import EMBEDDED

        explorer = self.explorer
        explorer.commands.on_cancel_all()
        explorer.controller.choose_model(EMBEDDED)
        self._until("network", lambda: explorer.state.selection.model == EMBEDDED)
        path = str(SAMPLES / "samples" / "coffee.png")

        def is_it(picture: ImageRef | None) -> bool:
            return picture is not None and picture.path == path

        explorer.gallery.open(ImageRef(path=path))
        self._until("picture", lambda: is_it(explorer.state.selection.image))
        explorer.state.show(heatmap_view="map")
        explorer.state.select(stage="heatmaps", target=None, edits=(), layer="")
        explorer.state.choose_method("heatmap", "grad-cam")
        before = explorer.state.finding("heatmap").value
        explorer.controller.compute_again()

        def anew() -> bool:
            return self._explained() and explorer.state.finding("heatmap").value is not before

        self._until("heat map", anew)  # less urgent work that was asked for may take minutes yet
        request = explorer.state.finding("heatmap").request
        if request is None or not is_it(request.image):
            self.watch.tell("the heat map is of another picture")

    def _close(self) -> None:
        """Close the window; nothing may be left that runs."""
        from PySide6.QtCore import QCoreApplication, QEvent, QThread, QTimer

        explorer = self.explorer
        explorer.window.may_close = lambda: True
        explorer.window.close()
        if not explorer.stopped:
            self.watch.tell("the work did not stop")
        explorer.window.deleteLater()
        del explorer, self.explorer, self._hand
        self.app.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        gc.collect()
        threads = [t.name for t in threading.enumerate() if type(t) is threading.Thread]
        found = [o for o in gc.get_objects() if isinstance(o, QThread | QTimer) and _alive(o)]
        running = [
            f"{type(o).__name__} of {type(o.parent()).__name__}"
            for o in found
            if (o.isActive() if isinstance(o, QTimer) else o.isRunning())
            and o is not QThread.currentThread()
        ]
        if threads or running:
            self.watch.tell(f"left behind: {threads} {running}")


def _items_known() -> int:
    """Return how many items of layouts Python knows, which Qt frees without a word to it.

    What stands for one in Python is then taken for whatever is made at its address next.
    """
    from PySide6.QtWidgets import QLayout, QLayoutItem
    from shiboken6 import Shiboken

    known = [one for one in Shiboken.getAllValidWrappers() if isinstance(one, QLayoutItem)]
    return sum(not isinstance(one, QLayout) for one in known)


def _alive(made: Any) -> bool:
    from shiboken6 import isValid

    return bool(isValid(made))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=math.inf, help="do no more after these")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", action="store_true", help="print every event")
    arguments = parser.parse_args()
    faulthandler.enable()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
            os.environ[name] = folder
        session = Session(arguments.events, arguments.seed, Path(folder), log=arguments.log)
        seen = session.run(arguments.seconds)
        print(json.dumps(seen), flush=True)
    sys.stdout.flush()
    os._exit(1 if seen["errors"] else 0)


if __name__ == "__main__":
    main()
